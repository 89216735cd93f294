/* The names on both sides: parameters', and those of the file's tensors that are looked at. */
#include "match_parts.h"

#include <string.h>

#include "wrappers.h"

const struct name_slot *
match_lookup (const struct name_table *t, const char *name)
{
  size_t i = hash_bytes (HASH_START, name, strlen (name)) & (t->size - 1);
  while (t->slot[i].name && strcmp (t->slot[i].name, name))
    i = (i + 1) & (t->size - 1);
  return &t->slot[i];
}

static void
add_name (struct name_table *t, const char *name, int param, bool other)
{
  struct name_slot *s = (struct name_slot *) match_lookup (t, name);
  if (!s->name)
    *s = (struct name_slot){ name, param, other };
}

/* An empty one with room for COUNT names, and as many that they may have instead. */
static struct name_table
table_for (size_t count)
{
  struct name_table t = { .size = 64 };
  while (t.size < 4 * count)
    t.size *= 2;
  t.slot = NEW_ARRAY (t.size, struct name_slot);
  return t;
}

struct name_table
match_table (const struct graph *g)
{
  struct name_table t = table_for ((size_t) g->param_count);
  for (int i = 0; i < g->param_count; i++)
    add_name (&t, g->params[i]->name, i, false);
  for (int i = 0; i < g->param_count; i++)
    if (g->params[i]->other_name)
      add_name (&t, g->params[i]->other_name, i, true);
  return t;
}

/* NAME behind KEY and a dot: KEY's words stand in front or, ANYWHERE, further inside. NULL: they don't. */
static const char *
behind_key (const char *name, const char *key, bool anywhere)
{
  size_t n = strlen (key);
  for (const char *at = name; at; at = anywhere ? strchr (at, '.') : NULL)
    {
      at += *at == '.';
      if (!strncmp (at, key, n) && at[n] == '.' && at[n + 1])
        return at + n + 1;
    }
  return NULL;
}

static bool
ignored (const struct weights_use *use, const char *whole, const char *name)
{
  for (size_t i = 0; i < use->ignore_count; i++)
    if (wrappers_match (use->ignore[i], whole) || wrappers_match (use->ignore[i], name))
      return true;
  return false;
}

/* T by its name behind KEY, as the file has both. NULL: KEY's words are not there. KEY NULL: none are asked for. */
static const char *
name_behind (struct named *t, const char *key, bool anywhere)
{
  const char *whole = t->tensor->name, *behind = key ? behind_key (whole, key, anywhere) : whole;
  if (!behind)
    return NULL;
  const size_t off = (size_t) (behind - whole);
  t->container = t->tensor->container > off ? t->tensor->container - off : 0;
  return wrappers_inside (behind, &t->container);
}

/* The same where KEY lacks words that wrappers put anywhere. */
static const char *
clean_name_behind (struct named *t, const char *key, bool anywhere)
{
  t->container = t->tensor->container;
  const char *clean = wrappers_inside (t->tensor->name, &t->container), *behind = behind_key (clean, key, anywhere);
  if (!behind)
    return NULL;
  const size_t off = (size_t) (behind - clean);
  t->container = t->container > off ? t->container - off : 0;
  return behind;
}

/* The tensors whose names stand behind KEY, or all of them. */
static void
list_names (const struct weights *w, const struct weights_use *use, const char *key, bool anywhere, struct matching *m)
{
  for (size_t i = 0; i < w->count; i++)
    {
      struct named t = { .tensor = &w->list[i] };
      t.name = name_behind (&t, key, anywhere);
      if (!t.name && key)
        t.name = clean_name_behind (&t, key, anywhere);
      if (!t.name)
        continue;
      m->key_found = true;
      if (!ignored (use, t.tensor->name, t.name))
        m->list[m->count++] = t;
    }
}

void
match_select (const struct weights *w, const struct weights_use *use, struct matching *m)
{
  const char *key = use->key;
  m->list = NEW_ARRAY (w->count, struct named);
  list_names (w, use, key, false, m);
  if (key && !m->key_found)
    list_names (w, use, key, true, m);
  if (key && w->count && !m->key_found)
    fatal ("%s: --weights-key %s: no tensor's name has these words and more behind them%s%s; one of the names is %s",
           w->path, use->key, w->keys ? "; the file has the keys " : "", w->keys ? w->keys : "", w->list[0].name);
}

const struct weights *
match_names (const struct weights *w, const struct weights_use *use)
{
  struct matching m = { .hint = "" };
  match_select (w, use ? use : &(struct weights_use){ 0 }, &m);
  struct weight *list = NEW_ARRAY (m.count, struct weight);
  struct name_table seen = table_for (m.count);
  size_t count = 0;
  for (size_t i = 0; i < m.count; i++)
    {
      if (match_lookup (&seen, m.list[i].name)->name)
        continue;
      add_name (&seen, m.list[i].name, 0, false);
      list[count] = *m.list[i].tensor;
      list[count++].name = m.list[i].name;
    }
  return weights_of_list (w->path, list, count, w->hash);
}
