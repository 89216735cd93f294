/* The rules of torchvision's ResNet: its presets, and what it refuses, in its own words. */
#include "keys.h"

#include <string.h>

struct preset
{
  const char *arch;
  bool basic;
  int layers[4];
  int groups, width; /* 0: the preset leaves them to the caller */
};

static const struct preset presets[] = {
  { "resnet18", true, { 2, 2, 2, 2 }, 0, 0 },
  { "resnet34", true, { 3, 4, 6, 3 }, 0, 0 },
  { "resnet50", false, { 3, 4, 6, 3 }, 0, 0 },
  { "resnet101", false, { 3, 4, 23, 3 }, 0, 0 },
  { "resnet152", false, { 3, 8, 36, 3 }, 0, 0 },
  { "resnext50_32x4d", false, { 3, 4, 6, 3 }, 32, 4 },
  { "resnext101_32x8d", false, { 3, 4, 23, 3 }, 32, 8 },
  { "resnext101_64x4d", false, { 3, 4, 23, 3 }, 64, 4 },
  { "wide_resnet50_2", false, { 3, 4, 6, 3 }, 0, 128 },
  { "wide_resnet101_2", false, { 3, 4, 23, 3 }, 0, 128 },
};

/* True when the file says KEY, and not null. */
static bool
written (const struct options *o, const char *key)
{
  const struct yaml *y = yaml_get (o->tree, key);
  return y && !yaml_is_null (y);
}

/* The preset's value; 0: FALLBACK, which the file may change. */
static void
preset_value (const struct options *o, const char *key, int64_t *value, int preset, int64_t fallback)
{
  const char *python = strcmp (key, "groups") ? "width_per_group" : "groups";
  if (!*value)
    *value = preset ? preset : fallback;
  else if (preset && *value != preset)
    fatal_at (option_loc (o, key),
              "%s: The parameter '%s' expected value %d but got %lld instead; allowed with arch %s: %d, or no such key",
              key, python, preset, (long long) *value, o->arch, preset);
}

static void
apply_arch (struct options *o)
{
  const struct preset *p = NULL;
  for (size_t i = 0; o->arch && i < sizeof presets / sizeof *presets; i++)
    if (!strcmp (o->arch, presets[i].arch))
      p = &presets[i];
  static const char *const parts[] = { "block", "layers" };
  for (int i = 0; i < 2; i++)
    if (p && written (o, parts[i]))
      fatal_at (option_loc (o, parts[i]), "%s besides arch %s, which has its own; allowed: arch, or block and layers",
                parts[i], o->arch);
    else if (!p && !written (o, parts[i]))
      fatal_at (written (o, parts[!i]) ? option_loc (o, parts[!i]) : o->network_loc,
                "neither arch nor %s; allowed: arch, or block and layers", parts[i]);
  if (p)
    {
      o->basic_block = p->basic;
      o->layers.loc = option_loc (o, "arch");
      o->layers.count = 4;
      for (int i = 0; i < 4; i++)
        o->layers.v[i] = p->layers[i];
    }
  preset_value (o, "groups", &o->groups, p ? p->groups : 0, 1);
  preset_value (o, "width-per-group", &o->width_per_group, p ? p->width : 0, 64);
}

static void
check_stages (struct options *o)
{
  int64_t blocks = 0;
  if (o->layers.count != o->num_filters.count)
    fatal_at (option_loc (o, yaml_get (o->tree, "num-filters") ? "num-filters" : "layers"),
              "layers has %d elements, num-filters %d; allowed: as many in both", o->layers.count,
              o->num_filters.count);
  for (int i = 0; i < o->layers.count; i++)
    blocks += o->layers.v[i];
  if (blocks > MAX_BLOCKS)
    fatal_at (o->layers.loc, "layers: %lld blocks; allowed: at most %d in all", (long long) blocks, MAX_BLOCKS);
  if (!o->initial_num_filters)
    o->initial_num_filters = o->num_filters.v[0];
  for (int i = 0; i < 2; i++)
    if (o->initial_filter_size[i] % 2 == 0)
      fatal_at (option_loc (o, "initial-filter-size"), "initial-filter-size: %lld; allowed: odd numbers",
                (long long) o->initial_filter_size[i]);
}

