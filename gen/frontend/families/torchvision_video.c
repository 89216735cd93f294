/* torchvision's r3d_18, mc3_18 and r2plus1d_18, and networks of the same blocks with more of them.
 *
 * They are written as sequences, whose layers have the names that torchvision's modules have. Convolutions of 3x3x3
 * (r3d), of 1x3x3 in later stages (mc3), or of 1x3x3 and 3x1x1 with a normalisation between them (r2plus1d): the shapes
 * say which. */
#include "families.h"

#include <inttypes.h>

enum
{
  MAX_STAGES = 8
};

/* The text so far. */
struct writing
{
  const struct tensors *t;
  struct text text;
};

static void
add_conv (struct writing *w, const char *name, const char *input, const int64_t stride[3])
{
  int64_t s[WEIGHT_MAX_RANK];
  if (tensors_shape (w->t, s, "%s.weight", name) != 5)
    fatal ("%s: has no tensor %s.weight with 5 axes; a network of its names needs one", w->t->path, name);
  text_printf (&w->text,
               "  - {type: conv, name: %s%s%s, filters: %" PRId64 ", kernel-size: [%" PRId64 ", %" PRId64 ", %" PRId64
               "], stride: [%" PRId64 ", %" PRId64 ", %" PRId64 "], padding: [%" PRId64 ", %" PRId64 ", %" PRId64
               "], bias: false}\n",
               name, input ? ", input: " : "", input ? input : "", s[0], s[2], s[3], s[4], stride[0], stride[1],
               stride[2], s[2] / 2, s[3] / 2, s[4] / 2);
}

static void
add_layer (struct writing *w, const char *type, const char *name)
{
  text_printf (&w->text, "  - {type: %s, name: %s}\n", type, name);
}

/* The convolution NAME with its normalisation NORM and a relu behind it, where it has one. */
static void
add_convs (struct writing *w, const char *name, const char *norm, const char *input, int64_t stride, bool relu)
{
  const bool two = tensors_have (w->t, "%s.3.weight", name); /* over the map, then over time */
  int64_t s[WEIGHT_MAX_RANK] = { 0 };
  tensors_shape (w->t, s, "%s.weight", name);
  if (two)
    {
      add_conv (w, mem_printf ("%s.0", name), input, (const int64_t[]){ 1, stride, stride });
      add_layer (w, "batch-norm", mem_printf ("%s.1", name));
      add_layer (w, "relu", mem_printf ("%s.2", name));
      add_conv (w, mem_printf ("%s.3", name), NULL, (const int64_t[]){ stride, 1, 1 });
    }
  else
    add_conv (w, name, input, (const int64_t[]){ s[2] == 1 ? 1 : stride, stride, stride });
  add_layer (w, "batch-norm", norm);
  if (relu)
    add_layer (w, "relu", mem_printf ("%s.relu", norm));
}

/* A block reads the layer INPUT; returns its own last one. */
static const char *
add_block (struct writing *w, const char *name, const char *input, int64_t stride)
{
  const char *shortcut = input, *last = mem_printf ("%s.conv2.1", name), *add = mem_printf ("%s.add", name);
  int64_t s[WEIGHT_MAX_RANK];
  add_convs (w, mem_printf ("%s.conv1.0", name), mem_printf ("%s.conv1.1", name), input, stride, true);
  add_convs (w, mem_printf ("%s.conv2.0", name), last, NULL, 1, false);
  if (tensors_shape (w->t, s, "%s.downsample.0.weight", name) == 5)
    {
      /* mc3's later blocks keep the time axis: there the first convolution has one tap along it. */
      const bool whole = tensors_shape (w->t, s, "%s.conv1.0.weight", name) == 5 && s[2] == 1;
      add_conv (w, mem_printf ("%s.downsample.0", name), input,
                (const int64_t[]){ whole ? 1 : stride, stride, stride });
      shortcut = mem_printf ("%s.downsample.1", name);
      add_layer (w, "batch-norm", shortcut);
    }
  text_printf (&w->text, "  - {type: add, name: %s, input: [%s, %s]}\n", add, last, shortcut);
  add = mem_printf ("%s.relu", name);
  add_layer (w, "relu", add);
  return add;
}

static bool
read (const struct tensors *t, struct reading *reading)
{
  int64_t head[WEIGHT_MAX_RANK], stem[WEIGHT_MAX_RANK], later[WEIGHT_MAX_RANK];
  struct writing w = { .t = t };
  const bool two = tensors_have (t, "layer1.0.conv1.0.3.weight");
  int blocks = 0, stages = 0;
  if (tensors_shape (t, stem, "stem.0.weight") != 5 || tensors_shape (t, head, "fc.weight") != 2
      || (!two && tensors_shape (t, NULL, "layer1.0.conv1.0.weight") != 5))
    return false;
  text_printf (&w.text, "network: sequence\ninput-size: [%" PRId64 ", 16, 112, 112]\n", stem[1]);
  text_add (&w.text, "scale: 255\nmean: [0.43216, 0.394666, 0.37645]\nstd: [0.22803, 0.22145, 0.216989]\nlayers:\n");
  add_conv (&w, "stem.0", NULL, (const int64_t[]){ 1, 2, 2 });
  add_layer (&w, "batch-norm", "stem.1");
  add_layer (&w, "relu", "stem.2");
  const char *x = "stem.2";
  if (tensors_have (t, "stem.3.weight"))
    {
      add_conv (&w, "stem.3", NULL, (const int64_t[]){ 1, 1, 1 });
      add_layer (&w, "batch-norm", "stem.4");
      add_layer (&w, "relu", x = "stem.5");
    }
  for (; stages < MAX_STAGES; stages++)
    {
      const char *before = mem_printf ("layer%d.", stages + 1);
      const int count = tensors_count (t, before, two ? ".conv1.0.0.weight" : ".conv1.0.weight");
      if (!count)
        break;
      for (int i = 0; i < count; i++)
        x = add_block (&w, mem_printf ("%s%d", before, i), x, i == 0 && stages > 0 ? 2 : 1);
      blocks += count;
    }
  add_layer (&w, "global-average-pool", "avgpool");
  text_printf (&w.text, "  - {type: linear, name: fc, features: %" PRId64 "}\n", head[0]);
  const bool mixed = !two && tensors_shape (t, later, "layer%d.0.conv1.0.weight", stages) == 5 && later[2] == 1;
  reading->text = w.text.s;
  reading->what = mem_printf ("torchvision %s_%d, %" PRId64 " classes",
                              two     ? "r2plus1d"
                              : mixed ? "mc3"
                                      : "r3d",
                              2 + 2 * blocks, head[0]);
  return true;
}

const struct family torchvision_video_family
    = { "torchvision-video", "torchvision's r3d_18, mc3_18 and r2plus1d_18", "layer1.0.conv1.1.weight", read };
