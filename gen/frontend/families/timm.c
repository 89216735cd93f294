/* The ResNets of timm's resnet.py, sknet.py and resnest.py.
 *
 * To torchvision's names they add deep stems (conv1.0, conv1.3, conv1.6), a convolution in place of the max pool
 * (maxpool.0), shortcuts with an average pool in front (downsample.1 is the convolution then), squeeze-and-excitation
 * and ECA (se), and group normalisation (norms without running statistics). A block's convolution may be selective
 * kernels (conv1.paths or conv2.paths, the others are conv1.conv and conv1.bn then) or split attention (conv2.conv and
 * conv2.fc1), whose strides are a pool's. Anti-aliasing in front of strides has no tensors: --set anti-aliasing says
 * it, or the file's name, which mostly is the network's; so it is with the side of split attention that the pool is
 * on. What is torchvision's network as well is left to that family. */
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
  bool deep, tiered, average, replaced, se, eca, selective, bottleneck, norm_groups;
  int64_t radix;   /* of split attention; 0: without */
  bool pool_first; /* strides of split attention are a pool's in front of it */
  int64_t channels, classes;
};

/* The weight of convolution I of BLOCK under its name in one of the blocks: its rank and extents, or -1. */
static int
conv_shape (const struct tensors *t, int64_t shape[WEIGHT_MAX_RANK], const char *block, int i)
{
  static const char *const names[] = { "", ".conv", ".paths.0.conv" };
  for (size_t k = 0; k < sizeof names / sizeof *names; k++)
    if (tensors_have (t, "%s.conv%d%s.weight", block, i, names[k]))
      return tensors_shape (t, shape, "%s.conv%d%s.weight", block, i, names[k]);
  return -1;
}

static bool
is_bottleneck (const struct tensors *t, const char *block)
{
  int64_t s[WEIGHT_MAX_RANK];
  return conv_shape (t, s, block, 3) == 4;
}

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

/* Split attention, and the pool whose stride it has. */
static struct map
write_split_unit (struct resnet *r, struct map x, const char *block, const char *conv, int64_t stride)
{
  const char *pool = mem_printf ("%s.avd_%s", block, r->pool_first ? "first" : "last");
  const char *keys = mem_printf (", kernel-size: 3, stride: %" PRId64 ", padding: 1", stride);
  if (stride != 1 && r->pool_first)
    x = write_layer (&r->w, x, x.channels, "average-pool", pool, keys);
  x = write_split_attention (&r->w, x, conv, 1);
  return stride != 1 && !r->pool_first ? write_layer (&r->w, x, x.channels, "average-pool", pool, keys) : x;
}

/* Convolution I of BLOCK with what follows it, whatever it is. */
static struct map
write_unit (struct resnet *r, struct map x, const char *block, int i, int64_t stride, bool last)
{
  struct writing *w = &r->w;
  const char *conv = mem_printf ("%s.conv%d", block, i), *activation = last ? NULL : mem_printf ("%s.act%d", block, i);
  if (tensors_have (w->t, "%s.paths.0.conv.weight", conv))
    return write_selective_kernel (w, x, conv, stride);
  if (tensors_have (w->t, "%s.fc1.weight", conv))
    return write_split_unit (r, x, block, conv, stride);
  if (tensors_have (w->t, "%s.conv.weight", conv))
    return write_conv_norm (w, x, mem_printf ("%s.conv", conv), mem_printf ("%s.bn", conv), activation, stride, 1);
  const int64_t own = stride_of_conv (r, stride);
  x = write_conv_norm (w, x, conv, mem_printf ("%s.bn%d", block, i), activation, own, 1);
  return stride != own ? write_anti_aliasing (r, x, mem_printf ("%s.aa", block)) : x;
}

