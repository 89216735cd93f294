/* The products of a network, and what their tiles could be. */
#include "tune_variants.h"

#include <math.h>
#include <string.h>

static const struct kernels *
kernels_of (const struct cuda_tuning *t)
{
  return t->variants[0].all.kernels;
}

static struct tuned_product *
find_product (const struct cuda_tuning *t, const char *name)
{
  for (int i = 0; i < t->product_count; i++)
    if (!strcmp (t->products[i].name, name))
      return &t->products[i];
  return NULL;
}

static void
add_kernel (struct cuda_tuning *t, int number)
{
  const struct kernels *ks = kernels_of (t);
  const struct tile_choice *tile = cuda_kernel_of (ks->list[number])->tile;
  struct tuned_product *p = find_product (t, tile->name);
  if (!p)
    {
      p = &t->products[t->product_count++];
      *p = (struct tuned_product){ .name = tile->name, .alike = true, .count = 1, .list = { tile->tile } };
      p->kernels = NEW_ARRAY ((size_t) ks->count, int);
      p->first = NEW_ARRAY ((size_t) ks->count, int);
      p->launches = NEW_ARRAY ((size_t) ks->count, int);
    }
  p->kernels[p->kernel_count++] = number;
  p->alike &= mma_tile_equal (&p->list[0], &tile->tile);
}

static void
count_layers (const struct cuda_tuning *t, struct tuned_product *p)
{
  const struct graph *g = tuned_graph (t);
  for (int i = g->node_count - 1; i >= 0; i--)
    for (int j = 0; j < p->kernel_count; j++)
      if (g->nodes[i].kernel == kernels_of (t)->list[p->kernels[j]])
        {
          p->first[j] = i;
          p->launches[j]++;
          p->layers++;
        }
}

/* Could all kernels of P have the tile? */
static bool
applies (const struct cuda_tuning *t, const struct tuned_product *p, const struct mma_tile *tile)
{
  for (int i = 0; i < p->kernel_count; i++)
    if (!mma_tile_applies (tile, cuda_kernel_of (kernels_of (t)->list[p->kernels[i]])->product))
      return false;
  return true;
}

static void
add_candidate (const struct cuda_tuning *t, struct tuned_product *p, const struct mma_tile *tile)
{
  if (p->count == TILES_MOST || !applies (t, p, tile))
    return;
  for (int i = p->alike ? 0 : 1; i < p->count; i++)
    if (mma_tile_equal (&p->list[i], tile))
      return;
  p->list[p->count++] = *tile;
}

/* Where the kernels' tiles are unlike, each of them is a candidate for all. */
static void
add_candidates (const struct cuda_tuning *t, struct tuned_product *p)
{
  struct mma_tile list[TILES_MOST - 1];
  int count = cuda_tile_candidates (tuned_graph (t), cuda_kernel_of (kernels_of (t)->list[p->kernels[0]])->product,
                                    list, TILES_MOST - 1);
  for (int i = 0; i < p->kernel_count; i++)
    add_candidate (t, p, &cuda_kernel_of (kernels_of (t)->list[p->kernels[i]])->tile->tile);
  for (int i = 0; i < count; i++)
    add_candidate (t, p, &list[i]);
  for (int i = 0; i < TILES_MOST; i++)
    p->us[i] = INFINITY;
}

static bool
is_tuned (const struct product *p)
{
  return p && !p->tile;
}

void
cuda_products (struct cuda_tuning *t)
{
  const struct kernels *ks = kernels_of (t);
  t->products = NEW_ARRAY ((size_t) ks->count + 1, struct tuned_product);
  for (int i = 0; i < ks->count; i++)
    if (is_tuned (cuda_kernel_of (ks->list[i])->product))
      add_kernel (t, i);
  for (int i = 0; i < t->product_count; i++)
    {
      count_layers (t, &t->products[i]);
      add_candidates (t, &t->products[i]);
    }
}

/* Is P's tile at candidate C what no line says? */
static bool
is_unlike (const struct tuned_product *p, int c)
{
  return c == 0 && !p->alike;
}

/* Lines for the candidates that CHOSEN names, and those that the folder has for the rest. */
static char **
lines_of (const struct cuda_tuning *t, int (*chosen) (const struct tuned_product *p, int arg), int arg, int *count)
{
  const struct graph *g = tuned_graph (t);
  int known;
  char **measured = cuda_tiles_measured (g, kernels_of (t), &known);
  char **lines = NEW_ARRAY ((size_t) known + (size_t) t->product_count + 1, char *);
  *count = 0;
  for (int i = 0; i < known; i++)
    {
      char precision[8], batch[24], name[128];
      const struct tuned_product *p = NULL;
      if (sscanf (measured[i], "%7s %23s %127s", precision, batch, name) == 3)
        p = find_product (t, name);
      if (!p || is_unlike (p, chosen (p, arg)))
        lines[(*count)++] = measured[i];
    }
  for (int i = 0; i < t->product_count; i++)
    {
      const struct tuned_product *p = &t->products[i];
      if (!is_unlike (p, chosen (p, arg)))
        lines[(*count)++] = cuda_tile_line (g, p->name, &p->list[chosen (p, arg)]);
    }
  return lines;
}

static int
of_variant (const struct tuned_product *p, int number)
{
  return number < p->count ? number : 0;
}

static int
in_use (const struct tuned_product *p, int unused)
{
  (void) unused;
  return p->now;
}

const struct measured_tiles *
cuda_products_tiles (const struct cuda_tuning *t, int number)
{
  int count;
  char **lines = lines_of (t, of_variant, number, &count);
  struct measured_tiles *tiles = cuda_tiles_new ();
  for (int i = 0; i < count; i++)
    cuda_tiles_add_line (tiles, lines[i], (struct loc){ "a variant", i + 1, 1 });
  return tiles;
}

char **
cuda_products_lines (const struct cuda_tuning *t, int *count)
{
  return lines_of (t, in_use, 0, count);
}

void
cuda_products_sort (struct cuda_tuning *t)
{
  for (int i = 0; i < t->product_count; i++)
    {
      struct tuned_product *p = &t->products[i];
      for (int c = 0; c < p->count; c++)
        {
          int at = c;
          for (; at > 0 && p->us[c] < p->us[p->order[at - 1]]; at--)
            p->order[at] = p->order[at - 1];
          p->order[at] = c;
        }
    }
}
