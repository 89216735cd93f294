/* The table of keys, and `rescast options`. */
#include "keys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const network_names[] = { "resnet3d", "resnet2d", "resnet", "table", "sequence", NULL };

static const char *const interpolations[] = { "bilinear", "nearest", "box", "hamming", "bicubic", "lanczos", NULL };
static const char *const poolings[] = { "max", "average", "none", NULL };
static const char *const block_types[] = { "batchnorm-before-add", "batchnorm-after-add", NULL };
static const char *const bottlenecks[] = { "none", "downsample-first-conv", NULL };
static const char *const normalizations[] = { "zerocenter", "zscore", NULL };
static const char *const resnet_blocks[] = { "bottleneck", "basic", NULL };
static const char *const shortcuts[] = { "projection", "pad", NULL };
static const char *const heads[] = { "fc", "linear", NULL };
static const char *const arches[]
    = { "resnet18",         "resnet34",         "resnet50",        "resnet101",        "resnet152", "resnext50_32x4d",
        "resnext101_32x8d", "resnext101_64x4d", "wide_resnet50_2", "wide_resnet101_2", NULL };

#define R3D (1u << NETWORK_RESNET3D)
#define R2D (1u << NETWORK_RESNET2D)
#define MATLAB (R3D | R2D)
#define RESNET (1u << NETWORK_RESNET)
#define TABLE (1u << NETWORK_TABLE)
#define SEQUENCE (1u << NETWORK_SEQUENCE)
#define ALL (MATLAB | RESNET | TABLE | SEQUENCE)
#define AT(field) offsetof (struct options, field)
/* Of the input; what layers store is bounded by passes/plan_memory.c. */
#define BELOW "their product, times batch, below 2^31, as of each layer's output with its channels filled up to 16s"
#define INPUT .at = AT (input_size), .min = 1, .max = MAX_EXTENT
#define EXTENTS(field, cap, count) .at = AT (field), .min = 1, .max = cap, .least = 1, .most = count

