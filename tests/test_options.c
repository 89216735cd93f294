/* The options: defaults, every rule, presets, --set, the canonical text, the table's notation, and the errors' text
 * with their places. */
#include "frontend/options/options.h"
#include "frontend/options/table_notation.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define R3D "network: resnet3d\ninput-size: [64, 64, 64]\nnum-classes: 10\n"
#define R50 "network: resnet\narch: resnet50\n"
#define BASIC "network: resnet\nblock: basic\nlayers: [2, 2, 2, 2]\n"
#define DEEP "network: resnet\nblock: bottleneck\nlayers: [1, 1, 1, 1]\n"
#define TABLE "network: table\ninput-size: [3, 64, 64]\nnum-classes: 10\nstages:\n"

static struct options *
parse (const char *text)
{
  return options_parse ("f.yaml", text, strlen (text), NULL, 0);
}

static struct options *
parse_set (const char *text, const char *set)
{
  return options_parse ("f.yaml", text, strlen (text), &set, 1);
}

/* Run in a process of its own: what it writes to stderr, and its exit status. */
static int
run (const char *text, const char *set, char *err, size_t size)
{
  int fd[2], status;
  ck_assert_int_eq (pipe (fd), 0);
  pid_t pid = fork ();
  ck_assert_int_ge (pid, 0);
  if (!pid)
    {
      dup2 (fd[1], STDERR_FILENO);
      options_parse ("f.yaml", text, strlen (text), &set, set ? 1 : 0);
      _exit (0);
    }
  close (fd[1]);
  size_t n = 0;
  for (ssize_t got; n + 1 < size && (got = read (fd[0], err + n, size - 1 - n)) > 0;)
    n += (size_t) got;
  err[n] = 0;
  close (fd[0]);
  ck_assert_int_eq (waitpid (pid, &status, 0), pid);
  return WIFEXITED (status) ? WEXITSTATUS (status) : -1;
}

struct failure
{
  const char *text, *set, *error; /* how the line begins, after "rescast: " */
};

static void
check_failure (const struct failure *f)
{
  char err[4096];
  int status = run (f->text, f->set, err, sizeof err);
  ck_assert_msg (status == 1, "status %d for:\n%s", status, f->text);
  ck_assert_msg (!strncmp (err, "rescast: ", 9) && !strncmp (err + 9, f->error, strlen (f->error)), "%s\ninstead of %s",
                 err, f->error);
  ck_assert_msg (strchr (err, '\n') == err + strlen (err) - 1, "no single line: %s", err);
  ck_assert_msg (strstr (err, "allowed") || strstr (err, "no YAML"), "doesn't say what is allowed: %s", err);
}

