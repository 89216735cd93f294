/* Networks known by their tensors' names: what is read of a network's own tensors builds the same network again. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "folder.h"
#include "frontend/families/families.h"
#include "frontend/frontend.h"
#include "graph/init.h"

/* A file with the tensors of G's parameters under PREFIX: no elements, which no family looks at. */
static struct weights *
tensors_of (const struct graph *g, const char *prefix)
{
  struct weight *list = NEW_ARRAY ((size_t) g->param_count, struct weight);
  for (int i = 0; i < g->param_count; i++)
    {
      const struct param *p = g->params[i];
      list[i] = (struct weight){ .name = mem_printf ("%s%s", prefix, p->name), .dtype = DTYPE_F32, .rank = p->rank };
      memcpy (list[i].shape, p->shape, (size_t) p->rank * sizeof *p->shape);
    }
  return weights_of_list ("net.pth", list, (size_t) g->param_count, 0);
}

static struct graph *
graph_of (const char *text)
{
  return source_build (source_parse ("net.yaml", text));
}

/* What FAMILY reads of the tensors of OPTIONS. */
static struct reading
reading_of (const struct family *family, const char *options, const char *prefix)
{
  const struct weights_view view = { tensors_of (graph_of (options), prefix) };
  const struct tensors t = { .path = "net.pth", .view = &view, .prefix = prefix };
  struct reading r;
  ck_assert_msg (family->read (&t, &r), "%s", options);
  return r;
}

/* OPTIONS are read as WHAT, and built from that as they are. */
static struct reading
same (const struct family *family, const char *options, const char *what)
{
  const struct reading r = reading_of (family, options, "module.");
  const struct graph *g = graph_of (options), *again = graph_of (r.text);
  ck_assert_str_eq (r.what, what);
  ck_assert_int_eq (g->node_count, again->node_count);
  ck_assert_int_eq (g->param_count, again->param_count);
  for (int i = 0; i < g->node_count; i++)
    {
      const struct shape *a = &g->tensors[g->nodes[i].out].shape, *b = &again->tensors[again->nodes[i].out].shape;
      ck_assert_msg (shape_count (a) == shape_count (b), "%s: %s: %s and %s", what, g->nodes[i].name, shape_text (a),
                     shape_text (b));
    }
  return r;
}

START_TEST (torchvision_archs)
{
  static const char *const archs[]
      = { "resnet18",        "resnet34",         "resnet50",         "resnet101",       "resnet152",
          "resnext50_32x4d", "resnext101_32x8d", "resnext101_64x4d", "wide_resnet50_2", "wide_resnet101_2" };
  for (size_t i = 0; i < sizeof archs / sizeof *archs; i++)
    {
      const struct reading r
          = same (&torchvision_family, mem_printf ("network: resnet\narch: %s\nnum-classes: 7\n", archs[i]),
                  mem_printf ("torchvision %s, 7 classes", archs[i]));
      ck_assert_ptr_ne (strstr (r.text, mem_printf ("arch: %s\n", archs[i])), NULL);
    }
}
END_TEST

START_TEST (resnets_of_other_sizes)
{
  same (&torchvision_family,
        "network: resnet\nblock: bottleneck\nlayers: [1, 2]\nnum-filters: [32, 48]\ngroups: 2\nwidth-per-group: 16\n",
        "a ResNet of 11 layers, 1000 classes");
  same (&torchvision_family,
        "network: resnet\nblock: basic\nlayers: [3, 3, 3]\nnum-filters: [16, 32, 64]\ninitial-filter-size: "
        "3\ninitial-stride: 1\n"
        "initial-pooling-layer: none\nshortcut: pad\nhead: linear\nnum-classes: 10\ninput-size: [3, 32, 32]\n",
        "a ResNet of 20 layers as for CIFAR, 10 classes");
  same (&torchvision_family,
        "network: resnet\nblock: basic\nlayers: [2, 2, 2, 2]\ninitial-filter-size: 3\ninitial-stride: "
        "1\ninitial-pooling-layer: none\n"
        "num-classes: 100\ninput-size: [3, 32, 32]\n",
        "a ResNet of 18 layers as for CIFAR, 100 classes");
}
END_TEST

/* ---- video ---- */

static void
put (struct weight *list, size_t *count, const char *name, const int64_t *shape, int rank)
{
  struct weight *w = &list[(*count)++];
  *w = (struct weight){ .name = name, .dtype = DTYPE_F32, .rank = rank };
  memcpy (w->shape, shape, (size_t) rank * sizeof *shape);
}

/* The convolutions of torchvision's r3d_18, mc3_18 (FLAT after the first stage) or r2plus1d_18 (TWO), and their last
 * layer. */
static struct weights *
video (bool two, bool flat)
{
  struct weight *list = NEW_ARRAY (256, struct weight);
  size_t n = 0;
  put (list, &n, "stem.0.weight", (const int64_t[]){ two ? 45 : 64, 3, two ? 1 : 3, 7, 7 }, 5);
  if (two)
    put (list, &n, "stem.3.weight", (const int64_t[]){ 64, 45, 3, 1, 1 }, 5);
  put (list, &n, "fc.weight", (const int64_t[]){ 400, 512 }, 2);
  for (int stage = 1; stage <= 4; stage++)
    for (int block = 0; block < 2; block++)
      for (int k = 1; k <= 2; k++)
        {
          const int64_t filters = 32 << stage, in = stage > 1 && !block && k == 1 ? filters / 2 : filters,
                        time = flat && stage > 1 ? 1 : 3;
          const char *name = mem_printf ("layer%d.%d.conv%d", stage, block, k);
          put (list, &n, mem_printf ("%s.1.weight", name), &filters, 1);
          if (two)
            {
              put (list, &n, mem_printf ("%s.0.0.weight", name), (const int64_t[]){ 144, in, 1, 3, 3 }, 5);
              put (list, &n, mem_printf ("%s.0.3.weight", name), (const int64_t[]){ filters, 144, 3, 1, 1 }, 5);
            }
          else
            put (list, &n, mem_printf ("%s.0.weight", name), (const int64_t[]){ filters, in, time, 3, 3 }, 5);
          if (stage > 1 && !block && k == 1)
            put (list, &n, mem_printf ("layer%d.0.downsample.0.weight", stage),
                 (const int64_t[]){ filters, in, 1, 1, 1 }, 5);
        }
  return weights_of_list ("video.pth", list, n, 0);
}

