/* Element types: what tensors, weights and sums can consist of. All that is known of a type is its row of one table. */
#ifndef RESCAST_FORMAT_ELEMENT_H
#define RESCAST_FORMAT_ELEMENT_H

#include <stdbool.h>
#include <stdint.h>

enum element
{
  ELEMENT_F32,
  ELEMENT_F16,  /* IEEE's binary16 */
  ELEMENT_BF16, /* the upper half of a float */
  ELEMENT_S8,
  ELEMENT_U8,
  ELEMENT_S32,
  ELEMENT_COUNT
};

struct element_type
{
  const char *name;
  const char *c_type;  /* generated C stores one as this */
  const char *constant; /* of enum rescast_element in runtime/rescast.h, … */
  int runtime;          /* … and its value */
  int bytes;
  int digits;    /* significant bits of a floating-point type, the leading one included; 0: an integer */
  int least_exponent; /* a floating-point type's smallest number above 0 is 2 to this power */
  double lowest, highest; /* finite */
};

const struct element_type *element_type (enum element e);

static inline int
element_bytes (enum element e)
{
  return element_type (e)->bytes;
}

/* The bits of the element nearest to V, ties to even. Beyond the largest number by half a step or more a floating-point
 * type has an infinity; an integer type has its limit, and 0 for NaN. */
uint32_t element_bits (double v, enum element e);
double element_value (uint32_t bits, enum element e);
/* Element I of those that begin at DATA, in the machine's byte order. DATA need not be aligned. */
void element_set (void *data, int64_t i, double v, enum element e);
double element_get (const void *data, int64_t i, enum element e);
/* Is element I a number, and a finite one? */
bool element_finite (const void *data, int64_t i, enum element e);

#endif
