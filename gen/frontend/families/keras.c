/* Keras's ResNet50, 101 and 152 and their second versions, as keras.applications has them.
 *
 * Their layers are conv2_block1_1_conv and so on, in .h5 and .keras. Keras 3's files of weights alone have numbers in
 * place of the names, conv2d_1 and batch_normalization_1, in the order in which layers are called: what is written
 * below is in that order. Keras before 2.2.5 called those of its ResNet50 res2a_branch2a and bn2a_branch2a. In version
 * 1 the first convolution of a block strides, in version 2, of which the convolutions 1 and 2 have no bias, the second
 * one of a stage's last block. */
#include <inttypes.h>
#include <string.h>

#include "writing.h"

enum
{
  FIRST_STAGE = 2,
  LAST_STAGE = 5,
  SHORTCUT = 0 /* among a block's units */
};

enum naming
{
  NAMED,
  NUMBERED,
  OLDER,
  NAMINGS
};

struct keras
{
  struct writing w;
  enum naming naming;
  bool second;      /* version */
  int convs, norms; /* that have been written */
  int depth;
};

/* ---- names ---- */

/* That of the layer called NAME, which is the *COUNT-th of a class, whose first one is called FIRST. */
static const char *
numbered (const struct keras *k, const char *first, int *count, const char *name)
{
  const int i = (*count)++;
  if (k->naming != NUMBERED)
    return name;
  return i ? mem_printf ("%s_%d", first, i) : first;
}

/* The name of the convolution of UNIT, or of its normalisation; blocks are counted from 1. */
static const char *
name_in_block (struct keras *k, bool norm, int stage, int block, int unit)
{
  const char *name = mem_printf ("conv%d_block%d_%d_%s", stage, block, unit, norm ? "bn" : "conv");
  if (k->naming == OLDER)
    name = unit == SHORTCUT
               ? mem_printf ("%s%d%c_branch1", norm ? "bn" : "res", stage, 'a' + block - 1)
               : mem_printf ("%s%d%c_branch2%c", norm ? "bn" : "res", stage, 'a' + block - 1, 'a' + unit - 1);
  return norm ? numbered (k, "batch_normalization", &k->norms, name) : numbered (k, "conv2d", &k->convs, name);
}

/* ---- layers ---- */

static struct map
write_unit_conv (struct keras *k, struct map in, int stage, int block, int unit, int64_t stride)
{
  return write_conv (&k->w, in, name_in_block (k, false, stage, block, unit), stride, stride, 1);
}

static struct map
write_unit_norm (struct keras *k, struct map in, int stage, int block, int unit)
{
  return write_norm (&k->w, in, name_in_block (k, true, stage, block, unit));
}

static struct map
write_relu (struct keras *k, struct map in, int stage, int block, const char *what)
{
  return write_activation (&k->w, in, mem_printf ("conv%d_block%d_%s", stage, block, what));
}

/* Version 1: stride, normalisation and relu behind each convolution. */
static struct map
write_first_version (struct keras *k, struct map in, int stage, int block, int64_t stride)
{
  const bool projected = block == 1;
  struct map shortcut = in;
  struct map x = write_unit_conv (k, in, stage, block, 1, stride);
  x = write_relu (k, write_unit_norm (k, x, stage, block, 1), stage, block, "1_relu");
  x = write_unit_conv (k, x, stage, block, 2, 1);
  x = write_relu (k, write_unit_norm (k, x, stage, block, 2), stage, block, "2_relu");
  if (projected)
    shortcut = write_unit_conv (k, in, stage, block, SHORTCUT, stride);
  x = write_unit_conv (k, x, stage, block, 3, 1);
  if (projected)
    shortcut = write_unit_norm (k, shortcut, stage, block, SHORTCUT);
  x = write_unit_norm (k, x, stage, block, 3);
  x = write_add (&k->w, projected ? shortcut : in, x, mem_printf ("conv%d_block%d_add", stage, block));
  k->w.failed = k->w.failed || (!projected && stride != 1);
  return write_relu (k, x, stage, block, "out");
}

