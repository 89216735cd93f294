/* Initial values of parameters that no weights file gives, drawn from one documented generator: the same seed gives
 * the same bits on every machine, so nothing here depends on libm's rounding. */
#ifndef RESCAST_GRAPH_INIT_H
#define RESCAST_GRAPH_INIT_H

#include "graph.h"

/* Values for every parameter of G: each gets its own stream, seeded by SEED and the parameter's name, so that adding
 * a layer changes no other layer's values. Sets param->value (float32, in the generator's arena or malloc'ed for the
 * program's life). INIT_NONE with no value is fatal, naming the parameter, and so is what
 * check_values refuses. Returns how many parameters have random values, not constants or a file's. */
int init_params (struct graph *g, uint64_t seed);

/* The stream itself: uniform in [0, 1) with 53 bits, and standard normal. */
struct random
{
  uint64_t state;
};
struct random random_seed (uint64_t seed, const char *name);
double random_uniform (struct random *r);
double random_normal (struct random *r);

#endif
