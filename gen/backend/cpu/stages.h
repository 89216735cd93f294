/* From how many threads on a Winograd kernel is faster in three stages: inputs transformed, products, sums transformed
 * back. In one stage each thread transforms the inputs of its own tiles and reads the weights of its output blocks at
 * all positions; in three it has few of the positions, and their weights, of all tiles, but inputs and sums pass from
 * thread to thread. */
#ifndef RESCAST_BACKEND_CPU_STAGES_H
#define RESCAST_BACKEND_CPU_STAGES_H

#include "backend/kernel.h"
#include "shares.h"

struct stages
{
  int64_t inputs, products, outputs;      /* units that the threads share */
  double input_ns, product_ns, output_ns; /* of all of them on one thread */
  double input_bytes, sum_bytes;          /* what the stages hand on */
  double tensor_in_bytes, tensor_out_bytes;
  double weight_bytes;
};

/* With fewer blocks of outputs there is little to multiply beside the transforms, and the kernel has one tile of them.
 */
#define STAGES_LEAST_BLOCKS 3

/* More bytes than these, handed on twice, leave the caches of all threads. */
#define STAGES_MOST_BYTES ((int64_t) 32 << 20)

/* The slowest of N threads, by the model. */
double stages_ns (const struct stages *s, const struct target_cost *c, int64_t n);
/* Into how many pieces the work of each stage may be cut. */
void stages_pieces (const struct stages *s, int64_t pieces[STAGES]);
/* The least number of threads from which on these stages are faster than W's shares; 0: there is none. */
int stages_from (const struct stages *s, const struct work *w, const struct target *t);

#endif