/* The last map of the network that T's tensors are read as. */
static const char *
last_map (bool two, bool flat, const char *what)
{
  const struct weights_view view = { video (two, flat) };
  const struct tensors t = { .path = "video.pth", .view = &view, .prefix = "" };
  struct reading r;
  ck_assert (torchvision_video_family.read (&t, &r));
  ck_assert_str_eq (r.what, what);
  const struct graph *g = graph_of (r.text);
  for (int i = g->node_count - 1; i > 0; i--)
    if (g->nodes[i].op == OP_GLOBAL_AVERAGE_POOL)
      return shape_text (&g->tensors[g->nodes[i].in[0]].shape);
  return "none";
}

START_TEST (torchvision_video)
{
  ck_assert_str_eq (last_map (false, false, "torchvision r3d_18, 400 classes"), "512 x 2 x 7 x 7");
  ck_assert_str_eq (last_map (false, true, "torchvision mc3_18, 400 classes"), "512 x 16 x 7 x 7");
  ck_assert_str_eq (last_map (true, false, "torchvision r2plus1d_18, 400 classes"), "512 x 2 x 7 x 7");
}
END_TEST

/* ---- volumes ---- */

/* Two stages of one block each, bottlenecks in GROUPS or, 0, basic ones; shortcuts with a bias where BIASED. */
static struct weights *
volumes (int groups, bool biased)
{
  struct weight *list = NEW_ARRAY (64, struct weight);
  size_t n = 0;
  put (list, &n, "conv1.weight", (const int64_t[]){ 64, 1, 7, 7, 7 }, 5);
  put (list, &n, "fc.weight", (const int64_t[]){ 5, groups ? 512 : 128 }, 2);
  for (int stage = 1; stage <= 2; stage++)
    {
      const int64_t filters = 32 << stage, out = groups ? 4 * filters : filters, in = stage == 1 ? 64 : out / 2;
      const char *name = mem_printf ("layer%d.0", stage);
      if (groups)
        {
          put (list, &n, mem_printf ("%s.conv1.weight", name), (const int64_t[]){ filters, in, 1, 1, 1 }, 5);
          put (list, &n, mem_printf ("%s.conv2.weight", name), (const int64_t[]){ filters, filters / groups, 3, 3, 3 },
               5);
          put (list, &n, mem_printf ("%s.conv3.weight", name), (const int64_t[]){ out, filters, 1, 1, 1 }, 5);
        }
      else
        {
          put (list, &n, mem_printf ("%s.conv1.weight", name), (const int64_t[]){ filters, in, 3, 3, 3 }, 5);
          put (list, &n, mem_printf ("%s.conv2.weight", name), (const int64_t[]){ filters, filters, 3, 3, 3 }, 5);
        }
      if (in != out)
        put (list, &n, mem_printf ("%s.downsample.0.weight", name), (const int64_t[]){ out, in, 1, 1, 1 }, 5);
      if (biased && in != out)
        put (list, &n, mem_printf ("%s.downsample.0.bias", name), &out, 1);
    }
  return weights_of_list ("volumes.pth", list, n, 0);
}

/* What FAMILY reads of them; NULL: nothing. */
static const char *
volumes_read (const struct family *family, int groups, bool biased, struct reading *r)
{
  const struct weights_view view = { volumes (groups, biased) };
  const struct tensors t = { .path = "volumes.pth", .view = &view, .prefix = "" };
  return family->read (&t, r) ? r->what : NULL;
}

START_TEST (resnets_over_volumes)
{
  struct reading r;
  ck_assert_str_eq (volumes_read (&kenshohara_family, 0, false, &r), "kenshohara's 3-D resnet6, 5 classes");
  const struct graph *g = graph_of (r.text);
  ck_assert_str_eq (shape_text (&g->tensors[g->nodes[1].out].shape), "64 x 16 x 56 x 56");
  ck_assert_str_eq (volumes_read (&kenshohara_family, 4, false, &r), "kenshohara's 3-D resnext8, 5 classes");
  ck_assert_ptr_ne (strstr (r.text, "name: layer2.0.conv2, filters: 128, kernel-size: 3, stride: 2, padding: 1, groups: 4}"),
                    NULL);
  ck_assert_str_eq (volumes_read (&monai_family, 0, false, &r), "MONAI's resnet6 over 3 axes, 5 classes");
  ck_assert_str_eq (volumes_read (&monai_family, 0, true, &r), "MONAI's resnet6 over 3 axes, 5 classes");
  ck_assert_ptr_eq (volumes_read (&kenshohara_family, 0, true, &r), NULL);
  g = graph_of (mem_printf ("input-size: [1, 32, 40, 48]\n%s", r.text));
  ck_assert_str_eq (shape_text (&g->tensors[g->nodes[1].out].shape), "64 x 32 x 40 x 48");
}
END_TEST

/* ---- timm ---- */

/* Tensors in words: "NAME EXTENT ...; NAME EXTENT ..."; a name that ends in a bracket stands for several, those of a
 * normalisation "bn1[]" with its statistics, "bn1()" without; one that ends in "!" is the whole name, others lack
 * ".weight". */