static const struct failure failures[] = {
  { "", NULL, "f.yaml:1:1: empty" },
  { "a: [\n", NULL, "f.yaml:2:1: no YAML: " },
  { "network:\n\tresnet\n", NULL, "f.yaml:2:1: no YAML: a tab can't indent" },
  { R3D "name: \"\xff\"\n", NULL, "f.yaml:4:8: byte 0xff is not UTF-8" },
  { R3D "---\n" R3D, NULL, "f.yaml:4:1: a second document" },
  { R3D "batch: &a 1\n", NULL, "f.yaml:4:8: anchor '&a'" },
  { R3D "batch: !x 1\n", NULL, "f.yaml:4:8: tag '!x'" },
  { R3D "batch: 1\nbatch: 2\n", NULL, "f.yaml:5:1: repeated key 'batch', first at 4:1" },
  { "resnet\n", NULL, "f.yaml:1:1: 'resnet'; allowed: a map" },
  { "num-classes: 2\n", NULL, "f.yaml:1:1: the key network is missing" },
  { "network: resnet5d\n", NULL, "f.yaml:1:10: network: 'resnet5d', did you mean resnet3d?" },
  { R3D "num-clases: 5\n", NULL, "f.yaml:4:1: unknown key 'num-clases', did you mean num-classes?" },
  { R3D "groups: 5\n", NULL, "f.yaml:4:1: 'groups' is a key of network resnet, not of resnet3d" },
  { "network: resnet3d\nnum-classes: 2\n", NULL, "f.yaml:1:10: network resnet3d needs the key input-size" },
  { R3D "batch: 0\n", NULL, "f.yaml:4:8: batch: '0'; allowed: an integer from 1 to 1024" },
  { R3D "batch: \"1\"\n", NULL, "f.yaml:4:8: batch: '1'" },
  { R3D, "batch=0", "--set batch:1:1: batch: '0'" },
  { R3D, "batc=0", "--set batc: unknown key 'batc', did you mean batch?" },
  { R3D, "num-filters=[1, x, 3, 4]", "--set num-filters:1:5: num-filters: 'x'" },
  { R3D, "batch", "--set 'batch': no KEY=VALUE" },
  { R3D, "batch=", "--set batch:1:1: empty" },
  { R3D "name: int\n", NULL, "f.yaml:4:7: name: 'int' is a word of C or C++; allowed: " },
  { R3D "mean: [1, 2]\n", NULL, "f.yaml:4:7: mean: 2 numbers for 1 channels" },
  { R3D "std: 0\n", NULL, "f.yaml:4:6: std: '0'" },
  { R3D "scale: -1\n", NULL, "f.yaml:4:8: scale: '-1'" },
  { R3D "scale: 1e-31\n", NULL, "f.yaml:4:8: scale: '1e-31'; allowed: a number from 1e-30 to 1e30; " },
  { R3D "std: [1e-31]\n", NULL, "f.yaml:4:7: std: '1e-31'; allowed: a number from 1e-30 to 1e30, or a list" },
  { R50 "eps: 0\n", NULL, "f.yaml:3:6: eps: '0'; allowed: a number from 1e-30 to 1e30" },
  { R50 "eps: -1e-5\n", NULL, "f.yaml:3:6: eps: '-1e-5'" },
  { R3D "eps: .nan\n", NULL, "f.yaml:4:6: eps: '.nan'" },
  { TABLE "  - 3x3, 64\neps: [1e-5]\n", NULL, "f.yaml:6:6: eps: [1e-5]" },
  { "network: sequence\ninput-size: [3, 8, 8]\nlayers: [{type: relu}]\neps: 1\n", NULL, "f.yaml:4:1: 'eps' is a key of network" },
  { R50 "affine: maybe\n", NULL, "f.yaml:3:9: affine: 'maybe'; allowed: true or false, or null" },
  { R50 "norm-layer: frozen-batch-norm\naffine: false\n", NULL, "f.yaml:4:9: affine: false with norm-layer frozen-batch-norm" },
  { R50 "resize: 223\n", NULL, "f.yaml:3:9: resize: a shorter side of 223 does not always cover the input of 224 x 224" },
  { R50 "resize: [224, 223]\n", NULL, "f.yaml:3:9: resize: [224, 223] (h, w) does not cover the input of 224 x 224" },
  { R50 "resize: [256, 256, 3]\n", NULL, "f.yaml:3:9: resize: 3 elements" },
  { R50 "resize: 0\n", NULL, "f.yaml:3:9: resize: '0'" },
  { R50 "resize: 256.5\n", NULL, "f.yaml:3:9: resize: '256.5'" },
  { R50 "resize: 65537\n", NULL, "f.yaml:3:9: resize: '65537'" },
  { R50 "input-size: [3, 224, 320]\nresize: 256\n", NULL, "f.yaml:4:9: resize: a shorter side of 256 does not always cover" },
  { R50, "resize=100", "--set resize:1:1: resize: a shorter side of 100" },
  { R50 "input-size: [4, 224, 224]\nresize: 256\n", NULL, "f.yaml:4:9: resize is of images, and this network's input is none: 2-D, 4" },
  { R3D "interpolation: bicubic\n", NULL, "f.yaml:4:16: interpolation is of images, and this network's input is none: 3-D, 1" },
  { R50 "interpolation: bicubik\n", NULL, "f.yaml:3:16: interpolation: 'bicubik', did you mean bicubic?" },
  { R3D "labels: /nonexistent\n", NULL, "f.yaml:4:9: labels: '/nonexistent': No such file or directory; allowed: " },
  { R3D "stack-depth: [1, 2]\n", NULL, "f.yaml:4:14: stack-depth has 2 elements, num-filters 4" },
  { R3D "num-filters: [1, 2, 0, 4]\n", NULL, "f.yaml:4:21: num-filters: '0'" },
  { R3D "initial-stride: 5\n", NULL, "f.yaml:2:13: input-size: extent 1 is 64; allowed: at least initial-stride 5" },
  { R3D "bottleneck-type: nome\n", NULL, "f.yaml:4:18: bottleneck-type: 'nome', did you mean none?" },
  { "network: resnet3d\ninput-size: [64, 64, 31]\nnum-classes: 10\n", NULL, "f.yaml:2:13: input-size: extent 3" },
  { "network: resnet2d\ninput-size: [31, 64]\nnum-classes: 10\n", NULL, "f.yaml:2:13: input-size: extent 1" },
  { "network: resnet3d\ninput-size: [64, 64, 64]\nnum-classes: 1\n", NULL, "f.yaml:3:14: num-classes: '1'" },
  { "network: resnet\n", NULL, "f.yaml:1:10: neither arch nor block" },
  { R50 "block: basic\n", NULL, "f.yaml:3:8: block besides arch resnet50" },
  { R50 "norm-layer: group-norm 0\n", NULL, "f.yaml:3:24: norm-layer: '0'" },
  { R50 "norm-layer: [group-norm, 3]\n", NULL,
    "f.yaml:3:13: norm-layer: num_channels must be divisible by num_groups" },
  { R50 "replace-stride-with-dilation: [true]\n", NULL,
    "f.yaml:3:31: replace-stride-with-dilation should be null or a 3-element list, got [true]" },
  { R50, "num-filters=[1, 2]", "--set num-filters:1:1: layers has 4 elements, num-filters 2" },
  { "network: resnet\narch: resnext50_32x4d\ngroups: 2\n", NULL,
    "f.yaml:3:9: groups: The parameter 'groups' expected value 32 but got 2 instead" },
  { BASIC "groups: 2\n", NULL, "f.yaml:4:9: BasicBlock only supports groups=1 and base_width=64" },
  { BASIC "width-per-group: 32\n", NULL, "f.yaml:4:18: BasicBlock only supports groups=1 and base_width=64" },
  { BASIC "replace-stride-with-dilation: [false, false, true]\n", NULL,
    "f.yaml:4:31: replace-stride-with-dilation: Dilation > 1 not supported in BasicBlock" },
  { BASIC "num-filters: [8, 4, 4, 4]\nshortcut: pad\n", NULL, "f.yaml:5:11: shortcut: pad from 8 channels to 4" },
  { DEEP "width-per-group: 65536\ngroups: 64\n", NULL, "f.yaml:4:18: stage 1 has bottlenecks of 4194304 filters" },
  { DEEP "num-filters: [65536, 65536, 65536, 65536]\n", NULL, "f.yaml:1:10: the network has about" },
  { R3D "input-size: 3\n", NULL, "f.yaml:4:1: repeated key" },
  { "network: sequence\ninput-size: [1, 65536, 32768]\nlayers: [{type: relu}]\n", NULL,
    "f.yaml:2:13: input-size: 2147483648 elements; allowed: at most 2147483647" },
  { "network: sequence\ninput-size: [1, 1048577, 2]\nlayers: [{type: relu}]\n", NULL,
    "f.yaml:2:17: input-size: '1048577'; allowed: " },
  { "network: sequence\ninput-size: [65537, 2, 2]\nlayers: [{type: relu}]\n", NULL,
    "f.yaml:2:13: input-size: 65537 channels; allowed: at most 65536" },
  { "network: resnet\narch: resnet18\nbatch: 1024\n", "input-size=[3, 840, 840]",
    "--set input-size:1:1: input-size: 2167603200 elements, batch 1024; allowed: at most 2147483647" },
  { TABLE "  - 7x7\n", NULL, "f.yaml:5:8: stages: the text ends too early; allowed here: the number of filters" },
  { TABLE "  - '3×3, 64, strid 2'\n", NULL, "f.yaml:5:13: stages: ', strid 2'" },
  { TABLE "  - \"\\u0033x3, 64, strid 2\"\n", NULL, "f.yaml:5:5: stages: ', strid 2'" },
  { TABLE "  - 3x3x3, 64\n", NULL, "f.yaml:5:5: stages: 3 extents; allowed: 2" },
  { TABLE "  - 3x3, 65537\n", NULL, "f.yaml:5:10: stages: 65537 for the number of filters" },
  { TABLE "  - 3x3, 64\n  - average pool, 11-d fc\n", NULL, "f.yaml:6:19: stages: an fc of 11" },
  { TABLE "  - '[[3x3,4][3x3,4]'\n", NULL, "f.yaml:5:21: stages: the text ends too early" },
  { "network: sequence\ninput-size: [3, 8, 8]\nlayers: [relu]\n", NULL, "f.yaml:3:10: layers: 'relu'" },
};

