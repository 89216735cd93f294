/* One model for each family of kernels; docs/unrolling.md has what they were fitted to. */
#include "code_size.h"

#include <assert.h>

#include "select_parts.h"
#include "straight.h"
#include "unroll.h"

/* What a kernel has beside its tiles; Winograd's transforms. */
#define FRAME_BYTES 700.0
#define TRANSFORM_BYTES 2000.0
#define TRANSFORM_3D_BYTES 6000.0

/* COUNT input channels at LEVEL: how many are written out. */
static double
channels_out (int64_t count, int level)
{
  if (level == 0)
    return count > 0;
  return level > 1 || count <= 4 ? (double) count : count % 4 ? 1 : 4;
}

/* Steps that a tile over BLOCKS input blocks, the last of which has LAST channels, and TAPS has written out. */
static double
steps_out (int64_t blocks, int64_t last, int64_t taps, int level)
{
  double partial = last < BLOCK ? channels_out (last, level) : 0;
  int64_t whole = blocks - (last < BLOCK);
  if (level < 3)
    return (whole > 0 ? channels_out (BLOCK, level) : 0) + partial;
  return (double) taps * ((double) (BLOCK * whole) + partial);
}

/* Functions of a register tile: of each extent that CUT and HIGH have, for whole tiles of OUT_BLOCKS blocks and the last one. */
static double
tiles_bytes (const struct target_code *m, struct plan_register_tile tile, int64_t out_blocks, struct plan_cut cut,
             struct plan_cut high, double steps)
{
  double bytes = 0;
  bool odd = tile.blocks > 1 && out_blocks % tile.blocks;
  for (int narrow = 0; narrow <= (cut.smaller > 0); narrow++)
    for (int low = 0; low <= (high.smaller > 0); low++)
      for (int last = 0; last <= odd; last++)
        {
          double pixels = (double) ((cut.size - narrow) * (high.size - low)), v = (double) (tile.blocks * tile.vectors - last);
          bytes += steps * (pixels * (m->broadcast + v * m->product) + v * m->load + 12) + pixels * v * m->result + 200;
        }
  return bytes;
}

static const struct plan_cut one_row = { 1, 1, 0 };

static int64_t
taps_of (const struct plan_window *w)
{
  return w->k.d * w->k.h * w->k.w;
}

static double
direct_bytes (const void *plan, const struct target_code *m, int level)
{
  const struct cpu_conv_direct *p = plan;
  return tiles_bytes (m, p->tile, p->io.out.blocks, p->cut, p->high,
                      steps_out (p->inputs.count, p->inputs.last_channels, taps_of (&p->win), level));
}

static double
flat_bytes (const void *plan, const struct target_code *m, int level)
{
  (void) plan;
  (void) m;
  (void) level;
  return 0;
}

/* Of a planar input: a row of taps at level 1, all rows of the window at level 2, all of it at level 3. */
static double
planar_steps (const struct plan_io *io, const struct plan_window *w, int level)
{
  return level == 0 ? 1 : (double) (level == 1 ? w->k.w : level == 2 ? w->k.w * w->k.h : taps_of (w) * io->in.c);
}

static double
planar_bytes (const void *plan, const struct target_code *m, int level)
{
  const struct cpu_conv_planar *p = plan;
  return tiles_bytes (m, p->tile, p->io.out.blocks, p->cut, one_row, planar_steps (&p->io, &p->win, level));
}

static double
planar_pool_bytes (const void *plan, const struct target_code *m, int level)
{
  const struct cpu_conv_planar_pool *p = plan;
  return tiles_bytes (m, p->tile, p->io.out.blocks, p->cut, one_row, planar_steps (&p->io, &p->win, level));
}

static double
products_bytes (const struct plan_products *p, const struct plan_io *io, const struct target_code *m, int level)
{
  return tiles_bytes (m, p->tile, io->out.blocks, p->cut, one_row,
                      steps_out (io->in.blocks / p->parts, p->last_channels, 1, level));
}

static double
winograd_bytes (const void *plan, const struct target_code *m, int level)
{
  const struct cpu_conv_winograd *p = plan;
  return products_bytes (&p->products, &p->io, m, level) + TRANSFORM_BYTES;
}

static double
winograd_3d_bytes (const void *plan, const struct target_code *m, int level)
{
  const struct cpu_conv_winograd_3d *p = plan;
  return products_bytes (&p->products, &p->io, m, level) + TRANSFORM_3D_BYTES;
}

static double
linear_bytes (const void *plan, const struct target_code *m, int level)
{
  const struct cpu_linear *p = plan;
  double vectors = (double) p->vectors;
  double steps = level == 0 ? 8 / vectors : (double) (level < 3 ? BLOCK : BLOCK * p->io.in.w);
  return steps * (m->broadcast + vectors * (m->product + m->load)) + 8 * m->result;
}

/* What is known of a family. */
struct row
{
  const struct plan_family *family;
  bool levels;    /* its tiles have loops that UNROLL writes out */
  size_t gains;   /* where struct target_gains has what that saves; without levels: NONE */
  double (*bytes) (const void *plan, const struct target_code *m, int level); /* beside the frame */
};

#define NONE SIZE_MAX
#define GAINS(kind) offsetof (struct target_gains, kind)

static const struct row rows[] = {
  { &cpu_conv_direct_family, true, GAINS (direct), direct_bytes },
  { &cpu_conv_flat_family, false, NONE, flat_bytes },
  { &cpu_conv_planar_family, true, GAINS (planar), planar_bytes },
  { &cpu_conv_planar_pool_family, true, GAINS (planar_pool), planar_pool_bytes },
  { &cpu_conv_winograd_family, true, GAINS (winograd), winograd_bytes },
  { &cpu_conv_winograd_3d_family, true, NONE, winograd_3d_bytes },
  { &cpu_linear_family, true, GAINS (linear), linear_bytes },
};

static const struct row *
row_of (const struct kernel *k)
{
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    if (rows[i].family == k->family)
      return &rows[i];
  return NULL;
}

bool
code_has_levels (const struct kernel *k)
{
  const struct row *r = row_of (k);
  return r && r->levels;
}

double
code_gain (const struct kernel *k, const struct target *t, int level)
{
  const struct row *r = row_of (k);
  return !r || r->gains == NONE ? 0 : ((const double *) (const void *) ((const char *) &t->gains + r->gains))[level];
}

static double
straight_bytes (const struct graph *g, const struct kernel *k, const struct target *t)
{
  const struct target_code *m = &t->code;
  struct straight_count c = straight_count (g, &g->nodes[k->node], t);
  return c.products * (m->broadcast + c.vectors * m->product) + c.loads * m->load + c.results * m->result + c.rows * 64
         + c.units * 200;
}

int64_t
code_bytes (const struct graph *g, const struct kernel *k, const struct target *t, int level)
{
  const struct row *r = row_of (k);
  return (int64_t) (FRAME_BYTES + (k->node >= 0 ? straight_bytes (g, k, t) : r ? r->bytes (k->plan, &t->code, level) : 0));
}
