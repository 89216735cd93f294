/* The reader of .npy arrays.
 *
 * Values go straight to their place in the network's input, a slice of the file at a time, so that a large array
 * costs no memory beside the arena. In a C-order file a sample is one run of bytes. In a Fortran-order file the
 * samples are interleaved and the axes reversed: a pass over the whole file picks out one sample's values, or, when
 * samples are small, those of as many as fit in a stage of a few MiB. */
#include "cli.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define SLICE 16384                         /* elements converted at a time */
#define STAGE_FLOATS ((size_t) 1 << 20)     /* 4 MiB */
#define HEADER_BYTES ((size_t) 64 << 10)    /* more than any array of numbers needs */

struct array
{
  struct cli_npy npy;
  off_t data; /* where the values begin */
  float *stage;
  size_t stage_first, stage_count, stage_room; /* samples; room 0: no stage */
  double values[SLICE];
  unsigned char raw[SLICE * 8];
};

static bool
match (const unsigned char *head, size_t bytes)
{
  return bytes >= 6 && memcmp (head, "\x93NUMPY", 6) == 0;
}

static bool
truncated (const struct cli_source *s)
{
  if (ferror (s->file))
    return cli_fail (s->path, "cannot be read: %s", strerror (errno));
  return cli_fail (s->path, "truncated: the file ends before its array does");
}

/* Read and parse everything before the values. */
static bool
read_header (struct cli_source *s, struct array *a)
{
  unsigned char fixed[12];
  if (fread (fixed, 1, 10, s->file) != 10)
    return truncated (s);
  if (fixed[6] < 1 || fixed[6] > 3 || fixed[7] != 0)
    return cli_fail (s->path, ".npy version %d.%d; 1.0, 2.0 and 3.0 are allowed", fixed[6], fixed[7]);
  size_t prefix = fixed[6] == 1 ? 10 : 12, bytes = fixed[8] | (size_t) fixed[9] << 8;
  if (prefix == 12)
    {
      if (fread (fixed + 10, 1, 2, s->file) != 2)
        return truncated (s);
      bytes |= (size_t) fixed[10] << 16 | (size_t) fixed[11] << 24;
    }
  if (bytes > HEADER_BYTES)
    return cli_fail (s->path, "a header of %zu bytes; up to %zu are allowed", bytes, HEADER_BYTES);
  char *text = malloc (bytes + 1);
  if (!text)
    return cli_fail (s->path, "out of memory");
  if (fread (text, 1, bytes, s->file) != bytes)
    {
      free (text);
      return truncated (s);
    }
  const char *error = cli_npy_parse (&a->npy, text, bytes);
  free (text);
  a->data = (off_t) (prefix + bytes);
  return error ? cli_fail (s->path, "%s", error) : true;
}

static bool
same (const uint64_t *a, const uint64_t *b, int n)
{
  return memcmp (a, b, sizeof *a * (size_t) n) == 0;
}

/* Does the array's shape fit, and how many samples are that? With one channel its axis may be missing. */
static bool
fits (const struct cli_npy *a, const struct cli_shape *want, uint64_t *samples)
{
  for (int drop = 0; drop <= (want->extent[0] == 1); drop++)
    {
      const uint64_t *extent = want->extent + drop;
      int rank = want->rank - drop;
      *samples = 1;
      if (a->rank == rank && same (a->shape, extent, rank))
        return true;
      *samples = a->rank ? a->shape[0] : 0;
      if (a->rank == rank + 1 && same (a->shape + 1, extent, rank))
        return true;
    }
  return false;
}

/* The same of any extents, which become those of S. */
static bool
adopt (struct cli_source *s, const struct cli_npy *a, uint64_t *samples)
{
  const uint64_t channels = s->shape.extent[0];
  const int rank = s->shape.rank;
  const bool plain = a->rank == rank && a->shape[0] == channels;
  const bool several = a->rank == rank + 1 && a->shape[1] == channels;
  const bool bare = channels == 1 && a->rank == rank - 1, bare_several = channels == 1 && a->rank == rank;
  if (!plain && !several && !bare && !bare_several)
    return false;
  const uint64_t *const own = a->shape + (plain ? 1 : several ? 2 : bare ? 0 : 1);
  *samples = plain || bare ? 1 : a->shape[0];
  return rank == 4 ? cli_source_adopt (s, channels, own[0], own[1], own[2])
                   : cli_source_adopt (s, channels, 1, own[0], own[1]);
}

