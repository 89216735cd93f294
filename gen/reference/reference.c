/* The reference: the table of operators, parameters, epilogues, and the run of a whole graph. */
#include "reference.h"
#include "ops.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/terminal.h"

static ref_function *const functions[OP_COUNT] = {
#define OP(id, name, arity, reference) [OP_##id] = reference,
#include "graph/ops.def"
};

/* The slope of channel C: of the epilogue, or before fusion of the parameter, which may have one for all channels. */
static double
slope_of (const struct ref *r, int64_t c)
{
  const struct node *n = r->n;
  if (n->ep.slope)
    return n->ep.slope[c];
  if (n->op != OP_ACTIVATION || !n->weight || !r->p->weight)
    return 1;
  return r->p->weight[n->same_param_for_all || (n->weight->value && n->weight->value->count == 1) ? 0 : c];
}

/* y = act (y · scale + bias + residual · residual_scale), and the magnitude likewise. */
static void
apply_epilogue (const struct ref *r, const double *residual)
{
  const struct epilogue *ep = &r->n->ep;
  const struct shape *s = ref_out_shape (r);
  int64_t pixels = shape_pixels (s);
  assert (!ep->residual_scale || residual);
  for (int64_t row = 0; row < r->g->batch * s->c; row++)
    {
      int64_t c = row % s->c;
      double scale = ep->scale ? ep->scale[c] : 1, bias = ep->bias ? ep->bias[c] : 0;
      double residual_scale = ep->residual_scale ? ep->residual_scale[c] : 1;
      double slope = slope_of (r, c);
      for (int64_t i = row * pixels; i < (row + 1) * pixels; i++)
        {
          double other = residual ? residual[i] * residual_scale : 0;
          const double x = r->out[i] * scale + bias + other;
          r->out[i] = activation_value (&ep->act, slope, x);
          if (!r->magnitude)
            continue;
          r->magnitude[i] = r->magnitude[i] * fabs (scale) + fabs (bias) + fabs (other);
          const double steepest = activation_steepest (&ep->act, slope, x);
          if (r->magnitude[i] > 0 && steepest > 0) /* 0 times infinity would be NaN */
            r->magnitude[i] *= steepest;
        }
    }
  *r->terms += (ep->bias != NULL) + (residual != NULL);
}

/* The largest of each window of FROM, and of its magnitudes, since an error in any of them may show. */
static void
pool_largest (const struct fused_pool *p, const struct shape *out, int64_t planes, const double *from, double *to)
{
  const struct window *w = &p->win;
  struct shape plane = p->before;
  plane.c = planes;
  for (int64_t i = 0; i < planes * shape_pixels (out); i++)
    {
      int64_t at[AXES] = { i / (out->dim[AXIS_W] * out->dim[AXIS_H]) % out->dim[AXIS_D],
                           i / out->dim[AXIS_W] % out->dim[AXIS_H], i % out->dim[AXIS_W] };
      int64_t lo[AXES], hi[AXES];
      for (int a = 0; a < AXES; a++)
        {
          int64_t first = at[a] * w->stride[a] - w->pad_lo[a], end = first + w->kernel[a];
          lo[a] = first < 0 ? 0 : first;
          hi[a] = end > plane.dim[a] ? plane.dim[a] : end;
        }
      double most = -HUGE_VAL;
      for (int64_t d = lo[AXIS_D]; d < hi[AXIS_D]; d++)
        for (int64_t h = lo[AXIS_H]; h < hi[AXIS_H]; h++)
          for (int64_t x = lo[AXIS_W]; x < hi[AXIS_W]; x++)
            most = ref_max (most, from[ref_at (&plane, i / shape_pixels (out), d, h, x)]);
      to[i] = most;
    }
}

/* A convolution with its epilogue, then the pool behind it. */
static void
pooled_node (struct ref *r, const double *residual)
{
  const struct shape *out = &r->g->tensors[r->n->out].shape;
  int64_t planes = r->g->batch * out->c, count = planes * shape_pixels (&r->n->pool->before);
  double *y = r->out, *magnitude = r->magnitude;
  r->out = heap_array ((size_t) count, sizeof (double));
  r->magnitude = magnitude ? heap_array ((size_t) count, sizeof (double)) : NULL;
  functions[r->n->op](r);
  apply_epilogue (r, residual);
  pool_largest (r->n->pool, out, planes, r->out, y);
  if (magnitude)
    pool_largest (r->n->pool, out, planes, r->magnitude, magnitude);
  free (r->out);
  free (r->magnitude);
}

void
reference_node (const struct graph *g, const struct node *n, const struct reference_params *p,
                const double *const *in, const double *residual, double *out, double *magnitude, int64_t *terms)
{
  int64_t ignored;
  struct ref r = { .g = g, .n = n, .p = p, .in = in, .out = out, .magnitude = magnitude };
  r.terms = terms ? terms : &ignored;
  if (n->pool)
    {
      pooled_node (&r, residual);
      return;
    }
  functions[n->op](&r);
  apply_epilogue (&r, residual);
}

