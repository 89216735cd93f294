/* Elements of tensors: bytes to numbers, byte order, and strided to contiguous. */
#include "file.h"

#include <math.h>
#include <string.h>

static const struct
{
  const char *name;
  size_t bytes;
} dtypes[] = {
  [DTYPE_F16] = { "F16", 2 }, [DTYPE_BF16] = { "BF16", 2 }, [DTYPE_F32] = { "F32", 4 }, [DTYPE_F64] = { "F64", 8 },
  [DTYPE_I8] = { "I8", 1 },   [DTYPE_U8] = { "U8", 1 },     [DTYPE_I16] = { "I16", 2 }, [DTYPE_U16] = { "U16", 2 },
  [DTYPE_I32] = { "I32", 4 }, [DTYPE_U32] = { "U32", 4 },   [DTYPE_I64] = { "I64", 8 }, [DTYPE_U64] = { "U64", 8 },
  [DTYPE_BOOL] = { "BOOL", 1 },
};

size_t
dtype_bytes (enum dtype d)
{
  return dtypes[d].bytes;
}

const char *
dtype_name (enum dtype d)
{
  return dtypes[d].name;
}

/* Little-endian bytes to a number, on any host and at any alignment: of these sums, unlike of a loop, compilers make
 * one load. */
static inline uint32_t
two_bytes (const unsigned char *p)
{
  return p[0] | (uint32_t) p[1] << 8;
}

static inline uint32_t
four_bytes (const unsigned char *p)
{
  return two_bytes (p) | (uint32_t) p[2] << 16 | (uint32_t) p[3] << 24;
}

static inline uint64_t
eight_bytes (const unsigned char *p)
{
  return four_bytes (p) | (uint64_t) p[4] << 32 | (uint64_t) p[5] << 40 | (uint64_t) p[6] << 48 | (uint64_t) p[7] << 56;
}

uint64_t
weights_le (const unsigned char *p, int bytes)
{
  uint64_t v = 0;
  if (bytes == 8)
    return eight_bytes (p);
  for (int i = 0; i < bytes; i++)
    v |= (uint64_t) p[i] << 8 * i;
  return v;
}

static double
from_half (unsigned h)
{
  double sign = h & 0x8000 ? -1 : 1;
  int exponent = h >> 10 & 31, fraction = h & 1023;
  if (exponent == 31)
    return fraction ? NAN : sign * INFINITY;
  return sign * (exponent ? ldexp (1024 + fraction, exponent - 25) : ldexp (fraction, -24));
}

static double
from_single (uint32_t bits)
{
  float x;
  memcpy (&x, &bits, 4);
  return x;
}

static double
from_double (uint64_t bits)
{
  double x;
  memcpy (&x, &bits, 8);
  return x;
}

double
weight_at (const struct weight *t, size_t i)
{
  const unsigned char *p = (const unsigned char *) t->data + i * dtype_bytes (t->dtype);
  switch (t->dtype)
    {
    case DTYPE_F16:
      return from_half (two_bytes (p));
    case DTYPE_BF16:
      return from_single (two_bytes (p) << 16);
    case DTYPE_F32:
      return from_single (four_bytes (p));
    case DTYPE_F64:
      return from_double (eight_bytes (p));
    case DTYPE_I8:
      return (int8_t) *p;
    case DTYPE_U8:
      return *p;
    case DTYPE_I16:
      return (int16_t) two_bytes (p);
    case DTYPE_U16:
      return two_bytes (p);
    case DTYPE_I32:
      return (int32_t) four_bytes (p);
    case DTYPE_U32:
      return four_bytes (p);
    case DTYPE_I64:
      return (double) (int64_t) eight_bytes (p);
    case DTYPE_U64:
      return (double) eight_bytes (p);
    case DTYPE_BOOL:
      return *p != 0;
    }
  return NAN;
}

void
weights_swap (void *data, size_t count, size_t size)
{
  unsigned char *p = data;
  for (size_t i = 0; i < count; i++, p += size)
    for (size_t a = 0, b = size - 1; a < b; a++, b--)
      {
        unsigned char c = p[a];
        p[a] = p[b];
        p[b] = c;
      }
}

/* One row of N elements, STRIDE elements apart. Constant sizes, so that each copy is one load and one store. */
static void
gather_row (unsigned char *to, const unsigned char *from, size_t size, int64_t n, int64_t stride)
{
  int64_t step = stride * (int64_t) size;
  switch (size)
    {
    case 1:
      for (int64_t i = 0; i < n; i++)
        to[i] = from[i * step];
      break;
    case 2:
      for (int64_t i = 0; i < n; i++)
        memcpy (to + 2 * i, from + i * step, 2);
      break;
    case 4:
      for (int64_t i = 0; i < n; i++)
        memcpy (to + 4 * i, from + i * step, 4);
      break;
    default:
      for (int64_t i = 0; i < n; i++)
        memcpy (to + 8 * i, from + i * step, 8);
    }
}

void
weights_gather (unsigned char *to, const unsigned char *from, size_t size, int rank, const int64_t *shape,
                const int64_t *stride)
{
  /* Axes that walk on where the next one ends are one axis, and axes of extent 1 none: a hostile shape can't make
     the odometer below turn for every element. */
  int64_t n[WEIGHT_MAX_RANK + 1] = { 1 }, step[WEIGHT_MAX_RANK + 1] = { 0 }, at[WEIGHT_MAX_RANK + 1] = { 0 };
  int last = 0;
  for (int i = 0; i < rank; i++)
    {
      if (shape[i] == 0)
        return;
      if (shape[i] == 1)
        continue;
      if (n[last] > 1 && step[last] == shape[i] * stride[i])
        n[last] *= shape[i];
      else
        {
          last += n[last] > 1;
          n[last] = shape[i];
        }
      step[last] = stride[i];
    }
  for (;;)
    {
      gather_row (to, from, size, n[last], step[last]);
      to += (size_t) n[last] * size;
      int i = last - 1;
      for (; i >= 0; i--)
        {
          from += step[i] * (int64_t) size;
          if (++at[i] < n[i])
            break;
          at[i] = 0;
          from -= n[i] * step[i] * (int64_t) size;
        }
      if (i < 0)
        return;
    }
}
