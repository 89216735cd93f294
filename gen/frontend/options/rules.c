/* The rules that join several keys: those of every network, MATLAB's, and the table's. */
#include "keys.h"

#include "table_notation.h"

struct loc
option_loc (const struct options *o, const char *key)
{
  const struct yaml *y = yaml_get (o->tree, key);
  return y ? y->loc : o->network_loc;
}

static void
check_per_channel (const struct options *o, const char *key, const struct double_list *list)
{
  if (list->count > 1 && list->count != o->input_channels)
    fatal_at (list->loc, "%s: %d numbers for %lld channels; allowed: one, or one for each channel", key, list->count,
              (long long) o->input_channels);
}

/* The input's spatial axes; *H_W: the first two of a 2-D input. */
static int
input_axes (const struct options *o, const int64_t **h_w)
{
  bool channels_last = o->network == NETWORK_RESNET3D || o->network == NETWORK_RESNET2D;
  *h_w = o->input_size.v + !channels_last;
  return channels_last ? (o->network == NETWORK_RESNET3D ? 3 : 2) : o->input_size.count - 1;
}

/* resize and interpolation, which are of images: of inputs that may be one. */
static void
check_images (struct options *o)
{
  const struct int_list *resize = &o->resize;
  const int64_t *size;
  bool flat = input_axes (o, &size) == 2, image = flat && (o->input_channels == 1 || o->input_channels == 3);
  const char *key = resize->count ? "resize" : o->interpolation ? "interpolation" : NULL;
  if (key && !image)
    fatal_at (option_loc (o, key),
              "%s is of images, and this network's input is none: %s, %lld channel%s; allowed: with "
              "2-D inputs of 1 or 3 channels",
              key, flat ? "2-D" : "3-D", (long long) o->input_channels, o->input_channels == 1 ? "" : "s");
  if (image && !o->interpolation)
    o->interpolation = "bilinear";
  int64_t longer = size[0] > size[1] ? size[0] : size[1];
  if (resize->count == 1 && resize->v[0] < longer)
    fatal_at (resize->loc,
              "resize: a shorter side of %lld does not always cover the input of %lld x %lld (h x w); allowed: "
              "at least %lld, or [h, w]",
              (long long) resize->v[0], (long long) size[0], (long long) size[1], (long long) longer);
  if (resize->count == 2 && (resize->v[0] < size[0] || resize->v[1] < size[1]))
    fatal_at (resize->loc,
              "resize: [%lld, %lld] (h, w) does not cover the input of %lld x %lld; allowed: at least "
              "[%lld, %lld]",
              (long long) resize->v[0], (long long) resize->v[1], (long long) size[0], (long long) size[1],
              (long long) size[0], (long long) size[1]);
}

void
check_common (struct options *o)
{
  double elements = (double) o->batch;
  for (int i = 0; i < o->input_size.count; i++)
    elements *= (double) o->input_size.v[i];
  if (elements > MAX_INPUT_ELEMENTS)
    fatal_at (o->input_size.loc, "input-size: %.0f elements%s; allowed: at most %.0f", elements,
              o->batch > 1 ? mem_printf (", batch %lld", (long long) o->batch) : "", MAX_INPUT_ELEMENTS);
  if (!o->input_channels) /* MATLAB's have it last, the others first */
    o->input_channels = o->input_size.v[0];
  if (o->input_channels > MAX_FILTERS)
    fatal_at (o->input_size.loc, "input-size: %lld channels; allowed: at most %d", (long long) o->input_channels,
              MAX_FILTERS);
  check_per_channel (o, "mean", &o->mean);
  check_per_channel (o, "std", &o->std);
  check_images (o);
  if (!o->name)
    o->name = default_name (o->path);
}

/* The place of the first of two keys that is written. */
static struct loc
either_loc (const struct options *o, const char *a, const char *b)
{
  return option_loc (o, yaml_get (o->tree, a) ? a : b);
}

void
check_matlab (struct options *o)
{
  int rank = o->network == NETWORK_RESNET3D ? 3 : 2, stacks = o->stack_depth.count;
  int64_t blocks = 0, pooling = o->initial_pooling_layer == POOLING_NONE ? 1 : 2;
  o->input_channels = o->input_size.count > rank ? o->input_size.v[rank] : 1;
  if (stacks != o->num_filters.count)
    fatal_at (either_loc (o, "stack-depth", "num-filters"),
              "stack-depth has %d elements, num-filters %d; allowed: as many in both", stacks, o->num_filters.count);
  for (int i = 0; i < stacks; i++)
    blocks += o->stack_depth.v[i];
  if (blocks > MAX_BLOCKS)
    fatal_at (o->stack_depth.loc, "stack-depth: %lld blocks; allowed: at most %d in all", (long long) blocks,
              MAX_BLOCKS);
  for (int i = 0; i < rank; i++)
    {
      /* Every stack but the first begins with a downsampling block. 40 doublings are more than any extent has. */
      int doublings = stacks - 1 < 40 ? stacks - 1 : 40;
      int64_t least = (o->initial_stride[i] * pooling) << doublings;
      if (o->input_size.v[i] < least)
        fatal_at (o->input_size.loc,
                  "input-size: extent %d is %lld; allowed: at least initial-stride %lld * "
                  "pooling-stride %lld * 2^%d (a downsampling block in every stack but the first)",
                  i + 1, (long long) o->input_size.v[i], (long long) o->initial_stride[i], (long long) pooling,
                  stacks - 1);
    }
}

void
check_table (struct options *o)
{
  o->table = table_parse (o->stages, o->input_size.count - 1, o->input_channels, o->num_classes);
}
