/* Tensor formats: how a tensor's elements lie in memory. Whoever needs bytes, distances or places asks here. */
#ifndef RESCAST_FORMAT_TENSOR_FORMAT_H
#define RESCAST_FORMAT_TENSOR_FORMAT_H

#include "element.h"

enum axis
{
  AXIS_D,
  AXIS_H,
  AXIS_W,
  AXES
};

struct shape
{
  int rank; /* spatial axes: 3, 2, or 0 for a vector */
  int64_t c;
  int64_t dim[AXES];
};

int64_t shape_pixels (const struct shape *s); /* D·H·W */
int64_t shape_count (const struct shape *s);  /* C·D·H·W */
/* "64 x 56 x 56", the axes the rank has. */
char *shape_text (const struct shape *s);
bool shape_equal (const struct shape *a, const struct shape *b);

/* Where the channels stand among the axes. */
enum layout
{
  LAYOUT_PLANAR,       /* N, C, D, H, W */
  LAYOUT_BLOCKED,      /* N, C / block, D, H, W, block */
  LAYOUT_CHANNELS_LAST /* N, D, H, W, C */
};

struct tensor_format
{
  enum element element;
  enum layout layout;
  int block; /* channels are filled up to a multiple of this; 1: none are added. 1 in a planar format */
  int halo_lo[AXES], halo_hi[AXES]; /* zeros stored before and behind the data, in elements of each axis */
};

/* Are the channels that pad the last block of F zeros, whatever the others are? Readers of a block of floats leave its
 * padding out, NaN or not; those of smaller elements multiply whole pairs and tiles of channels. */
static inline bool
format_pads_with_zeros (const struct tensor_format *f)
{
  return f->layout == LAYOUT_BLOCKED && f->element != ELEMENT_F32;
}

/* Of dense arrays of floats, such as the caller's: N, C, D, H, W. */
extern const struct tensor_format format_dense;

/* Distances in elements between neighbours, and of the first pixel from the tensor's start. */
struct strides
{
  int64_t pixel, row, plane;
  int64_t block;  /* from one group of channels that lie side by side to the next */
  int64_t sample, origin;
};

/* Channels that are stored, those that fill up the last block included. */
int64_t format_channels (const struct tensor_format *f, const struct shape *s);
/* Channels of a pixel that lie side by side, */
int64_t format_lanes (const struct tensor_format *f, const struct shape *s);
/* … and how many such groups there are. */
int64_t format_groups (const struct tensor_format *f, const struct shape *s);
/* Elements along an axis, both halos included. */
int64_t format_extent (const struct tensor_format *f, const struct shape *s, int axis);
struct strides format_strides (const struct tensor_format *f, const struct shape *s);
/* All elements of a batch, as a double too: that one does not overflow. */
int64_t format_elements (const struct tensor_format *f, const struct shape *s, int64_t batch);
double format_elements_estimate (const struct tensor_format *f, const struct shape *s, int64_t batch);
int64_t format_bytes (const struct tensor_format *f, const struct shape *s, int64_t batch);

/* An element's coordinates: sample, channel, place on each axis: negative or beyond the shape in the halo. */
struct position
{
  int64_t n, c, at[AXES];
};

/* Elements from the start of a tensor with strides S to the one at P, and back. */
int64_t format_index (const struct strides *s, struct position p);
struct position format_position (const struct tensor_format *f, const struct strides *s, int64_t index);

#endif
