/* Small graphs for tests of the passes and kernels: layers in one line, random parameters, random networks. */
#ifndef RESCAST_TESTS_SMALL_GRAPH_H
#define RESCAST_TESTS_SMALL_GRAPH_H

#include "graph/init.h"
#include "frontend/build.h"

/* A graph with its input. */
struct graph *small_graph (int64_t batch, int rank, int64_t c, int64_t d, int64_t h, int64_t w);
/* The spec of a convolution; write more members behind the call's result. K, S: of H and W; of D too where DEEP. */
struct conv_spec small_spec (int64_t filters, int64_t k, int64_t s, bool deep);
/* Layers with a name of their own: op and a running number. */
int small_conv (struct graph *g, int in, struct conv_spec spec);
int small_bn (struct graph *g, int in);
int small_relu (struct graph *g, int in);
int small_prelu (struct graph *g, int in, bool same_for_all);
int small_add (struct graph *g, int a, int b);
int small_norm (struct graph *g, int in, int64_t groups, bool affine);
int small_pool (struct graph *g, int in, bool max, struct window w, bool count_padding);
int small_subsample (struct graph *g, int in, int64_t c, int64_t stride_d, int64_t stride);
/* Global pool, linear, softmax, output. */
void small_end (struct graph *g, int in);

/* Every parameter of rank 1 … is random; variances and deviations lie in 0.5 … 2, so that nothing folds to a trivial
 * factor. */
void small_params (struct graph *g, uint64_t seed);
/* The graph's output on random input. */
double *small_run (const struct graph *g, uint64_t seed);
/* Outputs before and after a pass: equal to a relative 1e-12. Frees both. */
void small_same (const struct graph *g, double *before, double *after);

/* A network of COUNT random layers, parameters included. */
struct graph *small_random (uint64_t seed, int count);

#endif
