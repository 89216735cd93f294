/* MATLAB's transposedConv3dLayer, and transposedConv2dLayer. Sizes are [h w d]. */
#include "sequence.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "graph/shape.h"

/* A file beside the options file, or as it stands when that has no folder. */
static const char *
beside (const struct graph *g, const char *file)
{
  const char *slash = strrchr (g->path, '/');
  if (*file == '/' || !slash)
    return file;
  return mem_printf ("%.*s/%s", (int) (slash - g->path), g->path, file);
}

static void
set_normal (struct param *p, double deviation)
{
  p->init = INIT_NORMAL;
  p->init_a = 0;
  p->init_b = deviation;
}

/* The key's own word, what weights and biases share, or a file. NUM_IN, NUM_OUT: as MATLAB counts them. */
static void
set_initializer (const struct graph *g, const struct layer *l, const char *key, struct param *p, double num_in,
                 double num_out)
{
  const struct yaml *y = layer_value (l, key);
  const char *v = y->kind == YAML_SCALAR ? y->value : "";
  size_t n = strlen (v);
  bool weights = p->rank > 1;
  p->loc = y->loc;
  if (weights && strcmp (v, "glorot") == 0)
    {
      p->init = INIT_UNIFORM; /* variance 2 / (in + out) */
      p->init_b = sqrt (6 / (num_in + num_out));
      p->init_a = -p->init_b;
    }
  else if (weights && strcmp (v, "he") == 0)
    set_normal (p, sqrt (2 / num_in));
  else if (strcmp (v, "narrow-normal") == 0)
    set_normal (p, 0.01);
  else if (strcmp (v, "zeros") == 0 || strcmp (v, "ones") == 0)
    {
      p->init = INIT_CONSTANT;
      p->init_a = *v == 'o';
    }
  else if (n > 4 && strcmp (v + n - 4, ".npy") == 0)
    {
      p->init = INIT_FILE;
      p->init_file = beside (g, v);
    }
  else
    layer_fatal (l, key, y, yaml_show (y));
}

static void
add_params (struct graph *g, const struct layer *l, struct node *n)
{
  int64_t filters = n->shape_hint.c, shape[PARAM_MAX_RANK] = { l->shape.c, filters };
  const int64_t *k = n->win.kernel;
  memcpy (shape + 2, k + (AXES - l->shape.rank), (size_t) l->shape.rank * sizeof *shape);
  double taps = (double) (k[0] * k[1] * k[2]);
  layer_check_parameters (l, taps * (double) filters * (double) l->shape.c);
  n->weight = build_param (g, l->name, "weight", 2 + l->shape.rank, shape);
  set_initializer (g, l, "weights-initializer", n->weight, taps * (double) l->shape.c, taps * (double) filters);
  n->bias = build_param (g, l->name, "bias", 1, &filters);
  set_initializer (g, l, "bias-initializer", n->bias, 0, 0);
  enum presence bias = layer_presence (l, "bias");
  const struct yaml *initializer = yaml_get (l->y, "bias-initializer");
  if (bias == ABSENT && initializer)
    fatal_at (initializer->loc, "layer %s: bias-initializer besides bias: false; allowed: one of the two", l->name);
  build_presence (g, &n->bias, bias, "bias: true");
}

static void
check_channels (const struct layer *l)
{
  const struct yaml *y = layer_value (l, "num-channels");
  int64_t c;
  if (y->kind == YAML_SCALAR && strcmp (y->value, "auto") == 0)
    return;
  if (!yaml_int (y, &c) || c < 1)
    layer_fatal (l, "num-channels", y, yaml_show (y));
  if (c != l->shape.c)
    layer_fatal (l, "num-channels", y, mem_printf ("%" PRId64 ", but its input is %s", c, shape_text (&l->shape)));
}

/* Every factor is checked; inference has no use for them. */
static void
check_factors (const struct layer *l)
{
  static const char *const factors[] = { "weight-learn-rate-factor", "bias-learn-rate-factor", "weight-l2-factor",
                                         "bias-l2-factor" };
  for (size_t i = 0; i < sizeof factors / sizeof *factors; i++)
    layer_real (l, factors[i]);
}

/* cropping same: output = input .* stride; an odd crop's larger half is at the end, and so is what is missing when the
 * filter is smaller than the stride. */
static void
crop_same (struct window *w)
{
  for (int a = 0; a < AXES; a++)
    {
      int64_t surplus = w->kernel[a] - w->stride[a];
      w->pad_lo[a] = surplus > 0 ? surplus / 2 : 0;
      w->pad_hi[a] = surplus - w->pad_lo[a];
    }
}

static bool
equal (const int64_t *v)
{
  return v[AXIS_D] == v[AXIS_H] && v[AXIS_H] == v[AXIS_W];
}

/* Extents stand D first, as everywhere. Where it matters that the options' lists have MATLAB's order the text says
 * so. */
static const char *
type_text (const struct layer *l, const struct window *w)
{
  const int64_t *k = w->kernel, *s = w->stride;
  bool matters = !equal (k) || !equal (s) || !equal (w->pad_lo) || !equal (w->pad_hi);
  if (l->shape.rank == 2)
    return mem_printf ("transposed conv %" PRId64 "x%" PRId64 ", stride %" PRId64 "x%" PRId64, k[1], k[2], s[1], s[2]);
  return mem_printf ("transposed conv %" PRId64 "x%" PRId64 "x%" PRId64 ", stride %" PRId64 "x%" PRId64 "x%" PRId64
                     "%s",
                     k[0], k[1], k[2], s[0], s[1], s[2], matters ? " (DxHxW of [h, w, d])" : "");
}

int
layer_build_transposed (struct graph *g, const struct layer *l)
{
  int64_t kernel[AXES], stride[AXES];
  bool same;
  layer_extents (l, "filter-size", 1, kernel);
  layer_extents (l, "stride", 1, stride);
  struct node n = { .op = OP_TRANSPOSED_CONV, .name = l->name, .loc = l->loc, .groups = 1,
                    .win = shape_window (kernel, stride), .shape_hint = { .c = layer_int (l, "num-filters") } };
  layer_padding (l, n.win.pad_lo, n.win.pad_hi, &same);
  if (same)
    crop_same (&n.win);
  n.type = type_text (l, &n.win);
  check_channels (l);
  check_factors (l);
  add_params (g, l, &n);
  return graph_add (g, n, l->in, 1);
}
