/* The functions of <string.h> that networks call, for compilers without a C library. memcpy and memset are the
 * program's: compilers make calls of them, too. */
#ifndef RESCAST_BARE_STRING_H
#define RESCAST_BARE_STRING_H

#include <stddef.h>

void *memcpy (void *restrict to, const void *restrict from, size_t bytes);
void *memset (void *to, int byte, size_t bytes);

/* -ffreestanding takes from compilers that they know these two: a float's bits would be copied by a call. */
#define memcpy(to, from, bytes) __builtin_memcpy (to, from, bytes)
#define memset(to, byte, bytes) __builtin_memset (to, byte, bytes)

static inline int
memcmp (const void *a, const void *b, size_t bytes)
{
  const unsigned char *p = a, *q = b;
  for (size_t i = 0; i < bytes; i++)
    if (p[i] != q[i])
      return p[i] < q[i] ? -1 : 1;
  return 0;
}

static inline int
strcmp (const char *a, const char *b)
{
  for (; *a && *a == *b; a++, b++)
    ;
  return (unsigned char) *a - (unsigned char) *b;
}

#endif