static bool
check_shape (struct cli_source *s, const struct array *a)
{
  char have[256], want[128];
  uint64_t samples = 0;
  cli_source_want (s, want, sizeof want);
  cli_shape_text (have, sizeof have, a->npy.shape, a->npy.rank);
  if (!(s->whole ? adopt (s, &a->npy, &samples) : fits (&a->npy, &s->shape, &samples)))
    return cli_fail (s->path, "an array of shape %s; the network takes %s, or (N, %s", have, want, want + 1);
  if (samples == 0)
    return cli_fail (s->path, "an array of shape %s holds no input; the network takes %s", have, want);
  struct stat st;
  if (fstat (fileno (s->file), &st) != 0)
    return cli_fail (s->path, "%s", strerror (errno));
  /* By division: the product may not fit in any integer. */
  uint64_t bytes = st.st_size > a->data ? (uint64_t) (st.st_size - a->data) : 0;
  uint64_t each = (uint64_t) s->shape.count * (uint64_t) a->npy.size;
  if (s->shape.count > UINT64_MAX / 8 || samples > SIZE_MAX || bytes / each < samples)
    return cli_fail (s->path, "truncated: %llu bytes of values, too few for an array of shape %s",
                     (unsigned long long) bytes, have);
  if (bytes != each * samples)
    return cli_fail (s->path, "%llu bytes behind its array of shape %s; none are allowed",
                     (unsigned long long) (bytes - each * samples), have);
  s->samples = (size_t) samples;
  return true;
}

static bool
array_open (struct cli_source *s)
{
  struct array *a = malloc (sizeof *a);
  s->state = a;
  if (!a)
    return cli_fail (s->path, "out of memory");
  a->stage = NULL;
  a->stage_room = a->stage_first = a->stage_count = 0;
  if (!read_header (s, a) || !check_shape (s, a))
    return false;
  if (a->npy.fortran && s->samples > 1 && s->shape.count <= STAGE_FLOATS / 2)
    a->stage_room = STAGE_FLOATS / s->shape.count;
  return true;
}

/* COUNT values from the file's position on, into a->values. */
static bool
next_values (struct cli_source *s, struct array *a, size_t count)
{
  if (fread (a->raw, (size_t) a->npy.size, count, s->file) != count)
    return truncated (s);
  cli_npy_convert (&a->npy, a->raw, count, a->values);
  return true;
}

static bool
seek (struct cli_source *s, off_t to)
{
  return fseeko (s->file, to, SEEK_SET) == 0 || cli_fail (s->path, "%s", strerror (errno));
}

static bool
read_c_order (struct cli_source *s, struct array *a, size_t index, float *out)
{
  const size_t channels = (size_t) s->shape.extent[0], plane = s->shape.count / channels;
  if (!seek (s, a->data + (off_t) (index * s->shape.count) * a->npy.size))
    return false;
  for (size_t c = 0; c < channels; c++)
    {
      double mul, add;
      cli_affine (s->info, s->plain, (int) c, &mul, &add);
      for (size_t at = 0; at < plane;)
        {
          size_t n = plane - at < SLICE ? plane - at : SLICE;
          if (!next_values (s, a, n))
            return false;
          for (size_t i = 0; i < n; i++)
            *out++ = (float) (a->values[i] * mul + add);
          at += n;
        }
    }
  return true;
}

/* The position of a Fortran-order file's next value: sample n runs fastest, then the channel, then D, H, W. */
struct odometer
{
  size_t n, offset; /* of the sample, and inside it in C order */
  size_t at[4];
};

