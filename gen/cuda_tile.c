/* Tiles of products on the tensor cores: what there is, by a model or by a file of measured ones. */
#include "cuda_tile.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cuda_tile_halo.h"
#include "cuda_tile_tma.h"
#include "select_parts.h"

/* Of a large GPU. */
#define MULTIPROCESSORS 132
/* Shared memory of a block: of GPUs with wgmma, and of all others since sm_80, in bytes. */
#define SHARED_MOST (227 * 1024)
#define SHARED_ELSEWHERE (99 * 1024)
#define CLUSTER_MOST 8
/* A row of one step in shared memory. */
#define STEP_BYTES 128

static const struct mma_tile tiles[] = {
  { 16, 32, 1, 1, 4, 4, 1, false, 2, false, false, false },  { 16, 32, 1, 1, 4, 4, 4, false, 2, false, false, false },
  { 32, 32, 1, 1, 4, 4, 1, false, 2, false, false, false },  { 32, 64, 1, 2, 2, 4, 1, false, 2, false, false, false },
  { 32, 64, 1, 2, 2, 4, 4, false, 2, false, false, false },  { 64, 32, 2, 2, 1, 6, 1, true, 2, false, false, false },   { 64, 32, 2, 2, 1, 6, 2, true, 2, false, false, false },
  { 64, 32, 2, 2, 1, 6, 4, true, 2, false, false, false },   { 64, 32, 2, 2, 1, 6, 8, true, 2, false, false, false },   { 64, 64, 2, 2, 1, 4, 1, true, 2, false, false, false },
  { 64, 64, 2, 2, 1, 4, 2, true, 2, false, false, false },   { 64, 64, 2, 2, 1, 4, 4, true, 2, false, false, false },   { 64, 64, 2, 2, 1, 4, 8, true, 2, false, false, false },
  { 128, 64, 2, 2, 1, 3, 1, false, 2, false, false, false }, { 128, 64, 4, 2, 1, 4, 1, true, 2, false, false, false },  { 128, 128, 4, 2, 1, 3, 1, true, 2, false, false, false },
  { 128, 128, 4, 2, 1, 6, 1, true, 1, false, false, false }, { 256, 128, 4, 2, 1, 4, 1, true, 1, false, false, false },
};

/* Microseconds, fitted to times of ResNet-50's layers on an H100: a block that is alone on its multiprocessor waits for
 * memory at every step; with many of them the copies or the products themselves are the limit. */
double
mma_tile_time (const struct mma_tile *t, const struct product *p, bool halves)
{
  if (t->halo)
    return halo_tile_time (t, p);
  if (t->copied)
    return tma_tile_time (t, p);
  double tiles_of = (double) (ceil_div (p->rows, t->pixels) * ceil_div (p->columns, t->channels) * p->times);
  double area = t->pixels * t->channels / 16384.0, load = (t->pixels + t->channels) / 128.0;
  double steps = (double) ceil_div (p->steps, t->cluster), of_each = ceil (tiles_of * t->cluster / MULTIPROCESSORS);
  bool wgmma = t->wgmma && halves;
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
  return t->channels < 128 && !t->swapped ? 8 : 4;
}

/* Each round takes an equal part of what every warp has. */
static int
most_rounds (const struct mma_tile *t)
{
  int sums = t->pixels / t->warps_m / 16, groups = t->warps_m * t->warps_n * t->warps_k / 4;
  return t->swapped ? 1 : t->wgmma ? least (sums, t->pixels / groups / 64) : sums;
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
  int most_of_all = least (SHARED_ELSEWHERE, SHARED_MOST / t->blocks);
  return extra + 2 * stage_bytes (t) <= most_of_all && extra + sum_bytes (t, most_rounds (t)) <= most_of_all;
}

/* The model's best tile that threads fill; ELSEWHERE: for GPUs without wgmma and clusters. */
static struct mma_tile
gathered_tile (const struct product *p, bool halves, bool elsewhere)
{
  const struct mma_tile *best = &tiles[0];
  for (size_t i = 1; i < sizeof tiles / sizeof *tiles; i++)
    if (tiles[i].cluster <= (elsewhere ? 1 : p->steps)
        && mma_tile_time (&tiles[i], p, halves && !elsewhere) < mma_tile_time (best, p, halves && !elsewhere))
      best = &tiles[i];
  struct mma_tile t = *best;
  t.wgmma = t.wgmma && !elsewhere;
  return t;
}

/* The model's best. */
static struct mma_tile
model_tile (const struct product *p, bool halves)
{
  struct mma_tile best = gathered_tile (p, halves, false), copied;
  double least = mma_tile_time (&best, p, halves), us;
  if (p->maps && tma_model_tile (p, &copied, &us) && us < least)
    {
      best = copied;
      least = us;
    }
  return p->halo && halo_model_tile (p, &copied, &us) && us < least ? copied : best;
}

/* ---- files ---- */

struct entry
{
  const char *precision, *layer;
  int64_t batch;
  struct mma_tile tile;
};

struct cuda_tiles
{
  struct entry *list;
  int count, cap;
};

