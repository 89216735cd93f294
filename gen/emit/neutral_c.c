/* Tokens in an array, dropped one after another until no rule applies. Knows as much C as the templates write. */
#include "neutral_c.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum kind
{
  SPACE,
  WORD,
  NUMBER,
  SIGN,  /* an operator or a bracket */
  OPAQUE /* a string, a comment, a directive */
};

struct token
{
  enum kind kind;
  bool dropped;
  const char *s;
  size_t n;
};

struct tokens
{
  struct token *list;
  int count, cap;
};

/* What drop_remainder writes: an integer, where a template's own 0 may stand for +0. */
static const char zero[] = "0";

/* ---- into tokens ---- */

static bool
word_char (char c)
{
  return isalnum ((unsigned char) c) || c == '_';
}

/* Where the string or character that begins at P ends. */
static const char *
string_end (const char *p)
{
  char quote = *p++;
  while (*p && *p != quote)
    p += *p == '\\' && p[1] ? 2 : 1;
  return *p ? p + 1 : p;
}

/* A directive ends with its line, unless that goes on. */
static const char *
directive_end (const char *p)
{
  while (*p && (*p != '\n' || p[-1] == '\\'))
    p++;
  return p;
}

static const char *
number_end (const char *p)
{
  while (word_char (*p) || *p == '.' || ((*p == '+' || *p == '-') && strchr ("eEpP", p[-1])))
    p++;
  return p;
}

static size_t
sign_length (const char *p)
{
  static const char *const longer[] = { "<<=", ">>=", "...", "++", "--", "+=", "-=", "*=", "/=", "%=", "<<", ">>", "==", "<=", ">=",
                                        "!=", "&&", "||", "->", "|=", "&=", "^=" };
  for (size_t i = 0; i < sizeof longer / sizeof *longer; i++)
    if (!strncmp (p, longer[i], strlen (longer[i])))
      return strlen (longer[i]);
  return 1;
}

/* The token at P; LINE_START: only blanks stand before it in its line. */
static struct token
token_at (const char *p, bool line_start)
{
  const char *end = p + 1;
  enum kind kind = SIGN;
  if (isspace ((unsigned char) *p))
    {
      kind = SPACE;
      while (isspace ((unsigned char) *end))
        end++;
    }
  else if (*p == '"' || *p == '\'' || (*p == '#' && line_start) || !strncmp (p, "/*", 2))
    {
      const char *comment = *p == '/' ? strstr (p + 2, "*/") : NULL;
      kind = OPAQUE;
      end = *p == '#' ? directive_end (p) : *p != '/' ? string_end (p) : comment ? comment + 2 : p + strlen (p);
    }
  else if (isdigit ((unsigned char) *p) || (*p == '.' && isdigit ((unsigned char) p[1])))
    {
      kind = NUMBER;
      end = number_end (p);
    }
  else if (word_char (*p))
    {
      kind = WORD;
      while (word_char (*end))
        end++;
    }
  else
    end = p + sign_length (p);
  return (struct token){ kind, false, p, (size_t) (end - p) };
}

static struct tokens
tokens_of (const char *s)
{
  struct tokens t = { 0 };
  bool line_start = true;
  while (*s)
    {
      if (t.count == t.cap)
        {
          t.cap = t.cap ? 2 * t.cap : 4096;
          struct token *more = realloc (t.list, (size_t) t.cap * sizeof *more);
          if (!more)
            fatal ("out of memory");
          t.list = more;
        }
      struct token k = token_at (s, line_start);
      line_start = k.kind == SPACE ? line_start || memchr (k.s, '\n', k.n) : false;
      t.list[t.count++] = k;
      s += k.n;
    }
  return t;
}

/* ---- rules ---- */

/* The next token that counts from I on in steps of STEP; -1 where there is none. */
static int
next (const struct tokens *t, int i, int step)
{
  for (i += step; i >= 0 && i < t->count; i += step)
    if (!t->list[i].dropped && t->list[i].kind != SPACE)
      return i;
  return -1;
}

