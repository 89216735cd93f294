/* The network as a graph of nodes and tensors: what the builders make and the passes change.
 *
 * Invariants, true after every pass:
 *   - nodes stand in an order in which they can run; node 0 is the only OP_INPUT, the last is the only OP_OUTPUT;
 *   - each tensor is written by exactly one node, and every tensor that a node reads stands before it;
 *   - every extent is known; D, H, W is the order of axes, and a 2-D network has depth 1 (rank 2 says how to show
 *     it); a vector has rank 0 and extents 1;
 *   - a node's parameters are references into the weights file: passes attach per-channel factors (double) to the
 *     node instead of touching large arrays, and pack/pack.c applies them once.
 * A removed node has op OP_IDENTITY and dead = true until graph_sweep takes it out. */
#ifndef RESCAST_GRAPH_H
#define RESCAST_GRAPH_H

#include <stdio.h>

#include "activation.h"
#include "base/util.h"
#include "format/tensor_format.h"
#include "weights/weights.h"

enum op
{
#define OP(id, name, arity, reference) OP_##id,
#include "ops.def"
  OP_COUNT
};

struct tensor
{
  const char *name;
  struct shape shape;
  int producer; /* node */
  struct tensor_format format; /* dense floats until selection, the backend's, decides */
  int within;        /* the tensor that it is a part of in memory, or -1: passes/join_channels.c */
  int64_t within_at; /* … and which channel of that one is its first; a block's */
  /* passes/plan_memory.c */
  size_t offset, bytes; /* in the arena, the halo and the whole batch included; multiples of 64 */
  int first, last;      /* the nodes between which the bytes are in use, both included */
};

enum precision
{
  PRECISION_FP32,
  PRECISION_TF32, /* stored as fp32; factors of products may be rounded to 11 bits */
  PRECISION_FP16,
  PRECISION_BF16,
  PRECISION_COUNT
};

enum init
{
  INIT_NONE,    /* no source initialises it: the values must come from a file */
  INIT_CONSTANT, /* a */
  INIT_NORMAL,   /* mean a, standard deviation b */
  INIT_UNIFORM,  /* from a to b */
  INIT_FILE      /* the array in FILE (.npy) */
};

enum
{
  PARAM_MAX_RANK = 5
};

/* A named array of the source's: a weight, a bias, a statistic. */
struct param
{
  const char *name;
  const char *other_name; /* the file may have it under this one instead; or NULL */
  bool head;     /* of the last layer, which the file may call as it likes */
  bool state;    /* a statistic (running mean, variance), not a learnable */
  bool optional; /* may be missing from the weights file (an absent bias in a sequence) */
  bool all_or_none; /* … with every other parameter of the network that says so */
  const char *wanted_by; /* the option without which the file might lack it, such as "bias: true"; or NULL */
  double standardize; /* above 0: its filters are to become ones of mean 0 and variance 1, with this added to that */
  int64_t or_count;  /* of a rank 1: the file may also have so many values; 0: no */
  bool per_element; /* input statistics: the file may also give one value per element, shape (C, [D,] H, W) */
  int rank;
  int64_t shape[PARAM_MAX_RANK];
  enum init init;
  double init_a, init_b;
  const char *init_file;
  struct loc loc;
  const struct weight *value; /* NULL until weights are bound; also when optional and absent */
};

struct window
{
  int64_t kernel[AXES], stride[AXES], dilation[AXES];
  int64_t pad_lo[AXES], pad_hi[AXES]; /* for a transposed convolution: what is cropped; may be negative */
};

/* Where a channel of an OP_CHANNELS node comes from: the number of an input, and a channel of that. */
struct channel_source
{
  int input;
  int64_t channel;
};

/* What a node does with its result before storing it, per output channel:
 *   y = act (result * scale + bias + residual * residual_scale)
 * scale, bias, residual_scale, slope: arrays of C doubles, or NULL for 1, 0, 1, none. For OP_CONV and
 * OP_TRANSPOSED_CONV and OP_LINEAR pack/pack.c multiplies scale into the weights. */
