/* A family's network as the text of a sequence, layer by layer; extents come from the tensors' shapes. */
#ifndef RESCAST_FRONTEND_WRITING_H
#define RESCAST_FRONTEND_WRITING_H

#include "families.h"

/* What a layer gives. */
struct map
{
  const char *layer; /* its name */
  int64_t channels;
};

/* The text so far. */
struct writing
{
  const struct tensors *t;
  int axes;               /* of its convolutions */
  int64_t norm_groups;    /* of group normalisation; 0: they are batch normalisations */
  const char *eps;        /* of normalisations; NULL: the default */
  const char *activation; /* a layer's type */
  const char *conv_keys;  /* more of convolutions, such as ", standardize: 1e-8"; or NULL */
  bool grouped;           /* there are convolutions in groups */
  bool failed;            /* tensors are missing or do not fit: nothing that follows is worth anything */
  const char *last;       /* layer */
  struct text text;
};

/* Begin with what --set says of eps and activation; "relu" without. */
void writing_begin (struct writing *w, const struct tensors *t, int axes);
/* The network's input. */
struct map writing_input (int64_t channels);

/* Each function below adds a layer called NAME that reads IN, and returns what it gives. */

/* Of any TYPE, with KEYS after the name: ", features: 10", or "". */
struct map write_layer (struct writing *w, struct map in, int64_t channels, const char *type, const char *name,
                        const char *keys);
/* A convolution with the padding that keeps the extents at stride 1: FIRST is the stride along the first axis, STRIDE
 * along the others. Its groups follow from IN's channels. */
struct map write_conv (struct writing *w, struct map in, const char *name, int64_t first, int64_t stride,
                       int64_t dilation);
/* Of 3 pixels along each axis, with stride 2. */
struct map write_max_pool (struct writing *w, struct map in, const char *name);
/* The same of a map with a border of zeros, PAD, which the maximum regards; padding of a max pool is -infinity. */
struct map write_padded_max_pool (struct writing *w, struct map in, const char *pad, const char *name);
/* Half the extents, rounded up, by means of 2 x 2 pixels. */
struct map write_halved (struct writing *w, struct map in, const char *name);
struct map write_norm (struct writing *w, struct map in, const char *name);
struct map write_activation (struct writing *w, struct map in, const char *name);
/* Of two maps, or of a map and a vector of its channels: TYPE is "add" or "multiply". */
struct map write_binary (struct writing *w, const char *type, struct map a, struct map b, const char *name);
struct map write_add (struct writing *w, struct map a, struct map b, const char *name);
/* A's channels, then B's. */
struct map write_concat (struct writing *w, struct map a, struct map b, const char *name);
/* A convolution, then its normalisation NORM and, where ACTIVATION is not NULL, an activation of that name. */
struct map write_conv_norm (struct writing *w, struct map in, const char *name, const char *norm,
                            const char *activation, int64_t stride, int64_t dilation);
/* What is added to a block's CHANNELS: its input IN, through the convolution BLOCKdownsample.0 and its normalisation
 * where there is one, else where extents or channels differ through every STRIDE-th pixel, with zero channels behind.
 * BLOCK ends in a dot. */
struct map write_shortcut (struct writing *w, struct map in, const char *block, int64_t stride, int64_t channels);
/* A linear layer, whose weight may be that of a convolution of 1x1. */
struct map write_dense (struct writing *w, struct map in, const char *name);
/* The mean over the map, called POOL, and the linear layer NAME; *CLASSES: its outputs. */
struct map write_head (struct writing *w, struct map in, const char *pool, const char *name, int64_t *classes);

/* Of a network without a last layer: the mean over the map, called POOL, or the map itself, by --set features=mean or
 * map. Without READING->either asks for it; READING NULL: it is the mean. */
struct map write_features (struct writing *w, struct map in, const char *pool, struct reading *reading);

/* ---- attention.c ---- */

/* IN times the sigmoid of GATE, a vector. */
struct map write_gate (struct writing *w, struct map in, struct map gate, const char *name);
/* The channels' means through NAME.fc1, relu and NAME.fc2, as the gate of IN. */
struct map write_squeeze_excitation (struct writing *w, struct map in, const char *name);
/* The channels' means through the convolution NAME.conv over neighbouring channels (ECA), as the gate of IN. */
struct map write_channel_attention (struct writing *w, struct map in, const char *name);
/* Selective kernels: the sum of NAME.paths, which see the map, or a part of its channels each, by filters of different
 * dilation; each weighted by a softmax over the paths of NAME.attn of their sums' means. */
struct map write_selective_kernel (struct writing *w, struct map in, const char *name, int64_t stride);
/* Split attention: the sum of what NAME.conv gives in as many parts as that is larger than IN, weighted by a softmax
 * over the parts of the sum's means through NAME.fc1 and NAME.fc2; of one part by a gate. */
struct map write_split_attention (struct writing *w, struct map in, const char *name, int64_t stride);

#endif
