/* malformed_options DIR: writes options files that are all wrong, each in its own way, the same ones every time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct file
{
  const char *name, *text;
};

#define R3D "network: resnet3d\ninput-size: [64, 64, 64]\nnum-classes: 10\n"
#define R2D "network: resnet2d\ninput-size: [64, 64]\nnum-classes: 10\n"
#define R50 "network: resnet\narch: resnet50\n"
#define BASIC "network: resnet\nblock: basic\nlayers: [2, 2, 2, 2]\n"
#define DEEP "network: resnet\nblock: bottleneck\nlayers: [2, 2, 2, 2]\n"
#define TABLE "network: table\ninput-size: [3, 64, 64]\nnum-classes: 10\nstages:\n  - "

#define MAP2 "network: sequence\ninput-size: [4, 8, 6]\nlayers:\n  - "
#define MAP3 "network: sequence\ninput-size: [16, 5, 4, 3]\nlayers:\n  - "

static const struct file files[] = {
  /* not YAML, or more of YAML than is allowed */
  { "empty", "" },
  { "comment_only", "# nothing\n" },
  { "document_start_only", "---\n" },
  { "scalar", "resnet3d\n" },
  { "list", "- network: resnet3d\n" },
  { "two_documents", R3D "---\n" R3D },
  { "unterminated_double_quote", R3D "name: \"net\n" },
  { "unterminated_single_quote", R3D "name: 'net\n" },
  { "unterminated_list", R3D "stack-depth: [1, 2\n" },
  { "unterminated_map", "{network: resnet3d, num-classes: 10\n" },
  { "wrong_bracket", R3D "stack-depth: [1, 2}\n" },
  { "tab_indent", "network:\n\tresnet3d\n" },
  { "tab_before_key", "\tnetwork: resnet3d\n" },
  { "no_colon", R3D "batch 4\n" },
  { "bad_indent", "network: resnet3d\n  batch: 4\n" },
  { "bad_escape", R3D "name: \"\\q\"\n" },
  { "escaped_nul", R3D "name: \"a\\0b\"\n" },
  { "at_sign", R3D "name: @net\n" },
  { "anchor", R3D "stack-depth: &a [1, 1, 1, 1]\n" },
  { "alias", "network: resnet3d\ninput-size: &a [64, 64, 64]\nnum-filters: *a\n" },
  { "alias_unknown", R3D "num-filters: *nothing\n" },
  { "alias_cycle", R3D "num-filters: &a [*a, *a]\n" },
  { "billion_laughs", "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: [*c, *c]\n" },
  { "merge_key", R3D "<<: {batch: 2}\n" },
  { "tag_unknown", R3D "batch: !seven 7\n" },
  { "tag_python", R3D "name: !!python/object/apply:os.system [ls]\n" },
  { "tag_of_other_kind", R3D "batch: !!seq 7\n" },
  { "tag_str_number", R3D "batch: !!str 7\n" },
  { "complex_key", "? [network]\n: resnet3d\n" },
  { "directive", "%TAG\n---\n" R3D },

  /* keys */
  { "network_missing", "num-classes: 10\n" },
  { "network_unknown", "network: resnet4d\n" },
  { "network_list", "network: [resnet3d]\n" },
  { "network_null", "network:\n" },
  { "key_unknown", R3D "num-clases: 5\n" },
  { "key_underscore", R3D "stack_depth: [1, 1, 1, 1]\n" },
  { "key_empty", R3D "\"\": 5\n" },
  { "key_with_newline", R3D "\"a\\nb\": 5\n" },
  { "key_of_other_network", R3D "groups: 2\n" },
  { "key_repeated", R3D "batch: 1\nbatch: 1\n" },
  { "key_repeated_nested", "network: sequence\ninput-size: [1, 8, 8]\nlayers:\n  - {type: relu, type: add}\n" },
  { "num_classes_missing", "network: resnet3d\ninput-size: [64, 64, 64]\n" },
  { "input_size_missing", "network: resnet3d\nnum-classes: 10\n" },

  /* common values */
  { "name_space", R3D "name: my net\n" },
  { "name_digit", R3D "name: 3d\n" },
  { "name_keyword", R3D "name: struct\n" },
  { "name_path", R3D "name: ../../etc/passwd\n" },
  { "name_list", R3D "name: [net]\n" },
  { "batch_zero", R3D "batch: 0\n" },
  { "batch_negative", R3D "batch: -1\n" },
  { "batch_huge", R3D "batch: 1000000\n" },
  { "batch_overflow", R3D "batch: 99999999999999999999999999\n" },
  { "batch_float", R3D "batch: 1.5\n" },
  { "batch_word", R3D "batch: many\n" },
  { "batch_quoted", R3D "batch: \"4\"\n" },
  { "batch_hex", R3D "batch: 0x10\n" },
  { "batch_null", R3D "batch: null\n" },
  { "batch_map", R3D "batch: {a: 1}\n" },
  { "seed_negative", R3D "seed: -1\n" },
  { "seed_overflow", R3D "seed: 9223372036854775808\n" },
  { "scale_zero", R3D "scale: 0\n" },
  { "scale_nan", R3D "scale: .nan\n" },
  { "scale_overflow", R3D "scale: 1e999\n" },
  { "scale_underflow", R3D "scale: 1e-999\n" },
  { "mean_inf", R3D "mean: .inf\n" },
  { "mean_count", R3D "mean: [0.1, 0.2, 0.3]\n" },
  { "mean_empty", R3D "mean: []\n" },
  { "std_zero", R3D "std: 0\n" },
  { "std_negative", R3D "std: [-1]\n" },
  { "labels_missing", R3D "labels: no-such-file.txt\n" },
  { "labels_folder", R3D "labels: .\n" },
  { "labels_list", R3D "labels: [a, b]\n" },
  { "labels_count", R3D "labels: labels_count.yaml\n" },

  /* resnet3d and resnet2d */
  { "input_size_scalar", "network: resnet3d\ninput-size: 64\nnum-classes: 10\n" },
  { "input_size_two", "network: resnet3d\ninput-size: [64, 64]\nnum-classes: 10\n" },
  { "input_size_five", "network: resnet3d\ninput-size: [64, 64, 64, 1, 1]\nnum-classes: 10\n" },
  { "input_size_zero", "network: resnet3d\ninput-size: [64, 0, 64]\nnum-classes: 10\n" },
  { "input_size_small", "network: resnet3d\ninput-size: [64, 64, 31]\nnum-classes: 10\n" },
  { "input_size_huge", "network: resnet3d\ninput-size: [65536, 65536, 65536]\nnum-classes: 10\n" },
  { "input_size_nested", "network: resnet3d\ninput-size: [[64, 64, 64]]\nnum-classes: 10\n" },
  { "input_size_2d_small", "network: resnet2d\ninput-size: [64, 31]\nnum-classes: 10\n" },
  { "input_size_2d_volume", "network: resnet2d\ninput-size: [64, 64, 64, 1]\nnum-classes: 10\n" },
  { "num_classes_one", "network: resnet3d\ninput-size: [64, 64, 64]\nnum-classes: 1\n" },
  { "num_classes_huge", "network: resnet3d\ninput-size: [64, 64, 64]\nnum-classes: 1000001\n" },
  { "initial_filter_size_two", R3D "initial-filter-size: [3, 3]\n" },
  { "initial_filter_size_zero", R3D "initial-filter-size: [3, 0, 3]\n" },
  { "initial_filter_size_three", R2D "initial-filter-size: [3, 3, 3]\n" },
  { "initial_stride_zero", R3D "initial-stride: 0\n" },
  { "initial_stride_large", R3D "initial-stride: 5\n" },
  { "initial_pooling_unknown", R3D "initial-pooling-layer: maximum\n" },
  { "residual_block_type", R3D "residual-block-type: batchnormbeforeadd\n" },
  { "bottleneck_type_bool", R3D "bottleneck-type: true\n" },
  { "normalization_list", R3D "normalization: [zscore]\n" },
  { "stack_depth_empty", R3D "stack-depth: []\n" },
  { "stack_depth_zero", R3D "stack-depth: [3, 0, 6, 3]\n" },
  { "stack_depth_length", R3D "stack-depth: [3, 4, 6]\n" },
  { "stack_depth_total", R3D "stack-depth: [4096, 1, 1, 1]\n" },
  { "num_filters_length", R3D "num-filters: [64, 128]\n" },
  { "num_filters_huge", R3D "num-filters: [1, 1, 1, 4294967296]\n" },
  { "num_filters_word", R3D "num-filters: [64, 128, 256, x]\n" },
  { "parameters", R3D "num-filters: [65536, 65536, 65536, 65536]\n" },
  { "multiply_adds", "network: resnet3d\ninput-size: [1290, 1290, 1290]\nnum-classes: 10\nbatch: 1024\n"
                     "initial-stride: 1\ninitial-pooling-layer: none\nstack-depth: 400\nnum-filters: 512\n" },

  /* resnet */
  { "arch_and_block", R50 "block: basic\n" },
  { "arch_and_layers", R50 "layers: [3, 4, 6, 3]\n" },
  { "arch_unknown", "network: resnet\narch: resnet51\n" },
  { "no_arch", "network: resnet\n" },
  { "block_alone", "network: resnet\nblock: basic\n" },
  { "layers_alone", "network: resnet\nlayers: [2, 2, 2, 2]\n" },
  { "layers_three", "network: resnet\nblock: basic\nlayers: [2, 2, 2]\n" },
  { "groups_basic", BASIC "groups: 2\n" },
  { "width_basic", BASIC "width-per-group: 128\n" },
  { "dilation_basic", BASIC "replace-stride-with-dilation: [false, false, true]\n" },
  { "dilation_length", R50 "replace-stride-with-dilation: [false, true]\n" },
  { "dilation_number", R50 "replace-stride-with-dilation: [0, 0, 1]\n" },
  { "dilation_scalar", R50 "replace-stride-with-dilation: true\n" },
  { "groups_of_resnext", "network: resnet\narch: resnext50_32x4d\ngroups: 16\n" },
  { "width_of_wide", "network: resnet\narch: wide_resnet50_2\nwidth-per-group: 64\n" },
  { "width_vanishes", DEEP "num-filters: [8, 16, 32, 64]\nwidth-per-group: 4\n" },
  { "width_overflows", DEEP "groups: 65536\nwidth-per-group: 65536\n" },
  { "norm_unknown", R50 "norm-layer: layer-norm\n" },
  { "norm_group_alone", R50 "norm-layer: group-norm\n" },
  { "norm_group_word", R50 "norm-layer: group-norm many\n" },
  { "norm_group_divides", R50 "norm-layer: group-norm 7\n" },
  { "norm_list", R50 "norm-layer: [batch-norm, 2]\n" },
  { "even_filter", R50 "initial-filter-size: 4\n" },
  { "pad_narrows", BASIC "num-filters: [64, 32, 16, 8]\nshortcut: pad\n" },
  { "head_unknown", R50 "head: classifier\n" },
  { "zero_init_number", R50 "zero-init-residual: 1\n" },

  /* table */
  { "stages_missing", "network: table\ninput-size: [3, 64, 64]\nnum-classes: 10\n" },
  { "stages_scalar", "network: table\ninput-size: [3, 64, 64]\nnum-classes: 10\nstages: 7x7, 64\n" },
  { "stages_empty", "network: table\ninput-size: [3, 64, 64]\nnum-classes: 10\nstages: []\n" },
  { "stages_unquoted", TABLE "[[3x3,64][3x3,64]]x3\n" },
  { "stage_empty", TABLE "\"\"\n" },
  { "stage_nonsense", TABLE "a convolution, please\n" },
  { "stage_no_filters", TABLE "7x7\n" },
  { "stage_one_extent", TABLE "7, 64\n" },
  { "stage_three_extents", TABLE "7x7x7, 64\n" },
  { "stage_zero_filters", TABLE "7x7, 0\n" },
  { "stage_overflow", TABLE "7x7, 99999999999999999999\n" },
  { "stage_negative_stride", TABLE "7x7, 64, stride -2\n" },
  { "stage_open_bracket", TABLE "\"[[3x3,64][3x3,64]x3\"\n" },
  { "stage_no_convs", TABLE "\"[[]]x3\"\n" },
  { "stage_no_repeat", TABLE "\"[[3x3,64][3x3,64]]x\"\n" },
  { "stage_many_blocks", TABLE "\"[[3x3,64][3x3,64]]x4097\"\n" },
  { "stage_trailing", TABLE "7x7, 64, stride 2, stride 2\n" },
  { "stage_inner_stride", TABLE "\"[3x3, 64, stride 2; 3x3, 64]x2\"\n" },
  { "stage_pool_no_stride", TABLE "3x3 max pool\n" },
  { "stage_pool_no_extents", TABLE "max pool, stride 2\n" },
  { "stage_fc_classes", TABLE "7x7, 64\n  - average pool, 1000-d fc, softmax\n" },
  { "stage_after_head", TABLE "7x7, 64\n  - average pool\n  - 3x3, 64\n" },
  { "stage_head_only", TABLE "average pool, 10-d fc, softmax\n" },
  { "stage_groups", TABLE "7x7, 64, C=5\n" },
  { "stage_latex", TABLE "'\\begin{bmatrix} 3x3, 64 \\\\'\n" },
  { "stage_nested_list", TABLE "[7x7, 64]\n" },

  /* sequence */
  { "layer_type_missing", MAP2 "{name: a}\n" },
  { "layer_type_unknown", MAP2 "{type: convo}\n" },
  { "layer_type_list", MAP2 "{type: [conv]}\n" },
  { "layer_key_unknown", MAP2 "{type: relu, slope: 1}\n" },
  { "layer_key_of_another", MAP2 "{type: relu, filters: 1}\n" },
  { "layer_filters_missing", MAP2 "{type: conv, kernel-size: 3}\n" },
  { "layer_filters_zero", MAP2 "{type: conv, filters: 0, kernel-size: 3}\n" },
  { "layer_filters_huge", MAP2 "{type: conv, filters: 99999999999999999999, kernel-size: 3}\n" },
  { "layer_kernel_three_axes", MAP2 "{type: conv, filters: 1, kernel-size: [3, 3, 3]}\n" },
  { "layer_kernel_too_large", MAP2 "{type: conv, filters: 1, kernel-size: 9}\n" },
  { "layer_stride_zero", MAP2 "{type: conv, filters: 1, kernel-size: 3, stride: 0}\n" },
  { "layer_padding_one_side", MAP2 "{type: conv, filters: 1, kernel-size: 3, padding: [[1, 1]]}\n" },
  { "layer_padding_word", MAP2 "{type: conv, filters: 1, kernel-size: 3, padding: valid}\n" },
  { "layer_groups", MAP2 "{type: conv, filters: 4, kernel-size: 1, groups: 3}\n" },
  { "layer_name_repeated", MAP2 "{type: relu, name: a}\n  - {type: relu, name: a}\n" },
  { "layer_name_input", MAP2 "{type: relu, name: input}\n" },
  { "layer_name_quotes", MAP2 "{type: relu, name: \"a<|b|>\"}\n" },
  { "layer_name_newline", MAP2 "{type: relu, name: \"a\\nb\"}\n" },
  { "layer_input_unknown", MAP2 "{type: relu, input: nowhere}\n" },
  { "layer_input_itself", MAP2 "{type: relu, name: a, input: a}\n" },
  { "layer_input_cycle", MAP2 "{type: relu, name: a, input: b}\n  - {type: relu, name: b, input: a}\n" },
  { "layer_input_two", MAP2 "{type: relu, input: [input, input]}\n" },
  { "layer_add_nothing", MAP2 "{type: add, input: []}\n" },
  { "layer_add_shapes", MAP2 "{type: max-pool, name: p, kernel-size: 2}\n  - {type: add, input: [p, input]}\n" },
  { "layer_conv_of_vector", MAP2 "{type: global-average-pool}\n  - {type: conv, filters: 1, kernel-size: 1}\n" },
  { "layer_pool_in_padding", MAP2 "{type: max-pool, kernel-size: 2, padding: 2}\n" },
  { "layer_upsample_nothing", MAP2 "{type: upsample}\n" },
  { "layer_upsample_both", MAP2 "{type: upsample, output-size: 2, scale: 2}\n" },
  { "layer_upsample_huge", MAP2 "{type: upsample, output-size: 65536}\n" },
  { "layer_upsample_mode", MAP2 "{type: upsample, scale: 2, mode: cubic}\n" },
  { "layer_reshape_count", MAP2 "{type: reshape, shape: [3, 8, 6]}\n" },
  { "layer_reshape_order", MAP2 "{type: reshape, order: [C, H, H], shape: [192]}\n" },
  { "layer_eps_negative", MAP2 "{type: batch-norm, eps: -1}\n" },
  { "layer_parameters", MAP2 "{type: conv, filters: 65536, kernel-size: 1024, padding: 1024}\n" },
  { "bottleneck_in_2d", MAP2 "{type: bottleneck-3d, in-planes: 4, out-planes: 4}\n" },
  { "bottleneck_planes", MAP3 "{type: bottleneck-3d, in-planes: 4, out-planes: 4}\n" },
  { "bottleneck_normalizer", MAP3 "{type: bottleneck-3d, in-planes: 16, out-planes: 4, normalizer: pints}\n" },
  { "bottleneck_scaler", MAP3 "{type: bottleneck-3d, in-planes: 16, out-planes: 4, scaler: sideways}\n" },
  { "transposed_channels", MAP3 "{type: transposed-conv-3d, filter-size: 2, num-filters: 4, num-channels: 3}\n" },
  { "transposed_cropping", MAP3 "{type: transposed-conv-3d, filter-size: 2, num-filters: 4, cropping: 9}\n" },
  { "transposed_cropping_lists", MAP3 "{type: transposed-conv-3d, filter-size: 2, num-filters: 4, cropping: [[0, 0, 0]]}\n" },
  { "transposed_initializer", MAP3 "{type: transposed-conv-3d, filter-size: 2, num-filters: 4, weights-initializer: hi}\n" },
  { "transposed_initializer_file", MAP3 "{type: transposed-conv-3d, filter-size: 2, num-filters: 4, bias-initializer: none.npy}\n" },
  { "transposed_factor", MAP3 "{type: transposed-conv-3d, filter-size: 2, num-filters: 4, weight-l2-factor: -1}\n" },
  { "sequence_no_layers", "network: sequence\ninput-size: [3, 8, 8]\n" },
  { "sequence_empty", "network: sequence\ninput-size: [3, 8, 8]\nlayers: []\n" },
  { "sequence_map", "network: sequence\ninput-size: [3, 8, 8]\nlayers: {type: relu}\n" },
  { "sequence_texts", "network: sequence\ninput-size: [3, 8, 8]\nlayers: [relu, relu]\n" },
  { "sequence_input", "network: sequence\ninput-size: [8, 8]\nlayers: [{type: relu}]\n" },
};

