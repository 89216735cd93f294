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
  *added = (struct backend_target){
    .name = name, .description = description, .backend = backend, .precisions = backend->precisions
  };
  return added;
}

/* Of targets without one of their own: fp32 where they have it. */
static enum precision
usual_precision (const struct backend_target *t)
{
  enum precision p = PRECISION_FP32;
  while (!(t->precisions >> p & 1))
    p++;
  return p;
}

struct targets
targets_all (void)
{
  struct targets t = { .count = 0 };
  host_backend->list_targets (&t);
  for (int i = 0; device_backends[i]; i++)
    device_backends[i]->list_targets (&t);
  for (int i = 0; i < t.count; i++)
    t.list[i].precision = usual_precision (&t.list[i]);
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

/* "fp32, bf16": what T has. */
static char *
precisions_text (const struct backend_target *t)
{
  struct text s = { 0 };
  for (int p = PRECISION_FP32; p < PRECISION_COUNT; p++)
    if (t->precisions >> p & 1)
      text_printf (&s, "%s%s", s.n ? ", " : "", precision_name ((enum precision) p));
  return s.s;
}

/* Set the precision of T, one of ALL, to what stands in the BYTES characters at NAME. Returns what is wrong, or NULL.
 */
static const char *
take_precision (struct backend_target *t, bool wanted, const char *name, size_t bytes)
{
  enum precision p;
  if (!precision_parse (mem_printf ("%.*s", (int) bytes, name), &p) || !(t->precisions >> p & 1))
    return mem_printf ("%s computes in %s", t->name, precisions_text (t));
  if (wanted && t->precision != p)
    return mem_printf ("%s is given in two precisions", t->name);
  t->precision = p;
  t->given = true;
  return NULL;
}

/* Mark one of ALL as WANTED, as the BYTES characters at WORD have it. Returns what is wrong, or NULL. */
static const char *
take_target (struct targets *all, bool wanted[TARGETS_MAX], const char *word, size_t bytes)
{
  const char *colon = memchr (word, ':', bytes);
  size_t length = colon ? (size_t) (colon - word) : bytes;
  int i = find (all, word, length);
  if (i < 0)
    return mem_printf ("the targets are %s", target_names ());
  const char *wrong = colon ? take_precision (&all->list[i], wanted[i], colon + 1, bytes - length - 1) : NULL;
  wanted[i] = true;
  return wrong;
}

struct targets
targets_parse (const char *list)
{
  struct targets all = targets_all (), t = { .count = 0 };
  bool wanted[TARGETS_MAX] = { false }, any_host = false;
  for (const char *p = list, *end; p; p = *end ? end + 1 : NULL)
    {
      end = p + strcspn (p, ",");
      t.wrong = take_target (&all, wanted, p, (size_t) (end - p));
      if (t.wrong)
        return t;
    }
  for (int i = 0; i < all.count; i++)
    any_host |= wanted[i] && all.list[i].backend == host_backend;
  for (int i = 0; i < all.count; i++)
    if (!wanted[i])
      all.list[i].given = true; /* no list's precision is for it */
  for (int i = 0; i < all.count; i++)
    if (wanted[i] || (!any_host && all.list[i].portable))
      t.list[t.count++] = all.list[i];
  return t;
}

struct targets
targets_usual (enum precision p)
{
  const struct targets all = targets_all ();
  struct targets t = { .count = 0 };
  for (int i = 0; i < all.count; i++)
    if (all.list[i].usual >> p & 1)
      {
        t.list[t.count] = all.list[i];
        t.list[t.count++].precision = p;
      }
  return t.count ? t : targets_usual (PRECISION_FP32);
}

bool
targets_compute_in (struct targets *t, enum precision p)
{
  bool any = false;
  for (int i = 0; i < t->count; i++)
    if (t->list[i].precisions >> p & 1)
      {
        any = true;
        if (!t->list[i].given)
          t->list[i].precision = p;
      }
  return any;
}

char *
target_name_in (const char *name, enum precision p)
{
  return p == PRECISION_FP32 ? mem_strdup (name) : mem_printf ("%s:%s", name, precision_name (p));
}

int
targets_precisions (const struct targets *t, const struct backend *b, enum precision list[PRECISION_COUNT])
{
  int count = 0;
  for (int i = 0; i < t->count; i++)
    {
      int k = 0;
      while (k < count && list[k] != t->list[i].precision)
        k++;
      if (t->list[i].backend == b && k == count)
        list[count++] = t->list[i].precision;
    }
  return count;
}

enum precision
targets_precision (const struct targets *t, const struct backend *b)
{
  enum precision list[PRECISION_COUNT] = { PRECISION_FP32 };
  targets_precisions (t, b, list);
  return list[0];
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
