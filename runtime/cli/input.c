/* Input files: which reader takes one, and what the network takes. */
#include "cli.h"

#include "../pages.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

/* In order of trial; a new kind of file is a line here. */
static const struct cli_reader *const readers[]
    = { &cli_array_reader, &cli_png_reader, &cli_jpeg_reader, &cli_nifti_reader };

#define ALLOWED "an array (.npy), an image (.png, .jpg) or a volume (.nii, .nii.gz) is allowed"

static bool
shape_of (struct cli_shape *s, const int extent[4], int rank)
{
  int n = 0;
  s->extent[n++] = extent[0] < 0 ? 0 : (uint64_t) extent[0];
  for (int i = 4 - rank; rank > 0 && i < 4; i++)
    s->extent[n++] = extent[i] < 0 ? 0 : (uint64_t) extent[i];
  s->rank = n;
  s->count = 1;
  for (int i = 0; i < n; i++)
    if (!cli_mul (s->count, (size_t) s->extent[i], &s->count))
      return false;
  size_t bytes;
  return s->count > 0 && cli_mul (s->count, sizeof (float), &bytes);
}

bool
cli_input_shape (const struct rescast_info *info, struct cli_shape *shape)
{
  return shape_of (shape, info->input_shape, info->input_rank);
}

bool
cli_output_shape (const struct rescast_info *info, struct cli_shape *shape)
{
  return shape_of (shape, info->output_shape, info->output_rank);
}

/* (x / scale - mean) / std in one multiplication and addition, in double. */
void
cli_affine (const struct rescast_info *info, bool plain, int c, double *mul, double *add)
{
  double scale = plain || info->scale == 0 ? 1 : info->scale;
  double mean = plain || !info->mean ? 0 : info->mean[c];
  double std = plain || !info->std ? 1 : info->std[c];
  *mul = 1 / (scale * std);
  *add = 0 - mean / std;
}

bool
cli_source_adopt (struct cli_source *s, uint64_t channels, uint64_t d, uint64_t h, uint64_t w)
{
  const uint64_t own[] = { d, h, w };
  char text[128];
  s->shape.extent[0] = channels;
  s->shape.count = (size_t) channels;
  size_t bytes = 0;
  bool fits = true;
  for (int i = 1; i < s->shape.rank; i++)
    {
      const uint64_t n = own[3 - s->shape.rank + i];
      s->shape.extent[i] = n;
      fits = fits && n > 0 && n <= INT32_MAX && cli_mul (s->shape.count, (size_t) n, &s->shape.count);
    }
  /* Twice a double: offsets and sums of them are far from overflowing. */
  fits = fits && cli_mul (s->shape.count, 2 * sizeof (double), &bytes);
  return fits || cli_fail (s->path, "a volume of shape %s is too large, or has nothing in it",
                           cli_shape_text (text, sizeof text, s->shape.extent, s->shape.rank));
}

const char *
cli_source_want (const struct cli_source *s, char *text, size_t bytes)
{
  if (!s->whole)
    return cli_shape_text (text, bytes, s->shape.extent, s->shape.rank);
  snprintf (text, bytes, "(%d, %sH, W)", s->info->input_shape[0], s->info->input_rank == 3 ? "D, " : "");
  return text;
}

void
cli_source_extents (const struct cli_source *s, size_t extent[3])
{
  for (int axis = 0; axis < 3; axis++)
    {
      const int i = axis + s->shape.rank - 3;
      extent[axis] = i > 0 ? (size_t) s->shape.extent[i] : 1;
    }
}

const void *
cli_source_map (struct cli_source *s, uint64_t offset, size_t bytes)
{
  struct rescast_file file;
  const void *data = NULL;
  rescast_pages_free (s->pages, s->page_bytes);
  s->pages = NULL;
  if (rescast_file_open (&file, s->path))
    return NULL;
  if (bytes && offset <= file.bytes && bytes <= file.bytes - offset)
    data = rescast_file_map (&file, offset, bytes, &s->pages, &s->page_bytes);
  if (!data)
    s->pages = NULL;
  rescast_file_close (&file);
  return data;
}

bool
cli_source_open (struct cli_source *s, const char *path, const struct rescast_info *info, const struct cli_options *o)
{
  unsigned char head[16];
  struct stat st;
  *s = (struct cli_source){ .path = path, .info = info, .plain = o->plain, .whole = o->windows, .raw = &o->raw };
  if (!cli_input_shape (info, &s->shape))
    return cli_fail (NULL, "the network's input shape is not valid");
  if (stat (path, &st) != 0)
    return cli_fail (path, "%s", strerror (errno));
  /* Readers look at the size and seek; asked before opening, which would wait on a FIFO. */
  if (!S_ISREG (st.st_mode))
    return cli_fail (path, "not a regular file; %s", ALLOWED);
  s->file = fopen (path, "rb");
  if (!s->file)
    return cli_fail (path, "%s", strerror (errno));
  if (o->raw.given)
    {
      s->reader = &cli_raw_reader;
      return s->reader->open (s);
    }
  size_t n = fread (head, 1, sizeof head, s->file);
  if (ferror (s->file))
    return cli_fail (path, "cannot be read: %s", strerror (errno));
  if (fseek (s->file, 0, SEEK_SET) != 0)
    return cli_fail (path, "%s", strerror (errno));
  for (size_t i = 0; i < sizeof readers / sizeof *readers; i++)
    if (readers[i]->match (head, n))
      {
        s->reader = readers[i];
        return s->reader->open (s);
      }
  if (n == 0)
    return cli_fail (path, "an empty file; %s", ALLOWED);
  return cli_fail (path, "of no known kind; %s", ALLOWED);
}

void
cli_source_close (struct cli_source *s)
{
  if (s->reader)
    s->reader->close (s);
  rescast_pages_free (s->pages, s->page_bytes);
  if (s->file)
    fclose (s->file);
  *s = (struct cli_source){ 0 };
}
