/* What the CPU has, for the choice between targets: CPUID for its instructions, XGETBV for the registers that the
 * system saves. */
#include "rescast.h"

#include <stdatomic.h>

#if defined __x86_64__ || defined __i386__
#include <cpuid.h>

enum
{
  HAS_AVX2 = 1,
  HAS_AVX512 = 2,
  HAS_AVX512BF16 = 4,
  ASKED = 8
};

static unsigned
xgetbv (void)
{
  unsigned low, high;
  __asm__ volatile ("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return low;
}

static int
ask (void)
{
  const unsigned fma = 1u << 12, osxsave = 1u << 27, avx = 1u << 28;   /* leaf 1, ECX */
  const unsigned avx2 = 1u << 5;                                       /* leaf 7, EBX */
  const unsigned avx512 = 1u << 16 | 1u << 17 | 1u << 30 | 1u << 31;   /* F, DQ, BW, VL */
  const unsigned bf16 = 1u << 5;                                       /* leaf 7.1, EAX */
  const unsigned ymm = 0x6, zmm = 0xe6;                                /* XCR0 */
  unsigned a, b, c, d;
  if (!__get_cpuid (1, &a, &b, &c, &d) || (c & (fma | osxsave | avx)) != (fma | osxsave | avx))
    return 0;
  const unsigned saved = xgetbv ();
  if (!__get_cpuid_count (7, 0, &a, &b, &c, &d) || (saved & ymm) != ymm || !(b & avx2))
    return 0;
  if ((saved & zmm) != zmm || (b & avx512) != avx512)
    return HAS_AVX2;
  const unsigned leaves = a; /* 7.0 up to 7.leaves */
  __cpuid_count (7, leaves ? 1 : 0, a, b, c, d);
  return HAS_AVX2 | HAS_AVX512 | (leaves && a & bf16 ? HAS_AVX512BF16 : 0);
}

/* CPUID costs microseconds under a hypervisor: asked once. */
static int
features (void)
{
  static atomic_int known;
  int f = atomic_load_explicit (&known, memory_order_relaxed);
  if (!f)
    atomic_store_explicit (&known, f = ask () | ASKED, memory_order_relaxed);
  return f;
}

int
rescast_cpu_has_avx2 (void)
{
  return (features () & HAS_AVX2) != 0;
}

int
rescast_cpu_has_avx512 (void)
{
  return (features () & HAS_AVX512) != 0;
}

int
rescast_cpu_has_avx512bf16 (void)
{
  return (features () & HAS_AVX512BF16) != 0;
}

#else

int
rescast_cpu_has_avx2 (void)
{
  return 0;
}

int
rescast_cpu_has_avx512 (void)
{
  return 0;
}

int
rescast_cpu_has_avx512bf16 (void)
{
  return 0;
}

#endif
