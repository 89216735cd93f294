/* malformed_inputs DIR: writes damaged and lying input files, the same bytes each time.
 *
 * Names say what is wrong. A classifier of any input shape must refuse every one of them with status 1 and one line
 * on stderr, print nothing on stdout and allocate less than 1 GiB. They are meant for a 3 x 32 x 32 network, in 2-D or of
 * depth 3. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "malformed.h"

static const char *folder;

/* A file being put together. */
static unsigned char bytes[32768];
static size_t used;

static void
add (const void *p, size_t n)
{
  if (n > sizeof bytes - used)
    abort ();
  memcpy (bytes + used, p, n);
  used += n;
}

static void
add_fill (int value, size_t n)
{
  while (n--)
    add (&(unsigned char){ (unsigned char) value }, 1);
}

static void
add_big (uint32_t x)
{
  add ((unsigned char[]){ x >> 24 & 255, x >> 16 & 255, x >> 8 & 255, x & 255 }, 4);
}

static void
save (const char *name)
{
  char path[4096];
  snprintf (path, sizeof path, "%s/%s", folder, name);
  FILE *f = fopen (path, "wb");
  if (!f || fwrite (bytes, 1, used, f) != used || fclose (f) != 0)
    {
      perror (path);
      exit (1);
    }
  used = 0;
}

/* ---- arrays ---- */

static void
npy_head (const char *dictionary)
{
  size_t n = strlen (dictionary);
  add ("\x93NUMPY\x01", 7);
  add_fill (0, 1);
  add ((unsigned char[]){ n & 255, n >> 8 & 255 }, 2);
  add (dictionary, n);
}

static void
npy (const char *name, const char *dictionary, size_t values)
{
  npy_head (dictionary);
  add_fill (1, values);
  save (name);
}

#define F4 "{'descr': '<f4', 'fortran_order': False, 'shape': "
#define U1(type) "{'descr': " type ", 'fortran_order': False, 'shape': (3, 32, 32), }\n"

static void
arrays (void)
{
  save ("npy_empty.npy");
  add ("\x93NUMPY", 6);
  save ("npy_magic_only.npy");
  add ("\x93NUMPY\x01\x00\x76", 9);
  save ("npy_length_cut.npy");
  npy_head (F4 "(3, 32, 32), }");
  used -= 20;
  save ("npy_header_cut.npy");
  add ("\x93NUMPY\x02\x00\xff\xff\xff\xff{'descr'", 20);
  save ("npy_header_of_4_gib.npy");
  npy_head (U1 ("'|u1'"));
  bytes[6] = 9;
  add_fill (1, 3072);
  save ("npy_version_9.npy");
  npy ("npy_no_dictionary.npy", "[1, 2, 3]\n", 3072);
  npy ("npy_empty_dictionary.npy", "{}\n", 3072);
  npy ("npy_no_descr.npy", "{'fortran_order': False, 'shape': (3, 32, 32), }\n", 3072);
  npy ("npy_two_shapes.npy", F4 "(3, 32, 32), 'shape': (3, 32, 32), }\n", 12288);
  npy ("npy_unended_string.npy", "{'descr': '<f4, 'fortran_order': False, 'shape': (3, 32, 32)", 12288);
  npy ("npy_garbage_header.npy", "\xff\xfe\x01{{{(((", 3072);
  npy ("npy_type_object.npy", U1 ("'|O'"), 3072);
  npy ("npy_type_complex.npy", U1 ("'<c8'"), 24576);
  npy ("npy_type_records.npy", U1 ("[('a', '<f4')]"), 12288);
  npy ("npy_type_string.npy", U1 ("'|S1'"), 3072);
  npy ("npy_type_f3.npy", U1 ("'<f3'"), 9216);
  npy ("npy_type_empty.npy", U1 ("''"), 3072);
  npy ("npy_type_no_order.npy", U1 ("'f4'"), 12288);
  npy ("npy_extent_negative.npy", F4 "(-3, 32, 32), }\n", 12288);
  npy ("npy_extent_overflow.npy", F4 "(99999999999999999999, 3, 32, 32), }\n", 12288);
  npy ("npy_product_overflow.npy", F4 "(281474976710656, 3, 32, 32), }\n", 12288);
  npy ("npy_wraps_to_nothing.npy", F4 "(4611686018427387904, 3, 32, 32), }\n", 0);
  npy ("npy_nine_dimensions.npy", F4 "(1, 1, 1, 1, 1, 1, 3, 32, 32), }\n", 12288);
  npy ("npy_shape_is_a_number.npy", F4 "(3072), }\n", 12288);
  npy ("npy_shape_wrong.npy", F4 "(3, 32, 31), }\n", 11904);
  npy ("npy_shape_channels_last.npy", F4 "(32, 32, 3), }\n", 12288);
  npy ("npy_no_samples.npy", F4 "(0, 3, 32, 32), }\n", 0);
  npy ("npy_zero_side.npy", F4 "(3, 0, 32), }\n", 0);
  npy ("npy_values_cut.npy", F4 "(3, 32, 32), }\n", 12287);
  npy ("npy_values_missing.npy", F4 "(3, 32, 32), }\n", 0);
  npy ("npy_values_too_many.npy", F4 "(3, 32, 32), }\n", 12289);
  npy ("npy_second_sample_cut.npy", F4 "(2, 3, 32, 32), }\n", 20000);
  npy ("npy_fortran_cut.npy", "{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3, 32, 32), }\n", 20000);
}

