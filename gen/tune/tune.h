/* `rescast tune`: time what each convolution could be computed by on this machine, and keep what is fastest. */
#ifndef RESCAST_TUNE_H
#define RESCAST_TUNE_H

#include "graph/bind.h"

struct backend;

struct tune_options
{
  struct weights_use use; /* of the weights */
  const char *dir, *weights; /* weights NULL: the initialisers' */
  bool cpu;                     /* tune its part, … */
  const struct backend *device; /* … and this one's; NULL: none. Beside the CPU's it may be missing */
  int gpu;                      /* its number */
  const char *tiles; /* a file to add the device's tiles to, or NULL */
  double seconds;    /* for the device */
  const char *wisdom;        /* a file to add the times to, or NULL */
  int threads;               /* 0: the program's default */
};

/* The exit status. */
int tune (const struct tune_options *o);

#endif
