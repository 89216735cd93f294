/* What life_cycle.c and life_cycle_cuda.c share: a program's checks, in C11 and in C++. */
#include <stdio.h>
#include <string.h>

#include "runtime/rescast.h"

#ifdef __cplusplus
#define ALIGNED alignas (64)
#define ZEROS {}
#else
#define ALIGNED _Alignas (64)
#define ZEROS { 0 }
#endif

static int failures;

static void
check (int good, const char *what, int line)
{
  if (good)
    return;
  printf ("line %d: %s\n", line, what);
  failures++;
}
#define CHECK(condition) check (!!(condition), #condition, __LINE__)

static int
all_zeros (const void *p, size_t bytes)
{
  for (size_t i = 0; i < bytes; i++)
    if (((const unsigned char *) p)[i])
      return 0;
  return 1;
}

/* What functions that take memory with any contents are given. */
static void
spoil (void *p, size_t bytes)
{
  memset (p, 0xa5, bytes);
}

/* A hook that counts its calls. */
static void
hook (void *user, const struct rescast_info *info, int layer, int after, void *memory)
{
  (void) info, (void) layer, (void) after, (void) memory;
  ++*(int *) user;
}
