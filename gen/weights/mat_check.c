/* The structure of a .mat file of version 5, walked before matio reads it.
 *
 * This is not for safety, which is the child process's business (mat.c), but for what matio lets pass:
 * of a variable that is cut short, or whose data are fewer than its extents say, it makes an array all the same, and
 * the checksum of a compressed one it does not look at. HDF5, for version 7.3, does such things itself.
 *
 *   file       128 bytes of header, elements: each a tag (type, bytes) and its bytes
 *   compressed a zlib stream that holds one matrix element
 *   matrix     flags, extents, name, and then: numbers, or for a struct its fields' names and a matrix for each
 */
#include "mat.h"

#include <string.h>
#include <zlib.h>

#include "file.h"

#define MAX_AXES 32

enum type
{
  TYPE_INT8 = 1,
  TYPE_INT32 = 5,
  TYPE_UINT32 = 6,
  TYPE_MATRIX = 14,
  TYPE_COMPRESSED = 15
};

enum
{
  CLASS_STRUCT = 2,
  CLASS_DOUBLE = 6, /* the first of the classes of numbers */
  CLASS_UINT64 = 15 /* the last */
};

struct walker
{
  struct weights_file *f;
  const unsigned char *p; /* of the file, the next byte */
  size_t left;
  bool big; /* big-endian */
  bool packed;
  z_stream z;
  size_t at; /* bytes taken so far, of the file or of what is inflated */
};

struct tag
{
  unsigned type;
  size_t bytes;
  bool small; /* the data, 4 bytes with what fills them, lie in the tag */
  unsigned char data[4];
};

static _Noreturn void
bad (const struct walker *w, const char *what)
{
  weights_bad (w->f, "a damaged .mat file: %s", what);
}

/* The next bytes, to TO, or nowhere when that is NULL. */
static void
take (struct walker *w, void *to, size_t bytes)
{
  static unsigned char nowhere[65536];
  w->at += bytes;
  if (!w->packed)
    {
      if (bytes > w->left)
        bad (w, "a variable ends behind the end of the file");
      if (to)
        memcpy (to, w->p, bytes);
      w->p += bytes;
      w->left -= bytes;
      return;
    }
  if (w->at > w->f->budget)
    weights_bad (w->f, "a compressed variable of more than %zu bytes; no more are allowed in a file of %zu bytes",
                 w->f->budget, w->f->bytes);
  while (bytes)
    {
      size_t piece = to || bytes < sizeof nowhere ? bytes : sizeof nowhere;
      w->z.next_out = to ? to : nowhere;
      w->z.avail_out = (uInt) piece;
      int status = inflate (&w->z, Z_SYNC_FLUSH);
      if (w->z.avail_out && status != Z_OK)
        bad (w, "a compressed variable can't be unpacked to its end");
      bytes -= piece - w->z.avail_out;
      to = to ? (unsigned char *) to + (piece - w->z.avail_out) : NULL;
    }
}

static uint64_t
number (const struct walker *w, const unsigned char *p, int bytes)
{
  uint64_t v = 0;
  for (int i = 0; i < bytes; i++)
    v |= (uint64_t) p[i] << 8 * (w->big ? bytes - 1 - i : i);
  return v;
}

/* The next element's tag; its data end at END at the latest. */
static struct tag
take_tag (struct walker *w, size_t end)
{
  unsigned char b[8];
  struct tag t = { 0 };
  if (end - w->at < sizeof b)
    bad (w, "an element is missing at the end of a variable");
  take (w, b, sizeof b);
  t.type = (unsigned) number (w, b, 4);
  t.bytes = number (w, b + 4, 4);
  if (t.type >> 16)
    {
      t.small = true;
      t.bytes = t.type >> 16;
      t.type &= 0xffff;
      memcpy (t.data, b + 4, 4);
    }
  if (t.small ? t.bytes > 4 : t.bytes > end - w->at)
    bad (w, "an element is larger than what it lies in");
  return t;
}

/* The element's data, padded to 8 bytes, to TO or nowhere. */
static void
take_data (struct walker *w, const struct tag *t, void *to, size_t end)
{
  if (t->small)
    {
      if (to)
        memcpy (to, t->data, t->bytes);
      return;
    }
  take (w, to, t->bytes);
  size_t pad = (8 - t->bytes % 8) % 8;
  take (w, NULL, pad < end - w->at ? pad : end - w->at);
}

/* The product of the extents. */
static size_t
take_extents (struct walker *w, size_t end)
{
  unsigned char b[4 * MAX_AXES];
  struct tag t = take_tag (w, end);
  size_t count = 1;
  if (t.type != TYPE_INT32 || t.bytes % 4 || t.bytes < 8 || t.bytes > sizeof b)
    bad (w, "an array's extents are missing or too many");
  take_data (w, &t, b, end);
  bool none = false;
  for (size_t i = 0; i < t.bytes; i += 4)
    {
      uint64_t n = number (w, b + i, 4);
      none = none || n == 0;
      if (n > INT32_MAX || (n && (!mul_size (count, (size_t) n, &count) || count > PTRDIFF_MAX)))
        bad (w, "an array's extents do not fit");
    }
  return none ? 0 : count;
}