static struct map
write_block (struct resnet *r, struct map in, const char *name, int64_t stride)
{
  struct writing *w = &r->w;
  const int convs = is_bottleneck (w->t, name) ? 3 : 2;
  struct map x = in;
  for (int i = 1; i <= convs; i++)
    x = write_unit (r, x, name, i, i == convs - 1 ? stride : 1, i == convs);
  if (tensors_have (w->t, "%s.se.fc1.weight", name))
    x = write_squeeze_excitation (w, x, mem_printf ("%s.se", name));
  if (tensors_have (w->t, "%s.se.conv.weight", name))
    x = write_channel_attention (w, x, mem_printf ("%s.se", name));
  const struct map shortcut = write_projection (r, in, name, stride);
  x = write_add (w, x, shortcut, mem_printf ("%s.add", name));
  return write_activation (w, x, mem_printf ("%s.act%d", name, convs));
}

/* ---- what there is ---- */

static void
read_widths (struct resnet *r)
{
  const struct tensors *t = r->w.t;
  int64_t first[WEIGHT_MAX_RANK] = { 0 }, second[WEIGHT_MAX_RANK] = { 0 }, planes[WEIGHT_MAX_RANK] = { 0 };
  conv_shape (t, first, "layer1.0", 1);
  conv_shape (t, second, "layer1.0", 2);
  conv_shape (t, planes, "layer1.0", 3);
  r->radix = tensors_have (t, "layer1.0.conv2.fc1.weight") && first[0] > 0 ? second[0] / first[0] : 0;
  r->groups = r->bottleneck && second[1] > 0 ? first[0] / second[1] : 1;
  if (r->radix)
    r->groups /= r->radix;
  if (r->selective && r->groups == 2)
    r->groups = 1; /* both paths see half of the channels */
  /* of other widths than 256 are pruned networks */
  r->width = r->bottleneck && r->groups > 0 && planes[0] == 256 ? first[0] / r->groups : 64;
}

/* The blocks of STAGE, and the layers on the longest way through them in DEPTH. */
static int
count_blocks (const struct tensors *t, int stage, int *depth)
{
  int64_t s[WEIGHT_MAX_RANK];
  int count = 0;
  while (count < 4096 && conv_shape (t, s, mem_printf ("layer%d.%d", stage + 1, count), 1) == 4)
    count++;
  if (count)
    *depth += count * (is_bottleneck (t, mem_printf ("layer%d.0", stage + 1)) ? 3 : 2);
  return count;
}

/* False: it is none of these networks. */
static bool
read_parts (struct resnet *r)
{
  const struct tensors *t = r->w.t;
  int64_t stem[WEIGHT_MAX_RANK], middle[WEIGHT_MAX_RANK];
  r->deep = tensors_have (t, "conv1.0.weight");
  if (tensors_shape (t, stem, r->deep ? "conv1.0.weight" : "conv1.weight") != 4 || (!r->deep && stem[2] != 7)
      || (r->deep && tensors_shape (t, middle, "conv1.3.weight") != 4) || !tensors_have (t, "bn1.weight"))
    return false;
  r->channels = stem[1];
  r->stem = r->deep ? middle[0] : stem[0];
  r->tiered = r->deep && middle[0] != stem[0];
  r->depth = 2;
  for (int count; r->stages < MAX_STAGES && (count = count_blocks (t, r->stages, &r->depth)); r->stages++)
    r->blocks[r->stages] = count;
  if (!r->stages)
    return false;
  r->average = tensors_shape (t, NULL, "layer%d.0.downsample.1.weight", r->stages) == 4;
  r->bottleneck = is_bottleneck (t, "layer1.0");
  r->replaced = tensors_shape (t, NULL, "maxpool.0.weight") == 4;
  r->se = tensors_have (t, "layer1.0.se.fc1.weight");
  r->eca = tensors_have (t, "layer1.0.se.conv.weight");
  r->selective = tensors_have (t, "layer1.0.conv%d.paths.0.conv.weight", r->bottleneck ? 2 : 1);
  r->norm_groups = !tensors_have (t, "bn1.running_var");
  read_widths (r);
  return true;
}

