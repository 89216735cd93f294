/* Element types: rounding, limits, reading back. Tensor formats: bytes, strides and places. */
#include <check.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../runtime/rescast.h"
#include "base/util.h"
#include "format/tensor_format.h"

#define COUNT(a) (sizeof (a) / sizeof *(a))

/* ---- elements ---- */

/* What the runtime reads. */
static float
runtime_value (uint32_t bits, enum element e)
{
  uint16_t half = (uint16_t) bits;
  uint8_t byte = (uint8_t) bits;
  const void *data = element_bytes (e) == 4 ? (void *) &bits : element_bytes (e) == 2 ? (void *) &half : (void *) &byte;
  return rescast_element_value (data, 0, element_type (e)->runtime);
}

/* Each number of two bytes, and what lies between it and the next one. */
START_TEST (every_float)
{
  const enum element e = _i ? ELEMENT_BF16 : ELEMENT_F16;
  const uint32_t infinite = e == ELEMENT_F16 ? 0x7c00 : 0x7f80;
  for (uint32_t b = 0; b <= infinite; b++)
    for (uint32_t sign = 0; sign <= 0x8000; sign += 0x8000)
      {
        const uint32_t bits = b | sign;
        double v = element_value (bits, e), next = element_value (bits + 1, e), half = v + (next - v) / 2;
        ck_assert (!signbit (v) == !sign && element_bits (v, e) == bits && (double) runtime_value (bits, e) == v);
        ck_assert_int_eq (element_finite (&(uint16_t){ (uint16_t) bits }, 0, e), b < infinite);
        if (b + 1 >= infinite)
          continue;
        ck_assert (fabs (next) > fabs (v));
        ck_assert_uint_eq (element_bits (half, e), bits + (b & 1)); /* ties to even */
        ck_assert_uint_eq (element_bits (v + (half - v) * (1 - 1e-12), e), bits);
        ck_assert_uint_eq (element_bits (half + (next - half) * 1e-9, e), bits + 1);
      }
  for (uint32_t b = infinite + 1; b < 0x8000; b++)
    ck_assert (isnan (element_value (b, e)) && isnan (element_value (b | 0x8000, e)) && isnan (runtime_value (b, e)));
  ck_assert (isnan (element_value (element_bits (NAN, e), e)));
}
END_TEST

START_TEST (known_floats)
{
  static const struct
  {
    double v;
    uint32_t f16, bf16, f32;
  } cases[] = {
    { 1, 0x3c00, 0x3f80, 0x3f800000 },             { -2, 0xc000, 0xc000, 0xc0000000 },
    { 0x1p-24, 1, 0x3380, 0x33800000 },            { 0x1p-25, 0, 0x3300, 0x33000000 },
    { 65504, 0x7bff, 0x4780, 0x477fe000 },         { 65519.99, 0x7bff, 0x4780, 0x477feffd },
    { 65520, 0x7c00, 0x4780, 0x477ff000 },         { 1e300, 0x7c00, 0x7f80, 0x7f800000 },
    { INFINITY, 0x7c00, 0x7f80, 0x7f800000 },      { -INFINITY, 0xfc00, 0xff80, 0xff800000 },
    { 0x1.fep127, 0x7c00, 0x7f7f, 0x7f7f0000 },    { 0x1.ffp127, 0x7c00, 0x7f80, 0x7f7f8000 },
    { 1 + 0x1p-11, 0x3c00, 0x3f80, 0x3f801000 },   { 1 + 0x1p-8, 0x3c04, 0x3f80, 0x3f808000 },
    { 1 + 0x1.8p-7, 0x3c0c, 0x3f82, 0x3f818000 },  { 0x1p-133, 0, 1, 0x00010000 },
    { 0x1p-149, 0, 0, 1 },                         { 0x1p-150, 0, 0, 0 },
    { 0x1.8p-149, 0, 0, 2 },                       { FLT_MAX, 0x7c00, 0x7f80, 0x7f7fffff },
    { 0x1.fffffefp127, 0x7c00, 0x7f80, 0x7f7fffff }, { 0x1.ffffffp127, 0x7c00, 0x7f80, 0x7f800000 },
    { 0.0, 0, 0, 0 },                              { -0.0, 0x8000, 0x8000, 0x80000000 },
  };
  for (size_t i = 0; i < COUNT (cases); i++)
    {
      ck_assert_uint_eq (element_bits (cases[i].v, ELEMENT_F16), cases[i].f16);
      ck_assert_uint_eq (element_bits (cases[i].v, ELEMENT_BF16), cases[i].bf16);
      ck_assert_uint_eq (element_bits (cases[i].v, ELEMENT_F32), cases[i].f32);
    }
  ck_assert (isnan (element_value (element_bits (NAN, ELEMENT_F32), ELEMENT_F32)));
}
END_TEST

