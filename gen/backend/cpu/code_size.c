/* One model for each family of kernels; docs/unrolling.md has what they were fitted to. */
#include "code_size.h"

#include <string.h>

#include "code_parts.h"
#include "code_tile.h"
#include "select_families.h"
#include "shares.h"
#include "straight.h"
#include "unroll.h"

#define TILES_BYTES 95.0 /* a loop over tiles of one size, where there are several */
#define HALO_BYTES 235.0   /* what clears a halo along H and W, … */
#define HALO_D_BYTES 140.0 /* … and along D */
#define POINTER_BYTES 110.0         /* a pointer to each pixel where a tile goes on from row to row, … */
#define RESIDUAL_POINTER_BYTES 13.0 /* … and the same of a residual */
/* A pixel whose distance from the next one the compiler does not know, and a tile of such pixels. */
#define STRIDE_BYTES 17.0
#define STRIDES_BYTES 115.0
static const struct plan_cut one_row = { 1, 1, 0 };

static double
axes_above_one (const struct plan_axes *a)
{
  return (double) ((a->d > 1) + (a->h > 1) + (a->w > 1));
}

static int64_t
taps_of (const struct plan_window *w)
{
  return w->k.d * w->k.h * w->k.w;
}

/* The tables of taps that are left out along D and H. */
static double
taps_bytes (const struct plan_taps *planes, const struct plan_taps *strips, int level)
{
  if (level > 2)
    return 0;
  return where (planes->fewer, 109 + 8 * (double) planes->taken.rows)
         + where (strips->fewer, 120 + 8 * (double) strips->taken.rows);
}

static double
direct_bytes (const void *plan, const struct code_question *q)
{
  const struct cpu_conv_direct *p = plan;
  struct code_tile t = { .tile = p->tile,
                         .out_blocks = p->io.out.blocks,
                         .cut = p->cut, .high = p->high,
                         .ahead = p->prefetch > 0, .outputs = p->prefetch_output > 0,
                         .taps = (double) (q->level < 3 ? p->planes.fewer + p->strips.fewer : 0) };
  code_tile_steps (&t, &p->inputs, taps_of (&p->win), axes_above_one (&p->win.k), q->level);
  return code_tiles (q, &t) + taps_bytes (&p->planes, &p->strips, q->level) + where (p->cut.count > 1, TILES_BYTES)
         + where (p->high.count + p->high.smaller > 1, 70) + where (p->inputs.differ, 166)
         + where (p->prefetch > 0, 89);
}

/* Pixels that find their pointers: none where one tile is a plane, nor in a tile that is always the same one. */
static double
pointers_of (struct plan_cut cut)
{
  if (cut.count + cut.smaller == 1)
    return 0;
  return (double) (cut.count > 0 ? cut.size : 0)
         + (cut.smaller > 0 && cut.count + cut.smaller > 2 ? (double) (cut.size - 1) : 0);
}

static double
flat_bytes (const void *plan, const struct code_question *q)
{
  const struct cpu_conv_flat *p = plan;
  struct code_tile t = { .tile = p->tile,
                         .out_blocks = p->io.out.blocks,
                         .cut = p->cut, .high = one_row,
                         .ahead = p->prefetch > 0,
                         .taps = (double) (p->planes.fewer + p->strips.fewer) };
  code_tile_steps (&t, &p->inputs, taps_of (&p->win), axes_above_one (&p->win.k), 0);
  return code_tiles (q, &t) + pointers_of (p->cut) * (POINTER_BYTES + where (q->residual, RESIDUAL_POINTER_BYTES))
         + taps_bytes (&p->planes, &p->strips, 0) + where (p->inputs.differ, 166) + where (p->prefetch > 0, 89);
}

/* Of a planar input: a tap at level 0, a row of taps at level 1, all rows of the window at level 2, all of it at
 * level 3. */
static double
planar_tiles (const struct plan_io *io, const struct plan_window *w, struct plan_register_tile tile,
              struct plan_cut cut, const struct code_question *q)
{
  struct code_tile t = { .tile = tile, .out_blocks = io->out.blocks, .cut = cut, .high = one_row };
  int level = q->level;
  t.steps = level == 0 ? 1 : (double) (level == 1 ? w->k.w : level == 2 ? w->k.w * w->k.h : taps_of (w) * io->in.c);
  double loops
      = where (level < 3, (io->in.c > 1) + (w->k.d > 1)) + where (level<2, w->k.h> 1) + where (level<1, w->k.w> 1);
  t.loops = loops > 1 ? loops - 1 : 0;
  return code_tiles (q, &t);
}

