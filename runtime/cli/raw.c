/* Files without a header, told by --shape and --type: one sample after another, C order. */
#include "cli.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define MAX_EXTENT 1000000

struct raw
{
  struct cli_volume volume;
  uint64_t position;
};

bool
cli_raw_shape (struct cli_raw *r, const char *text)
{
  const char *p = text;
  r->given = true;
  bool more = true;
  for (r->rank = 0; more && r->rank < 4; p += more)
    {
      uint64_t n = 0;
      for (; *p >= '0' && *p <= '9' && n <= MAX_EXTENT; p++)
        n = n * 10 + (uint64_t) (*p - '0');
      if (n < 1 || n > MAX_EXTENT)
        break;
      r->extent[r->rank++] = n;
      more = *p == ',';
    }
  return (!more && r->rank >= 2 && *p == 0)
         || cli_fail (NULL, "--shape takes extents from 1 to %d, [C,][D,]H,W, not '%s'", MAX_EXTENT, text);
}

bool
cli_raw_type (struct cli_raw *r, const char *text)
{
  static const char types[][4] = { "u8", "i8", "u16", "i16", "f16", "u32", "i32", "f32", "u64", "i64", "f64" };
  const uint16_t one = 1;
  const bool little = *(const unsigned char *) &one;
  r->given = true;
  for (size_t i = 0; i < sizeof types / sizeof *types; i++)
    {
      size_t n = strlen (types[i]);
      if (strncmp (text, types[i], n) == 0 && (!text[n] || !strcmp (text + n, "le") || !strcmp (text + n, "be")))
        {
          r->type.kind = types[i][0];
          r->type.size = atoi (types[i] + 1) / 8;
          r->type.swap = r->type.size > 1 && (text[n] == 'b') == little;
          return true;
        }
    }
  return cli_fail (NULL, "--type takes u8, i8, u16, i16, f16, u32, i32, f32, u64, i64 or f64, with le or be behind it, "
                         "not '%s'",
                   text);
}

/* The shape that was given, or the network's, as a volume. */
static bool
set_volume (struct cli_source *s, struct cli_volume *v)
{
  const struct cli_raw *r = s->raw;
  char have[128], want[128];
  uint64_t extent[4] = { 1, 1, 1, 1 }; /* C D H W */
  const int rank = s->info->input_rank, given = r->rank ? r->rank : s->shape.rank;
  const uint64_t *from = r->rank ? r->extent : s->shape.extent;
  cli_source_want (s, want, sizeof want);
  cli_shape_text (have, sizeof have, from, given);
  if (rank < 2)
    return cli_fail (s->path, "a file without header; this network takes arrays (.npy) of shape %s", want);
  for (int i = 0; i < given && i < rank; i++)
    extent[3 - i] = from[given - 1 - i];
  if (given == rank + 1)
    extent[0] = from[0];
  if ((given != rank && given != rank + 1) || extent[0] != s->shape.extent[0])
    return cli_fail (s->path, "--shape %s; the network takes %s, with any extents behind the channels", have, want);
  *v = (struct cli_volume){ .channels = (size_t) extent[0], .z = extent[1], .y = extent[2], .x = extent[3],
                            .slope = 1, .type = r->type };
  if (!v->type.kind)
    v->type = (struct cli_npy){ .kind = 'f', .size = 4, .swap = !*(const unsigned char *) &(const uint16_t){ 1 } };
  return !s->whole || cli_source_adopt (s, extent[0], extent[1], extent[2], extent[3]);
}

static bool
raw_bytes (struct cli_source *s, uint64_t at, void *to, size_t bytes)
{
  struct raw *r = s->state;
  /* A seek empties the stream's buffer. */
  if (at != r->position && fseeko (s->file, (off_t) at, SEEK_SET) != 0)
    return cli_fail (s->path, "%s", strerror (errno));
  r->position = at + bytes;
  if (fread (to, 1, bytes, s->file) == bytes)
    return true;
  if (ferror (s->file))
    return cli_fail (s->path, "cannot be read: %s", strerror (errno));
  return cli_fail (s->path, "truncated while it was read");
}

static bool
raw_open (struct cli_source *s)
{
  struct stat st;
  struct raw *r = calloc (1, sizeof *r);
  s->state = r;
  if (!r)
    return cli_fail (s->path, "out of memory");
  struct cli_volume *v = &r->volume;
  if (!set_volume (s, v))
    return false;
  v->read = raw_bytes;
  if (fstat (fileno (s->file), &st) != 0)
    return cli_fail (s->path, "%s", strerror (errno));
  size_t bytes = (size_t) v->type.size;
  bool fits = cli_mul (bytes, v->channels, &bytes) && cli_mul (bytes, (size_t) v->z, &bytes)
              && cli_mul (bytes, (size_t) v->y, &bytes) && cli_mul (bytes, (size_t) v->x, &bytes);
  uint64_t all = st.st_size > 0 ? (uint64_t) st.st_size : 0;
  if (!fits || all < bytes || all % bytes)
    return cli_fail (s->path, "%llu bytes; a whole number of samples of %zu bytes is allowed",
                     (unsigned long long) all, fits ? bytes : SIZE_MAX);
  s->samples = (size_t) (all / bytes);
  return true;
}

static bool
raw_read (struct cli_source *s, size_t index, float *out)
{
  return cli_volume_read (s, &((struct raw *) s->state)->volume, index, out);
}

static void
raw_close (struct cli_source *s)
{
  free (s->state);
}

static bool
raw_map (struct cli_source *s, size_t index, struct rescast_elements *e)
{
  return cli_volume_map (s, &((struct raw *) s->state)->volume, index, e);
}

const struct cli_reader cli_raw_reader = { NULL, raw_open, raw_read, raw_close, raw_map };
