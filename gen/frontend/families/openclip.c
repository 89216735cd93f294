/* The image towers of CLIP that are ResNets: OpenCLIP's RN50, RN101, RN50x4, x16 and x64.
 *
 * To torchvision's names they add a stem of three convolutions with a mean behind it, means in front of what strides
 * and attnpool: attention whose query is the map's mean, and whose keys and values are that and all pixels, each with
 * its row of positional_embedding. A head has 64 channels, as in all that were published, unless --set heads says
 * otherwise. The input's extents follow from the rows, for a square. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "writing.h"

enum
{
  MAX_STAGES = 8,
  HEAD_CHANNELS = 64,
  MAX_ROWS = 65536,
  STRIDE = 32 /* of the last map */
};

struct tower
{
  struct writing w;
  int64_t rows; /* of positional_embedding: the last map's pixels, and one */
};

static struct map
write_mean_of_windows (struct tower *c, struct map in, const char *name)
{
  return write_layer (&c->w, in, in.channels, "average-pool", name, ", kernel-size: 2");
}

static struct map
write_block (struct tower *c, struct map in, const char *name, int64_t stride)
{
  struct writing *w = &c->w;
  struct map x = in, shortcut = in;
  for (int i = 1; i <= 3; i++)
    {
      if (i == 3 && stride != 1)
        x = write_mean_of_windows (c, x, mem_printf ("%s.avgpool", name));
      x = write_conv_norm (w, x, mem_printf ("%s.conv%d", name, i), mem_printf ("%s.bn%d", name, i),
                           i < 3 ? mem_printf ("%s.act%d", name, i) : NULL, 1, 1);
    }
  const char *projection = mem_printf ("%s.downsample", name);
  const bool projected = tensors_have (w->t, "%s.0.weight", projection);
  w->failed = w->failed || (!projected && stride != 1);
  if (projected && stride != 1)
    shortcut = write_mean_of_windows (c, in, mem_printf ("%s.-1", projection));
  if (projected)
    shortcut
        = write_conv_norm (w, shortcut, mem_printf ("%s.0", projection), mem_printf ("%s.1", projection), NULL, 1, 1);
  return write_activation (w, write_add (w, x, shortcut, mem_printf ("%s.add", name)), mem_printf ("%s.act3", name));
}

static struct map
write_stem (struct tower *c, int64_t channels)
{
  struct map x = writing_input (channels);
  for (int i = 1; i <= 3; i++)
    x = write_conv_norm (&c->w, x, mem_printf ("conv%d", i), mem_printf ("bn%d", i), mem_printf ("act%d", i),
                         i == 1 ? 2 : 1, 1);
  return write_mean_of_windows (c, x, "avgpool");
}

/* ---- attention ---- */

/* A sequence: the mean of IN and its pixels, plus their embeddings. Its rows are the channels, what was channels is an
 * axis of the map. */
static struct map
write_sequence (struct tower *c, struct map in)
{
  struct writing *w = &c->w;
  const int64_t n = in.channels;
  struct map mean = write_layer (w, in, n, "global-average-pool", "attnpool.mean", "");
  mean = write_layer (w, mean, 1, "reshape", "attnpool.mean.row", mem_printf (", shape: [1, %" PRId64 ", 1]", n));
  const struct map pixels
      = write_layer (w, in, c->rows - 1, "reshape", "attnpool.pixels",
                     mem_printf (", order: [H, W, C], shape: [%" PRId64 ", %" PRId64 ", 1]", c->rows - 1, n));
  const struct map rows = write_concat (w, mean, pixels, "attnpool.rows");
  return write_layer (w, rows, c->rows, "add", "attnpool.positional_embedding",
                      mem_printf (", constant: [%" PRId64 ", %" PRId64 ", 1]", c->rows, n));
}

/* The query's products with all keys, head by head, as weights that add up to 1: a map (heads, 1, rows). */
static struct map
write_weights (struct tower *c, struct map query, struct map keys, int64_t heads)
{
  struct writing *w = &c->w;
  const int64_t each = keys.channels / heads;
  struct map x = write_binary (w, "multiply", keys, query, "attnpool.products");
  x = write_layer (w, x, heads, "reshape", "attnpool.heads",
                   mem_printf (", shape: [%" PRId64 ", %" PRId64 ", %" PRId64 "]", heads, each, c->rows));
  /* sums over a head's channels, divided by the square root of their number */
  x = write_layer (w, x, heads, "average-pool", "attnpool.scores",
                   mem_printf (", kernel-size: [%" PRId64 ", 1], divisor: %.17g", each, sqrt ((double) each)));
  x = write_layer (w, x, c->rows, "reshape", "attnpool.scores.rows",
                   mem_printf (", order: [W, C, H], shape: [%" PRId64 ", %" PRId64 ", 1]", c->rows, heads));
  x = write_layer (w, x, c->rows, "softmax", "attnpool.softmax", "");
  return write_layer (w, x, heads, "reshape", "attnpool.weights",
                      mem_printf (", order: [H, W, C], shape: [%" PRId64 ", 1, %" PRId64 "]", heads, c->rows));
}

