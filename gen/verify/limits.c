/* How long children may take: generous, so that a slow machine, an emulator or a debug build is not taken for an
 * endless loop. */
#include "backend/backend.h"
#include "verify_internal.h"

/* Without --seconds, beside a second for every so many multiply-adds: portable code without optimisation does as
 * many. */
#define SECONDS 60
#define MACS_PER_SECOND 1e8

double
limit_of_layer (const struct verify_options *o, double macs)
{
  return o->seconds > 0 ? o->seconds : SECONDS + macs / MACS_PER_SECOND;
}

double
limit_of_run (const struct verify_options *o, const struct rescast_info *info)
{
  double macs = 0;
  for (int i = 0; i < info->layer_count; i++)
    macs += info->layers[i].macs;
  return limit_of_layer (o, macs) * (o->seconds > 0 ? info->layer_count : 1);
}

double
limit_of_start (const struct verify_options *o, const struct backend *backend)
{
  return limit_of_layer (o, 0) * backend->start;
}
