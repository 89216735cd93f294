/* What weighs channels by their means: squeeze-and-excitation, ECA, selective kernels (SK) and split attention, under
 * timm's names. */
#include <inttypes.h>

#include "writing.h"

enum
{
  MAX_PATHS = 8
};

struct map
write_gate (struct writing *w, struct map x, struct map gate, const char *name)
{
  gate = write_layer (w, gate, gate.channels, "sigmoid", mem_printf ("%s.gate", name), "");
  return write_binary (w, "multiply", x, gate, mem_printf ("%s.scale", name));
}

struct map
write_squeeze_excitation (struct writing *w, struct map in, const char *name)
{
  struct map x = write_layer (w, in, in.channels, "global-average-pool", mem_printf ("%s.mean", name), "");
  x = write_dense (w, x, mem_printf ("%s.fc1", name));
  x = write_layer (w, x, x.channels, "relu", mem_printf ("%s.act", name), "");
  x = write_dense (w, x, mem_printf ("%s.fc2", name));
  w->failed = w->failed || x.channels != in.channels;
  return write_gate (w, in, x, name);
}

struct map
write_channel_attention (struct writing *w, struct map in, const char *name)
{
  int64_t s[WEIGHT_MAX_RANK];
  const char *conv = mem_printf ("%s.conv", name);
  w->failed = w->failed || tensors_shape (w->t, s, "%s.weight", conv) != 3 || s[0] != 1 || s[1] != 1;
  if (w->failed)
    return in;
  struct map x = write_layer (w, in, in.channels, "global-average-pool", mem_printf ("%s.mean", name), "");
  x = write_layer (w, x, 1, "reshape", mem_printf ("%s.line", name),
                   mem_printf (", shape: [1, %" PRId64 ", 1]", in.channels));
  x = write_layer (
      w, x, 1, "conv", conv,
      mem_printf (", filters: 1, kernel-size: [%" PRId64 ", 1], padding: [%" PRId64 ", 0]", s[2], s[2] / 2));
  x = write_layer (w, x, in.channels, "reshape", mem_printf ("%s.vector", name),
                   mem_printf (", shape: [%" PRId64 "]", in.channels));
  return write_gate (w, in, x, name);
}

/* LOGITS: vectors of PATHS paths, one behind the other, as weights of the paths' channels, which add up to 1; those of
 * a group of GROUPS stand together. */
static struct map
write_path_weights (struct writing *w, struct map logits, int64_t paths, int64_t groups, const char *name)
{
  const int64_t channels = logits.channels / paths;
  const char *split = groups == 1 ? ""
                                  : mem_printf (", split: [%" PRId64 ", %" PRId64 ", %" PRId64 "], order: [1, 0, 2]",
                                                groups, paths, channels / groups);
  struct map x = write_layer (w, logits, paths, "reshape", mem_printf ("%s.paths", name),
                              mem_printf ("%s, shape: [%" PRId64 ", %" PRId64 ", 1]", split, paths, channels));
  x = write_layer (w, x, paths, "softmax", mem_printf ("%s.softmax", name), "");
  return write_layer (w, x, logits.channels, "reshape", mem_printf ("%s.weights", name),
                      mem_printf (", shape: [%" PRId64 "]", logits.channels));
}

/* Path I of PATHS, whose channels stand one behind the other. */
static struct map
write_path (struct writing *w, struct map in, int64_t paths, int64_t i, const char *name)
{
  const int64_t channels = in.channels / paths;
  return write_layer (w, in, channels, "slice", mem_printf ("%s.%" PRId64, name, i),
                      mem_printf (", start: %" PRId64 ", end: %" PRId64, i * channels, (i + 1) * channels));
}

/* The sum of COUNT maps or vectors. */
static struct map
write_sum (struct writing *w, const struct map *maps, int64_t count, const char *name)
{
  struct text inputs = { 0 };
  for (int64_t i = 0; i < count; i++)
    {
      text_printf (&inputs, "%s%s", i ? ", " : "", maps[i].layer);
      w->failed = w->failed || maps[i].channels != maps[0].channels;
    }
  text_printf (&w->text, "  - {type: add, name: %s, input: [%s]}\n", name, inputs.s);
  w->last = name;
  return (struct map){ name, maps[0].channels };
}