START_TEST (test_failure) { check_failure (&failures[_i]); }
END_TEST

START_TEST (test_defaults_resnet3d)
{
  static const int64_t depth[] = { 3, 4, 6, 3 }, filters[] = { 64, 128, 256, 512 };
  struct options *o = options_parse ("a/3d-net.v1.yaml", R3D, strlen (R3D), NULL, 0);
  ck_assert_str_eq (o->name, "net_3d_net_v1");
  ck_assert_int_eq (o->network, NETWORK_RESNET3D);
  ck_assert (o->batch == 1 && o->seed == 0 && o->scale == 1 && !o->mean.count && !o->std.count && !o->labels);
  ck_assert (o->input_size.count == 3 && o->input_channels == 1 && o->num_classes == 10);
  for (int i = 0; i < 3; i++)
    ck_assert (o->initial_filter_size[i] == 7 && o->initial_stride[i] == 2);
  ck_assert (o->initial_num_filters == 64 && o->initial_pooling_layer == POOLING_MAX);
  ck_assert (!o->batchnorm_after_add && o->bottleneck && !o->zscore);
  ck_assert (o->stack_depth.count == 4 && o->num_filters.count == 4);
  ck_assert (!memcmp (o->stack_depth.v, depth, sizeof depth) && !memcmp (o->num_filters.v, filters, sizeof filters));
}
END_TEST