static bool
is (const struct tokens *t, int i, const char *s)
{
  return i >= 0 && t->list[i].kind != OPAQUE && t->list[i].n == strlen (s) && !memcmp (t->list[i].s, s, t->list[i].n);
}

static bool
is_one_of (const struct tokens *t, int i, const char *signs)
{
  return i >= 0 && t->list[i].kind == SIGN && t->list[i].n == 1 && strchr (signs, *t->list[i].s);
}

/* Does an operand end with token I, so that * behind it multiplies and - subtracts? */
static bool
ends_operand (const struct tokens *t, int i)
{
  return i >= 0 && (t->list[i].kind == NUMBER || (t->list[i].kind == WORD && !is (t, i, "return")) || is_one_of (t, i, ")]"));
}

/* May an expression begin behind token I that is no part of a product? */
static bool
before_term (const struct tokens *t, int i)
{
  return i >= 0 && (is (t, i, "return") || (t->list[i].kind == SIGN && !is_one_of (t, i, ")]*/%.&~!") && !is (t, i, "->")
                                            && !is (t, i, "++") && !is (t, i, "--")));
}

/* Drop the tokens FIRST to LAST and the blanks before them or, BEHIND, behind them. */
static void
drop (struct tokens *t, int first, int last, bool behind)
{
  if (behind)
    while (last + 1 < t->count && (t->list[last + 1].kind == SPACE || t->list[last + 1].dropped))
      last++;
  else
    while (first > 0 && (t->list[first - 1].kind == SPACE || t->list[first - 1].dropped))
      first--;
  for (int i = first; i <= last; i++)
    t->list[i].dropped = true;
}

/* (x), where a term or factor was dropped inside, without its brackets, unless they are a call's or a cast's. */
static void
unwrap (struct tokens *t, int operand)
{
  int open = next (t, operand, -1), close = next (t, operand, 1), before = open < 0 ? -1 : next (t, open, -1);
  int behind = close < 0 ? -1 : next (t, close, 1);
  if (!is (t, open, "(") || !is (t, close, ")") || before < 0 || behind < 0)
    return;
  bool product = is (t, behind, "*") && next (t, behind, 1) >= 0 && t->list[next (t, behind, 1)].kind == NUMBER;
  if (ends_operand (t, before) || t->list[behind].kind == WORD || t->list[behind].kind == NUMBER
      || (is_one_of (t, behind, "(*&-+") && !product))
    return;
  drop (t, open, open, true);
  drop (t, close, close, false);
}

/* a * 1, a / 1; a + 0, a - 0: I is the sign. */
static bool
drop_behind (struct tokens *t, int i)
{
  int before = next (t, i, -1), number = next (t, i, 1), behind = number < 0 ? -1 : next (t, number, 1);
  bool product = is_one_of (t, i, "*/") && is (t, number, "1");
  bool sum = is_one_of (t, i, "+-") && is (t, number, "0") && !is_one_of (t, behind, "*/%");
  if (!ends_operand (t, before) || !(product || sum))
    return false;
  drop (t, i, number, false);
  unwrap (t, before);
  return true;
}

/* 1 * a, also behind a cast; 0 + a; 0 - a, of which -a stays, with an integer: I is the number. */
static bool
drop_in_front (struct tokens *t, int i)
{
  int before = next (t, i, -1), sign = next (t, i, 1);
  bool product = is (t, i, "1") && is (t, sign, "*") && (before_term (t, before) || is (t, before, ")"));
  bool sum = is (t, i, "0") && is (t, sign, "+") && before_term (t, before) && !is_one_of (t, before, "-+");
  bool difference = t->list[i].s == zero && is (t, sign, "-") && !is (t, next (t, sign, 1), "0") && before_term (t, before)
                    && !is_one_of (t, before, "-+");
  if (difference)
    drop (t, sign + 1, sign, true); /* the blanks behind */
  if (product || sum || difference)
    drop (t, i, difference ? i : sign, true);
  return product || sum || difference;
}

