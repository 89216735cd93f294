/* The restricted unpickler's machine: opcodes of protocols 2 to 5, a stack, a memo.
 *
 * One function per group of opcodes; each answers whether the opcode was one of its own. Nothing recurses. */
#include "pickle.h"

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

static const unsigned char *
take (struct pickle *p, uint64_t bytes)
{
  if (bytes > (uint64_t) (p->end - p->at))
    pickle_bad (p, "it ends too early");
  const unsigned char *s = p->at;
  p->at += bytes;
  return s;
}

static uint64_t
take_le (struct pickle *p, int bytes)
{
  return weights_le (take (p, (uint64_t) bytes), bytes);
}

static void
push (struct pickle *p, struct pickle_value *v)
{
  if (p->depth == PICKLE_MAX_STACK)
    weights_bad (p->f, "the pickle's stack has more than %d values; no more are allowed", PICKLE_MAX_STACK);
  p->stack[p->depth++] = v;
}

/* The values above the last mark belong to whoever takes the mark. */
static struct pickle_value *
pop (struct pickle *p)
{
  if (p->depth == (p->mark_count ? p->marks[p->mark_count - 1] : 0))
    pickle_bad (p, "its stack is empty where a value is needed");
  return p->stack[--p->depth];
}

/* Height of the last mark, which is taken: the values from there on are the caller's to remove. */
static size_t
pop_mark (struct pickle *p)
{
  if (!p->mark_count)
    pickle_bad (p, "a mark is missing");
  return p->marks[--p->mark_count];
}

static struct pickle_value *
top (struct pickle *p)
{
  struct pickle_value *v = pop (p);
  p->depth++;
  return v;
}

static void
push_int (struct pickle *p, enum pickle_kind kind, int64_t i)
{
  struct pickle_value *v = pickle_make (p, kind);
  v->i = i;
  push (p, v);
}

static void
push_long (struct pickle *p, uint64_t bytes)
{
  if (bytes > INT32_MAX)
    pickle_bad (p, "an integer's length is negative");
  const unsigned char *s = take (p, bytes);
  if (bytes > 8)
    {
      struct pickle_value *v = pickle_make (p, PICKLE_LONG);
      v->text.s = (const char *) s;
      v->text.n = bytes;
      push (p, v);
      return;
    }
  uint64_t u = weights_le (s, (int) bytes);
  if (bytes > 0 && bytes < 8 && s[bytes - 1] & 0x80)
    u |= UINT64_MAX << 8 * bytes; /* two's complement, of as few bytes as possible */
  push_int (p, PICKLE_INT, (int64_t) u);
}

static void
push_double (struct pickle *p)
{
  const unsigned char *s = take (p, 8);
  uint64_t bits = 0;
  for (int i = 0; i < 8; i++)
    bits = bits << 8 | s[i];
  struct pickle_value *v = pickle_make (p, PICKLE_FLOAT);
  memcpy (&v->d, &bits, 8);
  push (p, v);
}

static void
push_text (struct pickle *p, int length_bytes)
{
  uint64_t n = take_le (p, length_bytes);
  struct pickle_value *v = pickle_make (p, PICKLE_STRING);
  v->text.s = (const char *) take (p, n);
  v->text.n = n;
  push (p, v);
}

static bool
op_scalar (struct pickle *p, int op)
{
  switch (op)
    {
    case 'N':
      push_int (p, PICKLE_NONE, 0);
      return true;
    case 0x88: /* NEWTRUE */
    case 0x89: /* NEWFALSE */
      push_int (p, PICKLE_BOOL, op == 0x88);
      return true;
    case 'J':
      push_int (p, PICKLE_INT, (int32_t) take_le (p, 4));
      return true;
    case 'K':
      push_int (p, PICKLE_INT, (int64_t) take_le (p, 1));
      return true;
    case 'M':
      push_int (p, PICKLE_INT, (int64_t) take_le (p, 2));
      return true;
    case 0x8a: /* LONG1 */
    case 0x8b: /* LONG4 */
      push_long (p, take_le (p, op == 0x8a ? 1 : 4));
      return true;
    case 'G':
      push_double (p);
      return true;
    case 'U':  /* SHORT_BINSTRING, Python 2's str */
    case 'C':  /* SHORT_BINBYTES */
    case 0x8c: /* SHORT_BINUNICODE */
      push_text (p, 1);
      return true;
    case 'T':
    case 'B':
    case 'X':
      push_text (p, 4);
      return true;
    case 0x8d: /* BINUNICODE8 */
    case 0x8e: /* BINBYTES8 */
      push_text (p, 8);
      return true;
    default:
      return false;
    }
}

/* Append what stands on the stack from FROM on to the container below it, and remove it. */
static void
fill (struct pickle *p, size_t from, enum pickle_kind kind)
{
  struct pickle_value *const *v = p->stack + from;
  size_t n = p->depth - from;
  p->depth = from;
  struct pickle_value *to = top (p);
  if (to->kind != kind)
    pickle_bad (p, "items are added to what is no list or dictionary");
  if (kind == PICKLE_DICT && n % 2)
    pickle_bad (p, "a dictionary's key lacks its value");
  pickle_append (p, to, v, n);
}

