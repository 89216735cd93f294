/* Tiles of the GPU's products: what the tuner tries, and lines of tiles written and read again. */
#include <check.h>
#include <string.h>

#include "backend/cuda/cuda.h"
#include "backend/cuda/tile.h"
#include "generate/generate.h"
#include "generate/pipeline.h"
#include "graph/bind.h"
#include "frontend/frontend.h"

enum
{
  MOST = 48,
  SHARED_HOPPER = 227 * 1024,
  SHARED_ELSEWHERE = 99 * 1024
};

static const char *const networks[] = {
  "network: resnet\narch: resnet18\ninput-size: [3, 64, 64]\nname: net\n",
  "network: resnet\narch: resnet50\ninput-size: [3, 96, 96]\nbatch: 24\nname: net\n",
  "network: resnet3d\ninput-size: [32, 32, 32, 1]\nnum-classes: 5\nbottleneck-type: none\nname: net\n",
  "network: resnet\narch: resnext50_32x4d\ninput-size: [3, 64, 64]\nbatch: 4\nname: net\n",
};
#define NETWORKS (int) (sizeof networks / sizeof *networks)

static struct source *source;
static struct graph *built; /* its parameters are zeros */

static void
build_network (int network)
{
  const char *text = networks[network];
  source = source_parse ("net.yaml", text);
  built = source_build (source);
  for (int i = 0; i < built->param_count; i++)
    bind_zeros (built->params[i]);
}

/* The network's kernels in precision P with TILES, or the model's. */
static struct kernels *
kernels_of (enum precision p, const struct measured_tiles *tiles, struct graph **cuda)
{
  struct kernels *ks;
  built->tiles = tiles;
  *cuda = further_graph (source, built, &cuda_backend, p, &(struct targets){ 0 }, &ks, false);
  return ks;
}

static void
check_list (const struct graph *g, const struct cuda_kernel *k)
{
  struct mma_tile list[MOST];
  int count = cuda_tile_candidates (g, k->product, list, MOST);
  struct mma_tile model = mma_tile_model (g, k->product);
  if (k->product->tile || k->product->elsewhere)
    {
      ck_assert_int_eq (count, 0);
      return;
    }
  ck_assert_msg (count >= 8 && count <= MOST, "%s: %d candidates", k->base.function, count);
  ck_assert_msg (mma_tile_equal (&list[0], &model) && mma_tile_equal (&list[0], &k->tile->tile), "%s: %s is not the model's",
                 k->base.function, mma_tile_text (&list[0]));
  for (int i = 0; i < count; i++)
    {
      ck_assert_msg (mma_tile_applies (&list[i], k->product), "%s: %s", k->base.function, mma_tile_text (&list[i]));
      for (int j = 0; j < i; j++)
        ck_assert_msg (!mma_tile_equal (&list[i], &list[j]), "%s: %s twice", k->base.function, mma_tile_text (&list[i]));
    }
  ck_assert_int_eq (cuda_tile_candidates (g, k->product, list, 1), 1);
}

START_TEST (candidates)
{
  build_network (_i);
  for (enum precision p = PRECISION_TF32; p <= PRECISION_BF16; p++)
    {
      struct graph *g;
      const struct kernels *ks = kernels_of (p, NULL, &g);
      int products = 0;
      for (int i = 0; i < ks->count; i++)
        if (cuda_kernel_of (ks->list[i])->product)
          {
            check_list (g, cuda_kernel_of (ks->list[i]));
            products++;
          }
      ck_assert_int_gt (products, 8);
    }
}
END_TEST

static void
add_parameter (void *text, const char *name, const char *value)
{
  text_printf (text, "%s %s\n", name, value);
}

static const char *
parameters (const struct cuda_kernel *k)
{
  struct text t = { 0 };
  plan_params (k->base.family, k->base.plan, add_parameter, &t);
  text_printf (&t, "%d %d", k->shape[ON_HOPPER].shared, k->shape[ELSEWHERE].shared);
  return t.s;
}

