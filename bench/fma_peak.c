/* Multiply-adds per second of one core: independent fused multiply-adds on registers, twice as many as hide their latency.
 *   cc -O2 -march=native -o fma_peak fma_peak.c && ./fma_peak        prints the best of 20 times, in GMAC/s */
#include <stdio.h>
#include <time.h>

#ifdef __AVX512F__
#define LANES 16
#else
#define LANES 8
#endif
typedef float vec __attribute__ ((vector_size (4 * LANES)));

#define SUMS(F) F (0) F (1) F (2) F (3) F (4) F (5) F (6) F (7) F (8) F (9) F (10) F (11)

static double
seconds (void)
{
  struct timespec t;
  clock_gettime (CLOCK_MONOTONIC, &t);
  return (double) t.tv_sec + 1e-9 * (double) t.tv_nsec;
}

int
main (void)
{
  const long steps = 2000000;
  double best = 0;
  vec x = (vec){ 0 } + 0.999F, y = (vec){ 0 } + 1e-3F, total = { 0 };
  for (int run = 0; run < 20; run++)
    {
#define DECLARE(I) vec s##I = (vec){ 0 } + (float) I;
#define STEP(I) s##I = s##I * x + y;
#define ADD(I) total += s##I;
      SUMS (DECLARE)
      double t = seconds ();
      for (long i = 0; i < steps; i++)
        {
          SUMS (STEP)
          __asm__ volatile ("" : "+x"(x), "+x"(y));
        }
      t = seconds () - t;
      SUMS (ADD)
      double rate = 12.0 * LANES * (double) steps / t / 1e9;
      best = rate > best ? rate : best;
    }
  printf ("%.2f\n", best + (total[0] == 1.5F ? 1e-6 : 0));
  return 0;
}
