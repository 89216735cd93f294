/* The layers of `network: sequence`, for this folder alone: the table of types and keys,
 * typed reading of a layer's keys, and one builder per type. */
#ifndef RESCAST_NETWORKS_SEQUENCE_H
#define RESCAST_NETWORKS_SEQUENCE_H

#include "build.h"

enum layer_type
{
  LAYER_CONV,
  LAYER_BATCH_NORM,
  LAYER_INSTANCE_NORM,
  LAYER_GROUP_NORM,
  LAYER_LAYER_NORM,
#define PARAMETER(key, fallback, least, rule)
#define NO_PARAMETER
#define ACTIVATION(id, ...) LAYER_##id,
#include "graph/activations.def"
  LAYER_MAX_POOL,
  LAYER_AVERAGE_POOL,
  LAYER_GLOBAL_AVERAGE_POOL,
  LAYER_GLOBAL_MAX_POOL,
  LAYER_UPSAMPLE,
  LAYER_SUBSAMPLE,
  LAYER_ADD,
  LAYER_SUBTRACT,
  LAYER_MULTIPLY,
  LAYER_DIVIDE,
  LAYER_MAXIMUM,
  LAYER_MINIMUM,
  LAYER_POWER,
  LAYER_CONCAT,
  LAYER_SLICE,
  LAYER_SHUFFLE,
  LAYER_GATHER,
  LAYER_LINEAR,
  LAYER_SOFTMAX,
  LAYER_LOG_SOFTMAX,
  LAYER_RESHAPE,
  LAYER_PAD,
  LAYER_BOTTLENECK_3D,
  LAYER_BOTTLENECK_2D,
  LAYER_TRANSPOSED_CONV_3D,
  LAYER_TRANSPOSED_CONV_2D,
  LAYER_TYPES
};

/* One member of `layers:`. */
struct layer
{
  enum layer_type type;
  const char *name;
  const struct yaml *y; /* its map */
  struct loc loc;
  int *in; /* tensors */
  int nin;
  struct shape shape; /* of the first input */
};

enum
{
  LAYER_MAX_PADDING = 65536
};

/* The type called NAME, or -1. */
int layer_type_find (const char *name);
const char *layer_type_name (enum layer_type t);
/* "conv, batch-norm, …" */
char *layer_type_names (void);
/* Spatial axes that a type's input must have: 2, 3, 0 for a map of any, -1 for vectors too. */
int layer_type_rank (enum layer_type t);
/* Does a layer of type T read any number of others? */
static inline bool
layer_type_is_joint (enum layer_type t)
{
  return t == LAYER_ADD || t == LAYER_CONCAT;
}
/* A binary operator of two layers, or of one and a constant. */
static inline bool
layer_type_is_binary (enum layer_type t)
{
  return t >= LAYER_ADD && t <= LAYER_POWER;
}
/* Fatal on a key that layer Y of type T does not have. */
void layer_check_keys (enum layer_type t, const struct yaml *y);

/* Values, checked. The key must be one of the layer's type; a default stands in for a missing one. */
const struct yaml *layer_value (const struct layer *l, const char *key); /* NULL: not given, and no default */
int64_t layer_int (const struct layer *l, const char *key);
double layer_real (const struct layer *l, const char *key);
/* The activation that a layer of this type is, with the parameters that the layer gives it; ACT_NONE: it is none. */
struct activation layer_activation (const struct layer *l);
bool layer_bool (const struct layer *l, const char *key);
/* Of bias and affine: true, false, or missing. */
enum presence layer_presence (const struct layer *l, const char *key);
int layer_choice (const struct layer *l, const char *key); /* index of the choice */
/* A number or one per spatial axis: D H W, or [h w d] for MATLAB's layers; OTHER: for the D that a 2-D layer lacks. */
void layer_extents (const struct layer *l, const char *key, int64_t other, int64_t v[AXES]);
/* The same of any YAML value under KEY. */
void layer_extents_of (const struct layer *l, const char *key, const struct yaml *y, int64_t other, int64_t v[AXES]);
/* [C], [C, H, W] or [C, D, H, W]: a shape. */
struct shape layer_shape_of (const struct layer *l, const char *key);
void layer_padding (const struct layer *l, int64_t lo[AXES], int64_t hi[AXES], bool *same);
/* LAYER: KEY: WHAT; allowed: … at Y's place. */
_Noreturn void layer_fatal (const struct layer *l, const char *key, const struct yaml *y, const char *what);
/* Fatal when so many parameters are more than a network may have: called before products are made of extents. */
void layer_check_parameters (const struct layer *l, double count);

/* Add the nodes of a layer of MDNC's, of MATLAB's transposed ones, of any other type; the output tensor. */
int layer_build_bottleneck (struct graph *g, const struct layer *l);
int layer_build_transposed (struct graph *g, const struct layer *l);
int layer_build_plain (struct graph *g, const struct layer *l);
/* … of those that move elements. */
int layer_build_upsample (struct graph *g, const struct layer *l);
int layer_build_pad (struct graph *g, const struct layer *l);
int layer_build_reshape (struct graph *g, const struct layer *l);
/* More elements than this in a padded map are refused. */
#define LAYER_MAX_PADDED 8589934592.0

/* … and of one that moves channels. */
int layer_build_channels (struct graph *g, const struct layer *l);
/* OP_UPSAMPLE to the given extents; scale 0: as the extents say. */
int layer_add_upsample (struct graph *g, const char *name, int in, const int64_t size[AXES],
                        const double scale[AXES], bool nearest, bool align_corners, struct loc loc);
/* prelu with COUNT slopes, 1 or one for each channel; a weights file may have the other number of them. */
int layer_add_prelu (struct graph *g, const char *name, int in, int64_t count, struct loc loc);

#endif