static void
write_file (const char *folder, const char *name, const void *bytes, size_t n)
{
  char path[4096];
  snprintf (path, sizeof path, "%s/%s.yaml", folder, name);
  FILE *f = fopen (path, "wb");
  if (!f || fwrite (bytes, 1, n, f) != n || fclose (f))
    {
      perror (path);
      exit (1);
    }
}

/* HEAD, then PART as often as it fits into N bytes. */
static void
write_repeated (const char *folder, const char *name, const char *head, const char *part, size_t n)
{
  size_t used = strlen (head), step = strlen (part);
  char *text = malloc (n + used + step + 1);
  if (!text)
    exit (1);
  memcpy (text, head, used);
  for (; used + step <= n; used += step)
    memcpy (text + used, part, step);
  write_file (folder, name, text, used);
  free (text);
}

static void
write_keys (const char *folder, const char *name, int count)
{
  char *text = malloc ((size_t) count * 16 + 64);
  if (!text)
    exit (1);
  size_t n = (size_t) sprintf (text, "network: resnet3d\n");
  for (int i = 0; i < count; i++)
    n += (size_t) sprintf (text + n, "k%d: 1\n", i);
  write_file (folder, name, text, n);
  free (text);
}

static void
write_noise (const char *folder, const char *name, size_t n, int printable)
{
  unsigned char *bytes = malloc (n);
  unsigned state = 12345;
  if (!bytes)
    exit (1);
  for (size_t i = 0; i < n; i++)
    {
      state = state * 1103515245u + 12345u;
      bytes[i] = (unsigned char) (printable ? 32 + (state >> 16) % 95 : state >> 16);
    }
  write_file (folder, name, bytes, n);
  free (bytes);
}