struct epilogue
{
  double *scale, *bias;
  int residual; /* tensor, or -1 */
  double *residual_scale;
  struct activation act;
  double *slope; /* of an activation with one for each channel */
};

/* A max pool computed together with the convolution before it, whose whole result is then never stored. */
struct fused_pool
{
  struct window win;
  struct shape before; /* the convolution's own output */
};

enum
{
  READ_MAX_AXES = 8
};

/* An order in which a tensor's elements are read: their order C, D, H, W as an array of these extents, whose axes are
 * gone through in another one, the last fastest. */
struct element_order
{
  int axes;
  int64_t extent[READ_MAX_AXES];
  int order[READ_MAX_AXES]; /* the axis that comes first, … */
};

/* What stands around a padded map. */
/* What becomes of the mean in a group or instance normalisation. */
enum norm_mean
{
  MEAN_SUBTRACTED,
  MEAN_KEPT,   /* values are divided by the deviation alone, as in EvoNorm */
  MEAN_IGNORED /* … by the root of the mean of their squares, as in RMS and filter response normalisation */
};

enum pad_mode
{
  PAD_CONSTANT,
  PAD_REFLECT, /* the map mirrored at its outermost elements, which are not repeated */
  PAD_EDGE,    /* the outermost elements */
  PAD_WRAP     /* the map again */
};

/* Where an output of a resized axis lies among the inputs: ONNX's transformations of coordinates. */
enum coordinates
{
  COORDINATES_TORCH, /* PyTorch's rules: align_corners says which */
  COORDINATES_HALF_PIXEL,
  COORDINATES_HALF_PIXEL_SYMMETRIC, /* the map's centre stays where it is */
  COORDINATES_PYTORCH_HALF_PIXEL,   /* of an axis of extent 1 the first input */
  COORDINATES_ASYMMETRIC,
  COORDINATES_ALIGN_CORNERS
};

/* Which input is the nearest one. */
enum rounding
{
  ROUND_FLOOR,
  ROUND_CEIL,
  ROUND_PREFER_FLOOR, /* to nearest, halves down */
  ROUND_PREFER_CEIL
};

enum algorithm
{
  ALGORITHM_DIRECT,
  ALGORITHM_WINOGRAD,
  ALGORITHM_STRASSEN
};

enum
{
  STRASSEN_PRODUCTS = 7 /* of one step, in place of eight */
};

enum loop_order
{
  ORDER_OF_SHAPE,     /* the backend decides by what is less to read */
  ORDER_BLOCKS_FIRST, /* all strips of rows take turns at one block of output channels' weights */
  ORDER_STRIPS_FIRST  /* all output blocks take turns at one strip */
};

/* How a convolution is computed. {0}: directly. */
struct choice
{
  enum algorithm algorithm;
  int tile[AXES];        /* Winograd: outputs of a tile along each axis, 1: no transform; those of H and W are equal */
  enum loop_order order; /* of a direct convolution over blocks */
};

struct gate;     /* below */
struct kernel;   /* backend/kernel.h */
struct measured_tiles; /* of the backend that has such a thing */
struct backend;  /* backend/backend.h */
struct choosing; /* backend/decision.h */
struct decision; /* backend/decision.h */

