/* Transposed convolution, direct or by Winograd: a table of phases for each axis. */
#include <inttypes.h>
#include <math.h>

#include "backend/phases.h"
#include "plan_cpu.h"
#include "select_families.h"

/* One axis of the phases. */
struct plan_phases
plan_phases_of (const struct window *w, int a, int64_t in, int64_t out)
{
  struct plan_phases p = { .phases = phase_count (w, a, out) };
  int64_t *row = NEW_ARRAY ((size_t) (4 * p.phases), int64_t);
  p.table = (struct plan_table){ .rows = p.phases, .ints = 4, .i = row };
  for (int64_t f = 0; f < p.phases; f++, row += 4)
    {
      struct phase ph = phase_of (w, a, out, f);
      row[0] = ph.taps;
      row[1] = p.all_taps;
      row[2] = ph.taps ? ph.first : 0;
      row[3] = ph.count;
      p.cut |= a != AXIS_W && ph.taps && (ph.first < 0 || ph.first + ph.taps + ph.count - 1 > in);
      p.taps = f == 0 || p.taps == ph.taps ? ph.taps : -1;
      p.all_taps += ph.taps;
      p.count = ph.count > p.count ? ph.count : p.count;
    }
  return p;
}

/* Along axis A: the taps of all outputs, those of rows and planes of padding left out. */
static int64_t
taps_inside (const struct window *w, int a, int64_t in, int64_t out)
{
  int64_t taps = 0;
  for (int64_t f = 0; f < phase_count (w, a, out); f++)
    {
      struct phase p = phase_of (w, a, out, f);
      for (int64_t i = p.first; i < p.first + p.count; i++)
        {
          int64_t first = i < 0 ? 0 : i, end = i + p.taps < in ? i + p.taps : in;
          taps += a == AXIS_W ? p.taps : end > first ? end - first : 0;
        }
    }
  return taps;
}

static struct kernel *
direct (const struct graph *g, const struct node *n, const struct target *target)
{
  const struct shape *in = &g->tensors[n->in[0]].shape, *out = &g->tensors[n->out].shape;
  struct weights_place w = weights_of (g, n);
  struct cpu_conv_transposed *p = plan_new (&cpu_conv_transposed_family);
  *p = (struct cpu_conv_transposed){ .io = plan_io_of (g, n),
                                     .d = plan_phases_of (&n->win, AXIS_D, in->dim[0], out->dim[0]),
                                     .h = plan_phases_of (&n->win, AXIS_H, in->dim[1], out->dim[1]),
                                     .w = plan_phases_of (&n->win, AXIS_W, in->dim[2], out->dim[2]),
                                     .s = plan_axes_of (n->win.stride),
                                     .last_channels = in->c - (blocks (in->c) - 1) * BLOCK,
                                     .ep = w.ep,
                                     .res = plan_residual_of (g, n->ep.residual),
                                     .tile = plan_register_tile_of (&target->single),
                                     .cut = plan_cut_of (ceil_div (out->dim[AXIS_W], n->win.stride[AXIS_W]),
                                                         target->single.pixels) };
  struct kernel *k = kernel_of_plan (n, &cpu_conv_transposed_family, p, &w);
  k->executed_macs = (double) in->c * (double) out->c;
  for (int a = 0; a < AXES; a++)
    k->executed_macs *= (double) taps_inside (&n->win, a, in->dim[a], out->dim[a]);
  name_kernel (k, g, n, mem_printf ("deconv%s%s", window_name (in->rank, n->win.kernel),
                                    stride_name (in->rank, n->win.stride)), n->type);
  k->reason = "a dense convolution for each output phase";
  return k;
}

/* ---- Winograd ---- */