static struct weights *
tensors_of_words (const char *words)
{
  static const char *const statistics[] = { "weight", "bias", "running_mean", "running_var" };
  struct weight *list = NEW_ARRAY (256, struct weight);
  size_t n = 0;
  for (const char *at = words; *at; at += strspn (at, "; "))
    {
      const char *name = mem_strndup (at, strcspn (at, " ")), *bracket = strpbrk (name, "[(!");
      int64_t shape[WEIGHT_MAX_RANK];
      int rank = 0;
      for (at += strlen (name); *at && *at != ';'; rank++)
        shape[rank] = strtoll (at, (char **) &at, 10);
      for (int i = 0; bracket && *bracket != '!' && i < (*bracket == '[' ? 4 : 2); i++)
        put (list, &n, mem_printf ("%.*s.%s", (int) (bracket - name), name, statistics[i]), shape, rank);
      if (!bracket || *bracket == '!')
        put (list, &n, bracket ? mem_strndup (name, (size_t) (bracket - name)) : mem_printf ("%s.weight", name), shape,
             rank);
    }
  return weights_of_list ("words.pth", list, n, 0);
}

#define DEEP "conv1.0 32 3 3 3; conv1.1[] 32; conv1.3 32 32 3 3; conv1.4[] 32; conv1.6 64 32 3 3; bn1[] 64; fc 9 128; "
#define BASIC_BLOCK(stage, in, out)                                                                                    \
  "layer" stage ".0.conv1 " out " " in " 3 3; layer" stage ".0.bn1[] " out "; layer" stage ".0.conv2 " out " " out     \
  " 3 3; layer" stage ".0.bn2[] " out "; "
#define AVERAGED_SHORTCUT "layer2.0.downsample.1 128 64 1 1; layer2.0.downsample.2[] 128; "
#define D_STAGES BASIC_BLOCK ("1", "64", "64") BASIC_BLOCK ("2", "64", "128") AVERAGED_SHORTCUT

/* The extents that are asked for, over the fraction that is kept. */
START_TEST (preparation)
{
  static const char *const set[] = { "input-size=[3, 256,320]", "crop-fraction=0.95" };
  const struct weights_view view = { tensors_of_words (DEEP D_STAGES) };
  bool looked_at[2] = { false };
  const struct tensors t = { .path = "a.pth", .view = &view, .prefix = "", .set = set, .set_count = 2,
                             .looked_at = looked_at };
  struct reading r;
  ck_assert (timm_family.read (&t, &r));
  ck_assert_ptr_nonnull (strstr (r.text, "resize: [336]\ninterpolation: bicubic\n"));
  ck_assert (!looked_at[0] && looked_at[1]);
}
END_TEST

/* What WORDS in the file PATH are read as, with SET; NULL: as nothing. */
static const char *
timm_read (const char *path, const char *words, const char *set, struct reading *r)
{
  const struct weights_view view = { tensors_of_words (words) };
  const struct tensors t = { .path = path, .view = &view, .prefix = "", .set = &set, .set_count = set ? 1 : 0 };
  if (!timm_family.read (&t, r))
    return NULL;
  graph_of (r->text);
  return r->what;
}

/* Deep stems, average pools in front of shortcuts' convolutions, what stands in place of the max pool. */
START_TEST (timm_stems)
{
  struct reading r;
  ck_assert_str_eq (timm_read ("a.pth", DEEP D_STAGES, NULL, &r), "timm resnet6d, 9 classes");
  ck_assert_ptr_null (r.either);
  ck_assert_ptr_nonnull (strstr (r.text, "  - {type: average-pool, name: layer2.0.downsample.0, input: layer1.0.act2, "
                                         "kernel-size: 2, padding: [[0, 0], [1, 1]], count-include-pad: false}\n"
                                         "  - {type: conv, name: layer2.0.downsample.1, filters: 128, kernel-size: 1}"));
  ck_assert_ptr_nonnull (strstr (r.text, "name: layer2.0.conv1, filters: 128, kernel-size: 3, "
                                         "stride: 2, padding: 1}"));
  ck_assert_str_eq (timm_read ("a.pth", DEEP D_STAGES "maxpool.0 64 64 3 3; maxpool.1[] 64", "activation=silu", &r),
                    "timm resnetrs6, 9 classes");
  ck_assert_ptr_null (strstr (r.text, "max-pool"));
  ck_assert_ptr_null (strstr (r.text, "relu"));
  ck_assert_ptr_nonnull (strstr (r.text, "{type: silu, name: maxpool.2}"));
  ck_assert_ptr_null (timm_read ("a.pth", DEEP BASIC_BLOCK ("1", "64", "64") BASIC_BLOCK ("2", "64", "128"), NULL, &r));
}
END_TEST

/* Anti-aliasing has no tensors: what --set says, or the file's name; or filters that timm once wrote. */
START_TEST (timm_anti_aliasing)
{
  struct reading r;
  static const char pool[] = "{type: average-pool, name: layer2.0.aa, kernel-size: 2}";
  ck_assert_str_eq (timm_read ("a.pth", DEEP D_STAGES, "anti-aliasing=average", &r), "timm resnetaa6d, 9 classes");
  ck_assert_ptr_nonnull (strstr (r.text, pool));
  ck_assert_str_eq (timm_read ("resnet/resnetaa6d.pth", DEEP D_STAGES, NULL, &r), "timm resnetaa6d, 9 classes");
  ck_assert_ptr_nonnull (strstr (r.text, pool));
  ck_assert_str_eq (timm_read ("resnetaa50/resnet6d.pth", DEEP D_STAGES, NULL, &r), "timm resnet6d, 9 classes");
  ck_assert_str_eq (timm_read ("a.pth", DEEP D_STAGES "layer2.0.aa.filt! 128 1 3 3", NULL, &r),
                    "timm resnetblur6d, 9 classes");
}
END_TEST

