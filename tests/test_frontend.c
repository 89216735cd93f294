/* The interface of front ends: a source is completed by a weights file's names and shapes, and its text needs no such file. */
#include <check.h>
#include <string.h>

#include "base/util.h"
#include "folder.h"
#include "frontend/build.h"
#include "frontend/frontend.h"
#include "weights/view.h"

/* ---- a front end for the test: one linear layer, whose extents are those of fc.weight ---- */

static void
complete (struct source *s, const struct weights_view *weights)
{
  int64_t *extents = NEW_ARRAY (WEIGHT_MAX_RANK, int64_t), at = weights_view_find (weights, "fc.weight");
  ck_assert_int_ge (at, 0);
  ck_assert_str_eq (weights_view_name (weights, (size_t) at), "fc.weight");
  ck_assert_int_eq (weights_view_shape (weights, (size_t) at, extents), 2);
  s->own = extents;
}

static struct graph *
build (const struct source *s)
{
  const int64_t *extents = s->own;
  struct graph *g = NEW (struct graph);
  g->name = "net";
  g->batch = 1;
  int x = build_input (g, (struct shape){ .c = extents[1], .dim = { 1, 1, 1 } });
  build_output (g, build_linear (g, "fc", x, extents[0], WEIGHT_INIT_HE, (struct loc){ 0 }));
  return g;
}

/* A .safetensors file of a scalar and a matrix of zeros; its path. */
static char *
write_weights (void)
{
  static const char head[] = "{\"step\": {\"dtype\": \"F32\", \"shape\": [], \"data_offsets\": [0, 4]}, "
                             "\"fc.weight\": {\"dtype\": \"F32\", \"shape\": [7, 5], \"data_offsets\": [4, 144]}}";
  char bytes[8 + sizeof head - 1 + 144] = { (char) (sizeof head - 1) };
  memcpy (bytes + 8, head, sizeof head - 1);
  char *path = folder_path ("w.safetensors");
  file_write (path, bytes, sizeof bytes);
  return path;
}

START_TEST (from_names_and_shapes)
{
  static const struct frontend frontend = { .complete = complete, .build = build };
  struct weights *weights = weights_list (write_weights ());
  const struct weights_view view = { weights };
  ck_assert_uint_eq (weights_view_count (&view), 2);
  ck_assert_int_eq (weights_view_find (&view, "fc"), -1);
  struct source source = { .frontend = &frontend, .path = "f" };
  source_complete (&source, weights);
  const struct graph *g = source_build (&source), *again = source_build (&source);
  ck_assert_int_eq (g->tensors[g->nodes[g->node_count - 1].out].shape.c, 7);
  ck_assert_int_eq (g->tensors[g->nodes[0].out].shape.c, 5);
  ck_assert_int_eq (again->node_count, g->node_count);
  weights_close (weights);
}
END_TEST

/* ---- files of options ---- */

#define OPTIONS "network: resnet\narch: resnet18\ninput-size: [3, 32, 32]\nmean: [0.5, 0.25, 0.125]\nseed: 9\nscale: 255\n"

START_TEST (from_options)
{
  struct source *s = source_parse ("dir/net.yaml", OPTIONS);
  ck_assert_ptr_eq (s->frontend, &options_frontend);
  ck_assert_str_eq (s->path, "dir/net.yaml");
  ck_assert_str_eq (s->network, "resnet");
  ck_assert_uint_eq (s->seed, 9);
  ck_assert_double_eq (s->scale, 255);
  ck_assert_int_eq (s->mean.count, 3);
  ck_assert_double_eq (s->mean.list[1], 0.25);
  ck_assert_int_eq (s->std.count, 0);
  struct weights *weights = weights_list (write_weights ());
  char *before = source_text (s);
  source_complete (s, weights); /* which changes nothing */
  weights_close (weights);
  ck_assert_str_eq (source_text (s), before);
  const struct graph *g = source_build (s), *again = source_build (source_parse ("f.yaml", before));
  ck_assert_int_eq (g->node_count, again->node_count);
  ck_assert_int_eq (g->param_count, again->param_count);
}
END_TEST

Suite *frontend_suite (void);

Suite *
frontend_suite (void)
{
  Suite *s = suite_create ("frontend");
  TCase *c = tcase_create ("sources");
  tcase_add_unchecked_fixture (c, folder_make, folder_remove);
  tcase_add_test (c, from_names_and_shapes);
  tcase_add_test (c, from_options);
  suite_add_tcase (s, c);
  return s;
}
