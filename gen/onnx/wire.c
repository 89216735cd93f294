/* Fields of protocol buffers. */
#include "wire.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum
{
  MAX_TEXT = 4096 /* bytes of a name; exporters write paths through modules */
};

void
wire_bad (const struct wire_file *f, const unsigned char *at, const char *fmt, ...)
{
  char what[1024];
  va_list args;
  va_start (args, fmt);
  vsnprintf (what, sizeof what, fmt, args);
  va_end (args);
  if (at)
    fatal ("%s: byte %zu: %s", f->path, (size_t) (at - f->data), what);
  fatal ("%s: %s", f->path, what);
}

void *
wire_array (struct wire_file *f, size_t count, size_t size)
{
  size_t bytes;
  if (!mul_size (count, size, &bytes) || bytes > f->budget)
    wire_bad (f, NULL,
              "tells of more than a file of %zu bytes may ask memory for; allowed: nodes, names and numbers "
              "of a network",
              f->bytes);
  f->budget -= bytes;
  return mem_alloc (bytes ? bytes : 1);
}

/* A number of 7 bits a byte, the lowest first; false where it does not end in time. */
static bool
read_varint (struct wire *w, uint64_t *value)
{
  *value = 0;
  for (int shift = 0; shift < 70 && w->at < w->end; shift += 7)
    {
      const unsigned char byte = *w->at++;
      *value |= (uint64_t) (byte & 0x7f) << shift;
      if (!(byte & 0x80))
        return shift < 63 || byte <= 1;
    }
  return false;
}

static bool
read_fixed (struct wire *w, int bytes, uint64_t *value)
{
  if (w->end - w->at < bytes)
    return false;
  *value = 0;
  for (int i = bytes; i-- > 0;)
    *value = *value << 8 | w->at[i];
  w->at += bytes;
  return true;
}

/* A field of a known kind whose length is there; CUT: of bytes there may be fewer than it says. */
static bool
read_field (struct wire *w, struct field *field, bool cut)
{
  uint64_t tag;
  *field = (struct field){ .at = w->at };
  if (!read_varint (w, &tag) || tag >> 3 == 0 || tag >> 32)
    return false;
  field->number = (uint32_t) (tag >> 3);
  field->kind = (enum wire_kind) (tag & 7);
  switch (field->kind)
    {
    case WIRE_VARINT:
      return read_varint (w, &field->value);
    case WIRE_FIXED64:
      return read_fixed (w, 8, &field->value);
    case WIRE_FIXED32:
      return read_fixed (w, 4, &field->value);
    case WIRE_BYTES:
      if (!read_varint (w, &field->value))
        return false;
      if (field->value > (size_t) (w->end - w->at) && !cut)
        return false;
      field->bytes.at = w->at;
      w->at = field->value > (size_t) (w->end - w->at) ? w->end : w->at + field->value;
      field->bytes.end = w->at;
      return true;
    }
  return false;
}

bool
wire_next (const struct wire_file *f, struct wire *w, struct field *field)
{
  const unsigned char *at = w->at;
  if (at == w->end)
    return false;
  if (!read_field (w, field, false))
    wire_bad (f, at, "no field of a protocol buffer; an ONNX model is allowed, whole and as it was written");
  return true;
}

bool
wire_look (struct wire *w, struct field *field, bool *broken)
{
  *broken = false;
  if (w->at == w->end)
    return false;
  *broken = !read_field (w, field, true);
  return !*broken;
}

static _Noreturn void
bad_kind (const struct wire_file *f, const struct field *field, const char *allowed)
{
  wire_bad (f, field->at, "field %u is of wire type %d; allowed: %s", field->number, field->kind, allowed);
}

struct wire
wire_message (const struct wire_file *f, const struct field *field)
{
  if (field->kind != WIRE_BYTES)
    bad_kind (f, field, "a message or bytes");
  return field->bytes;
}

int64_t
wire_int (const struct wire_file *f, const struct field *field)
{
  if (field->kind != WIRE_VARINT)
    bad_kind (f, field, "an integer");
  return (int64_t) field->value;
}

float
wire_float (const struct wire_file *f, const struct field *field)
{
  if (field->kind != WIRE_FIXED32)
    bad_kind (f, field, "a float");
  uint32_t bits = (uint32_t) field->value;
  float x;
  memcpy (&x, &bits, sizeof x);
  return x;
}

const char *
wire_text (struct wire_file *f, const struct field *field)
{
  struct wire w = wire_message (f, field);
  size_t n = (size_t) (w.end - w.at);
  if (n > MAX_TEXT)
    wire_bad (f, field->at, "a name of %zu bytes; allowed: at most %d", n, MAX_TEXT);
  if (memchr (w.at, 0, n))
    wire_bad (f, field->at, "a name with a zero byte; allowed: text");
  char *s = wire_array (f, n + 1, 1);
  memcpy (s, w.at, n);
  return s;
}

size_t
wire_count (const struct wire_file *f, const struct field *field, enum wire_kind kind)
{
  size_t count = 0, size = kind == WIRE_FIXED64 ? 8 : 4;
  if (field->kind == kind)
    return 1;
  if (field->kind != WIRE_BYTES)
    bad_kind (f, field, "numbers");
  if (kind == WIRE_VARINT)
    for (const unsigned char *p = field->bytes.at; p < field->bytes.end; p++)
      count += !(*p & 0x80);
  else if ((size_t) (field->bytes.end - field->bytes.at) % size)
    wire_bad (f, field->at, "%zu bytes of numbers of %zu; allowed: a multiple",
              (size_t) (field->bytes.end - field->bytes.at), size);
  else
    count = (size_t) (field->bytes.end - field->bytes.at) / size;
  return count;
}

void
wire_numbers (const struct wire_file *f, const struct field *field, enum wire_kind kind, uint64_t *to)
{
  struct wire w = field->bytes;
  if (field->kind == kind)
    {
      *to = field->value;
      return;
    }
  while (w.at < w.end)
    if (!(kind == WIRE_VARINT ? read_varint (&w, to++) : read_fixed (&w, kind == WIRE_FIXED64 ? 8 : 4, to++)))
      wire_bad (f, field->at, "a list of integers that ends within one; allowed: whole ones");
}