/* clang-format off */
const struct key option_keys[] = {
  { "name", ALL, KEY_NAME, "null", "the file's name", AT (name),
    .rule = "the prefix of every symbol and file; no word of C or C++, no type, macro, header or library of the "
            "system, and not all in capitals" },
  { "batch", ALL, KEY_INT, "1", NULL, AT (batch), .min = 1, .max = MAX_BATCH,
    .rule = "arrays that one run takes" },
  { "labels", ALL, KEY_FILE, "null", NULL, AT (labels_file),
    .rule = "seen from the options file's folder; a line for each class" },
  { "scale", ALL, KEY_REAL, "1", NULL, AT (scale),
    .rule = "the classifier feeds (x/scale - mean)/std" },
  { "mean", ALL, KEY_REALS, "null", "0", AT (mean), .least = 1, .most = MAX_FILTERS,
    .rule = "one, or one for each channel" },
  { "std", ALL, KEY_REALS, "null", "1", AT (std), .min = 1, .least = 1, .most = MAX_FILTERS,
    .rule = "one, or one for each channel" },
  { "resize", ALL, KEY_INTS, "null", "none", AT (resize), .min = 1, .max = MAX_RESIZED, .least = 1, .most = 2,
    .rule = "of images; one number: their shorter side becomes that, [h, w]: they become that size; then the centre of "
            "the input's size is kept, which must not be larger; none: they just cover the input" },
  { "interpolation", ALL, KEY_WORD, "null", "bilinear", AT (interpolation), .choices = interpolations,
    .rule = "of images, as PIL resizes them, antialiased" },
  { "seed", ALL, KEY_INT, "0", NULL, AT (seed), .min = 0, .max = INT64_MAX,
    .rule = "of the initial weights, where no file gives them" },

  { "input-size", R3D, KEY_INTS, NULL, NULL, INPUT, .least = 3, .most = 4,
    .rule = "[h w d] or [h w d c]; h, w and d at least initial-stride * pooling-stride (1 for none, else 2) "
            "* 2^(stacks - 1); " BELOW },
  { "input-size", R2D, KEY_INTS, NULL, NULL, INPUT, .least = 2, .most = 3,
    .rule = "[h w] or [h w c]; h and w at least initial-stride * pooling-stride (1 for none, else 2) "
            "* 2^(stacks - 1); " BELOW },
  { "input-size", RESNET, KEY_INTS, "[3, 224, 224]", NULL, INPUT, .least = 2, .most = 3,
    .rule = "[C, H, W], or [H, W] with C = 3; " BELOW },
  { "input-size", TABLE | SEQUENCE, KEY_INTS, NULL, NULL, INPUT, .least = 3, .most = 4,
    .rule = "[C, H, W] or [C, D, H, W]; " BELOW },
  { "num-classes", MATLAB | TABLE, KEY_INT, NULL, NULL, AT (num_classes), .min = 2, .max = MAX_CLASSES },
  { "num-classes", RESNET, KEY_INT, "1000", NULL, AT (num_classes), .min = 1, .max = MAX_CLASSES },

  { "initial-filter-size", R3D, KEY_EXTENTS, "7", NULL, EXTENTS (initial_filter_size, MAX_FILTER_SIZE, 3) },
  { "initial-filter-size", R2D, KEY_EXTENTS, "7", NULL, EXTENTS (initial_filter_size, MAX_FILTER_SIZE, 2) },
  { "initial-stride", R3D, KEY_EXTENTS, "2", NULL, EXTENTS (initial_stride, MAX_STRIDE, 3) },
  { "initial-stride", R2D, KEY_EXTENTS, "2", NULL, EXTENTS (initial_stride, MAX_STRIDE, 2) },
  { "initial-num-filters", MATLAB, KEY_INT, "64", NULL, AT (initial_num_filters), .min = 1, .max = MAX_FILTERS },
  { "initial-pooling-layer", MATLAB, KEY_CHOICE, "max", NULL, AT (initial_pooling_layer), .choices = poolings },
  { "residual-block-type", MATLAB, KEY_FLAG, "batchnorm-before-add", NULL, AT (batchnorm_after_add),
    .choices = block_types },
  { "bottleneck-type", MATLAB, KEY_FLAG, "downsample-first-conv", NULL, AT (bottleneck), .choices = bottlenecks },
  { "stack-depth", MATLAB, KEY_INTS, "[3, 4, 6, 3]", NULL, AT (stack_depth), .min = 1, .max = MAX_BLOCKS, .least = 1,
    .most = MAX_STAGES, .rule = "as many as num-filters; at most 4096 blocks in all" },
  { "num-filters", MATLAB, KEY_INTS, "[64, 128, 256, 512]", NULL, AT (num_filters), .min = 1, .max = MAX_FILTERS,
    .least = 1, .most = MAX_STAGES, .rule = "as many as stack-depth" },
  { "normalization", MATLAB, KEY_FLAG, "zerocenter", NULL, AT (zscore), .choices = normalizations },

  { "eps", MATLAB | RESNET | TABLE, KEY_REAL, "1e-5", NULL, AT (eps),
    .rule = "of every normalisation: added to the variance" },

  { "arch", RESNET, KEY_WORD, "null", "block and layers", AT (arch), .choices = arches },
  { "block", RESNET, KEY_FLAG, "null", "arch's", AT (basic_block), .choices = resnet_blocks },
  { "layers", RESNET, KEY_INTS, "null", "arch's", AT (layers), .min = 1, .max = MAX_BLOCKS, .least = 1,
    .most = MAX_STAGES, .rule = "blocks of each stage, as many as num-filters; at most 4096 in all" },
  { "groups", RESNET, KEY_INT, "null", "1, or arch's", AT (groups), .min = 1, .max = MAX_FILTERS,
    .rule = "1 with basic blocks; with a resnext arch its own" },
  { "width-per-group", RESNET, KEY_INT, "null", "64, or arch's", AT (width_per_group), .min = 1, .max = MAX_FILTERS,
    .rule = "64 with basic blocks; with a resnext arch its own; num-filters * width-per-group / 64 (rounded down) "
            "* groups from 1 to 65536" },
  { "replace-stride-with-dilation", RESNET, KEY_BOOLS, "null", NULL, 0, .least = 0, .most = MAX_STAGES - 1,
    .rule = "one less than layers; at most 16 of them true; no dilation > 1 in basic blocks" },
  { "zero-init-residual", RESNET, KEY_BOOL, "false", NULL, AT (zero_init_residual), .rule = "of the initial weights" },
  { "norm-layer", RESNET, KEY_NORM, "batch-norm", NULL, 0, .min = 1, .max = MAX_FILTERS,
    .rule = "G divides the channels of every normalisation" },
  { "affine", RESNET, KEY_PRESENCE, "null", "as the weights file", AT (affine),
    .rule = "weight and bias of the normalisations; not false with frozen-batch-norm" },
  { "num-filters", RESNET, KEY_INTS, "[64, 128, 256, 512]", NULL, AT (num_filters), .min = 1, .max = MAX_FILTERS,
    .least = 1, .most = MAX_STAGES, .rule = "as many as layers" },
  { "initial-num-filters", RESNET, KEY_INT, "null", "num-filters' first", AT (initial_num_filters), .min = 1,
    .max = MAX_FILTERS },
  { "initial-filter-size", RESNET, KEY_EXTENTS, "7", NULL, EXTENTS (initial_filter_size, MAX_FILTER_SIZE, 2),
    .rule = "odd; padded by half" },
  { "initial-stride", RESNET, KEY_EXTENTS, "2", NULL, EXTENTS (initial_stride, MAX_STRIDE, 2) },
  { "initial-pooling-layer", RESNET, KEY_CHOICE, "max", NULL, AT (initial_pooling_layer), .choices = poolings },
  { "shortcut", RESNET, KEY_FLAG, "projection", NULL, AT (pad_shortcut), .choices = shortcuts,
    .rule = "pad needs stages that never become narrower" },
  { "head", RESNET, KEY_WORD, "fc", NULL, AT (head), .choices = heads,
    .rule = "the last layer's name; a weights file may have another" },

  { "stages", TABLE, KEY_TEXTS, NULL, NULL, AT (stages), .least = 1, .most = MAX_STAGES,
    .rule = "such as 7x7, 64, stride 2 | 3x3 max pool, stride 2 | [[1x1,64][3x3,64][1x1,256]]x3 | "
            "average pool, 1000-d fc, softmax; kernels 3x3x3 in 3-D; strides 1, or 2 where the filters increase; "
            "at most 4096 blocks in all" },

  { "layers", SEQUENCE, KEY_MAPS, NULL, NULL, AT (sequence_layers), .least = 1, .most = 65536,
    .rule = "{type: TYPE, name: NAME, ...} each, in order" },
};
/* clang-format on */
const size_t option_key_count = sizeof option_keys / sizeof *option_keys;

