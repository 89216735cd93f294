/* ResNets over volumes, and MONAI's over images, too: kenshohara's 3D-ResNets-PyTorch and MONAI's resnet10 to
 * resnet200.
 *
 * Both have torchvision's names with filters of one more axis. What tells them apart is that MONAI's shortcuts have a
 * bias, unless they were made without one; the shapes do not say the strides of the first layer, which are 1 2 2 in
 * kenshohara's and 1 in MONAI's. They are written as sequences, whose layers have the modules' names. Shortcuts without
 * parameters (type A) are not known. */
#include "families.h"

#include <inttypes.h>
#include <string.h>

enum
{
  MAX_STAGES = 8
};

struct writing
{
  const struct tensors *t;
  int axes;     /* of a map */
  bool grouped; /* there are convolutions in groups */
  struct text text;
};

/* The groups of the convolution NAME behind the one called BEFORE; 0: they do not fit. */
static int64_t
groups_of (const struct tensors *t, const char *before, const char *name)
{
  int64_t a[WEIGHT_MAX_RANK], b[WEIGHT_MAX_RANK];
  if (tensors_shape (t, a, "%s.weight", before) < 2 || tensors_shape (t, b, "%s.weight", name) < 2 || b[1] < 1
      || a[0] % b[1])
    return 0;
  return a[0] / b[1];
}

/* A convolution with the padding that keeps the extents, STRIDE along all axes but the first, which has FIRST; then its
 * normalisation NORM. INPUT: NULL for the layer before. False: its tensor is missing. */
static bool
add_conv (struct writing *w, const char *name, const char *norm, const char *input, int first, int stride,
          int64_t groups)
{
  int64_t s[WEIGHT_MAX_RANK];
  struct text kernel = { 0 }, strides = { 0 }, padding = { 0 };
  if (tensors_shape (w->t, s, "%s.weight", name) != w->axes + 2 || groups < 1)
    return false;
  for (int a = 0; a < w->axes; a++)
    {
      const char *separator = a ? ", " : "[";
      text_printf (&kernel, "%s%" PRId64, separator, s[2 + a]);
      text_printf (&strides, "%s%d", separator, a ? stride : first);
      text_printf (&padding, "%s%" PRId64, separator, s[2 + a] / 2);
    }
  text_printf (&w->text,
               "  - {type: conv, name: %s%s%s, filters: %" PRId64 ", kernel-size: %s], stride: %s], padding: %s]", name,
               input ? ", input: " : "", input ? input : "", s[0], kernel.s, strides.s, padding.s);
  w->grouped = w->grouped || groups != 1;
  if (groups != 1)
    text_printf (&w->text, ", groups: %" PRId64, groups);
  text_add (&w->text, "}\n");
  text_printf (&w->text, "  - {type: batch-norm, name: %s}\n", norm);
  return true;
}

static void
add_relu (struct writing *w, const char *name)
{
  text_printf (&w->text, "  - {type: relu, name: %s}\n", name);
}

/* A block reads the layer *X, which becomes its own last one. False: it is none of these networks'. */
static bool
add_block (struct writing *w, const char *name, int stride, const char **x)
{
  const bool bottleneck = tensors_have (w->t, "%s.conv3.weight", name);
  const char *input = *x, *shortcut = input, *last = mem_printf ("%s.bn%d", name, bottleneck ? 3 : 2);
  const int in_first = bottleneck ? 1 : stride, in_second = bottleneck ? stride : 1;
  if (!add_conv (w, mem_printf ("%s.conv1", name), mem_printf ("%s.bn1", name), input, in_first, in_first, 1))
    return false;
  add_relu (w, mem_printf ("%s.relu1", name));
  const char *second = mem_printf ("%s.conv2", name);
  if (!add_conv (w, second, mem_printf ("%s.bn2", name), NULL, in_second, in_second,
                 groups_of (w->t, mem_printf ("%s.conv1", name), second)))
    return false;
  if (bottleneck)
    {
      add_relu (w, mem_printf ("%s.relu2", name));
      if (!add_conv (w, mem_printf ("%s.conv3", name), last, NULL, 1, 1, 1))
        return false;
    }
  if (tensors_have (w->t, "%s.downsample.0.weight", name))
    {
      shortcut = mem_printf ("%s.downsample.1", name);
      if (!add_conv (w, mem_printf ("%s.downsample.0", name), shortcut, input, stride, stride, 1))
        return false;
    }
  else if (stride != 1)
    return false;
  text_printf (&w->text, "  - {type: add, name: %s.add, input: [%s, %s]}\n", name, last, shortcut);
  add_relu (w, *x = mem_printf ("%s.relu", name));
  return true;
}

