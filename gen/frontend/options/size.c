/* Totals of a network: what would need more weights or more work than any machine has is refused here, so that the
 * passes may multiply extents without a thought of overflow. Doubles are exact enough for that. */
#include "keys.h"

#include "table_notation.h"

struct total
{
  double size[3]; /* D H W, or in any order */
  double channels, macs, parameters;
};

static double
positions (const struct total *t)
{
  return t->size[0] * t->size[1] * t->size[2];
}

static void
shrink (struct total *t, const int64_t stride[3])
{
  for (int i = 0; i < 3; i++)
    t->size[i] = (double) ceil_div ((int64_t) t->size[i], stride[i]);
}

/* A convolution from IN to OUT channels at the present size. */
static void
add_conv (struct total *t, double kernel, double in, double out)
{
  t->parameters += kernel * in * out;
  t->macs += kernel * in * out * positions (t);
}

/* COUNT residual blocks: 3x3 and 3x3, or 1x1, 3x3 (of GROUPS) and 1x1; the first with a projection. */
static void
add_blocks (struct total *t, double count, bool bottleneck, double kernel, double width, double groups, double out)
{
  for (int first = 1; first >= 0; first--)
    {
      struct total one = { .size = { t->size[0], t->size[1], t->size[2] } };
      double in = first ? t->channels : out, n = first ? 1 : count - 1;
      add_conv (&one, bottleneck ? 1 : kernel, in, width);
      add_conv (&one, kernel, width, bottleneck ? width / groups : width);
      if (bottleneck)
        add_conv (&one, 1, width, out);
      if (first)
        add_conv (&one, 1, in, out);
      t->parameters += n * one.parameters;
      t->macs += n * one.macs;
    }
  t->channels = out;
}

static void
add_stem (const struct options *o, struct total *t)
{
  static const int64_t two[] = { 2, 2, 2 }, two_flat[] = { 2, 2, 1 };
  shrink (t, o->initial_stride);
  add_conv (t, (double) (o->initial_filter_size[0] * o->initial_filter_size[1] * o->initial_filter_size[2]),
            t->channels, (double) o->initial_num_filters);
  t->channels = (double) o->initial_num_filters;
  if (o->initial_pooling_layer != POOLING_NONE)
    shrink (t, o->network == NETWORK_RESNET3D ? two : two_flat);
}

/* resnet3d, resnet2d and resnet: DEPTH blocks of num-filters in each stack. */
static void
add_stacks (const struct options *o, struct total *t, const struct int_list *depth)
{
  bool torch = o->network == NETWORK_RESNET, deep = o->network == NETWORK_RESNET3D;
  bool bottleneck = torch ? !o->basic_block : o->bottleneck;
  const int64_t halves[3] = { 2, 2, deep ? 2 : 1 };
  for (int i = 0; i < depth->count; i++)
    {
      double filters = (double) o->num_filters.v[i], width = filters, groups = 1;
      if (torch && bottleneck)
        {
          groups = (double) o->groups;
          width = (double) (o->num_filters.v[i] * o->width_per_group / 64 * o->groups);
        }
      if (i && !(torch && o->replace_stride_with_dilation[i - 1]))
        shrink (t, halves);
      add_blocks (t, (double) depth->v[i], bottleneck, deep ? 27 : 9, width, groups,
                  bottleneck ? 4 * filters : filters);
    }
}

static void
add_table (const struct table *table, struct total *t)
{
  for (int i = 0; i < table->count; i++)
    {
      const struct table_stage *s = &table->stages[i];
      shrink (t, s->stride);
      if (s->kind != TABLE_CONV && s->kind != TABLE_BLOCKS)
        continue;
      double n = s->kind == TABLE_BLOCKS ? (double) s->repeat : 1, in = t->channels;
      double last = (double) s->convs[s->conv_count - 1].filters;
      struct total one = { .size = { t->size[0], t->size[1], t->size[2] } };
      in = last > in ? last : in; /* of the first block and the others, the larger */
      add_conv (&one, 1, in, last);
      for (int k = 0; k < s->conv_count; k++)
        {
          const struct table_conv *c = &s->convs[k];
          add_conv (&one, (double) (c->kernel[0] * c->kernel[1] * c->kernel[2]), in / (double) c->groups,
                    (double) c->filters);
          in = (double) c->filters;
        }
      t->parameters += n * one.parameters;
      t->macs += n * one.macs;
      t->channels = last;
    }
}

void
check_size (const struct options *o)
{
  struct total t = { .size = { 1, 1, 1 }, .channels = (double) o->input_channels };
  bool last = o->network == NETWORK_RESNET3D || o->network == NETWORK_RESNET2D;
  int rank = o->network == NETWORK_RESNET3D ? 3 : o->network == NETWORK_RESNET2D ? 2 : o->input_size.count - 1;
  for (int i = 0; i < rank; i++) /* 2-D tables: D is the first and 1 */
    t.size[i + (o->network == NETWORK_TABLE ? 3 - rank : 0)] = (double) o->input_size.v[i + !last];
  if (o->network == NETWORK_SEQUENCE)
    return;
  if (o->network == NETWORK_TABLE)
    add_table (o->table, &t);
  else
    {
      add_stem (o, &t);
      add_stacks (o, &t, o->network == NETWORK_RESNET ? &o->layers : &o->stack_depth);
    }
  t.parameters += t.channels * (double) o->num_classes;
  t.macs = (t.macs + t.channels * (double) o->num_classes) * (double) o->batch;
  if (t.parameters > MAX_PARAMETERS)
    fatal_at (o->network_loc, "the network has about %.1e parameters; allowed: at most %.1e", t.parameters,
              MAX_PARAMETERS);
  if (t.macs > MAX_MACS)
    fatal_at (o->network_loc, "one run needs about %.1e multiply-adds; allowed: at most %.1e", t.macs, MAX_MACS);
}
