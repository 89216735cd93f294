/* What a library says of itself, copied by a child that loads it: a constructor or a damaged table cannot end this
 * process. */
#include "verify_internal.h"

#include <errno.h>
#include <stdalign.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>

/* Address space for the copy, in both processes at the same place, so that its pointers hold in both. Pages that are
 * not used cost nothing. */
#define MOST ((size_t) 64 << 20)

struct description
{
  const struct library *lib;
  int socket;
  struct rescast_info info;
  size_t context_bytes;
  size_t used; /* of what follows, which the copy consists of */
  alignas (max_align_t) unsigned char memory[];
};

static void *
copy (struct description *d, const void *from, size_t count, size_t size)
{
  size_t bytes, room = MOST - sizeof *d - d->used;
  if (!from)
    return NULL;
  if (!mul_size (count, size, &bytes) || bytes > room - alignof (max_align_t))
    worker_refuse (d->socket, 1, "%s: what it says of itself is too large", d->lib->path);
  void *to = d->memory + d->used;
  memcpy (to, from, bytes);
  d->used += (bytes + alignof (max_align_t) - 1) / alignof (max_align_t) * alignof (max_align_t);
  return to;
}

static const char *
copy_text (struct description *d, const char *s)
{
  return copy (d, s ? s : "", s ? strlen (s) + 1 : 1, 1);
}

static size_t
positive (struct description *d, int n)
{
  if (n < 0)
    worker_refuse (d->socket, 1, "%s: what it says of itself makes no sense", d->lib->path);
  return (size_t) n;
}

static void
copy_tables (struct description *d)
{
  struct rescast_info *i = &d->info;
  struct rescast_layer *layers = copy (d, i->layers, positive (d, i->layer_count), sizeof *layers);
  struct rescast_tensor *tensors = copy (d, i->tensors, positive (d, i->tensor_count), sizeof *tensors);
  for (int k = 0; k < i->layer_count; k++)
    {
      layers[k].name = copy_text (d, layers[k].name);
      layers[k].op = copy_text (d, layers[k].op);
      layers[k].kernel = copy_text (d, layers[k].kernel);
    }
  for (int k = 0; k < i->tensor_count; k++)
    tensors[k].name = copy_text (d, tensors[k].name);
  i->layers = layers;
  i->tensors = tensors;
}

/* In the child. */
static void
describe (void *description, int socket)
{
  struct description *d = description;
  struct functions f = worker_load (d->lib, socket);
  const struct rescast_info *info = f.info_of ? f.info_of (d->lib->target) : f.info ();
  d->socket = socket;
  if (!info)
    worker_refuse (socket, 1, "%s: it has no target %s", d->lib->path, d->lib->target);
  d->info = *info;
  struct rescast_info *i = &d->info;
  if (i->abi != RESCAST_ABI)
    worker_refuse (socket, 1, "%s: a network of ABI %d; %d is needed: generate it again", d->lib->path, i->abi,
                   RESCAST_ABI);
  size_t targets = 0;
  while (i->targets[targets])
    targets++;
  const char **names = copy (d, i->targets, targets + 1, sizeof *names);
  for (size_t k = 0; k < targets; k++)
    names[k] = copy_text (d, names[k]);
  i->targets = names;
  i->name = copy_text (d, i->name);
  i->mean = copy (d, i->mean, positive (d, i->input_shape[0]), sizeof *i->mean);
  i->std = copy (d, i->std, positive (d, i->input_shape[0]), sizeof *i->std);
  i->target = copy_text (d, i->target);
  i->precision = copy_text (d, i->precision);
  i->version = NULL;
  i->labels = NULL;
  i->label_count = 0;
  copy_tables (d);
  d->context_bytes = f.context_bytes ();
  worker_ready (socket);
}

const char *
describe_library (struct library *lib, double seconds)
{
  struct message m;
  struct description *d = mmap (NULL, MOST, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (d == MAP_FAILED)
    fatal ("out of memory (%zu bytes): %s", MOST, strerror (errno));
  d->lib = lib;
  struct process p = process_start (describe, d);
  bool said = process_next (&p, seconds, &m);
  process_stop (&p);
  if (!said)
    return mem_printf ("%s: loading it failed: %s", lib->path, process_end_text (&p, NULL, 0));
  m.text[sizeof m.text - 1] = 0;
  if (m.kind != MESSAGE_READY || m.error)
    return mem_strdup (m.text);
  mprotect (d, MOST, PROT_READ); /* no other child can change it */
  lib->info = &d->info;
  lib->context_bytes = d->context_bytes;
  return NULL;
}