/* The filter 1 2 1 with reflected edges, as two means. */
START_TEST (timm_blur)
{
  struct reading r;
  ck_assert_str_eq (timm_read ("resnetblur6d.pth", DEEP D_STAGES, NULL, &r), "timm resnetblur6d, 9 classes");
  ck_assert_ptr_nonnull (strstr (
      r.text, "{type: average-pool, name: layer2.0.aa.pairs, kernel-size: 2, stride: 1}\n"
              "  - {type: average-pool, name: layer2.0.aa, kernel-size: 2, padding: 1, count-include-pad: false}"));
}
END_TEST

START_TEST (timm_attention)
{
  struct reading r;
  ck_assert_str_eq (timm_read ("a.pth", DEEP D_STAGES "layer1.0.se.fc1 8 64 1 1; layer1.0.se.fc2 64 8 1 1", NULL, &r),
                    "timm seresnet6d, 9 classes");
  ck_assert_ptr_nonnull (strstr (r.text, "{type: multiply, name: layer1.0.se.scale, input: [layer1.0.bn2, "
                                         "layer1.0.se.gate]}"));
  ck_assert_str_eq (timm_read ("a.pth", DEEP D_STAGES "layer1.0.se.conv 1 1 5", NULL, &r),
                    "timm ecaresnet6d, 9 classes");
  ck_assert_ptr_nonnull (strstr (r.text, "{type: conv, name: layer1.0.se.conv, filters: 1, kernel-size: [5, 1], "
                                         "padding: [2, 0]}"));
  ck_assert_ptr_null (timm_read ("a.pth", DEEP D_STAGES "layer1.0.se.fc1 8 32 1 1; layer1.0.se.fc2 64 8 1 1", NULL,
                                 &r));
}
END_TEST

START_TEST (timm_group_norm)
{
  struct reading r;
  ck_assert_str_eq (timm_read ("a.pth", "conv1 64 3 7 7; bn1() 64; fc 3 64; layer1.0.conv1 64 64 3 3; layer1.0.bn1() 64; "
                                        "layer1.0.conv2 64 64 3 3; layer1.0.bn2() 64",
                               "eps=1e-3", &r),
                    "timm resnet4_gn, 3 classes");
  ck_assert_ptr_nonnull (strstr (r.text, "{type: group-norm, name: layer1.0.bn1, groups: 32, eps: 1e-3}"));
}
END_TEST

/* Two branches, each of half of the channels; softmax over the two. */
START_TEST (timm_selective_kernels)
{
  struct reading r;
#define UNIT(name, shape, filters) name ".conv " shape "; " name ".bn[] " filters "; "
#define SELECTIVE(name, shape, filters, within, both)                                                                  \
  UNIT (name ".paths.0", shape, filters) UNIT (name ".paths.1", shape, filters) name ".attn.fc_reduce " within " "     \
  filters " 1 1; " name ".attn.bn[] " within "; " name ".attn.fc_select " both " " within " 1 1; "
  ck_assert_str_eq (timm_read ("a.pth", "conv1 32 3 7 7; bn1[] 32; fc 3 32; "
                                        SELECTIVE ("layer1.0.conv1", "32 16 3 3", "32", "8", "64")
                                        UNIT ("layer1.0.conv2", "32 32 3 3", "32"), NULL, &r),
                    "timm skresnet4, 3 classes");
  ck_assert_ptr_nonnull (strstr (r.text, "{type: slice, name: layer1.0.conv1.split.1, input: maxpool, start: 16, "
                                         "end: 32}\n  - {type: conv, name: layer1.0.conv1.paths.1.conv, filters: 32, "
                                         "kernel-size: 3, padding: 2, dilation: 2}"));
  ck_assert_ptr_nonnull (strstr (r.text, "shape: [2, 32, 1]}\n  - {type: softmax,"));
  ck_assert_str_eq (timm_read ("a.pth", "conv1 32 3 7 7; bn1[] 32; fc 3 256; "
                                        UNIT ("layer1.0.conv1", "32 32 1 1", "32")
                                        SELECTIVE ("layer1.0.conv2", "32 8 3 3", "32", "8", "64")
                                        UNIT ("layer1.0.conv3", "256 32 1 1", "256")
                                        "layer1.0.downsample.0 256 32 1 1; layer1.0.downsample.1[] 256", NULL, &r),
                    "timm skresnext5_4x8d, 3 classes");
  ck_assert_ptr_null (strstr (r.text, "split.1"));
#undef UNIT
#undef SELECTIVE
}
END_TEST

/* Which side of the attention strides is told by its radix and groups, by the file's name or by --set. */
START_TEST (timm_split_attention)
{
  struct reading r;
#define BLOCK(name, in, conv, filters, within)                                                                         \
  name ".conv1 16 " in " 1 1; " name ".bn1[] 16; " name ".conv2.conv " filters " " conv " 3 3; " name                  \
  ".conv2.bn0[] " filters "; " name ".conv2.fc1 8 " within " 1 1; " name ".conv2.bn1[] 8; " name ".conv2.fc2 " filters \
  " 4 1 1; " name ".conv3 256 16 1 1; " name ".bn3[] 256; " name ".downsample.1 256 " in " 1 1; " name                 \
  ".downsample.2[] 256; "
  static const char stem[] = "conv1.0 8 3 3 3; conv1.1[] 8; conv1.3 8 8 3 3; conv1.4[] 8; conv1.6 16 8 3 3; bn1[] 16; "
                             "fc 5 256; ";
  const char *two = mem_printf ("%s" BLOCK ("layer1.0", "16", "4", "32", "8") BLOCK ("layer2.0", "256", "4", "32", "8"),
                                stem);
  ck_assert_str_eq (timm_read ("a.pth", two, NULL, &r), "timm resnest8d_2s2x8d, 5 classes");
  ck_assert_ptr_nonnull (strstr (r.text, "name: layer2.0.avd_first, kernel-size: 3, stride: 2, padding: 1}"));
  ck_assert_ptr_nonnull (strstr (r.text, "{type: reshape, name: layer1.0.conv2.paths, split: [2, 2, 8], order: "
                                         "[1, 0, 2], shape: [2, 16, 1]}"));
  timm_read ("a.pth", two, "avd-first=false", &r);
  ck_assert_ptr_nonnull (strstr (r.text, "name: layer2.0.avd_last, kernel-size: 3, stride: 2, padding: 1}"));
  ck_assert_ptr_null (timm_read ("a.pth", mem_printf ("%slayer1.0.conv1 0 16 1 1; layer1.0.conv2.conv 8 4 3 3; "
                                                      "layer1.0.conv2.fc1 8 8 1 1; layer1.0.conv3 256 4 1 1", stem),
                                 NULL, &r));
  ck_assert_ptr_null (timm_read ("a.pth", mem_printf ("%slayer1.0.conv1 8 16 1 1; layer1.0.conv2.conv 0 4 3 3; "
                                                      "layer1.0.conv2.fc1 8 8 1 1; layer1.0.conv3 256 4 1 1", stem),
                                 NULL, &r));
#undef BLOCK
}
END_TEST

