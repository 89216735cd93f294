/* JPEG through libjpeg, where the build has it: gray and colour, decoded as PIL does (the library's defaults). */
#include "cli.h"

#ifdef HAVE_JPEG

#include <stdlib.h>

#include <jpeglib.h>

#include <jerror.h>
#include <setjmp.h>

/* More scans than any encoder writes: each costs a pass over the whole picture, and a few bytes make one. */
#define MAX_SCANS 200
#define MEMORY_BYTES (1L << 30) /* pixels and the coefficients of a progressive picture together */

struct job
{
  struct jpeg_decompress_struct jpeg;
  struct jpeg_error_mgr errors;
  struct jpeg_progress_mgr progress;
  jmp_buf jump;
  const char *path;
  FILE *file;
  struct cli_image *image;
};

static void
on_error (j_common_ptr common)
{
  struct job *j = common->client_data;
  char message[JMSG_LENGTH_MAX];
  common->err->format_message (common, message);
  if (common->err->msg_code == JERR_NO_BACKING_STORE)
    cli_fail (j->path, "a progressive JPEG too large to decode in %ld MiB", MEMORY_BYTES >> 20);
  else
    cli_fail (j->path, "a truncated or damaged JPEG: %s", message);
  longjmp (j->jump, 1);
}

/* libjpeg warns of missing data and goes on with gray: that is an error here. Stray bytes between markers, which
 * cameras do write, are not. */
static void
on_message (j_common_ptr common, int level)
{
  if (level < 0 && common->err->msg_code != JWRN_EXTRANEOUS_DATA)
    on_error (common);
}

static void
on_progress (j_common_ptr common)
{
  struct job *j = common->client_data;
  if (j->jpeg.input_scan_number <= MAX_SCANS)
    return;
  cli_fail (j->path, "a JPEG of too many scans; up to %d are allowed", MAX_SCANS);
  longjmp (j->jump, 1);
}

/* Everything that libjpeg may leave with longjmp; no local lives across it. */
static bool
decode (struct job *j, int channels)
{
  if (setjmp (j->jump))
    return false;
  jpeg_create_decompress (&j->jpeg);
  j->jpeg.progress = &j->progress;
  j->progress.progress_monitor = on_progress;
  jpeg_stdio_src (&j->jpeg, j->file);
  jpeg_read_header (&j->jpeg, TRUE);
  if (j->jpeg.num_components != 1 && j->jpeg.num_components != 3)
    return cli_fail (j->path, "a JPEG of %d components, such as CMYK; gray and RGB are allowed",
                     j->jpeg.num_components);
  int from = j->jpeg.num_components;
  j->jpeg.out_color_space = from == 1 ? JCS_GRAYSCALE : JCS_RGB;
  struct cli_image *m = j->image;
  if (!cli_image_alloc (m, j->path, j->jpeg.image_width, j->jpeg.image_height, from, channels))
    return false;
  long pixels = (long) m->width * m->height * (from > channels ? from : channels);
  j->jpeg.mem->max_memory_to_use = MEMORY_BYTES - pixels;
  jpeg_start_decompress (&j->jpeg);
  size_t row = (size_t) m->width * (size_t) from;
  while (j->jpeg.output_scanline < j->jpeg.output_height)
    {
      JSAMPROW at = m->pixels + j->jpeg.output_scanline * row;
      jpeg_read_scanlines (&j->jpeg, &at, 1);
    }
  jpeg_finish_decompress (&j->jpeg);
  return true;
}

bool
cli_jpeg_read (struct cli_image *m, const char *path, FILE *file, int channels)
{
  struct job j = { .path = path, .file = file, .image = m };
  j.jpeg.err = jpeg_std_error (&j.errors);
  j.jpeg.client_data = &j;
  j.errors.error_exit = on_error;
  j.errors.emit_message = on_message;
  bool ok = decode (&j, channels);
  jpeg_destroy_decompress (&j.jpeg);
  if (ok)
    cli_image_channels (m, channels);
  return ok;
}

#else

bool
cli_jpeg_read (struct cli_image *m, const char *path, FILE *file, int channels)
{
  (void) m;
  (void) file;
  (void) channels;
  return cli_fail (path, "this program was built without libjpeg; arrays (.npy) are allowed");
}

#endif