const struct key *
key_find (const char *name, enum network network)
{
  for (size_t i = 0; i < option_key_count; i++)
    if (option_keys[i].networks >> network & 1 && !strcmp (option_keys[i].name, name))
      return &option_keys[i];
  return NULL;
}

const char *
network_name (enum network n)
{
  return network_names[n];
}

size_t
key_choice_count (const struct key *key)
{
  size_t n = 0;
  while (key->choices[n])
    n++;
  return n;
}

/* "a, b or c" */
static void
add_choices (struct text *t, const struct key *key)
{
  size_t n = key_choice_count (key);
  for (size_t i = 0; i < n; i++)
    text_printf (t, "%s%s", !i ? "" : i + 1 < n ? ", " : " or ", key->choices[i]);
}

static void
add_type (struct text *t, const struct key *key)
{
  const long long min = key->min, max = key->max;
  switch (key->type)
    {
    case KEY_INT:
      text_printf (t, "an integer from %lld to %lld", min, max);
      break;
    case KEY_REAL:
      text_add (t, "a number from 1e-30 to 1e30");
      break;
    case KEY_BOOL:
    case KEY_PRESENCE:
      text_add (t, "true or false");
      break;
    case KEY_CHOICE:
    case KEY_FLAG:
    case KEY_WORD:
      add_choices (t, key);
      break;
    case KEY_EXTENTS:
      text_printf (t, "an integer from %lld to %lld, or a list of %d: %s", min, max, key->most,
                   key->most == 3 ? "[h w d]" : "[h w]");
      break;
    case KEY_INTS:
      text_printf (t, "a list of %d %s %d integers from %lld to %lld", key->least,
                   key->most == key->least + 1 ? "or" : "to", key->most, min, max);
      break;
    case KEY_REALS:
      text_printf (t, "a number from %s to 1e30, or a list of numbers", key->min ? "1e-30" : "-1e30");
      break;
    case KEY_BOOLS:
      text_add (t, "a list of true and false");
      break;
    case KEY_NAME:
      text_add (t, "a C identifier of at most 63 characters");
      break;
    case KEY_FILE:
      text_add (t, "the name of a text file");
      break;
    case KEY_NORM:
      text_add (t, "batch-norm, frozen-batch-norm, instance-norm, group-norm G or none");
      break;
    case KEY_TEXTS:
      text_printf (t, "a list of %d to %d texts", key->least, key->most);
      break;
    case KEY_MAPS:
      text_printf (t, "a list of %d to %d maps", key->least, key->most);
      break;
    }
}

