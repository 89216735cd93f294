/* Memory for arenas: from mmap, whose pages cost nothing until they are used, in huge pages where there are any. */
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE /* madvise */
#endif
#if defined __APPLE__ && !defined _DARWIN_C_SOURCE
#define _DARWIN_C_SOURCE
#endif
#include "rescast.h"

#ifndef _WIN32
#include <sys/mman.h>
#endif

#include "pages.h"

#define HUGE ((size_t) 2 << 20)
/* Smaller arenas are within the TLB's reach as they are, and a fresh huge page may cost a short program more than it
 * saves: docs/cpu.md has numbers. */
#define HUGE_FROM ((size_t) 16 << 20)

/* What is mapped for BYTES; 0: too many. */
static size_t
mapped_bytes (size_t bytes)
{
  if (bytes < HUGE)
    return bytes ? bytes : 1;
  return bytes > SIZE_MAX - 2 * HUGE ? 0 : (bytes + HUGE - 1) / HUGE * HUGE;
}

#ifdef _WIN32
/* Part of what VirtualAlloc gave cannot be given back. */
static void *
map_aligned (size_t bytes)
{
  return rescast_pages_alloc (bytes);
}
#else
/* mmap aligns to pages: take a huge page more and give back what lies before the first multiple and behind the end. */
static void *
map_aligned (size_t bytes)
{
  unsigned char *p = rescast_pages_alloc (bytes + HUGE);
  if (!p)
    return NULL;
  size_t before = (HUGE - (uintptr_t) p % HUGE) % HUGE;
  if (before)
    rescast_pages_free (p, before);
  rescast_pages_free (p + before + bytes, HUGE - before);
#ifdef MADV_HUGEPAGE
  if (bytes >= HUGE_FROM)
    madvise (p + before, bytes, MADV_HUGEPAGE); /* an advice: a system without them refuses, and pages are small */
#endif
  return p + before;
}
#endif

void *
rescast_arena_alloc (size_t bytes)
{
  size_t mapped = mapped_bytes (bytes);
  if (!mapped)
    return NULL;
  return mapped < HUGE ? rescast_pages_alloc (mapped) : map_aligned (mapped);
}

void
rescast_arena_free (void *arena, size_t bytes)
{
  rescast_pages_free (arena, mapped_bytes (bytes));
}