/* How many heads the attention over CHANNELS has; 0: none that divide them. */
static int64_t
heads_of (const struct tensors *t, int64_t channels)
{
  const char *own = tensors_setting (t, "heads");
  char *end = NULL;
  const long long heads = own ? strtoll (own, &end, 10) : channels / HEAD_CHANNELS;
  const bool good = heads > 0 && channels % heads == 0;
  if (own && (end == own || *end || !good))
    fatal ("--set heads=%s; allowed: a divisor of %" PRId64, own, channels);
  return good ? heads : 0;
}

static struct map
write_attention_pool (struct tower *c, struct map in)
{
  struct writing *w = &c->w;
  const int64_t n = in.channels, heads = heads_of (w->t, n);
  w->failed = w->failed || !heads;
  if (w->failed)
    return in;
  const struct map sequence = write_sequence (c, in);
  struct map query = write_layer (w, sequence, 1, "slice", "attnpool.first", ", start: 0, end: 1");
  query = write_layer (w, query, n, "reshape", "attnpool.first.vector", mem_printf (", shape: [%" PRId64 "]", n));
  query = write_dense (w, query, "attnpool.q_proj");
  const struct map columns
      = write_layer (w, sequence, n, "reshape", "attnpool.columns",
                     mem_printf (", order: [H, C, W], shape: [%" PRId64 ", %" PRId64 ", 1]", n, c->rows));
  const char *keys = mem_printf (", filters: %" PRId64 ", kernel-size: 1", n);
  const struct map weights
      = write_weights (c, query, write_layer (w, columns, n, "conv", "attnpool.k_proj", keys), heads);
  struct map x = write_layer (w, columns, n, "conv", "attnpool.v_proj", keys);
  x = write_layer (w, x, heads, "reshape", "attnpool.values",
                   mem_printf (", shape: [%" PRId64 ", %" PRId64 ", %" PRId64 "]", heads, n / heads, c->rows));
  x = write_binary (w, "multiply", x, weights, "attnpool.weighted");
  x = write_layer (w, x, heads, "average-pool", "attnpool.sum",
                   mem_printf (", kernel-size: [1, %" PRId64 "], divisor: 1", c->rows));
  x = write_layer (w, x, n, "reshape", "attnpool.vector", mem_printf (", shape: [%" PRId64 "]", n));
  return write_dense (w, x, "attnpool.c_proj");
}

/* ---- the family ---- */

/* RN50 and so on; others by their layers and the width. */
static const char *
name_of (int depth, int64_t width)
{
  static const struct
  {
    const char *name;
    int depth, width;
  } published[] = {
    { "RN50", 50, 64 }, { "RN101", 101, 64 }, { "RN50x4", 80, 80 }, { "RN50x16", 122, 96 }, { "RN50x64", 194, 128 }
  };
  for (size_t i = 0; i < sizeof published / sizeof *published; i++)
    if (published[i].depth == depth && published[i].width == width)
      return published[i].name;
  return mem_printf ("ResNet of %d layers, %" PRId64 " wide", depth, width);
}

static bool
read (const struct tensors *t, struct reading *reading)
{
  int64_t stem[WEIGHT_MAX_RANK], last[WEIGHT_MAX_RANK], rows[WEIGHT_MAX_RANK];
  struct tower c;
  struct text head = { 0 };
  int depth = 2;
  if (tensors_shape (t, stem, "conv1.weight") != 4 || tensors_shape (t, last, "conv3.weight") != 4
      || tensors_shape (t, rows, "attnpool.positional_embedding") != 2 || rows[0] < 2 || rows[0] > MAX_ROWS)
    return false;
  writing_begin (&c.w, t, 2);
  c.rows = rows[0];
  struct map x = write_stem (&c, stem[1]);
  for (int stage = 0; stage < MAX_STAGES; stage++)
    {
      const char *before = mem_printf ("layer%d.", stage + 1);
      const int count = tensors_count (t, before, ".conv1.weight");
      for (int i = 0; i < count; i++)
        x = write_block (&c, x, mem_printf ("%s%d", before, i), stage && !i ? 2 : 1);
      depth += 3 * count;
    }
  x = write_attention_pool (&c, x);
  if (c.w.failed || depth == 2)
    return false;
  const int64_t side = STRIDE * (int64_t) (sqrt ((double) (c.rows - 1)) + 0.5);
  text_printf (&head, "network: sequence\ninput-size: [%" PRId64 ", %" PRId64 ", %" PRId64 "]\n", stem[1], side, side);
  if (stem[1] == 3)
    {
      text_add (&head, "scale: 255\nmean: [0.48145466, 0.4578275, 0.40821073]\n"
                       "std: [0.26862954, 0.26130258, 0.27577711]\n");
      reading_add_resize (&head, t, side, 1, "bicubic");
    }
  *reading = (struct reading){ .text = mem_printf ("%slayers:\n%s", head.s, c.w.text.s),
                               .what = mem_printf ("CLIP's image tower %s, %" PRId64 " features",
                                                   name_of (depth, last[0]), x.channels) };
  return true;
}

const struct family openclip_family = { .name = "openclip",
                                        .networks = "CLIP's image towers that are ResNets, as OpenCLIP has them",
                                        .mark = "attnpool.positional_embedding",
                                        .read = read };
