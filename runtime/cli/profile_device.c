/* The profile by a device's own clock: each layer alone, beside what the device could do at best. */
#include "cli.h"

#include <stdlib.h>
#include <string.h>

#define LAYER_RUNS 9
#define NETWORK_RUNS 100

struct device_profile
{
  const struct rescast_info *info;
  struct rescast_limits limits;
  double kernels, run; /* of the whole network, ms */
  double *ms, *weights; /* [layer] */
};

/* The median of RUNS of PART. */
static bool
measure (const struct rescast_network *n, int part, int runs, double *ms)
{
  float all[NETWORK_RUNS];
  int error = n->time (n->context, part, runs, all);
  *ms = cli_median (all, runs);
  return !error || cli_fail (NULL, "%s", n->message ? n->message () : rescast_strerror (error));
}

static bool
measure_all (const struct rescast_network *n, struct device_profile *p)
{
  struct cli_progress progress;
  int layers = p->info->layer_count;
  int error = n->limits (n->context, &p->limits, p->weights);
  if (error)
    return cli_fail (NULL, "%s", n->message ? n->message () : rescast_strerror (error));
  bool ok = measure (n, RESCAST_ALL_LAYERS, NETWORK_RUNS, &p->kernels)
            && measure (n, RESCAST_WHOLE_RUN, NETWORK_RUNS, &p->run);
  cli_progress_start (&progress, "profile", (size_t) layers);
  for (int i = 0; ok && i < layers; i++)
    {
      ok = measure (n, i, LAYER_RUNS, &p->ms[i]);
      cli_progress_show (&progress, (size_t) i + 1);
    }
  cli_progress_clear (&progress);
  return ok;
}

static double
tensor_bytes (const struct rescast_info *info, int tensor, const int shape[4])
{
  if (tensor >= 0)
    return (double) info->tensors[tensor].bytes;
  double n = (double) sizeof (float) * info->batch;
  for (int i = 0; shape && i < 4; i++)
    n *= shape[i];
  return shape ? n : 0;
}

/* The least time that layer I could take: each byte moved once, or all multiply-adds, whichever takes longer. */
static double
limit_ms (const struct device_profile *p, int i)
{
  const struct rescast_layer *l = &p->info->layers[i];
  double bytes = tensor_bytes (p->info, l->input, p->info->input_shape) + tensor_bytes (p->info, l->residual, NULL)
                 + tensor_bytes (p->info, l->output, p->info->output_shape) + p->weights[i];
  double moved = p->limits.bytes > 0 ? 1e3 * bytes / p->limits.bytes : 0;
  double computed = p->limits.macs > 0 ? 1e3 * l->macs / p->limits.macs : 0;
  return moved > computed ? moved : computed;
}

static double
percent (double part, double whole)
{
  return whole > 0 ? 100 * part / whole : 0;
}

/* Without the network's name, which all kernels begin with. */
static const char *
kernel_name (const struct rescast_info *info, const struct rescast_layer *l)
{
  size_t n = strlen (info->name);
  return strncmp (l->kernel, info->name, n) || strncmp (l->kernel + n, "_cuda_", 6) ? l->kernel : l->kernel + n + 6;
}

static int
wider (int width, const char *text)
{
  int n = (int) strlen (text);
  return n > 60 ? 60 : n > width ? n : width;
}

static void
print_text (const struct device_profile *p, struct cli_out *out)
{
  const struct rescast_info *info = p->info;
  int name = 5, kernel = 6;
  double total = 0, limit = 0, macs = 0;
  for (int i = 0; i < info->layer_count; i++)
    {
      name = wider (name, info->layers[i].name);
      kernel = wider (kernel, kernel_name (info, &info->layers[i]));
      total += p->ms[i];
      limit += limit_ms (p, i);
      macs += info->layers[i].macs;
    }
  cli_print (out, "%-*s  %-*s %10s  %7s  %9s  %8s\n", name, "layer", kernel, "kernel", "us", "share", "GMAC/s",
             "of limit");
  for (int i = 0; i < info->layer_count; i++)
    {
      const struct rescast_layer *l = &info->layers[i];
      cli_print (out, "%-*.*s  %-*s %10.2f  %5.1f %%  %9.1f  %6.1f %%\n", name, name, l->name, kernel,
               kernel_name (info, l), 1e3 * p->ms[i], percent (p->ms[i], total), cli_profile_rate (l->macs, p->ms[i]),
               percent (limit_ms (p, i), p->ms[i]));
    }
  cli_print (out, "%-*s  %-*s %10.2f  %5.1f %%  %9.1f  %6.1f %%\n", name, "total", kernel, "", 1e3 * total, 100.0,
           cli_profile_rate (macs, total), percent (limit, total));
  cli_print (out, "the network as one graph: %.2f us, with the copies of input and output %.2f us\n", 1e3 * p->kernels,
           1e3 * p->run);
  cli_print (out, "limits: %.0f GB/s by a copy on the GPU", 1e-9 * p->limits.bytes);
  if (p->limits.macs > 0)
    cli_print (out, ", %.0f GMAC/s by its clock", 1e-9 * p->limits.macs);
  cli_put (out, "\n");
}

static void
print_json (const struct device_profile *p, struct cli_out *out)
{
  const struct rescast_info *info = p->info;
  double total = 0;
  for (int i = 0; i < info->layer_count; i++)
    total += p->ms[i];
  cli_print (out, ",\"profile\":{\"runs\":%d,\"total_ms\":%.6g,\"kernels_ms\":%.6g,\"run_ms\":%.6g,", LAYER_RUNS, total,
           p->kernels, p->run);
  cli_print (out, "\"limits\":{\"gb_per_second\":%.6g,\"gmac_per_second\":%.6g},\"layers\":[", 1e-9 * p->limits.bytes,
           1e-9 * p->limits.macs);
  for (int i = 0; i < info->layer_count; i++)
    {
      const struct rescast_layer *l = &info->layers[i];
      cli_put (out, i ? ",{\"name\":" : "{\"name\":");
      cli_json_string (out, l->name);
      cli_put (out, ",\"op\":");
      cli_json_string (out, l->op);
      cli_put (out, ",\"kernel\":");
      cli_json_string (out, l->kernel);
      cli_print (out, ",\"ms\":%.6g,\"share\":%.4g,\"gmac_per_second\":%.4g,\"limit_ms\":%.4g}", p->ms[i],
               percent (p->ms[i], total) / 100, cli_profile_rate (l->macs, p->ms[i]), limit_ms (p, i));
    }
  cli_put (out, "]}");
}

bool
cli_profile_device (const struct rescast_network *network, struct cli_out *out, bool json)
{
  struct device_profile p = { .info = network->info };
  size_t layers = p.info->layer_count > 0 ? (size_t) p.info->layer_count : 1;
  p.ms = calloc (layers, sizeof *p.ms);
  p.weights = calloc (layers, sizeof *p.weights);
  bool ok = p.ms && p.weights ? measure_all (network, &p) : cli_fail (NULL, "out of memory for the profile");
  if (ok)
    (json ? print_json : print_text) (&p, out);
  free (p.ms);
  free (p.weights);
  return ok;
}