/* ---- PNG ---- */

static void
png_chunk (const char *type, const void *data, uint32_t n)
{
  add_big (n);
  size_t from = used;
  add (type, 4);
  add (data, n);
  uint32_t crc = 0xffffffff;
  for (size_t i = from; i < used; i++)
    {
      crc ^= bytes[i];
      for (int k = 0; k < 8; k++)
        crc = crc & 1 ? crc >> 1 ^ 0xedb88320 : crc >> 1;
    }
  add_big (~crc);
}

static void
png_head (uint32_t width, uint32_t height, int depth, int colour)
{
  unsigned char h[13] = { width >> 24 & 255,  width >> 16 & 255,  width >> 8 & 255,  width & 255,
                          height >> 24 & 255, height >> 16 & 255, height >> 8 & 255, height & 255 };
  h[8] = (unsigned char) depth;
  h[9] = (unsigned char) colour;
  add ("\x89PNG\r\n\x1a\n", 8);
  png_chunk ("IHDR", h, 13);
}

/* ROWS rows of 32 RGB pixels, deflated without compression. */
static void
png_data (int rows)
{
  static unsigned char z[8192];
  size_t n = (size_t) rows * 97, at = 7;
  uint32_t a = 1, b = 0;
  memcpy (z, (unsigned char[]){ 0x78, 1, 1, n & 255, n >> 8 & 255, ~n & 255, ~n >> 8 & 255 }, 7);
  for (size_t i = 0; i < n; i++)
    {
      z[at] = i % 97 ? (unsigned char) i : 0; /* filter 0 begins a row */
      a = (a + z[at++]) % 65521;
      b = (b + a) % 65521;
    }
  memcpy (z + at, (unsigned char[]){ b >> 8 & 255, b & 255, a >> 8 & 255, a & 255 }, 4);
  png_chunk ("IDAT", z, (uint32_t) at + 4);
}

static void
png_end (const char *name)
{
  png_chunk ("IEND", "", 0);
  save (name);
}

/* A file of these dimensions whose data is that of a 32 x 32 image. */
static void
png_lie (const char *name, uint32_t width, uint32_t height, int depth, int colour)
{
  png_head (width, height, depth, colour);
  png_data (32);
  png_end (name);
}

