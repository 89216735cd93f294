/* Transposed convolution, direct or by Winograd: its kernel's tables of phases, one per axis. */
#include <inttypes.h>
#include <math.h>

#include "backend/phases.h"
#include "select_parts.h"

static const char *const axis_name[AXES] = { "D", "H", "W" };

/* One axis of the phases, as the template's table: { taps, taps of the phases before, input of the first tap,
 * outputs }. CUT: at the borders some taps of whole rows meet the halo alone. Returns the sum of all phases' taps. */
static int64_t
set_axis (struct kernel *k, const struct window *w, int a, int64_t in, int64_t out)
{
  int64_t phases = phase_count (w, a, out), taps = 0, equal = -1, most = 0;
  struct text table = { 0 };
  bool cut = false;
  for (int64_t f = 0; f < phases; f++)
    {
      struct phase p = phase_of (w, a, out, f);
      text_printf (&table, "%s{ %" PRId64 ", %" PRId64 ", %" PRId64 ", %" PRId64 " }", f ? ", " : "", p.taps, taps,
                   p.taps ? p.first : 0, p.count);
      cut |= p.taps && (p.first < 0 || p.first + p.taps + p.count - 1 > in);
      equal = f == 0 || equal == p.taps ? p.taps : -1;
      taps += p.taps;
      most = p.count > most ? p.count : most;
    }
  set_int (k, "PHASES", axis_name[a], phases);
  set_int (k, "COUNT", axis_name[a], most);
  set_int (k, "TAPS", axis_name[a], equal); /* -1: not the same in all phases */
  set_int (k, "ALL_TAPS", axis_name[a], taps);
  set_int (k, "CUT", axis_name[a], cut && a != AXIS_W);
  set_text (k, mem_printf ("TABLE_%s", axis_name[a]), table.s);
  return taps;
}

static void
set_stride (struct kernel *k, const struct window *w)
{
  for (int a = 0; a < AXES; a++)
    set_int (k, "S", axis_name[a], w->stride[a]);
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
  struct kernel *k = kernel_new (g, n, "conv_transposed");
  const struct tensor *in = &g->tensors[n->in[0]], *out = &g->tensors[n->out];
  int64_t taps = 1;
  for (int a = 0; a < AXES; a++)
    taps *= set_axis (k, &n->win, a, in->shape.dim[a], out->shape.dim[a]);
  set_stride (k, &n->win);
  k->executed_macs = (double) in->shape.c * (double) out->shape.c;
  for (int a = 0; a < AXES; a++)
    k->executed_macs *= (double) taps_inside (&n->win, a, in->shape.dim[a], out->shape.dim[a]);
  k->packing = PACK_TRANSPOSED;
  k->weight_floats = taps * in->shape.c * blocks (out->shape.c) * BLOCK;
  set_int (k, "LAST_CHANNELS", NULL, in->shape.c - (blocks (in->shape.c) - 1) * BLOCK);
  set_epilogue (k, g, n);
  set_residual (k, g, n->ep.residual);
  k->of_target = true;
  set_tile (k, &target->single);
  set_tiles (k, "TILE", ceil_div (out->shape.dim[AXIS_W], n->win.stride[AXIS_W]), target->single.pixels);
  k->of_target = false;
  int rank = in->shape.rank;
  name_kernel (k, g, n, mem_printf ("deconv%s%s", window_name (rank, n->win.kernel), stride_name (rank, n->win.stride)),
               n->type);
  k->reason = "a dense convolution for each output phase";
  return k;
}

/* ---- Winograd ---- */

/* An axis that is transformed: { its first output in the tiles, outputs, positions from, to, those of the phases before }.
 * Returns the sum of all phases' positions. *SHIFTED: some phase does not begin where the tiles do. */
static int64_t
set_tiled_axis (struct kernel *k, const struct window *w, int a, int64_t out, int64_t m, bool *shifted)
{
  struct phase_tiles tiles = phase_tiles (w, a, out, m);
  int64_t positions = 0;
  struct text table = { 0 };
  for (int64_t f = 0; f < phase_count (w, a, out); f++)
    {
      struct phase p = phase_of (w, a, out, f);
      struct phase_in_tiles t = phase_in_tiles (p, tiles, m);
      text_printf (&table, "%s{ %" PRId64 ", %" PRId64 ", %" PRId64 ", %" PRId64 ", %" PRId64 " }", f ? ", " : "",
                   t.start, p.count, t.from, t.end, positions);
      positions += t.end - t.from;
      *shifted |= t.start > 0;
    }
  set_int (k, "PHASES", axis_name[a], phase_count (w, a, out));
  set_int (k, "TILES", axis_name[a], tiles.count);
  set_int (k, "ALL_POSITIONS", axis_name[a], positions);
  set_text (k, mem_printf ("TABLE_%s", axis_name[a]), table.s);
  return positions;
}

