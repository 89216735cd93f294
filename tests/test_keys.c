/* Keys that mean the same for every layer that has them: bias, affine, eps, one slope or many; and the order of lists. */
#include "frontend/frontend.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "folder.h"
#include "graph/bind.h"
#include "graph/init.h"
#include "passes/fold_bn.h"

#define MAP2 "network: sequence\ninput-size: [4, 8, 6]\nlayers:\n"
#define MAP3 "network: sequence\ninput-size: [4, 5, 8, 6]\nlayers:\n"
#define CONV "{type: conv, name: t, filters: 3, kernel-size: 2"
#define LINEAR "{type: linear, name: t, features: 3"
#define UP2 "{type: transposed-conv-2d, name: t, num-filters: 3, filter-size: 2"
#define UP3 "{type: transposed-conv-3d, name: t, num-filters: 3, filter-size: 2"
#define NORM "{type: batch-norm, name: t"
#define INST "{type: instance-norm, name: t"
#define BLOCK "{type: bottleneck-2d, name: t, in-planes: 4, out-planes: 4"
#define RESNET "network: resnet\nblock: basic\nlayers: [1]\nnum-filters: [4]\ninput-size: [3, 16, 16]\nnum-classes: 2\n"
#define BATCH RESNET
#define FROZEN RESNET "norm-layer: frozen-batch-norm\n"
#define INSTANCE RESNET "norm-layer: instance-norm\n"
#define GROUP RESNET "norm-layer: group-norm 2\n"
#define NO "affine: false\n"
#define YES "affine: true\n"

static struct graph *
build_text (const char *text)
{
  return source_build (source_parse ("f.yaml", text));
}

/* A weights file with ones for the parameters of the network TEXT but BUT, where ONE has a single element. */
static char *
weights_of (const char *text, const char *but, const char *one)
{
  struct graph *g = build_text (text);
  struct text header = { 0 };
  uint64_t bytes = 0;
  for (int i = 0; i < g->param_count; i++)
    {
      const struct param *p = g->params[i];
      bool single = one && !strcmp (p->name, one);
      uint64_t from = bytes, count = 1;
      if (but && !strcmp (p->name, but))
        continue;
      text_printf (&header, "%s\"%s\": {\"dtype\": \"F32\", \"shape\": [", header.n ? ", " : "{", p->name);
      for (int a = 0; a < p->rank; a++)
        {
          long long extent = single ? 1 : (long long) p->shape[a];
          text_printf (&header, "%s%lld", a ? ", " : "", extent);
          count *= (uint64_t) extent;
        }
      bytes += 4 * count;
      text_printf (&header, "], \"data_offsets\": [%llu, %llu]}", (unsigned long long) from, (unsigned long long) bytes);
    }
  text_add (&header, "}");
  char *path = folder_path ("w.safetensors");
  FILE *f = fopen (path, "wb");
  const uint64_t n = header.n;
  const float value = 1;
  ck_assert_ptr_nonnull (f);
  fwrite (&n, 8, 1, f);
  fwrite (header.s, 1, header.n, f);
  for (uint64_t i = 0; i < bytes; i += 4)
    fwrite (&value, 4, 1, f);
  ck_assert_int_eq (fclose (f), 0);
  return path;
}

