/* Builders of weights files, byte by byte, for tests: right ones, and wrong ones that a library would refuse to
 * write. Programs that use it end soon: nothing is freed, but all is kept in a list, where leak checkers see it. */
#ifndef RESCAST_WEIGHTS_BYTES_H
#define RESCAST_WEIGHTS_BYTES_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

struct bytes
{
  unsigned char *p;
  size_t n, cap;
};

static inline void *
b_memory (size_t n)
{
  static struct block
  {
    struct block *next;
    unsigned char data[];
  } * blocks;
  struct block *b = malloc (sizeof *b + n);
  if (!b)
    abort ();
  b->next = blocks;
  blocks = b;
  return b->data;
}

static inline void
b_add (struct bytes *b, const void *data, size_t n)
{
  if (b->n + n > b->cap)
    {
      b->cap = 2 * b->cap + n + 64;
      unsigned char *grown = b_memory (b->cap);
      if (b->n)
        memcpy (grown, b->p, b->n);
      b->p = grown;
    }
  if (n)
    memcpy (b->p + b->n, data, n);
  b->n += n;
}

static inline void
b_str (struct bytes *b, const char *s)
{
  b_add (b, s, strlen (s));
}

static inline void
b_fill (struct bytes *b, int c, size_t n)
{
  for (size_t i = 0; i < n; i++)
    b_add (b, &(unsigned char){ (unsigned char) c }, 1);
}

/* V in N bytes, little-endian. */
static inline void
b_le (struct bytes *b, uint64_t v, int n)
{
  for (int i = 0; i < n; i++, v >>= 8)
    b_add (b, &(unsigned char){ (unsigned char) v }, 1);
}

static inline void
b_poke (struct bytes *b, size_t at, uint64_t v, int n)
{
  for (int i = 0; i < n; i++, v >>= 8)
    b->p[at + (size_t) i] = (unsigned char) v;
}

/* 0, 1, 2, … as N floats. */
static inline struct bytes
b_floats (size_t n)
{
  struct bytes b = { 0 };
  for (size_t i = 0; i < n; i++)
    {
      float x = (float) i;
      uint32_t u;
      memcpy (&u, &x, 4);
      b_le (&b, u, 4);
    }
  return b;
}

static inline void
b_write (const struct bytes *b, const char *path)
{
  FILE *f = fopen (path, "wb");
  if (!f || fwrite (b->p, 1, b->n, f) != b->n || fclose (f))
    {
      perror (path);
      exit (1);
    }
}

/* ---- safetensors ---- */

static inline struct bytes
st_file (const char *header, const void *data, size_t n)
{
  struct bytes b = { 0 };
  b_le (&b, strlen (header), 8);
  b_str (&b, header);
  b_add (&b, data, n);
  return b;
}

/* ---- zip: an entry says of itself what the caller wants ---- */

struct zip_spec
{
  const char *name;
  struct bytes packed;
  unsigned method, flags;
  uint32_t crc;
  size_t size, packed_size; /* as declared */
};

struct zip_out
{
  struct bytes file, directory;
  unsigned count;
};

static inline struct zip_spec
zip_stored (const char *name, struct bytes data)
{
  return (struct zip_spec){ .name = name,
                            .packed = data,
                            .crc = (uint32_t) crc32 (0, data.p, (uInt) data.n),
                            .size = data.n,
                            .packed_size = data.n };
}

static inline struct zip_spec
zip_deflated (const char *name, struct bytes data)
{
  struct zip_spec s = zip_stored (name, data);
  z_stream z = { 0 };
  deflateInit2 (&z, 9, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY);
  size_t cap = deflateBound (&z, (uLong) data.n);
  s.packed = (struct bytes){ b_memory (cap), 0, cap };
  z.next_in = data.p;
  z.avail_in = (uInt) data.n;
  z.next_out = s.packed.p;
  z.avail_out = (uInt) cap;
  deflate (&z, Z_FINISH);
  s.packed.n = s.packed_size = z.total_out;
  deflateEnd (&z);
  s.method = 8;
  return s;
}

