/* Wisdom files. They are written as JSON, and read as the YAML that JSON is: its reader knows every value's place. */
#include "wisdom.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/data_dir.h"
#include "base/yaml.h"

#define FORMAT "rescast wisdom 1"
#define MOST_MS 1e9

const char *
wisdom_path (const char *text)
{
  return data_is_name (text) ? mem_printf ("%s/wisdom/%s.json", data_dir (), text) : text;
}

/* ---- reading ---- */

static const char *const entry_keys[] = { "caches", "choice", "cpu", "layer", "ms", "target", "threads" };

enum
{
  ENTRY_KEYS = sizeof entry_keys / sizeof *entry_keys
};

static void
check_keys (const struct yaml *y, const char *what, const char *const *keys, size_t count)
{
  if (y->kind != YAML_MAP)
    fatal_at (y->loc, "%s; allowed: %s as a map", yaml_show (y), what);
  for (size_t i = 0; i < y->count; i++)
    {
      size_t k = 0;
      while (k < count && strcmp (keys[k], y->items[i].key))
        k++;
      if (k == count)
        {
          const char *near = nearest_name (y->items[i].key, keys, count);
          fatal_at (y->items[i].key_loc, "%s is no key of %s%s%s%s", yaml_quote (y->items[i].key), what,
                    near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
        }
    }
  for (size_t k = 0; k < count; k++)
    if (!yaml_get (y, keys[k]))
      fatal_at (y->loc, "%s lacks %s", what, keys[k]);
}

/* Text that may stand in a message or a table. */
static const char *
text_value (const struct yaml *entry, const char *key)
{
  const struct yaml *y = yaml_get (entry, key);
  const char *s = y->kind == YAML_SCALAR && y->quoted ? y->value : "";
  size_t n = strlen (s);
  bool plain = n && n <= 255;
  for (size_t i = 0; i < n; i++)
    plain = plain && s[i] >= ' ' && s[i] <= '~';
  if (!plain)
    fatal_at (y->loc, "%s: %s; allowed: 1 to 255 ASCII characters in quotes", key, yaml_show (y));
  return s;
}

static struct choice
choice_value (const struct yaml *at, struct loc loc, const char *text)
{
  struct choice c;
  if (!choice_parse (text, &c))
    fatal_at (loc, "%s: %s; allowed: %s", at->key, yaml_quote (text), choice_names ());
  return c;
}

static void
read_caches (const struct yaml *y, struct machine *m)
{
  bool ok = y->kind == YAML_LIST && y->count == CACHE_LEVELS;
  for (size_t i = 0; ok && i < CACHE_LEVELS; i++)
    ok = yaml_int (&y->items[i], &m->cache[i]) && m->cache[i] >= 0;
  if (!ok)
    fatal_at (y->loc, "caches: %s; allowed: the bytes of levels 1, 2 and 3, 0 for none", yaml_show (y));
}

static void
read_times (const struct yaml *y, struct wisdom_entry *e)
{
  bool direct = false, chosen = false;
  if (y->kind != YAML_MAP || y->count > CHOICES_MAX)
    fatal_at (y->loc, "ms: %s; allowed: a map of at most %d choices to milliseconds", yaml_show (y), CHOICES_MAX);
  for (size_t i = 0; i < y->count; i++)
    {
      struct candidate *c = &e->list[e->count++];
      c->choice = choice_value (y, y->items[i].key_loc, y->items[i].key);
      if (!yaml_double (&y->items[i], &c->ms) || c->ms <= 0 || c->ms > MOST_MS)
        fatal_at (y->items[i].loc, "ms of %s: %s; allowed: a positive number", y->items[i].key,
                  yaml_show (&y->items[i]));
      direct |= c->choice.algorithm == ALGORITHM_DIRECT;
      chosen |= choice_equal (c->choice, e->choice);
    }
  if (!direct)
    fatal_at (y->loc, "ms: the time of a direct convolution is missing");
  if (!chosen)
    fatal_at (y->loc, "ms: the time of the choice, %s, is missing", choice_text (e->choice));
}

static struct wisdom_entry
read_entry (const struct yaml *y)
{
  struct wisdom_entry e = { .count = 0 };
  int64_t threads;
  check_keys (y, "an entry", entry_keys, ENTRY_KEYS);
  e.target = text_value (y, "target");
  e.machine.cpu = text_value (y, "cpu");
  e.layer = text_value (y, "layer");
  read_caches (yaml_get (y, "caches"), &e.machine);
  const struct yaml *t = yaml_get (y, "threads"), *choice = yaml_get (y, "choice");
  if (!yaml_int (t, &threads) || threads < 1 || threads > 64)
    fatal_at (t->loc, "threads: %s; allowed: 1 to 64", yaml_show (t));
  e.threads = (int) threads;
  if (!target_find (e.target, strlen (e.target)))
    fatal_at (yaml_get (y, "target")->loc, "target: %s; allowed: %s", yaml_quote (e.target), cpu_target_names ());
  e.choice = choice_value (choice, choice->loc, text_value (y, "choice"));
  read_times (yaml_get (y, "ms"), &e);
  return e;
}

static void
add (struct wisdom *w, const struct wisdom_entry *e)
{
  if (w->count == w->cap)
    {
      w->cap = w->cap ? 2 * w->cap : 64;
      struct wisdom_entry *grown = NEW_ARRAY ((size_t) w->cap, struct wisdom_entry);
      if (w->count)
        memcpy (grown, w->list, (size_t) w->count * sizeof *grown);
      w->list = grown;
    }
  w->list[w->count++] = *e;
}

void
wisdom_read (struct wisdom *w, const char *path)
{
  static const char *const keys[] = { "entries", "format" };
  const struct yaml *y = yaml_read (path);
  check_keys (y, "a wisdom file", keys, 2);
  const struct yaml *format = yaml_get (y, "format"), *entries = yaml_get (y, "entries");
  if (format->kind != YAML_SCALAR || strcmp (format->value, FORMAT))
    fatal_at (format->loc, "format: %s; allowed: " FORMAT, yaml_show (format));
  if (entries->kind != YAML_LIST)
    fatal_at (entries->loc, "entries: %s; allowed: a list", yaml_show (entries));
  for (size_t i = 0; i < entries->count; i++)
    {
      struct wisdom_entry e = read_entry (&entries->items[i]);
      add (w, &e);
    }
}

const struct wisdom *
wisdom_of_files (const char *const *files, size_t count)
{
  struct wisdom *w = NEW (struct wisdom);
  w->here = machine_here ();
  for (size_t i = 0; i < count; i++)
    wisdom_read (w, wisdom_path (files[i]));
  return w;
}

/* ---- looking up ---- */

static bool
same_caches (const struct machine *a, const struct machine *b)
{
  return !memcmp (a->cache, b->cache, sizeof a->cache);
}

/* How well E fits, 0: not at all. */
static int
fitness (const struct wisdom *w, const struct wisdom_entry *e, const struct cpu_targets *targets, const char *layer)
{
  int target = 0;
  while (target < targets->count && strcmp (targets->list[target]->name, e->target))
    target++;
  if (target == targets->count || strcmp (e->layer, layer))
    return 0;
  bool cpu = !strcmp (e->machine.cpu, w->here.cpu);
  int machine = cpu ? 1 + same_caches (&e->machine, &w->here) : 0;
  return (machine * TARGETS_MAX + TARGETS_MAX - 1 - target) * 64 + 65 - e->threads;
}

const struct wisdom_entry *
wisdom_find (const struct wisdom *w, const struct cpu_targets *targets, const char *layer)
{
  const struct wisdom_entry *found = NULL;
  int best = 0;
  for (int i = 0; i < w->count; i++)
    {
      int f = fitness (w, &w->list[i], targets, layer);
      if (f > best)
        {
          best = f;
          found = &w->list[i];
        }
    }
  return found;
}

/* ---- writing ---- */

/* The order of the file; 0 for entries of one key. */
static int
compare (const void *x, const void *y)
{
  const struct wisdom_entry *a = x, *b = y;
  int c = strcmp (a->machine.cpu, b->machine.cpu);
  for (int i = 0; !c && i < CACHE_LEVELS; i++)
    c = (a->machine.cache[i] > b->machine.cache[i]) - (a->machine.cache[i] < b->machine.cache[i]);
  if (!c)
    c = strcmp (a->target, b->target);
  if (!c)
    c = a->threads - b->threads;
  return c ? c : strcmp (a->layer, b->layer);
}

void
wisdom_put (struct wisdom *w, const struct wisdom_entry *e)
{
  for (int i = 0; i < w->count; i++)
    if (!compare (&w->list[i], e))
      {
        w->list[i] = *e;
        return;
      }
  add (w, e);
}

/* One line of the file. */
static void
add_line (struct text *t, const struct wisdom_entry *e)
{
  json_t *caches = json_array (), *ms = json_object ();
  for (int i = 0; i < CACHE_LEVELS; i++)
    json_array_append_new (caches, json_integer ((json_int_t) e->machine.cache[i]));
  for (int i = 0; i < e->count; i++)
    json_object_set_new (ms, choice_text (e->list[i].choice), json_real (e->list[i].ms));
  json_t *j = json_pack ("{s:s, s:o, s:s, s:i, s:s, s:s, s:o}", "cpu", e->machine.cpu, "caches", caches, "target",
                         e->target, "threads", e->threads, "layer", e->layer, "choice", choice_text (e->choice), "ms",
                         ms);
  char *line = json_dumps (j, JSON_SORT_KEYS | JSON_REAL_PRECISION (4));
  if (!line)
    fatal ("out of memory");
  text_add (t, line);
  free (line);
  json_decref (j);
}

void
wisdom_write (const struct wisdom *w, const char *path)
{
  struct text t = { 0 };
  if (w->count)
    qsort (w->list, (size_t) w->count, sizeof *w->list, compare);
  text_add (&t, "{ \"format\": \"" FORMAT "\",\n  \"entries\": [");
  for (int i = 0; i < w->count; i++)
    {
      text_add (&t, i ? ",\n    " : "\n    ");
      add_line (&t, &w->list[i]);
    }
  text_add (&t, "\n] }\n");
  file_write (path, t.s, t.n);
}
