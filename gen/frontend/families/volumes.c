/* ResNets over volumes, and MONAI's over images and signals, too: kenshohara's 3D-ResNets-PyTorch, MedicalNet and
 * MONAI's resnet10 to resnet200.
 *
 * They have torchvision's names with filters of one more axis; R(2+1)D has conv1_s and conv1_t in place of conv1.
 * MONAI's projections have a bias, unless they were made without one; MedicalNet's later stages are dilated in place of
 * strided, and its head is conv_seg. Where a block that needs a projection has none, the shortcut is of type A: every
 * second pixel, with zero channels behind. In pre-activation the first normalisation has the channels of the block's
 * input. The shapes do not say the first layer's strides. */
#include <inttypes.h>
#include <string.h>

#include "writing.h"

enum
{
  MAX_STAGES = 8
};

struct volumes
{
  struct writing w;
  const struct family *family;
  bool pre;   /* activation */
  int depth;  /* convolutions on the longest way, and the last layer */
  bool pool;  /* behind the first layer */
  int stride; /* of the first layer along the first axis */
};

/* The convolution I of the block whose names begin with PREFIX, or both that stand for it. */
static struct map
write_unit (struct volumes *v, struct map x, const char *prefix, int i, int64_t first, int64_t stride, bool activation)
{
  struct writing *w = &v->w;
  const char *suffix = "";
  if (v->pre)
    {
      x = write_norm (w, x, mem_printf ("%sbn%d", prefix, i));
      x = write_activation (w, x, mem_printf ("%srelu%d", prefix, i));
      return write_conv (w, x, mem_printf ("%sconv%d", prefix, i), first, stride, 1);
    }
  int64_t dilation = 1, s[WEIGHT_MAX_RANK] = { 0 };
  if (tensors_have (w->t, "%sconv%d_s.weight", prefix, i)) /* over the map, then over time */
    {
      suffix = "_t";
      x = write_conv (w, x, mem_printf ("%sconv%d_s", prefix, i), 1, stride, 1);
      x = write_norm (w, x, mem_printf ("%sbn%d_s", prefix, i));
      x = write_activation (w, x, mem_printf ("%srelu%d_s", prefix, i));
      stride = 1;
    }
  if (v->family == &medicalnet_family && !strncmp (prefix, "layer", 5) && prefix[5] > '2'
      && tensors_shape (w->t, s, "%sconv%d.weight", prefix, i) == 5 && s[2] > 1)
    dilation = INT64_C (1) << (prefix[5] - '2');
  x = write_conv (w, x, mem_printf ("%sconv%d%s", prefix, i, suffix), first, stride, dilation);
  x = write_norm (w, x, mem_printf ("%sbn%d%s", prefix, i, suffix));
  return activation ? write_activation (w, x, mem_printf ("%srelu%d%s", prefix, i, suffix)) : x;
}

/* NAME ends in a dot. */
static struct map
write_block (struct volumes *v, struct map in, const char *name, int64_t stride)
{
  struct writing *w = &v->w;
  const int convs = tensors_have (w->t, "%sconv3.weight", name) ? 3 : 2;
  struct map x = in;
  for (int i = 1; i <= convs; i++)
    {
      const int64_t own = i == convs - 1 ? stride : 1;
      x = write_unit (v, x, name, i, own, own, i < convs);
    }
  x = write_add (w, x, write_shortcut (w, in, name, stride, x.channels), mem_printf ("%sadd", name));
  v->depth += convs;
  return v->pre ? x : write_activation (w, x, mem_printf ("%srelu", name));
}

static struct map
write_stages (struct volumes *v, struct map x)
{
  for (int stage = 0; stage < MAX_STAGES; stage++)
    {
      const char *before = mem_printf ("layer%d.", stage + 1);
      const bool strided = stage && !(v->family == &medicalnet_family && stage > 1);
      int count = tensors_count (v->w.t, before, ".conv1.weight");
      count = count ? count : tensors_count (v->w.t, before, ".conv1_s.weight");
      for (int i = 0; i < count; i++)
        x = write_block (v, x, mem_printf ("%s%d.", before, i), strided && !i ? 2 : 1);
    }
  return x;
}

