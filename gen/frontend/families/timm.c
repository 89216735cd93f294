/* The ResNets of timm's resnet.py.
 *
 * To torchvision's names they add deep stems (conv1.0, conv1.3, conv1.6), a convolution in place of the max pool
 * (maxpool.0), shortcuts with an average pool in front (downsample.1 is the convolution then), squeeze-and-excitation
 * and ECA (se), and group normalisation (norms without running statistics). Anti-aliasing in front of strides has no
 * tensors: --set anti-aliasing says it, or the file's name, which mostly is the network's. What is torchvision's
 * network as well is left to that family. */
#include <inttypes.h>
#include <string.h>

#include "writing.h"

enum
{
  MAX_STAGES = 8
};

struct resnet
{
  struct writing w;
  enum anti_aliasing aa;
  int stages, blocks[MAX_STAGES], depth; /* layers on the longest way */
  int64_t groups, width, stem;           /* width: of a group in the first stage; stem: filters of its first layer */
  bool deep, tiered, average, replaced, se, eca, bottleneck, norm_groups;
  int64_t channels, classes;
};

/* What reads every second pixel: the convolution itself, or a pool behind it that blurs. */
static int64_t
stride_of_conv (const struct resnet *r, int64_t stride)
{
  return r->aa == AA_AVERAGE || r->aa == AA_BLUR ? 1 : stride;
}

/* The filter 1 2 1 is the mean of two neighbours, twice. What timm reflects at the edges makes the outer means equal to
 * those beside them, as leaving out what lies outside does. */
static struct map
write_anti_aliasing (struct resnet *r, struct map x, const char *name)
{
  if (r->aa == AA_AVERAGE)
    return write_layer (&r->w, x, x.channels, "average-pool", name, ", kernel-size: 2");
  x = write_layer (&r->w, x, x.channels, "average-pool", mem_printf ("%s.pairs", name), ", kernel-size: 2, stride: 1");
  return write_layer (&r->w, x, x.channels, "average-pool", name,
                      ", kernel-size: 2, padding: 1, count-include-pad: false");
}

static struct map
write_stem (struct resnet *r)
{
  struct writing *w = &r->w;
  struct map x = writing_input (r->channels);
  if (r->deep)
    {
      x = write_conv_norm (w, x, "conv1.0", "conv1.1", "conv1.2", 2, 1);
      x = write_conv_norm (w, x, "conv1.3", "conv1.4", "conv1.5", 1, 1);
      x = write_conv_norm (w, x, "conv1.6", "bn1", "act1", 1, 1);
    }
  else
    x = write_conv_norm (w, x, "conv1", "bn1", "act1", 2, 1);
  if (r->replaced)
    return write_conv_norm (w, x, "maxpool.0", "maxpool.1", "maxpool.2", 2, 1);
  if (r->aa == AA_AVERAGE)
    return write_anti_aliasing (r, x, "maxpool");
  if (r->aa == AA_BLUR)
    return write_anti_aliasing (
        r, write_layer (w, x, x.channels, "max-pool", "maxpool.0", ", kernel-size: 3, stride: 1, padding: 1"),
        "maxpool");
  return write_max_pool (w, x, "maxpool");
}

static struct map
write_projection (struct resnet *r, struct map in, const char *block, int64_t stride)
{
  struct writing *w = &r->w;
  const char *name = mem_printf ("%s.downsample", block);
  struct map x = in;
  if (tensors_have (w->t, "%s.0.weight", name))
    return write_conv_norm (w, in, mem_printf ("%s.0", name), mem_printf ("%s.1", name), NULL, stride, 1);
  if (!tensors_have (w->t, "%s.1.weight", name))
    {
      w->failed = w->failed || stride != 1;
      return in;
    }
  if (stride != 1)
    x = write_halved (w, in, mem_printf ("%s.0", name));
  return write_conv_norm (w, x, mem_printf ("%s.1", name), mem_printf ("%s.2", name), NULL, 1, 1);
}

