/* An ONNX graph becomes a list of layers, the text of a `network: sequence`, and the tensors that its parameters are.
 * For this folder alone.
 *
 * Nodes are gone through in the model's order. A value is either a constant, which is worked out at once, or depends on
 * the network's input; of the latter the shape is known, the batch included, and a layer that has it. Elementwise
 * arithmetic is not turned into layers as it comes but kept as an expression of one layer's elements, until something
 * else needs it: exporters write silu, gelu, hard-swish and mish in many ways, and what an expression is shows in its
 * values (expression.h). */
#ifndef RESCAST_FRONTEND_ONNX_CONVERT_H
#define RESCAST_FRONTEND_ONNX_CONVERT_H

#include <setjmp.h>

#include "expression.h"
#include "graph/activation.h"
#include "onnx/model.h"
#include "tables.h"

/* A layer's elements in order, as an array of these extents, whose axes are gone through in another order. */
struct view
{
  const struct value *of; /* what the layer is without */
  int axes;
  int64_t extent[ONNX_MAX_RANK];
  int order[ONNX_MAX_RANK]; /* the axis that comes first, … */
};

struct value
{
  const char *name;
  const struct weight *constant; /* or NULL: it depends on the input */
  int rank;                      /* of what depends on the input: N, C and the axes of the map */
  int64_t shape[ONNX_MAX_RANK];
  int axis[ONNX_MAX_RANK];      /* which axis of N, C, D, H, W order (from 0, without the missing ones) each axis is:
                                   one that the layer does not have stands for an extent of 1 */
  int map;                      /* axes of the layer's map, 2 or 3; the value may lack some, whose extent is 1, and N
                                   where the batch is 1 */
  const struct view *view;      /* the elements are the layer's so, and AXIS says nothing; or NULL */
  const char *layer;            /* the elements are those of this layer, … */
  const struct expression *f;   /* … or this function of them; NULL: themselves */
  const struct onnx_node *node; /* that made f, for the name of the layer that it becomes */
  bool vector;                  /* the layer's result is a vector, whatever axes of extent 1 there are here */
  bool never_negative;          /* no element is below 0, as an activation has left them */
  bool flat;                    /* a vector of all elements of a layer that is still a map, in order */
  int64_t before[ONNX_MAX_RANK], after[ONNX_MAX_RANK]; /* so many zeros along each axis, which no layer has yet */
  int uses;                                            /* inputs of nodes, and outputs of the graph */
};

/* A reading of a model after which there is another one: a refusal ends the reading and not the program. */
struct reading
{
  jmp_buf refused;
  const char *why;
  bool fixed; /* the model says the extent of its input's first axis, of several */
};

struct conversion
{
  const struct onnx_model *model;
  struct reading *reading; /* or NULL: a refusal is final */
  const struct onnx_node **nodes; /* those that the output needs, functions expanded, in order */
  size_t node_count;
  size_t at;                  /* which of them is being converted; NULL: one that was, with one before */
  struct table_of_names *values;
  const char *output; /* the value that the network's output is */
  int64_t batch;
  const struct value *input; /* the network's */
  int input_axes;            /* of a sample, if the input is a view of a layer with fewer, else 0 */
  bool channels_last;        /* which the model has its channels behind, and turns at once */
  bool first_is_sample;      /* the input's first axis is one of the sample's, as no other reading was possible */
  struct text layers;        /* the text so far */
  const char *previous;      /* the layer written last */
  size_t layer_count;
  struct table_of_names *names; /* of layers */
  struct weight *tensors;       /* the parameters, named as the sequence names them */
  size_t tensor_count, tensor_cap;
  size_t calls;  /* of functions, so far */
  size_t written; /* values that nodes of other nodes have made */
  size_t budget; /* bytes that constants and expanded functions may still take */
};

/* ---- values.c ---- */

/* The value NAME; made where it is new. */
struct value *value_of (struct conversion *c, const char *name);
/* The input I of N, NULL where it is left out; fatal where no node before has made it. */
struct value *value_in (struct conversion *c, const struct onnx_node *n, size_t i);
/* The same; fatal where it is left out. */
struct value *value_needed (struct conversion *c, const struct onnx_node *n, size_t i);
/* The output I of N, to be filled in. */
struct value *value_out (struct conversion *c, const struct onnx_node *n, size_t i);
/* "(1, 3, 224, 224)" */
const char *value_shape (const struct value *v);
/* Which of its axes is the axis I of N, C, D, H, W order. */
int value_axis (const struct value *v, int i);
/* Its axes stand in the order N, C, D, H, W? */
bool value_in_order (const struct value *v);
bool value_has_margins (const struct value *v);
/* Its extent along the axis I of N, C, D, H, W order; 1 where it lacks that. */
int64_t value_extent (const struct value *v, int i);
bool value_has_batch (const struct value *v);
/* (N, C) and axes of the map in their order, of a layer that is a map. */
bool value_is_map (const struct value *v);
/* V is what LAYER has, with the axes in order: (N, C), (N, C, W), (N, C, H, W) or (N, C, D, H, W). */
void value_is_layer (struct value *v, const char *layer, int rank, const int64_t *shape);

