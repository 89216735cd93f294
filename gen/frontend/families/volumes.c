/* ResNets over volumes, and MONAI's over images, too: kenshohara's 3D-ResNets-PyTorch and MONAI's resnet10 to
 * resnet200.
 *
 * Both have torchvision's names with filters of one more axis. What tells them apart is that MONAI's shortcuts have a
 * bias, unless they were made without one; the shapes do not say the strides of the first layer, which are 1 2 2 in
 * kenshohara's and 1 in MONAI's. They are written as sequences, whose layers have the modules' names. Shortcuts without
 * parameters (type A) are not known. */
#include <inttypes.h>
#include <string.h>

#include "writing.h"

enum
{
  MAX_STAGES = 8
};

static struct map
write_block (struct writing *w, struct map in, const char *name, int64_t stride)
{
  const int convs = tensors_have (w->t, "%s.conv3.weight", name) ? 3 : 2;
  struct map x = in, shortcut = in;
  for (int i = 1; i <= convs; i++)
    x = write_conv_norm (w, x, mem_printf ("%s.conv%d", name, i), mem_printf ("%s.bn%d", name, i),
                         i < convs ? mem_printf ("%s.relu%d", name, i) : NULL, i == convs - 1 ? stride : 1, 1);
  if (tensors_have (w->t, "%s.downsample.0.weight", name))
    shortcut = write_conv_norm (w, in, mem_printf ("%s.downsample.0", name), mem_printf ("%s.downsample.1", name), NULL,
                                stride, 1);
  else
    w->failed = w->failed || stride != 1;
  x = write_add (w, x, shortcut, mem_printf ("%s.add", name));
  return write_activation (w, x, mem_printf ("%s.relu", name));
}

/* The stages behind X; *DEPTH grows by how many convolutions there are on the longest way. */
static struct map
write_stages (struct writing *w, struct map x, int *depth)
{
  for (int stage = 0; stage < MAX_STAGES; stage++)
    {
      const char *before = mem_printf ("layer%d.", stage + 1);
      const int count = tensors_count (w->t, before, ".conv1.weight");
      for (int i = 0; i < count; i++)
        x = write_block (w, x, mem_printf ("%s%d", before, i), stage && !i ? 2 : 1);
      if (!count)
        break;
      *depth += count * (tensors_have (w->t, "%s0.conv3.weight", before) ? 3 : 2);
    }
  return x;
}

/* MONAI: whose they are; else kenshohara's. */
static bool
read (const struct tensors *t, struct reading *r, bool monai)
{
  int64_t s[WEIGHT_MAX_RANK], classes;
  const int rank = tensors_shape (t, s, "conv1.weight");
  const bool biased = tensors_have (t, "layer2.0.downsample.0.bias");
  struct writing w;
  int depth = 2;
  if ((rank != 5 && !(rank == 4 && monai && biased)) || (biased && !monai))
    return false;
  writing_begin (&w, t, rank - 2);
  struct map x = write_conv (&w, writing_input (s[1]), "conv1", 1, monai ? 1 : 2, 1);
  x = write_activation (&w, write_norm (&w, x, "bn1"), "relu");
  x = write_layer (&w, x, x.channels, "max-pool", "maxpool", ", kernel-size: 3, stride: 2, padding: 1");
  x = write_stages (&w, x, &depth);
  write_head (&w, x, "avgpool", "fc", &classes);
  if (w.failed || depth == 2)
    return false;
  const char *input = monai ? "" : mem_printf ("input-size: [%" PRId64 ", 16, 112, 112]\n", s[1]);
  *r = (struct reading){ .text = mem_printf ("network: sequence\n%slayers:\n%s", input, w.text.s),
                         .what = mem_printf ("%s resn%st%d%s, %" PRId64 " classes",
                                             monai ? "MONAI's" : "kenshohara's 3-D", w.grouped ? "ex" : "e", depth,
                                             monai ? mem_printf (" over %d axes", w.axes) : "", classes) };
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

const struct family monai_family = { .name = "monai",
                                     .networks = "MONAI's ResNets over 2 and 3 axes",
                                     .mark = "layer1.0.conv1.weight",
                                     .settings = " activation eps ",
                                     .read = read_monai };
const struct family kenshohara_family = { .name = "kenshohara",
                                          .networks = "3-D ResNets of 3D-ResNets-PyTorch with shortcuts of type B",
                                          .mark = "layer1.0.conv1.weight",
                                          .settings = " activation eps ",
                                          .read = read_kenshohara };