static double
planar_bytes (const void *plan, const struct code_question *q)
{
  const struct cpu_conv_planar *p = plan;
  return planar_tiles (&p->io, &p->win, p->tile, p->cut, q) + where (p->cut.count > 1, TILES_BYTES);
}

static double
planar_pool_bytes (const void *plan, const struct code_question *q)
{
  const struct cpu_conv_planar_pool *p = plan;
  return planar_tiles (&p->io, &p->win, p->tile, p->cut, q) + where (p->io.out.d > 1, 300);
}

/* Products of OUT_BLOCKS by IN_BLOCKS blocks at the positions of transformed tiles, and the share of a thread. */
static double
products_bytes (const struct plan_products *p, int64_t out_blocks, int64_t in_blocks, const struct code_question *q)
{
  int level = q->level;
  struct code_tile t = { .tile = p->tile,
                         .out_blocks = out_blocks,
                         .alone = true,
                         .cut = p->cut,
                         .high = one_row,
                         .ahead = true,
                         .sums = true,
                         .parts = p->parts > 1 };
  struct plan_input_blocks inputs = { .count = in_blocks / p->parts, .last_channels = p->last_channels };
  code_tile_steps (&t, &inputs, 1, 0, level);
  int64_t whole = inputs.count - (p->last_channels < BLOCK);
  t.next_inputs = (double) (level > 2 ? whole : whole > 0);
  return code_tiles (q, &t) + where (p->cut.count > 1, 170) + where (p->parts > 1, 115)
         + where (p->cut.count + p->cut.smaller > 1, 119) + where (out_blocks > 1, 190)
         + where (q->residual, 100) + where (p->staged_panels > 0, 2000) + where (p->staged_panels > 1, 300);
}

/* Transforms of tiles of 4 x 4 outputs have more terms than those of 2 x 2; tiles at the edges may have fewer. */
static double
winograd_bytes (const void *plan, const struct code_question *q)
{
  const struct cpu_conv_winograd *p = plan;
  return products_bytes (&p->products, p->io.out.blocks, p->io.in.blocks, q) + where (p->outputs == 4, 585)
         + where (p->io.out.h % p->outputs || p->io.out.w % p->outputs, 90) + (double) p->outputs * q->inlined;
}

static double
winograd_3d_bytes (const void *plan, const struct code_question *q)
{
  const struct cpu_conv_winograd_3d *p = plan;
  return products_bytes (&p->products, p->io.out.blocks, p->io.in.blocks, q) + where (p->outputs == 4, 1950)
         + where (p->outputs_d == 4, 2350) + where (q->one_vector, 600) + where (q->residual, 80)
         + where (p->products.staged_panels > 0, 650) + (double) p->outputs_d * q->inlined;
}

static double
strassen_bytes (const void *plan, const struct code_question *q)
{
  const struct cpu_conv_strassen *p = plan;
  return products_bytes (&p->products, p->io.out.blocks / 2, p->io.in.blocks / 2, q) + where (q->residual, 70)
         + 4 * q->inlined;
}

/* A tile for runs of channels, and one for all of them where these are written out. */
static double
stem_bytes (const struct plan_stem *s, const struct plan_io *io, const struct code_question *q)
{
  const struct plan_cut *cut = &s->tiles.cut;
  struct code_tile t = { .tile = s->tiles.tile,
                         .out_blocks = io->out.blocks,
                         .cut = *cut,
                         .high = one_row,
                         .steps = 1,
                         .ahead = true,
                         .sums = true };
  double bytes = code_tiles (q, &t), channels = (double) (s->phases.d * 4 * io->in.c);
  double pixels = where (cut->count > 0, (double) cut->size) + where (cut->smaller > 0, (double) (cut->size - 1));
  bytes += pixels * STRIDE_BYTES + STRIDES_BYTES * code_tile_count (&t);
  t.steps = channels;
  return bytes + where (channels <= 16, code_tiles (q, &t)) + (double) s->outputs_d * q->inlined;
}

static double
stem_alone_bytes (const void *plan, const struct code_question *q)
{
  const struct cpu_conv_stem_winograd *p = plan;
  return stem_bytes (&p->stem, &p->io, q) + where (p->stem.outputs_d > 1, 3550);
}

static double
stem_pool_bytes (const void *plan, const struct code_question *q)
{
  const struct cpu_conv_stem_winograd_pool *p = plan;
  return stem_bytes (&p->stem, &p->io, q) + (double) (p->stem.outputs - 1) * q->inlined;
}

