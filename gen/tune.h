/* `rescast tune`: time what each convolution could be computed by on this machine, and keep what is fastest. */
#ifndef RESCAST_TUNE_H
#define RESCAST_TUNE_H

struct tune_options
{
  const char *dir, *weights; /* weights NULL: the initialisers' */
  const char *wisdom;        /* a file to add the times to, or NULL */
  int threads;               /* 0: the program's default */
};

/* The exit status. */
int tune (const struct tune_options *o);

#endif