/* ---- others, in words ---- */

/* What FAMILY reads of WORDS. */
static const char *
read_words (const struct family *family, const char *words, struct reading *r)
{
  const struct weights_view view = { tensors_of_words (words) };
  const struct tensors t = { .path = "words.pth", .view = &view, .prefix = "" };
  return family->read (&t, r) ? r->what : NULL;
}

/* Shortcuts without parameters: MONAI's are told by that over images; over one axis a signal is a map. */
START_TEST (shortcuts_of_type_a)
{
  struct reading r;
#define STAGES(taps)                                                                                                   \
  "bn1[] 8; layer1.0.conv1 8 8 " taps "; layer1.0.conv2 8 8 " taps "; layer2.0.conv1 16 8 " taps                       \
  "; layer2.0.conv2 16 16 " taps "; fc 4 16"
  static const char flat[] = "conv1 8 1 7 7; " STAGES ("3 3"), line[] = "conv1 8 1 7; " STAGES ("3");
  static const char deep[] = "conv1 8 1 7 7 7; " STAGES ("3 3 3");
  ck_assert_ptr_null (read_words (&torchvision_family, flat, &r));
  ck_assert_str_eq (read_words (&monai_family, flat, &r), "MONAI's resnet6 over 2 axes, 4 classes");
  ck_assert_ptr_nonnull (strstr (r.text, "{type: subsample, name: layer2.0.downsample, input: layer1.0.relu, stride: 2, "
                                         "channels: 16}"));
  ck_assert_str_eq (read_words (&monai_family, line, &r), "MONAI's resnet6 over 1 axis, 4 classes");
  const struct graph *g = graph_of (mem_printf ("input-size: [1, 64, 1]\n%s", r.text));
  ck_assert_str_eq (shape_text (&g->tensors[g->nodes[g->node_count - 4].in[0]].shape), "16 x 16 x 1");
  ck_assert_str_eq (read_words (&kenshohara_family, deep, &r), "kenshohara's 3-D resnet6, 4 classes");
  graph_of (r.text);
#undef STAGES
}
END_TEST

START_TEST (pre_activation)
{
  struct reading r;
  static const char words[] = "conv1 8 3 7 7 7; bn1[] 8; layer1.0.bn1[] 8; layer1.0.conv1 8 8 3 3 3; "
                              "layer1.0.conv2 8 8 3 3 3; layer2.0.bn1[] 8; layer2.0.conv1 16 8 3 3 3; "
                              "layer2.0.conv2 16 16 3 3 3; fc 4 16";
  ck_assert_str_eq (read_words (&kenshohara_family, words, &r),
                    "kenshohara's 3-D pre-activation resnet6, 4 classes");
  ck_assert_ptr_nonnull (strstr (r.text, "name: layer2.0.bn1}\n  - {type: relu, name: "
                                         "layer2.0.relu1}\n  - {type: conv, name: layer2.0.conv1"));
  ck_assert_ptr_null (read_words (&monai_family, words, &r));
  graph_of (r.text);
}
END_TEST

START_TEST (two_plus_one)
{
  struct reading r;
  static const char words[] = "conv1_s 9 3 1 7 7; bn1_s[] 9; conv1_t 8 9 7 1 1; bn1_t[] 8; layer1.0.conv1_s 12 8 1 3 3; "
                              "layer1.0.conv1_t 8 12 3 1 1; layer1.0.conv2_s 12 8 1 3 3; layer1.0.conv2_t 8 12 3 1 1; "
                              "fc 4 8";
  ck_assert_str_eq (read_words (&kenshohara_family, words, &r), "kenshohara's R(2+1)D resnet4, 4 classes");
  ck_assert_ptr_nonnull (strstr (r.text, "{type: conv, name: conv1_s, filters: 9, kernel-size: [1, 7, 7], stride: "
                                         "[1, 2, 2], padding: [0, 3, 3]}"));
  graph_of (r.text);
}
END_TEST

