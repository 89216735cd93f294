/* Tensors: their elements stay in the file, or in a file beside it, unless the wire format has them in another form. */
#include "model.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum
{
  DIMS = 1,
  DATA_TYPE = 2,
  FLOAT_DATA = 4,
  INT32_DATA = 5,
  INT64_DATA = 7,
  NAME = 8,
  RAW_DATA = 9,
  DOUBLE_DATA = 10,
  UINT64_DATA = 11,
  EXTERNAL_DATA = 13,
  DATA_LOCATION = 14
};

/* The element types of tensors that anything here can read. */
static const struct
{
  enum onnx_type type;
  const char *name;
  enum dtype dtype;
  uint32_t field; /* where elements are that are not raw */
} types[] = {
  { ONNX_FLOAT, "float", DTYPE_F32, FLOAT_DATA },    { ONNX_UINT8, "uint8", DTYPE_U8, INT32_DATA },
  { ONNX_INT8, "int8", DTYPE_I8, INT32_DATA },       { ONNX_INT16, "int16", DTYPE_I16, INT32_DATA },
  { ONNX_INT32, "int32", DTYPE_I32, INT32_DATA },    { ONNX_INT64, "int64", DTYPE_I64, INT64_DATA },
  { ONNX_BOOL, "bool", DTYPE_BOOL, INT32_DATA },     { ONNX_FLOAT16, "float16", DTYPE_F16, INT32_DATA },
  { ONNX_DOUBLE, "double", DTYPE_F64, DOUBLE_DATA }, { ONNX_BFLOAT16, "bfloat16", DTYPE_BF16, INT32_DATA },
  { ONNX_UINT16, "uint16", DTYPE_U16, INT32_DATA },  { ONNX_UINT32, "uint32", DTYPE_U32, UINT64_DATA },
  { ONNX_UINT64, "uint64", DTYPE_U64, UINT64_DATA },
};

const char *
onnx_type_name (int64_t type)
{
  for (size_t i = 0; i < sizeof types / sizeof *types; i++)
    if (types[i].type == type)
      return types[i].name;
  return type == ONNX_STRING ? "string" : mem_printf ("type %" PRId64, type);
}

/* ---- files beside the model ---- */

struct wire_beside
{
  const char *name;
  const unsigned char *data;
  size_t bytes;
  struct wire_beside *next;
};

/* Only below the model's own folder: a model from anywhere must not read other files. */
static void
check_location (const struct wire_file *f, const char *tensor, const char *location)
{
  bool inside = *location && *location != '/' && !strchr (location, '\\');
  for (const char *part = location; inside && part; part = strchr (part, '/'))
    {
      part += *part == '/';
      inside = strncmp (part, "..", 2) || (part[2] && part[2] != '/');
    }
  if (!inside)
    wire_bad (f, NULL, "tensor %s: its elements are in %s; allowed: a file in the model's folder or below",
              weights_shown (tensor), weights_shown (location));
}

static const struct wire_beside *
map_beside (struct wire_file *f, const char *tensor, const char *location)
{
  for (const struct wire_beside *b = f->beside; b; b = b->next)
    if (!strcmp (b->name, location))
      return b;
  check_location (f, tensor, location);
  const char *slash = strrchr (f->path, '/');
  const char *path = slash ? mem_printf ("%.*s/%s", (int) (slash - f->path), f->path, location) : location;
  struct stat st;
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0 || fstat (fd, &st))
    wire_bad (f, NULL, "tensor %s: its elements are in %s: %s", weights_shown (tensor), weights_shown (location),
              strerror (errno));
  if (!S_ISREG (st.st_mode) || (uintmax_t) st.st_size > PTRDIFF_MAX)
    wire_bad (f, NULL, "tensor %s: its elements are in %s, which is no file; allowed: one", weights_shown (tensor),
              weights_shown (location));
  struct wire_beside *b = WIRE_ARRAY (f, 1, struct wire_beside);
  *b = (struct wire_beside){ location, NULL, (size_t) st.st_size, f->beside };
  if (b->bytes)
    {
      void *p = mmap (NULL, b->bytes, PROT_READ, MAP_PRIVATE, fd, 0);
      if (p == MAP_FAILED)
        wire_bad (f, NULL, "%s: %s", weights_shown (location), strerror (errno));
      b->data = p;
    }
  close (fd);
  return f->beside = b;
}

/* Where a tensor's elements are that are not in the model: entries of key and value. */
struct place
{
  const char *location;
  uint64_t offset, length;
  bool has_length;
};

static uint64_t
read_number (const struct wire_file *f, const char *key, const char *value)
{
  char *end;
  errno = 0;
  unsigned long long n = strtoull (value, &end, 10);
  if (*value < '0' || *value > '9' || *end || errno)
    wire_bad (f, NULL, "external data has the %s %s; allowed: a number", key, weights_shown (value));
  return n;
}

static void
read_entry (struct wire_file *f, struct wire w, struct place *p)
{
  enum
  {
    KEY = 1,
    VALUE = 2
  };
  const char *key = "", *value = "";
  struct field field;
  while (wire_next (f, &w, &field))
    if (field.number == KEY)
      key = wire_text (f, &field);
    else if (field.number == VALUE)
      value = wire_text (f, &field);
  if (!strcmp (key, "location"))
    p->location = value;
  else if (!strcmp (key, "offset"))
    p->offset = read_number (f, key, value);
  else if (!strcmp (key, "length"))
    {
      p->length = read_number (f, key, value);
      p->has_length = true;
    }
}

