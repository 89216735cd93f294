/* ONNX models for tests, made of lines of text:
 *
 *   opset 13                            17 where there is none
 *   input x 1 3 8 8                     an extent may be a word, which leaves it open
 *   float w 4 3 3 3                     an initializer with values of its own: fractions of both signs
 *   values s 2 : 0.5 2                  … with these, as floats
 *   ints p 4 : 0 1 -1 3                 … as 64-bit integers
 *   u32 p 1 : 5                         … as integers of 32 or 64 bits without a sign (u64)
 *   node Conv x w - > y z : pads=1,1,1,1 alpha=0.5 mode='linear'
 *                                       "-" is an input that is left out; numbers with a point are floats
 *   function Twice a > b                nodes up to `end` are its own; called as `node f.Twice x > y`
 *   output y
 *
 * The bytes are those that a protocol buffers library would write. */
#ifndef RESCAST_TESTS_ONNX_BYTES_H
#define RESCAST_TESTS_ONNX_BYTES_H

#include "weights_bytes.h"

static inline void
o_varint (struct bytes *b, uint64_t v)
{
  for (; v >= 0x80; v >>= 7)
    b_le (b, (v & 0x7f) | 0x80, 1);
  b_le (b, v, 1);
}

static inline void
o_int (struct bytes *b, uint32_t field, uint64_t v)
{
  o_varint (b, (uint64_t) field << 3);
  o_varint (b, v);
}

static inline void
o_bytes (struct bytes *b, uint32_t field, const void *data, size_t n)
{
  o_varint (b, (uint64_t) field << 3 | 2);
  o_varint (b, n);
  b_add (b, data, n);
}

static inline void
o_text (struct bytes *b, uint32_t field, const char *s)
{
  o_bytes (b, field, s, strlen (s));
}

static inline void
o_message (struct bytes *b, uint32_t field, struct bytes m)
{
  o_bytes (b, field, m.p, m.n);
}

static inline void
o_float (struct bytes *b, uint32_t field, float v)
{
  uint32_t bits;
  memcpy (&bits, &v, 4);
  o_varint (b, (uint64_t) field << 3 | 5);
  b_le (b, bits, 4);
}

/* ---- one line ---- */

/* The next word of *S, which moves behind it; NULL: there is none. */
static inline char *
o_word (char **s)
{
  char *from = *s + strspn (*s, " ");
  size_t n = strcspn (from, " ");
  if (!n)
    return NULL;
  *s = from + n + (from[n] != 0);
  from[n] = 0;
  return from;
}

/* NAME=VALUE. */
static inline struct bytes
o_attribute (const char *word)
{
  struct bytes a = { 0 };
  const char *equals = strchr (word, '='), *value = equals + 1;
  o_bytes (&a, 1, word, (size_t) (equals - word));
  if (*value == '\'')
    {
      o_bytes (&a, 4, value + 1, strlen (value) - 2);
      o_int (&a, 20, 3);
      return a;
    }
  const int real = strchr (value, '.') != NULL, list = strchr (value, ',') != NULL;
  for (char *end; *value; value = *end ? end + 1 : end)
    {
      const double v = strtod (value, &end);
      if (real)
        o_float (&a, list ? 7 : 2, (float) v);
      else
        o_int (&a, list ? 8 : 3, (uint64_t) (int64_t) v);
    }
  o_int (&a, 20, list ? (real ? 6 : 7) : (real ? 1 : 2));
  return a;
}

static inline struct bytes
o_node (char *line)
{
  struct bytes n = { 0 };
  char *op = o_word (&line), *dot = strchr (op, '.');
  uint32_t field = 1;
  for (char *w; (w = o_word (&line));)
    if (!strcmp (w, ">"))
      field = 2;
    else if (!strcmp (w, ":"))
      field = 5;
    else if (field == 5)
      o_message (&n, 5, o_attribute (w));
    else
      o_text (&n, field, strcmp (w, "-") ? w : "");
  o_text (&n, 4, dot ? dot + 1 : op);
  if (dot)
    o_bytes (&n, 7, op, (size_t) (dot - op));
  return n;
}

/* NAME and extents, then perhaps ":" and values. TYPE: 1 for floats, 7 for integers, 12 and 13 for those without a
 * sign. */