/* Bytes of one number of an element's TYPE; 0 for what holds no numbers. */
static size_t
number_bytes (unsigned type)
{
  static const unsigned char bytes[] = { 0, 1, 1, 2, 2, 4, 4, 4, 0, 8, 0, 0, 8, 8 };
  return type < sizeof bytes ? bytes[type] : 0;
}

static void walk (struct walker *w, size_t bytes, bool outermost);

static void
walk_struct (struct walker *w, size_t count, size_t end)
{
  unsigned char length[4] = { 0 };
  struct tag t = take_tag (w, end);
  if (t.type != TYPE_INT32 || t.bytes != 4)
    bad (w, "a struct's field names are missing");
  take_data (w, &t, length, end);
  uint64_t each = number (w, length, 4);
  t = take_tag (w, end);
  if (t.type != TYPE_INT8 || each < 1 || each > 4096 || t.bytes % each)
    bad (w, "a struct's field names are not well formed");
  size_t fields = t.bytes / (size_t) each;
  take_data (w, &t, NULL, end);
  if (!mul_size (count, fields, &count))
    bad (w, "a struct's extents do not fit");
  for (size_t i = 0; i < count; i++)
    {
      t = take_tag (w, end);
      if (t.type != TYPE_MATRIX)
        bad (w, "a struct's field is no array");
      walk (w, t.bytes, false);
    }
}

/* One matrix of BYTES bytes. Cells, and structs inside of structs, are passed over: the reader refuses them. */
static void
walk (struct walker *w, size_t bytes, bool outermost)
{
  unsigned char flags[8] = { 0 };
  size_t end = w->at + bytes;
  if (bytes == 0)
    return;
  struct tag t = take_tag (w, end);
  if (t.type != TYPE_UINT32 || t.bytes != sizeof flags || t.small)
    bad (w, "an array's flags are missing");
  take_data (w, &t, flags, end);
  unsigned class = number (w, flags, 4) & 0xff;
  if (class > CLASS_UINT64) /* functions and objects have another build, and are not read */
    {
      take (w, NULL, end - w->at);
      return;
    }
  size_t count = take_extents (w, end);
  t = take_tag (w, end);
  if (t.type != TYPE_INT8)
    bad (w, "an array's name is missing");
  take_data (w, &t, NULL, end);
  if (class == CLASS_STRUCT && outermost)
    walk_struct (w, count, end);
  else if (class >= CLASS_DOUBLE && class <= CLASS_UINT64 && count)
    {
      t = take_tag (w, end);
      size_t size = number_bytes (t.type);
      if (!size || t.bytes % size || t.bytes / size != count)
        bad (w, "an array's data are not what its extents say");
      take_data (w, &t, NULL, end);
    }
  take (w, NULL, end - w->at);
}

static voidpf
allocate (voidpf arena, uInt count, uInt size)
{
  (void) arena;
  return mem_array (count, size);
}

static void
release (voidpf arena, voidpf p)
{
  (void) arena, (void) p;
}

/* A zlib stream of BYTES bytes that holds one matrix, to its checksum. */
static void
walk_packed (struct walker *w, size_t bytes)
{
  size_t start = w->at;
  unsigned char more;
  if (w->z.zalloc ? inflateReset (&w->z) != Z_OK : (w->z.zalloc = allocate, inflateInit (&w->z) != Z_OK))
    bad (w, "out of memory");
  w->z.next_in = (unsigned char *) w->p;
  w->z.avail_in = (uInt) bytes;
  w->packed = true;
  w->at = 0;
  struct tag t = take_tag (w, SIZE_MAX);
  if (t.type != TYPE_MATRIX || t.small)
    bad (w, "a compressed variable is no array");
  walk (w, t.bytes, true);
  w->z.next_out = &more;
  w->z.avail_out = 1;
  if (inflate (&w->z, Z_SYNC_FLUSH) != Z_STREAM_END || !w->z.avail_out)
    bad (w, "a compressed variable does not end where it should, or its checksum is wrong");
  w->packed = false;
  w->at = start;
  take (w, NULL, bytes);
}

void
weights_mat_check (struct weights_file *f)
{
  struct walker *w = NEW (struct walker); /* what zlib holds is in the arena too */
  *w = (struct walker){ .f = f, .p = f->data + 128, .left = f->bytes - 128, .big = f->data[126] == 'M' };
  w->z.zfree = release;
  if (number (w, f->data + 124, 2) != 0x0100)
    return;
  while (w->left)
    {
      struct tag t = take_tag (w, SIZE_MAX);
      if (t.small || t.bytes > w->left)
        bad (w, "a variable ends behind the end of the file");
      if (t.type == TYPE_COMPRESSED)
        walk_packed (w, t.bytes);
      else if (t.type == TYPE_MATRIX)
        walk (w, t.bytes, true);
      else
        take (w, NULL, t.bytes);
    }
}
