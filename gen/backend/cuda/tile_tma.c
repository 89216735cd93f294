/* Tiles that TMA moves: cuda/tma.m4. */
#include "tile_tma.h"

#include <math.h>

/* A multiprocessor has 228 KB, of which a block takes 1 KB more than it asks for. */
int
tma_shared_of_block (int blocks)
{
  return (CUDA_SHARED_HOPPER + 1024) / blocks - 1024;
}

struct tma_layout
{
  int groups, pixels; /* of warps; pixels of a group */
  int out_pixels;     /* … whose results it stores */
  int stage_bytes, tile_at, sums_at, barriers_at, bytes;
};

/* Shared memory: stages, the tile of results, sums from a cluster's other blocks, barriers. A tile without a residual,
 * which comes early, may lie where the stages were. */
static struct tma_layout
layout_of (const struct mma_tile *t, bool residual)
{
  struct tma_layout l = { .groups = t->warps_m * (t->channels / TMA_GROUP_CHANNELS), .pixels = t->pixels / t->warps_m };
  l.out_pixels = l.pixels / t->cluster;
  l.stage_bytes = (t->pixels + t->channels) * TMA_STEP_BYTES;
  int stages = t->stages * l.stage_bytes, tile = l.groups * l.out_pixels * TMA_STEP_BYTES;
  bool above = !residual && t->cluster == 1 && tile <= stages;
  l.tile_at = above ? 0 : stages;
  l.sums_at = stages + (above ? 0 : tile);
  l.barriers_at = l.sums_at + (t->cluster > 1 ? l.groups * l.pixels * TMA_GROUP_CHANNELS * (int) sizeof (float) : 0);
  l.bytes = l.barriers_at + 8 * (2 * t->stages + 1);
  return l;
}

/* Fewer stages, where T's do not fit. */
static struct mma_tile
with_fitting_stages (struct mma_tile t, bool residual)
{
  while (t.stages > 2 && layout_of (&t, residual).bytes > tma_shared_of_block (t.blocks))
    t.stages--;
  return t;
}

bool
tma_tile_is_possible (const struct mma_tile *t)
{
  if (t->pixels < 8 || t->warps_m < 1 || t->warps_k != 1 || t->warps_n != t->channels / 16
      || t->channels % TMA_GROUP_CHANNELS || t->channels > 256 || t->pixels % t->warps_m || t->stages < 2
      || t->stages > TMA_STAGES_MOST || t->blocks < 1 || t->blocks > 8 || t->cluster < 1 || t->cluster > 8
      || (t->cluster & (t->cluster - 1)))
    return false;
  int pixels = t->pixels / t->warps_m, threads = 32 * t->warps_m * t->warps_n + 32;
  return pixels >= 8 && pixels <= 256 && pixels % (t->kind == TILE_HALO ? 8 : 8 * t->cluster) == 0 && threads <= 544
         && (pixels / 2 + CUDA_OTHER_REGISTERS) * threads * t->blocks <= CUDA_REGISTERS;
}

bool
tma_tile_fits (const struct mma_tile *t, const struct product *p)
{
  if (!p->maps || !tma_tile_is_possible (t) || t->cluster > p->steps)
    return false;
  const struct mma_tile fitting = with_fitting_stages (*t, p->residual);
  return layout_of (&fitting, p->residual).bytes <= tma_shared_of_block (t->blocks);
}

/* Microseconds, fitted to 1768 times of layers of ResNet-18, -50 and 3-D networks at batches of 1 to 256 on an H100;
 * its choice took 4 % more time than the best of those measured, in the mean. A block alone waits for memory and starts
 * and ends by itself; with many of them, the tensor cores, shared memory or the second-level cache are the limit. */
double
tma_tile_time (const struct mma_tile *t, const struct product *p)
{
  double tiles = (double) (ceil_div (p->rows, t->pixels) * ceil_div (p->columns, t->channels));
  double area = t->pixels * t->channels / 16384.0, load = (t->pixels + t->channels) / 256.0;
  double steps = (double) ceil_div (p->steps, t->cluster), of_each = ceil (tiles * t->cluster / CUDA_MULTIPROCESSORS);
  double step = fmax (0.32 * area, 0.43 * load),
         end = 1.76 * area / t->cluster + (t->cluster > 1 ? 0.5 + 0.12 * t->cluster : 0);
  double alone = 1.38 + steps * 0.32 * area + 0.19 * load * fmin (steps, t->stages) + end;
  return fmax (ceil (of_each / t->blocks) * alone, 0.27 + of_each * (steps * step + 1.22 * end));
}

int
tma_tile_most_stages (const struct mma_tile *t, bool residual)
{
  struct mma_tile most = *t;
  most.stages = TMA_STAGES_MOST;
  return with_fitting_stages (most, residual).stages;
}

struct plan_tma_tile
tma_tile_plan (const struct mma_tile *tile, const struct product *p, const struct tensor_map **maps,
               struct launch_shape *hopper)
{
  const struct mma_tile fitting = with_fitting_stages (*tile, p->residual), *t = &fitting;
  const struct tma_layout l = layout_of (t, p->residual);
  struct tensor_map *m = NEW_ARRAY (MAPS, struct tensor_map);
  int64_t across = ceil_div (p->columns, t->channels);
  for (int i = 0; i < MAPS; i++)
    {
      m[i] = p->maps[i];
      m[i].channels = TMA_GROUP_CHANNELS;
      m[i].pixels = i == MAP_W                                        ? t->channels
                    : i == MAP_Y || (i == MAP_RESIDUAL && !p->second) ? l.out_pixels
                                                                      : l.pixels;
    }
  *maps = m;
  *hopper = (struct launch_shape){ { ceil_div (p->rows, t->pixels) * across, t->cluster, 1 },
                                   32 * t->warps_m * t->warps_n + 32,
                                   l.bytes };
  return (struct plan_tma_tile){ .x_rank = m[MAP_X].rank,
                                 .second_rank = p->second ? m[MAP_RESIDUAL].rank : 0,
                                 .pixels = l.pixels,
                                 .groups_m = t->warps_m,
                                 .groups_n = t->channels / TMA_GROUP_CHANNELS,
                                 .stages = t->stages,
                                 .cluster = t->cluster,
                                 .blocks = t->blocks,
                                 .n_tiles = across,
                                 .tile_at = l.tile_at,
                                 .sums_at = l.sums_at,
                                 .barriers_at = l.barriers_at };
}