static double
phases_bytes (const struct plan_io *io, struct plan_register_tile tile, struct plan_cut cut, int64_t last_channels,
              bool sums, const struct code_question *q)
{
  struct code_tile t = { .tile = tile, .out_blocks = io->out.blocks, .cut = cut, .high = one_row, .sums = sums };
  struct plan_input_blocks inputs = { .count = io->in.blocks, .last_channels = last_channels };
  code_tile_steps (&t, &inputs, 1, sums ? 1 : 3, 0);
  t.next_inputs = 0;
  return code_tiles (q, &t);
}

/* There is a smaller tile for phases with an output less than others, even if no row needs it. */
static double
transposed_bytes (const void *plan, const struct code_question *q)
{
  const struct cpu_conv_transposed *p = plan;
  struct plan_cut cut = { p->cut.size, 1, p->cut.size > 1 };
  return phases_bytes (&p->io, p->tile, cut, p->last_channels, false, q)
         + 16 * (double) (p->d.phases + p->h.phases + p->w.phases);
}

static double
transposed_winograd_bytes (const void *plan, const struct code_question *q)
{
  const struct cpu_conv_transposed_winograd *p = plan;
  return phases_bytes (&p->io, p->tile, p->cut, p->last_channels, true, q) + 16 * (double) p->d.phases
         + 20 * (double) (p->h.phases + p->w.phases) + q->inlined;
}

static double
grouped_bytes (const void *plan, const struct code_question *q)
{
  const struct cpu_conv_grouped *p = plan;
  double input = p->lanes == 1 ? CODE_LOAD_BYTES : p->lanes == 8 ? q->code->permute_8 : q->code->permute;
  return code_grouped_tiles (q, &p->win, p->cut, p->high, p->lanes, input);
}

static double
gathered_bytes (const void *plan, const struct code_question *q)
{
  const struct cpu_conv_gathered *p = plan;
  return code_grouped_tiles (q, &p->win, p->cut, one_row, 1, CODE_LOAD_BYTES);
}

/* Weights are operands of the products; the channels of a last block that is not full have products of their own. */
static double
linear_bytes (const void *plan, const struct code_question *q)
{
  const struct cpu_linear *p = plan;
  const struct target_code *m = q->code;
  double vectors = (double) p->vectors, broadcast = m->broadcast > 0 ? m->broadcast : CODE_LOAD_BYTES;
  double whole = q->level == 0 ? 8 / vectors : (double) (q->level < 3 ? BLOCK : BLOCK * p->io.in.w);
  double steps = where (p->io.in.c >= BLOCK, whole) + (double) (p->io.in.c % BLOCK);
  return steps * (broadcast + vectors * m->product) + where (p->io.out.blocks > 1, 60)
         + 45 * (double) ((p->io.in.d > 1) + (p->io.in.h > 1))
         + vectors * (where (q->activation, m->relu) + q->inlined);
}

/* What is known of a family. */
struct row
{
  const struct plan_family *family;
  double frame;                                                      /* bytes beside what follows from the plan */
  double (*bytes) (const void *plan, const struct code_question *q); /* what does; NULL: nothing */
  double halo;  /* bytes that a halo costs beyond the code that clears it */
  double grid;  /* bytes that units of work in rows and columns cost, where the frame is of a kernel without them */
  bool levels;  /* its tiles have loops that UNROLL writes out */
  size_t gains; /* where struct target_gains has what that saves, or NONE */
};

#define NONE SIZE_MAX
#define GAINS(kind) offsetof (struct target_gains, kind)

