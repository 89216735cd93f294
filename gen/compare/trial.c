/* One change to a copy of the network, and what follows from it. */
#include "parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "graph/shape.h"

enum
{
  MOST_LAYERS = 14 /* computed for a trial: a change is seen within a block */
};

void
trial_begin (struct trial *t, int node)
{
  const struct graph *g = t->base;
  t->g = *g;
  t->node = node;
  t->what = NULL;
  t->in = NULL;
  t->g.nodes = heap_array ((size_t) g->node_count, sizeof *g->nodes);
  t->g.tensors = heap_array ((size_t) g->tensor_count, sizeof *g->tensors);
  memcpy (t->g.nodes, g->nodes, (size_t) g->node_count * sizeof *g->nodes);
  memcpy (t->g.tensors, g->tensors, (size_t) g->tensor_count * sizeof *g->tensors);
  t->p = reference_params_of (g, &g->nodes[node]);
}

void
trial_end (struct trial *t)
{
  reference_params_free (&t->p);
  free (t->in);
  free (t->g.nodes);
  free (t->g.tensors);
}

double *
trial_own_input (struct trial *t)
{
  const struct node *n = &t->base->nodes[t->node];
  const size_t count = (size_t) (t->base->batch * shape_count (trial_in (t)));
  if (!t->in)
    {
      t->in = heap_array (count + 1, sizeof *t->in);
      memcpy (t->in, t->ours[n->in[0]], count * sizeof *t->in);
    }
  return t->in;
}

/* One channel of it, by least squares. */
static bool
fit_channel (const struct trial *t, const struct known *x, int64_t channel, double *scale, double *shift)
{
  const double *from = t->ours[t->base->nodes[t->node].in[0]], *to = x->value;
  const int64_t c = trial_in (t)->c, pixels = shape_pixels (trial_in (t)), rows = t->base->batch * c;
  double n = 0, sum = 0, there = 0, squares = 0, products = 0, largest = 0;
  for (int64_t row = channel; row < rows; row += c)
    for (int64_t i = row * pixels; i < (row + 1) * pixels; i++)
      {
        n++;
        sum += from[i];
        there += to[i];
        squares += from[i] * from[i];
        products += from[i] * to[i];
        largest = fmax (largest, fabs (to[i]));
      }
  *scale = (n * products - sum * there) / (n * squares - sum * sum);
  *shift = (there - *scale * sum) / n;
  for (int64_t row = channel; row < rows; row += c)
    for (int64_t i = row * pixels; i < (row + 1) * pixels; i++)
      if (!(fabs (from[i] * *scale + *shift - to[i]) <= 1e-5 * largest))
        return false;
  return true;
}

bool
trial_affine (const struct trial *t, const struct known *x, double *scale, double *shift)
{
  bool changes = false;
  for (int64_t i = 0; i < trial_in (t)->c; i++)
    {
      if (!fit_channel (t, x, i, &scale[i], &shift[i]))
        return false;
      changes = changes || fabs (scale[i] - 1) > 1e-5 || fabs (shift[i]) > 1e-5;
    }
  return changes;
}

/* Do N's window and parameters fit its inputs as they are now? shape_infer ends the program where they do not. */
static bool
fits (const struct trial *t, const struct node *n)
{
  const struct graph *g = &t->g;
  const struct window *w = &n->win;
  const struct shape *in = n->nin ? &g->tensors[n->in[0]].shape : NULL;
  bool same = true;
  for (int i = 0; i < n->nin; i++)
    same = same && shape_equal (&g->tensors[n->in[i]].shape, &t->base->tensors[n->in[i]].shape);
  if (n->op == OP_CONV || n->op == OP_MAX_POOL || n->op == OP_AVERAGE_POOL)
    {
      for (int a = 0; a < AXES; a++)
        if (in->dim[a] + w->pad_lo[a] + w->pad_hi[a] < (w->kernel[a] - 1) * w->dilation[a] + 1 || w->stride[a] < 1)
          return false;
      return true;
    }
  if (n->op == OP_BATCH_NORM || n->op == OP_ACTIVATION || n->op == OP_IDENTITY || n->op == OP_GLOBAL_AVERAGE_POOL
      || n->op == OP_GLOBAL_MAX_POOL)
    return true;
  if (n->op != OP_ADD)
    return same;
  for (int i = 1; i < n->nin; i++)
    if (!shape_equal (in, &g->tensors[n->in[i]].shape))
      return false;
  return true;
}

static bool
reads_changed (const struct trial *t, const struct node *n, double *const *changed)
{
  for (int tensor = 0; tensor < t->g.tensor_count; tensor++)
    if (changed[tensor] && node_reads (n, tensor))
      return true;
  return false;
}

/* Compute node I into CHANGED. False: its inputs do not fit. */
static bool
run_node (struct trial *t, int i, double **changed)
{
  struct node *n = &t->g.nodes[i];
  struct tensor *out = &t->g.tensors[n->out];
  if (!fits (t, n))
    return false;
  out->shape = shape_infer (&t->g, n);
  const double **in = heap_array ((size_t) n->nin + 1, sizeof *in);
  for (int k = 0; k < n->nin; k++)
    in[k] = changed[n->in[k]] ? changed[n->in[k]] : t->ours[n->in[k]];
  if (i == t->node && t->in)
    in[0] = t->in;
  struct reference_params p = i == t->node ? t->p : reference_params_of (&t->g, n);
  changed[n->out] = heap_array ((size_t) (t->g.batch * shape_count (&out->shape)) + 1, sizeof (double));
  reference_node (&t->g, n, &p, in, NULL, changed[n->out], NULL, NULL);
  if (i != t->node)
    reference_params_free (&p);
  free (in);
  return true;
}

bool
trial_run (struct trial *t, double *error)
{
  double **changed = heap_array ((size_t) t->g.tensor_count + 1, sizeof *changed);
  bool found = false;
  int computed = 0;
  for (int i = t->node; i < t->g.node_count && computed < MOST_LAYERS && !found; i++)
    {
      const struct node *n = &t->g.nodes[i];
      if (n->dead || n->op == OP_OUTPUT || (i > t->node && !reads_changed (t, n, changed)))
        continue;
      if (!run_node (t, i, changed))
        break;
      computed++;
      const size_t count = (size_t) (t->g.batch * shape_count (&t->g.tensors[n->out].shape));
      found = known_like (t->known, changed[n->out], count, true, error) != NULL;
    }
  for (int i = 0; i < t->g.tensor_count; i++)
    free (changed[i]);
  free (changed);
  return found;
}