struct node
{
  enum op op;
  bool dead;
  const char *name;      /* the source's layer name */
  const char *type;      /* what summary shows, such as "conv 3x3x3, stride 2" */
  struct loc loc;        /* in the options file */
  const char *covers;    /* names of all source layers computed here, joined with + */
  int *in;               /* tensors */
  int nin;
  int out;
  struct window win;     /* conv, transposed conv, pools; subsample: stride */
  int64_t first_tap[AXES]; /* taps before this one were dropped; win.kernel counts what is left */
  int64_t groups;        /* conv; group norm: number of groups; instance norm: C */
  int64_t zeros_before;  /* subsample: zero channels in front of the input's; the others stand behind them */
  bool count_padding;    /* average pool */
  double divisor;        /* average pool: of the sums; 0: as many pixels as are counted */
  int64_t uncounted[AXES]; /* average pool: of the padding behind, what no average counts */
  enum norm_mean norm_mean; /* group and instance norm */
  enum pad_mode pad_mode; /* pad, whose margins are win.pad_lo and win.pad_hi; they may be negative */
  double pad_value;      /* pad: the constant */
  enum coordinates coordinates; /* upsample */
  enum rounding rounding; /* upsample, nearest, with other coordinates than PyTorch's */
  bool align_corners;    /* upsample */
  bool nearest;          /* upsample */
  double upsample_scale[AXES]; /* upsample without align_corners: the scale that was given, or 0 for out/in */
  struct element_order read;   /* reshape */
  struct shape shape_hint; /* what the inputs do not decide: filters of a conv (c), a reshape's or upsample's extents */
  const struct channel_source *sources; /* channels: of each channel of the output, shape_hint.c of them */
  double eps;
  bool logarithm;        /* softmax: that of the result */
  bool constant_first;   /* of an operator of two operands with a constant: that is the first one */
  struct param *weight, *bias, *mean, *variance; /* NULL where the operator or this layer has none; input: variance
                                                    is the standard deviation, (x - mean) / std */
  bool same_param_for_all; /* prelu with one slope for all channels, whatever the file has */
  int stage;             /* from 1 for the residual stages, 0 before and behind them: for tables in He's notation */
  int block;             /* in its stage, from 1 */
  bool on_shortcut;
  double macs;           /* multiply-adds of one sample by the layer's definition */
  struct epilogue ep;
  struct fused_pool *pool; /* behind the epilogue, or NULL */
  const struct node *second; /* passes/merge_shortcuts.c: a 1x1 convolution of in[1] in the same sums; or NULL */
  const struct gate *gate; /* gate, squeeze: the two products that make what a map is multiplied by of its means */
  struct choice choice;            /* selection, the backend's, … */
  const struct decision *decision; /* … and why; NULL where there is nothing to choose */
  size_t scratch_bytes;  /* selection: what thread 0, or all in a kernel's stages, need beside tensors */
  size_t scratch_offset; /* … and where in the arena; without stages, other threads have it on their stacks */
  const struct kernel *kernel; /* selection */
  int64_t w_offset; /* pack/pack.c: bytes from the packed weights' start to this node's; -1 before */
};

/* Two linear layers, one behind the other. Where OP_SQUEEZE computes the first one with the mean in front of it, part
 * by part of the map, OP_GATE begins with the sum of the parts. */
struct gate
{
  struct node reduce, expand;
  int64_t features;                   /* inputs of the first one */
  int64_t parts;                      /* of a sample's map; 0: OP_GATE has both products, of the mean */
  int64_t part_channels, part_pixels; /* of a part; pixels first, the last ones are smaller */
};

struct graph
{
  const char *name, *path;
  const char *weights_path; /* the file that the parameters' values are from; NULL: initial values */
  int rank; /* of the input: 2 or 3 */
  int64_t batch;
  struct node *nodes;
  int node_count, node_cap;
  struct tensor *tensors;
  int tensor_count, tensor_cap;
  struct param **params;
  int param_count, param_cap;
  struct loc loc;       /* builders: the place in the options of what they add, given to nodes that have none, */
  int stage, block;     /* … what graph_add gives to nodes, */
  bool on_shortcut;     /* … with this */
  int depth;            /* largest number of convolutions and linear layers on a path */
  const struct backend *backend; /* backend/backend.h: decides on formats and kernels; NULL: the CPU's */
  enum precision precision;      /* what its tensors consist of and its products multiply */
  const struct measured_tiles *tiles; /* what its kernels go by, or NULL */
  bool exact;           /* no Winograd, no Strassen */
  int64_t unroll_budget; /* backend/code_budget.h: bytes of object code of one target's kernels */
  int staged_from;      /* for tests: Winograd's kernels run in stages from so many threads on; 0: where it is faster */
  int unroll_least;     /* every kernel's level at least, whatever it takes: for tests and measurements */
  bool straight;        /* … without a limit: convolutions and linear layers are written out, weights in the code */
  const struct choosing *choosing; /* what its choices go by; NULL: the model alone */
  bool keep_tensors;    /* every source layer's result gets a tensor of its own that lives to the end */
  bool matlab;          /* resnet3d or resnet2d: summary gives MATLAB's counts */
  bool probabilities;   /* the output is a softmax */
  size_t arena_bytes, arena_bound; /* passes/plan_memory.c: planned, and the lower bound from lifetimes */
  int64_t limit_offset; /* pack/pack.c: bytes from the packed weights' start to the outlier limit, a float; 0: none */
  size_t input_offset;  /* passes/plan_memory.c: where in the arena the caller may put the dense input */
};

