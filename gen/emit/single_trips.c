/* Which loops run once can be told from literals, since templates write every extent as one. */
#include "single_trips.h"

#include <stdlib.h>
#include <string.h>

/* The parts of "for (int VARIABLE = FROM; VARIABLE < TO; VARIABLE++)", or += N, as tokens. */
struct head
{
  int variable, from;
  int body, end; /* the first and the last token of the statement behind it */
};

static bool
same_word (const struct tokens *t, int a, int b)
{
  return t->list[a].kind == TOKEN_WORD && t->list[a].n == t->list[b].n
         && !memcmp (t->list[a].s, t->list[b].s, t->list[b].n);
}

/* The value of token I, a decimal number; -1 for another. */
static long
value (const struct tokens *t, int i)
{
  if (i < 0 || t->list[i].kind != TOKEN_NUMBER)
    return -1;
  char *end;
  long n = strtol (t->list[i].s, &end, 10);
  return end == t->list[i].s + t->list[i].n ? n : -1;
}

static bool
is_pragma (const struct tokens *t, int i)
{
  return i >= 0 && t->list[i].kind == TOKEN_OPAQUE && !strncmp (t->list[i].s, "#pragma", strlen ("#pragma"));
}

/* The last token of the statement that begins with token I; -1 where other directives than #pragma part it. */
static int
statement_end (const struct tokens *t, int i)
{
  while (is_pragma (t, i))
    i = token_next (t, i, 1);
  if (token_is (t, i, "{"))
    return token_closing (t, i);
  if (token_is (t, i, "for") || token_is (t, i, "if") || token_is (t, i, "while"))
    {
      int end = statement_end (t, token_next (t, token_closing (t, token_next (t, i, 1)), 1));
      int more = token_is (t, i, "if") ? token_next (t, end, 1) : -1;
      return token_is (t, more, "else") ? statement_end (t, token_next (t, more, 1)) : end;
    }
  for (; i >= 0 && !token_is (t, i, ";"); i = token_next (t, i, 1))
    {
      if (t->list[i].kind == TOKEN_OPAQUE && *t->list[i].s == '#')
        return -1;
      if (token_is_one_of (t, i, "({["))
        i = token_closing (t, i);
    }
  return i;
}

/* Does token I, the variable, stand where its value is not all that counts: declared again, changed, its address? */
static bool
is_changed (const struct tokens *t, int i)
{
  static const char *const before[] = { "++", "--", "&", "int" };
  static const char *const behind[] = { "++", "--", "=", "+=", "-=", "*=", "/=", "%=", "^=", "|=", "&=", "<<=", ">>=" };
  int last = token_next (t, i, -1), next = token_next (t, i, 1);
  for (size_t k = 0; k < sizeof before / sizeof *before; k++)
    if (token_is (t, last, before[k]))
      return true;
  for (size_t k = 0; k < sizeof behind / sizeof *behind; k++)
    if (token_is (t, next, behind[k]))
      return true;
  return false;
}

/* Is the word at I a member, which has a name of its own? */
static bool
is_member (const struct tokens *t, int i)
{
  int last = token_next (t, i, -1);
  return token_is (t, last, ".") || token_is (t, last, "->");
}

/* Can the loop's body stand alone? */
static bool
stands_alone (const struct tokens *t, const struct head *h)
{
  int inner = -1; /* the last token of a loop in the body, which break and continue there leave */
  for (int i = h->body; i >= 0 && i <= h->end; i = token_next (t, i, 1))
    {
      if (i > inner && (token_is (t, i, "for") || token_is (t, i, "while")))
        inner = statement_end (t, i);
      if (i > inner && (token_is (t, i, "break") || token_is (t, i, "continue")))
        return false;
      if (same_word (t, i, h->variable) && !is_member (t, i) && is_changed (t, i))
        return false;
    }
  return true;
}

