/* Tiles that threads fill: mma.m4. */
#include "tile_gathered.h"

#include <assert.h>
#include <math.h>

#define CLUSTER_MOST 8
/* What ptxas asks for beside sums. */
#define LEAST_REGISTERS 26
/* A row of one step in shared memory. */
#define STEP_BYTES 128

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

/* Does T, with EXTRA bytes in front of its stages, fit into every GPU's shared memory, and so many blocks into a large
 * one's? */
static bool
fits (const struct mma_tile *t, int extra)
{
  int most_of_all = least (CUDA_SHARED_ELSEWHERE, CUDA_SHARED_HOPPER / t->blocks);
  return extra + 2 * stage_bytes (t) <= most_of_all && extra + sum_bytes (t, most_rounds (t)) <= most_of_all;
}

int
gathered_tile_sums (const struct mma_tile *t)
{
  return t->pixels * t->channels / (32 * t->warps_m * t->warps_n);
}

bool
gathered_tile_has_registers (const struct mma_tile *t, int others)
{
  const int threads = 32 * t->warps_m * t->warps_n * t->warps_k;
  return gathered_tile_sums (t) + others
         <= least (CUDA_REGISTERS / (threads * t->blocks) / 8 * 8, CUDA_THREAD_REGISTERS);
}

static bool
power_of_two (int v)
{
  return v > 0 && (v & (v - 1)) == 0;
}

bool
gathered_tile_is_possible (const struct mma_tile *t)
{
  bool shape = power_of_two (t->pixels) && power_of_two (t->channels) && power_of_two (t->warps_m)
               && power_of_two (t->warps_n) && power_of_two (t->warps_k) && power_of_two (t->cluster);
  if (!shape || t->pixels > 512 || t->channels > 256 || t->warps_m > 16 || t->warps_n > 16 || t->warps_k > 4
      || t->cluster > CLUSTER_MOST || t->stages < 2 || t->stages > 32 || t->blocks < 1 || t->blocks > 8
      || t->pixels / t->warps_m < 16 || t->channels / t->warps_n < 16)
    return false;
  int threads = 32 * t->warps_m * t->warps_n * t->warps_k;
  if (threads > 512 || !gathered_tile_has_registers (t, LEAST_REGISTERS))
    return false;
  if (t->kind == TILE_SWAPPED
      && (threads % 128 || t->warps_k > 1 || t->channels < 64 || t->pixels / (threads / 128) > 256))
    return false;
  if (t->kind == TILE_WGMMA && (threads % 128 || t->warps_k > 1 || t->pixels / (threads / 128) < 64))
    return false;
  return t->stages * stage_bytes (t) <= CUDA_SHARED_HOPPER / t->blocks && fits (t, 0);
}

bool
gathered_tile_fits (const struct mma_tile *t, const struct product *p)
{
  return t->cluster <= p->steps && gathered_tile_is_possible (t);
}

/* Bytes in front of the stages for a tile of the residual, where there is room for one. */
static int
residual_bytes (const struct mma_tile *t, const struct product *p)
{
  const int bytes = 2 * t->pixels * t->channels;
  return p->residual && fits (t, bytes) ? bytes : 0;
}

int
gathered_tile_most_stages (const struct mma_tile *t, const struct product *p)
{
  const int limit = CUDA_SHARED_HOPPER / t->blocks;
  return ((t->kind != TILE_MMA ? limit : least (CUDA_SHARED_ELSEWHERE, limit)) - residual_bytes (t, p))
         / stage_bytes (t);
}

/* Fitted to times of ResNet-50's layers on an H100: a block that is alone on its multiprocessor waits for memory at
 * every step; with many of them the copies or the products themselves are the limit. */
double
gathered_tile_time (const struct mma_tile *t, const struct product *p, bool halves)
{
  double tiles_of = (double) (ceil_div (p->rows, t->pixels) * ceil_div (p->columns, t->channels) * p->times);
  double area = t->pixels * t->channels / 16384.0, load = (t->pixels + t->channels) / 128.0;
  double steps = (double) ceil_div (p->steps, t->cluster),
         of_each = ceil (tiles_of * t->cluster / CUDA_MULTIPROCESSORS);
  bool wgmma = t->kind != TILE_MMA && halves;
  double alone = 0.15 + steps * (0.11 + 0.02 * load + (wgmma ? 0.25 : 0.65) * area) + 4.9 * area / t->cluster
                 + (t->cluster > 1 ? 1.5 + 0.26 * t->cluster : 0);
  double many = steps * fmax (0.25 * load, wgmma ? 0.43 * area : 0) + 3.8 * area / t->cluster;
  return fmax (ceil (of_each / t->blocks) * alone, of_each * many);
}

struct plan_mma_tile
gathered_tile_plan (const struct mma_tile *tile, const struct product *p, struct launch_shapes *launch)
{
  struct mma_tile shrunk = *tile, *t = &shrunk;
  const int extra = residual_bytes (t, p);
  int rounds = 1, elsewhere = most (2, least ((CUDA_SHARED_ELSEWHERE - extra) / stage_bytes (t), t->stages));
  while (sum_bytes (t, rounds) + extra > CUDA_SHARED_ELSEWHERE
         || sum_bytes (t, rounds) + extra > CUDA_SHARED_HOPPER / t->blocks)
    rounds *= 2;
  assert (rounds <= most_rounds (t));
  while (t->stages > 2 && t->stages * stage_bytes (t) + extra > CUDA_SHARED_HOPPER / t->blocks)
    t->stages--;
  const bool wgmma = t->kind != TILE_MMA;
  const int64_t across = ceil_div (p->columns, t->channels), down = ceil_div (p->rows, t->pixels);
  int first = most (elsewhere * stage_bytes (t), sum_bytes (t, rounds));
  int hopper = wgmma ? most (t->stages * stage_bytes (t), sum_bytes (t, rounds)) : first;
  *launch = cuda_launch_blocks (down * across, t->cluster, p->times, 32 * t->warps_m * t->warps_n * t->warps_k);
  launch->shape[ON_HOPPER].shared = hopper + extra;
  launch->shape[ELSEWHERE].shared = first + extra;
  return (struct plan_mma_tile){ .pixels = t->pixels,
                                 .channels = t->channels,
                                 .warps_m = t->warps_m,
                                 .warps_n = t->warps_n,
                                 .warps_k = t->warps_k,
                                 .stages = wgmma ? t->stages : elsewhere,
                                 .stages_elsewhere = elsewhere,
                                 .cluster = t->cluster,
                                 .wgmma = wgmma,
                                 .swapped = t->kind == TILE_SWAPPED,
                                 .min_blocks = t->blocks,
                                 .rounds = rounds,
                                 .behind = t->stages >= 4,
                                 .stages_at = extra,
                                 .sum_gap = sum_gap (t),
                                 .n_tiles = across };
}