/* Inner channels of a bottleneck of stage I: int (planes * (base_width / 64.)) * groups. */
static int64_t
inner_width (const struct options *o, int i)
{
  return o->num_filters.v[i] * o->width_per_group / 64 * o->groups;
}

static void
check_widths (const struct options *o)
{
  if (o->basic_block && (o->groups != 1 || o->width_per_group != 64))
    fatal_at (option_loc (o, o->groups != 1 ? "groups" : "width-per-group"),
              "BasicBlock only supports groups=1 and base_width=64; allowed: those, or block: bottleneck");
  for (int i = 0; !o->basic_block && i < o->layers.count; i++)
    {
      int64_t width = inner_width (o, i);
      if (width < 1 || width > MAX_FILTERS)
        fatal_at (option_loc (o, written (o, "width-per-group") ? "width-per-group"
                                 : written (o, "groups")        ? "groups"
                                                                : "num-filters"),
                  "stage %d has bottlenecks of %lld filters (num-filters * width-per-group / 64, rounded down, "
                  "* groups); allowed: 1 to %d",
                  i + 1, (long long) width, MAX_FILTERS);
    }
}

static void
check_dilation (const struct options *o)
{
  static const char key[] = "replace-stride-with-dilation";
  const struct yaml *y = yaml_get (o->tree, key);
  int dilated = 0;
  if (!y || yaml_is_null (y))
    return;
  if (o->replace_stride_count != o->layers.count - 1)
    fatal_at (y->loc, "%s should be null or a %d-element list, got %s; allowed: one element less than layers has", key,
              o->layers.count - 1, yaml_show (y));
  for (int i = 0; i < o->replace_stride_count; i++)
    {
      /* A stage's first block has the dilation of the stage before, the others that of the stage. */
      bool before = dilated;
      dilated += o->replace_stride_with_dilation[i];
      if (o->basic_block && (before || (dilated && o->layers.v[i + 1] > 1)))
        fatal_at (y->loc, "%s: Dilation > 1 not supported in BasicBlock; allowed: false, or block: bottleneck", key);
    }
  if (dilated > MAX_DILATED_STAGES)
    fatal_at (y->loc, "%s: %d times true; allowed: at most %d times", key, dilated, MAX_DILATED_STAGES);
}

static void
check_group_norm (const struct options *o, int64_t channels)
{
  if (o->norm_layer == NORM_GROUP && channels % o->norm_groups)
    fatal_at (option_loc (o, "norm-layer"),
              "norm-layer: num_channels must be divisible by num_groups: %lld channels, %lld groups; allowed: a number "
              "that divides the channels of every normalisation",
              (long long) channels, (long long) o->norm_groups);
}

static void
check_affine (const struct options *o)
{
  if (o->affine == ABSENT && o->norm_layer == NORM_FROZEN_BATCH)
    fatal_at (option_loc (o, "affine"), "affine: false with norm-layer frozen-batch-norm, which has weight and bias; "
              "allowed: true, or another norm-layer");
}

void
check_resnet (struct options *o)
{
  struct int_list *size = &o->input_size;
  if (size->count == 2) /* [H, W]: the source's three channels */
    {
      size->v[2] = size->v[1];
      size->v[1] = size->v[0];
      size->v[0] = 3;
      size->count = 3;
    }
  apply_arch (o);
  check_stages (o);
  check_widths (o);
  check_dilation (o);
  check_affine (o);
  check_group_norm (o, o->initial_num_filters);
  int64_t before = o->initial_num_filters;
  for (int i = 0; i < o->layers.count; i++)
    {
      int64_t out = o->num_filters.v[i] * (o->basic_block ? 1 : 4);
      if (o->pad_shortcut && out < before)
        fatal_at (option_loc (o, "shortcut"),
                  "shortcut: pad from %lld channels to %lld in stage %d; allowed: stages "
                  "that never become narrower, or projection",
                  (long long) before, (long long) out, i + 1);
      check_group_norm (o, o->basic_block ? out : inner_width (o, i));
      check_group_norm (o, out);
      before = out;
    }
}