/* Read the head at token I. */
static bool
read_head (const struct tokens *t, int i, struct head *h)
{
  static const char *const shape[] = { "for", "(", "int", NULL, "=", NULL, ";", NULL, "<", NULL, ";", NULL };
  enum
  {
    VARIABLE = 3,
    FROM = 5,
    AGAIN = 7,
    TO = 9,
    STEPS = 11,
    PARTS
  };
  int at[PARTS];
  for (int k = 0; k < PARTS; k++, i = token_next (t, i, 1))
    {
      at[k] = i;
      if (i < 0 || (shape[k] && !token_is (t, i, shape[k])))
        return false;
    }
  h->variable = at[VARIABLE];
  h->from = at[FROM];
  if (!same_word (t, at[AGAIN], h->variable) || !same_word (t, at[STEPS], h->variable))
    return false;
  bool one = token_is (t, i, "++");
  long step = one ? 1 : token_is (t, i, "+=") ? value (t, i = token_next (t, i, 1)) : -1;
  long from = value (t, at[FROM]), to = value (t, at[TO]);
  int close = token_next (t, i, 1);
  h->body = token_next (t, close, 1);
  h->end = h->body < 0 ? -1 : statement_end (t, h->body);
  return token_is (t, close, ")") && step > 0 && from >= 0 && from < to && from + step >= to && h->end > 0;
}

/* Is token I the first of a declaration in a function? */
static bool
begins_declaration (const struct tokens *t, int i)
{
  static const char *const types[]
      = { "const", "int", "unsigned", "float", "double", "bool", "float4", "uint4", "ushort4", "size_t", "vec" };
  for (size_t k = 0; k < sizeof types / sizeof *types; k++)
    if (token_is (t, i, types[k]))
      return true;
  return false;
}

/* Do the names that the statement FIRST to END declares stand in the function outside the block OPEN to CLOSE? */
static bool
meets_others (const struct tokens *t, int first, int end, int open, int close)
{
  bool name = true; /* until an initial value begins */
  for (int i = first; i < end; i = token_next (t, i, 1))
    {
      int behind = token_next (t, i, 1);
      if (name && t->list[i].kind == TOKEN_WORD && !begins_declaration (t, i) && token_is_one_of (t, behind, "=[,;")
          && token_uses (t, i, open, close))
        return true;
      if (token_is (t, i, "=") || token_is (t, i, ","))
        name = token_is (t, i, ",");
      if (token_is_one_of (t, i, "({["))
        i = token_closing (t, i);
    }
  return false;
}

/* Drop the braces of the block OPEN to CLOSE where it stands in another block and declares nothing that is known
 * there. */
static void
drop_braces (struct tokens *t, int open, int close)
{
  if (!token_is_one_of (t, token_next (t, open, -1), "{};"))
    return;
  for (int i = token_next (t, open, 1), end; i >= 0 && i < close; i = token_next (t, end, 1))
    {
      end = statement_end (t, i);
      if (end < 0 || end >= close
          || (!begins_declaration (t, i) && t->list[i].kind == TOKEN_WORD
              && t->list[token_next (t, i, 1)].kind == TOKEN_WORD)
          || (begins_declaration (t, i) && meets_others (t, i, end, open, close)))
        return;
    }
  tokens_drop (t, open, open, false);
  tokens_drop (t, close, close, false);
}

bool
single_trip (struct tokens *t, int i)
{
  struct head h;
  if (!token_is (t, i, "for") || !read_head (t, i, &h) || !stands_alone (t, &h))
    return false;
  struct token from = t->list[h.from];
  if (value (t, h.from) == 0)
    from.s = token_zero;
  for (int k = h.body; k >= 0 && k <= h.end; k = token_next (t, k, 1))
    if (same_word (t, k, h.variable) && !is_member (t, k))
      t->list[k] = from;
  int before = token_next (t, i, -1);
  tokens_drop (t, is_pragma (t, before) ? before : i, h.body - 1, true);
  if (token_is (t, h.body, "{"))
    drop_braces (t, h.body, h.end);
  return true;
}
