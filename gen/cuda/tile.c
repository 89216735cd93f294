/* Tiles of products on the tensor cores: what there is and what fits, by a model where no file says. */
#include "tile.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "kernels/select_parts.h"
#include "tile_halo.h"
#include "tile_tma.h"

#define CLUSTER_MOST 8
/* What ptxas asks for beside sums. */
#define LEAST_REGISTERS 26
/* A row of one step in shared memory. */
#define STEP_BYTES 128

/* What the model chooses from: tiles that threads fill, and the copy engine. */
static const struct mma_tile gathered[] = {
  { 16, 32, 1, 1, 4, 4, 1, TILE_MMA, 2 },  { 16, 32, 1, 1, 4, 4, 4, TILE_MMA, 2 },
  { 32, 32, 1, 1, 4, 4, 1, TILE_MMA, 2 },  { 32, 64, 1, 2, 2, 4, 1, TILE_MMA, 2 },
  { 32, 64, 1, 2, 2, 4, 4, TILE_MMA, 2 },  { 64, 32, 2, 2, 1, 6, 1, TILE_WGMMA, 2 },   { 64, 32, 2, 2, 1, 6, 2, TILE_WGMMA, 2 },
  { 64, 32, 2, 2, 1, 6, 4, TILE_WGMMA, 2 },   { 64, 32, 2, 2, 1, 6, 8, TILE_WGMMA, 2 },   { 64, 64, 2, 2, 1, 4, 1, TILE_WGMMA, 2 },
  { 64, 64, 2, 2, 1, 4, 2, TILE_WGMMA, 2 },   { 64, 64, 2, 2, 1, 4, 4, TILE_WGMMA, 2 },   { 64, 64, 2, 2, 1, 4, 8, TILE_WGMMA, 2 },
  { 128, 64, 2, 2, 1, 3, 1, TILE_MMA, 2 }, { 128, 64, 4, 2, 1, 4, 1, TILE_WGMMA, 2 },  { 128, 128, 4, 2, 1, 3, 1, TILE_WGMMA, 2 },
  { 128, 128, 4, 2, 1, 6, 1, TILE_WGMMA, 1 }, { 256, 128, 4, 2, 1, 4, 1, TILE_WGMMA, 1 },
};

#define TMA(pixels, channels, groups_m, stages, cluster, blocks) { pixels, channels, groups_m, channels / 16, 1, stages, cluster, TILE_TMA, blocks }
#define HALO(places, channels, groups_m, stages, planes, blocks) { places, channels, groups_m, channels / 16, 1, stages, planes, TILE_HALO, blocks }
static const struct mma_tile copied[] = {
  TMA (32, 64, 1, 8, 1, 2),   TMA (32, 64, 1, 8, 2, 2),   TMA (32, 64, 1, 8, 4, 2),   TMA (64, 64, 1, 6, 1, 2),  TMA (64, 64, 1, 6, 2, 2),
  TMA (64, 64, 1, 6, 4, 2),   TMA (64, 64, 1, 6, 8, 2),   TMA (128, 64, 1, 4, 1, 2),  TMA (128, 64, 1, 4, 2, 2), TMA (128, 64, 1, 3, 1, 3),
  TMA (256, 64, 1, 2, 1, 2),  TMA (256, 64, 2, 2, 1, 2),  TMA (64, 128, 1, 4, 1, 2),  TMA (64, 128, 1, 4, 4, 2), TMA (128, 128, 1, 3, 1, 2),
  TMA (128, 128, 1, 3, 2, 2), TMA (256, 128, 1, 4, 1, 1), TMA (256, 128, 2, 4, 1, 1), TMA (128, 256, 1, 4, 1, 1),
  HALO (232, 64, 1, 6, 1, 2), HALO (176, 64, 1, 6, 1, 2), HALO (120, 64, 1, 6, 1, 2), HALO (464, 64, 2, 6, 1, 1),
  HALO (464, 64, 2, 6, 2, 1), HALO (240, 128, 1, 4, 1, 1), HALO (240, 128, 1, 4, 2, 1),
};

/* Microseconds, fitted to times of ResNet-50's layers on an H100: a block that is alone on its multiprocessor waits for
 * memory at every step; with many of them the copies or the products themselves are the limit. */
