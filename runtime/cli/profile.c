/* How long it takes: all of a run, and each layer. */
#include "cli.h"

#include <stdlib.h>
#include <string.h>

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
cli_p99 (const float *x, int n)
{
  return n < 1 ? 0 : (double) x[((long) n * 99 + 99) / 100 - 1];
}

bool
cli_profile_open (struct cli_profile *p, const struct rescast_info *info, int room)
{
  size_t layers = info->layer_count > 0 ? (size_t) info->layer_count : 1;
  *p = (struct cli_profile){ .info = info, .room = room };
  p->ms = calloc (layers * (size_t) room, sizeof *p->ms);
  return p->ms || cli_fail (NULL, "out of memory for the profile");
}

void
cli_profile_free (struct cli_profile *p)
{
  free (p->ms);
  p->ms = NULL;
}

void
cli_profile_hook (void *profile, const struct rescast_info *info, int layer, int after, void *arena)
{
  struct cli_profile *p = profile;
  (void) arena;
  p->info = info; /* of the target that runs */
  double now = cli_now ();
  if (!after)
    p->start = now;
  else if (layer >= 0 && layer < info->layer_count)
    {
      /* Runs beyond the room take the place of the oldest. */
      p->ms[(size_t) layer * (size_t) p->room + (size_t) (p->runs % p->room)] = (float) (1e3 * (now - p->start));
      p->runs += layer == info->layer_count - 1;
    }
}

double
cli_profile_rate (double macs, double ms)
{
  return ms > 0 ? macs / ms * 1e-6 : 0; /* GMAC/s */
}

static void
json_layer (struct cli_out *out, const struct rescast_layer *l, bool first, double ms, double total)
{
  cli_put (out, first ? "{\"name\":" : ",{\"name\":");
  cli_json_string (out, l->name);
  cli_put (out, ",\"op\":");
  cli_json_string (out, l->op);
  cli_put (out, ",\"kernel\":");
  cli_json_string (out, l->kernel);
  cli_print (out, ",\"ms\":%.6g,\"share\":%.4g,\"gmac_per_second\":%.4g}", ms, total > 0 ? ms / total : 0,
           cli_profile_rate (l->macs, ms));
}

void
cli_profile_print (struct cli_profile *p, struct cli_out *out, bool json)
{
  const int layers = p->info->layer_count, runs = p->runs < p->room ? p->runs : p->room;
  int name = 5, op = 2;
  double total = 0, macs = 0;
  for (int i = 0; i < layers; i++)
    {
      const struct rescast_layer *l = &p->info->layers[i];
      float *ms = p->ms + (size_t) i * (size_t) p->room;
      total += ms[0] = (float) cli_median (ms, runs);
      macs += l->macs;
      name = (int) strlen (l->name) > name ? (int) strlen (l->name) : name;
      op = (int) strlen (l->op) > op ? (int) strlen (l->op) : op;
    }
  name = name > 60 ? 60 : name;
  if (json)
    cli_print (out, ",\"profile\":{\"runs\":%d,\"total_ms\":%.6g,\"layers\":[", p->runs, total);
  else
    cli_print (out, "%-*s  %-*s %9s  %7s  %8s\n", name, "layer", op, "op", "ms", "share", "GMAC/s");
  for (int i = 0; i < layers; i++)
    {
      const struct rescast_layer *l = &p->info->layers[i];
      double ms = p->ms[(size_t) i * (size_t) p->room];
      if (json)
        json_layer (out, l, i == 0, ms, total);
      else
        cli_print (out, "%-*s  %-*s %9.4f  %5.1f %%  %8.2f\n", name, l->name, op, l->op, ms,
                 total > 0 ? 100 * ms / total : 0, cli_profile_rate (l->macs, ms));
    }
  if (json)
    cli_put (out, "]}");
  else
    cli_print (out, "%-*s  %-*s %9.4f  %5.1f %%  %8.2f\n", name, "total", op, "", total, 100.0,
             cli_profile_rate (macs, total));
}

static void
times_json (const struct cli_times *t, double per_second, struct cli_out *out)
{
  cli_print (out,
           ",\"bench\":{\"runs\":%d,\"batch\":%d,\"threads\":%d,\"min_ms\":%.6g,\"median_ms\":%.6g,"
           "\"p99_ms\":%.6g,\"max_ms\":%.6g,\"inputs_per_second\":%.6g",
           t->runs, t->batch, t->threads, t->min, t->median, t->p99, t->max, per_second);
  if (t->kernels_median > 0)
    cli_print (out, ",\"kernels\":{\"median_ms\":%.6g,\"p99_ms\":%.6g}", t->kernels_median, t->kernels_p99);
  cli_put (out, "}");
}

void
cli_times_print (const struct cli_times *t, struct cli_out *out, bool json)
{
  double per_second = t->median > 0 ? 1e3 * t->batch / t->median : 0;
  if (json)
    {
      times_json (t, per_second, out);
      return;
    }
  cli_print (out, "%d run%s of %d input%s on ", t->runs, t->runs == 1 ? "" : "s", t->batch, t->batch == 1 ? "" : "s");
  if (t->threads)
    cli_print (out, "%d thread%s\n", t->threads, t->threads == 1 ? "" : "s");
  else
    cli_put (out, "a GPU\n");
  cli_print (out, "  min %.4f ms  median %.4f ms  p99 %.4f ms  max %.4f ms  %.1f inputs/s\n", t->min, t->median, t->p99,
           t->max, per_second);
  if (t->kernels_median > 0)
    cli_print (out, "  without copies: median %.4f ms  p99 %.4f ms  %.1f inputs/s\n", t->kernels_median, t->kernels_p99,
             1e3 * t->batch / t->kernels_median);
}
