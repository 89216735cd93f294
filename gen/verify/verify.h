/* `rescast verify DIR`: every kernel of a generated network against the naive reference in double.
 *
 * The network's shared library is run layer by layer. Before each layer its inputs are overwritten with random values
 * and its output with NaN; after it the output must agree with reference/reference.c within a bound that follows from
 * float rounding, its halo and padding channels must be zero, and nothing else may have changed.
 *
 * The library is loaded and run in child processes alone: a kernel that ends its process, or does not return in time,
 * is named, and the layers behind it run in another child.
 *
 * With NaN and infinities among the inputs, the output must have them where the reference has, and the kernels that
 * docs/numbers.md names may have NaN elsewhere; padding channels of blocks of floats, which may hold NaN then, do so in
 * the inputs: no kernel may read them. */
#ifndef RESCAST_VERIFY_H
#define RESCAST_VERIFY_H

#include "graph/bind.h"

struct verify_options
{
  const char *dir;       /* the generated folder */
  struct weights_use use; /* of -w */
  const char *weights;   /* -w: also the whole network against the graph before the passes; or NULL */
  const char *reference; /* --reference: an .npz with input and output; or NULL */
  const char *junit;     /* --junit: an XML report; or NULL */
  int threads;           /* --threads; 0 or 1: one */
  uint64_t seed;         /* --seed */
  double seconds;        /* --seconds: a kernel's time at most; 0: a minute and a second for every 10^8 multiply-adds */
  double tolerance;      /* --tolerance: relative L2 error of the whole network; 0: what its precision allows */
  bool verbose;          /* -v: a line per layer */
  bool non_finite;       /* --non-finite: once more with NaN and infinities among the inputs */

  /* Called with USER for everything that was checked; FAILURE NULL: it agrees. Or NULL. */
  void (*found) (void *user, const char *layer, const char *failure);
  void *user;

  /* The graphs that DIR was generated from, rebuilt from MANIFEST (DIR/NAME.json), after all passes: kernels chosen,
   * arena planned, offsets into the packed weights known (pack_unpack works). Node i is the network's layer i. Those
   * for the host's targets, of a precision each, then that for a device's; NULL behind the last. */
  struct graph *const *(*planned) (const char *dir, const char *manifest);
  /* The same as the builder made it, before all passes, with parameters from the file WEIGHTS. */
  struct graph *(*unfolded) (const char *dir, const char *manifest, const char *weights, const struct weights_use *use);
};

/* Prints what disagrees and a summary; returns the exit status, 0 or 1. */
int verify_run (const struct verify_options *o);

#endif
