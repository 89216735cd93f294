/* NIfTI-1 volumes, .nii and .nii.gz, through libnifti (niftiio, znz), where the build has it.
 *
 * The library turns the header's bytes round and inflates; the header's numbers are checked here, before anything
 * is done by them. Axes are taken as stored, x = W, y = H, z = D: orientation and voxel size are not looked at. Along
 * t lie the channels of a network of several, else one input after another. */
#include "cli.h"

#include <string.h>

/* Either byte order; compressed; and NIfTI-2, to say so. */
static bool
match (const unsigned char *head, size_t bytes)
{
  static const unsigned char begin[][4]
      = { { 0x5c, 1, 0, 0 }, { 0, 0, 1, 0x5c }, { 0x1c, 2, 0, 0 }, { 0, 0, 2, 0x1c } };
  if (bytes >= 3 && memcmp (head, "\x1f\x8b\x08", 3) == 0)
    return true;
  for (size_t i = 0; i < sizeof begin / sizeof *begin; i++)
    if (bytes >= 4 && memcmp (head, begin[i], 4) == 0)
      return true;
  return false;
}

#ifdef HAVE_NIFTI

#include <math.h>
#include <nifti1_io.h>
#include <stdlib.h>
#include <sys/stat.h>

#define HEADER_BYTES 348
#define LEAST_OFFSET 352
/* Deflate makes 1 byte of at most 1032: more than that is not in a file, whatever its header says. */
#define DEFLATE_RATIO 1032

struct nifti
{
  struct cli_volume volume;
  znzFile file;
  bool packed;
  uint64_t position;
};

/* The header in this machine's byte order. */
static bool
read_header (struct cli_source *s, struct nifti *n, struct nifti_1_header *h)
{
  if (znzread (h, 1, HEADER_BYTES, n->file) != HEADER_BYTES)
    return cli_fail (s->path, n->packed ? "a truncated or damaged .gz file, or no volume in it; NIfTI-1 is allowed"
                                        : "truncated: shorter than a NIfTI-1 header");
  n->position = HEADER_BYTES;
  uint32_t size;
  memcpy (&size, h, sizeof size);
  if (size == 0x5c010000)
    {
      swap_nifti_header (h, 1);
      n->volume.type.swap = true;
    }
  else if (size == 540 || size == 0x1c020000)
    return cli_fail (s->path, "a NIfTI-2 volume; NIfTI-1 is allowed");
  else if (size != HEADER_BYTES)
    return cli_fail (s->path, "no NIfTI-1 volume in the .gz file; nothing else is allowed there");
  if (memcmp (h->magic, "ni1", 4) == 0)
    return cli_fail (s->path, "a header without its voxels (.hdr, .img); one file (.nii, .nii.gz) is allowed");
  if (memcmp (h->magic, "n+1", 4) != 0)
    return cli_fail (s->path, "no NIfTI-1 volume: its magic is missing (Analyze 7.5 is not read)");
  return true;
}

static bool
set_type (struct cli_source *s, struct cli_volume *v, int code)
{
  static const struct
  {
    short code;
    char kind, size;
  } types[] = { { DT_UINT8, 'u', 1 },   { DT_INT8, 'i', 1 },   { DT_INT16, 'i', 2 },   { DT_UINT16, 'u', 2 },
                { DT_INT32, 'i', 4 },   { DT_UINT32, 'u', 4 }, { DT_INT64, 'i', 8 },   { DT_UINT64, 'u', 8 },
                { DT_FLOAT32, 'f', 4 }, { DT_FLOAT64, 'f', 8 }, { DT_RGB24, 'u', 1 } };
  for (size_t i = 0; i < sizeof types / sizeof *types; i++)
    if (types[i].code == code)
      {
        v->type.kind = types[i].kind;
        v->type.size = types[i].size;
        v->interleaved = code == DT_RGB24;
        v->type.swap = v->type.swap && v->type.size > 1;
        return true;
      }
  return cli_fail (s->path, "voxels of type %d (%s); integers of 8 to 64 bits, FLOAT32, FLOAT64 and RGB24 are allowed",
                   code, nifti_datatype_string (code));
}

/* Extents, and what the axis t is. */
static bool
set_extents (struct cli_source *s, struct cli_volume *v, const struct nifti_1_header *h)
{
  uint64_t extent[8] = { 0, 1, 1, 1, 1, 1, 1, 1 };
  char have[128], want[128];
  if (h->dim[0] < 1 || h->dim[0] > 7)
    return cli_fail (s->path, "a volume of %d axes; 1 to 4 are allowed", h->dim[0]);
  for (int i = 1; i <= h->dim[0]; i++)
    {
      if (h->dim[i] < 1 || (i > 4 && h->dim[i] > 1))
        return cli_fail (s->path, "axis %d has an extent of %d; %s", i, h->dim[i],
                         i > 4 ? "1 is allowed behind the fourth" : "1 to 32767 are allowed");
      extent[i] = (uint64_t) h->dim[i];
    }
  const uint64_t channels = s->shape.extent[0], times = extent[4];
  cli_shape_text (have, sizeof have, extent + 1, h->dim[0] < 4 ? h->dim[0] : 4);
  cli_source_want (s, want, sizeof want);
  if (s->info->input_rank < 2 || (s->info->input_rank == 2 && extent[3] > 1))
    return cli_fail (s->path, "a volume of extents %s; the network takes %s", have, want);
  if (v->interleaved ? channels != 3 : channels != 1 && channels != times)
    return cli_fail (s->path, "a volume of extents %s (x, y, z, t)%s; the network's input %s has %llu channel%s", have,
                     v->interleaved ? " and three colours" : "", want, (unsigned long long) channels,
                     channels == 1 ? "" : "s");
  v->x = extent[1];
  v->y = extent[2];
  v->z = extent[3];
  v->channels = (size_t) channels;
  s->samples = (size_t) (v->interleaved || channels == 1 ? times : 1);
  return !s->whole || cli_source_adopt (s, channels, v->z, v->y, v->x);
}

