/* The tiles that a product could have, for people to read. */
#include "tile.h"

static const char *
kind_text (const struct mma_tile *t)
{
  static const char *const texts[]
    = { [TILE_MMA] = "mma.sync", [TILE_WGMMA] = "wgmma", [TILE_SWAPPED] = "wgmma, channels as rows",
        [TILE_TMA] = "wgmma by TMA", [TILE_HALO] = "wgmma by TMA, planes with halos" };
  return texts[t->kind];
}

static char *
tile_words (const struct mma_tile *t)
{
  return mem_printf ("%d x %d, %s, %d stages%s", t->pixels, t->channels, kind_text (t), t->stages,
                     t->cluster < 2           ? ""
                     : t->kind == TILE_HALO   ? mem_printf (", %d planes", t->cluster)
                                              : mem_printf (", %d blocks to a sum", t->cluster));
}

/* The chosen tile first. */
int
cuda_considered (const struct graph *g, const struct node *n, struct considered *list, int most)
{
  const struct cuda_kernel *k = cuda_kernel_of (n->kernel);
  const bool halves = element_bytes (graph_element (g)) == 2;
  int count = 0;
  if (!k->product || !k->tile || k->product->tile || most < 1)
    return 0;
  struct mma_tile *tiles = NEW_ARRAY ((size_t) most, struct mma_tile);
  const int candidates = cuda_tile_candidates (g, k->product, tiles, most);
  for (int i = -1; i < candidates && count < most; i++)
    {
      const struct mma_tile *t = i < 0 ? &k->tile->tile : &tiles[i];
      if (i < 0 || !mma_tile_equal (t, &k->tile->tile))
        list[count++] = (struct considered){ .text = tile_words (t),
                                             .ms = mma_tile_time (t, k->product, halves) * 1e-3,
                                             .chosen = i < 0 };
    }
  return count;
}
