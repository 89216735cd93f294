/* Which tile a product gets: what a file says, or a model's fastest. */
#include "tile.h"

#include "tile_gathered.h"
#include "tile_halo.h"
#include "tile_tma.h"

/* What the model chooses from: tiles that threads fill, with the warps that share rows, columns and terms, stages,
 * cluster and blocks of a multiprocessor; … */
#define MMA(pixels, channels, m, n, k, stages, cluster, blocks)                                                        \
  {                                                                                                                    \
    pixels, channels, m, n, k, stages, cluster, TILE_MMA, blocks                                                       \
  }
#define WGMMA(pixels, channels, m, n, k, stages, cluster, blocks)                                                      \
  {                                                                                                                    \
    pixels, channels, m, n, k, stages, cluster, TILE_WGMMA, blocks                                                     \
  }
static const struct mma_tile gathered[] = {
  MMA (16, 32, 1, 1, 4, 4, 1, 2),     MMA (16, 32, 1, 1, 4, 4, 4, 2),     MMA (32, 32, 1, 1, 4, 4, 1, 2),
  MMA (32, 64, 1, 2, 2, 4, 1, 2),     MMA (32, 64, 1, 2, 2, 4, 4, 2),     WGMMA (64, 32, 2, 2, 1, 6, 1, 2),
  WGMMA (64, 32, 2, 2, 1, 6, 2, 2),   WGMMA (64, 32, 2, 2, 1, 6, 4, 2),   WGMMA (64, 32, 2, 2, 1, 6, 8, 2),
  WGMMA (64, 64, 2, 2, 1, 4, 1, 2),   WGMMA (64, 64, 2, 2, 1, 4, 2, 2),   WGMMA (64, 64, 2, 2, 1, 4, 4, 2),
  WGMMA (64, 64, 2, 2, 1, 4, 8, 2),   MMA (128, 64, 2, 2, 1, 3, 1, 2),    WGMMA (128, 64, 4, 2, 1, 4, 1, 2),
  WGMMA (128, 128, 4, 2, 1, 3, 1, 2), WGMMA (128, 128, 4, 2, 1, 6, 1, 1), WGMMA (256, 128, 4, 2, 1, 4, 1, 1),
};

/* … and those of TMA, with the warpgroups along pixels. */
#define TMA(pixels, channels, m, stages, cluster, blocks)                                                              \
  {                                                                                                                    \
    pixels, channels, m, channels / 16, 1, stages, cluster, TILE_TMA, blocks                                           \
  }
#define HALO(places, channels, m, stages, planes, blocks)                                                              \
  {                                                                                                                    \
    places, channels, m, channels / 16, 1, stages, planes, TILE_HALO, blocks                                           \
  }
static const struct mma_tile copied[] = {
  TMA (32, 64, 1, 8, 1, 2),    TMA (32, 64, 1, 8, 2, 2),    TMA (32, 64, 1, 8, 4, 2),   TMA (64, 64, 1, 6, 1, 2),
  TMA (64, 64, 1, 6, 2, 2),    TMA (64, 64, 1, 6, 4, 2),    TMA (64, 64, 1, 6, 8, 2),   TMA (128, 64, 1, 4, 1, 2),
  TMA (128, 64, 1, 4, 2, 2),   TMA (128, 64, 1, 3, 1, 3),   TMA (256, 64, 1, 2, 1, 2),  TMA (256, 64, 2, 2, 1, 2),
  TMA (64, 128, 1, 4, 1, 2),   TMA (64, 128, 1, 4, 4, 2),   TMA (128, 128, 1, 3, 1, 2), TMA (128, 128, 1, 3, 2, 2),
  TMA (256, 128, 1, 4, 1, 1),  TMA (256, 128, 2, 4, 1, 1),  TMA (128, 256, 1, 4, 1, 1), HALO (232, 64, 1, 6, 1, 2),
  HALO (176, 64, 1, 6, 1, 2),  HALO (120, 64, 1, 6, 1, 2),  HALO (464, 64, 2, 6, 1, 1), HALO (464, 64, 2, 6, 2, 1),
  HALO (240, 128, 1, 4, 1, 1), HALO (240, 128, 1, 4, 2, 1),
};

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
      const int most_stages = mma_tile_most_stages (t, p);
      best.stages = t->stages < most_stages ? t->stages : most_stages;
      best_us = mma_tile_time (t, p, halves);
    }
  return best;
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

struct tile_choice
choose_mma_tile (const struct graph *g, const struct product *p)
{
  const bool halves = element_bytes (graph_element (g)) == 2;
  struct tile_choice t = { .name = p->name };
  const struct mma_tile *given = p->tile ? p->tile : cuda_tiles_find (g, p, &t.line);
  t.measured = given && !p->tile;
  t.tile = adapted (given ? *given : model_tile (p, halves), halves);
  t.gathered = t.tile.kind >= TILE_TMA ? adapted (gathered_tile (p, halves, true), halves) : t.tile;
  if (p->stem && !p->tile && gathered_tile_sums (&t.gathered) >= 64)
    t.gathered.blocks = 1; /* finding a row's taps and weights takes more registers */
  return t;
}

char *
mma_tile_reason (const struct product *p, const struct tile_choice *t)
{
  const struct mma_tile *tile = &t->tile;
  return mem_printf (
      "a product of matrices on the tensor cores, tiles of %d x %d%s%s: %s", tile->pixels, tile->channels,
      tile->kind == TILE_HALO  ? " of planes"
      : tile->kind >= TILE_TMA ? " by TMA"
                               : "",
      tile->cluster > 1 && tile->kind != TILE_HALO ? mem_printf (", %d blocks to a sum", tile->cluster) : "",
      p->tile       ? "a patch of the pool"
      : t->measured ? "measured"
                    : "the model's fastest");
}

struct mma_tile
mma_tile_model (const struct graph *g, const struct product *p)
{
  const bool halves = element_bytes (graph_element (g)) == 2;
  return adapted (model_tile (p, halves), halves);
}