/* Where the voxels are, and whether the file can hold as many. */
static bool
set_data (struct cli_source *s, struct nifti *n, const struct nifti_1_header *h)
{
  struct cli_volume *v = &n->volume;
  struct stat st;
  /* Below 2^31 every step is exact, and no header extension comes near that. */
  double offset = (double) h->vox_offset == 0 ? LEAST_OFFSET : (double) h->vox_offset;
  if (!(offset >= LEAST_OFFSET && offset < 0x1p31) || offset != floor (offset))
    return cli_fail (s->path, "voxels begin at byte %g; a whole number from %d is allowed", offset, LEAST_OFFSET);
  v->data = (uint64_t) offset;
  if (fstat (fileno (s->file), &st) != 0)
    return cli_fail (s->path, "cannot be examined");
  /* 32767^4 values of 8 bytes fit in 64 bits; so do the file's bytes times the ratio below 2^53. */
  uint64_t bytes = v->x * v->y * v->z * v->channels * s->samples * (uint64_t) v->type.size;
  uint64_t room = st.st_size > 0 ? (uint64_t) st.st_size : 0;
  if (n->packed)
    room = room < UINT64_MAX / DEFLATE_RATIO ? room * DEFLATE_RATIO : UINT64_MAX;
  if (room < v->data || room - v->data < bytes)
    return cli_fail (s->path, "truncated: %llu bytes of voxels from byte %llu on cannot be in this file",
                     (unsigned long long) bytes, (unsigned long long) v->data);
  /* By the standard a slope of 0 means that there is none. */
  bool scaled = !v->interleaved && isfinite (h->scl_slope) && h->scl_slope != 0;
  v->slope = scaled ? h->scl_slope : 1;
  v->inter = scaled && isfinite (h->scl_inter) ? h->scl_inter : 0;
  return true;
}

static bool
nifti_bytes (struct cli_source *s, uint64_t at, void *to, size_t bytes)
{
  struct nifti *n = s->state;
  bool there = at == n->position || znzseek (n->file, (znz_off_t) at, SEEK_SET) >= 0;
  n->position = at + bytes;
  if (there && znzread (to, 1, bytes, n->file) == bytes)
    return true;
  return cli_fail (s->path, "truncated%s: the file ends before its volume does", n->packed ? " or damaged" : "");
}

static bool
nifti_open (struct cli_source *s)
{
  unsigned char head[2] = { 0, 0 };
  struct nifti_1_header h;
  struct nifti *n = calloc (1, sizeof *n);
  s->state = n;
  if (!n)
    return cli_fail (s->path, "out of memory");
  nifti_set_debug_level (0);
  n->packed = fread (head, 1, 2, s->file) == 2 && head[0] == 0x1f && head[1] == 0x8b;
  n->volume.read = nifti_bytes;
  n->file = znzopen (s->path, "rb", n->packed);
  if (znz_isnull (n->file))
    return cli_fail (s->path, "cannot be opened");
  return read_header (s, n, &h) && set_type (s, &n->volume, h.datatype) && set_extents (s, &n->volume, &h)
         && set_data (s, n, &h);
}

static bool
nifti_read (struct cli_source *s, size_t index, float *out)
{
  struct nifti *n = s->state;
  char more;
  if (!cli_volume_read (s, &n->volume, index, out))
    return false;
  /* Inflating beyond the last voxel compares the checksum. */
  if (n->packed && index + 1 == s->samples && znzread (&more, 1, 1, n->file) > 1)
    return cli_fail (s->path, "damaged: its checksum is wrong");
  return true;
}

static bool
nifti_map (struct cli_source *s, size_t index, struct rescast_elements *e)
{
  const struct nifti *n = s->state;
  return !n->packed && cli_volume_map (s, &n->volume, index, e);
}

static void
nifti_close (struct cli_source *s)
{
  struct nifti *n = s->state;
  if (n && !znz_isnull (n->file))
    znzclose (n->file);
  free (n);
}

#else

static bool
nifti_open (struct cli_source *s)
{
  return cli_fail (s->path, "this program was built without libnifti; arrays (.npy) are allowed, and files without "
                            "header (--shape, --type)");
}

static bool
nifti_read (struct cli_source *s, size_t index, float *out)
{
  (void) index;
  (void) out;
  return nifti_open (s);
}

static void
nifti_close (struct cli_source *s)
{
  (void) s;
}

static bool
nifti_map (struct cli_source *s, size_t index, struct rescast_elements *e)
{
  (void) e;
  return nifti_read (s, index, NULL);
}

#endif

const struct cli_reader cli_nifti_reader = { match, nifti_open, nifti_read, nifti_close, nifti_map };
