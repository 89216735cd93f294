/* The restricted unpickler's machine: a stack, a memo, containers. The opcodes are those of protocols 0 to 5.
 *
 * One function per group of opcodes; each answers whether the opcode was one of its own. Nothing recurses. */
#include "pickle_parts.h"

#include <string.h>

void
pickle_bad (const struct pickle *p, const char *what)
{
  weights_bad (p->f, "the pickle at byte %zu: %s; a state_dict saved by torch.save is allowed",
               (size_t) (p->at - p->begin), what);
}

struct pickle *
pickle_new (const struct weights_file *f, const struct pickle_meaning *meaning, const unsigned char *data, size_t bytes)
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

/* Append what stands on the stack from FROM on to the container below it, and remove it. */
static void
fill (struct pickle *p, size_t from, enum pickle_kind kind)
{
  struct pickle_value *const *v = p->stack + from;
  size_t n = p->depth - from;
  p->depth = from;
  struct pickle_value *to = pickle_top (p);
  if (kind == PICKLE_DICT && n % 2)
    pickle_bad (p, "a dictionary's key lacks its value");
  if (to->kind != kind && to->kind != PICKLE_OBJECT)
    pickle_bad (p, "items are added to what is no list, set or dictionary");
  if (to->kind == PICKLE_OBJECT && kind != PICKLE_DICT)
    return; /* a list or a set of a class of its own: no tensor's name leads into it */
  pickle_append (p, to, v, n);
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

/* Where the topmost N values begin, none of them below the last mark. */
static size_t
topmost (struct pickle *p, size_t n)
{
  if (p->depth - (p->mark_count ? p->marks[p->mark_count - 1] : 0) < n)
    pickle_bad (p, "its stack is empty where values are needed");
  return p->depth - n;
}

static bool
op_container (struct pickle *p, int op)
{
  switch (op)
    {
    case ']':
    case '}':
    case ')':
      pickle_push (p, pickle_make (p, op == ']' ? PICKLE_LIST : op == '}' ? PICKLE_DICT : PICKLE_TUPLE));
      return true;
    case 0x8f: /* EMPTY_SET */
      pickle_push (p, pickle_make (p, PICKLE_SET));
      return true;
    case 0x90: /* ADDITEMS */
      fill (p, pickle_pop_mark (p), PICKLE_SET);
      return true;
    case 0x91: /* FROZENSET */
      pickle_collect (p, pickle_pop_mark (p), PICKLE_SET);
      return true;
    case 'l':
    case 'd':
    case 't':
      pickle_collect (p, pickle_pop_mark (p), op == 'l' ? PICKLE_LIST : op == 'd' ? PICKLE_DICT : PICKLE_TUPLE);
      return true;
    case 0x85: /* TUPLE1, TUPLE2, TUPLE3 */
    case 0x86:
    case 0x87:
      pickle_collect (p, topmost (p, (size_t) op - 0x84), PICKLE_TUPLE);
      return true;
    case 'a':
    case 's':
      fill (p, topmost (p, op == 's' ? 2 : 1), op == 's' ? PICKLE_DICT : PICKLE_LIST);
      return true;
    case 'e':
    case 'u':
      fill (p, pickle_pop_mark (p), op == 'u' ? PICKLE_DICT : PICKLE_LIST);
      return true;
    default:
      return false;
    }
}

static void
put (struct pickle *p, uint64_t i)
{
  if (i >= PICKLE_MAX_MEMO)
    weights_bad (p->f, "the pickle's memo has an entry %llu; up to %d is allowed", (unsigned long long) i,
                 PICKLE_MAX_MEMO - 1);
  struct pickle_value *v = pickle_top (p);
  p->memo_count += !p->memo[i];
  p->memo[i] = v;
  if (i >= p->memo_top)
    p->memo_top = i + 1;
}

static void
get (struct pickle *p, uint64_t i)
{
  if (i >= PICKLE_MAX_MEMO || !p->memo[i])
    pickle_bad (p, "it asks its memo for what was never put there");
  pickle_push (p, p->memo[i]);
}

static bool
op_stack (struct pickle *p, int op)
{
  switch (op)
    {
    case '(':
      if (p->mark_count == PICKLE_MAX_STACK)
        weights_bad (p->f, "the pickle has more than %d marks; no more are allowed", PICKLE_MAX_STACK);
      p->marks[p->mark_count++] = p->depth;
      return true;
    case '0':
      if (p->mark_count && p->marks[p->mark_count - 1] == p->depth)
        p->mark_count--; /* a mark is a value to POP */
      else
        pickle_pop (p);
      return true;
    case '1':
      p->depth = pickle_pop_mark (p);
      return true;
    case '2':
      pickle_push (p, pickle_top (p));
      return true;
    case 'q':
    case 'r':
      put (p, pickle_take_le (p, op == 'q' ? 1 : 4));
      return true;
    case 'p':
      put (p, pickle_take_decimal (p));
      return true;
    case 'g':
      get (p, pickle_take_decimal (p));
      return true;
    case 0x94: /* MEMOIZE */
      put (p, p->memo_count);
      return true;
    case 'h':
    case 'j':
      get (p, pickle_take_le (p, op == 'h' ? 1 : 4));
      return true;
    case 0x80: /* PROTO */
      if (pickle_take_le (p, 1) > 5)
        pickle_bad (p, "its protocol is not one of 0 to 5");
      return true;
    case 0x95: /* FRAME: a hint for buffering */
      if (pickle_take_le (p, 8) > (uint64_t) (p->end - p->at))
        pickle_bad (p, "a frame is longer than the file");
      return true;
    default:
      return false;
    }
}

struct pickle_value *
pickle_load (struct pickle *p)
{
  memset (p->memo, 0, p->memo_top * sizeof *p->memo);
  p->depth = p->mark_count = p->memo_count = p->memo_top = 0;
  for (;;)
    {
      int op = *pickle_take (p, 1);
      if (op == '.')
        break;
      if (!pickle_op_scalar (p, op) && !op_container (p, op) && !op_stack (p, op) && !pickle_op_object (p, op))
        weights_bad (p->f, "the pickle at byte %zu: opcode 0x%02x; those of protocols 0 to 5 are allowed",
                     (size_t) (p->at - p->begin) - 1, (unsigned) op);
    }
  if (p->mark_count || p->depth != 1)
    pickle_bad (p, "its stack holds more or less than one value at its end");
  return p->stack[0];
}
