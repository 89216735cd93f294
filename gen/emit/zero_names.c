#include "zero_names.h"

#include <string.h>

static bool
same_word (const struct tokens *t, int a, int b)
{
  return t->list[a].kind == TOKEN_WORD && t->list[a].n == t->list[b].n
         && !memcmp (t->list[a].s, t->list[b].s, t->list[b].n);
}

/* Is token I the variable NAME, and not a member that is called so? */
static bool
is_use (const struct tokens *t, int i, int name)
{
  int before = token_next (t, i, -1);
  return same_word (t, i, name) && !token_is (t, before, ".") && !token_is (t, before, "->");
}

/* The last token of the block that token I stands in, its brace. */
static int
block_end (const struct tokens *t, int i)
{
  for (; i >= 0 && !token_is (t, i, "}"); i = token_next (t, i, 1))
    if (token_is (t, i, "{"))
      i = token_closing (t, i);
  return i;
}

/* Will the 0 at token I be left out of a product or sum, or make the whole product 0? */
static bool
vanishes (const struct tokens *t, int i)
{
  int before = token_next (t, i, -1), behind = token_next (t, i, 1);
  bool factor = token_is_one_of (t, before, "*") || token_is_one_of (t, behind, "*/%");
  bool term = token_is_one_of (t, before, "+")
              || (token_is_one_of (t, behind, "+") && !token_is_one_of (t, before, "-"));
  return factor || (term && !token_is_one_of (t, before, "/%"));
}

/* Can each use of NAME from token I to END be written as 0? */
static bool
all_vanish (const struct tokens *t, int name, int i, int end)
{
  for (; i >= 0 && i < end; i = token_next (t, i, 1))
    if (is_use (t, i, name) && !vanishes (t, i))
      return false;
  return true;
}

/* Does a declaration in front of token I stand between #if and #endif? Where the condition is not true, the name may
 * have another value. */
static bool
is_conditional (const struct tokens *t, int i, int end)
{
  for (; i >= 0 && i < end; i = token_next (t, i, 1))
    if (t->list[i].kind == TOKEN_OPAQUE && *t->list[i].s == '#' && t->list[i].n > 3)
      {
        const char *word = t->list[i].s + 1 + strspn (t->list[i].s + 1, " ");
        if (!strncmp (word, "if", 2))
          return false;
        if (!strncmp (word, "el", 2) || !strncmp (word, "endif", 5))
          return true;
      }
  return false;
}

/* Drop the declarator "NAME = 0", whose last token is END. Where it is the only one, drop the declaration, from FIRST.
 */
static void
drop_declarator (struct tokens *t, int first, int name, int end)
{
  int before = token_next (t, name, -1), behind = token_next (t, end, 1);
  if (token_is (t, before, ","))
    tokens_drop (t, before, end, false);
  else if (token_is (t, behind, ","))
    tokens_drop (t, name, behind, true);
  else
    tokens_drop (t, first, behind, false);
}

bool
zero_name (struct tokens *t, int i)
{
  if (!token_is (t, i, "const") || !token_is (t, token_next (t, i, 1), "int"))
    return false;
  int end = block_end (t, i);
  for (int name = token_next (t, token_next (t, i, 1), 1); name >= 0 && name < end;)
    {
      int sign = token_next (t, name, 1), value = token_next (t, sign, 1), behind = token_next (t, value, 1);
      if (t->list[name].kind != TOKEN_WORD || !token_is (t, sign, "="))
        return false;
      if (token_is (t, value, "0") && token_is_one_of (t, behind, ",;") && !is_conditional (t, behind, end)
          && all_vanish (t, name, behind, end))
        {
          for (int k = behind; k < end; k = token_next (t, k, 1))
            if (is_use (t, k, name))
              t->list[k] = (struct token){ TOKEN_NUMBER, false, token_zero, 1 };
          drop_declarator (t, i, name, value);
          return true;
        }
      while (value >= 0 && value < end && !token_is_one_of (t, value, ",;"))
        value = token_next (t, token_is_one_of (t, value, "({[") ? token_closing (t, value) : value, 1);
      name = token_is (t, value, ",") ? token_next (t, value, 1) : -1;
    }
  return false;
}