struct graph *graph_new (const char *name, const char *path, int64_t batch);

/* A tensor's or node's index stays the same until graph_sweep. Pointers into the tables do not survive an add. */
int graph_tensor (struct graph *g, const char *name, struct shape shape);
/* Add a node with NIN inputs; its output tensor gets the name and the shape that shape.c infers: call it when all
 * of the node's attributes are set. Returns the output tensor. */
int graph_add (struct graph *g, struct node node, const int *in, int nin);
struct param *graph_param (struct graph *g, struct param p);

const char *op_name (enum op op);
/* The same, an activation's own name for OP_ACTIVATION: what a layer is called in the user's files. */
const char *node_op_name (const struct node *n);
/* Does it join two operands element by element? The second one is another tensor or, where the node has one input, its
 * weight. Along an axis where one of them has extent 1 that is stretched. */
bool op_is_binary (enum op op);
/* "fp32", "tf32", "fp16", "bf16". */
const char *precision_name (enum precision p);
/* The precision of that name; false: there is none. */
bool precision_parse (const char *name, enum precision *p);
/* What tensors of a graph of precision P consist of, save those that hold scores or features. */
enum element precision_element (enum precision p);
static inline enum element
graph_element (const struct graph *g)
{
  return precision_element (g->precision);
}
/* Does tensor T hold scores? They keep all digits in every precision: a softmax makes a relative error of a tenth where
 * a score of 30 has one of a third of a percent. */
bool graph_holds_scores (const struct graph *g, int t);
/* Does tensor T hold the features that a linear layer alone makes scores of, the means of whole maps? There are few of
 * them: in floats they cost nothing, and one of two roundings in front of the scores is left out. */
bool graph_holds_features (const struct graph *g, int t);
static inline struct strides
tensor_strides (const struct tensor *t)
{
  return format_strides (&t->format, &t->shape);
}
/* The shape of N's result before a fused pool: what its own window yields. */
static inline const struct shape *
node_own_shape (const struct graph *g, const struct node *n)
{
  return n->pool ? &n->pool->before : &g->tensors[n->out].shape;
}
/* The input has few channels and only plain convolutions read it: it may stay as planes. */
bool graph_planar_input (const struct graph *g);
/* Number of nodes that read T, the residual of an epilogue included. */
int graph_uses (const struct graph *g, int t);
/* Does N read tensor T, as an input or as its residual? */
bool node_reads (const struct node *n, int t);
/* The only reader of T, or NULL when there are none or several. */
struct node *graph_only_reader (const struct graph *g, int t);
/* Has tensor T no element below 0, whatever the network's input is? */
bool graph_never_negative (const struct graph *g, int t);
static inline struct node *
graph_producer (const struct graph *g, int t)
{
  return &g->nodes[g->tensors[t].producer];
}
/* N, which has one input, computes nothing any more: its readers read that input, and N is dead. */
void graph_bypass (struct graph *g, struct node *n);
/* The same when BY, which wrote N's only input, computes N's layer too: the tensor takes N's name. */
void graph_absorb (struct graph *g, struct node *by, struct node *n);
/* Take out dead nodes; tensors that nobody writes any more go too. Indices change. */
void graph_sweep (struct graph *g);
/* Abort (an internal error) when an invariant does not hold. */
void graph_check (const struct graph *g);
void graph_dump (const struct graph *g, FILE *f, const char *title);

#endif