double
mma_tile_time (const struct mma_tile *t, const struct product *p, bool halves)
{
  if (t->kind == TILE_HALO)
    return halo_tile_time (t, p);
  if (t->kind >= TILE_TMA)
    return tma_tile_time (t, p);
  double tiles_of = (double) (ceil_div (p->rows, t->pixels) * ceil_div (p->columns, t->channels) * p->times);
  double area = t->pixels * t->channels / 16384.0, load = (t->pixels + t->channels) / 128.0;
  double steps = (double) ceil_div (p->steps, t->cluster), of_each = ceil (tiles_of * t->cluster / CUDA_MULTIPROCESSORS);
  bool wgmma = t->kind != TILE_MMA && halves;
  double alone = 0.15 + steps * (0.11 + 0.02 * load + (wgmma ? 0.25 : 0.65) * area) + 4.9 * area / t->cluster
                 + (t->cluster > 1 ? 1.5 + 0.26 * t->cluster : 0);
  double many = steps * fmax (0.25 * load, wgmma ? 0.43 * area : 0) + 3.8 * area / t->cluster;
  return fmax (ceil (of_each / t->blocks) * alone, of_each * many);
}

static int
most (int a, int b)
{
  return a > b ? a : b;
}

static int
least (int a, int b)
{
  return a < b ? a : b;
}

static int
stage_bytes (const struct mma_tile *t)
{
  return (t->pixels + t->channels) * STEP_BYTES;
}

/* Columns behind a row of sums: 8 keep neighbouring rows in different banks, of swapped sums 4; of a large tile 8 do
 * not fit everywhere. */
static int
sum_gap (const struct mma_tile *t)
{
  return t->channels < 128 && t->kind != TILE_SWAPPED ? 8 : 4;
}

/* Each round takes an equal part of what every warp has. */
static int
most_rounds (const struct mma_tile *t)
{
  int sums = t->pixels / t->warps_m / 16, groups = t->warps_m * t->warps_n * t->warps_k / 4;
  return t->kind == TILE_SWAPPED ? 1 : t->kind != TILE_MMA ? least (sums, t->pixels / groups / 64) : sums;
}

/* The tile's sums go through shared memory at its end, in so many rounds that they fit everywhere. */
static int
sum_bytes (const struct mma_tile *t, int rounds)
{
  return t->warps_k * (t->pixels / rounds) * (t->channels + sum_gap (t)) * (int) sizeof (float);
}

/* Does T, with EXTRA bytes in front of its stages, fit into every GPU's shared memory, and so many blocks into a large one's? */
static bool
fits (const struct mma_tile *t, int extra)
{
  int most_of_all = least (CUDA_SHARED_ELSEWHERE, CUDA_SHARED_HOPPER / t->blocks);
  return extra + 2 * stage_bytes (t) <= most_of_all && extra + sum_bytes (t, most_rounds (t)) <= most_of_all;
}

/* The model's best tile that threads fill; ELSEWHERE: for GPUs without wgmma and clusters. */
static struct mma_tile
gathered_tile (const struct product *p, bool halves, bool elsewhere)
{
  const struct mma_tile *best = &gathered[0];
  for (size_t i = 1; i < sizeof gathered / sizeof *gathered; i++)
    if (gathered[i].cluster <= (elsewhere ? 1 : p->steps)
        && mma_tile_time (&gathered[i], p, halves && !elsewhere) < mma_tile_time (best, p, halves && !elsewhere))
      best = &gathered[i];
  struct mma_tile t = *best;
  if (elsewhere)
    t.kind = TILE_MMA;
  return t;
}

/* The model's best. */
static struct mma_tile
model_tile (const struct product *p, bool halves)
{
  struct mma_tile best = gathered_tile (p, halves, false);
  double best_us = mma_tile_time (&best, p, halves);
  for (size_t i = 0; i < sizeof copied / sizeof *copied; i++)
    {
      const struct mma_tile *t = &copied[i];
      if (!mma_tile_applies (t, p) || mma_tile_time (t, p, halves) >= best_us)
        continue;
      best = *t;
      best.stages = least (t->stages, mma_tile_most_stages (t, p));
      best_us = mma_tile_time (t, p, halves);
    }
  return best;
}

