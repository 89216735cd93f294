/* What weighs channels by their means: squeeze-and-excitation and ECA, under timm's names. */
#include <inttypes.h>

#include "writing.h"

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
