/* Candidates of a convolution, transposed or not. */
#include "choice.h"

#include <inttypes.h>
#include <string.h>

#include "backend/kernel.h"
#include "backend/phases.h"
#include "weights.h"
#include "winograd.h"

/* A dense convolution over blocks of channels: not a stem, which reads planes. */
static bool
over_blocks (const struct graph *g, const struct node *n)
{
  return n->op == OP_CONV && n->groups == 1 && !n->pool && !reads_planes (g, n);
}

/* 3x3 or 3x3x3, stride 1, channels enough for whole vectors. */
static bool
winograd_applies (const struct graph *g, const struct node *n)
{
  for (int a = 0; a < AXES; a++)
    if (n->win.stride[a] != 1 || n->win.dilation[a] != 1 || n->win.pad_lo[a] < 0
        || (n->win.kernel[a] != 3 && !(a == AXIS_D && n->win.kernel[a] == 1)))
      return false;
  return !g->exact && !g->straight && g->tensors[n->in[0]].shape.c >= BLOCK && g->tensors[n->out].shape.c >= BLOCK;
}

/* 1x1 without padding, halves of the channels that are whole blocks, and pixels that can be halved. */
static bool
strassen_applies (const struct graph *g, const struct node *n)
{
  const struct shape *in = &g->tensors[n->in[0]].shape, *out = &g->tensors[n->out].shape;
  for (int a = 0; a < AXES; a++)
    if (n->win.kernel[a] != 1 || n->win.pad_lo[a] != 0 || n->win.pad_hi[a] > 0)
      return false;
  return !g->exact && !g->straight && in->c % (2 * BLOCK) == 0 && out->c % (2 * BLOCK) == 0 && shape_pixels (out) > 1;
}

/* C with what its weights take. */
static struct candidate
candidate (const struct graph *g, const struct node *n, struct choice c)
{
  return (struct candidate){ .choice = c, .weight_floats = weights_count (g, n, c) };
}

/* A stem whose phases Winograd's tiles fit: directly or so. */
static int
stem_list (const struct graph *g, const struct node *n, struct candidate list[CHOICES_MAX])
{
  struct polyphase p;
  if (!stem_winograd_applies (g, n, &p))
    return 0;
  list[0] = candidate (g, n, (struct choice){ 0 });
  const struct choice winograd = { ALGORITHM_WINOGRAD, { p.tile[0], p.tile[1], p.tile[2] }, ORDER_OF_SHAPE };
  list[1] = candidate (g, n, winograd);
  return 2;
}

/* ---- transposed convolutions ---- */

/* Two or three taps of each output along H and W, whatever the stride; D is not transformed. */
static bool
phases_winograd_applies (const struct graph *g, const struct node *n)
{
  for (int a = AXIS_H; a < AXES; a++)
    {
      int64_t most = phases_most_taps (&n->win, a, g->tensors[n->out].shape.dim[a]);
      if (most < 2 || most > 3)
        return false;
    }
  return !g->exact && g->tensors[n->in[0]].shape.c >= BLOCK;
}

static int
transposed_list (const struct graph *g, const struct node *n, struct candidate list[CHOICES_MAX])
{
  int count = 0;
  list[count++] = candidate (g, n, (struct choice){ 0 });
  for (int m = 2; m <= 4 && phases_winograd_applies (g, n); m *= 2)
    list[count++] = candidate (g, n, (struct choice){ ALGORITHM_WINOGRAD, { 1, m, m }, ORDER_OF_SHAPE });
  return count;
}

int
choice_list (const struct graph *g, const struct node *n, struct candidate list[CHOICES_MAX])
{
  if (graph_element (g) != ELEMENT_F32) /* transforms of rounded values would cost more digits than they have */
    return 0;
  if (n->op == OP_TRANSPOSED_CONV)
    return transposed_list (g, n, list);
  if (!over_blocks (g, n))
    return stem_list (g, n, list);
  int count = 0;
  list[count++] = candidate (g, n, (struct choice){ 0 });
  for (int m = 2; m <= 4 && winograd_applies (g, n); m += 2)
    for (int m_d = 1; m_d <= 4; m_d *= 2)
      if ((m_d == 1) == (n->win.kernel[AXIS_D] == 1))
        list[count++] = candidate (g, n, (struct choice){ ALGORITHM_WINOGRAD, { m_d, m, m }, ORDER_OF_SHAPE });
  if (strassen_applies (g, n))
    list[count++] = candidate (g, n, (struct choice){ .algorithm = ALGORITHM_STRASSEN });
  return count;
}

/* Strips and output blocks, several of each, take turns. */
static bool
two_orders (const struct graph *g, const struct node *n)
{
  const struct shape *out = &g->tensors[n->out].shape;
  return over_blocks (g, n) && out->c > BLOCK && out->dim[AXIS_D] * out->dim[AXIS_H] > 1;
}

int
choice_list_measured (const struct graph *g, const struct node *n, struct candidate list[CHOICES_MAX])
{
  int count = choice_list (g, n, list);
  if (!count || n->op != OP_CONV || !two_orders (g, n))
    return count;
  memmove (list + 1, list, (size_t) count * sizeof *list);
  list[0].choice.order = ORDER_BLOCKS_FIRST;
  list[1].choice.order = ORDER_STRIPS_FIRST;
  return count + 1;
}

bool
choice_applies (const struct graph *g, const struct node *n, struct choice c, int64_t *weight_floats)
{
  struct candidate list[2 * CHOICES_MAX];
  int count = choice_list (g, n, list);
  count += choice_list_measured (g, n, list + count);
  for (int i = 0; i < count; i++)
    if (choice_equal (list[i].choice, c))
      {
        *weight_floats = list[i].weight_floats;
        return true;
      }
  return false;
}

/* Extents of the axes that a network of RANK has: "8x56x56"; one number where all are equal and SHORT. */
static char *
extents (int rank, const int64_t v[AXES], bool shortened)
{
  struct text t = { 0 };
  int first = rank == 3 ? AXIS_D : AXIS_H;
  if (shortened && v[AXIS_H] == v[AXIS_W] && v[first] == v[AXIS_W])
    return mem_printf ("%" PRId64, v[AXIS_W]);
  for (int a = first; a < AXES; a++)
    text_printf (&t, "%s%" PRId64, t.n ? "x" : "", v[a]);
  return t.s;
}

char *
choice_layer (const struct graph *g, const struct node *n)
{
  const struct shape *in = &g->tensors[n->in[0]].shape, *out = node_own_shape (g, n);
  const int64_t *dilation = n->win.dilation;
  struct text t = { 0 };
  int rank = in->rank;
  text_printf (&t, "%" PRId64 "x%s -> %" PRId64 "x%s, %skernel %s, stride %s", in->c, extents (rank, in->dim, false),
               out->c, extents (rank, out->dim, false), n->op == OP_TRANSPOSED_CONV ? "transposed " : "",
               extents (rank, n->win.kernel, false),
               extents (rank, n->win.stride, true));
  if (dilation[AXIS_D] != 1 || dilation[AXIS_H] != 1 || dilation[AXIS_W] != 1)
    text_printf (&t, ", dilation %s", extents (rank, dilation, true));
  if (n->pool)
    text_printf (&t, ", max pool %s, stride %s", extents (rank, n->pool->win.kernel, false),
                 extents (rank, n->pool->win.stride, true));
  if (n->groups > 1)
    text_printf (&t, ", groups %" PRId64, n->groups);
  if (g->batch > 1)
    text_printf (&t, ", batch %" PRId64, g->batch);
  return t.s;
}