static struct map
write_block (struct resnet *r, struct map in, const char *name, int64_t stride)
{
  struct writing *w = &r->w;
  const bool bottleneck = tensors_have (w->t, "%s.conv3.weight", name);
  const int64_t own = stride_of_conv (r, stride);
  struct map x = in;
  for (int i = 1; i <= (bottleneck ? 3 : 2); i++)
    {
      const bool strided = i == (bottleneck ? 2 : 1), last = i == (bottleneck ? 3 : 2);
      x = write_conv_norm (w, x, mem_printf ("%s.conv%d", name, i), mem_printf ("%s.bn%d", name, i),
                           last ? NULL : mem_printf ("%s.act%d", name, i), strided ? own : 1, 1);
      if (strided && stride != own)
        x = write_anti_aliasing (r, x, mem_printf ("%s.aa", name));
    }
  if (tensors_have (w->t, "%s.se.fc1.weight", name))
    x = write_squeeze_excitation (w, x, mem_printf ("%s.se", name));
  if (tensors_have (w->t, "%s.se.conv.weight", name))
    x = write_channel_attention (w, x, mem_printf ("%s.se", name));
  const struct map shortcut = write_projection (r, in, name, stride);
  x = write_add (w, x, shortcut, mem_printf ("%s.add", name));
  return write_activation (w, x, mem_printf ("%s.act%d", name, bottleneck ? 3 : 2));
}

/* ---- what there is ---- */

static void
read_widths (struct resnet *r)
{
  const struct tensors *t = r->w.t;
  int64_t first[WEIGHT_MAX_RANK] = { 0 }, second[WEIGHT_MAX_RANK] = { 0 }, planes[WEIGHT_MAX_RANK] = { 0 };
  tensors_shape (t, first, "layer1.0.conv1.weight");
  tensors_shape (t, second, "layer1.0.conv2.weight");
  tensors_shape (t, planes, "layer1.0.conv3.weight");
  r->groups = r->bottleneck && second[1] > 0 ? first[0] / second[1] : 1;
  /* of other widths than 256 are pruned networks */
  r->width = r->bottleneck && r->groups > 0 && planes[0] == 256 ? second[0] / r->groups : 64;
}

/* False: it is none of these networks. */
static bool
read_parts (struct resnet *r)
{
  const struct tensors *t = r->w.t;
  int64_t stem[WEIGHT_MAX_RANK], middle[WEIGHT_MAX_RANK];
  r->deep = tensors_have (t, "conv1.0.weight");
  if (tensors_shape (t, stem, r->deep ? "conv1.0.weight" : "conv1.weight") != 4 || (!r->deep && stem[2] != 7)
      || (r->deep && tensors_shape (t, middle, "conv1.3.weight") != 4) || !tensors_have (t, "bn1.weight")
      || tensors_shape (t, NULL, "layer1.0.conv1.weight") != 4)
    return false;
  r->channels = stem[1];
  r->stem = r->deep ? middle[0] : stem[0];
  r->tiered = r->deep && middle[0] != stem[0];
  r->depth = 2;
  for (int count; r->stages < MAX_STAGES; r->blocks[r->stages++] = count)
    {
      const char *stage = mem_printf ("layer%d.", r->stages + 1);
      count = tensors_count (t, stage, ".conv1.weight");
      if (!count)
        break;
      r->depth += count * (tensors_have (t, "%s0.conv3.weight", stage) ? 3 : 2);
    }
  r->average = tensors_shape (t, NULL, "layer%d.0.downsample.1.weight", r->stages) == 4;
  r->bottleneck = tensors_have (t, "layer1.0.conv3.weight");
  r->replaced = tensors_shape (t, NULL, "maxpool.0.weight") == 4;
  r->se = tensors_have (t, "layer1.0.se.fc1.weight");
  r->eca = tensors_have (t, "layer1.0.se.conv.weight");
  r->norm_groups = !tensors_have (t, "bn1.running_var");
  read_widths (r);
  return true;
}

/* As timm would call it. */
static const char *
name_of (const struct resnet *r, enum anti_aliasing aa)
{
  const bool wide = r->groups == 1 && r->width != 64;
  const char *stem = r->tiered                 ? "t"
                     : r->replaced || !r->deep ? ""
                     : r->average              ? (r->stem == 64 ? "e" : "d")
                     : r->stem == 64           ? "s"
                                               : "c";
  struct text t = { 0 };
  text_printf (&t, "%s%sresn%st%s%s%d%s", wide ? "wide_" : "",
               r->se && !r->replaced ? "se"
               : r->eca              ? "eca"
                                     : "",
               r->groups > 1 ? "ex" : "e",
               aa == AA_AVERAGE ? "aa"
               : aa == AA_BLUR  ? "blur"
                                : "",
               r->replaced ? "rs" : "", r->depth, stem);
  if (r->groups > 1)
    text_printf (&t, "_%" PRId64 "x%" PRId64 "d", r->groups, r->width);
  if (wide)
    text_printf (&t, "_%" PRId64, r->width / 64);
  if (r->norm_groups)
    text_add (&t, "_gn");
  return t.s;
}

