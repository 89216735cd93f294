/* Each part of a folder is tuned by its backend. */
#include "tune.h"

#include "backend/backend.h"

/* The device's part, which leaves the CPU's as it is; false: there is none that can be tuned. */
static bool
tune_device (const struct tune_options *o)
{
  const char *why = o->device->tune_missing (o);
  if (!why && o->device->tune (o, &why))
    return true;
  if (!o->cpu)
    fatal ("%s: %s", o->dir, why);
  return false;
}

int
tune (const struct tune_options *o)
{
  bool tuned = o->device && tune_device (o);
  if (o->device && !tuned && o->tiles)
    fatal ("%s: no GPU is tuned for, so that there are no tiles for %s: --device %s says why", o->dir, o->tiles,
           o->device->name);
  const char *why;
  if (o->cpu && !host_backend->tune (o, &why) && !tuned)
    fatal ("%s: %s", o->dir, why);
  return 0;
}