static bool
power_of_two (int v)
{
  return v > 0 && (v & (v - 1)) == 0;
}

static int
sums_of_thread (const struct mma_tile *t)
{
  return t->pixels * t->channels / (32 * t->warps_m * t->warps_n);
}

bool
mma_tile_has_registers (const struct mma_tile *t, int others)
{
  const int threads = 32 * t->warps_m * t->warps_n * t->warps_k;
  return sums_of_thread (t) + others <= least (CUDA_REGISTERS / (threads * t->blocks) / 8 * 8, CUDA_THREAD_REGISTERS);
}

bool
mma_tile_is_possible (const struct mma_tile *t)
{
  if (t->kind >= TILE_TMA)
    return tma_tile_is_possible (t);
  bool shape = power_of_two (t->pixels) && power_of_two (t->channels) && power_of_two (t->warps_m) && power_of_two (t->warps_n)
               && power_of_two (t->warps_k) && power_of_two (t->cluster);
  if (!shape || t->pixels > 512 || t->channels > 256 || t->warps_m > 16 || t->warps_n > 16 || t->warps_k > 4 || t->cluster > CLUSTER_MOST || t->stages < 2
      || t->stages > 32 || t->blocks < 1 || t->blocks > 8 || t->pixels / t->warps_m < 16 || t->channels / t->warps_n < 16)
    return false;
  int threads = 32 * t->warps_m * t->warps_n * t->warps_k;
  if (threads > 512 || !mma_tile_has_registers (t, LEAST_REGISTERS))
    return false;
  if (t->kind == TILE_SWAPPED && (threads % 128 || t->warps_k > 1 || t->channels < 64 || t->pixels / (threads / 128) > 256))
    return false;
  if (t->kind == TILE_WGMMA && (threads % 128 || t->warps_k > 1 || t->pixels / (threads / 128) < 64))
    return false;
  return t->stages * stage_bytes (t) <= CUDA_SHARED_HOPPER / t->blocks && fits (t, 0);
}

/* ---- parameters ---- */

/* RESIDUAL: a tile of it has its place in shared memory, in front of the stages. */
static void
set_mma_tile (struct kernel *k, const struct mma_tile *tile, bool residual)
{
  struct mma_tile shrunk = *tile, *t = &shrunk;
  const int extra = residual ? t->pixels * t->channels * 2 : 0;
  int rounds = 1, elsewhere = most (2, least ((CUDA_SHARED_ELSEWHERE - extra) / stage_bytes (t), t->stages));
  while (sum_bytes (t, rounds) + extra > CUDA_SHARED_ELSEWHERE || sum_bytes (t, rounds) + extra > CUDA_SHARED_HOPPER / t->blocks)
    rounds *= 2;
  while (t->stages > 2 && t->stages * stage_bytes (t) + extra > CUDA_SHARED_HOPPER / t->blocks)
    t->stages--;
  k->of_target = true; /* weights are the same for all tiles */
  set_int (k, "TILE_M", NULL, t->pixels);
  set_int (k, "TILE_N", NULL, t->channels);
  set_int (k, "WARPS_M", NULL, t->warps_m);
  set_int (k, "WARPS_N", NULL, t->warps_n);
  set_int (k, "WARPS_K", NULL, t->warps_k);
  set_int (k, "STAGES", NULL, t->kind != TILE_MMA ? t->stages : elsewhere);
  set_int (k, "STAGES_ELSEWHERE", NULL, elsewhere);
  set_int (k, "CLUSTER", NULL, t->cluster);
  set_int (k, "WGMMA", NULL, t->kind != TILE_MMA);
  set_int (k, "SWAPPED", NULL, t->kind == TILE_SWAPPED);
  set_int (k, "MIN_BLOCKS", NULL, t->blocks);
  set_int (k, "ROUNDS", NULL, rounds);
  const int threads = 32 * t->warps_m * t->warps_n * t->warps_k;
  int first = most (elsewhere * stage_bytes (t), sum_bytes (t, rounds));
  int hopper = t->kind != TILE_MMA ? most (t->stages * stage_bytes (t), sum_bytes (t, rounds)) : first;
  set_int (k, "BEHIND", NULL, t->stages >= 4);
  assert (rounds <= most_rounds (t));
  set_int (k, "STAGES_AT", NULL, extra);
  set_int (k, "SUM_GAP", NULL, sum_gap (t));
  k->of_target = false;
  k->shape[ON_HOPPER] = (struct launch_shape){ .threads = threads, .shared = hopper + extra };
  k->shape[ELSEWHERE] = (struct launch_shape){ .threads = threads, .shared = first + extra };
}