static struct map
write_stem (struct volumes *v, int64_t channels)
{
  struct writing *w = &v->w;
  const bool pre = v->pre;
  v->pre = false;
  struct map x
      = write_unit (v, writing_input (channels), "", 1, v->stride, v->family == &monai_family ? v->stride : 2, true);
  v->pre = pre;
  if (!v->pool)
    return x;
  return write_max_pool (w, x, "maxpool");
}

/* Is the first normalisation of a block one of its input? */
static bool
is_pre_activation (const struct tensors *t)
{
  int64_t norm[WEIGHT_MAX_RANK], conv[WEIGHT_MAX_RANK];
  return tensors_shape (t, norm, "layer2.0.bn1.weight") == 1 && tensors_shape (t, conv, "layer2.0.conv1.weight") > 2
         && norm[0] == conv[1] && norm[0] != conv[0];
}

/* What --set says of the first layer; FIRST: its stride along the first axis without. */
static bool
begin (struct volumes *v, const struct tensors *t, int rank, const struct family *family, int first)
{
  static const char *const strides[] = { "1", "2", NULL }, *const pools[] = { "max", "none", NULL };
  if (rank < 3 || rank > 5)
    return false;
  *v = (struct volumes){ .family = family, .pre = is_pre_activation (t), .depth = 2 };
  writing_begin (&v->w, t, rank - 2);
  const int stride = tensors_choice (t, "initial-stride", strides);
  v->pool = tensors_choice (t, "initial-pooling-layer", pools) != 1;
  v->stride = stride < 0 ? first : stride + 1;
  return true;
}

/* What X, the network's output, has for each channel is a CHANNEL: "classes" or "features". */
static void
describe (const struct volumes *v, struct reading *r, const char *head, const char *what, struct map x,
          const char *channel)
{
  const char *axes
      = v->family == &monai_family ? mem_printf (" over %d ax%cs", v->w.axes, v->w.axes == 1 ? 'i' : 'e') : "";
  r->text = mem_printf ("network: sequence\n%slayers:\n%s", head, v->w.text.s);
  r->what = mem_printf ("%s %sresn%st%d%s, %" PRId64 " %s", what, v->pre ? "pre-activation " : "",
                        v->w.grouped ? "ex" : "e", v->depth, axes, x.channels, channel);
}

/* ---- the families ---- */

static bool
read_monai (const struct tensors *t, struct reading *r)
{
  int64_t s[WEIGHT_MAX_RANK], classes;
  struct volumes v;
  const int rank = tensors_shape (t, s, "conv1.weight");
  const bool biased = tensors_have (t, "layer2.0.downsample.0.bias");
  const bool projected = tensors_have (t, "layer2.0.downsample.0.weight")
                         || tensors_have (t, "layer2.0.downsample.1.weight"); /* timm's */
  /* with two axes, a projection without a bias is torchvision's, and 3x3 filters first are a network's for CIFAR */
  if (!begin (&v, t, rank, &monai_family, 1) || v.pre
      || (rank == 4 && !biased && (projected || s[2] < 5) && !tensors_wanted (t, "monai")))
    return false;
  const bool whole = tensors_have (t, "fc.weight");
  *r = (struct reading){ 0 };
  if (!whole && !tensors_wanted (t, "monai"))
    return false;
  struct map x = write_stages (&v, write_stem (&v, s[1]));
  x = whole ? write_head (&v.w, x, "avgpool", "fc", &classes) : write_features (&v.w, x, "avgpool", r);
  if (v.w.failed || v.depth == 2)
    return false;
  describe (&v, r, "", "MONAI's", x, whole ? "classes" : "features");
  return true;
}