/* The table's own rounding is the compiler's, which element_set uses. */
START_TEST (floats_as_compiled)
{
  uint64_t state = 1;
  for (int i = 0; i < 200000; i++)
    {
      double v, back;
      state = state * 6364136223846793005U + 1442695040888963407U;
      memcpy (&v, &state, sizeof v);
      if (i % 2) /* in the range of floats */
        v = ldexp ((double) (int64_t) state, (int) (state % 300) - 212);
      if (isnan (v))
        continue;
      const float f = (float) v;
      uint32_t bits;
      memcpy (&bits, &f, sizeof f);
      ck_assert_uint_eq (element_bits (v, ELEMENT_F32), bits);
      back = element_value (bits, ELEMENT_F32);
      ck_assert (back == (double) f && !signbit (back) == !signbit (f));
    }
}
END_TEST

START_TEST (integers)
{
  static const struct
  {
    double v;
    int64_t s8, u8, s32;
  } cases[] = {
    { 0, 0, 0, 0 },
    { -0.0, 0, 0, 0 },
    { 0.5, 0, 0, 0 },
    { 1.5, 2, 2, 2 },
    { 2.5, 2, 2, 2 },
    { -0.5, 0, 0, 0 },
    { -1.5, -2, 0, -2 },
    { 0.49999999999999994, 0, 0, 0 },
    { 126.5, 126, 126, 126 },
    { 127.5, 127, 128, 128 },
    { -128.5, -128, 0, -128 },
    { -129, -128, 0, -129 },
    { 254.5, 127, 254, 254 },
    { 255.5, 127, 255, 256 },
    { 2147483646.5, 127, 255, 2147483646 },
    { 2147483647.5, 127, 255, INT32_MAX },
    { -2147483649.0, -128, 0, INT32_MIN },
    { 1e300, 127, 255, INT32_MAX },
    { -INFINITY, -128, 0, INT32_MIN },
    { INFINITY, 127, 255, INT32_MAX },
    { NAN, 0, 0, 0 },
  };
  static const enum element types[] = { ELEMENT_S8, ELEMENT_U8, ELEMENT_S32 };
  for (size_t i = 0; i < COUNT (cases); i++)
    for (size_t k = 0; k < COUNT (types); k++)
      {
        const int64_t expected = k == 0 ? cases[i].s8 : k == 1 ? cases[i].u8 : cases[i].s32;
        const uint32_t bits = element_bits (cases[i].v, types[k]);
        ck_assert_msg (element_value (bits, types[k]) == (double) expected, "%g as %s: %g", cases[i].v,
                       element_type (types[k])->name, element_value (bits, types[k]));
        ck_assert (runtime_value (bits, types[k]) == (float) expected);
      }
}
END_TEST

/* Rows of the table agree with one another, elements are stored where they are read, at any address. */
START_TEST (table)
{
  for (enum element e = 0; e < ELEMENT_COUNT; e++)
    {
      const struct element_type *t = element_type (e);
      unsigned char data[64];
      memset (data, 0xaa, sizeof data);
      ck_assert_int_eq (element_bytes (e), t->bytes);
      ck_assert (element_value (element_bits (t->highest, e), e) == t->highest);
      ck_assert (element_value (element_bits (t->lowest, e), e) == t->lowest);
      for (int i = 0; i < 5; i++)
        element_set (data + 1, i, i % 2 ? t->lowest : t->highest, e);
      for (int i = 0; i < 5; i++)
        ck_assert (element_get (data + 1, i, e) == (i % 2 ? t->lowest : t->highest) && element_finite (data + 1, i, e));
      ck_assert (data[0] == 0xaa && data[1 + 5 * t->bytes] == 0xaa);
      element_set (data, 3, INFINITY, e);
      ck_assert (element_finite (data, 3, e) == (t->digits == 0) && element_get (data, 3, e) >= t->highest);
      element_set (data, 3, NAN, e);
      const double nan = element_get (data, 3, e);
      ck_assert (t->digits ? isnan (nan) && !element_finite (data, 3, e) : nan == 0);
    }
}
END_TEST

/* ---- formats ---- */