/* What T is in elements of 16 bits or wider ones. */
static struct mma_tile
adapted (struct mma_tile t, bool halves)
{
  if (!halves)
    {
      t.kind = TILE_MMA;
      t.blocks = 1; /* rounding takes more registers */
    }
  return t;
}

void
choose_mma_tile (struct kernel *k, const struct graph *g)
{
  const struct product *p = k->product;
  const bool halves = element_bytes (g) == 2;
  int line = 0;
  const struct mma_tile *measured = p->tile ? p->tile : cuda_tiles_find (g, k, &line);
  const struct mma_tile chosen = adapted (measured ? *measured : model_tile (p, halves), halves);
  struct mma_tile t = chosen.kind >= TILE_TMA ? adapted (gathered_tile (p, halves, true), halves) : chosen;
  if (k->packing == PACK_CUDA_MMA_STEM && !p->tile && sums_of_thread (&t) >= 64)
    t.blocks = 1; /* finding a row's taps and weights takes more registers */
  k->tile = NEW (struct product_tile);
  *k->tile = (struct product_tile){ k->function, chosen, measured && !p->tile, line };
  set_mma_tile (k, &t, p->residual && fits (&t, 2 * t.pixels * t.channels));
  int64_t across = ceil_div (p->columns, t.channels);
  k->of_target = true;
  set_int (k, "N_TILES", NULL, across);
  k->of_target = false;
  for (int i = 0; i < GENERATIONS; i++)
    {
      k->shape[i].grid[0] = ceil_div (p->rows, t.pixels) * across;
      k->shape[i].grid[1] = t.cluster;
      k->shape[i].grid[2] = p->times;
    }
  if (chosen.kind == TILE_HALO)
    set_halo_tile (k, &chosen);
  else if (chosen.kind >= TILE_TMA)
    set_tma_tile (k, &chosen);
  k->reason = mem_printf ("a product of matrices on the tensor cores, tiles of %d x %d%s%s: %s", chosen.pixels, chosen.channels,
                          chosen.kind == TILE_HALO ? " of planes" : chosen.kind >= TILE_TMA ? " by the copy engine" : "",
                          chosen.cluster > 1 && chosen.kind != TILE_HALO ? mem_printf (", %d blocks to a sum", chosen.cluster) : "",
                          p->tile ? "a patch of the pool" : measured ? "measured" : "the model's fastest");
}

/* ---- for the candidates ---- */

struct mma_tile
mma_tile_model (const struct graph *g, const struct product *p)
{
  const bool halves = element_bytes (g) == 2;
  return adapted (model_tile (p, halves), halves);
}

bool
mma_tile_applies (const struct mma_tile *t, const struct product *p)
{
  return t->kind == TILE_HALO ? halo_tile_fits (t, p) : t->kind >= TILE_TMA ? tma_tile_fits (t, p) : t->cluster <= p->steps && mma_tile_is_possible (t);
}

int
mma_tile_most_stages (const struct mma_tile *t, const struct product *p)
{
  if (t->kind == TILE_HALO)
    return halo_tile_most_stages (t, p);
  if (t->kind >= TILE_TMA)
    return tma_tile_most_stages (t, p->residual);
  const int residual = 2 * t->pixels * t->channels, limit = CUDA_SHARED_HOPPER / t->blocks;
  const int extra = p->residual && fits (t, residual) ? residual : 0;
  return ((t->kind != TILE_MMA ? limit : least (CUDA_SHARED_ELSEWHERE, limit)) - extra) / stage_bytes (t);
}