static inline void
zip_add (struct zip_out *z, const struct zip_spec *s)
{
  struct bytes common = { 0 };
  b_le (&common, 20, 2);
  b_le (&common, s->flags, 2);
  b_le (&common, s->method, 2);
  b_le (&common, 0x00210000, 4); /* 1 January 1980 */
  b_le (&common, s->crc, 4);
  b_le (&common, s->packed_size, 4);
  b_le (&common, s->size, 4);
  b_le (&common, strlen (s->name), 2);
  b_le (&common, 0, 2);
  b_str (&z->directory, "PK\1\2");
  b_le (&z->directory, 20, 2);
  b_add (&z->directory, common.p, common.n);
  b_fill (&z->directory, 0, 10);
  b_le (&z->directory, z->file.n, 4);
  b_str (&z->directory, s->name);
  b_str (&z->file, "PK\3\4");
  b_add (&z->file, common.p, common.n);
  b_str (&z->file, s->name);
  b_add (&z->file, s->packed.p, s->packed.n);
  z->count++;
}

static inline struct bytes
zip_end (struct zip_out *z)
{
  size_t at = z->file.n;
  b_add (&z->file, z->directory.p, z->directory.n);
  b_add (&z->file, "PK\5\6\0\0\0", 8);
  b_le (&z->file, z->count, 2);
  b_le (&z->file, z->count, 2);
  b_le (&z->file, z->directory.n, 4);
  b_le (&z->file, at, 4);
  b_le (&z->file, 0, 2);
  return z->file;
}

/* An archive of one entry. */
static inline struct bytes
zip_one (struct zip_spec s)
{
  struct zip_out z = { 0 };
  zip_add (&z, &s);
  return zip_end (&z);
}

/* ---- .npy ---- */

static inline struct bytes
npy_array (int version, const char *header, struct bytes data)
{
  struct bytes b = { 0 };
  b_str (&b, "\x93NUMPY");
  b_le (&b, (uint64_t) version, 2);
  b_le (&b, strlen (header) + 1, version == 1 ? 2 : 4);
  b_str (&b, header);
  b_str (&b, "\n");
  b_add (&b, data.p, data.n);
  return b;
}

/* ---- pickles ---- */

static inline void
pk_str (struct bytes *b, const char *s)
{
  b_str (b, "X");
  b_le (b, strlen (s), 4);
  b_str (b, s);
}

static inline void
pk_int (struct bytes *b, int64_t i)
{
  b_str (b, "\x8a\x08");
  b_le (b, (uint64_t) i, 8);
}

static inline void
pk_global (struct bytes *b, const char *module, const char *name)
{
  b_str (b, "c");
  b_str (b, module);
  b_str (b, "\n");
  b_str (b, name);
  b_str (b, "\n");
}

static inline void
pk_ints (struct bytes *b, int n, const int64_t *v)
{
  b_str (b, "(");
  for (int i = 0; i < n; i++)
    pk_int (b, v[i]);
  b_str (b, "t");
}

/* A tensor, a view of storage KEY of COUNT elements. TYPE: "FloatStorage". LEGACY: ids have a sixth element. */
static inline void
pk_tensor (struct bytes *b, const char *type, const char *key, int64_t count, int64_t offset, int rank,
           const int64_t *shape, const int64_t *stride, int legacy)
{
  pk_global (b, "torch._utils", "_rebuild_tensor_v2");
  b_str (b, "((");
  pk_str (b, "storage");
  pk_global (b, "torch", type);
  pk_str (b, key);
  pk_str (b, "cpu");
  pk_int (b, count);
  b_str (b, legacy ? "NtQ" : "tQ");
  pk_int (b, offset);
  pk_ints (b, rank, shape);
  pk_ints (b, rank, stride);
  b_str (b, "\x89");
  pk_global (b, "collections", "OrderedDict");
  b_str (b, ")RtR");
}

static inline void
pk_begin (struct bytes *b)
{
  b_str (b, "\x80\x02");
}

/* The four pickles that stand before the storages' in the legacy format: the object's is OBJECT. */
static inline struct bytes
pt_legacy (struct bytes object)
{
  struct bytes b = { 0 };
  b_str (&b, "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.");
  b_str (&b, "\x80\x02M\xe9\x03.");
  b_str (&b, "\x80\x02}.");
  b_add (&b, object.p, object.n);
  return b;
}

#endif