static inline struct bytes
o_tensor (char *line, int type)
{
  struct bytes t = { 0 }, data = { 0 };
  char *name = o_word (&line);
  size_t count = 1;
  int given = 0;
  for (char *w; (w = o_word (&line));)
    if (!strcmp (w, ":"))
      given = 1;
    else if (!given)
      {
        o_int (&t, 1, (uint64_t) strtoll (w, NULL, 10));
        count *= (size_t) strtoll (w, NULL, 10);
      }
    else if (type == 7)
      b_le (&data, (uint64_t) strtoll (w, NULL, 10), 8);
    else if (type > 7)
      b_le (&data, strtoull (w, NULL, 10), type == 12 ? 4 : 8);
    else
      {
        const float v = strtof (w, NULL);
        uint32_t bits;
        memcpy (&bits, &v, 4);
        b_le (&data, bits, 4);
      }
  for (size_t i = 0; !given && i < count; i++)
    {
      const float v = (float) (i * 37 % 64) / 64 - 0.5f;
      uint32_t bits;
      memcpy (&bits, &v, 4);
      b_le (&data, bits, 4);
    }
  o_int (&t, 2, (uint64_t) type);
  o_text (&t, 8, name);
  o_message (&t, 9, data);
  return t;
}

/* An input or output, with extents where there are any. */
static inline struct bytes
o_value (char *line)
{
  struct bytes v = { 0 }, shape = { 0 }, tensor = { 0 }, type = { 0 };
  char *name = o_word (&line);
  for (char *w; (w = o_word (&line));)
    {
      struct bytes extent = { 0 };
      if (*w >= '0' && *w <= '9')
        o_int (&extent, 1, (uint64_t) strtoll (w, NULL, 10));
      else
        o_text (&extent, 2, w);
      o_message (&shape, 1, extent);
    }
  o_int (&tensor, 1, 1);
  if (shape.n)
    o_message (&tensor, 2, shape);
  o_message (&type, 1, tensor);
  o_text (&v, 1, name);
  o_message (&v, 2, type);
  return v;
}

/* NAME, inputs, ">", outputs. */
static inline struct bytes
o_function (char *line)
{
  struct bytes f = { 0 };
  uint32_t field = 4;
  o_text (&f, 1, o_word (&line));
  for (char *w; (w = o_word (&line));)
    if (!strcmp (w, ">"))
      field = 5;
    else
      o_text (&f, field, w);
  o_text (&f, 10, "f");
  return f;
}

/* ---- the model ---- */

static inline struct bytes
onnx_of (const char *text)
{
  struct bytes model = { 0 }, graph = { 0 }, function = { 0 }, functions = { 0 }, opset = { 0 };
  int version = 17, within = 0;
  char *copy = b_memory (strlen (text) + 1);
  strcpy (copy, text);
  for (char *line = copy, *next; *line; line = next)
    {
      next = line + strcspn (line, "\n");
      next += *next ? (*next = 0, 1) : 0;
      char *kind = o_word (&line);
      if (!kind)
        continue;
      if (!strcmp (kind, "opset"))
        version = atoi (line);
      else if (!strcmp (kind, "input"))
        o_message (&graph, 11, o_value (line));
      else if (!strcmp (kind, "output"))
        o_message (&graph, 12, o_value (line));
      else if (!strcmp (kind, "float") || !strcmp (kind, "values"))
        o_message (&graph, 5, o_tensor (line, 1));
      else if (!strcmp (kind, "ints"))
        o_message (&graph, 5, o_tensor (line, 7));
      else if (!strcmp (kind, "u32") || !strcmp (kind, "u64"))
        o_message (&graph, 5, o_tensor (line, kind[1] == '3' ? 12 : 13));
      else if (!strcmp (kind, "node"))
        o_message (within ? &function : &graph, within ? 7 : 1, o_node (line));
      else if (!strcmp (kind, "function"))
        {
          function = o_function (line);
          within = 1;
        }
      else if (!strcmp (kind, "end"))
        {
          o_message (&functions, 25, function);
          within = 0;
        }
      else
        abort ();
    }
  o_int (&opset, 2, (uint64_t) version);
  o_int (&model, 1, 8);
  o_text (&model, 2, "test");
  o_message (&model, 7, graph);
  o_message (&model, 8, opset);
  b_add (&model, functions.p, functions.n);
  return model;
}

#endif