/* An axis that is transformed. *SHIFTED: some phase does not begin where the tiles do. */
static struct plan_tiled_phases
tiled_phases_of (const struct window *w, int a, int64_t out, int64_t m, bool *shifted)
{
  struct phase_tiles tiles = phase_tiles (w, a, out, m);
  struct plan_tiled_phases p = { .phases = phase_count (w, a, out), .tiles = tiles.count };
  int64_t *row = NEW_ARRAY ((size_t) (5 * p.phases), int64_t);
  p.table = (struct plan_table){ .rows = p.phases, .ints = 5, .i = row };
  for (int64_t f = 0; f < p.phases; f++, row += 5)
    {
      struct phase ph = phase_of (w, a, out, f);
      struct phase_in_tiles t = phase_in_tiles (ph, tiles, m);
      row[0] = t.start;
      row[1] = ph.count;
      row[2] = t.from;
      row[3] = t.end;
      row[4] = p.positions;
      p.positions += t.end - t.from;
      *shifted |= t.start > 0;
    }
  return p;
}

/* From a phase's output plane to the first and the last input plane that any phase's reads. */
struct planes
{
  int64_t first, last;
};

static struct planes
planes_of (const struct window *w, int64_t out)
{
  struct planes r = { INT64_MAX, INT64_MIN };
  for (int64_t f = 0; f < phase_count (w, AXIS_D, out); f++)
    {
      struct phase p = phase_of (w, AXIS_D, out, f);
      if (p.taps && p.first < r.first)
        r.first = p.first;
      if (p.taps && p.first + p.taps - 1 > r.last)
        r.last = p.first + p.taps - 1;
    }
  return r;
}

/* What a unit of work may take at most, its thread's stack having it. */
#define STACK_BYTES ((int64_t) 2048 * 1024)

/* Rows of a matrix product, tiles times planes, that are too few for the cache to matter. */
#define LEAST_ROWS 12

/* How much a unit of work takes. */
struct unit
{
  int64_t tiles, planes; /* of H and W; output planes of each phase of D */
};

static int64_t
unit_position (struct unit u, int64_t in_blocks, int64_t in_d, int64_t span)
{
  int64_t planes = u.planes + span < in_d ? u.planes + span : in_d;
  return (planes * in_blocks * u.tiles | 1) * BLOCK;
}

static int64_t
unit_floats (struct unit u, int64_t in_blocks, int64_t in_d, int64_t span, int64_t face)
{
  return face * (unit_position (u, in_blocks, in_d, span) + u.planes * u.tiles * BLOCK);
}

/* The time that TILES tiles take in units of U, relative to others: of a row of register tiles of PIXELS each has its
 * weights to load, once more for each unit from a cache far away, and units share some input planes. */
static double
unit_cost (struct unit u, int64_t tiles, int64_t span, int64_t pixels)
{
  double rows = (double) (ceil_div (tiles, u.tiles) * (u.tiles + ceil_div (u.tiles, pixels)));
  return rows * (1 + 6.0 / (double) (u.tiles * u.planes) + 0.02 * (double) span / (double) u.planes);
}

/* The unit of the least cost that the cache keeps, or where that is too little one that it does not. */
static struct unit
choose_unit (const struct target *t, int64_t tiles, int64_t out_planes, int64_t in_blocks, int64_t in_d, int64_t span,
             int64_t face)
{
  const int64_t unit_bytes[] = { t->caches.phases, STACK_BYTES }, pixels = t->single.pixels;
  struct unit best = { 1, 1 };
  double least = HUGE_VAL;
  for (size_t i = 0; i < sizeof unit_bytes / sizeof *unit_bytes && (i == 0 || best.tiles * best.planes < LEAST_ROWS);
       i++)
    for (int64_t planes = 1; planes <= out_planes; planes++)
      for (int64_t count = 1; count <= tiles; count++)
        {
          struct unit u = { ceil_div (tiles, count), ceil_div (out_planes, ceil_div (out_planes, planes)) };
          double cost = unit_cost (u, tiles, span, pixels);
          if (unit_floats (u, in_blocks, in_d, span, face) * (int64_t) sizeof (float) <= unit_bytes[i] && cost < least)
            {
              best = u;
              least = cost;
            }
        }
  return best;
}