char *
key_allowed (const struct key *key)
{
  struct text t = { 0 };
  add_type (&t, key);
  if (key->fallback && !strcmp (key->fallback, "null"))
    text_add (&t, ", or null");
  if (key->rule)
    text_printf (&t, "; %s", key->rule);
  return t.s;
}

/* One line of the table; the rule folded into lines of its own column. */
void
option_print_row (const char *name, const char *fallback, const char *rule)
{
  enum
  {
    INDENT = 54,
    WIDTH = 66
  };
  printf ("  %-29s %-21s ", name, fallback);
  for (int col = 0; *rule;)
    {
      int n = (int) strcspn (rule, " ");
      if (col && col + 1 + n > WIDTH)
        {
          printf ("\n%*s", INDENT, "");
          col = 0;
        }
      col += printf ("%s%.*s", col ? " " : "", n, rule);
      rule += n;
      rule += *rule == ' ';
    }
  putchar ('\n');
}

/* The keys of every network, or those of NETWORK alone. */
static void
print_group (const char *title, unsigned network)
{
  printf ("%s\n", title);
  if (network == ALL)
    option_print_row ("network", "required", "resnet3d, resnet2d, resnet, table or sequence");
  for (size_t i = 0; i < option_key_count; i++)
    {
      const struct key *k = &option_keys[i];
      if (network == ALL ? k->networks != ALL : k->networks == ALL || !(k->networks & network))
        continue;
      const char *fallback = k->shown ? k->shown : k->fallback;
      option_print_row (k->name,
                        !fallback                    ? "required"
                        : !strcmp (fallback, "null") ? "none"
                                                     : fallback,
                        key_allowed (k));
    }
}

static const char *const network_titles[] = {
  "network: resnet3d (MATLAB resnet3dLayers, resnet3dNetwork)",
  "network: resnet2d (MATLAB resnetLayers, the same in 2-D)",
  "network: resnet (torchvision ResNet; num-filters, initial-*, shortcut and head beyond it)",
  "network: table (the notation of He et al., Table 1)",
  "network: sequence (a list of layers)",
};

bool
options_print (const char *network)
{
  int only = -1;
  for (int n = 0; network && n < NETWORK_COUNT; n++)
    if (!strcmp (network, network_names[n]))
      only = n;
  if (network && only < 0)
    {
      fprintf (stderr, "rescast: options: unknown network %s; allowed: resnet3d, resnet2d, resnet, table, sequence\n",
               yaml_quote (network));
      exit (2);
    }
  option_print_row ("KEY", "DEFAULT", "ALLOWED");
  putchar ('\n');
  print_group ("every network", ALL);
  for (int n = 0; n < NETWORK_COUNT; n++)
    if (only < 0 || only == n)
      {
        putchar ('\n');
        print_group (network_titles[n], 1u << n);
      }
  return only < 0 || only == NETWORK_SEQUENCE;
}
