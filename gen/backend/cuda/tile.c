/* Tiles of products on the tensor cores: what each kind of them is asked. */
#include "tile.h"

#include "tile_gathered.h"
#include "tile_halo.h"
#include "tile_tma.h"

bool
mma_tile_is_possible (const struct mma_tile *t)
{
  return t->kind >= TILE_TMA ? tma_tile_is_possible (t) : gathered_tile_is_possible (t);
}

bool
mma_tile_applies (const struct mma_tile *t, const struct product *p)
{
  return t->kind == TILE_HALO  ? halo_tile_fits (t, p)
         : t->kind == TILE_TMA ? tma_tile_fits (t, p)
                               : gathered_tile_fits (t, p);
}

int
mma_tile_most_stages (const struct mma_tile *t, const struct product *p)
{
  return t->kind == TILE_HALO  ? halo_tile_most_stages (t, p)
         : t->kind == TILE_TMA ? tma_tile_most_stages (t, p->residual)
                               : gathered_tile_most_stages (t, p);
}

double
mma_tile_time (const struct mma_tile *t, const struct product *p, bool halves)
{
  return t->kind == TILE_HALO  ? halo_tile_time (t, p)
         : t->kind == TILE_TMA ? tma_tile_time (t, p)
                               : gathered_tile_time (t, p, halves);
}
