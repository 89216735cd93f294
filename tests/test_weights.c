/* The readers of weights: what they read, element by element, and what they refuse. */
#include "base/util.h"
#include "weights/weights.h"
#include "weights_bytes.h"
#include "weights_torch_bytes.h"

#include <check.h>
#include <glob.h>
#include <math.h>
#include <stdlib.h>
#include <unistd.h>

static char folder[] = "/tmp/rescast-weights-XXXXXX";
static char file[sizeof folder + 16];

/* In the parent, so that tests that exit leave nothing behind. */
static void
make_folder (void)
{
  ck_assert_ptr_nonnull (mkdtemp (folder));
  snprintf (file, sizeof file, "%s/weights", folder);
}

static void
remove_folder (void)
{
  unlink (file);
  rmdir (folder);
  memcpy (strrchr (folder, '-') + 1, "XXXXXX", 6); /* for CK_FORK=no, which may come here again */
}

static struct weights *
open_bytes (struct bytes b)
{
  b_write (&b, file);
  return weights_open (file);
}

static struct weights *
open_array (const unsigned char *p, size_t n)
{
  struct bytes b = { 0 };
  b_add (&b, p, n);
  return open_bytes (b);
}

/* Tensor NAME has this type, this shape (ended by -1) and COUNT elements that are V. */
static void
expect (const struct weights *w, const char *name, enum dtype dtype, const int64_t *shape, size_t count,
        const double *v)
{
  const struct weight *t = weights_find (w, name);
  ck_assert_msg (t != NULL, "%s is missing", name);
  ck_assert_str_eq (t->name, name);
  ck_assert_str_eq (dtype_name (t->dtype), dtype_name (dtype));
  int rank = 0;
  for (; shape[rank] >= 0; rank++)
    ck_assert_int_eq (t->shape[rank], shape[rank]);
  ck_assert_int_eq (t->rank, rank);
  ck_assert_uint_eq (t->count, count);
  for (size_t i = 0; i < count; i++)
    ck_assert_msg (weight_at (t, i) == v[i] || (isnan (v[i]) && isnan (weight_at (t, i))), "%s[%zu] is %g, not %g",
                   name, i, weight_at (t, i), v[i]);
}

#define SHAPE(...) ((const int64_t[]){ __VA_ARGS__, -1 })
#define SCALAR ((const int64_t[]){ -1 })
#define VALUES(...)                                                                                                    \
  (sizeof ((double[]){ __VA_ARGS__ }) / sizeof (double)), (const double[]) { __VA_ARGS__ }

START_TEST (safetensors_types)
{
  static const char header[] = "{\"__metadata__\":{\"a\":\"b\"},"
                               "\"f16\":{\"dtype\":\"F16\",\"shape\":[6],\"data_offsets\":[0,12]},"
                               "\"bf16\":{\"dtype\":\"BF16\",\"shape\":[2],\"data_offsets\":[12,16]},"
                               "\"f64\":{\"dtype\":\"F64\",\"shape\":[],\"data_offsets\":[16,24]},"
                               "\"i8\":{\"dtype\":\"I8\",\"shape\":[2],\"data_offsets\":[24,26]},"
                               "\"u8\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[26,28]},"
                               "\"i16\":{\"dtype\":\"I16\",\"shape\":[1],\"data_offsets\":[28,30]},"
                               "\"i32\":{\"dtype\":\"I32\",\"shape\":[1,1],\"data_offsets\":[30,34]},"
                               "\"i64\":{\"dtype\":\"I64\",\"shape\":[1],\"data_offsets\":[34,42]},"
                               "\"bool\":{\"dtype\":\"BOOL\",\"shape\":[3],\"data_offsets\":[42,45]},"
                               "\"none\":{\"dtype\":\"F32\",\"shape\":[3,0],\"data_offsets\":[45,45]},"
                               "\"u16\":{\"dtype\":\"U16\",\"shape\":[1],\"data_offsets\":[53,55]},"
                               "\"u32\":{\"dtype\":\"U32\",\"shape\":[1],\"data_offsets\":[55,59]},"
                               "\"u64\":{\"dtype\":\"U64\",\"shape\":[1],\"data_offsets\":[59,67]},"
                               "\"f32\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[45,53]}}";
  struct bytes d = { 0 };
  static const unsigned half[] = { 0x3c00, 0xc000, 0x0001, 0x7bff, 0x7c00, 0x7e00 };
  for (int i = 0; i < 6; i++)
    b_le (&d, half[i], 2);
  b_le (&d, 0xc1203f80, 4);
  b_le (&d, UINT64_C (0x3fb999999999999a), 8);
  b_le (&d, 0xfe80ff01, 4);
  b_le (&d, (uint64_t) -300, 2);
  b_le (&d, (uint64_t) -70000, 4);
  b_le (&d, (uint64_t) -5000000000, 8);
  b_le (&d, 0x020100, 3);
  b_le (&d, UINT64_C (0xff8000003dcccccd), 8);
  b_le (&d, UINT16_MAX, 2);
  b_le (&d, UINT32_MAX, 4);
  b_le (&d, UINT64_MAX, 8);
  struct weights *w = open_bytes (st_file (header, d.p, d.n));
  ck_assert_uint_eq (w->count, 14);
  ck_assert_str_eq (w->list[0].name, "f16"); /* the file's order */
  ck_assert_str_eq (w->list[13].name, "f32");
  ck_assert_str_eq (w->path, file);
  expect (w, "f16", DTYPE_F16, SHAPE (6), VALUES (1, -2, 0x1p-24, 65504, INFINITY, NAN));
  expect (w, "bf16", DTYPE_BF16, SHAPE (2), VALUES (1, -10));
  expect (w, "f64", DTYPE_F64, SCALAR, VALUES (0.1));
  expect (w, "i8", DTYPE_I8, SHAPE (2), VALUES (1, -1));
  expect (w, "u8", DTYPE_U8, SHAPE (2), VALUES (128, 254));
  expect (w, "i16", DTYPE_I16, SHAPE (1), VALUES (-300));
  expect (w, "i32", DTYPE_I32, SHAPE (1, 1), VALUES (-70000));
  expect (w, "i64", DTYPE_I64, SHAPE (1), VALUES (-5000000000));
  expect (w, "u16", DTYPE_U16, SHAPE (1), VALUES (65535));
  expect (w, "u32", DTYPE_U32, SHAPE (1), VALUES (4294967295));
  expect (w, "u64", DTYPE_U64, SHAPE (1), VALUES (0x1p64));
  expect (w, "bool", DTYPE_BOOL, SHAPE (3), VALUES (0, 1, 1));
  expect (w, "none", DTYPE_F32, SHAPE (3, 0), 0, NULL);
  expect (w, "f32", DTYPE_F32, SHAPE (2), VALUES (0.1f, -INFINITY));
  ck_assert_ptr_null (weights_find (w, "f3"));
  ck_assert_ptr_null (weights_find (w, "__metadata__"));
  weights_close (w);
}
END_TEST

