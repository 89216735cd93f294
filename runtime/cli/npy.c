/* The header of a .npy file, and its numbers: any real dtype, either endianness.
 *
 * The header is a Python dictionary with three keys in any order:
 *   {'descr': '<f4', 'fortran_order': False, 'shape': (3, 32, 32), } */
#include "cli.h"

#include <math.h>
#include <string.h>

struct cursor
{
  const char *p, *end;
  const char *error; /* the first one; later reads do nothing */
};

static void
fail (struct cursor *c, const char *error)
{
  if (!c->error)
    c->error = error;
  c->p = c->end;
}

/* The next character that is no white space; 0 at the end. */
static char
peek (struct cursor *c)
{
  while (c->p < c->end && (*c->p == ' ' || *c->p == '\t' || *c->p == '\n' || *c->p == '\r'))
    c->p++;
  return c->p < c->end ? *c->p : 0;
}

static bool
accept (struct cursor *c, char what)
{
  if (peek (c) != what || c->p >= c->end)
    return false;
  c->p++;
  return true;
}

static void
expect (struct cursor *c, char what)
{
  if (!accept (c, what))
    fail (c, "a damaged header");
}

/* A string in either quotes; no header needs an escape in one. */
static size_t
string (struct cursor *c, const char **s)
{
  char quote = peek (c);
  *s = "";
  if (quote != '\'' && quote != '"')
    {
      fail (c, "a damaged header");
      return 0;
    }
  const char *first = ++c->p;
  while (c->p < c->end && *c->p != quote && *c->p != '\\')
    c->p++;
  if (c->p >= c->end || *c->p != quote)
    {
      fail (c, "a damaged header");
      return 0;
    }
  *s = first;
  return (size_t) (c->p++ - first);
}

static void
descr (struct cursor *c, struct cli_npy *a)
{
  const char *s;
  if (peek (c) == '[')
    {
      fail (c, "an array of records; numbers of one real type are allowed");
      return;
    }
  size_t n = string (c, &s);
  if (c->error)
    return;
  const char order = n ? s[0] : 0;
  const uint16_t one = 1;
  const bool little = *(const unsigned char *) &one;
  bool known = n == 3 && order && strchr ("<>=|", order) && s[2] >= '0' && s[2] <= '9';
  a->kind = known ? s[1] : 0;
  a->size = known ? s[2] - '0' : 0;
  bool power = a->size == 1 || a->size == 2 || a->size == 4 || a->size == 8;
  known = known && power
          && (a->kind == 'i' || a->kind == 'u' || (a->kind == 'f' && a->size > 1) || (a->kind == 'b' && a->size == 1))
          && (order != '|' || a->size == 1);
  if (!known)
    fail (c, "not of a real type; b1, i1 to i8, u1 to u8, f2, f4 and f8 are allowed");
  a->swap = a->size > 1 && (little ? order == '>' : order == '<');
}

static void
boolean (struct cursor *c, bool *out)
{
  peek (c);
  size_t left = (size_t) (c->end - c->p);
  *out = left >= 4 && memcmp (c->p, "True", 4) == 0;
  if (!*out && !(left >= 5 && memcmp (c->p, "False", 5) == 0))
    fail (c, "a damaged header");
  else
    c->p += *out ? 4 : 5;
}

static uint64_t
extent (struct cursor *c)
{
  uint64_t n = 0;
  char first = peek (c);
  if (first < '0' || first > '9')
    {
      fail (c, "a damaged shape; whole numbers from 0 are allowed");
      return 0;
    }
  for (; c->p < c->end && *c->p >= '0' && *c->p <= '9'; c->p++)
    {
      /* Extents beyond this cannot be those of a file; sums and products of them are checked by the reader. */
      if (n > (UINT64_C (1) << 48))
        {
          fail (c, "an extent of its shape is too large");
          return 0;
        }
      n = n * 10 + (uint64_t) (*c->p - '0');
    }
  if (c->p < c->end && *c->p == 'L') /* written by Python 2 */
    c->p++;
  return n;
}

static void
shape (struct cursor *c, struct cli_npy *a)
{
  expect (c, '(');
  a->rank = 0;
  while (!c->error && peek (c) != ')')
    {
      if (a->rank == CLI_NPY_RANK)
        {
          fail (c, "of more than 8 dimensions");
          return;
        }
      a->shape[a->rank++] = extent (c);
      if (!accept (c, ','))
        {
          /* (3) is a number in Python; numpy never writes it. */
          if (a->rank == 1)
            fail (c, "a damaged header");
          break;
        }
    }
  expect (c, ')');
}

