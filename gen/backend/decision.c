/* The names of choices. */
#include "decision.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* All that can be said of a choice, whatever the layer. */
static const struct
{
  const char *text;
  struct choice choice;
} names[] = {
  { "direct", { ALGORITHM_DIRECT, { 0 }, ORDER_OF_SHAPE } },
  { "direct blocks-first", { ALGORITHM_DIRECT, { 0 }, ORDER_BLOCKS_FIRST } },
  { "direct strips-first", { ALGORITHM_DIRECT, { 0 }, ORDER_STRIPS_FIRST } },
  { "strassen", { ALGORITHM_STRASSEN, { 0 }, ORDER_OF_SHAPE } },
  { "winograd 2x2", { ALGORITHM_WINOGRAD, { 1, 2, 2 }, ORDER_OF_SHAPE } },
  { "winograd 4x4", { ALGORITHM_WINOGRAD, { 1, 4, 4 }, ORDER_OF_SHAPE } },
  { "winograd 3x3", { ALGORITHM_WINOGRAD, { 1, 3, 3 }, ORDER_OF_SHAPE } },
  { "winograd 2x2x2", { ALGORITHM_WINOGRAD, { 2, 2, 2 }, ORDER_OF_SHAPE } },
  { "winograd 4x2x2", { ALGORITHM_WINOGRAD, { 4, 2, 2 }, ORDER_OF_SHAPE } },
  { "winograd 2x4x4", { ALGORITHM_WINOGRAD, { 2, 4, 4 }, ORDER_OF_SHAPE } },
  { "winograd 4x4x4", { ALGORITHM_WINOGRAD, { 4, 4, 4 }, ORDER_OF_SHAPE } },
  { "winograd 3x3x3", { ALGORITHM_WINOGRAD, { 3, 3, 3 }, ORDER_OF_SHAPE } },
  { "winograd 4x3x3", { ALGORITHM_WINOGRAD, { 4, 3, 3 }, ORDER_OF_SHAPE } },
  { "winograd 3x4x4", { ALGORITHM_WINOGRAD, { 3, 4, 4 }, ORDER_OF_SHAPE } },
};

enum
{
  NAMES = sizeof names / sizeof *names
};

bool
choice_equal (struct choice a, struct choice b)
{
  return a.algorithm == b.algorithm && !memcmp (a.tile, b.tile, sizeof a.tile) && a.order == b.order;
}

char *
choice_text (struct choice c)
{
  for (int i = 0; i < NAMES; i++)
    if (choice_equal (names[i].choice, c))
      return mem_strdup (names[i].text);
  fatal ("internal error: a choice without a name");
}

bool
choice_parse (const char *s, struct choice *c)
{
  for (int i = 0; i < NAMES; i++)
    if (strcmp (names[i].text, s) == 0)
      {
        *c = names[i].choice;
        return true;
      }
  return false;
}

const char *
choice_names (void)
{
  struct text t = { 0 };
  for (int i = 0; i < NAMES; i++)
    text_printf (&t, "%s%s", i ? ", " : "", names[i].text);
  return t.s;
}

double
decision_round (double ms)
{
  char text[32];
  snprintf (text, sizeof text, "%.4g", ms);
  return strtod (text, NULL);
}
