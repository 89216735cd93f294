/* The restricted unpickler: its loop, the memo, containers. The opcodes are those of protocols 0 to 5.
 *
 * One function per group of opcodes; each answers whether the opcode was one of its own. Nothing recurses. */
#include "pickle_parts.h"

#include <string.h>

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
