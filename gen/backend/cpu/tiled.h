/* Convolutions in tiles or pairs of pixels as tile_bound.c sees them: their packed filters, what their transforms take
 * of each position. */
#ifndef RESCAST_BACKEND_CPU_TILED_H
#define RESCAST_BACKEND_CPU_TILED_H

#include "backend/tile_bound.h"
#include "orders.h"
#include "winograd.h"

#define MOST_POSITIONS (WINOGRAD_SIDE * WINOGRAD_SIDE * WINOGRAD_SIDE)

/* One axis of a tile. PIXEL: a row for each of its outputs and inputs, |At| |Bt| of these at each position, without
 * rows that are nowhere above another one. ALL: a row for each output, |At| times the sums of |Bt|'s rows. */
struct tile_rows
{
  int count;
  double row[WINOGRAD_OUTPUTS * WINOGRAD_SIDE][WINOGRAD_SIDE];
};

/* Filters are those of PHASES of the output, one but in transposed convolutions, and of VARIANTS of each input channel,
 * of which a pixel meets one: a stem's phases, taps along D of a transposed convolution. */
struct tiled
{
  const struct graph *g;
  const struct node *n;
  const float *data; /* the node's packed weights */
  bool pairs;        /* Strassen: positions are products, AXIS is not set */
  int64_t out_c, in_c, phases, variants, positions;
  struct winograd_data axis[AXES];
  struct tile_rows pixel[AXES], all[AXES];
  struct polyphase stem;
  int *stem_at;   /* of a stem's position and channel: the line of 16 weights, -1 for none; else NULL */
  int stem_lines; /* of an output block: lines of all positions and channels */
};

/* Of a node whose order is of tiles; PACKED: all packed weights. */
struct tiled tiled_of (const struct graph *g, const struct node *n, const float *packed);
void tiled_free (struct tiled *t);

/* Phase F of a transposed convolution, in the order of its packed weights; of others, what tiled_filter wants. */
struct output_phase
{
  struct phase axis[AXES];
  struct phase_in_tiles tiles[AXES];
  int64_t base, kept; /* its first weight; positions that are kept */
};

struct output_phase output_phase (const struct tiled *t, int64_t f);

/* The magnitudes of the packed filter of output channel O for variant V of input channel C, at all positions. */
void tiled_filter (const struct tiled *t, const struct output_phase *p, int64_t o, int64_t c, int64_t v, double *u);
/* Where the packed filter of output channel O and input channel C begins; its positions lie *STEP floats apart, and the
 * next output channels of the block behind it. NULL: a stem's or a transposed convolution's, which lack some positions.
 */
const float *tiled_weights (const struct tiled *t, int64_t o, int64_t c, int64_t *step);

/* ---- tile_bound.c: what cpu_backend has ---- */

struct tile_bound cpu_tile_bound (const struct graph *g, const struct node *n, const float *packed,
                                  const int64_t *channel, int channels);
double cpu_outlier_limit (const struct graph *g, const float *packed);

#endif