/* What the names of such networks begin with. */
static const char *
attention_of (const struct resnet *r)
{
  return r->selective ? "sk" : r->se && !r->replaced ? "se" : r->eca ? "eca" : "";
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
  const char *blurred = aa == AA_AVERAGE ? "aa" : aa == AA_BLUR ? "blur" : "";
  struct text t = { 0 };
  if (r->radix)
    {
      text_printf (&t, "resnest%d%s", r->depth, stem);
      if (r->radix != 2 || r->groups != 1 || wide)
        text_printf (&t, "_%" PRId64 "s%" PRId64 "x%" PRId64 "d", r->radix, r->groups, r->width);
      return t.s;
    }
  text_printf (&t, "%s%sresn%st%s%s%d%s", wide ? "wide_" : "", attention_of (r), r->groups > 1 ? "ex" : "e", blurred,
               r->replaced ? "rs" : "", r->depth, stem);
  if (r->groups > 1)
    text_printf (&t, "_%" PRId64 "x%" PRId64 "d", r->groups, r->width);
  if (wide)
    text_printf (&t, "_%" PRId64, r->width / 64);
  if (r->norm_groups)
    text_add (&t, "_gn");
  return t.s;
}

/* On which side of split attention the pool is that strides. Of radix 2 in one group, where it is behind in what timm
 * has, there are such networks of 50 layers by ResNeSt's authors, too, whose files are called fast. */
static void
resolve_pool (struct resnet *r, struct reading *reading)
{
  static const char *const choices[] = { "false", "true", NULL };
  static const int blocks[4] = { 3, 4, 6, 3 };
  const int chosen = tensors_choice (r->w.t, "avd-first", choices);
  const bool fast = strstr (r->w.t->path, "fast") != NULL;
  const bool told = chosen >= 0 || fast || strstr (r->w.t->path, "resnest");
  r->pool_first = chosen >= 0 ? chosen : fast || r->radix != 2 || r->groups != 1;
  if (!told && r->radix == 2 && r->groups == 1 && r->stages == 4 && !memcmp (r->blocks, blocks, sizeof blocks))
    reading->either = mem_printf ("timm %s (--set avd-first=false); ResNeSt's fast variant (--set avd-first=true)",
                                  name_of (r, AA_NONE));
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
  if ((r->radix || r->selective) && r->aa >= AA_AVERAGE)
    fatal ("%s: anti-aliasing: average or blur in a network with %s; allowed: none", r->w.t->path,
           r->radix ? "split attention" : "selective kernels");
  if (r->aa != AA_UNKNOWN)
    return;
  r->aa = AA_NONE;
  if (r->radix || r->selective)
    return;
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
  const bool plain = tensors_have (t, "fc.weight") && !r.deep && !r.average && !r.replaced && !*attention_of (&r)
                     && !r.radix && !r.norm_groups;
  if (plain && r.aa != AA_AVERAGE && r.aa != AA_BLUR && !tensors_wanted (t, "timm"))
    return false;
  *reading = (struct reading){ 0 };
  resolve_anti_aliasing (&r, reading);
  if (r.radix)
    resolve_pool (&r, reading);
  r.w.norm_groups = r.norm_groups ? 32 : 0;
  struct map x = write_stages (&r);
  if (tensors_have (t, "fc.weight"))
    write_head (&r.w, x, "global_pool", "fc", &r.classes);
  else
    write_features (&r.w, x, "global_pool", NULL);
  if (r.w.failed)
    return false;
  text_printf (&head, "network: sequence\ninput-size: [%" PRId64 ", 224, 224]\n", r.channels);
  if (r.channels == 3)
    reading_add_preprocessing (&head, t, 224, 0.875, "bicubic");
  reading->text = mem_printf ("%slayers:\n%s", head.s, r.w.text.s);
  reading->what = mem_printf ("timm %s, %" PRId64 " %s", name_of (&r, r.aa), r.classes ? r.classes : x.channels,
                              r.classes ? "classes" : "features");
  return true;
}

const struct family timm_family = { .name = "timm",
                                    .networks = "ResNets of timm's resnet.py, sknet.py and resnest.py",
                                    .mark = "layer1.0.conv1.weight layer1.0.conv1.conv.weight "
                                            "layer1.0.conv1.paths.0.conv.weight",
                                    .read = read };
