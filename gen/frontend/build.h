/* Layers as the builders write them: one call adds a node with its parameters and their initialisers, and returns
 * the output tensor. Extents are D, H, W throughout; a 2-D network's D is 1. */
#ifndef RESCAST_NETWORKS_BUILD_H
#define RESCAST_NETWORKS_BUILD_H

#include "graph/graph.h"
#include "frontend/options/options.h"

/* How a convolution's or linear layer's weights start when no file gives them. */
enum weight_init
{
  WEIGHT_INIT_HE,         /* MATLAB's "he": normal, variance 2 / fan in; bias 0 */
  WEIGHT_INIT_HE_FAN_OUT, /* torchvision: normal, variance 2 / fan out */
  WEIGHT_INIT_TORCH       /* PyTorch's default: uniform, bound 1 / sqrt (fan in), the bias too */
};

struct conv_spec
{
  int64_t filters;
  int64_t kernel[AXES], stride[AXES], dilation[AXES]; /* dilation 0 stands for 1 */
  int64_t pad_lo[AXES], pad_hi[AXES];
  bool same; /* padding same: pad_lo and pad_hi are computed */
  int64_t groups; /* 0 stands for 1 */
  bool bias;
  enum weight_init init;
};

int build_input (struct graph *g, struct shape shape);
int build_conv (struct graph *g, const char *name, int in, const struct conv_spec *spec, struct loc loc);
/* OP_BATCH_NORM with all four parameters; SCALE: the initial value of its weight. */
int build_batch_norm (struct graph *g, const char *name, int in, double eps, double scale, struct loc loc);
/* OP_INSTANCE_NORM, or OP_GROUP_NORM when GROUPS is not 0; with weight and bias. */
int build_group_norm (struct graph *g, const char *name, int in, int64_t groups, double eps, struct loc loc);
/* Over the channels of each pixel, with weight and bias. */
int build_layer_norm (struct graph *g, const char *name, int in, double eps, struct loc loc);
int build_activation (struct graph *g, const char *name, int in, struct activation act);
int build_relu (struct graph *g, const char *name, int in);
int build_add (struct graph *g, const char *name, int a, int b, struct loc loc);
/* A binary operator of tensors; an addition may have any number of them. */
int build_binary (struct graph *g, const char *name, enum op op, const int *in, int nin, struct loc loc);
/* … of one tensor and a constant of SHAPE, the parameter NAME.weight, which comes second unless FIRST. */
int build_with_constant (struct graph *g, const char *name, enum op op, int in, int rank, const int64_t *shape,
                         bool first, struct loc loc);
int build_pool (struct graph *g, const char *name, int in, enum op op, struct window win, bool same, struct loc loc);
/* OP_SUBSAMPLE with CHANNELS, of which the first ZEROS_BEFORE are zero, as are those behind the input's. */
int build_subsample (struct graph *g, const char *name, int in, int64_t channels, int64_t zeros_before,
                     const int64_t stride[AXES], struct loc loc);
int build_global_pool (struct graph *g, const char *name, int in, enum op op);
int build_linear (struct graph *g, const char *name, int in, int64_t features, enum weight_init init, struct loc loc);
int build_softmax (struct graph *g, const char *name, int in, bool logarithm);
/* A node of COUNT channels that are SOURCES of the tensors IN; TYPE: what it is called. */
int build_channels (struct graph *g, const char *name, const char *type, const int *in, int nin,
                    const struct channel_source *sources, int64_t count, struct loc loc);
/* The last node; also sets the graph's depth. */
void build_output (struct graph *g, int in);

/* The parameter LAYER.SUFFIX of shape (n0, …). */
struct param *build_param (struct graph *g, const char *layer, const char *suffix, int rank, const int64_t *shape);
/* Take the parameter *P of the node that was added last away from it, or let the weights file decide. WANTED_BY: the
 * option that says PRESENT, or NULL. */
void build_presence (struct graph *g, struct param **p, enum presence presence, const char *wanted_by);

#endif
