/* Convolutions of bf16 numbers by tile products. */
#include "orders.h"
#include "pairs.h"
#include "plan_cpu.h"
#include "select_families.h"

enum
{
  ROWS = 16, /* of a tile, at most */
  LANES = 32 /* channels of a block */
};

/* The pixels of a plane as tiles take them. */
struct lines
{
  int64_t planes, lines, pixels; /* … of a line */
  int64_t pitch, width;
};

/* Every row a line. */
static struct lines
rows_as_lines (const struct shape *out)
{
  const int64_t *dim = out->dim;
  return (struct lines){ dim[AXIS_D], dim[AXIS_H], dim[AXIS_W], dim[AXIS_W], dim[AXIS_W] };
}

/* A plane a line, rows one behind the other as in the input; its strides are 1. */
static struct lines
planes_as_lines (const struct tensor *in, const struct shape *out)
{
  const int64_t *dim = out->dim, pitch = format_extent (&in->format, &in->shape, AXIS_W);
  return (struct lines){ dim[AXIS_D], 1, (dim[AXIS_H] - 1) * pitch + dim[AXIS_W], pitch, dim[AXIS_W] };
}

static int64_t
tiles_of (const struct lines *l)
{
  return l->planes * l->lines * ceil_div (l->pixels, ROWS);
}

static bool
has_halo (const struct tensor *t)
{
  for (int a = 0; a < AXES; a++)
    if (t->format.halo_lo[a] || t->format.halo_hi[a])
      return true;
  return false;
}

static bool
is_pointwise (const struct window *w)
{
  for (int a = 0; a < AXES; a++)
    if (w->kernel[a] != 1 || w->stride[a] != 1 || w->pad_lo[a] != 0)
      return false;
  return true;
}

/* The way that takes fewest tiles. */
static struct lines
lines_of (const struct graph *g, const struct node *n)
{
  const struct tensor *in = &g->tensors[n->in[0]], *out = &g->tensors[n->out];
  const struct lines rows = rows_as_lines (&out->shape);
  if (n->win.stride[AXIS_H] > 1 || n->win.stride[AXIS_W] > 1)
    return rows;
  if (is_pointwise (&n->win) && !has_halo (in) && !has_halo (out)
      && (n->ep.residual < 0 || !has_halo (&g->tensors[n->ep.residual])))
    {
      int64_t pixels = shape_pixels (&out->shape);
      return (struct lines){ 1, 1, pixels, pixels, pixels };
    }
  const struct lines planes = planes_as_lines (in, &out->shape);
  return tiles_of (&planes) <= tiles_of (&rows) ? planes : rows;
}

/* The fewest k-steps that a plane of STEPS takes; those of all planes in *SUM. */
static int64_t
least_steps (const struct plan_steps *steps, int64_t *sum)
{
  int64_t least = steps->count;
  *sum = 0;
  for (int64_t d = 0; d < steps->planes.rows; d++)
    {
      int64_t taken = steps->planes.i[2 * d + 1] - steps->planes.i[2 * d];
      least = taken < least ? taken : least;
      *sum += taken;
    }
  return least;
}

/* How many blocks of sums lie between a product and its output, and the shape of these blocks: measured, docs/cpu.md. */
static void
choose_block (struct cpu_conv_tiles *p)
{
  int64_t tiles = p->lines * p->line_tiles, blocks = p->io.out.blocks;
  bool wide = (p->least_steps <= 2 || tiles == 1) && blocks % 2 == 0 && !p->inputs.differ;
  p->pixel_tiles = wide || tiles == 1 ? 1 : 2;
  p->halves = wide ? 4 : 2;
  p->delay = p->least_steps >= 9 ? 1 : 2;
}

struct kernel *
select_tiles (const struct graph *g, const struct node *n)
{
  const struct tensor *in = &g->tensors[n->in[0]];
  const struct weights_place w = weights_of (g, n);
  const struct lines l = lines_of (g, n);
  const bool joined = l.lines == 1 && l.pitch == l.pixels;
  int64_t rows = l.pixels < ROWS ? l.pixels : ROWS, steps;
  struct cpu_conv_tiles *p = plan_new (&cpu_conv_tiles_family);
  *p = (struct cpu_conv_tiles){ .io = plan_io_of (g, n), .win = plan_window_of (&n->win),
                                .sums = plan_sums_of (g, n, &w, first_tap_at (in, &n->win)),
                                .inputs = plan_input_blocks_of (g, n), .steps = plan_steps_of (g, n),
                                .planes = l.planes, .lines = l.lines, .rows = rows,
                                .line_tiles = ceil_div (l.pixels, ROWS), .last = l.pixels - rows, .pitch = l.pitch,
                                .width = l.width };
  p->least_steps = least_steps (&p->steps, &steps);
  p->y_row = joined ? l.pitch * LANES : p->io.out.row;
  p->r_row = joined ? l.pitch * LANES : p->sums.res.row;
  choose_block (p);
  struct kernel *k = kernel_of_plan (n, &cpu_conv_tiles_family, p, &w);
  k->executed_macs = (double) (l.planes * l.lines * p->line_tiles * rows * g->tensors[n->out].shape.c)
                     * (double) (steps * 2 * p->steps.pairs) / (double) p->steps.planes.rows;
  name_conv (k, g, n, "products of tiles: 16 pixels by 32 inputs by 16 output channels");
  return k;
}