/* Version 2: normalisation and relu in front. */
static struct map
write_second_version (struct keras *k, struct map in, int stage, int block, int64_t stride)
{
  const bool projected = block == 1;
  const char *norm
      = numbered (k, "batch_normalization", &k->norms, mem_printf ("conv%d_block%d_preact_bn", stage, block));
  const struct map activated = write_relu (k, write_norm (&k->w, in, norm), stage, block, "preact_relu");
  struct map shortcut = in;
  struct map x = write_unit_conv (k, activated, stage, block, 1, 1);
  x = write_relu (k, write_unit_norm (k, x, stage, block, 1), stage, block, "1_relu");
  x = write_unit_conv (k, x, stage, block, 2, stride);
  x = write_relu (k, write_unit_norm (k, x, stage, block, 2), stage, block, "2_relu");
  if (projected)
    shortcut = write_unit_conv (k, activated, stage, block, SHORTCUT, stride);
  else if (stride != 1)
    shortcut = write_layer (&k->w, in, in.channels, "subsample", mem_printf ("conv%d_block%d_pool", stage, block),
                            mem_printf (", stride: %" PRId64, stride));
  x = write_unit_conv (k, x, stage, block, 3, 1);
  return write_add (&k->w, shortcut, x, mem_printf ("conv%d_block%d_out", stage, block));
}

/* ---- what there is ---- */

/* Does the convolution with this number, to be written I-th, have 1x1 filters, FILTERS of them? */
static bool
is_numbered (const struct keras *k, int i, int64_t filters)
{
  int64_t s[WEIGHT_MAX_RANK];
  return tensors_shape (k->w.t, s, "conv2d_%d.weight", i) == 4 && s[0] == filters && s[2] == 1 && s[3] == 1;
}

/* Of numbered convolutions a block has three, a stage's first one four; each begins with as many filters. */
static int
count_blocks (const struct keras *k, int stage)
{
  int64_t s[WEIGHT_MAX_RANK];
  int count = 0;
  if (k->naming == NAMED)
    while (count < 4096 && tensors_have (k->w.t, "conv%d_block%d_1_conv.weight", stage, count + 1))
      count++;
  if (k->naming == OLDER)
    while (count < 26 && tensors_have (k->w.t, "res%d%c_branch2a.weight", stage, 'a' + count))
      count++;
  if (k->naming == NUMBERED && tensors_shape (k->w.t, s, "conv2d_%d.weight", k->convs) == 4)
    for (int i = k->convs; count < 4096 && is_numbered (k, i, s[0]); i += count == 1 ? 4 : 3)
      count++;
  return count;
}

static struct map
write_stages (struct keras *k, struct map x)
{
  for (int stage = FIRST_STAGE; stage <= LAST_STAGE; stage++)
    {
      const int count = count_blocks (k, stage);
      k->w.failed = k->w.failed || !count;
      for (int block = 1; block <= count && !k->w.failed; block++)
        if (k->second)
          x = write_second_version (k, x, stage, block, stage < LAST_STAGE && block == count ? 2 : 1);
        else
          x = write_first_version (k, x, stage, block, stage > FIRST_STAGE && block == 1 ? 2 : 1);
      k->depth += 3 * count;
    }
  return x;
}

/* False: it is none of these networks. */
static bool
begin (struct keras *k, const struct tensors *t, int64_t *channels)
{
  static const char *const first[NAMINGS] = { "conv1_conv", "conv2d", "conv1" };
  static const char *const unit[NAMINGS] = { "conv2_block1_1_conv", "conv2d_1", "res2a_branch2a" };
  int64_t s[WEIGHT_MAX_RANK];
  *k = (struct keras){ .naming = NAMED, .depth = 2 };
  while (k->naming < NAMINGS && !tensors_have (t, "%s.weight", unit[k->naming]))
    k->naming++;
  if (k->naming == NAMINGS || tensors_shape (t, s, "%s.weight", first[k->naming]) != 4 || s[2] != 7)
    return false;
  *channels = s[1];
  writing_begin (&k->w, t, 2);
  if (!k->w.eps)
    k->w.eps = k->naming == OLDER ? "1e-3" : "1.001e-5";
  k->second = !tensors_have (t, "%s.bias", unit[k->naming]);
  return true;
}