int
main (int argc, char **argv)
{
  enum
  {
    MIB = 1 << 20
  };
  if (argc != 2)
    {
      fprintf (stderr, "usage: malformed_options DIR\n");
      return 2;
    }
  const char *folder = argv[1];
  for (size_t i = 0; i < sizeof files / sizeof *files; i++)
    write_file (folder, files[i].name, files[i].text, strlen (files[i].text));
  write_file (folder, "nul", "network: res\0net3d\n", 19);
  write_file (folder, "nul_only", "\0", 1);
  write_file (folder, "bom_only", "\xef\xbb\xbf", 3);
  write_file (folder, "utf16", "\xff\xfen\0e\0t\0", 8);
  write_file (folder, "latin1", R3D "name: caf\xe9\n", strlen (R3D) + 11);
  write_file (folder, "overlong_utf8", R3D "name: \xc0\xaf\n", strlen (R3D) + 9);
  write_file (folder, "cut_utf8", R3D "name: \xe2\x82", strlen (R3D) + 8);
  write_file (folder, "surrogate_utf8", R3D "name: \xed\xa0\x80\n", strlen (R3D) + 10);
  write_file (folder, "control", R3D "name: \x1b[31m\n", strlen (R3D) + 12);
  write_noise (folder, "noise", 65536, 0);
  write_noise (folder, "noise_printable", 65536, 1);
  write_repeated (folder, "deep_lists", "network: ", "[", 100000);
  write_repeated (folder, "deep_maps", "network: ", "{a: ", 100000);
  write_repeated (folder, "deep_blocks", "", "- ", 4 * MIB);
  write_repeated (folder, "deep_questions", "", "? ", 4 * MIB);
  write_repeated (folder, "long_list", "network: resnet3d\nstack-depth: [", "1,", 4 * MIB);
  write_repeated (folder, "long_value", "network: ", "x", 4 * MIB);
  write_repeated (folder, "long_number", R3D "batch: ", "9", MIB);
  write_repeated (folder, "long_key", "", "key", MIB);
  write_repeated (folder, "long_quote", "network: \"", "x ", 4 * MIB);
  write_repeated (folder, "many_documents", R3D, "---\n", MIB);
  write_repeated (folder, "five_mib_of_comments", R3D, "# comment\n", 5 * MIB);
  write_repeated (folder, "four_mib_of_comments", "", "# comment\n", 4 * MIB);
  write_repeated (folder, "long_stage", TABLE, "3x3, 64 ", MIB);
  write_repeated (folder, "long_brackets", TABLE "'", "[", MIB);
  write_keys (folder, "many_keys", 200000);
  return 0;
}
