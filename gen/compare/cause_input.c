/* What may be otherwise with the network's input: of layers that read it. */
#include "parts.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The elements of an input's channel, of one sample; 0: the node does not read the network's input. */
static int64_t
pixels_of_input (const struct trial *t)
{
  const struct node *n = &t->base->nodes[t->node];
  return n->nin && graph_producer (t->base, n->in[0])->op == OP_INPUT ? shape_pixels (trial_in (t)) : 0;
}

enum attempt
cause_channels (struct trial *t, int variant)
{
  const int64_t pixels = pixels_of_input (t), c = trial_in (t)->c;
  if (!pixels || c < 2 || variant > 0)
    return ATTEMPT_END;
  const double *from = t->ours[t->base->nodes[t->node].in[0]];
  double *to = trial_own_input (t);
  for (int64_t row = 0; row < t->base->batch * c; row++)
    memcpy (to + row * pixels, from + (row / c * c + c - 1 - row % c) * pixels, (size_t) pixels * sizeof *to);
  t->what = c == 3 ? "the input's channels are in the other order there: RGB and BGR"
                   : "the input's channels are in the other order there";
  return ATTEMPT_TRY;
}

/* (x / scale - mean) / std, a channel's mean and standard deviation each; SCALE 0: x is as it was before this network's
 * own preparation. */
struct preparation
{
  double scale, mean[3], std[3];
  const char *what;
};

static const struct preparation preparations[] = {
  { 1, { 0, 0, 0 }, { 1, 1, 1 }, "as it is" },
  { 255, { 0, 0, 0 }, { 1, 1, 1 }, "x / 255" },
  { 255,
    { 0.485, 0.456, 0.406 },
    { 0.229, 0.224, 0.225 },
    "(x / 255 - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]" },
  { 1, { 0.485, 0.456, 0.406 }, { 0.229, 0.224, 0.225 }, "(x - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]" },
  { 127.5, { 1, 1, 1 }, { 1, 1, 1 }, "x / 127.5 - 1" },
  { 255, { 0.5, 0.5, 0.5 }, { 0.5, 0.5, 0.5 }, "(x / 255 - 0.5) / 0.5" },
  { 1, { 0.5, 0.5, 0.5 }, { 0.5, 0.5, 0.5 }, "(x - 0.5) / 0.5" },
  { 1, { 123.68, 116.779, 103.939 }, { 1, 1, 1 }, "x - [123.68, 116.779, 103.939]" },
  { 1,
    { 123.675, 116.28, 103.53 },
    { 58.395, 57.12, 57.375 },
    "(x - [123.675, 116.28, 103.53]) / [58.395, 57.12, 57.375]" },
  { 255, { 0.485, 0.456, 0.406 }, { 1, 1, 1 }, "x / 255 - [0.485, 0.456, 0.406]" },
  { 1,
    { 0.4914, 0.4822, 0.4465 },
    { 0.2023, 0.1994, 0.2010 },
    "(x - [0.4914, 0.4822, 0.4465]) / [0.2023, 0.1994, 0.2010]" },
  { 255,
    { 0.4914, 0.4822, 0.4465 },
    { 0.2023, 0.1994, 0.2010 },
    "(x / 255 - [0.4914, 0.4822, 0.4465]) / [0.2023, 0.1994, 0.2010]" },
};
enum
{
  PREPARATIONS = sizeof preparations / sizeof *preparations
};

/* A known value that is the input prepared. */
static enum attempt
prepared_there (struct trial *t, int variant)
{
  const size_t count = (size_t) (t->base->batch * shape_count (trial_in (t)));
  double *scale = NEW_ARRAY ((size_t) trial_in (t)->c, double), *shift = NEW_ARRAY ((size_t) trial_in (t)->c, double);
  if (variant >= t->known->count)
    return ATTEMPT_END;
  const struct known *x = &t->known->list[variant];
  if (x->count != count || x->taken || !trial_affine (t, x, scale, shift))
    return ATTEMPT_SKIP;
  memcpy (trial_own_input (t), x->value, count * sizeof *x->value);
  struct text what = { 0 };
  for (int64_t i = 0; i < trial_in (t)->c && i < 4; i++)
    text_printf (&what, "%sx * %.6g + %.6g", i ? "; " : "", scale[i], shift[i]);
  t->what
      = mem_printf ("the input is normalised there, in %s: %s%s", x->name, what.s, trial_in (t)->c > 4 ? "; …" : "");
  return ATTEMPT_TRY;
}

enum attempt
cause_preparation (struct trial *t, int variant)
{
  const int64_t pixels = pixels_of_input (t), c = trial_in (t)->c;
  const struct node *n = &t->base->nodes[t->node];
  if (!pixels)
    return ATTEMPT_END;
  if (variant >= 2 * PREPARATIONS)
    return prepared_there (t, variant - 2 * PREPARATIONS);
  const struct preparation *p = &preparations[variant / 2];
  const bool reversed = variant % 2;
  const double *from = t->raw ? t->raw : t->ours[n->in[0]];
  double *to = trial_own_input (t);
  if (c != 3 && (p->mean[0] != p->mean[1] || reversed))
    return ATTEMPT_SKIP;
  for (int64_t row = 0; row < t->base->batch * c; row++)
    {
      const int64_t i = c == 3 ? row % c : 0, other = reversed ? row / c * c + c - 1 - row % c : row;
      for (int64_t x = 0; x < pixels; x++)
        to[row * pixels + x] = (from[other * pixels + x] / p->scale - p->mean[i]) / p->std[i];
    }
  t->what = mem_printf ("the input is prepared otherwise there: %s%s", p->what,
                        reversed ? ", the channels in the other order" : "");
  return ATTEMPT_TRY;
}

/* The element of a sample that stands at OUT's place I when the axes are read in another way. */
enum attempt
cause_input_axes (struct trial *t, int variant)
{
  static const char *const what[]
      = { "height and width are exchanged there",
          "the input is read with the channels last there, and was written with them first",
          "the input is read with the channels first there, and was written with them last" };
  const int64_t pixels = pixels_of_input (t);
  const struct shape *s = trial_in (t);
  const int64_t h = s->dim[AXIS_H], w = s->dim[AXIS_W], count = shape_count (s);
  if (!pixels || variant > 2)
    return ATTEMPT_END;
  if ((variant == 0 && h != w) || (variant && s->c == 1))
    return ATTEMPT_SKIP;
  const double *from = t->ours[t->base->nodes[t->node].in[0]];
  double *to = trial_own_input (t);
  for (int64_t i = 0; i < t->base->batch * count; i++)
    {
      const int64_t first = i / count * count, at = i % count;
      const int64_t source = variant == 0   ? at / (h * w) * h * w + at % w * w + at / w % h
                             : variant == 1 ? at % pixels * s->c + at / pixels
                                            : at % s->c * pixels + at / s->c;
      to[i] = from[first + source];
    }
  t->what = what[variant];
  return ATTEMPT_TRY;
}
