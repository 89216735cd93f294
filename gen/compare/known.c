/* The other engine's values, and comparisons with them. */
#include "parts.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "graph/wrappers.h"
#include "weights/weights.h"

void
known_add (struct known_list *k, const char *name, const char *shape, size_t count, const double *value)
{
  struct known x = { .name = name, .shape = shape, .count = count, .value = value, .constant = true };
  if (k->count == k->cap)
    {
      struct known *grown = NEW_ARRAY (k->cap = 2 * k->cap + 64, struct known);
      if (k->count)
        memcpy (grown, k->list, (size_t) k->count * sizeof *grown);
      k->list = grown;
    }
  for (size_t i = 0; i < count; i++)
    {
      x.norm += value[i] * value[i];
      x.constant = x.constant && value[i] == value[0];
    }
  x.norm = sqrt (x.norm);
  k->list[k->count++] = x;
}

void
known_of_graph (struct known_list *k, const struct graph *g, const double *input)
{
  double **values = reference_values (g, input);
  for (int i = 0; i < g->node_count; i++)
    {
      const struct node *n = &g->nodes[i];
      const struct shape *s = &g->tensors[n->out].shape;
      if (n->dead)
        continue;
      k->output = n->op == OP_OUTPUT ? k->count : k->output;
      known_add (k, n->op == OP_OUTPUT ? "output" : n->name, shape_text (s), (size_t) (g->batch * shape_count (s)),
                 values[n->out]);
    }
  free (values); /* not what it points to */
}

/* VALUE, of SHAPE with the channels last, with the channels first. */
static double *
channels_first (const double *value, int rank, const int64_t *shape)
{
  int64_t pixels = 1, c = shape[rank - 1];
  for (int i = 1; i < rank - 1; i++)
    pixels *= shape[i];
  double *to = heap_array ((size_t) (shape[0] * pixels * c) + 1, sizeof *to);
  for (int64_t n = 0; n < shape[0]; n++)
    for (int64_t p = 0; p < pixels; p++)
      for (int64_t i = 0; i < c; i++)
        to[(n * c + i) * pixels + p] = value[(n * pixels + p) * c + i];
  return to;
}

/* The first BATCH samples of T. */
static void
add_array (struct known_list *k, const struct weight *t, int64_t batch)
{
  int64_t shape[WEIGHT_MAX_RANK];
  size_t count = t->count;
  memcpy (shape, t->shape, sizeof shape);
  if (t->rank > 1 && shape[0] >= batch)
    {
      count = count / (size_t) shape[0] * (size_t) batch;
      shape[0] = batch;
    }
  double *value = heap_array (count + 1, sizeof *value);
  for (size_t i = 0; i < count; i++)
    value[i] = weight_at (t, i);
  known_add (k, t->name, dims_text (t->rank, shape), count, value);
  if ((t->rank == 4 || t->rank == 5) && count)
    known_add (k, t->name, mem_printf ("%s, the channels last", dims_text (t->rank, shape)), count,
               channels_first (value, t->rank, shape));
}

void
known_of_arrays (struct known_list *k, const struct weights *w, int64_t batch)
{
  static const char *const inputs[] = { "input", "x", "images" }, *const outputs[] = { "output", "logits", "y" };
  for (size_t i = 0; i < w->count; i++)
    {
      const struct weight *t = &w->list[i];
      bool input = false, output = false;
      for (int n = 0; n < 3; n++)
        {
          input = input || !strcmp (t->name, inputs[n]);
          output = output || !strcmp (t->name, outputs[n]);
        }
      if (input || !t->count)
        continue;
      if (output)
        k->output = k->count;
      add_array (k, t, batch);
    }
}

double
known_error (const double *got, const double *want, size_t count)
{
  double difference = 0, norm = 0;
  for (size_t i = 0; i < count; i++)
    {
      difference += (got[i] - want[i]) * (got[i] - want[i]);
      norm += want[i] * want[i];
    }
  double error = sqrt (difference) / (sqrt (norm) + 1e-30);
  return isfinite (error) ? error : INFINITY;
}

struct known *
known_like (const struct known_list *k, const double *value, size_t count, bool free_ones, double *error)
{
  struct known *best = NULL;
  double norm = 0;
  *error = INFINITY;
  for (size_t i = 0; i < count; i++)
    norm += value[i] * value[i];
  norm = sqrt (norm);
  for (int i = 0; i < k->count; i++)
    {
      struct known *x = &k->list[i];
      /* |a - b| is no less than the difference of their norms: most are told by that */
      if (x->count != count || x->constant || (free_ones && x->taken)
          || !(fabs (norm - x->norm) <= 2 * k->tolerance * x->norm))
        continue;
      double e = known_error (value, x->value, count);
      if (e <= k->tolerance && e < *error)
        {
          *error = e;
          best = x;
        }
    }
  return best;
}

struct known *
known_named (const struct known_list *k, const char *name, size_t count)
{
  struct unwrapped off[WRAPPERS_MAX + 1];
  for (int i = 0; i < k->count; i++)
    {
      if (k->list[i].count != count)
        continue;
      for (int n = wrappers_off (k->list[i].name, off) - 1; n >= 0; n--)
        if (!strcmp (off[n].rest, name))
          return &k->list[i];
    }
  return NULL;
}