static void
pngs (void)
{
  add ("\x89PNG\r\n\x1a\n", 8);
  save ("png_signature_only.png");
  png_head (32, 32, 8, 2);
  used -= 10;
  save ("png_head_cut.png");
  png_head (32, 32, 8, 2);
  bytes[used - 1] ^= 1;
  png_data (32);
  png_end ("png_head_bad_crc.png");
  png_lie ("png_zero_width.png", 0, 32, 8, 2);
  png_lie ("png_zero_height.png", 32, 0, 8, 2);
  png_lie ("png_bomb_65535_x_65535.png", 65535, 65535, 8, 2);
  png_lie ("png_bomb_2_gi_wide.png", 0x7fffffff, 1, 8, 2);
  png_lie ("png_bomb_4_gi_tall.png", 1, 0xffffffff, 8, 0);
  png_lie ("png_bomb_256_mpixel_cut.png", 16384, 16384, 8, 2);
  png_lie ("png_taller_than_its_data.png", 32, 64, 8, 2);
  png_lie ("png_bit_depth_3.png", 32, 32, 3, 0);
  png_lie ("png_colour_type_7.png", 32, 32, 8, 7);
  png_lie ("png_palette_missing.png", 32, 32, 8, 3);
  png_head (32, 32, 8, 2);
  png_end ("png_no_data.png");
  png_head (32, 32, 8, 2);
  png_data (32);
  used -= 1500;
  save ("png_data_cut.png");
  png_head (32, 32, 8, 2);
  png_data (32);
  bytes[200] ^= 0x55;
  png_end ("png_data_bad_crc.png");
  png_head (32, 32, 8, 2);
  png_chunk ("IDAT", "this is no zlib stream", 22);
  png_end ("png_data_not_zlib.png");
  png_head (32, 32, 8, 2);
  png_data (32);
  save ("png_no_end.png");
}

/* ---- JPEG ---- */

/* A whole gray 32 x 32 JPEG: SOI, APP0, DQT, SOF0, DHT, DHT, SOS, data, EOI. */
static const unsigned char jpeg[] = {
  0xff, 0xd8, 0xff, 0xe0, 0x00, 0x10, 0x4a, 0x46, 0x49, 0x46, 0x00, 0x01, 0x01, 0x00, 0x00, 0x01, 0x00, 0x01, 0x00,
  0x00, 0xff, 0xdb, 0x00, 0x43, 0x00, 0x28, 0x1c, 0x1e, 0x23, 0x1e, 0x19, 0x28, 0x23, 0x21, 0x23, 0x2d, 0x2b, 0x28,
  0x30, 0x3c, 0x64, 0x41, 0x3c, 0x37, 0x37, 0x3c, 0x7b, 0x58, 0x5d, 0x49, 0x64, 0x91, 0x80, 0x99, 0x96, 0x8f, 0x80,
  0x8c, 0x8a, 0xa0, 0xb4, 0xe6, 0xc3, 0xa0, 0xaa, 0xda, 0xad, 0x8a, 0x8c, 0xc8, 0xff, 0xcb, 0xda, 0xee, 0xf5, 0xff,
  0xff, 0xff, 0x9b, 0xc1, 0xff, 0xff, 0xff, 0xfa, 0xff, 0xe6, 0xfd, 0xff, 0xf8, 0xff, 0xc0, 0x00, 0x0b, 0x08, 0x00,
  0x20, 0x00, 0x20, 0x01, 0x01, 0x11, 0x00, 0xff, 0xc4, 0x00, 0x17, 0x00, 0x01, 0x01, 0x01, 0x01, 0x00, 0x00, 0x00,
  0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x04, 0x05, 0x06, 0x00, 0xff, 0xc4, 0x00, 0x17, 0x10, 0x00,
  0x03, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x31, 0x33, 0xf0,
  0xff, 0xda, 0x00, 0x08, 0x01, 0x01, 0x00, 0x00, 0x3f, 0x00, 0x97, 0x3c, 0x86, 0xcf, 0x21, 0xb3, 0xc8, 0x64, 0xf2,
  0x23, 0x4f, 0x20, 0x53, 0xc8, 0xd3, 0x4f, 0x20, 0x73, 0xc8, 0xe9, 0xe4, 0x32, 0x79, 0x19, 0x99, 0xe4, 0x36, 0x79,
  0x16, 0x67, 0x90, 0x39, 0xe4, 0x0a, 0x79, 0x02, 0x9e, 0x47, 0xff, 0xd9,
};

