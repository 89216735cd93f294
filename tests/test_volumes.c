/* Volumes: NIfTI files written byte by byte, files without a header, and interpolation against values by hand. */
#include "../runtime/cli/cli.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "weights_bytes.h"

Suite *volumes_suite (void);

static char folder[] = "/tmp/rescast-volumes-XXXXXX";
static char path[sizeof folder + 16];

static void
make_folder (void)
{
  ck_assert_ptr_nonnull (mkdtemp (folder));
  snprintf (path, sizeof path, "%s/volume", folder);
}

static void
remove_folder (void)
{
  unlink (path);
  rmdir (folder);
  memcpy (strrchr (folder, '-') + 1, "XXXXXX", 6);
}

/* ---- writing ---- */

struct header
{
  bool big; /* big-endian */
  int dim[5], type, bits;
  float slope, inter;
};

/* V in N bytes of H's order. */
static void
put (struct bytes *b, const struct header *h, uint64_t v, int n)
{
  for (int i = 0; i < n; i++)
    b_le (b, v >> 8 * (h->big ? n - 1 - i : i) & 255, 1);
}

static uint64_t
bits32 (float x)
{
  uint32_t u;
  memcpy (&u, &x, 4);
  return u;
}

static uint64_t
bits64 (double x)
{
  uint64_t u;
  memcpy (&u, &x, 8);
  return u;
}

static struct bytes
nifti (const struct header *h)
{
  struct bytes b = { 0 };
  put (&b, h, 348, 4);
  b_fill (&b, 0, 36);
  for (int i = 0; i < 8; i++)
    put (&b, h, i < 5 && h->dim[i] ? (uint64_t) h->dim[i] : 1, 2);
  b_fill (&b, 0, 14);
  put (&b, h, (uint64_t) h->type, 2);
  put (&b, h, (uint64_t) h->bits, 2);
  b_fill (&b, 0, 34);
  put (&b, h, bits32 (352), 4);
  put (&b, h, bits32 (h->slope), 4);
  put (&b, h, bits32 (h->inter), 4);
  b_fill (&b, 0, 344 - b.n);
  b_add (&b, "n+1\0\0\0\0", 8);
  return b;
}

static void
write_gz (const struct bytes *b)
{
  gzFile f = gzopen (path, "wb");
  ck_assert_int_eq (gzwrite (f, b->p, (unsigned) b->n), (int) b->n);
  ck_assert_int_eq (gzclose (f), Z_OK);
}

/* ---- reading ---- */

static struct rescast_info
takes (int rank, int c, int d, int h, int w)
{
  return (struct rescast_info){ .abi = RESCAST_ABI, .name = "v", .batch = 1, .input_rank = rank,
                                .input_shape = { c, d, h, w } };
}

/* The file's SAMPLES samples are COUNT values in all, those of WANT. */
static void
expect (const struct rescast_info *info, const struct cli_options *o, size_t samples, const double *want, size_t count)
{
  struct cli_source s;
  static float out[4096];
  ck_assert (cli_source_open (&s, path, info, o));
  ck_assert_uint_eq (s.samples, samples);
  ck_assert_uint_eq (s.shape.count * samples, count);
  for (size_t k = samples; k-- > 0;) /* backwards: seeks, in compressed files too */
    ck_assert (s.reader->read (&s, k, out + k * s.shape.count));
  for (size_t i = 0; i < count; i++)
    ck_assert_msg (fabs (out[i] - want[i]) <= 1e-6 * fabs (want[i]), "[%zu] is %g, not %g", i, (double) out[i],
                   want[i]);
  cli_source_close (&s);
}

static bool
opens (const struct rescast_info *info, const struct cli_options *o)
{
  struct cli_source s;
  bool ok = cli_source_open (&s, path, info, o);
  cli_source_close (&s);
  return ok;
}

static const struct cli_options none;

/* ---- NIfTI ---- */

#ifdef HAVE_NIFTI

START_TEST (slope)
{
  struct header h = { .big = _i, .dim = { 3, 4, 3, 2 }, .type = 4, .bits = 16, .slope = 0.5f, .inter = -3 };
  struct bytes b = nifti (&h);
  double want[24];
  for (int i = 0; i < 24; i++)
    {
      put (&b, &h, (uint64_t) (i * 100 - 1000), 2);
      want[i] = ((i * 100 - 1000) * 0.5 - 3) / 2 - 1; /* scale 2, mean 1 */
    }
  b_write (&b, path);
  struct rescast_info info = takes (3, 1, 2, 3, 4);
  const float mean = 1;
  info.scale = 2;
  info.mean = &mean;
  expect (&info, &none, 1, want, 24);
}
END_TEST