START_TEST (medicalnet)
{
  struct reading r;
#define STAGE(number, in, out)                                                                                        \
  "layer" number ".0.conv1 " out " " in " 3 3 3; layer" number ".0.conv2 " out " " out " 3 3 3; "
  static const char words[] = "conv1 8 1 7 7 7; bn1[] 8; " STAGE ("1", "8", "8") STAGE ("2", "8", "16")
      STAGE ("3", "16", "16") STAGE ("4", "16", "32") "conv_seg.0 32 6 2 2 2; conv_seg.3 6 6 3 3 3; conv_seg.6 2 6 1 1 1";
  ck_assert_str_eq (read_words (&medicalnet_family, words, &r), "MedicalNet's resnet10, 2 classes");
  ck_assert_ptr_nonnull (strstr (r.text, "name: layer4.0.conv1, filters: 32, kernel-size: 3, "
                                         "padding: 4, dilation: 4}"));
  const struct graph *g = graph_of (r.text);
  ck_assert_str_eq (shape_text (&g->tensors[g->nodes[g->node_count - 1].out].shape), "2 x 14 x 112 x 112");
  static const char backbone[] = "conv1 8 1 7 7 7; bn1[] 8; " STAGE ("1", "8", "8") STAGE ("2", "8", "16");
  ck_assert_str_eq (read_words (&medicalnet_family, backbone, &r), "MedicalNet's resnet6, 16 features");
  ck_assert_ptr_nonnull (strstr (r.either, "features=map"));
  ck_assert_ptr_nonnull (strstr (r.either, "family=monai"));
  ck_assert_ptr_null (read_words (&monai_family, backbone, &r));
#undef STAGE
}
END_TEST

/* Group normalisation and a stem of one convolution: BiT, whose weights are standardised. */
START_TEST (timm_resnetv2)
{
  struct reading r;
#define BLOCK(norm)                                                                                                    \
  "stages.0.blocks.0.norm1" norm " 64; stages.0.blocks.0.downsample.conv 64 64 1 1; stages.0.blocks.0.conv1 32 64 1 1; " \
  "stages.0.blocks.0.norm2" norm " 32; stages.0.blocks.0.conv2 32 32 3 3; stages.0.blocks.0.norm3" norm " 32; "        \
  "stages.0.blocks.0.conv3 64 32 1 1; norm" norm " 64; head.fc 7 64 1 1; "
  ck_assert_str_eq (read_words (&timm_resnetv2_family, "stem.conv 64 3 7 7; " BLOCK ("()"), &r),
                    "timm resnetv2_5x1_bit, 7 classes");
  ck_assert_ptr_nonnull (strstr (r.text, "kernel-size: 7, stride: 2, padding: 3, standardize: 1e-8}\n"
                                         "  - {type: average-pool, name: stem.pad, kernel-size: 1, padding: 1}"));
  graph_of (r.text);
  static const char deep[] = "stem.conv1 32 3 3 3; stem.norm1[] 32; stem.conv2 32 32 3 3; stem.norm2[] 32; "
                             "stem.conv3 64 32 3 3; " BLOCK ("[]");
  ck_assert_str_eq (read_words (&timm_resnetv2_family, deep, &r), "timm resnetv2_5d, 7 classes");
  ck_assert_ptr_null (strstr (r.text, "standardize"));
  graph_of (r.text);
#undef BLOCK
#define BLOCK(more)                                                                                                    \
  "stages.0.blocks.0.norm1() 64; stages.0.blocks.0.norm1." more "! 64; stages.0.blocks.0.conv1 64 64 3 3; "            \
  "stages.0.blocks.0.norm2() 64; stages.0.blocks.0.norm2." more "! 64; stages.0.blocks.0.conv2 64 64 3 3; "            \
  "stem.conv 64 3 7 7; norm() 64; norm." more "! 64; head.fc 7 64 1 1"
  ck_assert_str_eq (read_words (&timm_resnetv2_family, BLOCK ("v"), &r), "timm resnetv2_4_evos, 7 classes");
  ck_assert_ptr_nonnull (strstr (r.text, "{type: group-norm, name: norm.deviation, input: stages.0.blocks.0.add, "
                                         "groups: 32, mean: kept, affine: false}"));
  graph_of (r.text);
  ck_assert_str_eq (read_words (&timm_resnetv2_family, BLOCK ("tau"), &r), "timm resnetv2_4_frn, 7 classes");
  ck_assert_ptr_nonnull (strstr (r.text, "{type: instance-norm, name: norm, mean: ignored, affine: true}\n"
                                         "  - {type: maximum, name: norm.tau, constant: [64]}"));
  graph_of (r.text);
#undef BLOCK
}
END_TEST

START_TEST (cifar)
{
  struct reading r;
#define BRANCH(stage) "conv" stage "_x.0.residual_function."
  static const char words[] = "conv1.0 8 3 3 3; conv1.1[] 8; " BRANCH ("2") "0 8 8 3 3; " BRANCH ("2") "3 8 8 3 3; "
      BRANCH ("3") "0 16 8 3 3; " BRANCH ("3") "3 16 16 3 3; conv3_x.0.shortcut.0 16 8 1 1; fc 10 16";
  ck_assert_str_eq (read_words (&cifar_family, words, &r), "weiaicunzai's ResNet of 6 layers for CIFAR, 10 classes");
  graph_of (r.text);
  static const char pre[] = "conv1 8 3 3 3; layer1.0.bn1[] 8; layer1.0.conv1 8 8 3 3; layer1.0.conv2 8 8 3 3; "
                            "layer2.0.bn1[] 8; layer2.0.conv1 16 8 3 3; layer2.0.conv2 16 16 3 3; "
                            "layer2.0.shortcut.0 16 8 1 1; linear 10 16";
  ck_assert_str_eq (read_words (&cifar_pre_activation_family, pre, &r),
                    "kuangliu's pre-activation ResNet of 6 layers for CIFAR, 10 classes");
  ck_assert_ptr_nonnull (strstr (r.text, "name: layer2.0.shortcut.0, input: layer2.0.relu1, filters: 16"));
  graph_of (r.text);
#undef BRANCH
}
END_TEST

