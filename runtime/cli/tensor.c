/* --tensor LAYER=F.npy: a layer's result, taken from the arena when the layer is done. */
#include "cli.h"

#include <stdlib.h>
#include <string.h>

/* "… this program has: a, b, c": the names that there are, at most this many bytes of them. */
#define NAMES_BYTES 400

static bool
unknown_layer (const struct rescast_info *info, const char *name, size_t bytes)
{
  char names[NAMES_BYTES + 8] = "";
  size_t used = 0;
  for (int i = 0; i < info->tensor_count; i++)
    {
      size_t n = strlen (info->tensors[i].name);
      if (used + n + 6 > NAMES_BYTES)
        {
          memcpy (names + used, ", ...", 6);
          break;
        }
      used += (size_t) sprintf (names + used, "%s%s", i ? ", " : "", info->tensors[i].name);
    }
  return cli_fail (NULL, "--tensor %.*s: no such tensor; there are %s (generate --keep-tensors keeps every layer's)",
                   (int) bytes, name, names);
}

/* The layer that writes tensor T. */
static int
writer_of (const struct rescast_info *info, int t)
{
  for (int i = 0; i < info->layer_count; i++)
    if (info->layers[i].output == t)
      return i;
  return -1;
}

static bool
open_one (struct cli_tensor *x, const struct rescast_info *info, const char *argument, uint64_t samples)
{
  const char *equals = strrchr (argument, '=');
  size_t n = (size_t) (equals - argument);
  int t = 0;
  while (t < info->tensor_count && (strlen (info->tensors[t].name) != n || memcmp (info->tensors[t].name, argument, n)))
    t++;
  if (t == info->tensor_count)
    return unknown_layer (info, argument, n);
  const struct rescast_tensor *r = x->tensor = &info->tensors[t];
  const int extent[4] = { r->c, r->d, r->h, r->w };
  x->layer = writer_of (info, t);
  x->shape = (struct cli_shape){ .rank = 1 + r->rank, .count = (size_t) r->c * (size_t) r->d * (size_t) r->h
                                                               * (size_t) r->w };
  x->shape.extent[0] = (uint64_t) r->c;
  for (int a = 0; a < r->rank; a++)
    x->shape.extent[1 + a] = (uint64_t) extent[4 - r->rank + a];
  x->dense = malloc (x->shape.count * (size_t) r->n * sizeof *x->dense);
  if (!x->dense)
    return cli_fail (equals + 1, "out of memory");
  return cli_array_create (&x->array, equals + 1, samples, &x->shape);
}

bool
cli_tensors_open (struct cli_tensors *t, const struct rescast_info *info, const struct cli_options *o,
                  uint64_t samples)
{
  for (t->count = 0; t->count < o->tensor_count; t->count++)
    if (!open_one (&t->list[t->count], info, o->tensors[t->count], samples))
      {
        t->count++;
        return false;
      }
  return true;
}

/* Out of the arena's layout (see rescast.h) into N, C, D, H, W. */
static void
copy_dense (const struct rescast_tensor *t, const char *arena, float *out)
{
  const char *data = arena + t->offset;
  const size_t block = (size_t) t->block, stored = ((size_t) t->c + block - 1) / block * block;
  const size_t group = t->layout == RESCAST_CHANNELS_LAST ? stored : t->layout == RESCAST_BLOCKED ? block : 1;
  const size_t w = (size_t) (t->w + t->halo_lo[2] + t->halo_hi[2]), h = (size_t) (t->h + t->halo_lo[1] + t->halo_hi[1]);
  const size_t d = (size_t) (t->d + t->halo_lo[0] + t->halo_hi[0]), groups = stored / group;
  for (size_t n = 0; n < (size_t) t->n; n++)
    for (size_t c = 0; c < (size_t) t->c; c++)
      for (size_t z = 0; z < (size_t) t->d; z++)
        for (size_t y = 0; y < (size_t) t->h; y++)
          {
            size_t plane = (n * groups + c / group) * d + z + (size_t) t->halo_lo[0];
            size_t row = (plane * h + y + (size_t) t->halo_lo[1]) * w + (size_t) t->halo_lo[2];
            for (size_t x = 0; x < (size_t) t->w; x++)
              *out++ = rescast_element_value (data, (row + x) * group + c % group, t->element);
          }
}

void
cli_tensors_hook (struct cli_tensors *t, int layer, int after, const void *arena)
{
  for (int i = 0; after && i < t->count; i++)
    if (t->list[i].layer == layer)
      copy_dense (t->list[i].tensor, arena, t->list[i].dense);
}

bool
cli_tensors_write (struct cli_tensors *t, size_t samples)
{
  bool ok = true;
  for (int i = 0; ok && i < t->count; i++)
    ok = cli_array_write (&t->list[i].array, t->list[i].dense, samples * t->list[i].shape.count);
  return ok;
}

bool
cli_tensors_end (struct cli_tensors *t)
{
  bool ok = true;
  for (int i = 0; ok && i < t->count; i++)
    ok = cli_array_end (&t->list[i].array);
  return ok;
}

bool
cli_tensors_commit (struct cli_tensors *t)
{
  bool ok = true;
  for (int i = 0; ok && i < t->count; i++)
    ok = cli_array_commit (&t->list[i].array);
  return ok;
}

void
cli_tensors_free (struct cli_tensors *t)
{
  for (int i = 0; i < t->count; i++)
    {
      cli_array_abandon (&t->list[i].array);
      free (t->list[i].dense);
    }
}
