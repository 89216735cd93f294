/* Resizing of one axis by a matrix. */
#ifndef RESCAST_FRONTEND_ONNX_RESIZE_H
#define RESCAST_FRONTEND_ONNX_RESIZE_H

#include "convert.h"

struct resampling
{
  int64_t in, out;
  double scale;                       /* out / in, or what is given */
  const char *coordinates, *rounding; /* ONNX's words */
  bool nearest, is_cubic, antialias;
  double cubic;      /* the cubic's coefficient */
  bool exclude;      /* elements outside have no part in the sum; else those at the edge stand for them */
  double start, end; /* tf_crop_and_resize: the part that is taken, of 1, … */
  double outside;    /* … and the value of what is beyond the map */
};

/* V resized along its axis AXIS. */
void resample_axis (struct conversion *c, const struct onnx_node *n, struct value *v, int axis,
                    const struct resampling *r);

#endif
