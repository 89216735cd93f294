/* The targets of all backends. */
#include "targets.h"

#include <assert.h>
#include <string.h>

#include "base/util.h"

/* Backends with one target each. */
static const struct backend_target devices[] = {
  { "cuda", "NVIDIA GPUs from compute capability 8.0 on", &cuda_backend, NULL },
};

enum
{
  DEVICES = sizeof devices / sizeof *devices
};

struct targets
targets_all (void)
{
  struct targets t = { .count = 0 };
  assert (isa_count + DEVICES <= TARGETS_MAX);
  for (int i = 0; i < isa_count; i++)
    t.list[t.count++]
        = (struct backend_target){ isa_table[i].name, isa_table[i].description, &cpu_backend, &isa_table[i] };
  for (int i = 0; i < DEVICES; i++)
    t.list[t.count++] = devices[i];
  return t;
}

/* The index in ALL of the target called by the BYTES characters at NAME, or -1. */
static int
find (const struct targets *all, const char *name, size_t bytes)
{
  for (int i = 0; i < all->count; i++)
    if (strlen (all->list[i].name) == bytes && strncmp (all->list[i].name, name, bytes) == 0)
      return i;
  return -1;
}

struct targets
targets_parse (const char *list)
{
  const struct targets all = targets_all ();
  struct targets t = { .count = 0 };
  bool wanted[TARGETS_MAX] = { false }, any_cpu = false;
  for (const char *p = list, *end; p; p = *end ? end + 1 : NULL)
    {
      end = p + strcspn (p, ",");
      int i = find (&all, p, (size_t) (end - p));
      if (i < 0)
        return t;
      wanted[i] = true;
      any_cpu |= all.list[i].backend == &cpu_backend;
    }
  if (!any_cpu) /* the portable target, the last row */
    wanted[isa_count - 1] = true;
  for (int i = 0; i < all.count; i++)
    if (wanted[i])
      t.list[t.count++] = all.list[i];
  return t;
}

const struct backend *
targets_device (const struct targets *t)
{
  for (int i = 0; i < t->count; i++)
    if (t->list[i].backend != &cpu_backend)
      return t->list[i].backend;
  return NULL;
}

struct cpu_targets
targets_of_cpu (const struct targets *t)
{
  struct cpu_targets cpu = { .count = 0 };
  for (int i = 0; i < t->count; i++)
    if (t->list[i].backend == &cpu_backend)
      cpu.list[cpu.count++] = t->list[i].cpu;
  return cpu;
}

const char *
target_names (void)
{
  const struct targets all = targets_all ();
  struct text s = { 0 };
  for (int i = 0; i < all.count; i++)
    text_printf (&s, "%s%s", i ? ", " : "", all.list[i].name);
  return s.s;
}
