/* The table of times. */
#include "tune_cpu.h"

#include <stdio.h>

void
tune_table (const struct tuned_layers *l)
{
  for (int i = 0; i < l->count; i++)
    {
      const struct tuned_layer *t = &l->list[i];
      printf ("%s", t->name);
      if (t->nodes > 1)
        printf (" and %d more", t->nodes - 1);
      printf (": %s\n", t->shape);
      for (int c = 0; c < t->count; c++)
        printf ("  %-20s %10.4f ms%s%s\n", choice_text (t->list[c].choice), t->list[c].ms,
                c == t->current ? "  before" : "", c == t->best ? "  fastest" : "");
    }
}
