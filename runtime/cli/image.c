/* Images as inputs: 2-D networks of one or three channels take them. */
#include "cli.h"

#include <stdlib.h>
#include <string.h>

bool
cli_image_alloc (struct cli_image *m, const char *path, uint64_t width, uint64_t height, int from, int to)
{
  if (width < 1 || height < 1 || width > CLI_IMAGE_SIDE || height > CLI_IMAGE_SIDE
      || width * height > CLI_IMAGE_PIXELS)
    return cli_fail (path, "an image of %llu x %llu pixels; up to %d on a side and %zu in all are allowed",
                     (unsigned long long) width, (unsigned long long) height, CLI_IMAGE_SIDE, CLI_IMAGE_PIXELS);
  *m = (struct cli_image){ .width = (int) width, .height = (int) height, .channels = from };
  m->pixels = malloc ((size_t) (width * height) * (size_t) (from > to ? from : to));
  return m->pixels || cli_fail (path, "out of memory for an image of %d x %d pixels", m->width, m->height);
}

/* In place, as PIL converts: L = (299 R + 587 G + 114 B) / 1000 in 16 bits of fixed point. */
void
cli_image_channels (struct cli_image *m, int channels)
{
  size_t count = (size_t) m->width * (size_t) m->height;
  unsigned char *p = m->pixels;
  if (m->channels == 3 && channels == 1)
    for (size_t i = 0; i < count; i++)
      p[i] = (unsigned char) ((p[3 * i] * 19595 + p[3 * i + 1] * 38470 + p[3 * i + 2] * 7471 + 32768) >> 16);
  else if (m->channels == 1 && channels == 3)
    for (size_t i = count; i-- > 0;) /* from the end, where the pixels move to */
      p[3 * i] = p[3 * i + 1] = p[3 * i + 2] = p[i];
  m->channels = channels;
}

typedef bool decoder (struct cli_image *m, const char *path, FILE *file, int channels);

/* An image file is read only when its turn comes: opening one checks that the network takes images at all. For windows
 * it is read at once, and kept as it is, since its extents are to be known. */
static bool
image_open (struct cli_source *s, decoder *decode)
{
  char want[128];
  const struct rescast_info *info = s->info;
  if (info->input_rank != 2 || (info->input_shape[0] != 1 && info->input_shape[0] != 3))
    return cli_fail (s->path, "an image; this network takes arrays (.npy) of shape %s",
                     cli_source_want (s, want, sizeof want));
  s->samples = 1;
  if (!s->whole)
    return true;
  struct cli_image *m = s->state = calloc (1, sizeof *m);
  if (!m)
    return cli_fail (s->path, "out of memory");
  return decode (m, s->path, s->file, info->input_shape[0])
         && cli_source_adopt (s, (uint64_t) m->channels, 1, (uint64_t) m->height, (uint64_t) m->width);
}

static void
image_close (struct cli_source *s)
{
  struct cli_image *m = s->state;
  if (m)
    free (m->pixels);
  free (m);
}

static bool
image_map (struct cli_source *s, size_t index, struct rescast_elements *e)
{
  const struct cli_image *m = s->state;
  (void) index;
  e->data = m->pixels;
  e->element = RESCAST_UINT8;
  e->layout = RESCAST_CHANNELS_LAST;
  return true;
}

/* Interleaved bytes to planes of floats: a table holds what each of the 256 values becomes. */
static void
feed (const struct cli_source *s, const struct cli_image *m, float *out)
{
  size_t count = (size_t) m->width * (size_t) m->height;
  for (int c = 0; c < m->channels; c++)
    {
      float value[256];
      double mul, add;
      cli_affine (s->info, s->plain, c, &mul, &add);
      for (int i = 0; i < 256; i++)
        value[i] = (float) (i * mul + add);
      for (size_t i = 0; i < count; i++)
        *out++ = value[m->pixels[i * (size_t) m->channels + (size_t) c]];
    }
}

static bool
image_read (struct cli_source *s, decoder *decode, float *out)
{
  struct cli_image m = { 0 };
  bool ok = decode (&m, s->path, s->file, s->info->input_shape[0]) && cli_image_prepare (&m, s->path, s->info);
  if (ok)
    feed (s, &m, out);
  free (m.pixels);
  return ok;
}

static bool
png_match (const unsigned char *head, size_t bytes)
{
  return bytes >= 8 && memcmp (head, "\x89PNG\r\n\x1a\n", 8) == 0;
}

static bool
jpeg_match (const unsigned char *head, size_t bytes)
{
  return bytes >= 3 && memcmp (head, "\xff\xd8\xff", 3) == 0;
}

static bool
png_open (struct cli_source *s)
{
  return image_open (s, cli_png_read);
}

static bool
jpeg_open (struct cli_source *s)
{
  return image_open (s, cli_jpeg_read);
}

static bool
png_read (struct cli_source *s, size_t index, float *out)
{
  (void) index;
  return image_read (s, cli_png_read, out);
}

static bool
jpeg_read (struct cli_source *s, size_t index, float *out)
{
  (void) index;
  return image_read (s, cli_jpeg_read, out);
}

const struct cli_reader cli_png_reader = { png_match, png_open, png_read, image_close, image_map };
const struct cli_reader cli_jpeg_reader = { jpeg_match, jpeg_open, jpeg_read, image_close, image_map };
