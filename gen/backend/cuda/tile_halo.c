#include "tile_halo.h"

#include <math.h>

#include "tensor_maps.h"
#include "tile_tma.h"

/* Places of one copy. */
#define MOST_PLACES 1024

struct halo_layout
{
  int groups, places; /* of warps; places of a group */
  int load, plane_bytes, tile_at, barriers_at, bytes;
};

/* Shared memory: weights of taps, planes, the tile of results, barriers. A tile without a residual, which comes early,
 * may lie where the others were. */
static struct halo_layout
layout_of (const struct mma_tile *t, const struct product *p)
{
  struct halo_layout l
      = { .groups = t->warps_m * (t->channels / TMA_GROUP_CHANNELS), .places = t->pixels / t->warps_m };
  l.load = t->pixels + (int) p->halo->far;
  l.plane_bytes = (int) round_up (l.load, 8) * TMA_STEP_BYTES;
  int before = t->stages * t->channels * TMA_STEP_BYTES + t->cluster * l.plane_bytes;
  int tile = l.groups * l.places * TMA_STEP_BYTES;
  bool above = !p->residual && tile <= before;
  l.tile_at = above ? 0 : before;
  l.barriers_at = before + (above ? 0 : tile);
  l.bytes = l.barriers_at + 8 * (2 * t->stages + 1 + 2 * t->cluster);
  return l;
}

/* Fewer stages, where T's do not fit. */
static struct mma_tile
with_fitting_stages (struct mma_tile t, const struct product *p)
{
  while (t.stages > 2 && layout_of (&t, p).bytes > tma_shared_of_block (t.blocks))
    t.stages--;
  return t;
}

bool
halo_tile_fits (const struct mma_tile *t, const struct product *p)
{
  if (!p->halo || !tma_tile_is_possible (t) || p->halo->far + t->pixels > MOST_PLACES || t->cluster > p->halo->planes)
    return false;
  const struct mma_tile fitting = with_fitting_stages (*t, p);
  return layout_of (&fitting, p).bytes <= tma_shared_of_block (t->blocks);
}

/* Microseconds, fitted to 258 times on an H100: 3 % more than the best in the mean. As the model of other tiles, but
 * for the planes, which are waited for. */
double
halo_tile_time (const struct mma_tile *t, const struct product *p)
{
  double tiles = (double) (ceil_div (p->halo->places, t->pixels) * ceil_div (p->columns, t->channels));
  double area = t->pixels * t->channels / 16384.0, steps = (double) (p->halo->taps * p->halo->planes);
  double load
      = (double) p->halo->planes * ((double) (p->halo->far + t->pixels) + (double) p->halo->taps * t->channels) / 256;
  double of_each = ceil (tiles / CUDA_MULTIPROCESSORS), products = steps * fmax (0.286 * area, 0.07);
  double alone = 2.3 + 0.93 * products + area + (t->cluster == 1 ? 0.98 : 0.54) * (double) (p->halo->planes - 1);
  return fmax (ceil (of_each / t->blocks) * alone, of_each * (fmax (steps * 0.286 * area, 0.6 * load) + 2.6 * area));
}

int
halo_tile_most_stages (const struct mma_tile *t, const struct product *p)
{
  struct mma_tile most = *t;
  most.stages = TMA_STAGES_MOST;
  return with_fitting_stages (most, p).stages;
}

void
halo_tile_plan (struct cuda_conv_halo *plan, const struct mma_tile *tile, const struct product *p,
                const struct tensor_map **maps, struct launch_shape *hopper)
{
  const struct mma_tile fitting = with_fitting_stages (*tile, p), *t = &fitting;
  const struct halo_layout l = layout_of (t, p);
  struct tensor_map *m = NEW_ARRAY (MAPS, struct tensor_map);
  int64_t across = ceil_div (p->columns, t->channels);
  for (int i = 0; i < MAPS; i++)
    {
      m[i] = p->halo->maps[i];
      m[i].channels = TMA_GROUP_CHANNELS;
      m[i].pixels = i == MAP_W ? t->channels : i == MAP_X ? l.load : l.places;
    }
  *maps = m;
  *hopper = (struct launch_shape){ { ceil_div (p->halo->places, t->pixels) * across, 1, 1 },
                                   32 * t->warps_m * t->warps_n + 32,
                                   l.bytes };
  plan->tma = (struct plan_tma_tile){ .x_rank = m[MAP_X].rank,
                                      .pixels = l.places,
                                      .groups_m = t->warps_m,
                                      .groups_n = t->channels / TMA_GROUP_CHANNELS,
                                      .stages = t->stages,
                                      .cluster = 1,
                                      .blocks = t->blocks,
                                      .n_tiles = across,
                                      .tile_at = l.tile_at,
                                      .barriers_at = l.barriers_at };
  plan->h = p->halo->h;
  plan->w = p->halo->w;
  plan->load = l.load;
  plan->planes = t->cluster;
  plan->plane_bytes = l.plane_bytes;
}
