/* Tiles of products of matrices on a GPU's tensor cores. */
#ifndef RESCAST_CUDA_TILE_H
#define RESCAST_CUDA_TILE_H

#include "cuda_kernel.h"

/* What multiplies, and what moves a tile into shared memory. */
enum mma_kind
{
  TILE_MMA,     /* mma.sync; threads */
  TILE_WGMMA,   /* wgmma where there is such a thing, pixels being its rows; threads */
  TILE_SWAPPED, /* … channels being its rows */
  TILE_TMA,     /* the same; the copy engine: tile_tma.h */
  TILE_HALO     /* … by planes for all taps at once, CLUSTER of them in shared memory: no blocks share sums then; tile_halo.h */
};

/* How a block computes its tile, pixels x channels. */
struct mma_tile
{
  int pixels, channels;
  int warps_m, warps_n, warps_k; /* that share rows, columns, and the terms of a sum */
  int stages;
  int cluster; /* blocks that share a sum's terms */
  enum mma_kind kind;
  int blocks;  /* at least, on one multiprocessor at a time */
};

/* Shared memory that a block may have on every GPU since sm_80, and on one with wgmma, in bytes. */
#define CUDA_SHARED_ELSEWHERE (99 * 1024)
#define CUDA_SHARED_HOPPER (227 * 1024)

/* Multiprocessors of a large GPU; registers of one, and of a thread at most. */
#define CUDA_MULTIPROCESSORS 132
#define CUDA_REGISTERS 65536
#define CUDA_THREAD_REGISTERS 255
/* What a thread needs beside its sums for all else to stay in registers. */
#define CUDA_OTHER_REGISTERS 48

struct halo;

/* A product: rows x columns, terms in steps of 128 bytes, so many times beside each other. */
struct product
{
  const char *name; /* its kernel's in files of tiles: without the _v2 of a homonym */
  int64_t rows, columns, steps, times;
  bool residual; /* one is added that may be read 8 channels at a time */
  bool second;   /* MAP_RESIDUAL is the map of a second convolution's input */
  bool stem;     /* its rows are those of a first layer's input */
  const struct mma_tile *tile; /* the only one that will do, or NULL */
  bool elsewhere; /* its tile is for other GPUs: on compute capability 9 it is not a product of matrices */
  const struct halo *halo;     /* tensor_maps.h; NULL: planes cannot be copied for all their taps */
  const struct tensor_map *maps; /* tensor_maps.h; NULL: the copy engine cannot move its tiles */
};

/* What a product was given. */
struct product_tile
{
  const char *name; /* the product's */
  struct mma_tile tile;
  struct mma_tile gathered; /* that threads fill: the same, or for other GPUs where TMA moves tiles on compute capability 9 */
  bool measured; /* as a file or a manifest has it, … */
  int line;      /* … by its line of that number; else the model's, or a patch's */
};

/* ---- tile_files.c ---- */

/* Measured tiles: of a file that docs/formats.md describes, of a manifest. */
struct measured_tiles;
const struct measured_tiles *cuda_tiles_read (const char *path);
struct measured_tiles *cuda_tiles_new (void);
/* Of COUNT lines of the manifest in DIR. */
const struct measured_tiles *cuda_tiles_of_lines (const char *const *lines, int count, const char *dir);
/* Add what LINE, of a file or as cuda_tile_line makes them, says; of several that fit the last counts. Fatal at LOC. */
void cuda_tiles_add_line (struct measured_tiles *t, const char *line, struct loc loc);
/* Such a line: the tile T of the kernel NAME in G's precision and batch. */
char *cuda_tile_line (const struct graph *g, const char *name, const struct mma_tile *t);
/* "64x32 2x2x1 8 1 2 wgmma" */
char *mma_tile_text (const struct mma_tile *t);
bool mma_tile_equal (const struct mma_tile *a, const struct mma_tile *b);
/* Lines that give all measured tiles of KS again, in an order in which the last that fits is the right one; *COUNT. */
char **cuda_tiles_measured (const struct graph *g, const struct kernels *ks, int *count);

/* The tile that G's file has for product P, or NULL: the last line that fits, *LINE. */
const struct mma_tile *cuda_tiles_find (const struct graph *g, const struct product *p, int *line);

/* ---- tile.c ---- */

/* Is there such a tile, whatever the product? */
bool mma_tile_is_possible (const struct mma_tile *t);
/* Could P have it? */
bool mma_tile_applies (const struct mma_tile *t, const struct product *p);
/* The stages that shared memory has room for. */
int mma_tile_most_stages (const struct mma_tile *t, const struct product *p);
/* A model's time in microseconds; HALVES: of elements of 16 bits. */
double mma_tile_time (const struct mma_tile *t, const struct product *p, bool halves);

/* ---- tile_choose.c ---- */

/* What P gets: the graph's file decides, or a model of the time. */
struct product_tile choose_mma_tile (const struct graph *g, const struct product *p);
/* Why, for the manifest. */
char *mma_tile_reason (const struct product *p, const struct product_tile *t);
/* The model's choice. */
struct mma_tile mma_tile_model (const struct graph *g, const struct product *p);

/* ---- tile_candidates.c ---- */

/* Tiles that product P could have, MOST of them at most, into LIST: the model's first, then the more promising ones; their
 * number. All are possible and make different kernels. */
int cuda_tile_candidates (const struct graph *g, const struct product *p, struct mma_tile *list, int most);

#endif
