/* What may be otherwise with a window: padding, stride, dilation, and what a pool does with what it sees. */
#include "parts.h"

#include <inttypes.h>
#include <string.h>

#include "graph/shape.h"

static bool
has_window (const struct node *n)
{
  return n->op == OP_CONV || n->op == OP_TRANSPOSED_CONV || n->op == OP_MAX_POOL || n->op == OP_AVERAGE_POOL;
}

/* "[1, 1]": of the axes that a network has. */
static const char *
axes_text (const struct trial *t, const int64_t v[AXES])
{
  struct text s = { 0 };
  for (int a = AXES - t->base->rank; a < AXES; a++)
    text_printf (&s, "%s%" PRId64, s.n ? ", " : "[", v[a]);
  text_add (&s, "]");
  return s.s;
}

static const char *
padding_text (const struct trial *t, const struct window *w)
{
  return mem_printf ("%s in front and %s behind", axes_text (t, w->pad_lo), axes_text (t, w->pad_hi));
}

enum attempt
cause_padding_side (struct trial *t, int variant)
{
  struct node *n = trial_node (t);
  const struct window before = n->win;
  if (!has_window (n) || variant > 3)
    return ATTEMPT_END;
  for (int a = 0; a < AXES; a++)
    {
      const int64_t all = before.pad_lo[a] + before.pad_hi[a];
      const int64_t front[] = { all / 2, all - all / 2, 0, all };
      n->win.pad_lo[a] = front[variant];
      n->win.pad_hi[a] = all - front[variant];
    }
  if (!memcmp (&before, &n->win, sizeof before))
    return ATTEMPT_SKIP;
  t->what = mem_printf ("the padding lies on another side: %s there, %s here", padding_text (t, &n->win),
                        padding_text (t, &before));
  return ATTEMPT_TRY;
}

/* Another width of the padding: of equal width on both sides, or what keeps the extents ("same"). */
enum attempt
cause_padding (struct trial *t, int variant)
{
  struct node *n = trial_node (t);
  const struct window before = n->win;
  if (!has_window (n) || variant > 4)
    return ATTEMPT_END;
  if (variant == 4 && n->op != OP_TRANSPOSED_CONV)
    shape_same_padding (&n->win, trial_in (t)->dim);
  for (int a = AXES - t->base->rank; variant < 4 && a < AXES; a++)
    n->win.pad_lo[a] = n->win.pad_hi[a] = variant;
  if (!memcmp (&before, &n->win, sizeof before))
    return ATTEMPT_SKIP;
  t->what = mem_printf ("the padding is another one: %s there, %s here", padding_text (t, &n->win),
                        padding_text (t, &before));
  return ATTEMPT_TRY;
}

/* The next convolution behind node I on its path. */
static int
next_conv (const struct graph *g, int i)
{
  int tensor = g->nodes[i].out;
  for (int j = i + 1; j < g->node_count && j < i + 5; j++)
    if (!g->nodes[j].dead && node_reads (&g->nodes[j], tensor))
      {
        if (g->nodes[j].op == OP_CONV)
          return j;
        tensor = g->nodes[j].out;
      }
  return -1;
}

/* Two convolutions of a block, one of which halves the map: the other one does. */
enum attempt
cause_stride_place (struct trial *t, int variant)
{
  struct node *n = trial_node (t);
  const int other = n->op == OP_CONV ? next_conv (&t->g, t->node) : -1;
  if (other < 0 || variant > 1)
    return ATTEMPT_END;
  struct node *next = &t->g.nodes[other];
  int64_t stride[AXES];
  if (!memcmp (n->win.stride, next->win.stride, sizeof stride))
    return ATTEMPT_END;
  memcpy (stride, n->win.stride, sizeof stride);
  memcpy (n->win.stride, next->win.stride, sizeof stride);
  memcpy (next->win.stride, stride, sizeof stride);
  if (variant)
    {
      shape_same_padding (&n->win, trial_in (t)->dim);
      struct shape middle = *trial_in (t);
      for (int a = 0; a < AXES; a++)
        middle.dim[a] = ceil_div (middle.dim[a], n->win.stride[a]);
      shape_same_padding (&next->win, middle.dim);
    }
  t->what = mem_printf ("the stride stands at another place: %s has %s and %s %s there", n->name,
                        axes_text (t, n->win.stride), next->name, axes_text (t, next->win.stride));
  return ATTEMPT_TRY;
}

