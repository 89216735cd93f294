/* ResNets, ResNeXts and wide ResNets under torchvision's names, those for CIFAR among them.
 *
 * layer1.0.conv1.weight and so on; what the shapes do not say, the strides, is as torchvision has it where the first
 * layer's filters are 7x7, and as networks for CIFAR have it, one stride of 1 without a pool, where they are 3x3. */
#include "families.h"

#include <inttypes.h>
#include <string.h>

enum
{
  MAX_STAGES = 8
};

struct shape_of_resnet
{
  bool bottleneck, projections; /* of the shortcuts */
  int stages, blocks[MAX_STAGES];
  int64_t filters[MAX_STAGES]; /* of a stage: what its blocks' names for bottlenecks are multiples of */
  int64_t channels, kernel, first_filters, groups, width, classes;
  const char *head;
};

/* The number of classes, by the last layer under one of its names. */
static bool
read_head (const struct tensors *t, struct shape_of_resnet *r)
{
  static const char *const names[] = { "fc", "linear" };
  int64_t shape[WEIGHT_MAX_RANK];
  for (int i = 0; i < 2; i++)
    if (tensors_shape (t, shape, "%s.weight", names[i]) == 2)
      {
        r->head = names[i];
        r->classes = shape[0];
        return true;
      }
  return false;
}

static bool
read_stage (const struct tensors *t, struct shape_of_resnet *r, int stage)
{
  int64_t shape[WEIGHT_MAX_RANK];
  const char *before = mem_printf ("layer%d.", stage + 1);
  r->blocks[stage] = tensors_count (t, before, ".conv1.weight");
  if (tensors_shape (t, shape, "%s0.%s.weight", before, r->bottleneck ? "conv3" : "conv2") != 4)
    return false;
  r->filters[stage] = r->bottleneck ? shape[0] / 4 : shape[0];
  r->projections = r->projections || tensors_have (t, "%s0.downsample.0.weight", before)
                   || tensors_have (t, "%s0.shortcut.0.weight", before);
  return r->filters[stage] > 0;
}

/* GROUPS x width-per-group channels within a bottleneck of 64 filters. */
static bool
read_width (const struct tensors *t, struct shape_of_resnet *r)
{
  int64_t within[WEIGHT_MAX_RANK], grouped[WEIGHT_MAX_RANK];
  r->groups = 1;
  r->width = 64;
  if (!r->bottleneck)
    return true;
  if (tensors_shape (t, within, "layer1.0.conv1.weight") != 4
      || tensors_shape (t, grouped, "layer1.0.conv2.weight") != 4 || grouped[1] < 1 || within[0] < grouped[1]
      || within[0] % grouped[1])
    return false;
  r->groups = within[0] / grouped[1];
  r->width = grouped[1] * 64 / r->filters[0];
  return r->width > 0;
}

/* The shapes, or false: they are no ResNet's of these names. */
static bool
read_shapes (const struct tensors *t, struct shape_of_resnet *r)
{
  int64_t stem[WEIGHT_MAX_RANK];
  if (tensors_shape (t, stem, "conv1.weight") != 4 || !tensors_have (t, "bn1.running_var") || stem[2] != stem[3]
      || (stem[2] != 7 && stem[2] != 3) || tensors_have (t, "layer1.0.se.fc1.weight")
      || tensors_have (t, "layer1.0.se.conv.weight") || tensors_shape (t, NULL, "layer2.0.downsample.1.weight") > 1
      || tensors_anti_aliasing (t) >= AA_AVERAGE || tensors_wanted (t, "timm")
      || tensors_have (t, "layer2.0.downsample.0.bias") || tensors_shape (t, NULL, "layer1.0.conv1.weight") != 4
      || !read_head (t, r))
    return false;
  r->first_filters = stem[0];
  r->channels = stem[1];
  r->kernel = stem[2];
  r->bottleneck = tensors_have (t, "layer1.0.conv3.weight");
  for (; r->stages < MAX_STAGES && tensors_have (t, "layer%d.0.conv1.weight", r->stages + 1); r->stages++)
    if (!read_stage (t, r, r->stages))
      return false;
  if (r->kernel == 7 && !r->projections && r->stages > 1)
    return false; /* MONAI's, where shortcuts of 7x7 filters' networks have no parameters */
  return r->stages > 0 && read_width (t, r);
}

