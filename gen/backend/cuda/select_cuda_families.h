/* Kernels of the families of operators: what select_cuda.c calls of the other select_cuda_*.c. */
#ifndef RESCAST_CUDA_SELECT_CUDA_FAMILIES_H
#define RESCAST_CUDA_SELECT_CUDA_FAMILIES_H

#include "cuda_kernel.h"

struct cuda_kernel *select_channels_cuda (const struct graph *g, const struct node *n);

/* ---- select_cuda_gate.c ---- */

/* The parts of backend.h's parts_of_gate. */
void parts_of_gate_cuda (const struct graph *g, const struct shape *s, int64_t *channels, int64_t *pixels);
struct cuda_kernel *select_squeeze_cuda (const struct graph *g, const struct node *n);
struct cuda_kernel *select_gate_cuda (const struct graph *g, const struct node *n);

/* ---- select_cuda_gemm.c: products without tensor cores ---- */

/* Kernels of convolutions, transposed ones, linear layers; BASE: what their names begin with. */
struct cuda_kernel *select_conv_gemm (const struct graph *g, const struct node *n, const char *base);
struct cuda_kernel *select_transposed_gemm (const struct graph *g, const struct node *n, const char *base);
struct cuda_kernel *select_linear_warps (const struct graph *g, const struct node *n);

/* The phases of a transposed convolution with window W and outputs OUT. */
struct phases_of_axes
{
  struct plan_phase_table table[AXES];
  int64_t phases, taps, outputs; /* of all axes: how many, the sum of their taps, outputs of the largest one */
};
struct phases_of_axes phases_of_axes (const struct window *w, const struct shape *out);

/* ---- select_cuda_mma.c: products on the tensor cores ---- */

/* Store an input of few channels as the first layer's kernel reads it best. */
void layout_of_input (struct graph *g);
struct cuda_kernel *select_conv_mma (const struct graph *g, const struct node *n, const char *base);
struct cuda_kernel *select_linear_mma (const struct graph *g, const struct node *n);
struct cuda_kernel *select_transposed_mma (const struct graph *g, const struct node *n, const char *base);

/* ---- select_cuda_stem.c ---- */

/* How the work of a first layer is divided where there is wgmma, its time in cycles and its bytes of shared memory; the
 * templates say what the names mean. */
struct stem_division
{
  int64_t groups, tiles, shared;
  int64_t strip, columns, lead_h, lead_w, ring_steps; /* before a pool */
  int64_t joined, pitch, stages;                 /* without one */
  double time;
};

/* The best division of N, a convolution whose input has STEM_INPUT_CHANNELS; false: there is none. */
bool stem_divide (const struct graph *g, const struct node *n, struct stem_division *d);
/* The plan of N's kernel, divided as D: that for other GPUs is CONV with patches of PATCH; its family, and its launch.
 */
void *stem_plan (const struct graph *g, const struct node *n, const struct stem_division *d,
                 const struct plan_mma_conv *conv, const int64_t patch[2], const struct plan_family **family,
                 struct launch_shape *hopper);

struct cuda_kernel *select_reshape_cuda (const struct graph *g, const struct node *n);
struct cuda_kernel *select_upsample_cuda (const struct graph *g, const struct node *n);
struct cuda_kernel *select_pad_cuda (const struct graph *g, const struct node *n);

#endif
