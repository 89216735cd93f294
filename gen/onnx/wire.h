/* The wire format of protocol buffers: a message is a run of fields, each a number, a kind and a value.
 *
 * The bytes are untrusted: no length is believed before it is compared with what is left of the message around it. */
#ifndef RESCAST_ONNX_WIRE_H
#define RESCAST_ONNX_WIRE_H

#include "base/util.h"

/* The file that a message is part of: for errors, which give the place in it. */
struct wire_file
{
  const char *path;
  const unsigned char *data;
  size_t bytes;
  size_t budget;              /* bytes that may still be taken of the arena for what the file says */
  struct wire_beside *beside; /* files that hold some of its tensors: tensor.c */
};

/* `rescast: FILE: byte N: WHAT`, exit 1. AT: where in the file; NULL: the file as a whole. */
_Noreturn void wire_bad (const struct wire_file *f, const unsigned char *at, const char *fmt, ...) PRINTF (3, 4);
/* Zeroed memory for COUNT things of SIZE bytes that the file tells of; fatal where they are more than it may ask for.
 */
void *wire_array (struct wire_file *f, size_t count, size_t size);
#define WIRE_ARRAY(f, count, type) ((type *) wire_array (f, count, sizeof (type)))

/* A message, or what is left of it. */
struct wire
{
  const unsigned char *at, *end;
};

enum wire_kind
{
  WIRE_VARINT = 0,
  WIRE_FIXED64 = 1,
  WIRE_BYTES = 2, /* text, a message, or numbers one behind the other */
  WIRE_FIXED32 = 5
};

struct field
{
  uint32_t number;
  enum wire_kind kind;
  uint64_t value;          /* of the other kinds than WIRE_BYTES, as it is on the wire */
  struct wire bytes;       /* of WIRE_BYTES */
  const unsigned char *at; /* where the field begins */
};

/* The next field of W into *FIELD; false at the message's end. Fatal where it is none. */
bool wire_next (const struct wire_file *f, struct wire *w, struct field *field);
/* The same, but false, and *BROKEN, where it is none: to ask whether bytes are a message. They may end in a field. */
bool wire_look (struct wire *w, struct field *field, bool *broken);

/* FIELD's value; fatal where it has another kind. */
struct wire wire_message (const struct wire_file *f, const struct field *field);
int64_t wire_int (const struct wire_file *f, const struct field *field);
float wire_float (const struct wire_file *f, const struct field *field);
/* A copy, terminated; a zero byte in it is refused. */
const char *wire_text (struct wire_file *f, const struct field *field);

/* Numbers stand each in a field of its own or many in one. How many FIELD has: KIND is that of a single one. */
size_t wire_count (const struct wire_file *f, const struct field *field, enum wire_kind kind);
/* … and they themselves, WIRE_VARINT, WIRE_FIXED32 or WIRE_FIXED64, as they are on the wire. */
void wire_numbers (const struct wire_file *f, const struct field *field, enum wire_kind kind, uint64_t *to);

#endif
