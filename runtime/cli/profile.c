/* How long each layer takes. */
#include "cli.h"

#include <stdlib.h>
#include <string.h>

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