/* The plan but for its unit of work. */
static struct cpu_conv_transposed_winograd
phases_by_winograd (const struct graph *g, const struct node *n, const struct weights_place *w)
{
  const struct tensor *in = &g->tensors[n->in[0]];
  const int64_t *dim = g->tensors[n->out].shape.dim, m = n->choice.tile[AXIS_W];
  struct strides x = tensor_strides (in);
  struct planes planes = planes_of (&n->win, dim[AXIS_D]);
  bool shifted = false;
  struct cpu_conv_transposed_winograd p
      = { .io = plan_io_of (g, n),
          .d = plan_phases_of (&n->win, AXIS_D, in->shape.dim[AXIS_D], dim[AXIS_D]),
          .s = plan_axes_of (n->win.stride),
          .outputs = m,
          .outputs_d = 1,
          .in_start = x.origin + phase_tiles (&n->win, AXIS_H, dim[AXIS_H], m).first * x.row
                      + phase_tiles (&n->win, AXIS_W, dim[AXIS_W], m).first * x.pixel,
          .last_channels = in->shape.c - (blocks (in->shape.c) - 1) * BLOCK,
          .ep = w->ep,
          .res = plan_residual_of (g, n->ep.residual),
          .first_d = planes.first,
          .last_d = planes.last };
  p.h = tiled_phases_of (&n->win, AXIS_H, dim[AXIS_H], m, &shifted);
  p.w = tiled_phases_of (&n->win, AXIS_W, dim[AXIS_W], m, &shifted);
  p.shifted = shifted;
  return p;
}

static struct kernel *
by_winograd (const struct graph *g, const struct node *n, const struct target *target)
{
  const struct shape *in = &g->tensors[n->in[0]].shape, *out = &g->tensors[n->out].shape;
  const struct register_tile *tile = &target->single;
  struct weights_place w = weights_of (g, n);
  struct cpu_conv_transposed_winograd *p = plan_new (&cpu_conv_transposed_winograd_family);
  *p = phases_by_winograd (g, n, &w);
  int64_t m = p->outputs, face = (m + 2) * (m + 2), in_d = in->dim[AXIS_D], span = p->last_d - p->first_d;
  int64_t tiles = p->h.tiles * p->w.tiles, out_planes = ceil_div (out->dim[AXIS_D], n->win.stride[AXIS_D]);
  struct unit u = choose_unit (target, tiles, out_planes, blocks (in->c), in_d, span, face);
  p->block_tiles = u.tiles;
  p->block_count = ceil_div (tiles, u.tiles);
  p->group_d = u.planes;
  p->group_count = ceil_div (out_planes, u.planes);
  p->position = unit_position (u, blocks (in->c), in_d, span);
  p->tile = plan_register_tile_of (tile);
  p->cut = plan_cut_of (u.tiles, tile->pixels);
  struct kernel *k = kernel_of_plan (n, &cpu_conv_transposed_winograd_family, p, &w);
  k->scratch_bytes = unit_floats (u, blocks (in->c), in_d, span, face) * (int64_t) sizeof (float);
  /* products of missing tiles are computed, too */
  k->executed_macs = (double) (p->block_count * u.tiles * p->h.positions * p->w.positions
                               * taps_inside (&n->win, AXIS_D, in->dim[AXIS_D], out->dim[AXIS_D]))
                     * (double) in->c * (double) out->c;
  name_kernel (k, g, n, mem_printf ("deconv%s%s_winograd%dx%d", window_name (in->rank, n->win.kernel),
                                    stride_name (in->rank, n->win.stride), (int) m, (int) m),
               mem_printf ("%s by Winograd, tiles of %dx%d", n->type, (int) m, (int) m));
  k->reason = "the output phases' filters along H and W have at most three taps and share transformed inputs";
  return k;
}

struct kernel *
select_transposed (const struct graph *g, const struct node *n, const struct target *target)
{
  return n->choice.algorithm == ALGORITHM_WINOGRAD ? by_winograd (g, n, target) : direct (g, n, target);
}
