/* Tensor maps against windows: what TMA would fetch for each output and tap. */
#include <check.h>
#include <string.h>

#include "backend/cuda/cuda.h"
#include "backend/cuda/tensor_maps.h"
#include "backend/cuda/tile.h"
#include "generate/generate.h"
#include "generate/pipeline.h"
#include "graph/bind.h"
#include "frontend/frontend.h"

static const char *const networks[] = {
  "network: sequence\ninput-size: [64, 19, 17]\nbatch: 3\nname: net\nlayers:\n"
  "- {type: conv, name: a, filters: 128, kernel-size: [3, 5], stride: [1, 2], dilation: [2, 1], padding: [[1, 2], [3, 0]]}\n"
  "- {type: conv, name: b, filters: 64, kernel-size: 3, padding: [[2, 0], [0, 2]]}\n"
  "- {type: conv, name: c, filters: 64, kernel-size: 3, dilation: 2, padding: [[1, 3], [2, 2]]}\n"
  "- {type: conv, name: d, filters: 72, kernel-size: 1, stride: 2}\n"
  "- {type: conv, name: e, filters: 64, kernel-size: 1, input: c}\n",
  "network: sequence\ninput-size: [64, 7, 9, 8]\nbatch: 2\nname: net\nlayers:\n"
  "- {type: conv, name: a, filters: 64, kernel-size: [2, 3, 4], stride: [2, 1, 1], padding: same}\n"
  "- {type: conv, name: b, filters: 64, kernel-size: 3, padding: same}\n"
  "- {type: conv, name: c, filters: 64, kernel-size: [1, 3, 3], stride: [1, 2, 1], padding: same}\n"
  "- {type: conv, name: d, filters: 64, kernel-size: 3, padding: same, dilation: [2, 1, 2]}\n",
};
#define NETWORKS (int) (sizeof networks / sizeof *networks)

static struct graph *
cuda_graph_of (int network)
{
  const char *text = networks[network];
  struct source *source = source_parse ("net.yaml", text);
  struct graph *g = source_build (source);
  struct kernels *kernels;
  for (int i = 0; i < g->param_count; i++)
    bind_zeros (g->params[i]);
  return further_graph (source, g, &cuda_backend, PRECISION_FP16, &(struct targets){ 0 }, &kernels, false);
}

/* Axes in the order of maps. */
static const int axes[AXES] = { AXIS_W, AXIS_H, AXIS_D };

/* Along the map's axis I: how many places there are. */
static int64_t
places (const struct tensor_map *m, int i)
{
  return (m->extent[1 + i] + m->upper[i] - m->lower[i] - 1) / m->stride[i] + 1;
}

/* A matrix's rows are the pixels, one behind the other. */
static bool
is_plain (const struct tensor_map *m, const struct window *w)
{
  bool one = m->rank == 2;
  for (int a = 0; a < AXES; a++)
    one = one && w->kernel[a] == 1 && w->stride[a] == 1 && w->pad_lo[a] == 0;
  return one;
}

static void
check_gather (const struct tensor_map *m, const struct window *w, const struct shape *in, const struct shape *out, int64_t batch)
{
  ck_assert_int_eq (m->extent[0], in->c);
  if (m->rank == 2)
    {
      ck_assert (is_plain (m, w));
      ck_assert_int_eq (m->extent[1], batch * shape_pixels (in));
      return;
    }
  ck_assert_int_eq (m->extent[m->rank - 1], batch);
  for (int i = 0; i < m->rank - 2; i++)
    {
      int a = axes[i];
      ck_assert_int_eq (m->extent[1 + i], in->dim[a]);
      ck_assert_int_eq (places (m, i), out->dim[a]);
      ck_assert_int_eq (m->lower[i], -w->pad_lo[a]);
      ck_assert_int_eq (m->stride[i], w->stride[a]);
    }
  for (int i = m->rank - 2; i < AXES; i++) /* an axis that is not there has one place */
    ck_assert (in->dim[axes[i]] == 1 && out->dim[axes[i]] == 1 && w->kernel[axes[i]] == 1);
}

/* Place P of a map's axis-wise places: the coordinates of what is fetched there. */
static void
place_at (const struct tensor_map *m, int64_t p, int64_t at[AXES])
{
  for (int i = 0; i < m->rank - 2; i++)
    {
      at[i] = m->lower[i] + p % places (m, i) * m->stride[i];
      p /= places (m, i);
    }
}