enum { FRAME = 89, TABLES = 102, SCAN = 152 }; /* where these markers are */

static void
jpegs (void)
{
  add (jpeg, 3);
  save ("jpg_start_only.jpg");
  add (jpeg, FRAME + 6);
  save ("jpg_head_cut.jpg");
  add (jpeg, SCAN + 10);
  save ("jpg_no_data.jpg");
  add (jpeg, SCAN + 10 + (sizeof jpeg - SCAN) / 2);
  save ("jpg_data_cut.jpg");
  add (jpeg, SCAN + 10 + (sizeof jpeg - SCAN) / 2);
  add ("\xff\xd9", 2);
  save ("jpg_data_cut_but_ended.jpg");
  add (jpeg, sizeof jpeg - 2);
  save ("jpg_no_end.jpg");
  add (jpeg, sizeof jpeg);
  memset (bytes + FRAME + 5, 0, 2);
  save ("jpg_zero_height.jpg");
  add (jpeg, sizeof jpeg);
  memset (bytes + FRAME + 5, 0xff, 4);
  save ("jpg_bomb_65535_x_65535.jpg");
  add (jpeg, sizeof jpeg);
  memset (bytes + FRAME + 5, 0x7f, 4);
  save ("jpg_bomb_32639_x_32639.jpg");
  add (jpeg, sizeof jpeg);
  memcpy (bytes + FRAME + 5, "\x3f\xff\x3f\xff", 4);
  save ("jpg_bomb_256_mpixel_cut.jpg");
  add (jpeg, sizeof jpeg);
  bytes[FRAME + 4] = 12;
  save ("jpg_12_bits.jpg");
  add (jpeg, sizeof jpeg);
  bytes[FRAME + 1] = 0xc3; /* lossless: not supported by any libjpeg that decodes 8 bits by DCT */
  save ("jpg_wrong_process.jpg");
  add (jpeg, FRAME);
  add ("\xff\xc0\x00\x14\x08\x00\x20\x00\x20\x04\x01\x11\x00\x02\x11\x00\x03\x11\x00\x04\x11\x00", 22);
  add (jpeg + TABLES, SCAN - TABLES);
  add ("\xff\xda\x00\x0e\x04\x01\x00\x02\x00\x03\x00\x04\x00\x00\x3f\x00\x00\xff\xd9", 19);
  save ("jpg_cmyk.jpg");
  add (jpeg, TABLES);
  add (jpeg + SCAN, sizeof jpeg - SCAN);
  save ("jpg_no_huffman_tables.jpg");
  add (jpeg, sizeof jpeg);
  bytes[2 + 2 + 2] = 0; /* inside APP0: harmless; the lengths behind it are not */
  memset (bytes + TABLES + 2, 0xff, 2);
  save ("jpg_segment_length_lies.jpg");
  /* A progressive frame of empty scans: work without end for a decoder that counts none. */
  add (jpeg, SCAN);
  bytes[FRAME + 1] = 0xc2;
  for (int i = 0; i < 2000; i++)
    add ("\xff\xda\x00\x08\x01\x01\x00\x00\x00\x00", 10);
  add ("\xff\xd9", 2);
  save ("jpg_2000_scans.jpg");
}

/* ---- neither ---- */

static void
others (void)
{
  add ("These are not the pixels you are looking for.\n", 46);
  save ("other_text_named.png");
  add_fill (0, 4096);
  save ("other_zeros_named.npy");
  save ("other_empty_named.jpg");
  add ("GIF89a\x20\x00\x20\x00\x00\x00\x00;", 14);
  save ("other_gif.gif");
}

int
main (int argc, char **argv)
{
  if (argc != 2)
    {
      fprintf (stderr, "usage: %s DIR\n", argv[0]);
      return 2;
    }
  folder = argv[1];
  arrays ();
  pngs ();
  jpegs ();
  malformed_volumes (folder);
  others ();
  return 0;
}
