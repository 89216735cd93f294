/* What a message says when parameters are not in a file: what stands in front of the names, and which keys there
 * are. */
#include "match_parts.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "wrappers.h"

enum
{
  MAX_PREFIXES = 4, /* listed */
  MAX_WORDS = 16    /* of a name, looked at */
};

/* The first BYTES of NAME, a dot at their end. */
struct prefix
{
  const char *name;
  size_t bytes, count;
};

static int
compare_prefixes (const void *a, const void *b)
{
  const struct prefix *x = a, *y = b;
  if (x->bytes != y->bytes)
    return x->bytes < y->bytes ? -1 : 1;
  return memcmp (x->name, y->name, x->bytes);
}

/* Every prefix with a parameter's name behind it, each once with the number of such tensors. */
static size_t
find_prefixes (const struct name_table *t, const struct matching *m, struct prefix **list)
{
  size_t count = 0, cap = 0, kept = 0;
  struct prefix *all = NULL;
  for (size_t i = 0; i < m->count; i++)
    {
      const char *name = m->list[i].name, *dot = strchr (name, '.');
      for (int k = 0; dot && k < MAX_WORDS; k++, dot = strchr (dot + 1, '.'))
        if (match_lookup (t, dot + 1)->name)
          {
            if (count == cap)
              {
                struct prefix *grown = NEW_ARRAY (cap = 2 * cap + 256, struct prefix);
                if (count)
                  memcpy (grown, all, count * sizeof *grown);
                all = grown;
              }
            all[count++] = (struct prefix){ name, (size_t) (dot + 1 - name), 1 };
          }
    }
  if (count)
    qsort (all, count, sizeof *all, compare_prefixes);
  for (size_t i = 0; i < count; i++)
    if (kept && !compare_prefixes (&all[kept - 1], &all[i]))
      all[kept - 1].count++;
    else
      all[kept++] = all[i];
  *list = all;
  return kept;
}

static void
add_prefixes (struct text *t, const struct prefix *list, size_t count, size_t most)
{
  struct text keys = { 0 };
  size_t listed = 0, equal = 0;
  for (size_t i = 0; i < count; i++)
    if (list[i].count == most && equal++ < MAX_PREFIXES)
      {
        text_printf (&keys, "%s--weights-key %.*s", listed ? " or " : "", (int) list[i].bytes - 1, list[i].name);
        listed++;
      }
  text_printf (t, "; %zu tensors have the network's names behind words that %s%s takes off", most, keys.s,
               equal > listed ? ", or another key," : "");
}

/* What all names begin with, in whole words. */
static void
add_common (struct text *t, const struct matching *m)
{
  size_t n = 0;
  if (m->count < 2)
    return;
  const char *first = m->list[0].name;
  for (const char *dot = strchr (first, '.'); dot; dot = strchr (dot + 1, '.'))
    {
      size_t bytes = (size_t) (dot + 1 - first);
      for (size_t i = 1; i < m->count; i++)
        if (strncmp (first, m->list[i].name, bytes))
          bytes = 0;
      if (!bytes)
        break;
      n = bytes;
    }
  if (n)
    text_printf (t, "; all names in the file begin with %.*s", (int) n, first);
}

/* The first object that stands where checkpoints have their weights. */
static void
add_object (struct text *t, const struct weights *w)
{
  struct unwrapped off[WRAPPERS_MAX + 1];
  for (size_t i = 0; i < w->object_count; i++)
    {
      int count = wrappers_off (mem_printf ("%s.*", w->objects[i].name), off);
      if (!strcmp (off[count - 1].rest, "*"))
        {
          text_printf (t, "; %s is an object that %s makes, which is not read: save its state_dict ()",
                       w->objects[i].name, w->objects[i].maker);
          return;
        }
    }
}

const char *
match_hint (const struct name_table *names, const struct weights *w, struct matching *m)
{
  struct text t = { 0 };
  struct prefix *list;
  size_t count = find_prefixes (names, m, &list), most = 0, present = 0;
  for (size_t i = 0; i < m->count; i++)
    present += m->list[i].used;
  for (size_t i = 0; i < count; i++)
    if (list[i].count > most)
      most = list[i].count;
  text_add (&t, "");
  if (most > present)
    add_prefixes (&t, list, count, most);
  else if (!present)
    add_common (&t, m);
  if (!present && !most)
    add_object (&t, w);
  m->behind_words = most > present;
  if (w->keys)
    text_printf (&t, "; the file has the keys %s", w->keys);
  return t.s;
}