static const struct row rows[] = {
  { &cpu_conv_direct_family, 440, direct_bytes, 0, 0, true, GAINS (direct) },
  { &cpu_conv_flat_family, 460, flat_bytes, 0, 0, false, NONE },
  { &cpu_conv_planar_family, 290, planar_bytes, 0, 0, true, GAINS (planar) },
  { &cpu_conv_planar_pool_family, 900, planar_pool_bytes, 0, 0, true, GAINS (planar_pool) },
  { &cpu_conv_winograd_family, 1120, winograd_bytes, 170, 0, true, GAINS (winograd) },
  { &cpu_conv_winograd_3d_family, 3300, winograd_3d_bytes, 230, 0, true, NONE },
  { &cpu_conv_strassen_family, 775, strassen_bytes, 240, 0, false, NONE },
  { &cpu_conv_stem_winograd_family, 4000, stem_alone_bytes, 200, 0, false, NONE },
  { &cpu_conv_stem_winograd_pool_family, 3740, stem_pool_bytes, 130, 0, false, NONE },
  { &cpu_conv_transposed_family, 1700, transposed_bytes, 0, 0, false, NONE },
  { &cpu_conv_transposed_winograd_family, 3600, transposed_winograd_bytes, 200, 0, false, NONE },
  { &cpu_conv_grouped_family, 420, grouped_bytes, 0, 0, false, NONE },
  { &cpu_conv_gathered_family, 1200, gathered_bytes, 200, 0, false, NONE },
  { &cpu_conv_pairs_family, 2700, NULL, 0, 0, false, NONE }, /* tiles of one size, or two */
  { &cpu_conv_tiles_family, 2600, NULL, 0, 0, false, NONE },
  { &cpu_conv_tiles_pool_family, 3800, NULL, 0, 0, false, NONE },
  { &cpu_conv_pairs_pool_family, 3500, NULL, 0, 0, false, NONE },
  { &cpu_conv_transposed_tiles_family, 2900, NULL, 0, 0, false, NONE },
  { &cpu_conv_tiles_grouped_family, 2900, NULL, 0, 0, false, NONE },
  { &cpu_conv_transposed_pairs_family, 2600, NULL, 0, 0, false, NONE },
  { &cpu_linear_pairs_family, 600, NULL, 0, 0, false, NONE },
  { &cpu_linear_family, 315, linear_bytes, 0, 0, true, GAINS (linear) },
  { &cpu_input_family, 320, code_input_bytes, 0, 370, false, NONE },
  { &cpu_output_family, 118, code_output_bytes, 0, 340, false, NONE },
  { &cpu_elementwise_family, 290, code_epilogue_bytes, 0, 570, false, NONE },
  { &cpu_norm_family, 1250, code_norm_bytes, 0, 0, false, NONE },
  { &cpu_gate_family, 900, code_epilogue_bytes, 0, 0, false, NONE },
  { &cpu_layer_norm_family, 620, code_epilogue_bytes, 0, 0, false, NONE },
  { &cpu_softmax_family, 710, NULL, 0, 0, false, NONE },
  { &cpu_global_pool_family, 280, NULL, 0, 0, false, NONE },
  { &cpu_pool_family, 700, NULL, 0, 450, false, NONE },
  { &cpu_upsample_family, 2020, NULL, 0, 0, false, NONE },
  { &cpu_pad_family, 420, NULL, 0, 340, false, NONE },
  { &cpu_subsample_family, 335, NULL, 0, 340, false, NONE },
  { &cpu_channels_family, 620, NULL, 0, 0, false, NONE },
  { &cpu_in_place_family, 2, NULL, 0, 0, false, NONE },
  { &cpu_reshape_family, 700, NULL, 0, 0, false, NONE },
  { &cpu_straight_family, 700, NULL, 0, 0, false, NONE }, /* straight_bytes has the layer's code */
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
straight_bytes (const struct graph *g, const struct kernel *k, const struct target *t, const struct code_question *q)
{
  const struct target_code *m = &t->code;
  struct straight_count c = straight_count (g, &g->nodes[k->node], t);
  return c.products * (m->broadcast + c.vectors * m->product) + c.results * code_result (q) + c.rows * 64
         + c.units * 200;
}

/* The code that clears the halo of N's output. */
static double
halo_bytes (const struct graph *g, const struct node *n, const struct row *r)
{
  const struct tensor_format *f = &g->tensors[n->out].format;
  const int *lo = f->halo_lo, *hi = f->halo_hi;
  bool plane = lo[AXIS_H] + hi[AXIS_H] + lo[AXIS_W] + hi[AXIS_W] > 0, depth = lo[AXIS_D] + hi[AXIS_D] > 0;
  return where (plane, HALO_BYTES) + where (depth, HALO_D_BYTES) + where (plane || depth, r->halo);
}

int64_t
code_bytes (const struct graph *g, const struct node *n, const struct kernel *k, const struct target *t, int level)
{
  const struct row *r = row_of (k);
  const struct activation_code act = activation_code (&n->ep.act);
  struct code_question q = { .code = &t->code,
                             .level = level,
                             .one_vector = t->lanes == BLOCK,
                             .residual = n->ep.residual >= 0,
                             .activation = n->ep.act.id != ACT_NONE,
                             .inlined = act.inlined };
  double bytes = r->frame + act.outside + halo_bytes (g, n, r) + where (shares_in_grid (g, n), r->grid)
                 + (k->node >= 0 ? straight_bytes (g, k, t, &q) : k->work ? shares_code_bytes (k->work) : 0);
  return (int64_t) (bytes + (r->bytes ? r->bytes (k->plan, &q) : 0));
}