/* A new container of what stands on the stack from FROM on. */
static void
collect (struct pickle *p, size_t from, enum pickle_kind kind)
{
  struct pickle_value *v = pickle_make (p, kind);
  pickle_append (p, v, p->stack + from, p->depth - from);
  if (kind == PICKLE_DICT && v->items.n % 2)
    pickle_bad (p, "a dictionary's key lacks its value");
  p->depth = from;
  push (p, v);
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
      push (p, pickle_make (p, op == ']' ? PICKLE_LIST : op == '}' ? PICKLE_DICT : PICKLE_TUPLE));
      return true;
    case 'l':
    case 'd':
    case 't':
      collect (p, pop_mark (p), op == 'l' ? PICKLE_LIST : op == 'd' ? PICKLE_DICT : PICKLE_TUPLE);
      return true;
    case 0x85: /* TUPLE1, TUPLE2, TUPLE3 */
    case 0x86:
    case 0x87:
      collect (p, topmost (p, (size_t) op - 0x84), PICKLE_TUPLE);
      return true;
    case 'a':
    case 's':
      fill (p, topmost (p, op == 's' ? 2 : 1), op == 's' ? PICKLE_DICT : PICKLE_LIST);
      return true;
    case 'e':
    case 'u':
      fill (p, pop_mark (p), op == 'u' ? PICKLE_DICT : PICKLE_LIST);
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
  struct pickle_value *v = top (p);
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
  push (p, p->memo[i]);
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
        pop (p);
      return true;
    case '1':
      p->depth = pop_mark (p);
      return true;
    case '2':
      push (p, top (p));
      return true;
    case 'q':
    case 'r':
      put (p, take_le (p, op == 'q' ? 1 : 4));
      return true;
    case 0x94: /* MEMOIZE */
      put (p, p->memo_count);
      return true;
    case 'h':
    case 'j':
      get (p, take_le (p, op == 'h' ? 1 : 4));
      return true;
    case 0x80: /* PROTO */
      if (take_le (p, 1) - 2 > 3)
        pickle_bad (p, "its protocol is not one of 2 to 5");
      return true;
    case 0x95: /* FRAME: a hint for buffering */
      if (take_le (p, 8) > (uint64_t) (p->end - p->at))
        pickle_bad (p, "a frame is longer than the file");
      return true;
    default:
      return false;
    }
}

/* The line of a GLOBAL or INST opcode. */
static const char *
take_line (struct pickle *p, size_t *n)
{
  const unsigned char *s = p->at, *newline = memchr (s, '\n', (size_t) (p->end - s));
  if (!newline)
    pickle_bad (p, "a global's name has no end");
  p->at = newline + 1;
  *n = (size_t) (newline - s);
  return (const char *) s;
}

static void
push_global (struct pickle *p, const char *module, size_t m, const char *name, size_t n)
{
  struct pickle_value *v = pickle_make (p, PICKLE_GLOBAL);
  v->global = p->meaning->find (p, module, m, name, n);
  push (p, v);
}

static bool
op_object (struct pickle *p, int op)
{
  size_t m = 0, n = 0;
  struct pickle_value *a, *b;
  const char *module, *name;
  switch (op)
    {
    case 'c':
    case 'i': /* INST, which calls at once what it names: refused below if its global wasn't */
      module = take_line (p, &m);
      name = take_line (p, &n);
      push_global (p, module, m, name, n);
      return op == 'c';
    case 0x93: /* STACK_GLOBAL */
      b = pop (p);
      a = pop (p);
      if (a->kind != PICKLE_STRING || b->kind != PICKLE_STRING)
        pickle_bad (p, "a global's name is no string");
      push_global (p, a->text.s, a->text.n, b->text.s, b->text.n);
      return true;
    case 'R':
    case 0x81: /* NEWOBJ, for classes without arguments of their own the same */
      b = pop (p);
      a = pop (p);
      push (p, p->meaning->call (p, a, b));
      return true;
    case 'b': /* BUILD: attributes, _metadata of a state_dict among them, play no role in its tensors */
      pop (p);
      if (top (p)->kind != PICKLE_DICT)
        pickle_bad (p, "attributes are set on what is no dictionary");
      return true;
    case 'Q':
      push (p, p->meaning->persistent (p, pop (p)));
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
      int op = *take (p, 1);
      if (op == '.')
        break;
      if (!op_scalar (p, op) && !op_container (p, op) && !op_stack (p, op) && !op_object (p, op))
        weights_bad (p->f,
                     "the pickle at byte %zu: opcode 0x%02x; those of protocols 2 to 5 that tensors need are allowed",
                     (size_t) (p->at - p->begin) - 1, (unsigned) op);
    }
  if (p->mark_count || p->depth != 1)
    pickle_bad (p, "its stack holds more or less than one value at its end");
  return p->stack[0];
}
