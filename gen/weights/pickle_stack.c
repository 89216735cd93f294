/* The unpickler's values, its reading of the program, its stack. */
#include "pickle_parts.h"

#include <string.h>

void
pickle_bad (const struct pickle *p, const char *what)
{
  weights_bad (p->f, "the pickle at byte %zu: %s; a state_dict saved by torch.save is allowed",
               (size_t) (p->at - p->begin), what);
}

struct pickle *
pickle_new (struct weights_file *f, const struct pickle_meaning *meaning, const unsigned char *data, size_t bytes)
{
  struct pickle *p = NEW (struct pickle);
  p->f = f;
  p->meaning = meaning;
  p->begin = p->at = data;
  p->end = data + bytes;
  p->stack = NEW_ARRAY (PICKLE_MAX_STACK, struct pickle_value *);
  p->marks = NEW_ARRAY (PICKLE_MAX_STACK, size_t);
  p->memo = NEW_ARRAY (PICKLE_MAX_MEMO, struct pickle_value *);
  return p;
}

struct pickle_value *
pickle_make (struct pickle *p, enum pickle_kind kind)
{
  if (p->values++ == PICKLE_MAX_VALUES)
    weights_bad (p->f, "the pickle makes more than %d values; no more are allowed", PICKLE_MAX_VALUES);
  struct pickle_value *v = NEW (struct pickle_value);
  v->kind = kind;
  return v;
}

void
pickle_append (struct pickle *p, struct pickle_value *to, struct pickle_value *const *v, size_t n)
{
  if (n > PICKLE_MAX_VALUES - p->places)
    weights_bad (p->f, "the pickle's containers have more than %d places; no more are allowed", PICKLE_MAX_VALUES);
  p->places += n;
  if (to->items.n + n > to->items.cap)
    {
      size_t cap = 2 * to->items.cap > to->items.n + n ? 2 * to->items.cap : to->items.n + n;
      struct pickle_value **grown = NEW_ARRAY (cap, struct pickle_value *);
      if (to->items.n)
        memcpy (grown, to->items.v, to->items.n * sizeof *grown);
      to->items.v = grown;
      to->items.cap = cap;
    }
  if (n)
    memcpy (to->items.v + to->items.n, v, n * sizeof *v);
  to->items.n += n;
}

bool
pickle_is (const struct pickle_value *v, const char *string)
{
  return v->kind == PICKLE_STRING && v->text.n == strlen (string) && !memcmp (v->text.s, string, v->text.n);
}

struct pickle_value *
pickle_item (const struct pickle_value *v, const char *key)
{
  for (size_t i = 0; v->kind == PICKLE_DICT && i + 1 < v->items.n; i += 2)
    if (pickle_is (v->items.v[i], key))
      return v->items.v[i + 1];
  return NULL;
}

const unsigned char *
pickle_take (struct pickle *p, uint64_t bytes)
{
  if (bytes > (uint64_t) (p->end - p->at))
    pickle_bad (p, "it ends too early");
  const unsigned char *s = p->at;
  p->at += bytes;
  return s;
}

uint64_t
pickle_take_le (struct pickle *p, int bytes)
{
  return weights_le (pickle_take (p, (uint64_t) bytes), bytes);
}

const char *
pickle_take_line (struct pickle *p, size_t *n)
{
  const unsigned char *s = p->at, *newline = memchr (s, '\n', (size_t) (p->end - s));
  if (!newline)
    pickle_bad (p, "a line has no end");
  p->at = newline + 1;
  *n = (size_t) (newline - s);
  return (const char *) s;
}

uint64_t
pickle_take_decimal (struct pickle *p)
{
  size_t n;
  const char *s = pickle_take_line (p, &n);
  uint64_t v = 0;
  if (!n || n > 9)
    pickle_bad (p, "a place in its memo is no number");
  for (size_t i = 0; i < n; i++)
    {
      if (s[i] < '0' || s[i] > '9')
        pickle_bad (p, "a place in its memo is no number");
      v = 10 * v + (uint64_t) (s[i] - '0');
    }
  return v;
}

void
pickle_push (struct pickle *p, struct pickle_value *v)
{
  if (p->depth == PICKLE_MAX_STACK)
    weights_bad (p->f, "the pickle's stack has more than %d values; no more are allowed", PICKLE_MAX_STACK);
  p->stack[p->depth++] = v;
}

struct pickle_value *
pickle_pop (struct pickle *p)
{
  if (p->depth == (p->mark_count ? p->marks[p->mark_count - 1] : 0))
    pickle_bad (p, "its stack is empty where a value is needed");
  return p->stack[--p->depth];
}

size_t
pickle_pop_mark (struct pickle *p)
{
  if (!p->mark_count)
    pickle_bad (p, "a mark is missing");
  return p->marks[--p->mark_count];
}

struct pickle_value *
pickle_top (struct pickle *p)
{
  struct pickle_value *v = pickle_pop (p);
  p->depth++;
  return v;
}

void
pickle_collect (struct pickle *p, size_t from, enum pickle_kind kind)
{
  struct pickle_value *v = pickle_make (p, kind);
  pickle_append (p, v, p->stack + from, p->depth - from);
  if (kind == PICKLE_DICT && v->items.n % 2)
    pickle_bad (p, "a dictionary's key lacks its value");
  p->depth = from;
  pickle_push (p, v);
}
