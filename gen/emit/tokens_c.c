/* Knows as much C as the templates write. */
#include "tokens_c.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

const char token_zero[] = "0";

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
  static const char *const longer[] = { "<<=", ">>=", "...", "++", "--", "+=", "-=", "*=", "/=", "%=", "<<",
                                        ">>",  "==",  "<=",  ">=", "!=", "&&", "||", "->", "|=", "&=", "^=" };
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
  enum token_kind kind = TOKEN_SIGN;
  if (isspace ((unsigned char) *p))
    {
      kind = TOKEN_SPACE;
      while (isspace ((unsigned char) *end))
        end++;
    }
  else if (*p == '"' || *p == '\'' || (*p == '#' && line_start) || !strncmp (p, "/*", 2))
    {
      const char *comment = *p == '/' ? strstr (p + 2, "*/") : NULL;
      kind = TOKEN_OPAQUE;
      end = *p == '#' ? directive_end (p) : *p != '/' ? string_end (p) : comment ? comment + 2 : p + strlen (p);
    }
  else if (isdigit ((unsigned char) *p) || (*p == '.' && isdigit ((unsigned char) p[1])))
    {
      kind = TOKEN_NUMBER;
      end = number_end (p);
    }
  else if (word_char (*p))
    {
      kind = TOKEN_WORD;
      while (word_char (*end))
        end++;
    }
  else
    end = p + sign_length (p);
  return (struct token){ kind, false, p, (size_t) (end - p) };
}

struct tokens
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
      line_start = k.kind == TOKEN_SPACE ? line_start || memchr (k.s, '\n', k.n) : false;
      t.list[t.count++] = k;
      s += k.n;
    }
  return t;
}

/* ---- to read and to drop them ---- */

int
token_next (const struct tokens *t, int i, int step)
{
  for (i += step; i >= 0 && i < t->count; i += step)
    if (!t->list[i].dropped && t->list[i].kind != TOKEN_SPACE)
      return i;
  return -1;
}

bool
token_is (const struct tokens *t, int i, const char *s)
{
  return i >= 0 && t->list[i].kind != TOKEN_OPAQUE && t->list[i].n == strlen (s)
         && !memcmp (t->list[i].s, s, t->list[i].n);
}

bool
token_is_one_of (const struct tokens *t, int i, const char *signs)
{
  return i >= 0 && t->list[i].kind == TOKEN_SIGN && t->list[i].n == 1 && strchr (signs, *t->list[i].s);
}

bool
token_ends_operand (const struct tokens *t, int i)
{
  return i >= 0
         && (t->list[i].kind == TOKEN_NUMBER || (t->list[i].kind == TOKEN_WORD && !token_is (t, i, "return"))
             || token_is_one_of (t, i, ")]"));
}

int
token_closing (const struct tokens *t, int i)
{
  int depth = 0;
  for (; i >= 0; i = token_next (t, i, 1))
    {
      depth += token_is_one_of (t, i, "({[") - token_is_one_of (t, i, ")}]");
      if (!depth)
        break;
    }
  return i;
}

void
tokens_drop (struct tokens *t, int first, int last, bool behind)
{
  if (behind)
    while (last + 1 < t->count && (t->list[last + 1].kind == TOKEN_SPACE || t->list[last + 1].dropped))
      last++;
  else
    while (first > 0 && (t->list[first - 1].kind == TOKEN_SPACE || t->list[first - 1].dropped))
      first--;
  for (int i = first; i <= last; i++)
    t->list[i].dropped = true;
}

int
token_uses (const struct tokens *t, int i, int first, int last)
{
  int from = i, to = i, count = 0;
  while (from > 0 && !(token_is (t, from, "}") && t->list[from].s[-1] == '\n'))
    from--;
  while (to + 1 < t->count && !(token_is (t, to, "}") && t->list[to].s[-1] == '\n'))
    to++;
  for (int k = from; k <= to; k++)
    count += (k < first || k > last) && !t->list[k].dropped && t->list[k].kind == TOKEN_WORD
             && t->list[k].n == t->list[i].n && !memcmp (t->list[k].s, t->list[i].s, t->list[i].n);
  return count;
}