START_TEST (transformers)
{
  struct reading r;
#define UNIT(name, shape, filters) "resnet." name ".convolution " shape "; resnet." name ".normalization[] " filters "; "
  static const char words[] = UNIT ("embedder.embedder", "8 3 7 7", "8")
      UNIT ("encoder.stages.0.layers.0.layer.0", "4 8 1 1", "4") UNIT ("encoder.stages.0.layers.0.layer.1", "4 4 3 3", "4")
      UNIT ("encoder.stages.0.layers.0.layer.2", "16 4 1 1", "16")
      UNIT ("encoder.stages.0.layers.0.shortcut", "16 8 1 1", "16") "classifier.1 5 16";
  ck_assert_str_eq (read_words (&transformers_family, words, &r), "transformers' resnet-5, 5 classes");
  graph_of (r.text);
#undef UNIT
}
END_TEST

/* ---- Keras ---- */

/* The words of a network of one block a stage. SECOND: of version 2. NUMBERS: in place of names. LAST: of
 * the last layer. */
static const char *
keras_words (bool second, bool numbers, const char *last)
{
  static const int units[] = { 1, 2, 0, 3 };
  struct text t = { 0 };
  int conv = 1, norm = 0;
  text_printf (&t, "%s 8 3 7 7; ", numbers ? "conv2d" : "conv1_conv");
  if (!second)
    text_printf (&t, "%s[] 8; ", numbers ? mem_printf ("batch_normalization") : "conv1_bn"), norm++;
  for (int stage = 2; stage <= 5; stage++)
    for (int i = -second; i < 4; i++)
      {
        const int in = stage == 2 ? 8 : 16, unit = i < 0 ? -1 : units[i], filters = 2 << (stage - 1);
        const char *name = mem_printf ("conv%d_block1_%d", stage, unit);
        if (i >= 0)
          text_printf (&t, "%s %d %d %s; ", numbers ? mem_printf ("conv2d_%d", conv++) : mem_printf ("%s_conv", name),
                       unit % 3 ? filters : 16, unit < 2 ? in : filters, unit == 2 ? "3 3" : "1 1");
        if (i >= 0 && (!second || unit % 3 == 0))
          text_printf (&t, "%s.bias! %d; ", numbers ? mem_printf ("conv2d_%d", conv - 1) : mem_printf ("%s_conv", name),
                       unit % 3 ? filters : 16);
        if (second && i >= 2)
          continue;
        text_printf (&t, "%s[] %d; ",
                     numbers  ? (norm ? mem_printf ("batch_normalization_%d", norm) : "batch_normalization")
                     : i < 0  ? mem_printf ("conv%d_block1_preact_bn", stage)
                              : mem_printf ("%s_bn", name),
                     i < 0 ? in : unit % 3 ? filters : 16);
        norm++;
      }
  if (second)
    text_printf (&t, "%s[] 16; ", numbers ? mem_printf ("batch_normalization_%d", norm) : "post_bn");
  text_add (&t, last);
  return t.s;
}

START_TEST (keras)
{
  struct reading r;
  ck_assert_str_eq (read_words (&keras_family, keras_words (false, false, "predictions 5 16"), &r),
                    "Keras's ResNet14, 5 classes");
  ck_assert_ptr_nonnull (strstr (r.text, "mean: [123.68, 116.779, 103.939]\nresize: [224, 224]\n"
                                         "interpolation: nearest\n"));
  ck_assert_ptr_nonnull (strstr (r.text, "{type: gather, name: bgr, channels: [2, 1, 0]}"));
  ck_assert_ptr_nonnull (strstr (r.text, "name: conv3_block1_1_conv, filters: 8, kernel-size: 1, stride: 2}"));
  ck_assert_ptr_nonnull (strstr (r.text, "eps: 1.001e-5"));
  graph_of (r.text);
  ck_assert_str_eq (read_words (&keras_family, keras_words (false, true, "dense 5 16"), &r),
                    "Keras's ResNet14, 5 classes");
  ck_assert_ptr_nonnull (strstr (r.text, "{type: add, name: conv2_block1_add, input: [batch_normalization_3, "
                                         "batch_normalization_4]}"));
  graph_of (r.text);
  ck_assert_str_eq (read_words (&keras_family, keras_words (true, true, ""), &r), "Keras's ResNet14V2, 16 features");
  ck_assert_ptr_nonnull (strstr (r.either, "features=map"));
  ck_assert_ptr_nonnull (strstr (r.text, "name: conv2d_6, filters: 8, kernel-size: 3, stride: 2, padding: 1}"));
  ck_assert_ptr_nonnull (strstr (r.text, "scale: 127.5\nmean: [1, 1, 1]\n"));
  graph_of (r.text);
}
END_TEST

/* Of ResNet50 before Keras 2.2.5. */
START_TEST (keras_before)
{
  struct reading r;
#define UNIT(name, shape, filters) "res" name " " shape "; bn" name "[] " filters "; res" name ".bias! " filters "; "
#define STAGE(number, in)                                                                                              \
  UNIT (number "a_branch2a", "4 " in " 1 1", "4") UNIT (number "a_branch2b", "4 4 3 3", "4")                           \
  UNIT (number "a_branch2c", "16 4 1 1", "16") UNIT (number "a_branch1", "16 " in " 1 1", "16")
  ck_assert_str_eq (read_words (&keras_family, "conv1 8 3 7 7; bn_conv1[] 8; " STAGE ("2", "8") STAGE ("3", "16")
                                STAGE ("4", "16") STAGE ("5", "16") "fc1000 6 16", &r),
                    "Keras's ResNet14, 6 classes");
  ck_assert_ptr_nonnull (strstr (r.text, "name: bn5a_branch2c, input: res5a_branch2c, eps: 1e-3}"));
  graph_of (r.text);
#undef UNIT
#undef STAGE
}
END_TEST