/* FIRST_D: from a phase's output to the first input plane that any phase's reads; LAST_D: to the last. */
static void
set_planes (struct kernel *k, const struct window *w, int64_t out, int64_t *first, int64_t *last)
{
  *first = INT64_MAX;
  *last = INT64_MIN;
  for (int64_t f = 0; f < phase_count (w, AXIS_D, out); f++)
    {
      struct phase p = phase_of (w, AXIS_D, out, f);
      if (p.taps && p.first < *first)
        *first = p.first;
      if (p.taps && p.first + p.taps - 1 > *last)
        *last = p.first + p.taps - 1;
    }
  set_int (k, "FIRST_D", NULL, *first);
  set_int (k, "LAST_D", NULL, *last);
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
  for (size_t i = 0; i < sizeof unit_bytes / sizeof *unit_bytes && (i == 0 || best.tiles * best.planes < LEAST_ROWS); i++)
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

/* Returns the tiles of all units, products of missing ones being computed as well. */
static int64_t
set_unit (struct kernel *k, const struct graph *g, const struct node *n, const struct target *target, int64_t tiles)
{
  const struct shape *in = &g->tensors[n->in[0]].shape, *out = &g->tensors[n->out].shape;
  int64_t first, last, face = (n->choice.tile[AXIS_W] + 2) * (n->choice.tile[AXIS_W] + 2), in_d = in->dim[AXIS_D];
  int64_t out_planes = ceil_div (out->dim[AXIS_D], n->win.stride[AXIS_D]);
  set_planes (k, &n->win, out->dim[AXIS_D], &first, &last);
  struct unit u = choose_unit (target, tiles, out_planes, blocks (in->c), in_d, last - first, face);
  k->of_target = true;
  set_int (k, "BLOCK_TILES", NULL, u.tiles);
  set_int (k, "BLOCK_COUNT", NULL, ceil_div (tiles, u.tiles));
  set_int (k, "GROUP_D", NULL, u.planes);
  set_int (k, "GROUP_COUNT", NULL, ceil_div (out_planes, u.planes));
  set_int (k, "POSITION", NULL, unit_position (u, blocks (in->c), in_d, last - first));
  set_tile (k, &target->single);
  set_tiles (k, "TILE", u.tiles, target->single.pixels);
  k->of_target = false;
  k->scratch_floats = unit_floats (u, blocks (in->c), in_d, last - first, face);
  return ceil_div (tiles, u.tiles) * u.tiles;
}

static struct kernel *
by_winograd (const struct graph *g, const struct node *n, const struct target *target)
{
  struct kernel *k = kernel_new (g, n, "conv_transposed_winograd");
  const struct tensor *in = &g->tensors[n->in[0]], *out = &g->tensors[n->out];
  const int64_t *dim = out->shape.dim;
  int64_t m = n->choice.tile[AXIS_W], taps = set_axis (k, &n->win, AXIS_D, in->shape.dim[AXIS_D], dim[AXIS_D]);
  struct phase_tiles h = phase_tiles (&n->win, AXIS_H, dim[AXIS_H], m), w = phase_tiles (&n->win, AXIS_W, dim[AXIS_W], m);
  struct strides x = tensor_strides (in);
  bool shifted = false;
  k->packing = PACK_TRANSPOSED_WINOGRAD;
  k->weight_floats = taps * in->shape.c * blocks (out->shape.c) * BLOCK;
  int64_t positions = set_tiled_axis (k, &n->win, AXIS_H, dim[AXIS_H], m, &shifted);
  positions *= set_tiled_axis (k, &n->win, AXIS_W, dim[AXIS_W], m, &shifted);
  k->weight_floats *= positions;
  set_stride (k, &n->win);
  set_int (k, "SHIFTED", NULL, shifted);
  set_int (k, "WINO", NULL, m);
  set_int (k, "WINO_D", NULL, 1);
  set_int (k, "IN_START", NULL, x.origin + h.first * x.row + w.first * x.pixel);
  set_int (k, "LAST_CHANNELS", NULL, in->shape.c - (blocks (in->shape.c) - 1) * BLOCK);
  set_epilogue (k, g, n);
  set_residual (k, g, n->ep.residual);
  int64_t tiles = set_unit (k, g, n, target, h.count * w.count);
  k->executed_macs = (double) (tiles * positions * taps_inside (&n->win, AXIS_D, in->shape.dim[AXIS_D], dim[AXIS_D]))
                     * (double) in->shape.c * (double) out->shape.c;
  int rank = in->shape.rank;
  name_kernel (k, g, n, mem_printf ("deconv%s%s_winograd%dx%d", window_name (rank, n->win.kernel),
                                    stride_name (rank, n->win.stride), (int) m, (int) m),
               mem_printf ("%s by Winograd, tiles of %dx%d", n->type, (int) m, (int) m));
  k->reason = "the output phases' filters along H and W have at most three taps and share transformed inputs";
  return k;
}

struct kernel *
select_transposed (const struct graph *g, const struct node *n, const struct target *target)
{
  return n->choice.algorithm == ALGORITHM_WINOGRAD ? by_winograd (g, n, target) : direct (g, n, target);
}
