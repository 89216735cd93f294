/* Straight-line code. Templates hold no weights: what depends on them is written here, and cpu/straight.m4 is its
 * frame. */
#include "straight_text.h"
#include "emit/params.h"

#include <inttypes.h>
#include <math.h>

#include "select_families.h"
#include "straight.h"
#include "pack/pack.h"

/* One layer on its way into text. */
struct writer
{
  const struct graph *g;
  const struct node *n;
  const struct register_tile *tile;
  bool whole;               /* a tile's vectors are whole blocks, so that no v is added to addresses */
  struct strides in, out, res;
  const struct shape *from, *to;
  int64_t in_group, taps;   /* inputs of a group; taps of the window */
  int64_t extent[AXES];     /* … along each axis */
  double *weight;           /* dense */
  struct epilogue ep;
  int *row;                 /* of an output block's input and tap: its line in the constants, -1 for none */
  int *bias, *residual_scale, *slope, *channel_mask; /* the same of an output block */
  struct text constants, units;
  int constant_count, unit_count;
};

/* ---- constants ---- */

/* A float that C reads back exactly. */
static void
put_float (struct text *t, double v)
{
  if (isnan (v))
    text_add (t, "__builtin_nanf (\"\")");
  else if (isinf (v))
    text_add (t, v > 0 ? "__builtin_inff ()" : "-__builtin_inff ()");
  else
    text_printf (t, "%af", (double) (float) v);
}

/* A line of 16 floats; returns its number. */
static int
put_line (struct writer *w, const double line[BLOCK])
{
  text_add (&w->constants, "  { ");
  for (int l = 0; l < BLOCK; l++)
    {
      text_add (&w->constants, l ? ", " : "");
      put_float (&w->constants, line[l]);
    }
  text_add (&w->constants, " },\n");
  return w->constant_count++;
}

/* Block OB of the channels' vector V, which is MISSING where there is none. */
static int
put_vector (struct writer *w, const double *v, int64_t ob)
{
  double line[BLOCK] = { 0 };
  for (int l = 0; v && l < BLOCK && ob * BLOCK + l < w->to->c; l++)
    line[l] = v[ob * BLOCK + l];
  return put_line (w, line);
}

/* 1 in the channels of block OB, 0 in those that pad it. */
static int
put_mask (struct writer *w, int64_t ob)
{
  double line[BLOCK] = { 0 };
  for (int l = 0; l < BLOCK && ob * BLOCK + l < w->to->c; l++)
    line[l] = 1;
  return put_line (w, line);
}

/* The weights of all outputs of block OB for input channel I and tap T; no line where none of them reads it. */
static int
put_weights (struct writer *w, int64_t ob, int64_t i, int64_t t)
{
  double line[BLOCK] = { 0 };
  bool any = false;
  for (int l = 0; l < BLOCK && ob * BLOCK + l < w->to->c; l++)
    {
      int64_t o = ob * BLOCK + l, first = w->n->op == OP_LINEAR ? 0 : o / (w->to->c / w->n->groups) * w->in_group;
      if (i < first || i >= first + w->in_group)
        continue;
      line[l] = w->weight[(o * w->in_group + i - first) * w->taps + t];
      any = true;
    }
  return any ? put_line (w, line) : -1;
}

static void
put_constants (struct writer *w)
{
  int64_t out_blocks = blocks (w->to->c), steps = w->from->c * w->taps;
  w->row = NEW_ARRAY ((size_t) (out_blocks * steps), int);
  w->bias = NEW_ARRAY ((size_t) out_blocks * 4, int);
  w->residual_scale = w->bias + out_blocks;
  w->slope = w->residual_scale + out_blocks;
  w->channel_mask = w->slope + out_blocks;
  for (int64_t ob = 0; ob < out_blocks; ob++)
    {
      w->bias[ob] = put_vector (w, w->ep.bias, ob);
      if (w->ep.residual_scale)
        w->residual_scale[ob] = put_vector (w, w->ep.residual_scale, ob);
      if (activation_has_slope (&w->ep.act))
        w->slope[ob] = put_vector (w, w->ep.slope, ob);
      w->channel_mask[ob] = w->n->kernel->channel_mask_at >= 0 && w->to->c - ob * BLOCK < BLOCK ? put_mask (w, ob) : -1;
      for (int64_t s = 0; s < steps; s++)
        w->row[ob * steps + s] = put_weights (w, ob, s / w->taps, s % w->taps);
    }
}

/* ---- code ---- */

/* A tile's pixels: COUNT from FIRST on, in the order of the output; PARTS sums for each, so that few pixels' additions
 * need not wait for each other. */