static bool
power_of_two (int v)
{
  return v > 0 && (v & (v - 1)) == 0;
}

static bool
is_possible (const struct mma_tile *t)
{
  if (t->copied)
    return tma_tile_is_possible (t);
  bool shape = power_of_two (t->pixels) && power_of_two (t->channels) && power_of_two (t->warps_m) && power_of_two (t->warps_n)
               && power_of_two (t->warps_k) && power_of_two (t->cluster);
  if (!shape || t->pixels > 512 || t->channels > 256 || t->warps_m > 16 || t->warps_n > 16 || t->warps_k > 4 || t->cluster > CLUSTER_MOST || t->stages < 2
      || t->stages > 32 || t->blocks < 1 || t->blocks > 8 || t->pixels / t->warps_m < 16 || t->channels / t->warps_n < 16)
    return false;
  int threads = 32 * t->warps_m * t->warps_n * t->warps_k;
  if (threads > 512)
    return false;
  if (t->swapped && (threads % 128 || t->warps_k > 1 || t->channels < 64 || t->pixels / (threads / 128) > 256))
    return false;
  if (t->wgmma && !t->swapped && (threads % 128 || t->warps_k > 1 || t->pixels / (threads / 128) < 64))
    return false;
  return t->stages * stage_bytes (t) <= SHARED_MOST / t->blocks && fits (t, 0);
}

/* What multiplies, as files name it. */
static const struct { const char *name; bool wgmma, swapped, copied, halo; } kinds[] = {
  { "mma", false, false, false, false }, { "wgmma", true, false, false, false }, { "swapped", true, true, false, false },
  { "tma", true, false, true, false },   { "halo", true, false, true, true },
};
#define KINDS (sizeof kinds / sizeof *kinds)
#define KIND_NAMES "mma|wgmma|swapped|tma|halo"

static bool
set_kind (struct mma_tile *t, const char *name)
{
  for (size_t i = 0; i < KINDS; i++)
    if (!strcmp (kinds[i].name, name))
      {
        t->wgmma = kinds[i].wgmma;
        t->swapped = kinds[i].swapped;
        t->copied = kinds[i].copied;
        t->halo = kinds[i].halo;
        return true;
      }
  return false;
}

static const char *
kind_name (const struct mma_tile *t)
{
  size_t i = 0;
  while (i + 1 < KINDS && (kinds[i].wgmma != t->wgmma || kinds[i].swapped != t->swapped || kinds[i].copied != t->copied || kinds[i].halo != t->halo))
    i++;
  return kinds[i].name;
}

/* "fp16 1 conv3x3_64x56x56_relu 64x32 2x2x1 6 1 2 wgmma": precision, batch (0: any), kernel (*: any), pixels x channels,
 * warps along rows, columns and terms, stages, blocks of a cluster, blocks of a multiprocessor, instructions. */
