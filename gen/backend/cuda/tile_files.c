/* Files of tiles, and the lines of manifests: read, written, searched. */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "tile.h"

struct entry
{
  const char *precision, *layer;
  int64_t batch;
  struct mma_tile tile;
};

struct measured_tiles
{
  struct entry *list;
  int count, cap;
};

/* In the order of enum mma_kind. */
static const char *const kinds[] = { "mma", "wgmma", "swapped", "tma", "halo" };
#define KINDS (sizeof kinds / sizeof *kinds)
#define KIND_NAMES "mma|wgmma|swapped|tma|halo"

static bool
set_kind (struct mma_tile *t, const char *name)
{
  for (size_t i = 0; i < KINDS; i++)
    if (!strcmp (kinds[i], name))
      {
        t->kind = (enum mma_kind) i;
        return true;
      }
  return false;
}

/* "fp16 1 conv3x3_64x56x56_relu 64x32 2x2x1 6 1 2 wgmma": precision, batch (0: any), kernel (*: any), pixels x
 * channels, warps along rows, columns and terms, stages, blocks of a cluster, blocks of a multiprocessor, instructions.
 */
void
cuda_tiles_add_line (struct measured_tiles *t, const char *line, struct loc loc)
{
  char precision[8], layer[128], kind[8], more;
  struct entry e = { 0 };
  int n = sscanf (line, "%7s %" SCNd64 " %127s %dx%d %dx%dx%d %d %d %d %7s %c", precision, &e.batch, layer,
                  &e.tile.pixels, &e.tile.channels, &e.tile.warps_m, &e.tile.warps_n, &e.tile.warps_k, &e.tile.stages,
                  &e.tile.cluster, &e.tile.blocks, kind, &more);
  enum precision known;
  if (n != 12 || !precision_parse (precision, &known) || !set_kind (&e.tile, kind))
    fatal_at (
        loc,
        "a line must be PRECISION BATCH KERNEL PIXELSxCHANNELS WARPSxWARPSxWARPS STAGES CLUSTER BLOCKS " KIND_NAMES);
  if (!mma_tile_is_possible (&e.tile))
    fatal_at (
        loc,
        "no such tile: all numbers but stages and blocks are powers of 2, a warp has 16 x 16 sums at least, wgmma "
        "four warps for 64 pixels, tma and halo four warps for 64 channels and 8 to 256 pixels, sums fit into "
        "registers, and two stages take at most %d bytes",
        CUDA_SHARED_ELSEWHERE);
  e.precision = mem_strdup (precision);
  e.layer = mem_strdup (layer);
  if (t->count == t->cap)
    {
      struct entry *grown = NEW_ARRAY ((size_t) (t->cap = 2 * t->cap + 64), struct entry);
      if (t->count)
        memcpy (grown, t->list, (size_t) t->count * sizeof *grown);
      t->list = grown;
    }
  t->list[t->count++] = e;
}

struct measured_tiles *
cuda_tiles_new (void)
{
  return NEW (struct measured_tiles);
}

const struct measured_tiles *
cuda_tiles_of_lines (const char *const *lines, int count, const char *dir)
{
  struct measured_tiles *t = cuda_tiles_new ();
  for (int i = 0; i < count; i++)
    cuda_tiles_add_line (t, lines[i], (struct loc){ mem_printf ("%s (manifest): tile %d", dir, i), 0, 0 });
  return t;
}

const struct measured_tiles *
cuda_tiles_read (const char *path)
{
  struct measured_tiles *t = cuda_tiles_new ();
  FILE *f = fopen (path, "r");
  char line[512];
  if (!f)
    fatal ("%s: %s", path, strerror (errno));
  for (int number = 1; fgets (line, sizeof line, f); number++)
    if (line[strspn (line, " \t\n")] && line[0] != '#')
      cuda_tiles_add_line (t, line, (struct loc){ path, number, 1 });
  if (ferror (f))
    fatal ("%s: cannot be read: %s", path, strerror (errno));
  fclose (f);
  return t;
}

char *
mma_tile_text (const struct mma_tile *t)
{
  return mem_printf ("%dx%d %dx%dx%d %d %d %d %s", t->pixels, t->channels, t->warps_m, t->warps_n, t->warps_k,
                     t->stages, t->cluster, t->blocks, kinds[t->kind]);
}

char *
cuda_tile_line (const struct graph *g, const char *name, const struct mma_tile *t)
{
  return mem_printf ("%s %" PRId64 " %s %s", precision_name (g->precision), g->batch, name, mma_tile_text (t));
}

bool
mma_tile_equal (const struct mma_tile *a, const struct mma_tile *b)
{
  return a->pixels == b->pixels && a->channels == b->channels && a->warps_m == b->warps_m && a->warps_n == b->warps_n
         && a->warps_k == b->warps_k && a->stages == b->stages && a->cluster == b->cluster && a->blocks == b->blocks
         && a->kind == b->kind;
}

static void
add_line (char **lines, int *count, char *line)
{
  for (int i = 0; i < *count; i++)
    if (!strcmp (lines[i], line))
      return;
  lines[(*count)++] = line;
}

/* Homonyms may have several tiles, where one of them cannot have the other's: the order is that of the lines they are
 * of. */
char **
cuda_tiles_measured (const struct graph *g, const struct kernels *ks, int *count)
{
  char **lines = NEW_ARRAY ((size_t) ks->count + 1, char *);
  *count = 0;
  for (int last = -1, next = 0; next < INT_MAX; last = next)
    {
      next = INT_MAX;
      for (int i = 0; i < ks->count; i++)
        {
          const struct tile_choice *p = cuda_kernel_of (ks->list[i])->tile;
          if (p && p->measured && p->line > last && p->line < next)
            next = p->line;
        }
      for (int i = 0; i < ks->count; i++)
        {
          const struct tile_choice *p = cuda_kernel_of (ks->list[i])->tile;
          if (p && p->measured && p->line == next)
            add_line (lines, count, cuda_tile_line (g, p->name, &p->tile));
        }
    }
  return lines;
}

/* bf16 costs what fp16 does. */
static bool
fits_precision (const struct entry *e, enum precision p)
{
  return !strcmp (e->precision, precision_name (p)) || (p == PRECISION_BF16 && !strcmp (e->precision, "fp16"));
}

const struct mma_tile *
cuda_tiles_find (const struct graph *g, const struct product *p, int *line)
{
  const struct mma_tile *found = NULL;
  for (int i = 0; g->tiles && i < g->tiles->count; i++)
    {
      const struct entry *e = &g->tiles->list[i];
      if (fits_precision (e, g->precision) && (!e->batch || e->batch == g->batch)
          && (!strcmp (e->layer, "*") || !strcmp (e->layer, p->name)) && mma_tile_applies (&e->tile, p))
        {
          found = &e->tile;
          *line = i;
        }
    }
  return found;
}
