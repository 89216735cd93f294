/* timm's resnetv2.py: ResNets with normalisation and activation in front of convolutions, BiT among them.
 *
 * Normalisations may be EvoNorm (norm1.v) or filter response normalisation (norm1.tau), which are activations, too.
 * As published, where the stem is one convolution group normalisation goes with standardised weights (BiT), whose
 * stem has zeros around what is pooled; deep stems go with average pools in front of shortcuts' convolutions. */
#include <inttypes.h>
#include <string.h>

#include "writing.h"

enum
{
  MAX_STAGES = 8,
  NORM_GROUPS = 32
};

struct pre_activated
{
  struct writing w;
  bool deep, tiered, bit, basic;
  int64_t channels, stem;
  int depth;
  const char *suffix; /* of its name, by the normalisation */
};

/* A convolution, with what a BiT does to its weights. */
static struct map
write_own_conv (struct pre_activated *r, struct map in, const char *name, int64_t stride)
{
  r->w.conv_keys = r->bit ? ", standardize: 1e-8" : "";
  return write_conv (&r->w, in, name, stride, stride, 1);
}

/* EvoNorm-S0: x · sigmoid (x · v) over the deviation of groups, then a factor and a sum for each channel. */
static struct map
write_evo_norm (struct pre_activated *r, struct map in, const char *name)
{
  struct writing *w = &r->w;
  const char *channels = mem_printf (", constant: [%" PRId64 "]", in.channels);
  struct map gate = write_layer (w, in, in.channels, "multiply", mem_printf ("%s.v", name), channels);
  gate = write_layer (w, gate, gate.channels, "sigmoid", mem_printf ("%s.gate", name), "");
  struct map x = write_layer (w, in, in.channels, "group-norm", mem_printf ("%s.deviation", name),
                              mem_printf (", groups: %d, mean: kept, affine: false%s", NORM_GROUPS,
                                          w->eps ? mem_printf (", eps: %s", w->eps) : ""));
  x = write_binary (w, "multiply", x, gate, mem_printf ("%s.gated", name));
  x = write_layer (w, x, x.channels, "multiply", name, channels);
  return write_layer (w, x, x.channels, "add", mem_printf ("%s.bias", name), channels);
}

/* Filter response normalisation, and the maximum of that and a threshold for each channel. */
static struct map
write_response_norm (struct pre_activated *r, struct map in, const char *name)
{
  struct writing *w = &r->w;
  const char *eps = w->eps ? mem_printf (", eps: %s", w->eps) : "";
  const struct map x
      = write_layer (w, in, in.channels, "instance-norm", name, mem_printf (", mean: ignored, affine: true%s", eps));
  return write_layer (w, x, x.channels, "maximum", mem_printf ("%s.tau", name),
                      mem_printf (", constant: [%" PRId64 "]", in.channels));
}

static struct map
write_norm_activation (struct pre_activated *r, struct map in, const char *name)
{
  if (tensors_have (r->w.t, "%s.v", name))
    return write_evo_norm (r, in, name);
  if (tensors_have (r->w.t, "%s.tau", name))
    return write_response_norm (r, in, name);
  return write_activation (&r->w, write_norm (&r->w, in, name), mem_printf ("%s.act", name));
}

static struct map
write_stem (struct pre_activated *r)
{
  struct map x = writing_input (r->channels);
  if (r->deep)
    for (int i = 1; i <= 3; i++)
      {
        x = write_own_conv (r, x, mem_printf ("stem.conv%d", i), i == 1 ? 2 : 1);
        if (i < 3)
          x = write_norm_activation (r, x, mem_printf ("stem.norm%d", i));
      }
  else
    x = write_own_conv (r, x, "stem.conv", 2);
  return r->bit ? write_padded_max_pool (&r->w, x, "stem.pad", "stem.pool") : write_max_pool (&r->w, x, "stem.pool");
}

static struct map
write_shortcut_of (struct pre_activated *r, struct map in, struct map activated, const char *block, int64_t stride)
{
  struct map x = activated;
  if (!tensors_have (r->w.t, "%s.downsample.conv.weight", block))
    {
      r->w.failed = r->w.failed || stride != 1;
      return in;
    }
  if (r->deep && stride != 1)
    x = write_halved (&r->w, x, mem_printf ("%s.downsample.pool", block));
  return write_own_conv (r, x, mem_printf ("%s.downsample.conv", block), r->deep ? 1 : stride);
}