/* Version 1 was trained with OpenCV's order of channels. */
static struct map
write_stem (struct keras *k, int64_t channels, bool exchanged)
{
  struct writing *w = &k->w;
  struct map x = writing_input (channels);
  if (exchanged)
    x = write_layer (w, x, channels, "gather", "bgr", ", channels: [2, 1, 0]");
  x = write_conv (w, x, k->naming == OLDER ? "conv1" : numbered (k, "conv2d", &k->convs, "conv1_conv"), 2, 2, 1);
  if (k->second)
    return write_padded_max_pool (w, x, "pool1_pad", "pool1_pool");
  x = write_norm (w, x, k->naming == OLDER ? "bn_conv1" : numbered (k, "batch_normalization", &k->norms, "conv1_bn"));
  return write_max_pool (w, write_activation (w, x, "conv1_relu"), "pool1_pool");
}

/* The means and the last layer, or what is in front of it. */
static struct map
write_end (struct keras *k, struct map x, struct reading *reading, int64_t *classes)
{
  static const char *const names[NAMINGS] = { "predictions", "dense", "fc1000" };
  static const char *const activations[] = { "softmax", "none", NULL };
  struct writing *w = &k->w;
  const int activation = tensors_choice (w->t, "classifier-activation", activations);
  if (k->second)
    x = write_activation (w, write_norm (w, x, numbered (k, "batch_normalization", &k->norms, "post_bn")), "post_relu");
  if (!tensors_have (w->t, "%s.weight", names[k->naming]))
    return write_features (w, x, "avg_pool", reading);
  x = write_head (w, x, "avg_pool", names[k->naming], classes);
  return activation == 1 ? x : write_layer (w, x, x.channels, "softmax", "softmax", "");
}

static bool
read (const struct tensors *t, struct reading *reading)
{
  static const char *const orders[] = { "rgb", "bgr", NULL };
  struct keras k;
  struct text head = { 0 };
  int64_t channels, classes = 0;
  *reading = (struct reading){ 0 };
  if (!begin (&k, t, &channels))
    return false;
  const bool caffe = channels == 3 && !k.second, bgr = caffe && tensors_choice (t, "channel-order", orders) == 1;
  struct map x = write_stages (&k, write_stem (&k, channels, caffe && !bgr));
  x = write_end (&k, x, reading, &classes);
  if (k.w.failed)
    return false;
  text_printf (&head, "network: sequence\ninput-size: [%" PRId64 ", 224, 224]\n", channels);
  if (caffe)
    text_printf (&head, "mean: %s\n", bgr ? "[103.939, 116.779, 123.68]" : "[123.68, 116.779, 103.939]");
  else if (channels == 3)
    text_add (&head, "scale: 127.5\nmean: [1, 1, 1]\n");
  if (channels == 3)
    text_printf (&head, "resize: [%" PRId64 ", %" PRId64 "]\ninterpolation: nearest\n", tensors_side (t, 224, 0),
                 tensors_side (t, 224, 1));
  reading->text = mem_printf ("%slayers:\n%s", head.s, k.w.text.s);
  reading->what = mem_printf ("Keras's ResNet%d%s, %" PRId64 " %s", k.depth, k.second ? "V2" : "", x.channels,
                              classes ? "classes" : "features");
  return true;
}

const struct family keras_family = { .name = "keras",
                                     .networks = "Keras's ResNet50, 101 and 152 and their second versions",
                                     .mark = "conv1_conv.weight conv2d.weight res2a_branch2a.weight",
                                     .read = read };