const char *
cli_npy_parse (struct cli_npy *a, const char *text, size_t bytes)
{
  struct cursor c = { .p = text, .end = text + bytes };
  unsigned seen = 0;
  memset (a, 0, sizeof *a);
  expect (&c, '{');
  while (!c.error && peek (&c) != '}')
    {
      const char *key;
      size_t n = string (&c, &key);
      unsigned bit = n == 5 && memcmp (key, "descr", 5) == 0            ? 1
                     : n == 13 && memcmp (key, "fortran_order", 13) == 0 ? 2
                     : n == 5 && memcmp (key, "shape", 5) == 0          ? 4
                                                                        : 0;
      if (!bit || seen & bit)
        fail (&c, "a damaged header: the keys descr, fortran_order and shape are allowed, each once");
      seen |= bit;
      expect (&c, ':');
      if (c.error)
        break;
      if (bit == 1)
        descr (&c, a);
      else if (bit == 2)
        boolean (&c, &a->fortran);
      else
        shape (&c, a);
      if (!accept (&c, ','))
        break;
    }
  expect (&c, '}');
  if (!c.error && (peek (&c) || c.p != c.end))
    fail (&c, "a damaged header");
  if (!c.error && seen != 7)
    fail (&c, "a damaged header: the keys descr, fortran_order and shape are needed");
  return c.error;
}

int
cli_npy_element (const struct cli_npy *a)
{
  if (a->swap)
    return -1;
  switch (a->kind << 4 | a->size)
    {
    case 'i' << 4 | 1: return RESCAST_INT8;
    case 'i' << 4 | 2: return RESCAST_INT16;
    case 'i' << 4 | 4: return RESCAST_INT32;
    case 'u' << 4 | 1: return RESCAST_UINT8;
    case 'u' << 4 | 2: return RESCAST_UINT16;
    case 'f' << 4 | 2: return RESCAST_FLOAT16;
    case 'f' << 4 | 4: return RESCAST_FLOAT32;
    case 'f' << 4 | 8: return RESCAST_FLOAT64;
    default: return -1;
    }
}

static double
half (uint16_t h)
{
  int exponent = h >> 10 & 31, fraction = h & 1023;
  double x;
  if (exponent == 31)
    x = fraction ? (double) NAN : (double) INFINITY;
  else if (exponent == 0)
    x = fraction * 0x1p-24;
  else
    x = (double) ((uint64_t) (1024 + fraction) << exponent) * 0x1p-25;
  return h & 0x8000 ? -x : x;
}

static void
swap_bytes (unsigned char *raw, size_t count, int size)
{
  for (; count--; raw += size)
    for (int i = 0, j = size - 1; i < j; i++, j--)
      {
        unsigned char t = raw[i];
        raw[i] = raw[j];
        raw[j] = t;
      }
}

#define EACH(type, expression)                      \
  for (size_t i = 0; i < count; i++)                \
    {                                               \
      type v;                                       \
      memcpy (&v, raw + i * sizeof v, sizeof v);    \
      out[i] = (double) (expression);               \
    }                                               \
  break

void
cli_npy_convert (const struct cli_npy *a, unsigned char *raw, size_t count, double *out)
{
  if (a->swap)
    swap_bytes (raw, count, a->size);
  switch (a->kind << 4 | a->size)
    {
    case 'b' << 4 | 1: EACH (uint8_t, v != 0);
    case 'i' << 4 | 1: EACH (int8_t, v);
    case 'i' << 4 | 2: EACH (int16_t, v);
    case 'i' << 4 | 4: EACH (int32_t, v);
    case 'i' << 4 | 8: EACH (int64_t, v);
    case 'u' << 4 | 1: EACH (uint8_t, v);
    case 'u' << 4 | 2: EACH (uint16_t, v);
    case 'u' << 4 | 4: EACH (uint32_t, v);
    case 'u' << 4 | 8: EACH (uint64_t, v);
    case 'f' << 4 | 2: EACH (uint16_t, half (v));
    case 'f' << 4 | 4: EACH (float, v);
    case 'f' << 4 | 8: EACH (double, v);
    }
}