/* All values of a parameter, or NULL when it has none. */
static double *
values_of (const struct param *p)
{
  if (!p || !p->value)
    return NULL;
  double *v = heap_array (p->value->count, sizeof (double));
  for (size_t i = 0; i < p->value->count; i++)
    v[i] = weight_at (p->value, i);
  return v;
}

/* A convolution's weights without the taps that were dropped. */
static double *
taps_of (const struct node *n)
{
  const struct param *p = n->weight;
  if (!p || !p->value)
    return NULL;
  int64_t full[AXES] = { 1, 1, 1 }, left[AXES];
  for (int i = p->rank - 1, axis = AXES - 1; i >= 2; i--, axis--)
    full[axis] = p->shape[i];
  memcpy (left, n->win.kernel, sizeof left);
  int64_t pairs = p->shape[0] * p->shape[1], to = 0;
  assert ((size_t) (pairs * full[0] * full[1] * full[2]) == p->value->count);
  double *v = heap_array ((size_t) (pairs * left[0] * left[1] * left[2]), sizeof (double));
  for (int64_t pair = 0; pair < pairs; pair++)
    for (int64_t a = 0; a < left[0]; a++)
      for (int64_t b = 0; b < left[1]; b++)
        for (int64_t e = 0; e < left[2]; e++)
          {
            int64_t d = n->first_tap[0] + a, h = n->first_tap[1] + b, w = n->first_tap[2] + e;
            v[to++] = weight_at (p->value, (size_t) (((pair * full[0] + d) * full[1] + h) * full[2] + w));
          }
  return v;
}

/* (O, I) of the linear layer N and its O biases, as its epilogue scales them. */
static double *
product_of (const struct node *n)
{
  const int64_t outputs = n->shape_hint.c, inputs = (int64_t) n->weight->value->count / outputs;
  double *v = heap_array ((size_t) (outputs * (inputs + 1)), sizeof *v);
  for (int64_t i = 0; i < outputs * inputs; i++)
    v[i] = weight_at (n->weight->value, (size_t) i) * (n->ep.scale ? n->ep.scale[i / inputs] : 1);
  for (int64_t o = 0; o < outputs; o++)
    v[outputs * inputs + o] = n->ep.bias ? n->ep.bias[o] : 0;
  return v;
}

struct reference_params
reference_params_of (const struct graph *g, const struct node *n)
{
  (void) g;
  if (n->gate)
    return (struct reference_params){ .weight = product_of (&n->gate->reduce),
                                      .second = product_of (&n->gate->expand) };
  bool windowed = n->op == OP_CONV || n->op == OP_TRANSPOSED_CONV;
  return (struct reference_params){ .weight = windowed ? taps_of (n) : values_of (n->weight),
                                    .bias = values_of (n->bias),
                                    .mean = values_of (n->mean),
                                    .variance = values_of (n->variance) };
}

void
reference_params_free (struct reference_params *p)
{
  free (p->weight);
  free (p->bias);
  free (p->mean);
  free (p->variance);
  free (p->second);
  *p = (struct reference_params){ 0 };
}

/* One node of a run; VALUES: every tensor's array. */
static void
run_node (const struct graph *g, const struct node *n, const double *input, double **values)
{
  const double **in = heap_array ((size_t) n->nin + 1, sizeof *in);
  in[0] = input;
  for (int i = 0; i < n->nin; i++)
    in[i] = values[n->in[i]];
  struct reference_params p = reference_params_of (g, n);
  values[n->out] = heap_array ((size_t) (g->batch * shape_count (&g->tensors[n->out].shape)), sizeof (double));
  const double *residual = n->ep.residual >= 0 ? values[n->ep.residual] : NULL;
  reference_node (g, n, &p, in, residual, values[n->out], NULL, NULL);
  reference_params_free (&p);
  free (in);
}

double **
reference_values (const struct graph *g, const double *input)
{
  double **values = heap_array ((size_t) g->tensor_count + 1, sizeof *values);
  for (int i = 0; i < g->node_count; i++)
    {
      progress_show ("computing in double: layer", i, g->node_count);
      if (!g->nodes[i].dead)
        run_node (g, &g->nodes[i], input, values);
    }
  return values;
}

double *
reference_run (const struct graph *g, const double *input)
{
  double **values = heap_array ((size_t) g->tensor_count + 1, sizeof *values);
  int *last = heap_array ((size_t) g->tensor_count + 1, sizeof *last);
  int end = -1;
  for (int i = 0; i < g->node_count; i++)
    if (!g->nodes[i].dead)
      {
        end = i;
        for (int t = 0; t < g->tensor_count; t++)
          if (node_reads (&g->nodes[i], t))
            last[t] = i;
      }
  assert (end >= 0);
  for (int i = 0; i <= end; i++)
    if (!g->nodes[i].dead)
      {
        progress_show ("computing in double: layer", i, end + 1);
        run_node (g, &g->nodes[i], input, values);
        for (int t = 0; t < g->tensor_count; t++)
          if (last[t] <= i && t != g->nodes[end].out)
            {
              free (values[t]);
              values[t] = NULL;
            }
      }
  double *out = values[g->nodes[end].out];
  free (values);
  free (last);
  return out;
}