/* The name of what the shapes are in torchvision, or NULL. */
static const char *
arch_of (const struct shape_of_resnet *r)
{
  static const struct
  {
    const char *name;
    bool bottleneck;
    int blocks[4], groups, width;
  } list[] = {
    { "resnet18", false, { 2, 2, 2, 2 }, 1, 64 },         { "resnet34", false, { 3, 4, 6, 3 }, 1, 64 },
    { "resnet50", true, { 3, 4, 6, 3 }, 1, 64 },          { "resnet101", true, { 3, 4, 23, 3 }, 1, 64 },
    { "resnet152", true, { 3, 8, 36, 3 }, 1, 64 },        { "resnext50_32x4d", true, { 3, 4, 6, 3 }, 32, 4 },
    { "resnext101_32x8d", true, { 3, 4, 23, 3 }, 32, 8 }, { "resnext101_64x4d", true, { 3, 4, 23, 3 }, 64, 4 },
    { "wide_resnet50_2", true, { 3, 4, 6, 3 }, 1, 128 },  { "wide_resnet101_2", true, { 3, 4, 23, 3 }, 1, 128 },
  };
  bool usual = r->stages == 4 && r->kernel == 7 && r->first_filters == 64;
  for (int i = 0; usual && i < 4; i++)
    usual = r->filters[i] == 64 << i;
  for (size_t i = 0; usual && i < sizeof list / sizeof *list; i++)
    if (list[i].bottleneck == r->bottleneck && list[i].groups == r->groups && list[i].width == r->width
        && !memcmp (list[i].blocks, r->blocks, sizeof list[i].blocks))
      return list[i].name;
  return NULL;
}

static void
add_blocks (struct text *text, const struct shape_of_resnet *r)
{
  text_printf (text, "block: %s\nlayers: [", r->bottleneck ? "bottleneck" : "basic");
  for (int i = 0; i < r->stages; i++)
    text_printf (text, "%s%d", i ? ", " : "", r->blocks[i]);
  text_add (text, "]\nnum-filters: [");
  for (int i = 0; i < r->stages; i++)
    text_printf (text, "%s%" PRId64, i ? ", " : "", r->filters[i]);
  text_printf (text, "]\ninitial-num-filters: %" PRId64 "\n", r->first_filters);
  if (r->groups != 1 || r->width != 64)
    text_printf (text, "groups: %" PRId64 "\nwidth-per-group: %" PRId64 "\n", r->groups, r->width);
  if (r->kernel == 3)
    text_add (text, "initial-filter-size: 3\ninitial-stride: 1\ninitial-pooling-layer: none\n");
  if (!r->projections && !r->bottleneck && r->stages > 1)
    text_add (text, "shortcut: pad\n");
}

static bool
read (const struct tensors *t, struct reading *reading)
{
  struct shape_of_resnet r = { 0 };
  struct text text = { 0 };
  *reading = (struct reading){ 0 };
  if (!read_shapes (t, &r))
    return false;
  const char *arch = arch_of (&r);
  const int side = r.kernel == 3 ? 32 : 224;
  int layers = 2;
  text_add (&text, "network: resnet\n");
  if (arch)
    text_printf (&text, "arch: %s\n", arch);
  else
    add_blocks (&text, &r);
  for (int i = 0; i < r.stages; i++)
    layers += r.blocks[i] * (r.bottleneck ? 3 : 2);
  text_printf (&text, "num-classes: %" PRId64 "\ninput-size: [%" PRId64 ", %d, %d]\n", r.classes, r.channels, side,
               side);
  if (strcmp (r.head, "fc"))
    text_printf (&text, "head: %s\n", r.head);
  if (r.kernel == 7 && r.channels == 3)
    reading_add_preprocessing (&text, t, 224, 0.875, NULL);
  reading->text = text.s;
  reading->what
      = mem_printf ("%s, %" PRId64 " classes",
                    arch ? mem_printf ("torchvision %s", arch)
                         : mem_printf ("a ResNet of %d layers%s", layers, r.kernel == 3 ? " as for CIFAR" : ""),
                    r.classes);
  return true;
}

const struct family torchvision_family
    = { .name = "torchvision",
        .networks = "ResNets, ResNeXts and wide ResNets under torchvision's names, also for CIFAR",
        .mark = "layer1.0.conv1.weight",
        .read = read };