/* A layer that puts BEFORE and AFTER around the AXES axes of INPUT's map. */
const char *pad_layer (struct conversion *c, const struct onnx_node *n, int axes, const char *input,
                       const int64_t *before, const int64_t *after, const char *mode, double value);
/* The zeros around V, which no layer has yet, by one. */
void pad_settle (struct conversion *c, const struct onnx_node *n, struct value *v);

/* ---- views.c ---- */

/* Do V's axes go through its layer's elements in their order? */
bool view_in_order (const struct value *v);
/* The output of N is V with other extents. */
void view_reshape (struct conversion *c, const struct onnx_node *n, struct value *v, int rank, const int64_t *shape);
/* V, whose axes I and K have changed places already, as a layer of its own: its layer with these exchanged. */
void view_exchange (struct conversion *c, const struct onnx_node *n, struct value *v, int i, int k);
/* V with places in its layer for all of its axes: those of extent 1 that the layer lacked; BATCH: the batch, of extent
 * 1, becomes one of a sample's. */
void view_complete (struct conversion *c, const struct onnx_node *n, struct value *v, bool batch);
/* V with its axis AXIS as its layer's channels, which it may change places with. */
void view_to_channels (struct conversion *c, const struct onnx_node *n, struct value *v, int axis);
/* V, a vector, as a map of one pixel. */
void view_to_map (struct conversion *c, const struct onnx_node *n, struct value *v);
/* V has lost axes: where it lacks channels, a layer that has them. */
void view_finish (struct conversion *c, const struct onnx_node *n, struct value *v);
/* The output of N has V's elements, read as VIEW says, as a tensor of SHAPE, of V's rank. */
void view_reread (struct conversion *c, const struct onnx_node *n, struct value *v, const struct view *view,
                const int64_t shape[ONNX_MAX_RANK]);
/* The output of N is V with its axes in another order. */
void view_transpose (struct conversion *c, const struct onnx_node *n, struct value *v, const int *order);
/* Make V the elements of a layer whose axes are V's in V's order: by a layer that moves them, if need be. */
void view_settle (struct conversion *c, const struct onnx_node *n, struct value *v);

/* ---- view_merged.c ---- */

/* The network's input of more axes than layers have, V, as a view of a layer with fewer, which is returned. */
const struct value *view_input (struct conversion *c, struct value *v);
/* view_settle of the network's output, whose axes may be more than a layer's: then it is the value returned. */
struct value *view_output (struct conversion *c, const struct onnx_node *n, struct value *v);

/* ---- refusals ---- */

/* `rescast: MODEL: WHAT`. */
_Noreturn void convert_refuse (const struct conversion *c, const char *fmt, ...) PRINTF (2, 3);
/* `rescast: MODEL: node NAME (OP, opset N): WHAT`. */
_Noreturn void convert_bad (const struct conversion *c, const struct onnx_node *n, const char *fmt, ...) PRINTF (3, 4);

/* ---- attributes, with the operator's default ---- */

int64_t attribute_int (const struct conversion *c, const struct onnx_node *n, const char *name, int64_t fallback);
double attribute_real (const struct conversion *c, const struct onnx_node *n, const char *name, double fallback);
const char *attribute_text (const struct conversion *c, const struct onnx_node *n, const char *name,
                            const char *fallback);
/* COUNT integers, or false where there are none; fatal where it has another number of them. */
bool attribute_ints (const struct conversion *c, const struct onnx_node *n, const char *name, size_t count,
                     int64_t *to);
/* An axis of RANK, which may be counted from the end. */
int convert_axis (const struct conversion *c, const struct onnx_node *n, int64_t axis, int rank);
/* Axes of RANK as bits: the attribute `axes`, or the input I that newer opsets have in its place; 0 where neither is
 * there. */
uint32_t convert_axes (struct conversion *c, const struct onnx_node *n, size_t i, int rank);

/* ---- constants.c, moves.c, arithmetic.c ---- */

int64_t constant_int (const struct weight *w, size_t i);
bool constant_is_real (const struct weight *w);
/* A new constant in the conversion's memory; its elements are zeros, to be set in order. */
struct weight *constant_new (struct conversion *c, enum dtype dtype, int rank, const int64_t *shape);
void constant_set_int (struct weight *w, size_t i, int64_t v);
void constant_set_real (struct weight *w, size_t i, double v);
/* The elements of FROM at START and STRIDE elements apart along each axis, as a constant of that shape: the caller has
 * checked that they are there. */