enum attempt
cause_stride (struct trial *t, int variant)
{
  struct node *n = trial_node (t);
  const struct window before = n->win;
  if (!has_window (n) || n->op == OP_TRANSPOSED_CONV || variant > 5)
    return ATTEMPT_END;
  for (int a = AXES - t->base->rank; a < AXES; a++)
    n->win.stride[a] = 1 + variant % 3;
  if (variant >= 3)
    shape_same_padding (&n->win, trial_in (t)->dim);
  if (!memcmp (before.stride, n->win.stride, sizeof before.stride))
    return ATTEMPT_SKIP;
  t->what = mem_printf ("the stride is %s there, %s here", axes_text (t, n->win.stride), axes_text (t, before.stride));
  return ATTEMPT_TRY;
}

enum attempt
cause_dilation (struct trial *t, int variant)
{
  struct node *n = trial_node (t);
  const struct window before = n->win;
  if (!has_window (n) || n->op == OP_TRANSPOSED_CONV || variant > 7)
    return ATTEMPT_END;
  for (int a = AXES - t->base->rank; a < AXES; a++)
    {
      n->win.dilation[a] = 1 + variant % 4;
      if (variant >= 4 && n->win.kernel[a] > 1)
        n->win.pad_lo[a] = n->win.pad_hi[a] = n->win.dilation[a] * (n->win.kernel[a] - 1) / 2;
    }
  if (!memcmp (before.dilation, n->win.dilation, sizeof before.dilation))
    return ATTEMPT_SKIP;
  t->what = mem_printf ("the dilation is %s there, %s here", axes_text (t, n->win.dilation),
                        axes_text (t, before.dilation));
  return ATTEMPT_TRY;
}

/* Maxima or averages, and an extent that is rounded up. */
enum attempt
cause_pool (struct trial *t, int variant)
{
  struct node *n = trial_node (t);
  const enum op op = n->op;
  if (variant > 2)
    return ATTEMPT_END;
  if (variant < 2 && (op == OP_MAX_POOL || op == OP_AVERAGE_POOL))
    {
      n->op = op == OP_MAX_POOL ? OP_AVERAGE_POOL : OP_MAX_POOL;
      n->count_padding = variant;
      t->what = op == OP_MAX_POOL ? "the pool takes averages there, maxima here"
                                  : "the pool takes maxima there, averages here";
      return ATTEMPT_TRY;
    }
  if (variant == 0 && (op == OP_GLOBAL_AVERAGE_POOL || op == OP_GLOBAL_MAX_POOL))
    {
      n->op = op == OP_GLOBAL_MAX_POOL ? OP_GLOBAL_AVERAGE_POOL : OP_GLOBAL_MAX_POOL;
      t->what = op == OP_GLOBAL_MAX_POOL ? "the pool takes averages there, maxima here"
                                         : "the pool takes maxima there, averages here";
      return ATTEMPT_TRY;
    }
  if (variant < 2 || (op != OP_MAX_POOL && op != OP_AVERAGE_POOL))
    return ATTEMPT_SKIP;
  for (int a = AXES - t->base->rank; a < AXES; a++)
    n->win.pad_hi[a] += n->win.stride[a] - 1;
  t->what = "the pool's extents are rounded up there (ceil mode), down here";
  return ATTEMPT_TRY;
}

enum attempt
cause_count_padding (struct trial *t, int variant)
{
  struct node *n = trial_node (t);
  if (n->op != OP_AVERAGE_POOL || variant)
    return ATTEMPT_END;
  n->count_padding = !n->count_padding;
  t->what = n->count_padding ? "the pool counts the padding there, and not here"
                             : "the pool does not count the padding there";
  return ATTEMPT_TRY;
}

enum attempt
cause_align_corners (struct trial *t, int variant)
{
  struct node *n = trial_node (t);
  const bool align = n->align_corners, nearest = n->nearest;
  if (n->op != OP_UPSAMPLE || variant > 2)
    return ATTEMPT_END;
  n->nearest = variant == 2;
  n->align_corners = variant == 1;
  if (n->nearest == nearest && (n->align_corners == align || nearest))
    return ATTEMPT_SKIP;
  static const char *const kinds[] = { "linear, without aligned corners", "linear, with aligned corners", "nearest" };
  t->what = mem_printf ("the map is enlarged otherwise: %s there, %s here", kinds[variant], kinds[nearest ? 2 : align]);
  return ATTEMPT_TRY;
}
