/* Networks for CIFAR under other names than torchvision's: weiaicunzai's ResNets, ResNeXts and pre-activated ResNets,
 * and kuangliu's pre-activated ones.
 *
 * The first layer has 3x3 filters of stride 1 and no pool behind it; the first block of each stage but the first has
 * stride 2. */
#include <inttypes.h>
#include <string.h>

#include "writing.h"

enum
{
  MAX_STAGES = 8
};

/* How the tensors are called. */
struct naming
{
  const char *stem, *stem_norm; /* its convolution and normalisation; NULL: the blocks begin with one */
  const char *stage;            /* a format of the stage's number */
  int first;                    /* stage's number */
  const char *branch;           /* of convolutions, within a block; NULL: conv1, bn1 and so on */
  const char *shortcut, *shortcut_norm;
  const char *head;
  bool pre;            /* activation */
  bool shared;         /* its shortcut reads the first activation */
  bool strided_first;  /* bottlenecks have their stride in the first convolution */
  const char *network; /* what it is */
};

static const struct naming namings[] = {
  { "conv1.0", "conv1.1", "conv%d_x", 2, "residual_function", "shortcut.0", "shortcut.1", "fc", false, false, false,
    "weiaicunzai's ResNet" },
  { "conv1.0", "conv1.1", "conv%d", 2, "split_transforms", "shortcut.0", "shortcut.1", "fc", false, false, false,
    "weiaicunzai's ResNeXt" },
  { "pre.0", "pre.1", "stage%d", 1, "residual", "shortcut", NULL, "linear", true, false, true,
    "weiaicunzai's pre-activation ResNet" },
  { "conv1", NULL, "layer%d", 1, NULL, "shortcut.0", NULL, "linear", true, true, false,
    "kuangliu's pre-activation ResNet" },
};

struct cifar
{
  struct writing w;
  const struct naming *n;
};

/* The names of convolution I of a block, from 1, and of its normalisation and activation. */
static void
name_unit (const struct naming *n, const char *block, int i, const char *names[3])
{
  static const char *const plain[3] = { "conv", "bn", "relu" };
  static const int before[3] = { 2, 0, 1 }, behind[3] = { 0, 1, 2 };
  for (int k = 0; k < 3; k++)
    names[k] = n->branch ? mem_printf ("%s.%s.%d", block, n->branch, 3 * (i - 1) + (n->pre ? before : behind)[k])
                         : mem_printf ("%s.%s%d", block, plain[k], i);
}

static int
count_units (const struct cifar *c, const char *block)
{
  const char *names[3];
  for (int i = 1;; i++)
    {
      name_unit (c->n, block, i, names);
      if (i > 3 || !tensors_have (c->w.t, "%s.weight", names[0]))
        return i - 1;
    }
}

/* A block without its shortcut; *SHARED becomes what its first convolution reads. */
static struct map
write_branch (struct cifar *c, struct map x, const char *block, int64_t stride, struct map *shared)
{
  struct writing *w = &c->w;
  const int units = count_units (c, block);
  for (int i = 1; i <= units; i++)
    {
      const char *names[3];
      const int64_t own = i == (units == 3 && !c->n->strided_first ? 2 : 1) ? stride : 1;
      name_unit (c->n, block, i, names);
      if (c->n->pre)
        x = write_activation (w, write_norm (w, x, names[1]), names[2]);
      if (i == 1)
        *shared = x;
      x = write_conv (w, x, names[0], own, own, 1);
      if (!c->n->pre)
        x = write_norm (w, x, names[1]);
      if (!c->n->pre && i < units)
        x = write_activation (w, x, names[2]);
    }
  w->failed = w->failed || !units;
  return x;
}

static struct map
write_block (struct cifar *c, struct map in, const char *block, int64_t stride)
{
  struct writing *w = &c->w;
  const char *projection = mem_printf ("%s.%s", block, c->n->shortcut);
  struct map shared = in, shortcut = in;
  struct map x = write_branch (c, in, block, stride, &shared);
  const bool projected = tensors_have (w->t, "%s.weight", projection);
  if (projected)
    shortcut = write_conv (w, c->n->shared ? shared : in, projection, stride, stride, 1);
  else
    w->failed = w->failed || stride != 1;
  if (projected && c->n->shortcut_norm)
    shortcut = write_norm (w, shortcut, mem_printf ("%s.%s", block, c->n->shortcut_norm));
  x = write_add (w, x, shortcut, mem_printf ("%s.add", block));
  return c->n->pre ? x : write_activation (w, x, mem_printf ("%s.relu", block));
}

static bool
read_as (const struct tensors *t, const struct naming *n, struct reading *r)
{
  struct cifar c = { .n = n };
  int64_t s[WEIGHT_MAX_RANK], classes;
  int depth = 2;
  if (tensors_shape (t, s, "%s.weight", n->stem) != 4 || s[2] != 3)
    return false;
  writing_begin (&c.w, t, 2);
  struct map x = write_conv (&c.w, writing_input (s[1]), n->stem, 1, 1, 1);
  if (n->stem_norm)
    x = write_activation (&c.w, write_norm (&c.w, x, n->stem_norm), "relu");
  for (int stage = 0; stage < MAX_STAGES; stage++)
    for (int i = 0;; i++)
      {
        const char *block = mem_printf ("%s.%d", mem_printf (n->stage, n->first + stage), i);
        const int units = count_units (&c, block);
        if (!units)
          break;
        x = write_block (&c, x, block, stage && !i ? 2 : 1);
        depth += units;
      }
  write_head (&c.w, x, "avg_pool", n->head, &classes);
  if (c.w.failed || depth == 2)
    return false;
  *r = (struct reading){
    .text = mem_printf ("network: sequence\ninput-size: [%" PRId64 ", 32, 32]\nlayers:\n%s", s[1], c.w.text.s),
    .what = mem_printf ("%s of %d layers for CIFAR, %" PRId64 " classes", n->network, depth, classes)
  };
  return true;
}

static bool
read (const struct tensors *t, struct reading *r)
{
  int64_t norm[WEIGHT_MAX_RANK] = { 0 }, conv[WEIGHT_MAX_RANK] = { 0 };
  for (size_t i = 0; i < sizeof namings / sizeof *namings; i++)
    {
      const struct naming *n = &namings[i];
      /* torchvision's names, with the normalisations in front */
      if (!n->branch
          && (tensors_shape (t, norm, "layer2.0.bn1.weight") != 1
              || tensors_shape (t, conv, "layer2.0.conv1.weight") != 4 || norm[0] != conv[1]
              || tensors_have (t, "bn1.weight")))
        continue;
      if (read_as (t, n, r))
        return true;
    }
  return false;
}

const struct family cifar_family = {
  .name = "cifar", .networks = "weiaicunzai's ResNets and ResNeXts for CIFAR", .mark = "fc.weight", .read = read
};
const struct family cifar_pre_activation_family = { .name = "cifar",
                                                    .networks = "weiaicunzai's and kuangliu's pre-activation ResNets",
                                                    .mark = "linear.weight",
                                                    .read = read };