static struct map
write_block (struct pre_activated *r, struct map in, const char *block, int64_t stride)
{
  const int convs = r->basic ? 2 : 3;
  const struct map activated = write_norm_activation (r, in, mem_printf ("%s.norm1", block));
  const struct map shortcut = write_shortcut_of (r, in, activated, block, stride);
  struct map x = activated;
  for (int i = 1; i <= convs; i++)
    {
      if (i > 1)
        x = write_norm_activation (r, x, mem_printf ("%s.norm%d", block, i));
      x = write_own_conv (r, x, mem_printf ("%s.conv%d", block, i), i == convs - 1 ? stride : 1);
    }
  r->depth += convs;
  return write_add (&r->w, x, shortcut, mem_printf ("%s.add", block));
}

/* False: it is none of these networks. */
static bool
begin (struct pre_activated *r, const struct tensors *t)
{
  int64_t stem[WEIGHT_MAX_RANK], last[WEIGHT_MAX_RANK];
  *r = (struct pre_activated){ .deep = tensors_have (t, "stem.conv1.weight"), .depth = 2 };
  writing_begin (&r->w, t, 2);
  if (tensors_shape (t, stem, "stem.%s.weight", r->deep ? "conv1" : "conv") != 4 || !tensors_have (t, "norm.weight"))
    return false;
  r->channels = stem[1];
  if (tensors_shape (t, last, "stem.%s.weight", r->deep ? "conv3" : "conv") != 4)
    return false;
  r->stem = last[0];
  r->tiered = r->deep && stem[0] * 2 != last[0];
  r->basic = !tensors_have (t, "stages.0.blocks.0.conv3.weight");
  r->w.norm_groups = tensors_have (t, "norm.running_var") ? 0 : NORM_GROUPS;
  r->suffix = tensors_have (t, "norm.v")              ? "_evos"
              : tensors_have (t, "norm.tau")          ? "_frn"
              : !tensors_have (t, "norm.running_var") ? "_gn"
                                                      : "";
  r->bit = !strcmp (r->suffix, "_gn") && !r->deep;
  return true;
}

static bool
read (const struct tensors *t, struct reading *reading)
{
  struct pre_activated r;
  struct text head = { 0 };
  int64_t classes;
  if (!begin (&r, t))
    return false;
  struct map x = write_stem (&r);
  for (int stage = 0; stage < MAX_STAGES; stage++)
    {
      const char *before = mem_printf ("stages.%d.blocks.", stage);
      const int count = tensors_count (t, before, ".conv1.weight");
      for (int i = 0; i < count; i++)
        x = write_block (&r, x, mem_printf ("%s%d", before, i), stage && !i ? 2 : 1);
    }
  write_head (&r.w, write_norm_activation (&r, x, "norm"), "head.global_pool", "head.fc", &classes);
  if (r.w.failed || r.depth == 2)
    return false;
  const char *name = r.bit ? mem_printf ("%dx%" PRId64 "_bit", r.depth, r.stem / 64)
                           : mem_printf ("%d%s%s", r.depth,
                                         r.tiered ? "t"
                                         : r.deep ? "d"
                                                  : "",
                                         r.suffix);
  const int side = r.bit ? 448 : 224;
  text_printf (&head, "network: sequence\ninput-size: [%" PRId64 ", %d, %d]\n", r.channels, side, side);
  if (r.channels == 3 && r.bit)
    {
      text_add (&head, "scale: 255\nmean: [0.5, 0.5, 0.5]\nstd: [0.5, 0.5, 0.5]\n");
      reading_add_resize (&head, t, 448, 1, NULL);
    }
  else if (r.channels == 3)
    reading_add_preprocessing (&head, t, 224, 0.95, "bicubic");
  *reading = (struct reading){ .text = mem_printf ("%slayers:\n%s", head.s, r.w.text.s),
                               .what = mem_printf ("timm resnetv2_%s, %" PRId64 " classes", name, classes) };
  return true;
}

const struct family timm_resnetv2_family = { .name = "timm-resnetv2",
                                             .networks = "ResNets of timm's resnetv2.py, BiT among them",
                                             .mark = "stages.0.blocks.0.conv1.weight",
                                             .read = read };
