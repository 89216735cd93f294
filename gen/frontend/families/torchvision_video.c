/* torchvision's r3d_18, mc3_18 and r2plus1d_18, and networks of the same blocks with more of them.
 *
 * They are written as sequences, whose layers have the names that torchvision's modules have. Convolutions of 3x3x3
 * (r3d), of 1x3x3 in later stages (mc3), or of 1x3x3 and 3x1x1 with a normalisation between them (r2plus1d): the shapes
 * say which. */
#include <inttypes.h>

#include "writing.h"

enum
{
  MAX_STAGES = 8
};

/* The convolution NAME with its normalisation NORM and, where ACTIVATION is not NULL, what it is called behind it. */
static struct map
write_convs (struct writing *w, struct map in, const char *name, const char *norm, const char *activation,
             int64_t stride)
{
  int64_t s[WEIGHT_MAX_RANK] = { 0 };
  struct map x = in;
  if (tensors_have (w->t, "%s.3.weight", name)) /* over the map, then over time */
    {
      x = write_conv (w, x, mem_printf ("%s.0", name), 1, stride, 1);
      x = write_norm (w, x, mem_printf ("%s.1", name));
      x = write_activation (w, x, mem_printf ("%s.2", name));
      x = write_conv (w, x, mem_printf ("%s.3", name), stride, 1, 1);
    }
  else
    {
      tensors_shape (w->t, s, "%s.weight", name);
      x = write_conv (w, x, name, s[2] == 1 ? 1 : stride, stride, 1);
    }
  x = write_norm (w, x, norm);
  return activation ? write_activation (w, x, activation) : x;
}

static struct map
write_block (struct writing *w, struct map in, const char *name, int64_t stride)
{
  const char *second = mem_printf ("%s.conv2.1", name);
  int64_t s[WEIGHT_MAX_RANK];
  struct map shortcut = in;
  struct map x = write_convs (w, in, mem_printf ("%s.conv1.0", name), mem_printf ("%s.conv1.1", name),
                              mem_printf ("%s.conv1.2", name), stride);
  x = write_convs (w, x, mem_printf ("%s.conv2.0", name), second, NULL, 1);
  if (tensors_have (w->t, "%s.downsample.0.weight", name))
    {
      /* mc3's later blocks keep the time axis: there the first convolution has one tap along it. */
      const bool whole = tensors_shape (w->t, s, "%s.conv1.0.weight", name) == 5 && s[2] == 1;
      shortcut = write_conv (w, in, mem_printf ("%s.downsample.0", name), whole ? 1 : stride, stride, 1);
      shortcut = write_norm (w, shortcut, mem_printf ("%s.downsample.1", name));
    }
  x = write_add (w, x, shortcut, mem_printf ("%s.add", name));
  return write_activation (w, x, mem_printf ("%s.relu", name));
}

static struct map
write_stem (struct writing *w, int64_t channels)
{
  struct map x = write_conv (w, writing_input (channels), "stem.0", 1, 2, 1);
  x = write_activation (w, write_norm (w, x, "stem.1"), "stem.2");
  return tensors_have (w->t, "stem.3.weight") ? write_conv_norm (w, x, "stem.3", "stem.4", "stem.5", 1, 1) : x;
}

/* "r2plus1d", "mc3" or "r3d", by the convolutions of the first and the last stage. */
static const char *
kind_of (const struct tensors *t, int stages)
{
  int64_t s[WEIGHT_MAX_RANK];
  if (tensors_have (t, "layer1.0.conv1.0.3.weight"))
    return "r2plus1d";
  return tensors_shape (t, s, "layer%d.0.conv1.0.weight", stages) == 5 && s[2] == 1 ? "mc3" : "r3d";
}

static bool
read (const struct tensors *t, struct reading *reading)
{
  int64_t stem[WEIGHT_MAX_RANK], classes;
  struct writing w;
  const bool two = tensors_have (t, "layer1.0.conv1.0.3.weight");
  int blocks = 0, stages = 0;
  if (tensors_shape (t, stem, "stem.0.weight") != 5
      || (!two && tensors_shape (t, NULL, "layer1.0.conv1.0.weight") != 5))
    return false;
  writing_begin (&w, t, 3);
  struct map x = write_stem (&w, stem[1]);
  for (; stages < MAX_STAGES; stages++)
    {
      const char *before = mem_printf ("layer%d.", stages + 1);
      const int count = tensors_count (t, before, two ? ".conv1.0.0.weight" : ".conv1.0.weight");
      if (!count)
        break;
      for (int i = 0; i < count; i++)
        x = write_block (&w, x, mem_printf ("%s%d", before, i), i == 0 && stages > 0 ? 2 : 1);
      blocks += count;
    }
  write_head (&w, x, "avgpool", "fc", &classes);
  if (w.failed)
    return false;
  *reading = (struct reading){ .text = mem_printf ("network: sequence\ninput-size: [%" PRId64 ", 16, 112, 112]\n"
                                                   "scale: 255\nmean: [0.43216, 0.394666, 0.37645]\n"
                                                   "std: [0.22803, 0.22145, 0.216989]\nlayers:\n%s",
                                                   stem[1], w.text.s),
                               .what = mem_printf ("torchvision %s_%d, %" PRId64 " classes", kind_of (t, stages),
                                                   2 + 2 * blocks, classes) };
  return true;
}

const struct family torchvision_video_family = { .name = "torchvision-video",
                                                 .networks = "torchvision's r3d_18, mc3_18 and r2plus1d_18",
                                                 .mark = "layer1.0.conv1.1.weight",
                                                 .read = read };