struct straight_tile
{
  int64_t first, count, ob;
  int vectors, parts;
};

static struct straight_tile
tile_at (const struct writer *w, int64_t first, int64_t pixels, int64_t ob)
{
  struct straight_tile t = { .first = first, .ob = ob };
  int64_t left = blocks (w->to->c) - ob;
  t.count = pixels - first < w->tile->pixels ? pixels - first : w->tile->pixels;
  t.vectors = w->tile->blocks == 1 ? w->tile->vectors : (int) (left < w->tile->blocks ? left : w->tile->blocks);
  t.parts = t.count * t.vectors * 4 <= 8 ? 4 : t.count * t.vectors * 2 <= 8 ? 2 : 1;
  return t;
}

static int64_t
block_of (const struct writer *w, const struct straight_tile *t, int i)
{
  return t->ob + (w->tile->blocks > 1 ? i : 0);
}

/* " + v" and the vector's place in its block. */
static const char *
lanes (const struct writer *w, int i)
{
  static char text[32];
  snprintf (text, sizeof text, "%s%s", w->whole ? "" : " + v",
            w->tile->blocks > 1 || !i ? "" : i == 1 ? " + VL" : mem_printf (" + %d * VL", i));
  return text;
}

/* Offset of output pixel P in a tensor with the strides S. */
static int64_t
pixel_at (const struct strides *s, const struct shape *shape, int64_t p)
{
  int64_t x = p % shape->dim[AXIS_W], h = p / shape->dim[AXIS_W] % shape->dim[AXIS_H];
  int64_t d = p / (shape->dim[AXIS_W] * shape->dim[AXIS_H]);
  return s->origin + d * s->plane + h * s->row + x * s->pixel;
}

/* Offset of the input that output pixel P multiplies by tap T of channel I. */
static int64_t
input_at (const struct writer *w, int64_t p, int64_t i, int64_t t)
{
  const struct window *win = &w->n->win;
  const struct strides *s = &w->in;
  int64_t step[AXES] = { s->plane, s->row, s->pixel };
  int64_t at = s->origin + (s->pixel == 1 ? i * s->block : i / BLOCK * s->block + i % BLOCK);
  for (int a = AXES - 1; a >= 0; a--)
    {
      int64_t k = t % w->extent[a], o = p % w->to->dim[a];
      t /= w->extent[a];
      p /= w->to->dim[a];
      at += w->n->op == OP_LINEAR ? k * step[a]
                                  : (o * win->stride[a] - win->pad_lo[a] + k * win->dilation[a]) * step[a];
    }
  return at;
}

static void
put_sums (struct writer *w, const struct straight_tile *t)
{
  for (int64_t p = 0; p < t->count * t->parts; p++)
    {
      text_add (&w->units, "vec ");
      for (int i = 0; i < t->vectors; i++)
        if (p % t->parts)
          text_printf (&w->units, "%sa%" PRId64 "_%d = vsplat (0)", i ? ", " : "", p, i);
        else
          text_printf (&w->units, "%sa%" PRId64 "_%d = vload (k[%d]%s)", i ? ", " : "", p, i,
                       w->bias[block_of (w, t, i)], lanes (w, i));
      text_add (&w->units, ";\n");
    }
}

/* Input channel I, tap T: the STEP-th. Returns whether there was anything to do. */
static bool
put_step (struct writer *w, const struct straight_tile *t, int64_t i, int64_t tap, int64_t step)
{
  int64_t steps = w->from->c * w->taps, s = i * w->taps + tap;
  bool there[8] = { false }, any = false;
  for (int v = 0; v < t->vectors; v++)
    any |= there[v] = w->row[block_of (w, t, v) * steps + s] >= 0;
  if (!any)
    return false;
  text_add (&w->units, "{\nconst vec ");
  for (int v = 0; v < t->vectors; v++)
    text_printf (&w->units, "%sw%d = vload (k[%d]%s)", v ? ", " : "", v, w->row[block_of (w, t, v) * steps + s],
                 lanes (w, v));
  text_add (&w->units, ";\n");
  for (int64_t p = 0; p < t->count; p++)
    for (int v = 0; v < t->vectors; v++)
      text_printf (&w->units, "a%" PRId64 "_%d += x[%" PRId64 "] * w%d%s", p * t->parts + step % t->parts, v,
                   input_at (w, t->first + p, i, tap), v, v + 1 < t->vectors ? ", " : ";\n");
  text_add (&w->units, "STEP_END ();\n}\n");
  return true;
}

