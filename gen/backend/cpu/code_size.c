/* One model for each family of kernels; docs/unrolling.md has what they were fitted to. */
#include "code_size.h"

#include <assert.h>

#include "select_families.h"
#include "straight.h"
#include "unroll.h"

/* A register tile's function beside its steps and results; a pointer to each pixel where a tile goes on from row to row. */
#define TILE_BYTES 65.0
#define POINTER_BYTES 89.0

/* A product of two registers, added to a sum. */
#define PRODUCT_BYTES 5.7

/* What clears a halo along H and W, and along D. */
#define HALO_BYTES 240.0
#define HALO_D_BYTES 260.0

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
          bytes += steps * (pixels * (m->broadcast + v * m->product) + v * m->load) + pixels * v * m->result + TILE_BYTES;
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
  const struct cpu_conv_flat *p = plan;
  (void) level;
  double pointers = (double) (p->cut.size + (p->cut.smaller ? p->cut.size - 1 : 0));
  return pointers * POINTER_BYTES
         + tiles_bytes (m, p->tile, p->io.out.blocks, p->cut, one_row, steps_out (p->inputs.count, p->inputs.last_channels, 1, 0));
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

/* Transforms of tiles of 4 x 4 outputs have more terms than those of 2 x 2. */
static double
winograd_bytes (const void *plan, const struct target_code *m, int level)
{
  const struct cpu_conv_winograd *p = plan;
  return products_bytes (&p->products, &p->io, m, level) + (p->outputs == 4 ? 590 : 0) + (p->sums.res.sample >= 0 ? 130 : 0);
}

static double
winograd_3d_bytes (const void *plan, const struct target_code *m, int level)
{
  const struct cpu_conv_winograd_3d *p = plan;
  return products_bytes (&p->products, &p->io, m, level) + (p->outputs == 4 ? 2120 : 0) + (p->outputs_d == 4 ? 2470 : 0)
         + (p->sums.res.sample >= 0 ? 130 : 0);
}

static double
strassen_bytes (const void *plan, const struct target_code *m, int level)
{
  const struct cpu_conv_strassen *p = plan;
  return products_bytes (&p->products, &p->io, m, level);
}

static double
stem_products_bytes (const struct plan_stem *s, const struct plan_io *io, const struct target_code *m)
{
  return tiles_bytes (m, s->tiles.tile, io->out.blocks, s->tiles.cut, one_row, 1);
}

static double
stem_bytes (const void *plan, const struct target_code *m, int level)
{
  const struct cpu_conv_stem_winograd *p = plan;
  (void) level;
  return stem_products_bytes (&p->stem, &p->io, m);
}

static double
stem_pool_bytes (const void *plan, const struct target_code *m, int level)
{
  const struct cpu_conv_stem_winograd_pool *p = plan;
  (void) level;
  return stem_products_bytes (&p->stem, &p->io, m);
}

static double
transposed_bytes (const void *plan, const struct target_code *m, int level)
{
  const struct cpu_conv_transposed *p = plan;
  (void) level;
  return tiles_bytes (m, p->tile, p->io.out.blocks, p->cut, one_row, steps_out (p->io.in.blocks, p->last_channels, 1, 0));
}

static double
transposed_winograd_bytes (const void *plan, const struct target_code *m, int level)
{
  const struct cpu_conv_transposed_winograd *p = plan;
  (void) level;
  return tiles_bytes (m, p->tile, p->io.out.blocks, p->cut, one_row, steps_out (p->io.in.blocks, p->last_channels, 1, 0));
}

/* Tiles of one vector of outputs a pixel: for each of CHANNELS the row's inputs, of INPUT bytes each, meet the window's row. */
static double
grouped_tiles_bytes (const struct target_code *m, const struct plan_window *w, struct plan_cut cut, struct plan_cut high,
                     int64_t channels, double input)
{
  double bytes = 0;
  for (int narrow = 0; narrow <= (cut.smaller > 0); narrow++)
    for (int low = 0; low <= (high.smaller > 0); low++)
      {
        int64_t cols = cut.size - narrow, rows = high.size - low, inputs = (cols - 1) * w->s.w + (w->k.w - 1) * w->dil.w + 1;
        double products = (double) (rows * cols * w->k.w), loads = (double) w->k.w;
        bytes += (double) channels * (products * PRODUCT_BYTES + (double) (rows * inputs) * input + loads * m->load)
                 + (double) (rows * cols) * m->result + TILE_BYTES;
      }
  return bytes;
}

static double
grouped_bytes (const void *plan, const struct target_code *m, int level)
{
  const struct cpu_conv_grouped *p = plan;
  (void) level;
  return grouped_tiles_bytes (m, &p->win, p->cut, p->high, p->lanes, p->lanes > 1 ? m->permute : m->load);
}

static double
gathered_bytes (const void *plan, const struct target_code *m, int level)
{
  const struct cpu_conv_gathered *p = plan;
  (void) level;
  return grouped_tiles_bytes (m, &p->win, p->cut, one_row, 1, m->load);
}