static const struct binding
{
  const char *network, *file_of, *but, *one;
  const char *error[3]; /* texts of the line; none: it fits */
} bindings[] = {
  /* what the file has counts where the options say nothing */
  { MAP2 "- " CONV "}\n", MAP2 "- " CONV "}\n", NULL, NULL, { 0 } },
  { MAP2 "- " CONV "}\n", MAP2 "- " CONV ", bias: false}\n", NULL, NULL, { 0 } },
  { MAP2 "- " LINEAR "}\n", MAP2 "- " LINEAR ", bias: false}\n", NULL, NULL, { 0 } },
  { MAP2 "- " UP2 "}\n", MAP2 "- " UP2 ", bias: true}\n", NULL, NULL, { 0 } },
  { MAP2 "- " UP2 "}\n", MAP2 "- " UP2 ", bias: false}\n", NULL, NULL, { 0 } },
  { MAP2 "- " UP2 ", bias: null}\n", MAP2 "- " UP2 ", bias: false}\n", NULL, NULL, { 0 } },
  { MAP3 "- " UP3 "}\n", MAP3 "- " UP3 ", bias: false}\n", NULL, NULL, { 0 } },
  { MAP3 "- " UP3 ", bias: false}\n", MAP3 "- " UP3 ", bias: false}\n", NULL, NULL, { 0 } },
  { MAP2 "- " NORM "}\n", MAP2 "- " NORM ", affine: false}\n", NULL, NULL, { 0 } },
  { MAP2 "- " NORM "}\n", MAP2 "- " NORM "}\n", "t.bias", NULL, { 0 } },
  { MAP2 "- " INST "}\n", MAP2 "- " INST ", affine: true}\n", NULL, NULL, { 0 } },
  { MAP2 "- {type: prelu, name: t}\n", MAP2 "- {type: prelu, name: t}\n", NULL, NULL, { 0 } },
  { MAP2 "- " BLOCK "}\n", MAP2 "- " BLOCK "}\n", NULL, "t.conv2.1.weight", { 0 } },
  { BATCH, BATCH YES, NULL, NULL, { 0 } },
  { BATCH, BATCH NO, NULL, NULL, { 0 } },
  { INSTANCE, INSTANCE YES, NULL, NULL, { 0 } },
  { INSTANCE, INSTANCE NO, NULL, NULL, { 0 } },
  { GROUP, GROUP YES, NULL, NULL, { 0 } },
  { GROUP, GROUP NO, NULL, NULL, { 0 } },
  { FROZEN YES, FROZEN, NULL, NULL, { 0 } },
  /* … and what they say counts where they do, and is named */
  { MAP2 "- " CONV ", bias: true}\n", MAP2 "- " CONV ", bias: false}\n", NULL, NULL, { "missing: t.bias", "bias: true" } },
  { MAP2 "- " LINEAR ", bias: true}\n", MAP2 "- " LINEAR "}\n", "t.bias", NULL, { "missing: t.bias", "bias: true" } },
  { MAP2 "- " UP2 ", bias: true}\n", MAP2 "- " UP2 "}\n", "t.bias", NULL, { "missing: t.bias", "bias: true" } },
  { MAP3 "- " UP3 ", bias: true}\n", MAP3 "- " UP3 "}\n", "t.bias", NULL, { "missing: t.bias", "bias: true" } },
  { MAP2 "- " UP2 ", bias: false}\n", MAP2 "- " UP2 "}\n", NULL, NULL, { "not of this network: t.bias" } },
  { MAP2 "- " NORM ", affine: true}\n", MAP2 "- " NORM "}\n", "t.weight", NULL, { "missing: t.weight", "affine: true" } },
  { MAP2 "- " INST ", affine: true}\n", MAP2 "- " INST "}\n", "t.bias", NULL, { "missing: t.bias", "affine: true" } },
  { MAP2 "- " INST ", affine: false}\n", MAP2 "- " INST "}\n", NULL, NULL, { "not of this network: t.weight" } },
  { BATCH YES, BATCH NO, NULL, NULL, { "missing: bn1.weight", "affine: true" } },
  { GROUP NO, GROUP, NULL, NULL, { "not of this network: bn1.weight" } },
  { FROZEN, FROZEN, "bn1.weight", NULL, { "missing: bn1.weight" } },
  /* of all normalisations or of none: else the file is damaged */
  { BATCH, BATCH, "layer1.0.bn2.bias", NULL, { "missing: layer1.0.bn2.bias", "the file has bn1.weight" } },
  { MAP2 "- " UP2 "}\n", MAP2 "- " UP2 "}\n", NULL, "t.bias", { "wrong shape: t.bias" } },
};

static void
bind (void *binding)
{
  const struct binding *b = binding;
  struct graph *g = build_text (b->network);
  struct weights *w = weights_open (weights_of (b->file_of, b->but, b->one));
  size_t bound = 0;
  bind_weights (g, w, NULL);
  for (int i = 0; i < g->param_count; i++)
    bound += g->params[i]->value != NULL;
  if (bound != w->count)
    fatal ("%zu of %zu tensors are bound", bound, w->count);
}

START_TEST (presence)
{
  const struct binding *b = &bindings[_i];
  struct child c = child_run (bind, (void *) b);
  if (b->error[0])
    child_refused (&c, b->error);
  else
    ck_assert_msg (c.status == 0, "%s\n%s", b->network, c.err);
}
END_TEST

static const struct
{
  const char *text;
  double eps;
} epsilons[] = {
  { RESNET, 1e-5 },
  { RESNET "eps: 0.25\n", 0.25 },
  { FROZEN "eps: 1e-3\n", 1e-3 },
  { INSTANCE "eps: 1e-3\n", 1e-3 },
  { GROUP "eps: 1e-3\n", 1e-3 },
  { "network: resnet3d\ninput-size: [64, 64, 64]\nnum-classes: 2\neps: 2e-5\n", 2e-5 },
  { "network: resnet2d\ninput-size: [64, 64]\nnum-classes: 2\nresidual-block-type: batchnorm-after-add\neps: 2e-5\n", 2e-5 },
  { "network: table\ninput-size: [3, 64, 64]\nnum-classes: 10\nstages: ['[[3x3,64][3x3,64]]x2']\neps: 1e-12\n",
    1e-12 },
  { MAP2 "- " BLOCK ", normalizer: batch, eps: 1e-3}\n", 1e-3 },
  { MAP2 "- " BLOCK ", normalizer: inst, eps: 1e-3}\n", 1e-3 },
  { MAP2 "- " BLOCK ", eps: 1e-3}\n", 1e-3 },
  { MAP2 "- " BLOCK "}\n", 1e-5 },
  { MAP2 "- " NORM ", eps: 1e-3}\n- {type: instance-norm, eps: 1e-3}\n", 1e-3 },
  { MAP2 "- {type: group-norm, groups: 2, eps: 1e-3}\n- {type: group-norm, groups: 4, eps: 1e-3}\n", 1e-3 },
};

