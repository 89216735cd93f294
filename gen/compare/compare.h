/* `rescast compare DIR --onnx F | --reference F.npz`: a generated network's layers beside another engine's, the first
 * that differs, and why.
 *
 * The other engine's values are an ONNX model's, computed in double on the input that the network was run on, or
 * tensors that a framework wrote into an .npz. Layers and tensors are paired by their values, so that names need not be
 * the same; names are of use where values differ.
 *
 * A cause is found by trying: the layer is computed once more, as if the options said something else, and what agrees
 * then with the other engine's values is the cause. That takes the network before its layers were fused, which the
 * weights file gives. */
#ifndef RESCAST_COMPARE_H
#define RESCAST_COMPARE_H

#include "verify/verify.h"

struct compare_options
{
  /* dir, reference, weights, use, threads, seed, seconds, tolerance, verbose, planned and unfolded as verify has them;
   * seconds are also those that the search for a cause may take. */
  struct verify_options run;
  const char *onnx; /* --onnx: the model; NULL: run.reference is given */
};

/* Prints what was found; returns the exit status: 0 where all agrees, else 1. */
int compare_run (const struct compare_options *o);

#endif
