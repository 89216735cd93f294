/* The tiles of a convolution's pixels: rows of 16 neighbours, in lines. */
#include "tiling.h"

#include "backend/plan_groups.h"

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
  const struct lines rows = rows_as_lines (node_own_shape (g, n));
  if (n->win.stride[AXIS_H] > 1 || n->win.stride[AXIS_W] > 1 || n->pool)
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

/* The fewest k-steps that one of PLANES takes, of COUNT; those of all planes in *SUM. */
static int64_t
fewest_steps (const struct plan_table *planes, int64_t count, int64_t *sum)
{
  int64_t least = count;
  *sum = 0;
  for (int64_t d = 0; d < planes->rows; d++)
    {
      int64_t taken = planes->i[2 * d + 1] - planes->i[2 * d];
      least = taken < least ? taken : least;
      *sum += taken;
    }
  return least;
}

/* Of N's output, whose planes have L in them, in LEAST k-steps or more. Which blocks of sums are best was measured:
 * docs/cpu.md. */
static struct plan_tiling
tiling_of_lines (const struct graph *g, const struct node *n, const struct lines *l, int64_t least, bool wide)
{
  const int64_t tiles = l->lines * ceil_div (l->pixels, ROWS), rows = l->pixels < ROWS ? l->pixels : ROWS;
  return (struct plan_tiling){ .least_steps = least, .planes = l->planes, .lines = l->lines, .rows = rows,
                               .line_tiles = ceil_div (l->pixels, ROWS), .last = l->pixels - rows, .pitch = l->pitch,
                               .width = l->width, .y_pixel = LANES, .y_row = tensor_strides (&g->tensors[n->out]).row,
                               .r_row = plan_residual_of (g, n->ep.residual).row,
                               .pixel_tiles = wide || tiles == 1 ? 1 : 2, .halves = wide ? 4 : 2,
                               .delay = least >= 9 ? 1 : 2 };
}

struct plan_tiling
tiling_of (const struct graph *g, const struct node *n, const struct plan_steps *steps, bool alone, double *macs)
{
  const struct lines l = lines_of (g, n);
  int64_t sum, least = fewest_steps (&steps->planes, steps->count, &sum), tiles = l.lines * ceil_div (l.pixels, ROWS);
  bool wide = (least <= 2 || tiles == 1) && graph_blocks (g, n->out) % 2 == 0 && !alone;
  struct plan_tiling t = tiling_of_lines (g, n, &l, least, wide);
  if (n->pool || (l.lines == 1 && l.pitch == l.pixels)) /* the rows of a strip; planes that are joined */
    t.y_row = t.r_row = l.pitch * LANES;
  *macs = (double) (l.planes * tiles * t.rows * g->tensors[n->out].shape.c) * (double) (sum * 2 * steps->pairs)
          / (double) steps->planes.rows;
  return t;
}

/* Nanoseconds of a k-step of four products, 16 cycles each, as layers took it; bytes of inputs that a core's cache
 * keeps beside weights and outputs, and of weights. */
#define STEP_NS 30
#define KEPT_INPUTS (1 << 20)

struct work *
work_of_tiles (const struct graph *g, const struct node *n, const struct plan_steps *steps, const struct plan_tiling *t)
{
  const struct tensor *in = &g->tensors[n->in[0]];
  const int64_t wide = t->halves / 2, lanes = graph_block (g);
  double inputs
      = (double) (g->batch * format_channels (&in->format, &in->shape) * shape_pixels (&in->shape)) * sizeof (uint16_t);
  struct work *w = NEW (struct work);
  int64_t sum;
  fewest_steps (&steps->planes, steps->count, &sum);
  *w = (struct work){ .rows = graph_blocks (g, n->out) / wide,
                      .columns = g->batch * t->planes * ceil_div (t->lines * t->line_tiles, t->pixel_tiles),
                      .panels = 1,
                      .fewest = 1,
                      .cut = { 1, 1, 0 },
                      .high = { 1, 1, 0 },
                      .unit_ns = STEP_NS * (double) sum / (double) steps->planes.rows,
                      .row_bytes = (double) (steps->count * wide * lanes * lanes) * sizeof (uint16_t) };
  w->column_bytes = inputs / (double) w->columns / (n->groups > 1 ? (double) w->rows : 1);
  if (n->groups == 1 && w->row_bytes * (double) w->rows <= KEPT_INPUTS)
    w->panels = w->fewest = ceil_div ((int64_t) inputs, KEPT_INPUTS);
  return w;
}

struct plan_tiling
tiling_of_phases (const struct graph *g, const struct node *n, int64_t rows, int64_t columns, int64_t least)
{
  const struct tensor *in = &g->tensors[n->in[0]];
  const int64_t *stride = n->win.stride, pitch = format_extent (&in->format, &in->shape, AXIS_W);
  const struct lines l = { 1, 1, (rows - 1) * pitch + columns, pitch, columns };
  struct plan_tiling t = tiling_of_lines (g, n, &l, least, false);
  t.y_pixel *= stride[AXIS_W];
  t.y_row *= stride[AXIS_H];
  t.r_row *= stride[AXIS_H];
  return t;
}