START_TEST (test_defaults_resnet)
{
  struct options *o = parse (R50);
  ck_assert_str_eq (o->arch, "resnet50");
  ck_assert_str_eq (o->head, "fc");
  ck_assert (o->num_classes == 1000 && o->input_size.count == 3 && o->input_size.v[0] == 3
             && o->input_size.v[2] == 224);
  ck_assert (!o->basic_block && o->layers.count == 4 && o->layers.v[2] == 6);
  ck_assert (o->groups == 1 && o->width_per_group == 64 && !o->replace_stride_count && !o->zero_init_residual);
  ck_assert (o->norm_layer == NORM_BATCH && o->initial_num_filters == 64 && !o->pad_shortcut);
  ck_assert (o->initial_filter_size[0] == 7 && o->initial_filter_size[2] == 1);
  o = parse (R50 "input-size: [5, 7]\n");
  ck_assert (o->input_size.count == 3 && o->input_size.v[0] == 3 && o->input_size.v[1] == 5 && o->input_size.v[2] == 7);
}
END_TEST

static const struct
{
  const char *arch;
  bool basic;
  int64_t third, groups, width;
} presets[] = {
  { "resnet18", true, 2, 1, 64 },           { "resnet34", true, 6, 1, 64 },
  { "resnet50", false, 6, 1, 64 },          { "resnet101", false, 23, 1, 64 },
  { "resnet152", false, 36, 1, 64 },        { "resnext50_32x4d", false, 6, 32, 4 },
  { "resnext101_32x8d", false, 23, 32, 8 }, { "resnext101_64x4d", false, 23, 64, 4 },
  { "wide_resnet50_2", false, 6, 1, 128 },  { "wide_resnet101_2", false, 23, 1, 128 },
};

START_TEST (test_preset)
{
  struct options *o = parse (mem_printf ("network: resnet\narch: %s\n", presets[_i].arch));
  ck_assert (o->basic_block == presets[_i].basic && o->layers.v[2] == presets[_i].third);
  ck_assert (o->groups == presets[_i].groups && o->width_per_group == presets[_i].width);
}
END_TEST