START_TEST (doubles_gz)
{
  struct header h = { .big = _i, .dim = { 4, 2, 2, 2, 3 }, .type = 64, .bits = 64 };
  struct bytes b = nifti (&h);
  double want[24];
  for (int i = 0; i < 24; i++)
    put (&b, &h, bits64 (want[i] = i * 0.125 - 1), 8);
  write_gz (&b);
  struct rescast_info info = takes (3, 1, 2, 2, 2), channels = takes (3, 3, 2, 2, 2);
  expect (&info, &none, 3, want, 24);
  expect (&channels, &none, 1, want, 24); /* t as channels */
  channels.input_shape[0] = 2;
  ck_assert (!opens (&channels, &none));
}
END_TEST

START_TEST (types)
{
  static const struct
  {
    int code, bytes;
    uint64_t bits;
    double value;
  } cases[] = { { 2, 1, 200, 200 },
                { 256, 1, 200, -56 },
                { 4, 2, 65526, -10 },
                { 512, 2, 65526, 65526 },
                { 8, 4, 0xfffffff6, -10 },
                { 768, 4, 0xfffffff6, 4294967286. },
                { 1024, 8, UINT64_MAX - 9, -10 },
                { 1280, 8, UINT64_C (1) << 63, 0x1p63 },
                { 16, 4, 0x40490fdb, 3.14159274 },
                { 64, 8, UINT64_C (0x3ff8000000000000), 1.5 } };
  for (int big = 0; big < 2; big++)
    {
      struct header h = { .big = big, .dim = { 3, 1, 1, 1 }, .type = cases[_i].code, .bits = 8 * cases[_i].bytes };
      struct bytes b = nifti (&h);
      put (&b, &h, cases[_i].bits, cases[_i].bytes);
      b_write (&b, path);
      struct rescast_info info = takes (3, 1, 1, 1, 1);
      expect (&info, &none, 1, &cases[_i].value, 1);
    }
}
END_TEST

/* Colours are channels; a network of one channel does not take them. */
START_TEST (colours)
{
  struct header h = { .dim = { 3, 2, 2, 1 }, .type = 128, .bits = 24, .slope = 7 };
  struct bytes b = nifti (&h);
  b_add (&b, "\1\2\3\4\5\6\7\10\11\12\13\14", 12);
  b_write (&b, path);
  struct rescast_info info = takes (2, 3, 1, 2, 2), gray = takes (2, 1, 1, 2, 2);
  expect (&info, &none, 1, (double[]){ 1, 4, 7, 10, 2, 5, 8, 11, 3, 6, 9, 12 }, 12);
  ck_assert (!opens (&gray, &none));
}
END_TEST

START_TEST (refused)
{
  struct header h = { .dim = { 3, 2, 2, 2 }, .type = 2, .bits = 8 };
  struct rescast_info flat = takes (2, 1, 1, 2, 2), info = takes (3, 1, 2, 2, 2);
  struct bytes b = nifti (&h);
  b_fill (&b, 1, 8);
  b_write (&b, path);
  ck_assert (opens (&info, &none));
  ck_assert (!opens (&flat, &none)); /* a depth of 2 */
  b.n--;
  b_write (&b, path);
  ck_assert (!opens (&info, &none));
  b.n++;
  write_gz (&b);
  ck_assert (opens (&info, &none));
  /* Its checksum is found wrong: at once in so short a file, else behind the last voxel. */
  FILE *f = fopen (path, "r+b");
  fseek (f, -8, SEEK_END);
  int c = fgetc (f);
  fseek (f, -8, SEEK_END);
  fputc (c ^ 1, f);
  fclose (f);
  struct cli_source s;
  float out[8];
  ck_assert (!cli_source_open (&s, path, &info, &none) || !s.reader->read (&s, 0, out));
  cli_source_close (&s);
}
END_TEST

#endif

/* ---- files without a header, and interpolation ---- */

static void
write_floats (const double *v, size_t n)
{
  struct bytes b = { 0 };
  for (size_t i = 0; i < n; i++)
    b_le (&b, bits32 ((float) v[i]), 4);
  b_write (&b, path);
}

static struct cli_options
raw (const char *shape, const char *type)
{
  struct cli_options o = { 0 };
  ck_assert (!shape || cli_raw_shape (&o.raw, shape));
  ck_assert (!type || cli_raw_type (&o.raw, type));
  return o;
}