/* Layers up to the last one's features; *DEPTH: how many convolutions and linear layers there are on the longest way.
 * FIRST, STRIDE: of the first layer. */
static bool
add_layers (struct writing *w, int first, int stride, int *depth)
{
  const char *x = "maxpool";
  text_add (&w->text, "layers:\n");
  if (!add_conv (w, "conv1", "bn1", NULL, first, stride, 1))
    return false;
  add_relu (w, "relu");
  text_add (&w->text, "  - {type: max-pool, name: maxpool, kernel-size: 3, stride: 2, padding: 1}\n");
  *depth = 2;
  for (int stage = 0; stage < MAX_STAGES; stage++)
    {
      const char *before = mem_printf ("layer%d.", stage + 1);
      const int count = tensors_count (w->t, before, ".conv1.weight");
      if (!count)
        break;
      for (int i = 0; i < count; i++)
        if (!add_block (w, mem_printf ("%s%d", before, i), stage && !i ? 2 : 1, &x))
          return false;
      *depth += count * (tensors_have (w->t, "%s0.conv3.weight", before) ? 3 : 2);
    }
  return *depth > 2;
}

static bool
add_head (struct writing *w, int64_t *classes)
{
  int64_t s[WEIGHT_MAX_RANK];
  if (tensors_shape (w->t, s, "fc.weight") != 2)
    return false;
  *classes = s[0];
  text_printf (&w->text,
               "  - {type: global-average-pool, name: avgpool}\n  - {type: linear, name: fc, features: %" PRId64 "}\n",
               s[0]);
  return true;
}

/* MONAI: whose they are; else kenshohara's. */
static bool
read (const struct tensors *t, struct reading *r, bool monai)
{
  int64_t s[WEIGHT_MAX_RANK], classes;
  const int rank = tensors_shape (t, s, "conv1.weight");
  const bool biased = tensors_have (t, "layer2.0.downsample.0.bias");
  struct writing w = { .t = t, .axes = rank - 2 };
  int depth;
  if (rank != 5 && !(rank == 4 && monai && biased))
    return false;
  if (biased && !monai)
    return false;
  text_add (&w.text, "network: sequence\n");
  if (!monai)
    text_printf (&w.text, "input-size: [%" PRId64 ", 16, 112, 112]\n", s[1]);
  if (!add_layers (&w, 1, monai ? 1 : 2, &depth) || !add_head (&w, &classes))
    return false;
  r->text = w.text.s;
  r->what = mem_printf ("%s resn%st%d%s, %" PRId64 " classes", monai ? "MONAI's" : "kenshohara's 3-D",
                        w.grouped ? "ex" : "e", depth, monai ? mem_printf (" over %d axes", w.axes) : "", classes);
  return true;
}

static bool
read_monai (const struct tensors *t, struct reading *r)
{
  return read (t, r, true);
}

static bool
read_kenshohara (const struct tensors *t, struct reading *r)
{
  return read (t, r, false);
}

const struct family monai_family
    = { "monai", "MONAI's ResNets over 2 and 3 axes", "layer1.0.conv1.weight", read_monai };
const struct family kenshohara_family = { "kenshohara", "3-D ResNets of 3D-ResNets-PyTorch with shortcuts of type B",
                                          "layer1.0.conv1.weight", read_kenshohara };
