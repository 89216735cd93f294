/* PNG through libpng, where the build has it.
 *
 * What comes out is what PIL's convert ("RGB") or ("L") gives: alpha is dropped, gamma is left alone, and of 16 bits
 * the high 8 are kept. */
#include "cli.h"

#ifdef HAVE_PNG

#include <png.h>
#include <setjmp.h>
#include <stdlib.h>

struct job
{
  png_structp png;
  png_infop info;
  const char *path;
  FILE *file;
  struct cli_image *image;
};

static void
on_error (png_structp png, png_const_charp message)
{
  struct job *j = png_get_error_ptr (png);
  cli_fail (j->path, "a truncated or damaged PNG: %s", message);
  longjmp (png_jmpbuf (png), 1);
}

static void
on_warning (png_structp png, png_const_charp message)
{
  (void) png;
  (void) message;
}

/* Ask for 8-bit gray or RGB; returns how many channels that is. */
static int
transform (struct job *j)
{
  int type = png_get_color_type (j->png, j->info);
  if (type == PNG_COLOR_TYPE_PALETTE)
    png_set_palette_to_rgb (j->png);
  if (type == PNG_COLOR_TYPE_GRAY)
    png_set_expand_gray_1_2_4_to_8 (j->png);
  png_set_strip_16 (j->png);
  png_set_strip_alpha (j->png);
  return type & PNG_COLOR_MASK_COLOR ? 3 : 1;
}

/* Everything that libpng may leave with longjmp; no local lives across it. */
static bool
decode (struct job *j, int channels)
{
  if (setjmp (png_jmpbuf (j->png)))
    return false;
  png_init_io (j->png, j->file);
  /* The bounds are ours, checked below, before anything is allocated by the size. */
  png_set_user_limits (j->png, 0x7fffffff, 0x7fffffff);
  png_read_info (j->png, j->info);
  struct cli_image *m = j->image;
  int from = transform (j);
  if (!cli_image_alloc (m, j->path, png_get_image_width (j->png, j->info), png_get_image_height (j->png, j->info),
                        from, channels))
    return false;
  int passes = png_set_interlace_handling (j->png);
  png_read_update_info (j->png, j->info);
  size_t row = (size_t) m->width * (size_t) from;
  if (png_get_rowbytes (j->png, j->info) != row)
    return cli_fail (j->path, "a PNG of no known pixel format");
  for (int pass = 0; pass < passes; pass++)
    for (int y = 0; y < m->height; y++)
      png_read_row (j->png, m->pixels + (size_t) y * row, NULL);
  png_read_end (j->png, NULL);
  return true;
}

bool
cli_png_read (struct cli_image *m, const char *path, FILE *file, int channels)
{
  struct job j = { .path = path, .file = file, .image = m };
  j.png = png_create_read_struct (PNG_LIBPNG_VER_STRING, &j, on_error, on_warning);
  j.info = j.png ? png_create_info_struct (j.png) : NULL;
  bool ok = j.info ? decode (&j, channels) : cli_fail (path, "libpng cannot be used");
  png_destroy_read_struct (&j.png, &j.info, NULL);
  if (ok)
    cli_image_channels (m, channels);
  return ok;
}

#else

bool
cli_png_read (struct cli_image *m, const char *path, FILE *file, int channels)
{
  (void) m;
  (void) file;
  (void) channels;
  return cli_fail (path, "this program was built without libpng; arrays (.npy) are allowed");
}

#endif
