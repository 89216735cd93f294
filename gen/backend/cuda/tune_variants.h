/* Variants of a network, one for each candidate of its products' tiles, and the steps of tuning that make, compile,
 * load and time them, in this order. Only this folder includes this. */
#ifndef RESCAST_TUNE_CUDA_VARIANTS_H
#define RESCAST_TUNE_CUDA_VARIANTS_H

#include <time.h>

#include "../../../runtime/cuda/driver.h"
#include "backend/cuda/tile.h"
#include "emit_cuda.h"
#include "tune/folder.h"
#include "tune/tune.h"

enum
{
  TILES_MOST = 49 /* of a product: the folder's, and candidates */
};

/* What a line of a file of tiles is for: kernels of one name, and the launches of each. */
struct tuned_product
{
  const char *name;
  int *kernels, kernel_count;
  int *first, *launches; /* of each kernel: the first launch, and how many there are */
  int layers;            /* all launches */
  /* list[0] is the folder's choice. If the kernels of this name differ there, no file line can express it, and another
   * candidate is taken where there is one. */
  struct mma_tile list[TILES_MOST];
  bool alike;
  int count;
  double us[TILES_MOST]; /* a launch alone, in the mean; INFINITY: no such candidate, or given up as too slow */
  int order[TILES_MOST]; /* the fastest first */
  int now;               /* the candidate in use, while the network is timed */
};

/* The whole network with candidate NUMBER of every product; number 0: as the folder is. */
struct cuda_variant
{
  int number;
  struct emission all;  /* graph and kernels */
  struct emission part; /* the same with those kernels alone that differ from the folder's: what is compiled */
  const char *source;   /* of the part, once it is compiled; NULL: it is not */
  int first_map; /* of its tensor maps among those of all variants */
  void *module;
  void **functions; /* of all kernels, NULL where the part lacks one */
};

struct cuda_tuning
{
  const struct tune_options *o;
  struct manifest m;
  struct weights *weights;
  int64_t weight_bytes;
  struct tuned_product *products;
  int product_count;
  struct cuda_variant *variants;
  int variant_count;
  int major, minor; /* of the GPU */
  struct timespec start;
  /* in the GPU's memory */
  const struct cuda_driver *driver;
  struct rescast_info info;
  struct rescast_cuda_network network;
  struct rescast_cuda_launch *launches; /* the network's */
  struct rescast_cuda_map *maps;        /* of all variants */
  int map_count;
  struct rescast_weights packed;
  struct rescast_cuda_host host;
};

static inline const struct graph *
tuned_graph (const struct cuda_tuning *t)
{
  return t->variants[0].all.g;
}

/* The share of --seconds that is over. */
static inline double
tune_cuda_spent (const struct cuda_tuning *t)
{
  struct timespec now;
  clock_gettime (CLOCK_MONOTONIC, &now);
  return ((double) (now.tv_sec - t->start.tv_sec) + 1e-9 * (double) (now.tv_nsec - t->start.tv_nsec)) / t->o->seconds;
}

/* ---- cuda_gpu.c ---- */

/* The compute capability of GPU number GPU; NULL, or why it cannot be used. The driver stays untouched in this process.
 */
const char *tune_cuda_gpu (int gpu, int *major, int *minor);

/* ---- cuda_products.c ---- */

/* Products of the graph of variant 0, and their candidates. */
void cuda_products (struct cuda_tuning *t);
/* Tiles for variant NUMBER of the network. */
const struct measured_tiles *cuda_products_tiles (const struct cuda_tuning *t, int number);
/* Sort each product's candidates by their time. */
void cuda_products_sort (struct cuda_tuning *t);
/* Lines of tiles that say what is in use now. */
char **cuda_products_lines (const struct cuda_tuning *t, int *count);

/* ---- cuda_compile.c ---- */

/* Plan variant NUMBER with TILES. */
struct cuda_variant cuda_variant_plan (const struct cuda_tuning *t, int number, const struct measured_tiles *tiles);
/* Compile all variants, several at a time, into the cache in FOLDER. Of those that cannot be compiled source stays
 * NULL, and *WHY is what the compiler says of one of them, of variant 0 if it is among them. */
void cuda_variants_compile (struct cuda_tuning *t, const char *folder, const char **why);

/* ---- cuda_time.c ---- */

/* Everything onto the GPU; NULL or an error's words. */
const char *cuda_network_open (struct cuda_tuning *t);
void cuda_network_close (struct cuda_tuning *t);
/* Use candidate C of the product P from now on. */
void cuda_network_use (struct cuda_tuning *t, struct tuned_product *p, int c);
/* Median of RUNS runs, in microseconds, of launch PART alone or of RESCAST_ALL_LAYERS. */
double cuda_network_time (struct cuda_tuning *t, int part, int runs);
/* The network's output on the random input that it has; malloc'ed. */
float *cuda_network_output (struct cuda_tuning *t, int64_t *count);

/* ---- cuda_search.c ---- */

/* Time every candidate alone. */
void cuda_search_alone (struct cuda_tuning *t);
/* Choose by the time of the whole network. */
void cuda_search_whole (struct cuda_tuning *t);
/* The network's time in microseconds with what is in use now, *AFTER, and as the folder is, *BEFORE. */
void cuda_search_compare (struct cuda_tuning *t, double *before, double *after);

/* ---- cuda_report.c ---- */

/* Each product: launches, microseconds of one of them alone before and after, its tile. */
void cuda_report_table (const struct cuda_tuning *t);
/* Put the LINES into the file PATH, behind what it has of other products. */
void cuda_report_tiles (const char *path, char **lines, int count);

#endif