START_TEST (test_torchvision_allows)
{
  /* What the source lets a caller change. */
  ck_assert_int_eq (parse ("network: resnet\narch: wide_resnet50_2\ngroups: 2\n")->groups, 2);
  ck_assert_int_eq (parse ("network: resnet\narch: resnext50_32x4d\ngroups: 32\n")->groups, 32);
  /* The first block of a stage has the dilation of the stage before, so this basic net has none. */
  ck_assert_int_eq (parse ("network: resnet\nblock: basic\nlayers: [2, 2, 2, 1]\n"
                           "replace-stride-with-dilation: [false, false, true]\n")
                        ->replace_stride_count,
                    3);
  struct options *o = parse (R50 "norm-layer: group-norm 32\n");
  ck_assert (o->norm_layer == NORM_GROUP && o->norm_groups == 32);
  ck_assert (parse (R50 "norm-layer: [group-norm, 4]\n")->norm_groups == 4);
  o = parse ("network: resnet\nblock: basic\nlayers: [3, 3, 3]\nnum-filters: [16, 32, 64]\ninitial-filter-size: 3\n"
             "initial-stride: 1\ninitial-pooling-layer: none\nshortcut: pad\nhead: linear\ninput-size: [3, 32, 32]\n");
  ck_assert (o->initial_num_filters == 16 && o->pad_shortcut && o->initial_pooling_layer == POOLING_NONE);
  ck_assert_str_eq (o->head, "linear");
}
END_TEST

START_TEST (test_least_input)
{
  parse ("network: resnet3d\ninput-size: [32, 32, 32]\nnum-classes: 2\n");
  parse ("network: resnet3d\ninput-size: [8, 16, 16, 2]\nnum-classes: 2\ninitial-stride: [1, 2, 2]\n"
         "initial-pooling-layer: none\n");
  parse ("network: resnet2d\ninput-size: [32, 32, 3]\nnum-classes: 2\nmean: [1, 2, 3]\n");
}
END_TEST

START_TEST (test_set)
{
  static const char *const set[] = { "batch=4", "name=other", "num-filters=[8, 16, 32, 64]", "batch=5" };
  struct options *o = options_parse ("f.yaml", R3D, strlen (R3D), set, 4);
  ck_assert (o->batch == 5 && o->num_filters.v[3] == 64);
  ck_assert_str_eq (o->name, "other");
  ck_assert_int_eq (parse_set (R50, "arch=resnet18")->basic_block, true);
}
END_TEST

START_TEST (test_files_of_windows)
{
  struct options *o = parse ("\xef\xbb\xbfnetwork: resnet\r\narch: resnet50\r\nbatch: 2\r\n");
  ck_assert_int_eq (o->batch, 2);
}
END_TEST

START_TEST (test_labels)
{
  char folder[] = "/tmp/rescast-options-XXXXXX";
  ck_assert_ptr_nonnull (mkdtemp (folder));
  const char *labels = mem_printf ("%s/l.txt", folder), *path = mem_printf ("%s/o.yaml", folder);
  /* the classifier's rules: tests/test_runtime.c has more of them */
  static const char lines[] = "\xef\xbb\xbf" "cat\r\ntabby cat, tiger \nlast\n\n", text[] = R50 "num-classes: 3\nlabels: l.txt\n";
  file_write (labels, lines, sizeof lines - 1);
  file_write (path, text, sizeof text - 1);
  struct options *o = options_read (path, NULL, 0);
  unlink (labels);
  unlink (path);
  rmdir (folder);
  ck_assert_uint_eq (o->label_count, 3);
  ck_assert_str_eq (o->labels[0], "cat");
  ck_assert_str_eq (o->labels[1], "tabby cat, tiger");
  ck_assert_str_eq (o->labels[2], "last");
}
END_TEST

static const char *const round_trips[] = {
  R3D,
  R3D "mean: 0.1\nstd: [3]\nscale: 255\nseed: 7\nnormalization: zscore\nlabels: null\n",
  "network: resnet2d\ninput-size: [64, 65, 3]\nnum-classes: 2\nbottleneck-type: none\ninitial-stride: [1, 2]\n",
  R50,
  R50 "resize: 256\ninterpolation: bicubic\neps: 0.001\naffine: true\n",
  R50 "resize: [256, 300]\naffine: false\n",
  BASIC "norm-layer: instance-norm\nzero-init-residual: true\n",
  DEEP "groups: 4\nwidth-per-group: 8\nreplace-stride-with-dilation: [false, True, true]\nnorm-layer: group-norm 2\n",
  TABLE "  - \"7×7, 64, stride 2\"\n  - '[3x3, 64; 3x3, 64] x 2'\n",
  "network: sequence\ninput-size: [3, 8, 8]\nlayers:\n  - {type: conv, name: '1', padding: same, a: [1, \"x: y\"]}\n",
};

START_TEST (test_round_trip)
{
  char *text = options_text (parse (round_trips[_i]));
  struct options *again = parse (text);
  ck_assert_str_eq (options_text (again), text);
}
END_TEST

