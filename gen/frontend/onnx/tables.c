/* An open-addressing hash table with text keys. */
#include "tables.h"

#include <string.h>

#include "base/util.h"

struct slot
{
  const char *name;
  void *thing;
};

struct table_of_names
{
  struct slot *slots;
  size_t size, count; /* a power of 2; at most half of it */
};

static struct slot *
find (struct slot *slots, size_t size, const char *name)
{
  size_t i = hash_bytes (HASH_START, name, strlen (name)) & (size - 1);
  while (slots[i].name && strcmp (slots[i].name, name))
    i = (i + 1) & (size - 1);
  return &slots[i];
}

struct table_of_names *
table_new (size_t count)
{
  struct table_of_names *t = NEW (struct table_of_names);
  t->size = 64;
  while (t->size < 2 * (count + 1))
    t->size *= 2;
  t->slots = NEW_ARRAY (t->size, struct slot);
  return t;
}

static void
grow (struct table_of_names *t)
{
  struct slot *slots = NEW_ARRAY (2 * t->size, struct slot);
  for (size_t i = 0; i < t->size; i++)
    if (t->slots[i].name)
      *find (slots, 2 * t->size, t->slots[i].name) = t->slots[i];
  t->slots = slots;
  t->size *= 2;
}

void **
table_slot (struct table_of_names *t, const char *name)
{
  struct slot *s = find (t->slots, t->size, name);
  if (!s->name)
    {
      if (2 * ++t->count > t->size)
        {
          grow (t);
          s = find (t->slots, t->size, name);
        }
      s->name = name;
    }
  return &s->thing;
}