/* Two heads over a map of one pixel and its mean. */
START_TEST (openclip)
{
  struct reading r;
#define UNIT(number, shape, filters) "conv" number " " shape "; bn" number "[] " filters "; "
#define BLOCK(stage, in)                                                                                               \
  "layer" stage ".0.conv1 16 " in " 1 1; layer" stage ".0.bn1[] 16; layer" stage ".0.conv2 16 16 3 3; layer" stage     \
  ".0.bn2[] 16; layer" stage ".0.conv3 128 16 1 1; layer" stage ".0.bn3[] 128; layer" stage ".0.downsample.0 128 " in  \
  " 1 1; layer" stage ".0.downsample.1[] 128; "
  static const char words[] = UNIT ("1", "8 3 3 3", "8") UNIT ("2", "8 8 3 3", "8") UNIT ("3", "16 8 3 3", "16")
      BLOCK ("1", "16") BLOCK ("2", "128") BLOCK ("3", "128") BLOCK ("4", "128")
      "attnpool.positional_embedding! 2 128; attnpool.q_proj 128 128; attnpool.k_proj 128 128; "
      "attnpool.v_proj 128 128; attnpool.c_proj 9 128";
  ck_assert_str_eq (read_words (&openclip_family, words, &r),
                    "CLIP's image tower ResNet of 14 layers, 16 wide, 9 features");
  ck_assert_ptr_nonnull (strstr (r.text, "input-size: [3, 32, 32]\n"));
  ck_assert_ptr_nonnull (strstr (r.text, "resize: [32]\ninterpolation: bicubic\n"));
  ck_assert_ptr_nonnull (strstr (r.text, "{type: average-pool, name: attnpool.scores, kernel-size: [64, 1], "
                                         "divisor: 8}"));
  ck_assert_ptr_nonnull (strstr (r.text, "name: layer2.0.downsample.-1"));
  const struct graph *g = graph_of (r.text);
  ck_assert_str_eq (shape_text (&g->tensors[g->nodes[g->node_count - 1].out].shape), "9");
#undef UNIT
#undef BLOCK
}
END_TEST

/* ---- what is no family's ---- */

START_TEST (others)
{
  static const char options[] = "network: resnet3d\ninput-size: [16, 16, 16]\nnum-classes: 2\ninitial-stride: 1\n";
  const struct weights_view view = { tensors_of (graph_of (options), "") };
  const struct tensors t = { .path = "net.pth", .view = &view, .prefix = "" };
  struct reading r;
  for (int i = 0; families[i]; i++)
    ck_assert_msg (!families[i]->read (&t, &r), "%s", families[i]->name);
}
END_TEST

/* The text that import writes has what --set says: in place of the family's, or in front. */
START_TEST (settings)
{
  static const char *const set[] = { "eps=1e-3", "family=torchvision", "num-classes=3", "eps=1e-4", "name=other" };
  struct graph *g = graph_of ("network: resnet\nblock: basic\nlayers: [1]\nnum-filters: [4]\nnum-classes: 3\n"
                              "initial-num-filters: 4\ninput-size: [2, 32, 32]\n");
  struct weight *list = NEW_ARRAY ((size_t) g->param_count, struct weight);
  char *path = folder_path ("small.safetensors");
  init_params (g, 1);
  for (int i = 0; i < g->param_count; i++)
    {
      list[i] = *g->params[i]->value;
      list[i].name = g->params[i]->name;
    }
  weights_write (path, list, (size_t) g->param_count);
  struct source *s = source_read (path, set, 5, NULL);
  const char *text = s->frontend->readable (s);
  ck_assert_str_eq (s->recognised, "a ResNet of 4 layers, 3 classes, from 17 tensors");
  ck_assert (!strncmp (text, "num-classes: 3\neps: 1e-4\nnetwork: resnet\n", 41));
  ck_assert_ptr_null (strstr (text + 15, "num-classes"));
  ck_assert_str_eq (source_build (s)->name, "other");
}
END_TEST

static void
read_arrays (void *path)
{
  source_read (path, NULL, 0, NULL);
}

START_TEST (refusals)
{
  static const char head[] = "{\"a\": {\"dtype\": \"F32\", \"shape\": [], \"data_offsets\": [0, 4]}}";
  char bytes[8 + sizeof head - 1 + 4] = { (char) (sizeof head - 1) };
  static const char *const texts[] = { "no network that is known", "torchvision", "-w", NULL };
  memcpy (bytes + 8, head, sizeof head - 1);
  char *path = folder_path ("w.safetensors");
  file_write (path, bytes, sizeof bytes);
  struct child c = child_run (read_arrays, path);
  child_refused (&c, texts);
}
END_TEST

Suite *families_suite (void);

Suite *
families_suite (void)
{
  Suite *s = suite_create ("families");
  TCase *c = tcase_create ("names and shapes");
  tcase_add_unchecked_fixture (c, folder_make, folder_remove);
  tcase_add_test (c, torchvision_archs);
  tcase_add_test (c, resnets_of_other_sizes);
  tcase_add_test (c, torchvision_video);
  tcase_add_test (c, resnets_over_volumes);
  tcase_add_test (c, timm_stems);
  tcase_add_test (c, timm_anti_aliasing);
  tcase_add_test (c, preparation);
  tcase_add_test (c, timm_blur);
  tcase_add_test (c, timm_attention);
  tcase_add_test (c, timm_group_norm);
  tcase_add_test (c, timm_selective_kernels);
  tcase_add_test (c, timm_split_attention);
  tcase_add_test (c, shortcuts_of_type_a);
  tcase_add_test (c, pre_activation);
  tcase_add_test (c, two_plus_one);
  tcase_add_test (c, medicalnet);
  tcase_add_test (c, transformers);
  tcase_add_test (c, timm_resnetv2);
  tcase_add_test (c, cifar);
  tcase_add_test (c, keras);
  tcase_add_test (c, keras_before);
  tcase_add_test (c, openclip);
  tcase_add_test (c, others);
  tcase_add_test (c, settings);
  tcase_add_test (c, refusals);
  suite_add_tcase (s, c);
  return s;
}
