/* One NumPy array from a .npy file. */
#ifndef RESCAST_WEIGHTS_NPY_H
#define RESCAST_WEIGHTS_NPY_H

#include "weights.h"

/* The array in PATH, of a floating-point type, for the program's life; fatal when it cannot be read. */
const struct weight *npy_read (const char *path);

#endif