/* Every name is found among thousands, and the file's order is kept. */
START_TEST (many_names)
{
  enum
  {
    N = 5000
  };
  struct bytes h = { 0 };
  char s[128];
  for (int i = 0; i < N; i++)
    {
      snprintf (s, sizeof s, "%c\"layer%d.weight\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[%d,%d]}",
                i ? ',' : '{', i * 7919 % N, 4 * i, 4 * i + 4);
      b_str (&h, s);
    }
  b_add (&h, "}", 2);
  struct bytes d = b_floats (N);
  struct weights *w = open_bytes (st_file ((char *) h.p, d.p, d.n));
  ck_assert_uint_eq (w->count, N);
  for (int i = 0; i < N; i++)
    {
      snprintf (s, sizeof s, "layer%d.weight", i * 7919 % N);
      ck_assert_ptr_eq (weights_find (w, s), &w->list[i]);
      ck_assert (weight_at (&w->list[i], 0) == i);
    }
  weights_close (w);
}
END_TEST

/* Two flipped signs must not cancel out in the hash. */
START_TEST (hashes)
{
  static const char header[] = "{\"a\":{\"dtype\":\"F32\",\"shape\":[8],\"data_offsets\":[0,32]}}";
  struct bytes d = b_floats (8);
  struct weights *w = open_bytes (st_file (header, d.p, d.n));
  uint64_t first = w->hash;
  weights_close (w);
  w = weights_open (file);
  ck_assert_uint_eq (w->hash, first);
  weights_close (w);
  for (int i = 0; i < 8; i += 2)
    d.p[4 * i + 3] ^= 0x80;
  w = open_bytes (st_file (header, d.p, d.n));
  ck_assert_uint_ne (w->hash, first);
  weights_close (w);
}
END_TEST

