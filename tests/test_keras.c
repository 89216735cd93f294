/* Keras's files, as HDF5's library writes them: names, axes, and what is damaged. */
#include "config.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "folder.h"
#include "frontend/frontend.h"
#include "graph/bind.h"
#include "weights_bytes.h"

#ifdef HAVE_HDF5

#define H5_USE_18_API 1
#include <hdf5.h>

static const char options[] = "network: sequence\ninput-size: [2, 3, 3]\nlayers:\n"
                              "- {type: conv, name: first, filters: 4, kernel-size: [2, 3], padding: same}\n"
                              "- {type: batch-norm, name: norm}\n"
                              "- {type: conv, name: own, filters: 8, groups: 4, kernel-size: 1}\n"
                              "- {type: linear, name: fc, features: 2}\n";

/* An array of Keras's: a path, and its shape. Element I of array A is 100 A + I + 1. */
struct array
{
  const char *path;
  int rank;
  hsize_t shape[4];
};

static const struct array saved[] = {
  { "model_weights/first/first/kernel:0", 4, { 2, 3, 2, 4 } },
  { "model_weights/first/first/bias:0", 1, { 4 } },
  { "model_weights/norm/norm/gamma:0", 1, { 4 } },
  { "model_weights/norm/norm/beta:0", 1, { 4 } },
  { "model_weights/norm/norm/moving_mean:0", 1, { 4 } },
  { "model_weights/norm/norm/moving_variance:0", 1, { 4 } },
  { "model_weights/outer/own/depthwise_kernel:0", 4, { 1, 1, 4, 2 } },
  { "model_weights/fc/fc/kernel:0", 2, { 72, 2 } },
  { "optimizer_weights/fc/fc/kernel:0", 2, { 72, 2 } },
};

static const struct array archived[] = {
  { "layers/conv2d/vars/0", 4, { 2, 3, 2, 4 } },      { "layers/conv2d/vars/1", 1, { 4 } },
  { "layers/batch_normalization/vars/0", 1, { 4 } },  { "layers/batch_normalization/vars/1", 1, { 4 } },
  { "layers/batch_normalization/vars/2", 1, { 4 } },  { "layers/batch_normalization/vars/3", 1, { 4 } },
  { "layers/depthwise_conv2d/vars/0", 4, { 1, 1, 4, 2 } }, { "layers/dense/vars/0", 2, { 72, 2 } },
};
static const char config[] = "{\"config\": {\"layers\": [{\"class_name\": \"InputLayer\", \"config\": {\"name\": \"in\"}},"
                             "{\"class_name\": \"Conv2D\", \"config\": {\"name\": \"first\"}},"
                             "{\"class_name\": \"BatchNormalization\", \"config\": {\"name\": \"norm\", \"scale\": true}},"
                             "{\"class_name\": \"DepthwiseConv2D\", \"config\": {\"name\": \"own\"}},"
                             "{\"class_name\": \"Dense\", \"config\": {\"name\": \"fc\"}}]}}";

static void
write_h5 (const char *path, const struct array *list, size_t count)
{
  hid_t file = H5Fcreate (path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT), link = H5Pcreate (H5P_LINK_CREATE);
  H5Pset_create_intermediate_group (link, 1);
  for (size_t a = 0; a < count; a++)
    {
      size_t elements = 1;
      for (int i = 0; i < list[a].rank; i++)
        elements *= (size_t) list[a].shape[i];
      float *v = NEW_ARRAY (elements, float);
      for (size_t i = 0; i < elements; i++)
        v[i] = (float) (100 * a + i + 1);
      hid_t space = H5Screate_simple (list[a].rank, list[a].shape, NULL);
      hid_t set = H5Dcreate2 (file, list[a].path, H5T_IEEE_F32LE, space, link, H5P_DEFAULT, H5P_DEFAULT);
      ck_assert (set >= 0 && H5Dwrite (set, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, v) >= 0);
      H5Dclose (set);
      H5Sclose (space);
    }
  H5Pclose (link);
  H5Fclose (file);
}

static struct bytes
bytes_of (const char *path)
{
  struct bytes b = { 0 };
  size_t n;
  char *s = file_read (path, 1 << 20, &n);
  b_add (&b, s, n);
  free (s);
  return b;
}

static void
write_archive (const char *path)
{
  struct zip_out z = { 0 };
  struct bytes text = { 0 };
  char *h5 = folder_path ("inner.h5");
  write_h5 (h5, archived, sizeof archived / sizeof *archived);
  b_str (&text, config);
  struct zip_spec s = zip_deflated ("config.json", text);
  zip_add (&z, &s);
  s = zip_stored ("model.weights.h5", bytes_of (h5));
  zip_add (&z, &s);
  const struct bytes file = zip_end (&z);
  b_write (&file, path);
}

