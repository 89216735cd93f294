/* What the CPU has, for the choice between targets: CPUID for its instructions, XGETBV for the registers that the
 * system saves, and for tiles the system's permission. */
#if defined __linux__ && !defined _GNU_SOURCE
#define _GNU_SOURCE /* syscall */
#endif
#include "rescast.h"

#include <stdatomic.h>

#if defined __x86_64__ || defined __i386__
#include <cpuid.h>

enum
{
  HAS_AVX2 = 1,
  HAS_AVX512 = 2,
  HAS_AVX512BF16 = 4,
  GAINS_BY_AVX512BF16 = 8,
  HAS_AMX = 16,
  ASKED = 32
};

static unsigned
xgetbv (void)
{
  unsigned low, high;
  __asm__ volatile ("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return low;
}

#if defined __x86_64__ && defined __linux__
#include <sys/syscall.h>
#include <unistd.h>

/* Linux saves the tiles of those processes alone that have asked it to. Not refused again once it was granted. */
static int
may_use_tiles (void)
{
  enum
  {
    REQUEST_PERMISSION = 0x1023, /* ARCH_REQ_XCOMP_PERM */
    TILE_DATA = 18               /* … for this part of the registers */
  };
  return syscall (SYS_arch_prctl, REQUEST_PERMISSION, TILE_DATA) == 0;
}
#else
static int
may_use_tiles (void)
{
  return 0;
}
#endif

static int
ask (void)
{
  const unsigned fma = 1u << 12, osxsave = 1u << 27, avx = 1u << 28;   /* leaf 1, ECX */
  const unsigned avx2 = 1u << 5;                                       /* leaf 7, EBX */
  const unsigned avx512 = 1u << 16 | 1u << 17 | 1u << 30 | 1u << 31;   /* F, DQ, BW, VL */
  const unsigned bf16 = 1u << 5;                                       /* leaf 7.1, EAX */
  const unsigned amx = 1u << 22 | 1u << 24;                            /* leaf 7, EDX: bf16, tiles */
  const unsigned ymm = 0x6, zmm = 0xe6, tiles = 0x60000;               /* XCR0 */
  unsigned a, b = 0, c, d;
  /* Intel's CPUs, "GenuineIntel", multiply a vector of pairs in the time of four vectors of floats. */
  const int gains = __get_cpuid (0, &a, &b, &c, &d) && b != 0x756e6547 ? GAINS_BY_AVX512BF16 : 0;
  if (!__get_cpuid (1, &a, &b, &c, &d) || (c & (fma | osxsave | avx)) != (fma | osxsave | avx))
    return 0;
  const unsigned saved = xgetbv ();
  if (!__get_cpuid_count (7, 0, &a, &b, &c, &d) || (saved & ymm) != ymm || !(b & avx2))
    return 0;
  if ((saved & zmm) != zmm || (b & avx512) != avx512)
    return HAS_AVX2;
  const unsigned leaves = a; /* 7.0 up to 7.leaves */
  const int has_tiles = (d & amx) == amx && (saved & tiles) == tiles;
  __cpuid_count (7, leaves ? 1 : 0, a, b, c, d);
  if (!leaves || !(a & bf16))
    return HAS_AVX2 | HAS_AVX512;
  return HAS_AVX2 | HAS_AVX512 | HAS_AVX512BF16 | gains | (has_tiles && may_use_tiles () ? HAS_AMX : 0);
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

int
rescast_cpu_gains_by_avx512bf16 (void)
{
  return (features () & GAINS_BY_AVX512BF16) != 0;
}

int
rescast_cpu_has_amx (void)
{
  return (features () & HAS_AMX) != 0;
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

int
rescast_cpu_gains_by_avx512bf16 (void)
{
  return 0;
}

int
rescast_cpu_has_amx (void)
{
  return 0;
}

#endif
