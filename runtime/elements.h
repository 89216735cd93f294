/* What is known of a caller's elements, for those who read a part of them. Private to the runtime. */
#ifndef RESCAST_ELEMENTS_H
#define RESCAST_ELEMENTS_H

#include "rescast.h"

/* Bytes between E's samples, channels, planes, rows and pixels, of an array of SHAPE, C, D, H, W. RESCAST_OK or
 * RESCAST_EINVAL. */
int rescast_elements_strides (const struct rescast_elements *e, const int shape[4], ptrdiff_t strides[5]);
/* WIDTH of E's numbers of channel C, each STEP bytes behind the one before, the first at FROM, as floats to TO. */
void rescast_elements_row (float *to, const struct rescast_elements *e, const char *from, int width, ptrdiff_t step,
                           const struct rescast_info *info, int c);

#endif
