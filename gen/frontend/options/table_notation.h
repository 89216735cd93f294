/* The notation of He et al., Table 1, as people paste it: one line of text per stage.
 *
 *   stage  := conv | pool | blocks | head                        [conv2_x:] may stand before it
 *   conv   := KERNEL[,] FILTERS [, C=GROUPS] [, stride S]        7x7, 64, stride 2
 *   pool   := KERNEL max|average pool, stride S                  3x3 max pool, stride 2
 *   blocks := [ conv conv ... ] [x N] [, stride S]               [[1x1,64][3x3,64][1x1,256]]x3
 *   head   := average pool | N-d fc | softmax, in this order     average pool, 1000-d fc, softmax
 *
 * x, X, * and the multiplication sign are one; between the convolutions of a block commas, semicolons, brackets of
 * their own or nothing at all; /2 is stride 2; LaTeX's \left[, \begin{bmatrix}, \\, &, \text and \times are read. */
#ifndef RESCAST_OPTIONS_TABLE_NOTATION_H
#define RESCAST_OPTIONS_TABLE_NOTATION_H

#include "base/util.h"
#include "base/yaml.h"

enum table_kind
{
  TABLE_CONV,
  TABLE_MAX_POOL,
  TABLE_AVERAGE_POOL,
  TABLE_BLOCKS,
  TABLE_HEAD
};

enum
{
  TABLE_MAX_CONVS = 8
};

struct table_conv
{
  struct loc loc;
  int64_t kernel[3]; /* D H W, the order of input-size; D is 1 in 2-D */
  int64_t filters;
  int64_t groups; /* 1, or ResNeXt's C */
};

struct table_stage
{
  enum table_kind kind;
  struct loc loc;
  int conv_count; /* blocks: the convolutions of one block; conv and pools: 1 (a pool has the kernel alone) */
  struct table_conv convs[TABLE_MAX_CONVS];
  int64_t repeat; /* number of blocks */
  /* D H W; of a conv and a pool, and of the first block of blocks (1 in the others). Where none is written: 1, or 2
   * for blocks whose first convolution has more filters than the (first) convolution of the stage of convolutions
   * before. */
  int64_t stride[3];
  bool global_pool, softmax; /* head: what the line says */
  int64_t classes;           /* head: of the fc, or 0 */
};

struct table
{
  int count;
  struct table_stage *stages; /* heads come last */
  bool softmax;               /* some head says so */
};

/* STAGES (a list of texts) as stages of a network with EXTENTS (2 or 3) spatial extents, CHANNELS input channels and
 * NUM_CLASSES classes. Fatal on any error, with its column. */
struct table *table_parse (const struct yaml *stages, int extents, int64_t channels, int64_t num_classes);

/* One stage; strides that aren't written are left as 1, in blocks as 0 0 0. */
void table_stage_parse (const struct yaml *text, int extents, int64_t num_classes, struct table_stage *t);

#endif
