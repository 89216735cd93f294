/* The stages of `network: table` together: their order, strides and groups. */
#include "table_notation.h"

#include "keys.h"

/* Where no stride is written: 2 where the filters increase from one stage to the next, else 1. */
static void
resolve_stride (struct table_stage *t, int64_t filters_before, int extents)
{
  if (t->stride[2])
    return;
  int64_t stride = filters_before && t->convs[0].filters > filters_before ? 2 : 1;
  t->stride[0] = extents == 3 ? stride : 1;
  t->stride[1] = t->stride[2] = stride;
}

/* CHANNELS enter a stage whose convolutions follow each other REPEAT times. */
static void
check_groups (const struct table_stage *t, int64_t channels)
{
  int64_t last = t->convs[t->conv_count - 1].filters;
  for (int i = 0; i < t->conv_count; i++)
    {
      const struct table_conv *c = &t->convs[i];
      int64_t in = i ? t->convs[i - 1].filters : channels;
      if (c->filters % c->groups)
        fatal_at (c->loc, "stages: %lld groups for %lld filters; allowed: a number that divides them",
                  (long long) c->groups, (long long) c->filters);
      if (in % c->groups || (!i && t->repeat > 1 && last % c->groups))
        fatal_at (c->loc, "stages: %lld groups for %lld input channels; allowed: a number that divides them",
                  (long long) c->groups, (long long) (in % c->groups ? in : last));
    }
}

/* Heads come last, and say each thing once, in order. */
static void
check_head (const struct table_stage *t, struct table_stage *seen)
{
  if (t->kind != TABLE_HEAD)
    {
      if (seen->global_pool || seen->classes || seen->softmax)
        fatal_at (t->loc, "stages: a stage after the average pool, fc or softmax; allowed: nothing more");
      return;
    }
  if ((t->global_pool && (seen->global_pool || seen->classes || seen->softmax))
      || (t->classes && (seen->classes || seen->softmax)) || (t->softmax && seen->softmax))
    fatal_at (t->loc, "stages: average pool, fc or softmax twice or out of order; allowed: "
                      "average pool, N-d fc, softmax, in this order");
  seen->global_pool |= t->global_pool;
  seen->softmax |= t->softmax;
  if (t->classes)
    seen->classes = t->classes;
}

struct table *
table_parse (const struct yaml *stages, int extents, int64_t channels, int64_t num_classes)
{
  struct table *table = NEW (struct table);
  struct table_stage seen = { 0 };
  int64_t filters = 0, blocks = 0;
  table->stages = NEW_ARRAY (stages->count, struct table_stage);
  for (size_t i = 0; i < stages->count; i++)
    {
      struct table_stage *t = &table->stages[table->count++];
      table_stage_parse (&stages->items[i], extents, num_classes, t);
      check_head (t, &seen);
      if (t->kind == TABLE_BLOCKS)
        {
          resolve_stride (t, filters, extents);
          blocks += t->repeat;
        }
      if (blocks > MAX_BLOCKS)
        fatal_at (t->loc, "stages: %lld blocks up to here; allowed: at most %d", (long long) blocks, MAX_BLOCKS);
      if (t->kind == TABLE_CONV || t->kind == TABLE_BLOCKS)
        {
          check_groups (t, channels);
          filters = t->convs[0].filters;
          channels = t->convs[t->conv_count - 1].filters;
        }
    }
  if (!filters)
    fatal_at (stages->loc, "stages: no convolution; allowed: at least one stage such as 7x7, 64, stride 2");
  table->softmax = seen.softmax;
  return table;
}
