/* The options of a network: the file and --set into one tree, each key checked by the table of keys, then the rules
 * that join several keys. */
#include "keys.h"

#include <string.h>

/* KEY=VALUE texts replace or add members; errors in them are at "--set KEY". */
static void
apply_set (struct yaml *tree, const char *set)
{
  const char *equals = strchr (set, '=');
  if (!equals || equals == set)
    fatal ("--set %s: no KEY=VALUE; allowed: --set KEY=VALUE", yaml_quote (set));
  char *key = mem_strndup (set, (size_t) (equals - set));
  const char *quoted = yaml_quote (key); /* has the key itself when that is short and printable */
  bool clean = strlen (quoted) == strlen (key) + 2 && !memcmp (quoted + 1, key, strlen (key));
  yaml_set (tree, key, yaml_parse (mem_printf ("--set %s", clean ? key : quoted), equals + 1, strlen (equals + 1)));
}

static void
read_network (struct options *o)
{
  const struct yaml *y = yaml_get (o->tree, "network");
  static const char allowed[] = "resnet3d, resnet2d, resnet, table or sequence";
  if (!y)
    fatal_at (o->tree->loc, "the key network is missing; allowed: %s", allowed);
  o->network_loc = y->loc;
  for (int i = 0; y->kind == YAML_SCALAR && i < NETWORK_COUNT; i++)
    if (!strcmp (y->value, network_names[i]))
      {
        o->network = (enum network) i;
        return;
      }
  const char *near = NULL;
  if (y->kind == YAML_SCALAR && strlen (y->value) < 64)
    near = nearest_name (y->value, network_names, NETWORK_COUNT);
  fatal_at (y->loc, "network: %s%s; allowed: %s", yaml_show (y), near ? mem_printf (", did you mean %s?", near) : "",
            allowed);
}

static _Noreturn void
unknown_key (const struct options *o, const struct yaml *y)
{
  const char **names = NEW_ARRAY (option_key_count + 1, const char *);
  struct text others = { 0 };
  size_t count = 0;
  for (int n = 0; n < NETWORK_COUNT; n++)
    if (key_find (y->key, (enum network) n))
      text_printf (&others, "%s%s", others.n ? ", " : "", network_names[n]);
  const char *own = network_name (o->network);
  if (others.n)
    fatal_at (y->key_loc, "%s is a key of network %s, not of %s; allowed: the keys that `rescast options %s` lists",
              yaml_quote (y->key), others.s, own, own);
  names[count++] = "network";
  for (size_t i = 0; i < option_key_count; i++)
    if (option_keys[i].networks >> o->network & 1)
      names[count++] = option_keys[i].name;
  const char *near = strlen (y->key) < 64 ? nearest_name (y->key, names, count) : NULL;
  fatal_at (y->key_loc, "unknown key %s%s; allowed: the keys that `rescast options %s` lists", yaml_quote (y->key),
            near ? mem_printf (", did you mean %s?", near) : "", own);
}

/* The value in the tree, else the default. Null leaves the field at 0 where the default is null. */
static void
read_key (struct options *o, const struct key *key)
{
  struct yaml *y = yaml_get (o->tree, key->name);
  bool optional = key->fallback && !strcmp (key->fallback, "null");
  if (y ? optional && yaml_is_null (y) : optional)
    return;
  if (!y && !key->fallback)
    fatal_at (o->network_loc, "network %s needs the key %s; allowed: %s", network_name (o->network), key->name,
              key_allowed (key));
  if (!y)
    {
      y = yaml_parse ("a default", key->fallback, strlen (key->fallback));
      y->loc = o->network_loc; /* where the key could stand */
    }
  key_read (o, key, y);
}

static struct options *
finish (const char *path, struct yaml *tree, const char *const *set, size_t set_count)
{
  struct options *o = NEW (struct options);
  o->path = mem_strdup (path);
  o->tree = tree;
  if (tree->kind != YAML_MAP)
    fatal_at (tree->loc, "%s; allowed: a map, lines of KEY: VALUE", yaml_show (tree));
  for (size_t i = 0; i < set_count; i++)
    apply_set (tree, set[i]);
  read_network (o);
  for (size_t i = 0; i < tree->count; i++)
    if (strcmp (tree->items[i].key, "network") && !key_find (tree->items[i].key, o->network))
      unknown_key (o, &tree->items[i]);
  for (size_t i = 0; i < option_key_count; i++)
    if (option_keys[i].networks >> o->network & 1)
      read_key (o, &option_keys[i]);
  if (o->network == NETWORK_RESNET)
    check_resnet (o);
  else if (o->network != NETWORK_SEQUENCE && o->network != NETWORK_TABLE)
    check_matlab (o);
  check_common (o);
  if (o->network == NETWORK_TABLE)
    check_table (o);
  check_size (o);
  read_labels (o);
  return o;
}

struct options *
options_read (const char *path, const char *const *set, size_t set_count)
{
  return finish (path, yaml_read (path), set, set_count);
}

struct options *
options_parse (const char *path, const char *text, size_t bytes, const char *const *set, size_t set_count)
{
  return finish (path, yaml_parse (path, text, bytes), set, set_count);
}

char *
options_text (const struct options *o)
{
  struct text t = { 0 };
  text_printf (&t, "network: %s\n", network_name (o->network));
  for (size_t i = 0; i < option_key_count; i++)
    {
      const struct key *key = &option_keys[i];
      if (!(key->networks >> o->network & 1) || key->type == KEY_FILE)
        continue;
      text_printf (&t, "%s: ", key->name);
      /* arch and these exclude each other; the preset has filled them in. */
      if (o->arch && (!strcmp (key->name, "block") || !strcmp (key->name, "layers")))
        text_add (&t, "null");
      else
        key_write (o, key, &t);
      text_add (&t, "\n");
    }
  return t.s;
}
