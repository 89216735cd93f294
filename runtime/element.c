/* Elements of tensors as floats. */
#include "rescast.h"

#include <string.h>

static float
from_bits (uint32_t bits)
{
  float f;
  memcpy (&f, &bits, sizeof f);
  return f;
}

static float
from_half (uint32_t h)
{
  uint32_t sign = (h & 0x8000) << 16, exponent = h >> 10 & 31, fraction = h & 1023;
  if (exponent == 0) /* the smallest ones have no leading 1 */
    return (float) fraction * (sign ? -0x1p-24F : 0x1p-24F);
  return from_bits (sign | (exponent == 31 ? 255 : exponent - 15 + 127) << 23 | fraction << 13);
}

float
rescast_element_value (const void *data, size_t i, int element)
{
  uint16_t half;
  switch (element)
    {
    case RESCAST_FLOAT32:
      return ((const float *) data)[i];
    case RESCAST_INT8:
      return ((const int8_t *) data)[i];
    case RESCAST_UINT8:
      return ((const uint8_t *) data)[i];
    case RESCAST_INT32:
      return (float) ((const int32_t *) data)[i];
    default:
      break;
    }
  memcpy (&half, (const char *) data + i * sizeof half, sizeof half);
  return element == RESCAST_FLOAT16 ? from_half (half) : from_bits ((uint32_t) half << 16);
}