static void
advance (struct odometer *o, const struct cli_source *s)
{
  if (++o->n < s->samples)
    return;
  o->n = 0;
  size_t stride = s->shape.count;
  for (int i = 0; i < s->shape.rank; i++)
    {
      stride /= (size_t) s->shape.extent[i];
      o->offset += stride;
      if (++o->at[i] < s->shape.extent[i])
        return;
      o->offset -= stride * o->at[i];
      o->at[i] = 0;
    }
}

/* Samples FIRST … FIRST + COUNT - 1, in one pass over the file. */
static bool
read_fortran_order (struct cli_source *s, struct array *a, size_t first, size_t count, float *out)
{
  const size_t channels = (size_t) s->shape.extent[0], total = s->samples * s->shape.count;
  struct odometer o = { 0 };
  double *affine = malloc (channels * 2 * sizeof *affine);
  if (!affine)
    return cli_fail (s->path, "out of memory");
  for (size_t c = 0; c < channels; c++)
    cli_affine (s->info, s->plain, (int) c, &affine[2 * c], &affine[2 * c + 1]);
  bool ok = seek (s, a->data);
  for (size_t at = 0; ok && at < total;)
    {
      size_t n = total - at < SLICE ? total - at : SLICE;
      ok = next_values (s, a, n);
      for (size_t i = 0; ok && i < n; i++, advance (&o, s))
        if (o.n - first < count) /* unsigned: also not before FIRST */
          out[(o.n - first) * s->shape.count + o.offset]
              = (float) (a->values[i] * affine[2 * o.at[0]] + affine[2 * o.at[0] + 1]);
      at += n;
    }
  free (affine);
  return ok;
}

static bool
read_staged (struct cli_source *s, struct array *a, size_t index, float *out)
{
  if (!a->stage)
    {
      size_t room = a->stage_room < s->samples ? a->stage_room : s->samples;
      a->stage = malloc (room * s->shape.count * sizeof (float));
      if (!a->stage)
        return cli_fail (s->path, "out of memory");
    }
  if (index - a->stage_first >= a->stage_count)
    {
      a->stage_first = index;
      a->stage_count = s->samples - index < a->stage_room ? s->samples - index : a->stage_room;
      if (!read_fortran_order (s, a, index, a->stage_count, a->stage))
        return false;
    }
  memcpy (out, a->stage + (index - a->stage_first) * s->shape.count, s->shape.count * sizeof (float));
  return true;
}

static bool
array_read (struct cli_source *s, size_t index, float *out)
{
  struct array *a = s->state;
  if (!a->npy.fortran)
    return read_c_order (s, a, index, out);
  if (a->stage_room)
    return read_staged (s, a, index, out);
  return read_fortran_order (s, a, index, 1, out);
}

static void
array_close (struct cli_source *s)
{
  struct array *a = s->state;
  if (a)
    free (a->stage);
  free (a);
}

/* Strides of the file's order: of Fortran's the sample runs fastest, then the channel. */
static bool
array_map (struct cli_source *s, size_t index, struct rescast_elements *e)
{
  const struct array *a = s->state;
  const size_t size = (size_t) a->npy.size, all = s->samples * s->shape.count;
  size_t extent[3], bytes;
  e->element = cli_npy_element (&a->npy);
  if (e->element < 0 || all / s->samples != s->shape.count || !cli_mul (all, size, &bytes))
    return false;
  cli_source_extents (s, extent);
  const size_t n[5] = { s->samples, (size_t) s->shape.extent[0], extent[0], extent[1], extent[2] };
  size_t stride = size;
  for (int i = 0; i < 5; i++)
    {
      const int axis = a->npy.fortran ? i : 4 - i;
      s->strides[axis] = (ptrdiff_t) stride;
      stride *= n[axis];
    }
  const unsigned char *data = cli_source_map (s, (uint64_t) a->data, bytes);
  e->data = data ? data + index * (size_t) s->strides[0] : NULL;
  e->strides = s->strides;
  return data != NULL;
}

const struct cli_reader cli_array_reader = { match, array_open, array_read, array_close, array_map };
