/* Rows of the table of CPU targets, looked up. */
#include "target.h"

#include <stddef.h>
#include <string.h>

#include "base/util.h"

const struct target *
target_find (const char *name, size_t bytes)
{
  for (int i = 0; i < isa_count; i++)
    if (strlen (isa_table[i].name) == bytes && strncmp (isa_table[i].name, name, bytes) == 0)
      return &isa_table[i];
  return NULL;
}

bool
target_runs_here (const struct target *t)
{
  return t->compiled_here && (!t->present || t->present ());
}

struct cpu_targets
targets_of_cpu (const struct targets *t, enum precision p)
{
  struct cpu_targets cpu = { .count = 0 };
  for (int i = 0; i < t->count; i++)
    if (t->list[i].cpu && t->list[i].precision == p)
      cpu.list[cpu.count++] = t->list[i].cpu;
  return cpu;
}

const char *
cpu_target_names (void)
{
  struct text s = { 0 };
  for (int i = 0; i < isa_count; i++)
    text_printf (&s, "%s%s", i ? ", " : "", isa_table[i].name);
  return s.s;
}

double
target_overlap (const struct target_cost *c, double products, double read)
{
  return products > read ? products + c->shown * read : read + c->shown * products;
}
