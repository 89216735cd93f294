/* How long runs take. */
#include "cli.h"

#include <stdlib.h>

static int
compare (const void *a, const void *b)
{
  const float *x = a, *y = b;
  return (*x > *y) - (*x < *y);
}

double
cli_median (float *x, int n)
{
  if (n < 1)
    return 0;
  qsort (x, (size_t) n, sizeof *x, compare);
  return n % 2 ? (double) x[n / 2] : ((double) x[n / 2 - 1] + (double) x[n / 2]) / 2;
}

double
cli_percentile (const float *x, int n, int percent)
{
  return n < 1 ? 0 : (double) x[((long) n * percent + 99) / 100 - 1];
}

struct cli_times
cli_times_of (float *x, int n)
{
  struct cli_times t = { .runs = n, .contexts = 1, .median = cli_median (x, n) };
  t.min = (double) x[0];
  t.max = (double) x[n - 1];
  t.p90 = cli_percentile (x, n, 90);
  t.p99 = cli_percentile (x, n, 99);
  return t;
}

static void
print_json (const struct cli_times *t, struct cli_out *out)
{
  cli_print (out, ",\"bench\":{\"runs\":%d,\"batch\":%d,\"threads\":%d,", t->runs, t->batch, t->threads);
  if (t->contexts > 1)
    cli_print (out, "\"contexts\":%d,", t->contexts);
  cli_print (out,
             "\"min_ms\":%.6g,\"median_ms\":%.6g,\"p90_ms\":%.6g,\"p99_ms\":%.6g,\"max_ms\":%.6g,"
             "\"inputs_per_second\":%.6g",
             t->min, t->median, t->p90, t->p99, t->max, t->per_second);
  if (t->kernels_median > 0)
    cli_print (out, ",\"kernels\":{\"median_ms\":%.6g,\"p99_ms\":%.6g}", t->kernels_median, t->kernels_p99);
  cli_put (out, "}");
}

void
cli_times_print (const struct cli_times *t, struct cli_out *out, bool json)
{
  if (json)
    {
      print_json (t, out);
      return;
    }
  cli_print (out, "%d run%s of %d input%s on ", t->runs, t->runs == 1 ? "" : "s", t->batch, t->batch == 1 ? "" : "s");
  if (t->threads)
    cli_print (out, "%d thread%s", t->threads, t->threads == 1 ? "" : "s");
  else
    cli_put (out, "a GPU");
  if (t->contexts > 1)
    cli_print (out, ", in each of %d contexts at once", t->contexts);
  cli_print (out, "\n  min %.4f ms  median %.4f ms  p90 %.4f ms  p99 %.4f ms  max %.4f ms  %.1f inputs/s\n", t->min,
             t->median, t->p90, t->p99, t->max, t->per_second);
  if (t->kernels_median > 0)
    cli_print (out, "  without copies: median %.4f ms  p99 %.4f ms  %.1f inputs/s\n", t->kernels_median, t->kernels_p99,
               1e3 * t->batch / t->kernels_median);
}
