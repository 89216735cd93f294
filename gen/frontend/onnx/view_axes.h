/* Which axes of its layer a value's axes are, for views.c. */
#ifndef RESCAST_FRONTEND_ONNX_VIEW_AXES_H
#define RESCAST_FRONTEND_ONNX_VIEW_AXES_H

#include "convert.h"

enum
{
  VIEW_MAX_AXES = 4 /* of a sample's tensor: C, D, H, W */
};

/* OUT, whose rank and shape are set, has V's layer with axes of extent 1 more or less? BATCH: its first axis is the
 * batch's. Sets OUT's axes. */
bool view_relabel (const struct value *v, struct value *out, bool batch);
/* The axes of a tensor with as many axes: C, then W, then H, then D. */
void view_place (struct value *v, bool batch);
/* V, of another shape than its layer, as a view of that. */
const struct view *view_of (const struct value *v, const struct value *of, bool batch);

#endif
