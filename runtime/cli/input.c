/* Input files: which reader takes one, and what the network takes. */
#include "cli.h"

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
cli_source_open (struct cli_source *s, const char *path, const struct rescast_info *info, const struct cli_options *o)
{
  unsigned char head[16];
  struct stat st;
  *s = (struct cli_source){ .path = path, .info = info, .plain = o->plain, .raw = &o->raw };
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
  if (s->file)
    fclose (s->file);
  *s = (struct cli_source){ 0 };
}
