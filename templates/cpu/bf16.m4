m4_divert(-1)
What vector vocabularies have for networks whose tensors consist of bf16 numbers, the upper halves of floats. ELEMENT:
the type of the network's elements; BF16(BODY): BODY for such a network.
m4_define(<|BF16|>, <|m4_ifelse(ELEMENT, <|bf16|>, <|$1|>)|>)
m4_define(<|BF16_NUMBERS|>, <|BF16(<|
/* The bits of a bf16 number, the upper half of a float's. */
typedef uint16_t bf16;

static inline float
from_bf16 (bf16 b)
{
  const uint32_t bits = (uint32_t) b << 16;
  float f;
  memcpy (&f, &bits, sizeof f);
  return f;
}

/* The nearest bf16 number, ties to even; NaN stays NaN. */
static inline bf16
to_bf16 (float f)
{
  uint32_t bits;
  memcpy (&bits, &f, sizeof bits);
  return (bf16) (f != f ? 0x7fff : (bits + (bits >> 16 & 1) + 0x7fff) >> 16);
}
|>)|>)
m4_divert(0)m4_dnl