START_TEST (raw_types)
{
  static const double want[] = { -2, 258, 3, 4 };
  static const unsigned char big[] = { 0xff, 0xfe, 1, 2, 0, 3, 0, 4 }, little[] = { 0xfe, 0xff, 2, 1, 3, 0, 4, 0 };
  struct rescast_info info = takes (3, 1, 1, 1, 2);
  struct bytes b = { 0 };
  b_add (&b, _i ? big : little, 8);
  b_write (&b, path);
  struct cli_options o = raw ("1,1,2", _i ? "i16be" : "i16le");
  expect (&info, &o, 2, want, 4);
  o = raw (NULL, _i ? "i16be" : "i16"); /* the network's shape */
  expect (&info, &o, 2, want, 4);
  o = raw ("1,1,1,2", _i ? "i16be" : "i16");
  expect (&info, &o, 2, want, 4);
  o = raw ("1,1,3", "u8"); /* 8 bytes are no whole number of samples */
  ck_assert (!opens (&info, &o));
  o = raw ("2,1,1,2", "u8"); /* channels */
  ck_assert (!opens (&info, &o));
  o = raw ("1,2", "u8"); /* no depth */
  ck_assert (!opens (&info, &o));
  struct cli_raw r = { 0 };
  ck_assert (!cli_raw_shape (&r, "1") && !cli_raw_shape (&r, "1,2,") && !cli_raw_shape (&r, "1,0,2"));
  ck_assert (!cli_raw_shape (&r, "") && !cli_raw_shape (&r, "1,2,3,4,") && !cli_raw_shape (&r, "1,,2"));
  ck_assert (!cli_raw_shape (&r, "1,2,3,4,5") && !cli_raw_shape (&r, "99999999999999999999,1,1"));
  ck_assert (!cli_raw_type (&r, "f8") && !cli_raw_type (&r, "i16me") && !cli_raw_type (&r, ""));
}
END_TEST

/* Halves, doubles, and an axis of one that becomes several. */
START_TEST (one_axis)
{
  static const double four[] = { 1, 3, 7, 13 };
  write_floats (four, 4);
  struct cli_options o = raw ("1,4", NULL);
  struct rescast_info two = takes (2, 1, 1, 1, 2), eight = takes (2, 1, 1, 1, 8), three = takes (2, 1, 1, 1, 3);
  expect (&two, &o, 1, (double[]){ 2, 10 }, 2);
  expect (&eight, &o, 1, (double[]){ 1, 1.5, 2.5, 4, 6, 8.5, 11.5, 13 }, 8);
  expect (&three, &o, 1, (double[]){ 1 + 2. / 6, 5, 13 - 1 }, 3); /* at 1/6, 3/2, 17/6 */
  o = raw ("4,1", NULL);
  struct rescast_info high = takes (2, 1, 1, 2, 3);
  expect (&high, &o, 1, (double[]){ 2, 2, 2, 10, 10, 10 }, 6);
}
END_TEST

/* x + 10 y + 100 z is reproduced wherever the place lies inside. */
START_TEST (three_axes)
{
  double v[2 * 3 * 4], want[2 * 4 * 6 * 2];
  for (int i = 0; i < 24; i++)
    v[i] = i % 4 + 10 * (i / 4 % 3) + 100 * (i / 12);
  write_floats (v, 24);
  struct cli_options o = raw ("2,3,4", "f32le");
  struct rescast_info same = takes (3, 1, 2, 3, 4), larger = takes (3, 1, 4, 6, 2);
  expect (&same, &o, 1, v, 24);
  static const double x[] = { 0.5, 2.5 }, y[] = { 0, 0.25, 0.75, 1.25, 1.75, 2 }, z[] = { 0, 0.25, 0.75, 1 };
  for (int i = 0; i < 48; i++)
    want[i] = x[i % 2] + 10 * y[i / 2 % 6] + 100 * z[i / 12];
  expect (&larger, &o, 1, want, 48);
}
END_TEST

/* What is no number stays where it is. */
START_TEST (not_a_number)
{
  static const double v[] = { 1, NAN, 2, 3 };
  write_floats (v, 4);
  struct cli_options o = raw ("1,4", NULL);
  struct rescast_info same = takes (2, 1, 1, 1, 4);
  struct cli_source s;
  float out[4];
  ck_assert (cli_source_open (&s, path, &same, &o) && s.reader->read (&s, 0, out));
  ck_assert (out[0] == 1 && isnan (out[1]) && out[2] == 2 && out[3] == 3);
  cli_source_close (&s);
}
END_TEST

Suite *
volumes_suite (void)
{
  Suite *s = suite_create ("volumes");
  TCase *t = tcase_create ("volumes");
  tcase_add_unchecked_fixture (t, make_folder, remove_folder);
#ifdef HAVE_NIFTI
  tcase_add_loop_test (t, slope, 0, 2);
  tcase_add_loop_test (t, doubles_gz, 0, 2);
  tcase_add_loop_test (t, types, 0, 10);
  tcase_add_test (t, colours);
  tcase_add_test (t, refused);
#endif
  tcase_add_loop_test (t, raw_types, 0, 2);
  tcase_add_test (t, one_axis);
  tcase_add_test (t, three_axes);
  tcase_add_test (t, not_a_number);
  suite_add_tcase (s, t);
  return s;
}