struct weight *constant_gather (struct conversion *c, const struct weight *from, size_t start, int rank,
                                const int64_t *shape, const int64_t *stride);
/* The same elements in another shape of as many. */
struct weight *constant_reshaped (const struct weight *from, int rank, const int64_t *shape);
/* The input I of N, whose inputs are all constants. */
const struct weight *constant_in (struct conversion *c, const struct onnx_node *n, size_t i);
/* The shape that a Reshape makes of RANK extents SHAPE, COUNT elements, into TO; returns its rank. */
int convert_shape (struct conversion *c, const struct onnx_node *n, int rank, const int64_t *shape, int64_t count,
                   int64_t to[ONNX_MAX_RANK]);
/* The outputs of N, whose inputs are all constants; false: N is of no operator that is worked out. */
bool constant_node (struct conversion *c, const struct onnx_node *n);
/* What a Slice takes of each axis: COUNT elements from FROM on, STEP apart. */
struct slice
{
  int64_t from, count, step;
};
/* … of RANK extents SHAPE. */
void convert_slices (struct conversion *c, const struct onnx_node *n, int rank, const int64_t *shape,
                     struct slice list[ONNX_MAX_RANK]);
/* The list of integers that is the attribute NAME of old operators and the input I of new ones, *COUNT of them; NULL:
 * neither. */
const int64_t *convert_list (struct conversion *c, const struct onnx_node *n, const char *name, size_t i,
                             size_t *count);
/* What Transpose, Gather, Slice and so on make of constants; NULL: another operator. */
struct weight *constant_moved (struct conversion *c, const struct onnx_node *n);
/* Sums, products, comparisons and so on of constants, with broadcasting; NULL: another operator. */
struct weight *arithmetic_node (struct conversion *c, const struct onnx_node *n);

/* Convert N by its operator's row. */
void convert_node (struct conversion *c, const struct onnx_node *n);

/* ---- convert_written.c: nodes of which another node consists ---- */

/* The node OP of FIRST and, unless NULL, SECOND, with COUNT attributes, as a part of N. Its output's name is returned:
 * RESULT, or where that is NULL a new one. */
const char *written_node (struct conversion *c, const struct onnx_node *n, const char *op, const char *first,
                          const char *second, const struct onnx_attribute *attributes, size_t count,
                          const char *result);
/* Constants; their names. */
const char *written_constant (struct conversion *c, const struct onnx_node *n, const struct weight *w);
const char *written_number (struct conversion *c, const struct onnx_node *n, double v);
const char *written_list (struct conversion *c, const struct onnx_node *n, int count, const int64_t *list);
const char *written_reshape (struct conversion *c, const struct onnx_node *n, const char *name, int rank,
                             const int64_t *shape, const char *result);
const char *written_transpose (struct conversion *c, const struct onnx_node *n, const char *name, int rank,
                               const int64_t *order, const char *result);
/* The LayerNormalization N from the axis FIRST on, with all of its outputs. */
void written_layer_norm (struct conversion *c, const struct onnx_node *n, int first);

/* ---- layers.c ---- */

/* Begin the layer of N: its type, its name, made of N's or of the parameter PARAMETER ("conv1.weight" → conv1; NULL:
 * N's), and its input. Keys follow, then layer_end. The name is returned. */
const char *layer_begin (struct conversion *c, const struct onnx_node *n, const char *type, const char *parameter,
                         const char *input);
void layer_key_int (struct conversion *c, const char *key, int64_t v);
void layer_key_real (struct conversion *c, const char *key, double v);
void layer_key_text (struct conversion *c, const char *key, const char *v);
/* COUNT extents: one number where all are equal, nothing where all are FALLBACK; MATLAB: in the order h, w, d. */
void layer_key_extents (struct conversion *c, const char *key, const int64_t *v, int count, int64_t fallback,
                        bool matlab);
/* What is added or cropped before and behind. */
void layer_key_margins (struct conversion *c, const char *key, const int64_t *before, const int64_t *after, int count,
                        bool matlab);
void layer_end (struct conversion *c);
/* A layer of the given TYPE of two. */
const char *layer_of_two (struct conversion *c, const struct onnx_node *n, const char *type, const char *first,
                          const char *second);
/* … of the layer INPUT and the constant W, whose RANK extents SHAPE are of channels and a map's axes. */
const char *layer_with_constant (struct conversion *c, const struct onnx_node *n, const char *type, const char *input,
                                 const struct weight *w, int rank, const int64_t *shape, bool first);