/* Each tap of an output is so many places from its own. */
static void
check_halo (const struct halo *h, const struct window *w, const struct shape *out)
{
  const struct tensor_map *m = &h->maps[MAP_X];
  int64_t farthest = 0;
  ck_assert_int_eq (places (m, 0), h->w);
  ck_assert_int_eq (places (m, 1), h->h);
  for (int64_t od = 0; od < out->dim[AXIS_D]; od++)
    for (int64_t oh = 0; oh < out->dim[AXIS_H]; oh++)
      for (int64_t ow = 0; ow < out->dim[AXIS_W]; ow++)
        for (int64_t tap = 0; tap < h->taps; tap++)
          {
            int64_t kh = tap / w->kernel[AXIS_W], kw = tap % w->kernel[AXIS_W], at[AXES] = { 0 };
            int64_t away = kh * w->dilation[AXIS_H] * h->w + kw * w->dilation[AXIS_W];
            place_at (m, (od * h->h + oh) * h->w + ow + away, at);
            ck_assert_int_eq (at[0], ow - w->pad_lo[AXIS_W] + kw * w->dilation[AXIS_W]);
            ck_assert_int_eq (at[1], oh - w->pad_lo[AXIS_H] + kh * w->dilation[AXIS_H]);
            if (m->rank == 5)
              ck_assert_int_eq (at[2], od * w->stride[AXIS_D] - w->pad_lo[AXIS_D]);
            farthest = away > farthest ? away : farthest;
          }
  ck_assert_int_eq (h->far, farthest);
}

START_TEST (windows)
{
  const struct graph *g = cuda_graph_of (_i);
  int gathered = 0, halos = 0;
  for (int i = 0; i < g->node_count; i++)
    {
      const struct node *n = &g->nodes[i];
      const struct product *p = cuda_kernel_of (n->kernel)->product;
      if (n->op != OP_CONV)
        continue;
      const struct shape *in = &g->tensors[n->in[0]].shape, *out = &g->tensors[n->out].shape;
      ck_assert_msg (p && p->maps, "%s has no maps", n->name);
      check_gather (&p->maps[MAP_X], &n->win, in, out, g->batch);
      ck_assert_int_eq (p->maps[MAP_W].extent[0], n->win.kernel[0] * n->win.kernel[1] * n->win.kernel[2] * in->c);
      ck_assert_int_eq (p->maps[MAP_W].extent[1], cuda_kernel_of (n->kernel)->matrices.row);
      gathered++;
      bool stride_1 = n->win.stride[AXIS_H] == 1 && n->win.stride[AXIS_W] == 1 && n->win.kernel[AXIS_H] * n->win.kernel[AXIS_W] > 1;
      ck_assert_msg (!p->halo == !stride_1, "%s: planes", n->name);
      if (!p->halo)
        continue;
      check_halo (p->halo, &n->win, out);
      halos++;
    }
  ck_assert_int_ge (gathered, 4);
  ck_assert_int_ge (halos, 2);
}
END_TEST

/* No maps: other elements, channels not in 64s, taps farther away than TMA reaches. */
START_TEST (not_for_all)
{
  static const char *const texts[] = {
    "network: sequence\ninput-size: [48, 9, 9]\nname: net\nlayers:\n- {type: conv, name: a, filters: 64, kernel-size: "
    "3}\n",
    "network: sequence\ninput-size: [64, 9, 9]\nname: net\nlayers:\n- {type: conv, name: a, filters: 60, kernel-size: "
    "3}\n- {type: relu, name: b}\n",
    "network: sequence\ninput-size: [128, 9, 9]\nname: net\nlayers:\n- {type: conv, name: a, filters: 128, "
    "kernel-size: 3, groups: 2}\n",
    ("network: sequence\ninput-size: [64, 40, 9, 9]\nname: net\nlayers:\n"
     "- {type: conv, name: a, filters: 64, kernel-size: 3, dilation: [17, 1, 1]}\n"),
  };
  for (size_t t = 0; t < sizeof texts / sizeof *texts; t++)
    {
      struct source *source = source_parse ("net.yaml", texts[t]);
      struct graph *g = source_build (source);
      struct kernels *kernels;
      for (int i = 0; i < g->param_count; i++)
        bind_zeros (g->params[i]);
      const struct graph *cuda
          = further_graph (source, g, &cuda_backend, PRECISION_FP16, &(struct targets){ 0 }, &kernels, false);
      for (int i = 0; i < cuda->node_count; i++)
        if (cuda->nodes[i].op == OP_CONV)
          ck_assert_msg (!cuda_kernel_of (cuda->nodes[i].kernel)->product->maps && !cuda_kernel_of (cuda->nodes[i].kernel)->maps, "%zu has maps", t);
    }
}
END_TEST

Suite *tensor_maps_suite (void);

Suite *
tensor_maps_suite (void)
{
  Suite *s = suite_create ("tensor_maps");
  TCase *t = tcase_create ("maps");
  tcase_add_loop_test (t, windows, 0, NETWORKS);
  tcase_add_test (t, not_for_all);
  suite_add_tcase (s, t);
  return s;
}