static double
value (const struct graph *g, const char *name, size_t i)
{
  for (int p = 0; p < g->param_count; p++)
    if (!strcmp (g->params[p]->name, name))
      return weight_at (g->params[p]->value, i);
  ck_abort_msg ("no %s", name);
}

/* The file PATH gives the network its values in our order. */
static void
gives_values (const char *path)
{
  struct graph *g = source_build (source_parse ("k.yaml", options));
  bind_weights (g, weights_list (path), NULL);
  for (int o = 0; o < 4; o++)
    for (int c = 0; c < 2; c++)
      for (int h = 0; h < 2; h++)
        for (int w = 0; w < 3; w++)
          ck_assert_double_eq (value (g, "first.weight", (size_t) (((o * 2 + c) * 2 + h) * 3 + w)),
                               ((h * 3 + w) * 2 + c) * 4 + o + 1);
  ck_assert_double_eq (value (g, "first.bias", 3), 104);
  ck_assert_double_eq (value (g, "norm.weight", 0), 201);
  ck_assert_double_eq (value (g, "norm.bias", 0), 301);
  ck_assert_double_eq (value (g, "norm.running_mean", 0), 401);
  ck_assert_double_eq (value (g, "norm.running_var", 0), 501);
  for (size_t o = 0; o < 8; o++)
    ck_assert_double_eq (value (g, "own.weight", o), 601 + (double) o);
  for (int o = 0; o < 2; o++) /* the map of 8 x 3 x 3, its channels last there */
    for (int c = 0; c < 8; c++)
      for (int p = 0; p < 9; p++)
        ck_assert_double_eq (value (g, "fc.weight", (size_t) (o * 72 + c * 9 + p)), 701 + (p * 8 + c) * 2 + o);
}

START_TEST (reads)
{
  char *h5 = folder_path ("m.h5"), *archive = folder_path ("m.keras");
  write_h5 (h5, saved, sizeof saved / sizeof *saved);
  gives_values (h5);
  write_archive (archive);
  gives_values (archive);
}
END_TEST

static void
read_all (void *path)
{
  weights_open (path);
}

/* Cut short, and with changed bytes: read or refused in one line, never more. */
START_TEST (damaged)
{
  char *h5 = folder_path ("m.h5"), *bad = folder_path ("bad");
  write_h5 (h5, saved, sizeof saved / sizeof *saved);
  const struct bytes whole = bytes_of (h5);
  uint32_t random = 1;
  for (int i = 0; i < 24; i++)
    {
      struct bytes b = { 0 };
      b_add (&b, whole.p, i % 2 ? whole.n : whole.n * (size_t) (i + 1) / 26);
      for (int k = 0; i % 2 && k < 8 * i; k++)
        {
          random = random * 1664525 + 1013904223;
          b.p[(random >> 8) % (k % 2 ? b.n : 2048)] = (unsigned char) (random >> 24);
        }
      b_write (&b, bad);
      const struct child c = child_run (read_all, bad);
      ck_assert_msg (c.status == 0 || c.status == 1, "%d: %d: %s", i, c.status, c.err);
      ck_assert_msg (c.status == 0 || strchr (c.err, '\n') == c.err + strlen (c.err) - 1, "%d: %s", i, c.err);
      ck_assert_msg (i % 2 || c.status == 1, "%d: a part of the file is taken for a whole one", i);
    }
}
END_TEST

static void
bind_to_network (void *path)
{
  struct graph *g = source_build (source_parse ("k.yaml", options));
  bind_weights (g, weights_list (path), NULL);
}

START_TEST (wrong_shape)
{
  static const struct array other[] = { { "first/kernel:0", 4, { 2, 3, 4, 2 } } };
  static const char *const texts[] = { "first.weight is (2, 3, 4, 2) in Keras's order, not (2, 3, 2, 4), which is (4, 2, 2, 3)", NULL };
  char *h5 = folder_path ("m.h5");
  write_h5 (h5, other, 1);
  const struct child c = child_run (bind_to_network, h5);
  child_refused (&c, texts);
}
END_TEST

#endif

Suite *keras_suite (void);

Suite *
keras_suite (void)
{
  Suite *s = suite_create ("keras");
#ifdef HAVE_HDF5
  TCase *c = tcase_create ("files");
  tcase_add_unchecked_fixture (c, folder_make, folder_remove);
  tcase_set_timeout (c, 60);
  tcase_add_test (c, reads);
  tcase_add_test (c, damaged);
  tcase_add_test (c, wrong_shape);
  suite_add_tcase (s, c);
#endif
  return s;
}
