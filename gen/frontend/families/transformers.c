/* transformers' ResNetForImageClassification.
 *
 * What the shapes do not say is as in the published networks: the strides of bottlenecks are the second convolution's,
 * the first stage has none. */
#include <inttypes.h>

#include "writing.h"

enum
{
  MAX_STAGES = 8
};

static struct map
write_unit (struct writing *w, struct map in, const char *name, bool activation, int64_t stride)
{
  return write_conv_norm (w, in, mem_printf ("%s.convolution", name), mem_printf ("%s.normalization", name),
                          activation ? mem_printf ("%s.activation", name) : NULL, stride, 1);
}

static struct map
write_block (struct writing *w, struct map in, const char *name, int64_t stride)
{
  const char *shortcut = mem_printf ("%s.shortcut", name);
  const int units = tensors_count (w->t, mem_printf ("%s.layer.", name), ".convolution.weight");
  struct map x = in, y = in;
  const char *own = w->activation;
  w->activation = "relu"; /* whatever the network's own is, which the first layer and the sums have */
  for (int i = 0; i < units; i++)
    x = write_unit (w, x, mem_printf ("%s.layer.%d", name, i), i + 1 < units, i == units - 2 ? stride : 1);
  w->activation = own;
  if (tensors_have (w->t, "%s.convolution.weight", shortcut))
    y = write_unit (w, in, shortcut, false, stride);
  else
    w->failed = w->failed || stride != 1;
  return write_activation (w, write_add (w, x, y, mem_printf ("%s.add", name)), mem_printf ("%s.activation", name));
}

static bool
read (const struct tensors *t, struct reading *r)
{
  static const char stem[] = "resnet.embedder.embedder", stages[] = "resnet.encoder.stages";
  int64_t s[WEIGHT_MAX_RANK], classes;
  struct writing w;
  struct text head = { 0 };
  int depth = 2;
  if (tensors_shape (t, s, "%s.convolution.weight", stem) != 4)
    return false;
  writing_begin (&w, t, 2);
  struct map x = write_unit (&w, writing_input (s[1]), stem, true, 2);
  x = write_max_pool (&w, x, "resnet.embedder.pooler");
  for (int stage = 0; stage < MAX_STAGES; stage++)
    {
      const char *before = mem_printf ("%s.%d.layers.", stages, stage);
      const int count = tensors_count (t, before, ".layer.0.convolution.weight");
      for (int i = 0; i < count; i++)
        x = write_block (&w, x, mem_printf ("%s%d", before, i), stage && !i ? 2 : 1);
      depth += count * tensors_count (t, mem_printf ("%s0.layer.", before), ".convolution.weight");
    }
  write_head (&w, x, "resnet.pooler", "classifier.1", &classes);
  if (w.failed || depth == 2)
    return false;
  text_printf (&head, "network: sequence\ninput-size: [%" PRId64 ", 224, 224]\n", s[1]);
  if (s[1] == 3)
    reading_add_preprocessing (&head, t, 224, 0.875, "bicubic");
  *r = (struct reading){ .text = mem_printf ("%slayers:\n%s", head.s, w.text.s),
                         .what = mem_printf ("transformers' resnet-%d, %" PRId64 " classes", depth, classes) };
  return true;
}

const struct family transformers_family = { .name = "transformers",
                                            .networks = "transformers' ResNetForImageClassification",
                                            .mark = "resnet.embedder.embedder.convolution.weight",
                                            .read = read };
