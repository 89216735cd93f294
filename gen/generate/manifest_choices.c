/* Choices to JSON and back. */
#include "manifest_choices.h"

#include <string.h>

void
choice_write (json_t *o, const struct node *n)
{
  const struct decision *d = n->decision;
  if (!d)
    return;
  json_t *list = json_array ();
  for (int i = 0; i < d->count; i++)
    json_array_append_new (list, json_pack ("{s:s, s:f, s:I}", "choice", choice_text (d->list[i].choice), "ms",
                                            d->list[i].ms, "weights_bytes",
                                            (json_int_t) (d->list[i].weight_floats * (int64_t) sizeof (float))));
  json_object_set_new (o, "choice", json_string (choice_text (n->choice)));
  json_object_set_new (o, "best", json_string (choice_text (d->list[d->best].choice)));
  json_object_set_new (o, "times", json_string (d->measured ? "measured" : "model"));
  json_object_set_new (o, "candidates", list);
}

static bool
read_choice (const json_t *o, const char *key, struct choice *c)
{
  const char *s = json_string_value (json_object_get (o, key));
  return s && choice_parse (s, c);
}

static bool
read_decision (const json_t *o, struct decision *d)
{
  const json_t *list = json_object_get (o, "candidates");
  const char *times = json_string_value (json_object_get (o, "times"));
  struct choice best;
  bool found = false, ok = times && json_array_size (list) <= CHOICES_MAX && read_choice (o, "best", &best);
  for (size_t i = 0; ok && i < json_array_size (list); i++)
    {
      const json_t *item = json_array_get (list, i);
      struct candidate *c = &d->list[d->count];
      ok = read_choice (item, "choice", &c->choice) && json_is_number (json_object_get (item, "ms"));
      if (!ok)
        break;
      c->ms = json_number_value (json_object_get (item, "ms"));
      c->weight_floats = json_integer_value (json_object_get (item, "weights_bytes")) / (json_int_t) sizeof (float);
      if (choice_equal (c->choice, best))
        {
          d->best = d->count;
          found = true;
        }
      d->count++;
    }
  d->measured = times && !strcmp (times, "measured");
  return ok && found;
}

struct choices
choices_read (const char *dir, const json_t *nodes)
{
  size_t count = json_array_size (nodes);
  struct chosen *list = NEW_ARRAY (count + 1, struct chosen);
  for (size_t i = 0; i < count; i++)
    {
      const json_t *o = json_array_get (nodes, i);
      if (!json_object_get (o, "choice"))
        continue;
      struct decision *d = NEW (struct decision);
      if (!read_choice (o, "choice", &list[i].choice) || !read_decision (o, d))
        fatal ("%s: node %zu of the manifest has a choice that rescast does not write: generate it again", dir, i);
      list[i].decision = d;
    }
  return (struct choices){ list, (int) count };
}