/* Candidate C of each kernel KS, as a file would say it. */
static const struct measured_tiles *
variant (const struct graph *g, const struct kernels *ks, int c)
{
  struct measured_tiles *t = cuda_tiles_new ();
  struct mma_tile list[MOST];
  for (int i = 0; i < ks->count; i++)
    {
      const struct cuda_kernel *k = cuda_kernel_of (ks->list[i]);
      if (k->product && cuda_tile_candidates (g, k->product, list, MOST) > c)
        cuda_tiles_add_line (t, cuda_tile_line (g, k->tile->name, &list[c]), (struct loc){ "variant", c, 1 });
    }
  return t;
}

/* Each is taken, fits every GPU, and makes another kernel than the one before it. */
START_TEST (variants)
{
  struct graph *g, *next;
  build_network (_i);
  const struct kernels *model = kernels_of (PRECISION_FP16, NULL, &g), *last = NULL;
  struct mma_tile list[MOST];
  for (int c = 0; c < MOST; c++)
    {
      const struct kernels *ks = kernels_of (PRECISION_FP16, variant (g, model, c), &next);
      ck_assert_int_eq (ks->count, model->count);
      for (int i = 0; i < ks->count; i++)
        {
          const struct cuda_kernel *k = cuda_kernel_of (ks->list[i]);
          ck_assert_str_eq (k->base.function, model->list[i]->function);
          if (!k->product || cuda_tile_candidates (g, cuda_kernel_of (model->list[i])->product, list, MOST) <= c)
            continue;
          ck_assert (k->shape[ON_HOPPER].shared <= SHARED_HOPPER / k->tile->tile.blocks
                     && k->shape[ELSEWHERE].shared <= SHARED_ELSEWHERE);
          ck_assert (k->tile->measured && (mma_tile_equal (&k->tile->tile, &list[c]) || strcmp (k->base.function, k->tile->name)));
          if (last && !strcmp (k->base.function, k->tile->name))
            ck_assert_msg (strcmp (parameters (k), parameters (cuda_kernel_of (last->list[i]))), "%s: candidates %d and %d are the same",
                           k->base.function, c - 1, c);
        }
      last = ks;
    }
}
END_TEST

/* What a network's kernels say of their tiles gives the same kernels. */
START_TEST (lines)
{
  struct graph *g, *again;
  build_network (_i);
  const struct kernels *model = kernels_of (PRECISION_BF16, NULL, &g);
  int count, recount;
  for (int c = 0; c < MOST; c += 7)
    {
      const struct kernels *ks = kernels_of (PRECISION_BF16, variant (g, model, c), &g);
      char **said = cuda_tiles_measured (g, ks, &count);
      struct measured_tiles *t = cuda_tiles_new ();
      for (int i = 0; i < count; i++)
        cuda_tiles_add_line (t, said[i], (struct loc){ "said", i, 1 });
      const struct kernels *same = kernels_of (PRECISION_BF16, t, &again);
      char **resaid = cuda_tiles_measured (again, same, &recount);
      ck_assert_int_gt (count, 0);
      ck_assert_int_eq (count, recount);
      for (int i = 0; i < count; i++)
        ck_assert_str_eq (said[i], resaid[i]);
      for (int i = 0; i < ks->count; i++)
        {
          ck_assert_str_eq (parameters (cuda_kernel_of (ks->list[i])), parameters (cuda_kernel_of (same->list[i])));
          ck_assert_str_eq (ks->list[i]->reason, same->list[i]->reason);
        }
    }
  cuda_tiles_measured (again, kernels_of (PRECISION_BF16, NULL, &again), &count);
  ck_assert_int_eq (count, 0);
}
END_TEST

Suite *tiles_suite (void);

Suite *
tiles_suite (void)
{
  Suite *s = suite_create ("tiles");
  TCase *t = tcase_create ("tiles");
  tcase_set_timeout (t, 120);
  tcase_add_loop_test (t, candidates, 0, NETWORKS);
  tcase_add_loop_test (t, variants, 0, NETWORKS);
  tcase_add_loop_test (t, lines, 0, NETWORKS);
  suite_add_tcase (s, t);
  return s;
}