/* The activation of the sum X, vector V of block OB. */
static void
put_activation (struct writer *w, const char *x, int64_t ob, int v)
{
  const struct activation *act = &w->ep.act;
  if (act->id == ACT_NONE)
    return;
  char *y = activation_vector (act, x, mem_printf ("vload (k[%d]%s)", w->slope[ob], lanes (w, v)));
  if (w->channel_mask[ob] >= 0)
    y = mem_printf ("vpositive (vload (k[%d]%s), %s, vsplat (0))", w->channel_mask[ob], lanes (w, v), y);
  text_printf (&w->units, "%s = %s;\n", x, y);
}

static void
put_result (struct writer *w, const struct straight_tile *t, int64_t p, int v)
{
  int64_t ob = block_of (w, t, v), a = p * t->parts;
  for (int part = 1; part < t->parts; part++)
    text_printf (&w->units, "a%" PRId64 "_%d += a%" PRId64 "_%d;\n", a, v, a + part, v);
  if (w->n->ep.residual >= 0)
    {
      text_printf (&w->units, "a%" PRId64 "_%d += vload (r%s%s)", a, v,
                   plus (pixel_at (&w->res, w->to, t->first + p) + ob * w->res.block), lanes (w, v));
      if (w->ep.residual_scale)
        text_printf (&w->units, " * vload (k[%d]%s)", w->residual_scale[ob], lanes (w, v));
      text_add (&w->units, ";\n");
    }
  put_activation (w, mem_printf ("a%" PRId64 "_%d", a, v), ob, v);
  text_printf (&w->units, "vstore (y%s%s, a%" PRId64 "_%d);\n",
               plus (pixel_at (&w->out, w->to, t->first + p) + ob * w->out.block), lanes (w, v), a, v);
}

static void
put_unit (struct writer *w, const struct straight_tile *t)
{
  text_printf (&w->units, "\n/* Output pixels %" PRId64 " to %" PRId64 ", channels from %" PRId64 ". */\n", t->first,
               t->first + t->count - 1, t->ob * BLOCK);
  text_printf (&w->units, "TILE\nunit_%d (const float *x, %sfloat *y%s)\n{\n", w->unit_count++,
               w->n->ep.residual >= 0 ? "const float *r, " : "", w->whole ? "" : ", int v");
  put_sums (w, t);
  int64_t step = 0;
  for (int64_t i = 0; i < w->from->c; i++)
    for (int64_t tap = 0; tap < w->taps; tap++)
      step += put_step (w, t, i, tap, step);
  for (int64_t p = 0; p < t->count; p++)
    for (int v = 0; v < t->vectors; v++)
      put_result (w, t, p, v);
  text_add (&w->units, "}\n");
}

static struct writer
writer_of (const struct graph *g, const struct node *n, const struct target *target)
{
  struct writer w = { .g = g, .n = n, .tile = straight_tile (g, n, target) };
  w.from = &g->tensors[n->in[0]].shape;
  w.to = &g->tensors[n->out].shape;
  w.whole = w.tile->vectors * target->lanes == BLOCK;
  w.in = tensor_strides (&g->tensors[n->in[0]]);
  w.out = tensor_strides (&g->tensors[n->out]);
  if (n->ep.residual >= 0)
    w.res = tensor_strides (&g->tensors[n->ep.residual]);
  w.taps = 1;
  for (int a = 0; a < AXES; a++)
    w.taps *= w.extent[a] = n->op == OP_LINEAR ? w.from->dim[a] : n->win.kernel[a];
  w.in_group = n->op == OP_LINEAR ? w.from->c : w.from->c / n->groups;
  return w;
}

struct straight_text
straight_text (const struct graph *g, int index, const struct target *target, const float *data)
{
  struct writer w = writer_of (g, &g->nodes[index], target);
  struct reference_params params = pack_unpack (g, w.n, data, &w.ep);
  int64_t pixels = shape_pixels (w.to);
  w.weight = params.weight;
  put_constants (&w);
  for (int64_t ob = 0; ob < blocks (w.to->c); ob += w.tile->blocks)
    for (int64_t p = 0; p < pixels; p += w.tile->pixels)
      {
        struct straight_tile t = tile_at (&w, p, pixels, ob);
        put_unit (&w, &t);
      }
  reference_params_free (&params);
  return (struct straight_text){ .constants = w.constants.s, .units = w.units.s,
                                 .tile_floats = w.whole ? "16" : mem_printf ("%d * VL", w.tile->vectors),
                                 .constant_count = w.constant_count, .unit_count = w.unit_count };
}
