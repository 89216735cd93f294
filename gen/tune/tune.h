/* `rescast tune`: time what each convolution could be computed by on this machine, and keep what is fastest. */
#ifndef RESCAST_TUNE_H
#define RESCAST_TUNE_H

#include "graph/bind.h"

/* What to tune for. */
enum tune_device
{
  TUNE_ALL, /* whatever there is */
  TUNE_CPU,
  TUNE_CUDA
};

struct tune_options
{
  struct weights_use use; /* of the weights */
  const char *dir, *weights; /* weights NULL: the initialisers' */
  enum tune_device device;
  int gpu;           /* its number */
  const char *tiles; /* a file to add the GPU's tiles to, or NULL */
  double seconds;    /* for the GPU */
  const char *wisdom;        /* a file to add the times to, or NULL */
  int threads;               /* 0: the program's default */
};

/* The exit status. */
int tune (const struct tune_options *o);

#endif