/* ---- remainders ---- */

/* How often the word I stands in its function, other than between FIRST and LAST. */
static int
uses (const struct tokens *t, int i, int first, int last)
{
  int from = i, to = i, count = 0;
  while (from > 0 && !(is (t, from, "}") && t->list[from].s[-1] == '\n'))
    from--;
  while (to + 1 < t->count && !(is (t, to, "}") && t->list[to].s[-1] == '\n'))
    to++;
  for (int k = from; k <= to; k++)
    count += (k < first || k > last) && !t->list[k].dropped && t->list[k].kind == WORD && t->list[k].n == t->list[i].n
             && !memcmp (t->list[k].s, t->list[i].s, t->list[i].n);
  return count;
}

/* Is the word at I a structure, or a member of one? */
static bool
in_structure (const struct tokens *t, int i)
{
  return is (t, next (t, i, -1), ".") || is (t, next (t, i, 1), ".");
}

/* The other end of the simple operand that ends, or begins, with token I: a name, also a member's, a number, or
 * brackets that are no call's and no cast's. -1 for another. */
static int
operand_end (const struct tokens *t, int i, int step)
{
  const char *near = step < 0 ? ")" : "(", *far = step < 0 ? "(" : ")";
  int depth = 0, k = i;
  if (i >= 0 && is (t, i, near))
    for (; k >= 0; k = next (t, k, step))
      {
        depth += is (t, k, near) - is (t, k, far);
        if (!depth)
          break;
      }
  else if (i < 0 || (t->list[i].kind != WORD && t->list[i].kind != NUMBER))
    return -1;
  else if (is (t, next (t, i, step), "."))
    k = next (t, next (t, i, step), step);
  int beyond = k < 0 ? -1 : next (t, k, step);
  if (beyond < 0 || is (t, beyond, "->"))
    return -1;
  if (step < 0 ? ends_operand (t, beyond) || is_one_of (t, beyond, ".&~!")
               : t->list[beyond].kind != SIGN || is_one_of (t, beyond, "([."))
    return -1;
  return k;
}

/* The end of the product that goes on from the operand at I in direction STEP; -1 where it is not simple. */
static int
product_end (const struct tokens *t, int i, int step)
{
  int end = operand_end (t, i, step);
  while (end >= 0 && is_one_of (t, next (t, end, step), "*/%"))
    end = operand_end (t, next (t, next (t, end, step), step), step);
  return end;
}

/* a / 5 % 1 * 7: I is the percent sign. The 1 becomes the whole product's 0 where every name in it stands elsewhere
 * too, so that no variable becomes unused. */
static bool
drop_remainder (struct tokens *t, int i)
{
  int one = next (t, i, 1);
  if (!is_one_of (t, i, "%") || !is (t, one, "1"))
    return false;
  int first = product_end (t, next (t, i, -1), -1), last = product_end (t, one, 1);
  if (first < 0 || last < 0 || !before_term (t, next (t, first, -1)))
    return false;
  for (int k = first; k <= last; k++)
    if (!t->list[k].dropped && t->list[k].kind == WORD && !in_structure (t, k) && uses (t, k, first, last) < 2)
      return false;
  for (int k = first; k <= last; k++)
    t->list[k].dropped = k != one;
  t->list[one].s = zero;
  return true;
}

void
neutral_c (const struct text *in, struct text *out)
{
  struct tokens t = tokens_of (in->s ? in->s : "");
  for (bool changed = true; changed;)
    {
      changed = false;
      for (int i = 0; i < t.count; i++)
        if (!t.list[i].dropped && (t.list[i].kind == SIGN || t.list[i].kind == NUMBER))
          changed |= drop_behind (&t, i) || drop_in_front (&t, i) || drop_remainder (&t, i);
    }
  for (int i = 0; i < t.count; i++)
    if (!t.list[i].dropped)
      text_addn (out, t.list[i].s, t.list[i].n);
  free (t.list);
}