static const void *
external_data (struct wire_file *f, const struct weight *t, const struct place *p, size_t bytes)
{
  if (!p->location)
    wire_bad (f, NULL, "tensor %s: its elements are in no file that is named; allowed: a location",
              weights_shown (t->name));
  const struct wire_beside *b = map_beside (f, t->name, p->location);
  if (p->offset > b->bytes || bytes > b->bytes - p->offset || (p->has_length && p->length != bytes))
    wire_bad (f, NULL, "tensor %s: %zu bytes at %" PRIu64 " of %s, which has %zu; allowed: all of them there",
              weights_shown (t->name), bytes, p->offset, weights_shown (p->location), b->bytes);
  return bytes ? (const void *) (b->data + p->offset) : "";
}

/* ---- elements in fields of their own ---- */

/* Elements of SIZE bytes, from numbers of the wire: the low bytes of each, which are what a narrower type has. */
static const void *
narrow (struct wire_file *f, const uint64_t *numbers, size_t count, size_t size)
{
  unsigned char *to = wire_array (f, count, size);
  for (size_t i = 0; i < count; i++)
    for (size_t k = 0; k < size; k++)
      to[i * size + k] = (unsigned char) (numbers[i] >> 8 * k);
  return to;
}

static const void *
typed_data (struct wire_file *f, struct wire w, const struct weight *t, uint32_t number)
{
  const enum wire_kind kind = number == FLOAT_DATA ? WIRE_FIXED32 : number == DOUBLE_DATA ? WIRE_FIXED64 : WIRE_VARINT;
  struct field field;
  struct wire last = { 0 };
  size_t count = 0, fields = 0;
  for (struct wire all = w; wire_next (f, &all, &field);)
    if (field.number == number)
      {
        count += wire_count (f, &field, kind);
        fields++;
        last = field.bytes;
      }
  if (count != t->count)
    wire_bad (f, w.at, "tensor %s has %zu elements; allowed: %zu, by its shape", weights_shown (t->name), count,
              t->count);
  if (fields == 1 && last.at && kind != WIRE_VARINT)
    return last.at;
  uint64_t *numbers = WIRE_ARRAY (f, count, uint64_t), *next = numbers;
  while (wire_next (f, &w, &field))
    if (field.number == number)
      {
        wire_numbers (f, &field, kind, next);
        next += wire_count (f, &field, kind);
      }
  return narrow (f, numbers, count, dtype_bytes (t->dtype));
}

/* ---- tensors ---- */

static void
read_shape (struct wire_file *f, struct wire w, struct weight *t, size_t *bytes)
{
  struct field field;
  while (wire_next (f, &w, &field))
    {
      if (field.number != DIMS)
        continue;
      size_t n = wire_count (f, &field, WIRE_VARINT);
      if (n > (size_t) (ONNX_MAX_RANK - t->rank))
        wire_bad (f, field.at, "tensor %s has more than %d axes; allowed: fewer", weights_shown (t->name),
                  ONNX_MAX_RANK);
      wire_numbers (f, &field, WIRE_VARINT, (uint64_t *) t->shape + t->rank);
      t->rank += (int) n;
    }
  t->count = 1;
  *bytes = dtype_bytes (t->dtype);
  size_t product = *bytes; /* without extents of 0: strides are made of it */
  for (int i = 0; i < t->rank; i++)
    {
      if (t->shape[i] < 0 || (t->shape[i] && !mul_size (product, (size_t) t->shape[i], &product))
          || product > PTRDIFF_MAX)
        wire_bad (f, w.at,
                  "tensor %s: extent %" PRId64 " of axis %d; allowed: extents of 0 or more whose product fits 63 bits",
                  weights_shown (t->name), t->shape[i], i);
      t->count *= (size_t) t->shape[i];
    }
  *bytes *= t->count;
}

/* What a tensor's message has beside its shape and elements. */
struct head
{
  int64_t type;
  bool external, raw;
  struct wire raw_bytes;
  struct place place;
};

static struct head
read_head (struct wire_file *f, struct wire w, struct weight *t)
{
  struct head h = { 0 };
  struct field field;
  while (wire_next (f, &w, &field))
    switch (field.number)
      {
      case NAME:
        t->name = wire_text (f, &field);
        break;
      case DATA_TYPE:
        h.type = wire_int (f, &field);
        break;
      case DATA_LOCATION:
        h.external = wire_int (f, &field) == 1;
        break;
      case RAW_DATA:
        h.raw_bytes = wire_message (f, &field);
        h.raw = true;
        break;
      case EXTERNAL_DATA:
        read_entry (f, wire_message (f, &field), &h.place);
        break;
      }
  return h;
}

struct weight
onnx_tensor (struct wire_file *f, struct wire message)
{
  struct weight t = { .name = "" };
  struct head h = read_head (f, message, &t);
  uint32_t field = 0;
  for (size_t i = 0; i < sizeof types / sizeof *types; i++)
    if (types[i].type == h.type)
      {
        t.dtype = types[i].dtype;
        field = types[i].field;
      }
  if (!field)
    wire_bad (f, message.at,
              "tensor %s is of %s; allowed: float, double, float16, bfloat16, int8 to int64, uint8 to uint64 and bool",
              weights_shown (t.name), onnx_type_name (h.type));
  size_t bytes;
  read_shape (f, message, &t, &bytes);
  if (h.external)
    t.data = external_data (f, &t, &h.place, bytes);
  else if (!h.raw)
    t.data = typed_data (f, message, &t, field);
  else if ((size_t) (h.raw_bytes.end - h.raw_bytes.at) != bytes)
    wire_bad (f, h.raw_bytes.at, "tensor %s has %zu bytes of elements; allowed: %zu, by its shape",
              weights_shown (t.name), (size_t) (h.raw_bytes.end - h.raw_bytes.at), bytes);
  else
    t.data = h.raw_bytes.at;
  return t;
}
