/* Images on their way to a network, pixel for pixel as PIL prepares them. */
#include "cli.h"

#include <check.h>
#include <png.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

static const struct expected
{
  int width, height, channels;
  int sharp; /* black and white */
  int resize[2];
  int to_height, to_width;
  int interpolation;
  unsigned long crc32;
} expected[] = {
#include "image_sums.h"
};

/* The noise of image_sums.py. */
static struct cli_image
noise (int width, int height, int channels, int sharp)
{
  struct cli_image m;
  uint32_t x = 12345;
  ck_assert (cli_image_alloc (&m, "noise", (uint64_t) width, (uint64_t) height, channels, channels));
  for (int i = 0; i < width * height * channels; i++)
    {
      x = x * 1664525 + 1013904223;
      m.pixels[i] = (unsigned char) (!sharp ? x >> 24 : x >> 31 ? 255 : 0);
    }
  return m;
}

static struct rescast_info
network (const int resize[2], int height, int width, int interpolation)
{
  return (struct rescast_info){ .input_shape = { 3, 1, height, width }, .resize = { resize[0], resize[1] },
                                .interpolation = interpolation };
}

START_TEST (as_pil)
{
  for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
    {
      const struct expected *e = &expected[i];
      struct rescast_info to = network (e->resize, e->to_height, e->to_width, e->interpolation);
      struct cli_image m = noise (e->width, e->height, e->channels, e->sharp);
      ck_assert (cli_image_prepare (&m, "noise", &to));
      ck_assert (m.height == e->to_height && m.width == e->to_width && m.channels == e->channels);
      unsigned long sum = crc32 (0, m.pixels, (unsigned) (m.width * m.height * m.channels));
      ck_assert_msg (sum == e->crc32, "case %zu: %d x %d x %d to %d x %d, filter %d", i, e->width, e->height, e->channels,
                     e->to_width, e->to_height, e->interpolation);
      free (m.pixels);
    }
}
END_TEST

/* An image is resized in strips of columns: more rows than one strip holds at full width. */
START_TEST (strips)
{
  const struct rescast_info to = network ((int[]){ 2, 2000 }, 2, 2000, RESCAST_BICUBIC);
  struct cli_image tall = noise (3, 8000, 3, 0), narrow = noise (3, 8000, 3, 0);
  ck_assert (cli_image_prepare (&tall, "tall", &to));
  /* The same in two steps, of which neither needs strips: the rows first, as they are resized anyway. */
  ck_assert (cli_image_resize (&narrow, "narrow", RESCAST_BICUBIC, (struct cli_span){ 8000, 0, 8000 },
                               (struct cli_span){ 2000, 700, 40 }));
  ck_assert (cli_image_resize (&narrow, "narrow", RESCAST_BICUBIC, (struct cli_span){ 2, 0, 2 },
                               (struct cli_span){ 40, 0, 40 }));
  for (int y = 0; y < 2; y++)
    ck_assert_mem_eq (tall.pixels + (y * 2000 + 700) * 3, narrow.pixels + y * 40 * 3, 40 * 3);
  free (tall.pixels);
  free (narrow.pixels);
}
END_TEST

/* M as a PNG whose samples have BITS bits, the lower ones of 16 being noise, with an alpha channel of noise or without. */
static void
write_png (FILE *file, const struct cli_image *m, int bits, bool alpha)
{
  png_structp png = png_create_write_struct (PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
  png_infop info = png_create_info_struct (png);
  int type = (m->channels == 3 ? PNG_COLOR_MASK_COLOR : 0) | (alpha ? PNG_COLOR_MASK_ALPHA : 0), each = m->channels + alpha;
  unsigned char *row = malloc ((size_t) (m->width * each * 2));
  png_init_io (png, file);
  png_set_IHDR (png, info, (unsigned) m->width, (unsigned) m->height, bits, type, PNG_INTERLACE_NONE, 0, 0);
  png_write_info (png, info);
  for (int y = 0; y < m->height; y++)
    {
      unsigned char *p = row;
      for (int i = 0; i < m->width * each; i++)
        {
          int x = i / each, c = i % each;
          *p++ = c < m->channels ? m->pixels[(y * m->width + x) * m->channels + c] : (unsigned char) (x * 7);
          if (bits == 16)
            *p++ = (unsigned char) (x * 37 + y);
        }
      png_write_row (png, row);
    }
  png_write_end (png, info);
  png_destroy_write_struct (&png, &info);
  free (row);
}

/* Alpha is dropped and 16 bits become 8 before an image is resized. */
START_TEST (from_png)
{
  static const struct { int bits; bool alpha; } kinds[] = { { 8, false }, { 8, true }, { 16, false }, { 16, true } };
  for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
    for (size_t k = 0; expected[i].interpolation == RESCAST_BICUBIC && k < sizeof kinds / sizeof *kinds; k++)
      {
        const struct expected *e = &expected[i];
        struct rescast_info to = network (e->resize, e->to_height, e->to_width, e->interpolation);
        struct cli_image m = noise (e->width, e->height, e->channels, e->sharp);
        FILE *file = tmpfile ();
        ck_assert_ptr_nonnull (file);
        write_png (file, &m, kinds[k].bits, kinds[k].alpha);
        free (m.pixels);
        rewind (file);
        ck_assert (cli_png_read (&m, "a.png", file, e->channels));
        ck_assert (cli_image_prepare (&m, "a.png", &to));
        ck_assert_uint_eq (crc32 (0, m.pixels, (unsigned) (m.width * m.height * m.channels)), e->crc32);
        free (m.pixels);
        fclose (file);
      }
}
END_TEST

START_TEST (not_covering)
{
  const struct rescast_info shorter = network ((int[]){ 5, 0 }, 5, 8, 0), exact = network ((int[]){ 8, 4 }, 5, 8, 0);
  struct cli_image m = noise (10, 20, 1, 0);
  ck_assert (!cli_image_prepare (&m, "portrait", &shorter));
  ck_assert (!cli_image_prepare (&m, "exact", &exact));
  free (m.pixels);
}
END_TEST

Suite *images_suite (void);

Suite *
images_suite (void)
{
  Suite *s = suite_create ("images");
  TCase *t = tcase_create ("images");
  tcase_add_test (t, as_pil);
  tcase_add_test (t, strips);
  tcase_add_test (t, from_png);
  tcase_add_test (t, not_covering);
  tcase_set_timeout (t, 60);
  suite_add_tcase (s, t);
  return s;
}
