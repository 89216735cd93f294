/* The targets of all backends. */
#include "targets.h"

#include <assert.h>
#include <string.h>

#include "base/util.h"

struct backend_target *
targets_add (struct targets *t, const char *name, const char *description, const struct backend *backend)
{
  assert (t->count < TARGETS_MAX);
  struct backend_target *added = &t->list[t->count++];
  *added = (struct backend_target){ .name = name, .description = description, .backend = backend };
  return added;
}

struct targets
targets_all (void)
{
  struct targets t = { .count = 0 };
  host_backend->list_targets (&t);
  for (int i = 0; device_backends[i]; i++)
    device_backends[i]->list_targets (&t);
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
  bool wanted[TARGETS_MAX] = { false }, any_host = false;
  for (const char *p = list, *end; p; p = *end ? end + 1 : NULL)
    {
      end = p + strcspn (p, ",");
      int i = find (&all, p, (size_t) (end - p));
      if (i < 0)
        return t;
      wanted[i] = true;
      any_host |= all.list[i].backend == host_backend;
    }
  for (int i = 0; i < all.count; i++)
    if (wanted[i] || (!any_host && all.list[i].portable))
      t.list[t.count++] = all.list[i];
  return t;
}

const struct backend *
targets_device (const struct targets *t)
{
  for (int i = 0; i < t->count; i++)
    if (t->list[i].backend != host_backend)
      return t->list[i].backend;
  return NULL;
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
