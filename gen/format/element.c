/* The table of element types, rounding to them and reading them. */
#include "element.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "../../runtime/rescast.h"

static const struct element_type types[ELEMENT_COUNT] = {
  [ELEMENT_F32] = { "f32", "float", "RESCAST_FLOAT32", RESCAST_FLOAT32, 4, 24, -149, -FLT_MAX, FLT_MAX },
  [ELEMENT_F16] = { "f16", "uint16_t", "RESCAST_FLOAT16", RESCAST_FLOAT16, 2, 11, -24, -65504, 65504 },
  [ELEMENT_BF16] = { "bf16", "uint16_t", "RESCAST_BFLOAT16", RESCAST_BFLOAT16, 2, 8, -133, -0x1.fep127, 0x1.fep127 },
  [ELEMENT_S8] = { "s8", "int8_t", "RESCAST_INT8", RESCAST_INT8, 1, 0, 0, INT8_MIN, INT8_MAX },
  [ELEMENT_U8] = { "u8", "uint8_t", "RESCAST_UINT8", RESCAST_UINT8, 1, 0, 0, 0, UINT8_MAX },
  [ELEMENT_S32] = { "s32", "int32_t", "RESCAST_INT32", RESCAST_INT32, 4, 0, 0, INT32_MIN, INT32_MAX },
};

const struct element_type *
element_type (enum element e)
{
  return &types[e];
}

static uint32_t
sign_bit (const struct element_type *t)
{
  return (uint32_t) 1 << (8 * t->bytes - 1);
}

/* Read as an integer, the bits of positive numbers count them. So those of the largest one and 1 are infinity's. */
static uint32_t
infinity_bits (const struct element_type *t)
{
  return sign_bit (t) - ((uint32_t) 1 << (t->digits - 1));
}

/* Each power of two has as many numbers as there are steps to the next one, and the smallest ones are at equal steps
 * too: the number of V among the positive ones is its distance from its power of two in steps, and those before. */
static uint32_t
float_bits (double v, const struct element_type *t)
{
  const uint32_t sign = signbit (v) ? sign_bit (t) : 0, infinite = infinity_bits (t);
  int exponent;
  if (isnan (v))
    return sign_bit (t) - 1;
  if (v == 0 || isinf (v))
    return sign | (v == 0 ? 0 : infinite);
  frexp (v, &exponent);
  int step = exponent - t->digits > t->least_exponent ? exponent - t->digits : t->least_exponent;
  double bits = nearbyint (ldexp (fabs (v), -step)) + ldexp (step - t->least_exponent, t->digits - 1);
  return sign | (bits < infinite ? (uint32_t) bits : infinite);
}

static uint32_t
integer_bits (double v, const struct element_type *t)
{
  if (isnan (v))
    return 0;
  double rounded = nearbyint (v < t->lowest ? t->lowest : v > t->highest ? t->highest : v);
  return (uint32_t) (int64_t) rounded & (sign_bit (t) | (sign_bit (t) - 1));
}

uint32_t
element_bits (double v, enum element e)
{
  return types[e].digits ? float_bits (v, &types[e]) : integer_bits (v, &types[e]);
}

static double
float_value (uint32_t bits, const struct element_type *t)
{
  const uint32_t magnitude = bits & (sign_bit (t) - 1), leading = (uint32_t) 1 << (t->digits - 1);
  const double sign = bits & sign_bit (t) ? -1 : 1;
  if (magnitude >= infinity_bits (t))
    return magnitude > infinity_bits (t) ? (double) NAN : sign * (double) INFINITY;
  if (magnitude < leading)
    return sign * ldexp (magnitude, t->least_exponent);
  return sign * ldexp (magnitude % leading + leading, t->least_exponent + (int) (magnitude / leading) - 1);
}

double
element_value (uint32_t bits, enum element e)
{
  const struct element_type *t = &types[e];
  if (t->digits)
    return float_value (bits, t);
  return t->lowest < 0 && bits & sign_bit (t) ? (double) bits - 2.0 * sign_bit (t) : (double) bits;
}

void
element_set (void *data, int64_t i, double v, enum element e)
{
  const int bytes = types[e].bytes;
  unsigned char *at = (unsigned char *) data + i * bytes;
  const float single = (float) v; /* the compiler's own rounding, which is the same and faster */
  const uint32_t bits = e == ELEMENT_F32 ? 0 : element_bits (v, e);
  const uint16_t half = (uint16_t) bits;
  if (e == ELEMENT_F32)
    memcpy (at, &single, sizeof single);
  else if (bytes == 4)
    memcpy (at, &bits, sizeof bits);
  else if (bytes == 2)
    memcpy (at, &half, sizeof half);
  else
    *at = (unsigned char) bits;
}

static uint32_t
bits_at (const void *data, int64_t i, int bytes)
{
  const unsigned char *at = (const unsigned char *) data + i * bytes;
  uint32_t bits;
  uint16_t half;
  if (bytes == 1)
    return *at;
  if (bytes == 2)
    {
      memcpy (&half, at, sizeof half);
      return half;
    }
  memcpy (&bits, at, sizeof bits);
  return bits;
}

double
element_get (const void *data, int64_t i, enum element e)
{
  const uint32_t bits = bits_at (data, i, types[e].bytes);
  float single;
  if (e != ELEMENT_F32)
    return element_value (bits, e);
  memcpy (&single, &bits, sizeof single);
  return single;
}

bool
element_finite (const void *data, int64_t i, enum element e)
{
  const struct element_type *t = &types[e];
  return !t->digits || (bits_at (data, i, t->bytes) & (sign_bit (t) - 1)) < infinity_bits (t);
}