static struct table *
table (const char *input, const char *stages)
{
  return parse (mem_printf ("network: table\ninput-size: %s\nnum-classes: 10\nstages:\n%s", input, stages))->table;
}

/* Ways to write the same block three times. */
static const char *const blocks[] = {
  "[[1x1,64][3x3,64][1x1,256]]x3",
  "[[1x1,64] [3x3, 64] [1x1, 256]] x 3",
  "[1×1, 64; 3×3, 64; 1×1, 256] × 3",
  "[ 1x1, 64 3x3, 64 1x1, 256 ]*3",
  "[1X1, 64, 3X3, 64, 1X1, 256]X3",
  "conv2_x: [1x1,64; 3x3,64; 1x1,256]x3, stride 1",
  "\\begin{bmatrix} 1x1, & 64 \\\\ 3x3, & 64 \\\\ 1x1, & 256 \\end{bmatrix}*3",
  "\\left[\\begin{array}{c}\\text{1$\\times$1,64}\\\\[-.1em] 3x3,64\\\\ 1x1,256\\end{array}\\right]$\\times$3",
};

START_TEST (test_blocks)
{
  struct table_stage *t = table ("[3, 64, 64]", mem_printf ("  - '%s'\n", blocks[_i]))->stages;
  ck_assert (t->kind == TABLE_BLOCKS && t->repeat == 3 && t->conv_count == 3 && t->stride[2] == 1);
  ck_assert (t->convs[0].filters == 64 && t->convs[1].filters == 64 && t->convs[2].filters == 256);
  ck_assert (t->convs[1].kernel[0] == 1 && t->convs[1].kernel[1] == 3 && t->convs[2].kernel[2] == 1);
}
END_TEST

START_TEST (test_table)
{
  struct table *t
      = table ("[3, 64, 64]", "  - 7x7, 64, stride 2\n  - 3x3 max pool, stride 2\n"
                              "  - '[[1x1,64][3x3,64][1x1,256]]x3'\n  - '[[1x1,128][3x3,128,C=4][1x1,512]]x4'\n"
                              "  - average pool, 10-d fc, softmax\n");
  ck_assert_int_eq (t->count, 5);
  ck_assert (t->stages[0].kind == TABLE_CONV && t->stages[0].convs[0].filters == 64 && t->stages[0].stride[0] == 1);
  ck_assert (t->stages[0].stride[1] == 2 && t->stages[1].kind == TABLE_MAX_POOL && t->stages[1].stride[2] == 2);
  ck_assert (t->stages[2].stride[1] == 1 && t->stages[3].stride[1] == 2 && t->stages[3].convs[1].groups == 4);
  ck_assert (t->stages[4].kind == TABLE_HEAD && t->stages[4].global_pool && t->stages[4].classes == 10 && t->softmax);
  t = table ("[1, 8, 16, 32]", "  - 3x5x7 conv, 8, /2\n  - max pool 2x3x3, stride 1x2x2\n  - fc\n");
  ck_assert (t->stages[0].convs[0].kernel[0] == 3 && t->stages[0].convs[0].kernel[2] == 7
             && t->stages[0].stride[0] == 2);
  ck_assert (t->stages[1].stride[0] == 1 && t->stages[1].stride[1] == 2 && t->stages[2].classes == 10 && !t->softmax);
}
END_TEST

Suite *options_suite (void);

Suite *
options_suite (void)
{
  Suite *suite = suite_create ("options");
  TCase *c = tcase_create ("options");
  tcase_add_loop_test (c, test_failure, 0, sizeof failures / sizeof *failures);
  tcase_add_test (c, test_defaults_resnet3d);
  tcase_add_test (c, test_defaults_resnet);
  tcase_add_loop_test (c, test_preset, 0, sizeof presets / sizeof *presets);
  tcase_add_test (c, test_torchvision_allows);
  tcase_add_test (c, test_least_input);
  tcase_add_test (c, test_set);
  tcase_add_test (c, test_files_of_windows);
  tcase_add_test (c, test_labels);
  tcase_add_loop_test (c, test_round_trip, 0, sizeof round_trips / sizeof *round_trips);
  tcase_add_loop_test (c, test_blocks, 0, sizeof blocks / sizeof *blocks);
  tcase_add_test (c, test_table);
  suite_add_tcase (suite, c);
  return suite;
}
