/* Tiles worth timing for a product. A shape that the model finds far too slow is left out, and so are stages and blocks
 * that make no difference: what remains is compiled, each candidate in a variant of the network. */
#include "tile.h"

#include <math.h>
#include <stdlib.h>

#include "tile_gathered.h"

/* The model is wrong by so much at most, where it was fitted by 6 % in the mean. */
#define MODEL_ERROR 2.5

#define MMA(pixels, channels, m, n, k) { pixels, channels, m, n, k, 0, 0, TILE_MMA, 0 }
#define WGMMA(pixels, channels, m, n) { pixels, channels, m, n, 1, 0, 0, TILE_WGMMA, 0 }
#define SWAPPED(pixels, channels, m, n) { pixels, channels, m, n, 1, 0, 0, TILE_SWAPPED, 0 }
#define TMA(pixels, channels, m) { pixels, channels, m, channels / 16, 1, 0, 0, TILE_TMA, 0 }
#define HALO(places, channels, m) { places, channels, m, channels / 16, 1, 0, 0, TILE_HALO, 0 }

/* Pixels, channels, and the warps that share rows, columns and terms; another kind is another row. */
static const struct mma_tile shapes[] = {
  MMA (16, 32, 1, 1, 4),   MMA (16, 64, 1, 2, 2),   MMA (16, 128, 1, 4, 1),   MMA (32, 32, 1, 1, 4),
  MMA (32, 64, 1, 2, 2),   MMA (32, 64, 2, 2, 1),   MMA (32, 128, 1, 4, 1),   MMA (64, 32, 2, 1, 2),
  MMA (64, 32, 2, 2, 1),   MMA (64, 64, 2, 2, 1),   MMA (64, 128, 2, 4, 1),   MMA (128, 32, 4, 1, 1),
  MMA (128, 64, 4, 2, 1),  MMA (128, 128, 4, 2, 1), WGMMA (64, 32, 2, 2),     WGMMA (64, 64, 2, 2),
  WGMMA (64, 128, 2, 2),   WGMMA (64, 256, 2, 2),   WGMMA (128, 32, 4, 2),    WGMMA (128, 64, 2, 2),
  WGMMA (128, 64, 4, 2),   WGMMA (128, 128, 4, 2),  WGMMA (256, 64, 4, 2),    WGMMA (256, 128, 4, 2),
  SWAPPED (16, 64, 2, 2),  SWAPPED (32, 64, 2, 2),  SWAPPED (64, 64, 2, 2),   SWAPPED (128, 64, 2, 2),
  SWAPPED (256, 64, 4, 2), SWAPPED (64, 128, 2, 2), SWAPPED (128, 128, 4, 2), SWAPPED (256, 128, 4, 2),
  TMA (16, 64, 1),         TMA (32, 64, 1),         TMA (64, 64, 1),          TMA (96, 64, 1),
  TMA (128, 64, 1),        TMA (192, 64, 1),        TMA (256, 64, 1),         TMA (256, 64, 2),
  TMA (32, 128, 1),        TMA (64, 128, 1),        TMA (96, 128, 1),         TMA (128, 128, 1),
  TMA (192, 128, 1),       TMA (256, 128, 1),       TMA (256, 128, 2),        TMA (64, 256, 1),
  TMA (128, 256, 1),       HALO (112, 64, 1),       HALO (120, 64, 1),        HALO (176, 64, 1),
  HALO (232, 64, 1),       HALO (240, 64, 2),       HALO (464, 64, 2),        HALO (120, 128, 1),
  HALO (176, 128, 1),      HALO (240, 128, 1),
};
#define SHAPES (int) (sizeof shapes / sizeof *shapes)

static const int clusters[] = { 1, 2, 4, 8 };
#define CLUSTERS (int) (sizeof clusters / sizeof *clusters)

/* Stages by how often they are best: where each multiprocessor has one block, whose copies nothing else hides, and
 * where it has several. */
static const int stages_alone[] = { 8, 4, 6, 12, 3, 2 }, stages_beside[] = { 4, 3, 6, 2, 8 };

/* A shape and a cluster with the stages and blocks to try. */
struct division
{
  struct mma_tile list[sizeof stages_alone / sizeof *stages_alone + 1];
  int count;
  double us; /* the model's */
};

static double
tiles_of (const struct mma_tile *t, const struct product *p)
{
  return (double) (ceil_div (p->rows, t->pixels) * ceil_div (p->columns, t->channels) * p->times);
}

