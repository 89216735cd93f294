/* Volumes larger than the network's input, which windows of its extents are run over. */
#ifndef RESCAST_GENERATE_WINDOWS_H
#define RESCAST_GENERATE_WINDOWS_H

#include "emit/params.h"

/* Has G's output a place for what each window gives: a vector, or a map whose extents are the input's times or over
 * whole numbers? */
bool windows_possible (const struct graph *g);
/* GAUSSIAN_D, GAUSSIAN_H and GAUSSIAN_W: the factors of the weight of each voxel in a window's map. */
void windows_params (struct params *p, const struct graph *g);

#endif