static bool
read_kenshohara (const struct tensors *t, struct reading *r)
{
  int64_t s[WEIGHT_MAX_RANK], classes;
  struct volumes v;
  struct text head = { 0 };
  const bool two = tensors_have (t, "conv1_s.weight");
  const int rank = tensors_shape (t, s, two ? "conv1_s.weight" : "conv1.weight");
  if (rank != 5 || tensors_have (t, "layer2.0.downsample.0.bias") || !begin (&v, t, rank, &kenshohara_family, 1))
    return false;
  struct map x = write_stages (&v, write_stem (&v, s[1]));
  *r = (struct reading){ 0 };
  x = write_head (&v.w, x, "avgpool", "fc", &classes);
  if (v.w.failed || v.depth == 2)
    return false;
  text_printf (&head, "input-size: [%" PRId64 ", 16, 112, 112]\n", s[1]);
  if (s[1] == 3)
    text_add (&head, "scale: 255\nmean: [0.4345, 0.4051, 0.3775]\nstd: [0.2768, 0.2713, 0.2737]\n");
  describe (&v, r, head.s, two ? "kenshohara's R(2+1)D" : "kenshohara's 3-D", x, "classes");
  return true;
}

/* The head that segments: twice the extents by a transposed convolution, and three more layers. */
static struct map
write_segmentation (struct volumes *v, struct map x)
{
  struct writing *w = &v->w;
  int64_t up[WEIGHT_MAX_RANK] = { 0 };
  w->failed = w->failed || tensors_shape (w->t, up, "conv_seg.0.weight") != 5 || x.channels != up[0] || up[2] != 2
              || up[3] != 2 || up[4] != 2;
  x = write_layer (w, x, up[1], "transposed-conv-3d", "conv_seg.0",
                   mem_printf (", num-filters: %" PRId64 ", filter-size: 2, stride: 2", up[1]));
  x = write_activation (w, write_norm (w, x, "conv_seg.1"), "conv_seg.2");
  x = write_conv_norm (w, x, "conv_seg.3", "conv_seg.4", "conv_seg.5", 1, 1);
  return write_conv (w, x, "conv_seg.6", 1, 1, 1);
}

/* MedicalNet's own files have no head. MONAI takes them, too, for its networks without one, whose stages stride. */
static bool
read_medicalnet (const struct tensors *t, struct reading *r)
{
  int64_t stem[WEIGHT_MAX_RANK];
  struct volumes v;
  const bool whole = tensors_have (t, "conv_seg.0.weight");
  if (tensors_shape (t, stem, "conv1.weight") != 5 || tensors_have (t, "fc.weight")
      || tensors_have (t, "layer2.0.downsample.0.bias") || !begin (&v, t, 5, &medicalnet_family, 2) || v.pre)
    return false;
  *r = (struct reading){ 0 };
  struct map x = write_stages (&v, write_stem (&v, stem[1]));
  x = whole ? write_segmentation (&v, x) : write_features (&v.w, x, "avgpool", r);
  if (v.w.failed || v.depth == 2)
    return false;
  if (r->either && !tensors_wanted (t, "medicalnet"))
    r->either = mem_printf ("MedicalNet's %s; or MONAI's, whose stages stride (--set family=monai)", r->either);
  describe (&v, r, mem_printf ("input-size: [%" PRId64 ", 56, 448, 448]\n", stem[1]), "MedicalNet's", x,
            whole ? "classes" : "features");
  return true;
}

const struct family monai_family = {
  .name = "monai", .networks = "MONAI's ResNets over 1 to 3 axes", .mark = "layer1.0.conv1.weight", .read = read_monai
};
const struct family kenshohara_family = { .name = "kenshohara",
                                          .networks = "3-D ResNets of 3D-ResNets-PyTorch, and its R(2+1)D",
                                          .mark = "fc.weight",
                                          .read = read_kenshohara };
const struct family medicalnet_family = { .name = "medicalnet",
                                          .networks = "MedicalNet's dilated ResNets, also without their head",
                                          .mark = "layer1.0.conv1.weight",
                                          .read = read_medicalnet };