START_TEST (npz_arrays)
{
  struct zip_out z = { 0 };
  struct bytes six = b_floats (6), big = b_floats (6), one = { 0 };
  for (int i = 0; i < 24; i += 4)
    {
      uint32_t u;
      memcpy (&u, big.p + i, 4);
      b_poke (&big, (size_t) i, __builtin_bswap32 (u), 4);
    }
  b_le (&one, 0xff01, 2);
  struct zip_spec s[] = {
    zip_stored ("c.npy", npy_array (1, "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", six)),
    zip_deflated ("block/f.npy", npy_array (1, "{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3), }", six)),
    zip_stored ("big.npy", npy_array (2, "{\"shape\": (3L, 2L), \"descr\": \">f4\", \"fortran_order\": True}", big)),
    zip_stored ("i1.npy", npy_array (3, "{'descr':'|i1','fortran_order':False,'shape':(2,)}", one)),
    zip_deflated ("s.npy", npy_array (1, "{'descr': 'i2', 'fortran_order': False, 'shape': ()}", one)),
  };
  for (size_t i = 0; i < sizeof s / sizeof *s; i++)
    zip_add (&z, &s[i]);
  struct weights *w = open_bytes (zip_end (&z));
  ck_assert_uint_eq (w->count, 5);
  ck_assert_str_eq (w->list[1].name, "block/f");
  expect (w, "c", DTYPE_F32, SHAPE (2, 3), VALUES (0, 1, 2, 3, 4, 5));
  expect (w, "block/f", DTYPE_F32, SHAPE (2, 3), VALUES (0, 2, 4, 1, 3, 5));
  expect (w, "big", DTYPE_F32, SHAPE (3, 2), VALUES (0, 3, 1, 4, 2, 5));
  expect (w, "i1", DTYPE_I8, SHAPE (2), VALUES (1, -1));
  expect (w, "s", DTYPE_I16, SCALAR, VALUES (-255));
  weights_close (w);
}
END_TEST

/* {"net": {"0": t[1:, ::2].T, "1": expanded, "2": [scalar]}, "epoch": 1.5, "self": None} of one storage of 12. */
static struct bytes
views (int legacy)
{
  struct bytes b = { 0 };
  pk_begin (&b);
  b_str (&b, "}(");
  pk_str (&b, "net");
  b_str (&b, "}(");
  pk_str (&b, "0");
  pk_tensor (&b, "FloatStorage", "7", 12, 4, 2, SHAPE (2, 2), SHAPE (2, 4), legacy);
  b_str (&b, "K\1"); /* a key that is a number */
  pk_tensor (&b, "FloatStorage", "7", 12, 3, 3, SHAPE (2, 1, 2), SHAPE (0, 99, 1), legacy);
  pk_str (&b, "2");
  b_str (&b, "]");
  pk_tensor (&b, "FloatStorage", "7", 12, 11, 0, SCALAR, SCALAR, legacy);
  b_str (&b, "au");
  pk_str (&b, "epoch");
  b_add (&b, "G\x3f\xf8\0\0\0\0\0\0", 9);
  pk_str (&b, "self");
  b_str (&b, "Nu.");
  return b;
}

static void
expect_views (struct weights *w)
{
  ck_assert_uint_eq (w->count, 3);
  expect (w, "net.0", DTYPE_F32, SHAPE (2, 2), VALUES (4, 8, 6, 10));
  expect (w, "net.1", DTYPE_F32, SHAPE (2, 1, 2), VALUES (3, 4, 3, 4));
  expect (w, "net.2.0", DTYPE_F32, SCALAR, VALUES (11));
  weights_close (w);
}

START_TEST (torch_views)
{
  struct zip_out z = { 0 };
  struct zip_spec s[] = { zip_stored ("x/data.pkl", views (0)), zip_stored ("x/data/7", b_floats (12)) };
  zip_add (&z, &s[0]);
  zip_add (&z, &s[1]);
  expect_views (open_bytes (zip_end (&z)));

  struct bytes b = pt_legacy (views (1));
  b_str (&b, "\x80\x02]");
  pk_str (&b, "7");
  b_str (&b, "a.");
  struct bytes d = b_floats (12);
  b_le (&b, 12, 8);
  b_add (&b, d.p, d.n);
  expect_views (open_bytes (b));
}
END_TEST

START_TEST (torch_itself)
{
  static const struct
  {
    const unsigned char *p;
    size_t n;
  } files[] = { { torch_zip, sizeof torch_zip }, { torch_legacy, sizeof torch_legacy } };
  for (int i = 0; i < 2; i++)
    {
      struct weights *w = open_array (files[i].p, files[i].n);
      ck_assert_uint_eq (w->count, 2);
      ck_assert_str_eq (w->keys, "state_dict, epoch");
      expect (w, "state_dict.w", DTYPE_F32, SHAPE (3, 2), VALUES (0, 3, 1, 4, 2, 5));
      expect (w, "state_dict.h", DTYPE_F16, SHAPE (2), VALUES (1.5, -2));
      weights_close (w);
    }
}
END_TEST

/* A legacy file lacks something wherever it is cut. */
START_TEST (cut_short)
{
  struct bytes b = { 0 };
  b_add (&b, torch_legacy, sizeof torch_legacy - 1 - (size_t) _i * 20);
  open_bytes (b);
}
END_TEST

