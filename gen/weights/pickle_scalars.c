/* The unpickler's numbers and texts. */
#include "pickle_parts.h"

#include <string.h>

static void
push_int (struct pickle *p, enum pickle_kind kind, int64_t i)
{
  struct pickle_value *v = pickle_make (p, kind);
  v->i = i;
  pickle_push (p, v);
}

static void
push_long (struct pickle *p, uint64_t bytes)
{
  if (bytes > INT32_MAX)
    pickle_bad (p, "an integer's length is negative");
  const unsigned char *s = pickle_take (p, bytes);
  if (bytes > 8)
    {
      struct pickle_value *v = pickle_make (p, PICKLE_LONG);
      v->text.s = (const char *) s;
      v->text.n = bytes;
      pickle_push (p, v);
      return;
    }
  uint64_t u = weights_le (s, (int) bytes);
  if (bytes > 0 && bytes < 8 && s[bytes - 1] & 0x80)
    u |= UINT64_MAX << 8 * bytes; /* two's complement, of as few bytes as possible */
  push_int (p, PICKLE_INT, (int64_t) u);
}

static void
push_double (struct pickle *p)
{
  const unsigned char *s = pickle_take (p, 8);
  uint64_t bits = 0;
  for (int i = 0; i < 8; i++)
    bits = bits << 8 | s[i];
  struct pickle_value *v = pickle_make (p, PICKLE_FLOAT);
  memcpy (&v->d, &bits, 8);
  pickle_push (p, v);
}

static void
push_text (struct pickle *p, int length_bytes)
{
  uint64_t n = pickle_take_le (p, length_bytes);
  struct pickle_value *v = pickle_make (p, PICKLE_STRING);
  v->text.s = (const char *) pickle_take (p, n);
  v->text.n = n;
  pickle_push (p, v);
}

/* A number in decimal, of protocols 0 and 1: INT's "01" and "00" are booleans, LONG has an L behind it. */
static void
push_decimal (struct pickle *p, int op)
{
  size_t n;
  const char *s = pickle_take_line (p, &n);
  if (op == 'L' && n && s[n - 1] == 'L')
    n--;
  if (op == 'I' && n == 2 && s[0] == '0' && (s[1] == '0' || s[1] == '1'))
    {
      push_int (p, PICKLE_BOOL, s[1] == '1');
      return;
    }
  uint64_t v = 0, limit = (uint64_t) INT64_MAX;
  bool negative = n && *s == '-', fits = true;
  for (size_t i = negative; i < n; i++)
    {
      if (s[i] < '0' || s[i] > '9')
        pickle_bad (p, "an integer is no decimal number");
      uint64_t digit = (uint64_t) (s[i] - '0');
      fits = fits && v <= (limit - digit) / 10;
      v = fits ? 10 * v + digit : 0;
    }
  if (n == (size_t) negative)
    pickle_bad (p, "an integer is no decimal number");
  if (fits)
    {
      push_int (p, PICKLE_INT, negative ? -(int64_t) v : (int64_t) v);
      return;
    }
  struct pickle_value *big = pickle_make (p, PICKLE_LONG);
  big->text.s = s;
  big->text.n = n;
  pickle_push (p, big);
}

/* Protocol 0's other lines. A real number is of no interest, and a text stands as it is written: tensors' names have no
 * characters that would be escaped. */
static bool
op_line (struct pickle *p, int op)
{
  struct pickle_value *v;
  switch (op)
    {
    case 'I':
    case 'L':
      push_decimal (p, op);
      return true;
    case 'F':
    case 'S':
    case 'V':
      v = pickle_make (p, op == 'F' ? PICKLE_FLOAT : PICKLE_STRING);
      if (op == 'F')
        pickle_take_line (p, &(size_t){ 0 });
      else
        v->text.s = pickle_take_line (p, &v->text.n);
      if (op == 'S' && v->text.n >= 2) /* its quotes */
        {
          v->text.s++;
          v->text.n -= 2;
        }
      pickle_push (p, v);
      return true;
    default:
      return false;
    }
}

bool
pickle_op_scalar (struct pickle *p, int op)
{
  switch (op)
    {
    case 'N':
      push_int (p, PICKLE_NONE, 0);
      return true;
    case 0x88: /* NEWTRUE */
    case 0x89: /* NEWFALSE */
      push_int (p, PICKLE_BOOL, op == 0x88);
      return true;
    case 'J':
      push_int (p, PICKLE_INT, (int32_t) pickle_take_le (p, 4));
      return true;
    case 'K':
      push_int (p, PICKLE_INT, (int64_t) pickle_take_le (p, 1));
      return true;
    case 'M':
      push_int (p, PICKLE_INT, (int64_t) pickle_take_le (p, 2));
      return true;
    case 0x8a: /* LONG1 */
    case 0x8b: /* LONG4 */
      push_long (p, pickle_take_le (p, op == 0x8a ? 1 : 4));
      return true;
    case 'G':
      push_double (p);
      return true;
    case 'U':  /* SHORT_BINSTRING, Python 2's str */
    case 'C':  /* SHORT_BINBYTES */
    case 0x8c: /* SHORT_BINUNICODE */
      push_text (p, 1);
      return true;
    case 'T':
    case 'B':
    case 'X':
      push_text (p, 4);
      return true;
    case 0x8d: /* BINUNICODE8 */
    case 0x8e: /* BINBYTES8 */
      push_text (p, 8);
      return true;
    case 0x96: /* BYTEARRAY8 */
      push_text (p, 8);
      return true;
    default:
      return op_line (p, op);
    }
}

/* Python 3 writes bytes for protocols below 3 as _codecs.encode (text, 'latin1'): characters up to 255 in UTF-8. */
static bool
decode (struct pickle *p, const struct pickle_value *text, struct pickle_value *to)
{
  const unsigned char *s = (const unsigned char *) text->text.s;
  char *bytes = weights_block (p->f, text->text.n);
  size_t n = 0;
  for (size_t i = 0; i < text->text.n; i++)
    if (s[i] < 0x80)
      bytes[n++] = (char) s[i];
    else if ((s[i] == 0xc2 || s[i] == 0xc3) && i + 1 < text->text.n && s[i + 1] >> 6 == 2)
      {
        bytes[n++] = (char) ((s[i] & 3) << 6 | (s[i + 1] & 0x3f));
        i++;
      }
    else
      return false;
  *to = (struct pickle_value){ .kind = PICKLE_STRING, .text = { bytes, n } };
  return true;
}

bool
pickle_bytes (struct pickle *p, struct pickle_value *v)
{
  const struct pickle_value *args = v->kind == PICKLE_OBJECT ? v->args : NULL;
  if (v->kind == PICKLE_STRING)
    return true;
  return args && pickle_global_is (v->maker, "_codecs", "encode") && args->items.n == 2
         && args->items.v[0]->kind == PICKLE_STRING && pickle_is (args->items.v[1], "latin1")
         && decode (p, args->items.v[0], v);
}