static const struct format_case
{
  struct tensor_format format;
  struct shape shape;
  int64_t lanes, groups; /* channels side by side, and groups of them */
} formats[] = {
  { { ELEMENT_F32, LAYOUT_PLANAR, 1, { 0 }, { 0 } }, { 3, 3, { 2, 5, 7 } }, 1, 3 },
  { { ELEMENT_F32, LAYOUT_PLANAR, 1, { 1, 2, 3 }, { 0, 1, 5 } }, { 3, 5, { 3, 1, 7 } }, 1, 5 },
  { { ELEMENT_F32, LAYOUT_BLOCKED, 16, { 0, 1, 1 }, { 0, 1, 2 } }, { 2, 17, { 1, 5, 3 } }, 16, 2 },
  { { ELEMENT_BF16, LAYOUT_BLOCKED, 32, { 2, 0, 1 }, { 1, 3, 0 } }, { 3, 33, { 3, 2, 5 } }, 32, 2 },
  { { ELEMENT_S8, LAYOUT_BLOCKED, 64, { 1, 1, 1 }, { 1, 1, 1 } }, { 3, 64, { 2, 3, 1 } }, 64, 1 },
  { { ELEMENT_U8, LAYOUT_BLOCKED, 4, { 0, 0, 0 }, { 0, 0, 0 } }, { 0, 9, { 1, 1, 1 } }, 4, 3 },
  { { ELEMENT_F16, LAYOUT_CHANNELS_LAST, 1, { 0 }, { 0 } }, { 3, 13, { 2, 3, 5 } }, 13, 1 },
  { { ELEMENT_F16, LAYOUT_CHANNELS_LAST, 4, { 0, 0, 3 }, { 0, 0, 2 } }, { 2, 3, { 1, 7, 9 } }, 4, 1 },
  { { ELEMENT_S32, LAYOUT_CHANNELS_LAST, 8, { 1, 0, 2 }, { 3, 1, 0 } }, { 3, 9, { 3, 3, 1 } }, 16, 1 },
};

/* Walking through memory meets each element once, and its place leads back to it. */
START_TEST (places)
{
  const struct format_case *k = &formats[_i];
  const struct tensor_format *f = &k->format;
  const struct shape *s = &k->shape;
  const struct strides t = format_strides (f, s);
  const int64_t batch = 3, elements = format_elements (f, s, batch);
  int64_t extent[AXES], index = 0;
  for (int a = 0; a < AXES; a++)
    {
      extent[a] = f->halo_lo[a] + s->dim[a] + f->halo_hi[a];
      ck_assert_int_eq (format_extent (f, s, a), extent[a]);
    }
  for (int64_t group = 0; group < batch * k->groups; group++)
    for (int64_t d = 0; d < extent[AXIS_D]; d++)
      for (int64_t h = 0; h < extent[AXIS_H]; h++)
        for (int64_t w = 0; w < extent[AXIS_W]; w++)
          for (int64_t lane = 0; lane < k->lanes; lane++, index++)
            {
              const struct position p = format_position (f, &t, index);
              ck_assert (p.n == group / k->groups && p.c == group % k->groups * k->lanes + lane);
              ck_assert (p.at[AXIS_D] == d - f->halo_lo[AXIS_D] && p.at[AXIS_H] == h - f->halo_lo[AXIS_H]
                         && p.at[AXIS_W] == w - f->halo_lo[AXIS_W]);
              ck_assert_int_eq (format_index (&t, p), index);
            }
  ck_assert_int_eq (index, elements);
  ck_assert_int_eq (format_lanes (f, s), k->lanes);
  ck_assert_int_eq (format_groups (f, s), k->groups);
  ck_assert_int_eq (format_channels (f, s), k->lanes * k->groups);
  ck_assert (format_elements_estimate (f, s, batch) == (double) elements);
  ck_assert_int_eq (format_bytes (f, s, batch), elements * element_bytes (f->element));
}
END_TEST

START_TEST (known_strides)
{
  struct strides t = format_strides (&formats[2].format, &formats[2].shape);
  ck_assert (t.pixel == 16 && t.row == 6 * 16 && t.plane == 7 * 96 && t.block == 672 && t.sample == 2 * 672);
  ck_assert_int_eq (t.origin, 96 + 16);
  t = format_strides (&formats[1].format, &formats[1].shape);
  ck_assert (t.pixel == 1 && t.row == 15 && t.plane == 60 && t.block == 240 && t.sample == 1200);
  ck_assert_int_eq (t.origin, 60 + 2 * 15 + 3);
  t = format_strides (&formats[7].format, &formats[7].shape);
  ck_assert (t.pixel == 4 && t.row == 56 && t.plane == 392 && t.block == 392 && t.sample == 392 && t.origin == 12);
}
END_TEST

/* What overflows is estimated. */
START_TEST (beyond_integers)
{
  const struct shape s = { 3, INT32_MAX, { INT32_MAX, INT32_MAX, INT32_MAX } };
  ck_assert (format_elements_estimate (&format_dense, &s, 2) > 4e37);
}
END_TEST

Suite *format_suite (void);

Suite *
format_suite (void)
{
  Suite *s = suite_create ("format");
  TCase *c = tcase_create ("elements");
  tcase_add_loop_test (c, every_float, 0, 2);
  tcase_add_test (c, known_floats);
  tcase_add_test (c, floats_as_compiled);
  tcase_add_test (c, integers);
  tcase_add_test (c, table);
  suite_add_tcase (s, c);
  c = tcase_create ("formats");
  tcase_add_loop_test (c, places, 0, COUNT (formats));
  tcase_add_test (c, known_strides);
  tcase_add_test (c, beyond_integers);
  suite_add_tcase (s, c);
  return s;
}