/* Is more than half of the tile beyond the product, and would a smaller one do? */
static bool
wasteful (const struct mma_tile *t, const struct product *p)
{
  const bool rows = t->kind >= TILE_SWAPPED; /* are channels */
  int least_pixels = t->kind == TILE_WGMMA ? 64 : 16, least_channels = rows ? 64 : 32;
  return (t->pixels > least_pixels && t->pixels / 2 >= p->rows)
         || (t->channels > least_channels && t->channels / 2 >= p->columns);
}

/* T with as many blocks on a multiprocessor as there is room for. */
static bool
set_blocks (struct mma_tile *t, const struct product *p, int most_blocks)
{
  for (t->blocks = most_blocks; t->blocks > 0; t->blocks--)
    if ((t->kind >= TILE_TMA || gathered_tile_has_registers (t, CUDA_OTHER_REGISTERS)) && mma_tile_applies (t, p)
        && t->stages <= mma_tile_most_stages (t, p))
      return true;
  return false;
}

static struct division
divide (struct mma_tile t, const struct product *p, bool halves)
{
  struct division d = { .count = 0 };
  double blocks_each = ceil (tiles_of (&t, p) * (t.kind == TILE_HALO ? 1 : t.cluster) / CUDA_MULTIPROCESSORS);
  const int64_t steps = ceil_div (p->steps, t.kind == TILE_HALO ? 1 : t.cluster);
  const bool alone = blocks_each <= 1;
  const int *stages = alone ? stages_alone : stages_beside;
  const int count
      = (int) (alone ? sizeof stages_alone / sizeof *stages_alone : sizeof stages_beside / sizeof *stages_beside);
  for (int i = 0; i < count; i++)
    {
      t.stages = stages[i];
      if ((t.stages <= steps + 1 || t.stages == 2) && set_blocks (&t, p, !halves ? 1 : blocks_each > 2 ? 3 : 2))
        d.list[d.count++] = t;
    }
  if (d.count && d.list[0].blocks > 2) /* and with more registers */
    {
      d.list[d.count] = d.list[0];
      d.list[d.count++].blocks = 2;
    }
  if (d.count)
    d.us = mma_tile_time (&d.list[0], p, halves);
  return d;
}

static int
by_time (const void *a, const void *b)
{
  double x = ((const struct division *) a)->us, y = ((const struct division *) b)->us;
  return (x > y) - (x < y);
}

/* All divisions, the fastest by the model first. */
static int
divisions_of (const struct product *p, bool halves, struct division *list)
{
  int count = 0;
  for (int i = 0; i < SHAPES; i++)
    for (int j = 0; j < CLUSTERS; j++)
      {
        struct mma_tile t = shapes[i];
        t.cluster = clusters[j];
        if ((t.kind != TILE_MMA && !halves) || (t.kind == TILE_TMA && !p->maps) || (t.kind == TILE_HALO && !p->halo)
            || wasteful (&t, p) || t.cluster > p->steps)
          continue;
        if (t.kind != TILE_HALO && t.cluster > 1 && tiles_of (&t, p) * t.cluster > 2 * CUDA_MULTIPROCESSORS)
          continue; /* the GPU is full without sharing sums */
        list[count] = divide (t, p, halves);
        count += list[count].count > 0;
      }
  qsort (list, (size_t) count, sizeof *list, by_time);
  while (count > 1 && list[count - 1].us > MODEL_ERROR * list[0].us)
    count--;
  return count;
}

static bool
is_listed (const struct mma_tile *list, int count, const struct mma_tile *t)
{
  for (int i = 0; i < count; i++)
    if (mma_tile_equal (&list[i], t))
      return true;
  return false;
}

/* In turns: each division's first stages, then each one's second. */
int
cuda_tile_candidates (const struct graph *g, const struct product *p, struct mma_tile *list, int most)
{
  struct division *all = NEW_ARRAY ((size_t) SHAPES * CLUSTERS, struct division);
  int divisions = divisions_of (p, element_bytes (graph_element (g)) == 2, all), count = 0;
  if (most < 1 || p->tile || p->elsewhere)
    return 0;
  list[count++] = mma_tile_model (g, p);
  for (int turn = 0; turn < (int) (sizeof all->list / sizeof *all->list); turn++)
    for (int i = 0; i < divisions && count < most; i++)
      if (turn < all[i].count && !is_listed (list, count, &all[i].list[turn]))
        list[count++] = all[i].list[turn];
  return count;
}
