/* The processors that are least disturbed, the quietest first: those of other programs, and of other guests of the
 * machine on the other hyper-thread of a core, take time that no load average shows.
 *
 *   cc -O2 -march=native -o quiet_cpus bench/quiet_cpus.c
 *   ./quiet_cpus            their numbers, then the nanoseconds of a step on each of them
 *
 * A step is sixteen independent fused multiply-adds of vectors of 16 floats and, where the compiler's machine has AMX,
 * four tile products: what generated kernels do most. Each CPU is timed several times in turns, and its median counts.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define MAX_CPUS 1024
#define ROUNDS 7
#define STEPS 4000

typedef float vec __attribute__ ((vector_size (64)));

static double
now (void)
{
  struct timespec t;
  clock_gettime (CLOCK_MONOTONIC, &t);
  return (double) t.tv_sec * 1e9 + (double) t.tv_nsec;
}

#ifdef __AMX_BF16__
static unsigned char tiles[8192] __attribute__ ((aligned (64)));

/* Linux asks for ARCH_REQ_XCOMP_PERM (0x1023) of the tile data (18) once in a process. */
static int
permitted (void)
{
  return syscall (SYS_arch_prctl, 0x1023, 18) == 0;
}

static void
configure (void)
{
  static struct
  {
    unsigned char palette, start, reserved[14];
    unsigned short bytes[16];
    unsigned char rows[16];
  } config __attribute__ ((aligned (64)));
  config.palette = 1;
  for (int i = 0; i < 8; i++)
    {
      config.bytes[i] = 64;
      config.rows[i] = 16;
    }
  __asm__ volatile ("ldtilecfg %0" ::"m"(config));
}

static void
products (void)
{
  __asm__ volatile (
      "tileloadd (%0,%1,1), %%tmm4\n tileloadd (%2,%1,1), %%tmm6\n tdpbf16ps %%tmm6, %%tmm4, %%tmm0\n"
      "tdpbf16ps %%tmm6, %%tmm4, %%tmm1\n tdpbf16ps %%tmm4, %%tmm6, %%tmm2\n tdpbf16ps %%tmm4, %%tmm6, %%tmm3\n" ::"r"(
          tiles),
      "r"(64L), "r"(tiles + 1024)
      : "memory");
}
#else
static int
permitted (void)
{
  return 0;
}

static void
configure (void)
{
}

static void
products (void)
{
}
#endif

static double
step_time (int amx)
{
  vec x[16], a = { 0 };
  memset (x, 0, sizeof x);
  a += 0.999f;
  if (amx)
    configure ();
  double start = now ();
  for (int i = 0; i < STEPS; i++)
    {
      for (int k = 0; k < 16; k++)
        x[k] = x[k] * a + a;
      __asm__ volatile ("" : "+x"(x[0]), "+x"(x[5]), "+x"(x[10]), "+x"(x[15]));
      if (amx)
        products ();
    }
  double ns = (now () - start) / STEPS;
  for (int k = 0; k < 16; k++)
    __asm__ volatile ("" ::"x"(x[k]));
  return ns;
}

struct cpu
{
  int number;
  double ns[ROUNDS], median;
};

static int
compare_times (const void *a, const void *b)
{
  double x = *(const double *) a, y = *(const double *) b;
  return (x > y) - (x < y);
}

static int
compare_cpus (const void *a, const void *b)
{
  return compare_times (&((const struct cpu *) a)->median, &((const struct cpu *) b)->median);
}

int
main (void)
{
  static struct cpu cpus[MAX_CPUS];
  cpu_set_t all, one;
  int count = 0, amx = permitted ();
  if (sched_getaffinity (0, sizeof all, &all) != 0)
    return 1;
  for (int i = 0; i < CPU_SETSIZE && count < MAX_CPUS; i++)
    if (CPU_ISSET (i, &all))
      cpus[count++].number = i;
  for (int r = 0; r < ROUNDS; r++)
    for (int i = 0; i < count; i++)
      {
        CPU_ZERO (&one);
        CPU_SET (cpus[i].number, &one);
        if (sched_setaffinity (0, sizeof one, &one) != 0)
          return 1;
        step_time (amx); /* the clock rises */
        cpus[i].ns[r] = step_time (amx);
      }
  for (int i = 0; i < count; i++)
    {
      qsort (cpus[i].ns, ROUNDS, sizeof *cpus[i].ns, compare_times);
      cpus[i].median = cpus[i].ns[ROUNDS / 2];
    }
  qsort (cpus, (size_t) count, sizeof *cpus, compare_cpus);
  for (int i = 0; i < count; i++)
    printf ("%d%s", cpus[i].number, i + 1 < count ? "," : "\n");
  for (int i = 0; i < count; i++)
    printf ("%.1f%s", cpus[i].median, i + 1 < count ? " " : "\n");
  return 0;
}