/* Weights are operands of the products. */
static double
linear_bytes (const void *plan, const struct target_code *m, int level)
{
  const struct cpu_linear *p = plan;
  double vectors = (double) p->vectors;
  double steps = level == 0 ? 8 / vectors : (double) (level < 3 ? BLOCK : BLOCK * p->io.in.w);
  return steps * (m->broadcast + vectors * m->product);
}

/* What is known of a family. */
struct row
{
  const struct plan_family *family;
  double frame; /* bytes beside what follows from the plan */
  double (*bytes) (const void *plan, const struct target_code *m, int level); /* what does; NULL: nothing */
  bool levels;  /* its tiles have loops that UNROLL writes out */
  size_t gains; /* where struct target_gains has what that saves, or NONE */
};

#define NONE SIZE_MAX
#define GAINS(kind) offsetof (struct target_gains, kind)

static const struct row rows[] = {
  { &cpu_conv_direct_family, 280, direct_bytes, true, GAINS (direct) },
  { &cpu_conv_flat_family, 280, flat_bytes, false, NONE },
  { &cpu_conv_planar_family, 220, planar_bytes, true, GAINS (planar) },
  { &cpu_conv_planar_pool_family, 1000, planar_pool_bytes, true, GAINS (planar_pool) },
  { &cpu_conv_winograd_family, 1140, winograd_bytes, true, GAINS (winograd) },
  { &cpu_conv_winograd_3d_family, 2720, winograd_3d_bytes, true, NONE },
  { &cpu_conv_strassen_family, 1470, strassen_bytes, false, NONE },
  { &cpu_conv_stem_winograd_family, 6000, stem_bytes, false, NONE },
  { &cpu_conv_stem_winograd_pool_family, 6450, stem_pool_bytes, false, NONE },
  { &cpu_conv_transposed_family, 2070, transposed_bytes, false, NONE },
  { &cpu_conv_transposed_winograd_family, 5000, transposed_winograd_bytes, false, NONE },
  { &cpu_conv_grouped_family, 350, grouped_bytes, false, NONE },
  { &cpu_conv_gathered_family, 1200, gathered_bytes, false, NONE },
  { &cpu_linear_family, 230, linear_bytes, true, GAINS (linear) },
  { &cpu_input_family, 300, NULL, false, NONE },
  { &cpu_output_family, 170, NULL, false, NONE },
  { &cpu_elementwise_family, 285, NULL, false, NONE },
  { &cpu_norm_family, 1816, NULL, false, NONE },
  { &cpu_softmax_family, 760, NULL, false, NONE },
  { &cpu_global_pool_family, 270, NULL, false, NONE },
  { &cpu_pool_family, 700, NULL, false, NONE },
  { &cpu_upsample_family, 2020, NULL, false, NONE },
  { &cpu_subsample_family, 300, NULL, false, NONE },
  { &cpu_reshape_family, 700, NULL, false, NONE },
  { &cpu_straight_family, 700, NULL, false, NONE }, /* straight_bytes has the layer's code */
};

static const struct row *
row_of (const struct kernel *k)
{
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
    if (rows[i].family == k->family)
      return &rows[i];
  fatal ("internal error: nothing is known of the size of %s", k->family->name);
}

bool
code_has_levels (const struct kernel *k)
{
  return row_of (k)->levels;
}

double
code_gain (const struct kernel *k, const struct target *t, int level)
{
  const struct row *r = row_of (k);
  return r->gains == NONE ? 0 : ((const double *) (const void *) ((const char *) &t->gains + r->gains))[level];
}

static double
straight_bytes (const struct graph *g, const struct kernel *k, const struct target *t)
{
  const struct target_code *m = &t->code;
  struct straight_count c = straight_count (g, &g->nodes[k->node], t);
  return c.products * (m->broadcast + c.vectors * m->product) + c.loads * m->load + c.results * m->result + c.rows * 64
         + c.units * 200;
}

/* The code that clears the halo of N's output. */
static double
halo_bytes (const struct graph *g, const struct node *n)
{
  const struct tensor_format *f = &g->tensors[n->out].format;
  const int *lo = f->halo_lo, *hi = f->halo_hi;
  bool plane = lo[AXIS_H] + hi[AXIS_H] + lo[AXIS_W] + hi[AXIS_W] > 0;
  return (plane ? HALO_BYTES : 0) + (lo[AXIS_D] + hi[AXIS_D] > 0 ? HALO_D_BYTES : 0);
}

int64_t
code_bytes (const struct graph *g, const struct node *n, const struct kernel *k, const struct target *t, int level)
{
  const struct row *r = row_of (k);
  double bytes = r->frame + halo_bytes (g, n) + (k->node >= 0 ? straight_bytes (g, k, t) : 0);
  return (int64_t) (bytes + (r->bytes ? r->bytes (k->plan, &t->code, level) : 0));
}