static const char *const bad_headers[] = {
  "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},\"b\":{\"dtype\":\"F32\",\"shape\":[2],"
  "\"data_offsets\":[4,12]}}",
  "{\"a\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0,16]}}",
  "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,12]}}",
  "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,0]}}",
  "{\"a\":{\"dtype\":\"F33\",\"shape\":[3],\"data_offsets\":[0,12]}}",
  "{\"a\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,0]}}",
  "{\"a\":{\"dtype\":\"F32\",\"shape\":[1,1,1,1,1,1,1,1,3],\"data_offsets\":[0,12]}}",
  "{\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,12]},\"a\":{\"dtype\":\"F32\",\"shape\":[0],"
  "\"data_offsets\":[12,12]}}",
  "{\"a\\n\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,12]}}",
  "{\"__metadata__\":{}}",
  "{\"a\":",
};

START_TEST (bad_safetensors)
{
  struct bytes d = b_floats (3);
  open_bytes (st_file (bad_headers[_i], d.p, d.n));
}
END_TEST

START_TEST (hostile_pickle)
{
  static const char *const names[][2] = { { "os", "system" },
                                          { "posix", "system" },
                                          { "builtins", "eval" },
                                          { "__builtin__", "exec" },
                                          { "torch", "load" },
                                          { "collections", "OrderedDict\r" },
                                          { "torch.serialization", "FloatStorage" } };
  struct bytes b = { 0 };
  pk_begin (&b);
  pk_global (&b, names[_i][0], names[_i][1]);
  pk_str (&b, "echo hello");
  b_str (&b, "\x85R.");
  if (_i % 2)
    open_bytes (pt_legacy (b));
  open_bytes (zip_one (zip_stored ("x/data.pkl", b)));
}
END_TEST

START_TEST (lone_npy)
{
  open_bytes (npy_array (1, "{'descr': '<f4', 'fortran_order': False, 'shape': (2,)}", b_floats (2)));
}
END_TEST

/* Everything trained that lies in the shared folder opens, and is finite. */
START_TEST (shared_models)
{
  static const char *const patterns[] = { "models/*/*.safetensors", "models/*/*.th", "golden/*/weights.safetensors" };
  const char *shared = getenv ("RESCAST_SHARED"), *source = getenv ("RESCAST_SRCDIR");
  if (!shared)
    shared = mem_printf ("%s/../shared", source ? source : getenv ("srcdir") ? getenv ("srcdir") : ".");
  size_t read = 0;
  for (size_t k = 0; k < sizeof patterns / sizeof *patterns; k++)
    {
      glob_t g;
      if (glob (mem_printf ("%s/%s", shared, patterns[k]), 0, NULL, &g))
        continue;
      for (size_t i = 0; i < g.gl_pathc; i++, read++)
        {
          struct weights *w = weights_open (g.gl_pathv[i]);
          ck_assert_uint_gt (w->count, 1);
          for (size_t t = 0; t < w->count; t++)
            for (size_t e = 0; e < w->list[t].count; e++)
              if (!isfinite (weight_at (&w->list[t], e))) /* no ck_assert: it writes at every element */
                ck_abort_msg ("%s: %s[%zu]", w->path, w->list[t].name, e);
          if (strstr (w->path, "resnet20"))
            expect (w, "state_dict.module.linear.bias", DTYPE_F32, SHAPE (10),
                    VALUES (0x1.8c68b2p-3, -0x1.5f55d6p-2, 0x1.c77f54p-4, 0x1.4a4712p-2, 0x1.26d6d6p-3, -0x1.72a38cp-3,
                            0x1.4e0eap-3, -0x1.4bffdap-3, 0x1.6a1776p-6, -0x1.14bee2p-2));
          weights_close (w);
        }
      globfree (&g);
    }
  if (!read)
    printf ("weights: no files under %s; the test of trained weights is skipped\n", shared);
}
END_TEST

Suite *weights_suite (void);

Suite *
weights_suite (void)
{
  Suite *s = suite_create ("weights");
  TCase *t = tcase_create ("read");
  tcase_add_unchecked_fixture (t, make_folder, remove_folder);
  tcase_add_test (t, safetensors_types);
  tcase_add_test (t, many_names);
  tcase_add_test (t, hashes);
  tcase_add_test (t, npz_arrays);
  tcase_add_test (t, torch_views);
  tcase_add_test (t, torch_itself);
  tcase_add_test (t, shared_models);
  suite_add_tcase (s, t);
  tcase_set_timeout (t, 60);
  t = tcase_create ("refuse");
  tcase_add_unchecked_fixture (t, make_folder, remove_folder);
  tcase_add_loop_exit_test (t, cut_short, 1, 0, 26);
  tcase_add_loop_exit_test (t, bad_safetensors, 1, 0, (int) (sizeof bad_headers / sizeof *bad_headers));
  tcase_add_loop_exit_test (t, hostile_pickle, 1, 0, 7);
  tcase_add_exit_test (t, lone_npy, 1);
  suite_add_tcase (s, t);
  return s;
}
