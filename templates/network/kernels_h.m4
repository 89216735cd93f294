m4_define(<|N|>, <|NETWORK_NAME|>)m4_dnl
m4_define(<|KERNEL|>, <|kernel N<||>_<||>ISA<||>_$1;
|>)m4_dnl
m4_define(<|SCRATCH_KERNEL|>, <|scratch_kernel N<||>_<||>ISA<||>_$1;
|>)m4_dnl
m4_define(<|STAGED_KERNEL|>, <|staged_kernel N<||>_<||>ISA<||>_$1;
|>)m4_dnl
BANNER
/* The kernels of all targets, and what the targets' vector headers have in common. */
#ifndef N<||>_KERNELS_H
#define N<||>_KERNELS_H

#include <math.h>
#include <string.h>

#include "runtime/rescast.h"
#include "runtime/runs.h"

/* Between the steps of a register tile: gcc would merge the loads of several steps and spill the sums to make room. */
#define STEP_END() __asm__ volatile ("" : : : "memory")

/* A tile of its own: inlined into a loop it would lose registers to values that the compiler moves out of the loop. */
#define TILE static __attribute__ ((noinline)) void

/* Bring the cache line of p into the second-level cache; p may lie behind the end of its array. */
static inline void
prefetch (const void *p)
{
  __builtin_prefetch (p, 0, 2);
}

/* The same into the first-level cache. */
static inline void
prefetch_soon (const void *p)
{
  __builtin_prefetch (p, 0, 3);
}

/* Bring the cache line of p here to be written, from wherever it is. */
static inline void
prefetch_output (const void *p)
{
#if defined __AVX2__ /* such CPUs have the instruction, whatever the compiler was told */
  __asm__ volatile ("prefetchw %0" : : "m"(*(const char *) p));
#else
  __builtin_prefetch (p, 1, 3);
#endif
}

/* input, addend, output: tensors' first bytes, halos included; weights: the node's packed ones; t: which parts of the
   work of n threads are computed. What all of them consist of is the function's own. An output may lie where the addend
   does, which the function then knows. */
typedef void kernel (const void *restrict input, const void *addend, const void *restrict weights, void *output,
                     struct rescast_part t, int n);

/* The same with scratch memory; NULL: it is on the stack. */
typedef void scratch_kernel (const void *restrict input, const void *restrict addend, const void *restrict weights,
                             void *restrict output, void *restrict memory, struct rescast_part t, int n);
IF(MOST_STEPS, <|
/* The same; or, where stage is 1, 2 or 3, a part of it: all threads end a stage before any begins the next one, and
   memory is what they share. */
typedef void staged_kernel (const void *restrict input, const void *restrict addend, const void *restrict weights,
                            void *restrict output, void *restrict memory, int stage, struct rescast_part t,
                            int n);
|>)m4_dnl
FOREACH(<|ISA|>, <|TARGETS|>, <|
m4_indir(KERNEL_LIST_<||>ISA)|>)
#endif