/* The layer of E's values, E being a function of what the layer INPUT has, which has V's shape. */
const char *layer_expression (struct conversion *c, const struct onnx_node *n, const struct value *v,
                              const struct expression *e, const char *input);
/* The parameter SUFFIX of the layer NAME. */
void layer_parameter (struct conversion *c, const char *name, const char *suffix, const struct weight *w, int rank,
                      const int64_t *shape);
/* The layer that has V's elements as they are, which may take a new one for an expression or a vector. */
const char *layer_of (struct conversion *c, const struct onnx_node *n, struct value *v);
/* The same where the reader reads a map and a vector of its elements alike. */
const char *layer_of_elements (struct conversion *c, const struct onnx_node *n, struct value *v);
/* The vector SUFFIX of the layer NAME: COUNT numbers of W, which may be NULL for as many times FALLBACK. */
void layer_vector (struct conversion *c, const char *name, const char *suffix, int64_t count, const struct weight *w,
                   double fallback);
/* x * scale + bias for each channel: doubles, or NULL for 1 and 0. */
const char *layer_affine (struct conversion *c, const struct onnx_node *n, const char *input, int64_t channels,
                          const double *scale, const double *bias);

/* The output of N has V's shape and layer, and is the function F of its elements; NULL: themselves. */
void set_expression (struct conversion *c, const struct onnx_node *n, const struct value *v,
                     const struct expression *f);
/* V as a function of a layer's elements. A value with several readers becomes a layer of its own first, which they
 * share, and so does an expression that grows longer than any activation's. */
const struct expression *expression_of (struct conversion *c, const struct onnx_node *n, struct value *v);
/* W's values for each channel of V, which is not stretched by them; NULL: W differs along another axis. */
double *per_channel (const struct value *v, const struct weight *w);
/* The output of N is the layer TYPE of V and the constant W, element by element; TYPE may be NULL, which is refused.
 * FIRST: W is the first operand. */
void convert_with_elements (struct conversion *c, const struct onnx_node *n, struct value *v, const struct weight *w,
                            const char *type, bool first);
/* V by the constant matrix W, (V's extent along the axis AXIS, the result's), plus BIAS, or NULL. */
void product_along (struct conversion *c, const struct onnx_node *n, struct value *v, int axis, const struct weight *w,
                    const struct weight *bias);
/* The mean or the largest element over the map of V; KEEP: its axes stay, of extent 1. */
void convert_global_pool (struct conversion *c, const struct onnx_node *n, struct value *v, bool largest, bool keep);

/* The axes of V that the reduction N takes, as bits. */
uint32_t convert_reduced_axes (struct conversion *c, const struct onnx_node *n, const struct value *v);

/* Is N, V times slopes, the part below 0 of a PRelu, of which a Where follows? Then both are converted. */
bool convert_prelu_from (struct conversion *c, const struct onnx_node *n, const struct value *v);
/* Is N the first node of a layer normalisation of V? Then all of its nodes are converted. */
bool convert_layer_norm_from (struct conversion *c, const struct onnx_node *n, struct value *v);

/* ---- operators: convert_*.c ---- */

struct operator
{
  const char *op;
  void (*convert) (struct conversion * c, const struct onnx_node *n);
};

/* Lists that end with {0}. */
extern const struct operator operators_of_convolutions[];
extern const struct operator operators_of_pools[];
extern const struct operator operators_of_pads[];
extern const struct operator operators_written[]; /* as others */
extern const struct operator operators_of_elements[]; /* activations and what they consist of */
extern const struct operator operators_of_two[];      /* arithmetic with constants and between layers */
extern const struct operator operators_of_channels[]; /* normalisation, softmax */
extern const struct operator operators_of_layer_norm[];
extern const struct operator operators_of_products[]; /* with matrices */
extern const struct operator operators_of_resizing[];
extern const struct operator operators_of_moves[]; /* what joins channels and takes some of them */
extern const struct operator operators_of_shapes[]; /* what moves elements; products with matrices, reductions */

/* ---- convert.c ---- */

/* What is asked for beside the model. */
struct conversion_request
{
  const char *output;        /* --output-tensor, or NULL */
  const int64_t *input_size; /* C and the map's extents where the model leaves them open, or NULL */
  int input_rank;            /* how many */
  bool no_batch;             /* the input's first axis is one of the sample's */
  bool batch_given;          /* … or not, without another try */
};

/* The whole model; the text is that of a `network: sequence`, but for its head. Where the model fixes its input's first
 * axis and cannot be read with that as the batch, it is one of the sample's, unless the request says which. */
struct conversion *convert (const struct onnx_model *m, const struct conversion_request *r);
/* C and the extents of the network's input. */
int convert_input_size (const struct conversion *c, int64_t size[ONNX_MAX_RANK]);

#endif