/* Of every normalisation, and again from the text that manifests keep. */
START_TEST (eps)
{
  const char *text = epsilons[_i].text;
  for (int again = 0; again < 2; again++)
    {
      const struct graph *g = build_text (text);
      int norms = 0;
      for (int i = 0; i < g->node_count; i++)
        {
          const struct node *n = &g->nodes[i];
          if (n->op != OP_BATCH_NORM && n->op != OP_INSTANCE_NORM && n->op != OP_GROUP_NORM)
            continue;
          ck_assert_double_eq (n->eps, epsilons[_i].eps);
          norms++;
        }
      ck_assert_int_ge (norms, 2);
      text = source_text (source_parse ("f.yaml", text));
    }
}
END_TEST

/* Folded with initial statistics: 1 / sqrt (1 + eps). */
START_TEST (eps_folded)
{
  struct graph *g = build_text (RESNET "eps: 0.25\n");
  init_params (g, 0);
  fold_bn (g);
  for (int i = 0; i < g->node_count; i++)
    if (g->nodes[i].op == OP_CONV)
      ck_assert_double_eq (g->nodes[i].ep.scale[0], 1 / sqrt (1.25));
}
END_TEST

/* How images are prepared is in the code for both devices. */
START_TEST (images)
{
  static const char *const files[] = { "p.c", "p_cuda.c" };
  char *options = folder_path ("images.yaml"), *out = folder_path ("images");
  folder_write (options, "name: p\n" BATCH "resize: [20, 30]\ninterpolation: bicubic\n");
  child_shell_ok ("%s generate %s -t c,cuda -o %s", rescast_program (), options, out);
  for (int i = 0; i < 2; i++)
    {
      const char *code = folder_read (mem_printf ("%s/%s", out, files[i]));
      ck_assert_ptr_nonnull (strstr (code, ".resize = { 20, 30 },\n"));
      ck_assert_ptr_nonnull (strstr (code, ".interpolation = RESCAST_BICUBIC,\n"));
    }
  child_shell_ok ("%s generate %s --set resize=16 --set interpolation=null -o %s", rescast_program (), options, out);
  const char *code = folder_read (mem_printf ("%s/p.c", out));
  ck_assert_ptr_nonnull (strstr (code, ".resize = { 16, 0 },\n"));
  ck_assert_ptr_nonnull (strstr (code, ".interpolation = RESCAST_BILINEAR,\n"));
}
END_TEST

/* The summary shows D first; of MATLAB's layers it says so where the order matters. */
START_TEST (order)
{
  static const char *const cases[][2] = {
    { MAP3 "- " UP3 ", stride: [2, 1, 1]}\n", "transposed conv 2x2x2, stride 1x2x1 (DxHxW of [h, w, d])" },
    { MAP3 "- " UP3 ", cropping: [1, 0, 0]}\n", "transposed conv 2x2x2, stride 1x1x1 (DxHxW of [h, w, d])" },
    { MAP3 "- " UP3 ", stride: [2, 2, 2]}\n", "transposed conv 2x2x2, stride 2x2x2" },
    { MAP2 "- " UP2 ", stride: [2, 1]}\n", "transposed conv 2x2, stride 2x1" },
    { MAP3 "- " CONV ", stride: [2, 1, 1]}\n", "conv 2x2x2, stride 2x1x1" },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    ck_assert_str_eq (build_text (cases[i][0])->nodes[1].type, cases[i][1]);
}
END_TEST

Suite *keys_suite (void);

Suite *
keys_suite (void)
{
  Suite *s = suite_create ("keys");
  TCase *t = tcase_create ("keys");
  tcase_add_unchecked_fixture (t, folder_make, folder_remove);
  tcase_add_loop_test (t, presence, 0, (int) (sizeof bindings / sizeof *bindings));
  tcase_add_loop_test (t, eps, 0, (int) (sizeof epsilons / sizeof *epsilons));
  tcase_add_test (t, eps_folded);
  tcase_add_test (t, images);
  tcase_add_test (t, order);
  suite_add_tcase (s, t);
  return s;
}