/* Anti-aliasing where nothing says it: what has been published with these tensors. */
static void
resolve_anti_aliasing (struct resnet *r, struct reading *reading)
{
  static const struct
  {
    bool bottleneck;
    int blocks[4];
    bool blur;
  } published[] = { { false, { 3, 4, 6, 3 }, false }, { true, { 3, 4, 6, 3 }, true }, { true, { 3, 4, 23, 3 }, true } };
  static const int deepest[4] = { 3, 24, 36, 4 };
  struct text t = { 0 };
  if (r->aa != AA_UNKNOWN)
    return;
  r->aa = AA_NONE;
  if (!r->deep || r->tiered || !r->average || r->replaced || r->eca || r->stages != 4)
    return;
  if (!memcmp (r->blocks, deepest, sizeof deepest) && r->groups > 1)
    r->aa = AA_AVERAGE; /* seresnextaa201d_32x8d alone has these blocks */
  for (size_t i = 0; i < sizeof published / sizeof *published; i++)
    if (published[i].bottleneck == r->bottleneck && !memcmp (published[i].blocks, r->blocks, sizeof deepest))
      {
        text_printf (&t, "timm %s (--set anti-aliasing=none); timm %s (--set anti-aliasing=average)",
                     name_of (r, AA_NONE), name_of (r, AA_AVERAGE));
        if (published[i].blur && !r->se)
          text_printf (&t, "; timm %s (--set anti-aliasing=blur)", name_of (r, AA_BLUR));
        reading->either = t.s;
      }
}

/* ---- the family ---- */

static struct map
write_stages (struct resnet *r)
{
  struct map x = write_stem (r);
  for (int stage = 0; stage < r->stages; stage++)
    for (int i = 0; i < r->blocks[stage]; i++)
      x = write_block (r, x, mem_printf ("layer%d.%d", stage + 1, i), stage && !i ? 2 : 1);
  return x;
}

static bool
read (const struct tensors *t, struct reading *reading)
{
  struct resnet r = { .groups = 1 };
  struct text head = { 0 };
  writing_begin (&r.w, t, 2);
  r.aa = tensors_anti_aliasing (t);
  if (!read_parts (&r))
    return false;
  const bool plain
      = tensors_have (t, "fc.weight") && !r.deep && !r.average && !r.replaced && !r.se && !r.eca && !r.norm_groups;
  if (plain && r.aa != AA_AVERAGE && r.aa != AA_BLUR && !tensors_wanted (t, "timm"))
    return false;
  *reading = (struct reading){ 0 };
  resolve_anti_aliasing (&r, reading);
  r.w.norm_groups = r.norm_groups ? 32 : 0;
  struct map x = write_stages (&r);
  if (tensors_have (t, "fc.weight"))
    write_head (&r.w, x, "global_pool", "fc", &r.classes);
  else
    write_layer (&r.w, x, x.channels, "global-average-pool", "global_pool", "");
  if (r.w.failed)
    return false;
  text_printf (&head, "network: sequence\ninput-size: [%" PRId64 ", 224, 224]\n", r.channels);
  if (r.channels == 3)
    reading_add_preprocessing (&head, 256, "bicubic");
  reading->text = mem_printf ("%slayers:\n%s", head.s, r.w.text.s);
  reading->what = mem_printf ("timm %s, %" PRId64 " %s", name_of (&r, r.aa), r.classes ? r.classes : x.channels,
                              r.classes ? "classes" : "features");
  return true;
}

const struct family timm_family = { .name = "timm",
                                    .networks = "ResNets of timm's resnet.py",
                                    .mark = "layer1.0.conv1.weight",
                                    .settings = " anti-aliasing activation eps ",
                                    .read = read };
