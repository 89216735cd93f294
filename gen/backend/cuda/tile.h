/* Tiles of implicit GEMMs on a GPU's tensor cores. A product is what is to be computed, an mma_tile a shape that its
 * kernel may have, and a tile_choice the one that was chosen. */
#ifndef RESCAST_CUDA_TILE_H
#define RESCAST_CUDA_TILE_H

#include "backend/decision.h"
#include "cuda_kernel.h"

/* Which instruction multiplies, and which moves tiles into shared memory. */
enum mma_kind
{
  TILE_MMA,     /* mma.sync; cp.async */
  TILE_WGMMA,   /* wgmma on sm_90a, pixels being its rows; cp.async */
  TILE_SWAPPED, /* the same, channels being its rows */
  TILE_TMA,     /* the same, moved by TMA: tile_tma.h */
  TILE_HALO     /* the same, each plane once for all of its taps; CLUSTER planes are in shared memory, and there is no
                 * split-K: tile_halo.h */
};

/* How a thread block computes its tile of pixels x channels. */
struct mma_tile
{
  int pixels, channels;
  int warps_m, warps_n, warps_k; /* that divide M, N and K (split-K) */
  int stages;
  int cluster; /* blocks of a cluster, which divide K (split-K) */
  enum mma_kind kind;
  int blocks; /* resident on one multiprocessor, at least */
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

/* An implicit GEMM of M rows and N columns, whose K is counted in k-steps of 128 bytes. One launch computes it so many
 * TIMES, once for each group or phase. */
struct product
{
  const char *name; /* its kernel's in files of tiles: without the _v2 of a homonym */
  int64_t rows, columns, steps, times;
  bool residual;               /* one is added that may be read 8 channels at a time */
  bool second;                 /* MAP_RESIDUAL is the map of a second convolution's input */
  bool stem;                   /* its rows are those of a first layer's input */
  const struct mma_tile *tile; /* the one that it has to have, or NULL for any */
  bool elsewhere;              /* its tile is for other GPUs: on compute capability 9 it is not a product of matrices */
  const struct halo *halo;     /* tensor_maps.h; NULL: not a window that TILE_HALO can do */
  const struct tensor_map *maps; /* tensor_maps.h; NULL: TMA cannot move its tiles */
};

/* The choice for a product. */
struct tile_choice
{
  const char *name; /* the product's */
  struct mma_tile tile;
  struct mma_tile gathered; /* filled by cp.async: the same, or that of other GPUs where sm_90a uses TMA */
  bool measured;            /* it is from a file of tiles or a manifest, not the model's */
  int line;                 /* the number of its line there */
};

/* ---- tile_files.c ---- */

/* Measured tiles: of a file that docs/formats.md describes, of a manifest. */
struct measured_tiles;
const struct measured_tiles *cuda_tiles_read (const char *path);
struct measured_tiles *cuda_tiles_new (void);
/* The tiles that COUNT lines of the manifest in DIR have. */
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

/* Can any kernel have the tile T? */
bool mma_tile_is_possible (const struct mma_tile *t);
/* Could P have it? */
bool mma_tile_applies (const struct mma_tile *t, const struct product *p);
/* The stages that shared memory has room for. */
int mma_tile_most_stages (const struct mma_tile *t, const struct product *p);
/* A model's time in microseconds; HALVES: of elements of 16 bits. */
double mma_tile_time (const struct mma_tile *t, const struct product *p, bool halves);

/* ---- tile_choose.c ---- */

/* The tile for P: what the graph's file of tiles says, else what a model finds fastest. */
struct tile_choice choose_mma_tile (const struct graph *g, const struct product *p);
/* The reason for a choice, for the manifest. */
char *mma_tile_reason (const struct product *p, const struct tile_choice *t);
/* The tile that the model finds fastest. */
struct mma_tile mma_tile_model (const struct graph *g, const struct product *p);

/* ---- tile_considered.c ---- */

/* The interface's: tiles, with the model's times. */
int cuda_considered (const struct graph *g, const struct node *n, struct considered *list, int most);

/* ---- tile_candidates.c ---- */

/* Tiles that product P could have, MOST of them at most, into LIST: the model's first, then the more promising ones;
 * their number. All are possible and make different kernels. */
int cuda_tile_candidates (const struct graph *g, const struct product *p, struct mma_tile *list, int most);

#endif