void
cuda_tiles_add_line (struct cuda_tiles *t, const char *line, struct loc loc)
{
  char precision[8], layer[128], kind[8], more;
  struct entry e = { 0 };
  int n = sscanf (line, "%7s %" SCNd64 " %127s %dx%d %dx%dx%d %d %d %d %7s %c", precision, &e.batch, layer, &e.tile.pixels,
                  &e.tile.channels, &e.tile.warps_m, &e.tile.warps_n, &e.tile.warps_k, &e.tile.stages, &e.tile.cluster,
                  &e.tile.blocks, kind, &more);
  enum precision known;
  if (n != 12 || !precision_parse (precision, &known) || !set_kind (&e.tile, kind))
    fatal_at (loc, "a line must be PRECISION BATCH KERNEL PIXELSxCHANNELS WARPSxWARPSxWARPS STAGES CLUSTER BLOCKS " KIND_NAMES);
  if (!is_possible (&e.tile))
    fatal_at (loc, "no such tile: all numbers but stages and blocks are powers of 2, a warp has 16 x 16 sums at least, wgmma "
              "four warps for 64 pixels, tma and halo four warps for 64 channels and 8 to 256 pixels, and two stages take at most %d bytes", SHARED_ELSEWHERE);
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

struct cuda_tiles *
cuda_tiles_new (void)
{
  return NEW (struct cuda_tiles);
}

const struct cuda_tiles *
cuda_tiles_read (const char *path)
{
  struct cuda_tiles *t = cuda_tiles_new ();
  FILE *f = fopen (path, "r");
  char line[512];
  if (!f)
    fatal ("%s: %s", path, strerror (errno));
  for (int number = 1; fgets (line, sizeof line, f); number++)
    if (line[strspn (line, " \t\n")] && line[0] != '#')
      cuda_tiles_add_line (t, line, (struct loc){ path, number, 1 });
  fclose (f);
  return t;
}

char *
mma_tile_text (const struct mma_tile *t)
{
  return mem_printf ("%dx%d %dx%dx%d %d %d %d %s", t->pixels, t->channels, t->warps_m, t->warps_n, t->warps_k, t->stages,
                     t->cluster, t->blocks, kind_name (t));
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
         && a->wgmma == b->wgmma && a->swapped == b->swapped && a->copied == b->copied;
}

static void
add_line (char **lines, int *count, char *line)
{
  for (int i = 0; i < *count; i++)
    if (!strcmp (lines[i], line))
      return;
  lines[(*count)++] = line;
}

/* Homonyms may have several tiles, where one of them cannot have the other's: the order is that of the lines they are of. */
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
          const struct product_tile *p = ks->list[i]->tile;
          if (p && p->measured && p->line > last && p->line < next)
            next = p->line;
        }
      for (int i = 0; i < ks->count; i++)
        {
          const struct product_tile *p = ks->list[i]->tile;
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

/* The file's tile for kernel K, or NULL; the last line that fits, *LINE. */
static const struct mma_tile *
file_tile (const struct graph *g, const struct kernel *k, int *line)
{
  const struct mma_tile *found = NULL;
  for (int i = 0; g->tiles && i < g->tiles->count; i++)
    {
      const struct entry *e = &g->tiles->list[i];
      if (fits_precision (e, g->precision) && (!e->batch || e->batch == g->batch)
          && (!strcmp (e->layer, "*") || !strcmp (e->layer, k->function)) && mma_tile_applies (&e->tile, k->product))
        {
          found = &e->tile;
          *line = i;
        }
    }
  return found;
}

/* ---- parameters ---- */

/* RESIDUAL: a tile of it has its place in shared memory, in front of the stages. */
static void
set_mma_tile (struct kernel *k, const struct mma_tile *tile, bool residual)
{
  struct mma_tile shrunk = *tile, *t = &shrunk;
  const int extra = residual ? t->pixels * t->channels * 2 : 0;
  int rounds = 1, elsewhere = most (2, least ((SHARED_ELSEWHERE - extra) / stage_bytes (t), t->stages));
  while (sum_bytes (t, rounds) + extra > SHARED_ELSEWHERE || sum_bytes (t, rounds) + extra > SHARED_MOST / t->blocks)
    rounds *= 2;
  while (t->stages > 2 && t->stages * stage_bytes (t) + extra > SHARED_MOST / t->blocks)
    t->stages--;
  k->of_target = true; /* weights are the same for all tiles */
  set_int (k, "TILE_M", NULL, t->pixels);
  set_int (k, "TILE_N", NULL, t->channels);
  set_int (k, "WARPS_M", NULL, t->warps_m);
  set_int (k, "WARPS_N", NULL, t->warps_n);
  set_int (k, "WARPS_K", NULL, t->warps_k);
  set_int (k, "STAGES", NULL, t->wgmma ? t->stages : elsewhere);
  set_int (k, "STAGES_ELSEWHERE", NULL, elsewhere);
  set_int (k, "CLUSTER", NULL, t->cluster);
  set_int (k, "WGMMA", NULL, t->wgmma);
  set_int (k, "SWAPPED", NULL, t->swapped);
  set_int (k, "MIN_BLOCKS", NULL, t->blocks);
  set_int (k, "ROUNDS", NULL, rounds);
  const int threads = 32 * t->warps_m * t->warps_n * t->warps_k;
  int first = most (elsewhere * stage_bytes (t), sum_bytes (t, rounds));
  int hopper = t->wgmma ? most (t->stages * stage_bytes (t), sum_bytes (t, rounds)) : first;
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
  t.wgmma = t.wgmma && halves;
  t.swapped = t.swapped && halves;
  t.copied = t.copied && halves;
  if (!halves)
    t.blocks = 1; /* rounding takes more registers */
  return t;
}

void
choose_mma_tile (struct kernel *k, const struct graph *g)
{
  const struct product *p = k->product;
  const bool halves = element_bytes (g) == 2;
  int line = 0;
  const struct mma_tile *measured = p->tile ? p->tile : file_tile (g, k, &line);
  const struct mma_tile chosen = adapted (measured ? *measured : model_tile (p, halves), halves);
  struct mma_tile t = chosen.copied ? adapted (gathered_tile (p, halves, true), halves) : chosen;
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
  if (chosen.halo)
    set_halo_tile (k, &chosen);
  else if (chosen.copied)
    set_tma_tile (k, &chosen);
  k->reason = mem_printf ("a product of matrices on the tensor cores, tiles of %d x %d%s%s: %s", chosen.pixels, chosen.channels,
                          chosen.halo ? " of planes" : chosen.copied ? " by the copy engine" : "",
                          chosen.cluster > 1 && !chosen.halo ? mem_printf (", %d blocks to a sum", chosen.cluster) : "",
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
  return t->halo ? halo_tile_fits (t, p) : t->copied ? tma_tile_fits (t, p) : t->cluster <= p->steps && is_possible (t);
}

int
mma_tile_most_stages (const struct mma_tile *t, const struct product *p)
{
  if (t->halo)
    return halo_tile_most_stages (t, p);
  if (t->copied)
    return tma_tile_most_stages (t, p->residual);
  const int residual = 2 * t->pixels * t->channels, limit = SHARED_MOST / t->blocks;
  const int extra = p->residual && fits (t, residual) ? residual : 0;
  return ((t->wgmma ? limit : least (SHARED_ELSEWHERE, limit)) - extra) / stage_bytes (t);
}
