/* Nodes and their attributes out of their messages. */
#include "parts.h"

#include <string.h>

/* How many fields NUMBER message W has; at most MOST. */
size_t
onnx_count (const struct wire_file *f, struct wire w, uint32_t number, size_t most)
{
  struct field field;
  size_t n = 0;
  while (wire_next (f, &w, &field))
    if (field.number == number && n++ == most)
      wire_bad (f, field.at, "more than %zu of field %u; allowed: fewer", most, number);
  return n;
}

/* The texts in fields NUMBER of W. */
const char **
onnx_read_texts (struct wire_file *f, struct wire w, uint32_t number, size_t *count)
{
  struct field field;
  size_t n = *count = onnx_count (f, w, number, ONNX_MAX_NODES);
  const char **list = WIRE_ARRAY (f, n, const char *), **next = list;
  while (wire_next (f, &w, &field))
    if (field.number == number)
      *next++ = wire_text (f, &field);
  return list;
}

/* ---- attributes ---- */

enum
{
  ATTRIBUTE_NAME = 1,
  ATTRIBUTE_F = 2,
  ATTRIBUTE_I = 3,
  ATTRIBUTE_S = 4,
  ATTRIBUTE_T = 5,
  ATTRIBUTE_G = 6,
  ATTRIBUTE_FLOATS = 7,
  ATTRIBUTE_INTS = 8,
  ATTRIBUTE_TYPE = 20,
  ATTRIBUTE_OF_FUNCTION = 21
};

/* The numbers in fields NUMBER of W, as they are on the wire. */
static uint64_t *
read_numbers (struct wire_file *f, struct wire w, uint32_t number, enum wire_kind kind, size_t *count)
{
  struct field field;
  size_t n = 0;
  for (struct wire all = w; wire_next (f, &all, &field);)
    if (field.number == number)
      n += wire_count (f, &field, kind);
  uint64_t *list = WIRE_ARRAY (f, n, uint64_t), *next = list;
  while (wire_next (f, &w, &field))
    if (field.number == number)
      {
        wire_numbers (f, &field, kind, next);
        next += wire_count (f, &field, kind);
      }
  *count = n;
  return list;
}

static void
read_lists (struct wire_file *f, struct wire w, struct onnx_attribute *a)
{
  if (a->kind == ONNX_KIND_INTS)
    a->ints = (const int64_t *) read_numbers (f, w, ATTRIBUTE_INTS, WIRE_VARINT, &a->count);
  if (a->kind != ONNX_KIND_FLOATS)
    return;
  uint64_t *bits = read_numbers (f, w, ATTRIBUTE_FLOATS, WIRE_FIXED32, &a->count);
  double *list = WIRE_ARRAY (f, a->count, double);
  for (size_t i = 0; i < a->count; i++)
    {
      uint32_t one = (uint32_t) bits[i];
      float x;
      memcpy (&x, &one, sizeof x);
      list[i] = x;
    }
  a->floats = list;
}

/* Old models do not say what an attribute is: then it is what it has. */
static enum onnx_kind
kind_of (const struct onnx_attribute *a, uint32_t seen)
{
  static const enum onnx_kind kinds[]
      = { [ATTRIBUTE_F] = ONNX_KIND_FLOAT,  [ATTRIBUTE_I] = ONNX_KIND_INT,   [ATTRIBUTE_S] = ONNX_KIND_TEXT,
          [ATTRIBUTE_T] = ONNX_KIND_TENSOR, [ATTRIBUTE_G] = ONNX_KIND_GRAPH, [ATTRIBUTE_FLOATS] = ONNX_KIND_FLOATS,
          [ATTRIBUTE_INTS] = ONNX_KIND_INTS };
  for (uint32_t i = ATTRIBUTE_F; !a->kind && i < sizeof kinds / sizeof *kinds; i++)
    if (seen >> i & 1)
      return kinds[i];
  return a->kind;
}

static struct onnx_attribute
read_attribute (struct wire_file *f, struct wire w)
{
  struct onnx_attribute a = { .name = "", .s = "" };
  struct field field;
  uint32_t seen = 0;
  for (struct wire all = w; wire_next (f, &all, &field);)
    {
      seen |= field.number < 32 ? UINT32_C (1) << field.number : 0;
      switch (field.number)
        {
        case ATTRIBUTE_NAME:
          a.name = wire_text (f, &field);
          break;
        case ATTRIBUTE_F:
          a.f = wire_float (f, &field);
          break;
        case ATTRIBUTE_I:
          a.i = wire_int (f, &field);
          break;
        case ATTRIBUTE_S:
          a.s = wire_text (f, &field);
          break;
        case ATTRIBUTE_T:
          {
            struct weight *t = WIRE_ARRAY (f, 1, struct weight);
            *t = onnx_tensor (f, wire_message (f, &field));
            a.tensor = t;
            break;
          }
        case ATTRIBUTE_TYPE:
          a.kind = (enum onnx_kind) wire_int (f, &field);
          break;
        case ATTRIBUTE_OF_FUNCTION:
          a.of_function = wire_text (f, &field);
          break;
        }
    }
  a.kind = kind_of (&a, seen);
  if (a.kind == ONNX_KIND_TENSOR && !a.tensor && !a.of_function)
    wire_bad (f, w.at, "attribute %s has no tensor; allowed: one, as its type says", weights_shown (a.name));
  read_lists (f, w, &a);
  return a;
}

struct onnx_attribute *
onnx_read_attributes (struct wire_file *f, struct wire w, uint32_t number, size_t *count)
{
  struct field field;
  size_t n = *count = onnx_count (f, w, number, 256);
  struct onnx_attribute *list = WIRE_ARRAY (f, n, struct onnx_attribute), *next = list;
  while (wire_next (f, &w, &field))
    if (field.number == number)
      *next++ = read_attribute (f, wire_message (f, &field));
  return list;
}

const struct onnx_attribute *
onnx_attribute (const struct onnx_node *n, const char *name)
{
  for (size_t i = 0; i < n->attribute_count; i++)
    if (!strcmp (n->attributes[i].name, name))
      return &n->attributes[i];
  return NULL;
}

/* ---- nodes ---- */

static struct onnx_node
read_node (struct wire_file *f, struct wire w)
{
  enum
  {
    INPUT = 1,
    OUTPUT = 2,
    NAME = 3,
    OP_TYPE = 4,
    ATTRIBUTE = 5,
    DOMAIN = 7
  };
  struct onnx_node n = { .name = "", .op = "", .domain = "", .at = w.at };
  struct field field;
  for (struct wire all = w; wire_next (f, &all, &field);)
    if (field.number == NAME)
      n.name = wire_text (f, &field);
    else if (field.number == OP_TYPE)
      n.op = wire_text (f, &field);
    else if (field.number == DOMAIN)
      n.domain = wire_text (f, &field);
  if (!strcmp (n.domain, "ai.onnx"))
    n.domain = "";
  n.in = onnx_read_texts (f, w, INPUT, &n.nin);
  n.out = onnx_read_texts (f, w, OUTPUT, &n.nout);
  n.attributes = onnx_read_attributes (f, w, ATTRIBUTE, &n.attribute_count);
  return n;
}

struct onnx_node *
onnx_read_nodes (struct wire_file *f, struct wire w, uint32_t number, size_t *count)
{
  struct field field;
  size_t n = *count = onnx_count (f, w, number, ONNX_MAX_NODES);
  struct onnx_node *list = WIRE_ARRAY (f, n, struct onnx_node), *next = list;
  while (wire_next (f, &w, &field))
    if (field.number == number)
      *next++ = read_node (f, wire_message (f, &field));
  return list;
}