struct map
write_selective_kernel (struct writing *w, struct map in, const char *name, int64_t stride)
{
  const int64_t paths = tensors_count (w->t, mem_printf ("%s.paths.", name), ".conv.weight");
  struct map maps[MAX_PATHS], means[MAX_PATHS];
  int64_t s[WEIGHT_MAX_RANK];
  w->failed = w->failed || paths < 2 || paths > MAX_PATHS
              || tensors_shape (w->t, s, "%s.paths.0.conv.weight", name) != 4 || in.channels % paths;
  if (w->failed)
    return in;
  const bool split = in.channels / paths == s[1];
  for (int64_t i = 0; i < paths; i++)
    {
      const char *path = mem_printf ("%s.paths.%" PRId64, name, i);
      struct map x = split ? write_path (w, in, paths, i, mem_printf ("%s.split", name)) : in;
      x = write_conv (w, x, mem_printf ("%s.conv", path), stride, stride, i + 1); /* 5x5, as 3x3 dilated, and so on */
      x = write_norm (w, x, mem_printf ("%s.bn", path));
      maps[i] = write_activation (w, x, mem_printf ("%s.act", path));
      means[i] = write_layer (w, maps[i], x.channels, "global-average-pool", mem_printf ("%s.mean", path), "");
    }
  struct map x = write_sum (w, means, paths, mem_printf ("%s.attn.mean", name));
  x = write_dense (w, x, mem_printf ("%s.attn.fc_reduce", name));
  x = write_activation (w, write_norm (w, x, mem_printf ("%s.attn.bn", name)), mem_printf ("%s.attn.act", name));
  x = write_dense (w, x, mem_printf ("%s.attn.fc_select", name));
  w->failed = w->failed || x.channels != paths * maps[0].channels;
  x = write_path_weights (w, x, paths, 1, mem_printf ("%s.attn", name));
  for (int64_t i = 0; i < paths; i++)
    maps[i] = write_binary (w, "multiply", maps[i], write_path (w, x, paths, i, mem_printf ("%s.attn.weight", name)),
                            mem_printf ("%s.scale.%" PRId64, name, i));
  return write_sum (w, maps, paths, mem_printf ("%s.sum", name));
}

/* A vector through the 1x1 filters NAME in GROUPS. */
static struct map
write_dense_groups (struct writing *w, struct map in, const char *name, int64_t groups)
{
  if (groups == 1)
    return write_dense (w, in, name);
  struct map x = write_layer (w, in, in.channels, "reshape", mem_printf ("%s.map", name),
                              mem_printf (", shape: [%" PRId64 ", 1, 1]", in.channels));
  x = write_conv (w, x, name, 1, 1, 1);
  return write_layer (w, x, x.channels, "reshape", mem_printf ("%s.vector", name),
                      mem_printf (", shape: [%" PRId64 "]", x.channels));
}

struct map
write_split_attention (struct writing *w, struct map in, const char *name, int64_t stride)
{
  int64_t s[WEIGHT_MAX_RANK], fc[WEIGHT_MAX_RANK];
  struct map parts[MAX_PATHS];
  w->failed = w->failed || in.channels < 1 || tensors_shape (w->t, s, "%s.conv.weight", name) != 4
              || tensors_shape (w->t, fc, "%s.fc1.weight", name) != 4 || s[0] < in.channels || s[0] % in.channels
              || fc[1] < 1 || in.channels % fc[1] || s[0] / in.channels > MAX_PATHS;
  if (w->failed)
    return in;
  const int64_t radix = s[0] / in.channels, groups = in.channels / fc[1];
  const struct map maps = write_conv_norm (w, in, mem_printf ("%s.conv", name), mem_printf ("%s.bn0", name),
                                           mem_printf ("%s.act0", name), stride, 1);
  struct map x = write_layer (w, maps, maps.channels, "global-average-pool", mem_printf ("%s.mean", name), "");
  for (int64_t i = 0; i < radix && radix > 1; i++)
    parts[i] = write_path (w, x, radix, i, mem_printf ("%s.mean", name));
  if (radix > 1)
    x = write_sum (w, parts, radix, mem_printf ("%s.mean.sum", name));
  x = write_dense_groups (w, x, mem_printf ("%s.fc1", name), groups);
  x = write_activation (w, write_norm (w, x, mem_printf ("%s.bn1", name)), mem_printf ("%s.act1", name));
  x = write_dense_groups (w, x, mem_printf ("%s.fc2", name), groups);
  w->failed = w->failed || x.channels != maps.channels;
  if (radix == 1)
    return write_gate (w, maps, x, name);
  x = write_path_weights (w, x, radix, groups, name);
  x = write_binary (w, "multiply", maps, x, mem_printf ("%s.scale", name));
  for (int64_t i = 0; i < radix; i++)
    parts[i] = write_path (w, x, radix, i, mem_printf ("%s.scale", name));
  return write_sum (w, parts, radix, mem_printf ("%s.sum", name));
}
