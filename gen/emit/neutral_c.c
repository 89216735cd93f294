/* Tokens in an array, dropped one after another until no rule applies. Knows as much C as the templates write. */
#include "neutral_c.h"

#include <stdlib.h>
#include <string.h>

#include "single_trips.h"
#include "tokens_c.h"
#include "zero_names.h"

/* May an expression begin behind token I that is no part of a product? */
static bool
before_term (const struct tokens *t, int i)
{
  return i >= 0
         && (token_is (t, i, "return")
             || (t->list[i].kind == TOKEN_SIGN && !token_is_one_of (t, i, ")]*/%.&~!") && !token_is (t, i, "->")
                 && !token_is (t, i, "++") && !token_is (t, i, "--")));
}

/* (x), where a term or factor was dropped inside, without its brackets, unless they are a call's, a cast's or of an
 * operand of asm. */
static void
unwrap (struct tokens *t, int operand)
{
  int open = token_next (t, operand, -1), close = token_next (t, operand, 1),
      before = open < 0 ? -1 : token_next (t, open, -1);
  int behind = close < 0 ? -1 : token_next (t, close, 1);
  if (!token_is (t, open, "(") || !token_is (t, close, ")") || before < 0 || behind < 0)
    return;
  bool product = token_is (t, behind, "*") && token_next (t, behind, 1) >= 0
                 && t->list[token_next (t, behind, 1)].kind == TOKEN_NUMBER;
  if (token_ends_operand (t, before) || t->list[before].kind == TOKEN_OPAQUE || t->list[behind].kind == TOKEN_WORD
      || t->list[behind].kind == TOKEN_NUMBER
      || (token_is_one_of (t, behind, "(*&-+") && !product))
    return;
  tokens_drop (t, open, open, true);
  tokens_drop (t, close, close, false);
}

/* Is the word at I a type, so that brackets around it are a cast's? */
static bool
is_type (const struct tokens *t, int i)
{
  static const char *const types[]
      = { "const", "unsigned", "int", "short", "float", "double", "size_t", "bool", "char" };
  for (size_t k = 0; k < sizeof types / sizeof *types; k++)
    if (token_is (t, i, types[k]))
      return true;
  return false;
}

/* Is token I the closing bracket of a cast? */
static bool
ends_cast (const struct tokens *t, int i)
{
  if (!token_is (t, i, ")"))
    return false;
  int open = i;
  while (open >= 0 && !token_is (t, open, "("))
    open = token_next (t, open, -1);
  return open >= 0 && is_type (t, token_next (t, open, 1)) && !token_ends_operand (t, token_next (t, open, -1));
}

/* (x) and (7), which templates write around what may be a sum, unless a call, a cast or an operand of asm has these
 * brackets: I is what stands between them. */
static bool
drop_brackets (struct tokens *t, int i)
{
  int open = token_next (t, i, -1), close = token_next (t, i, 1), before = open < 0 ? -1 : token_next (t, open, -1);
  if (!token_is (t, open, "(") || !token_is (t, close, ")") || before < 0 || is_type (t, i)
      || (t->list[i].kind != TOKEN_WORD && t->list[i].kind != TOKEN_NUMBER))
    return false;
  if (t->list[before].kind == TOKEN_OPAQUE || token_is_one_of (t, before, ">")
      || (token_ends_operand (t, before) && !ends_cast (t, before)))
    return false;
  tokens_drop (t, open, open, true);
  tokens_drop (t, close, close, false);
  return true;
}

/* a * 1, a / 1; a + 0, a - 0: I is the sign. */
static bool
drop_behind (struct tokens *t, int i)
{
  int before = token_next (t, i, -1), number = token_next (t, i, 1),
      behind = number < 0 ? -1 : token_next (t, number, 1);
  bool product = token_is_one_of (t, i, "*/") && token_is (t, number, "1");
  bool sum = token_is_one_of (t, i, "+-") && token_is (t, number, "0") && !token_is_one_of (t, behind, "*/%");
  if (!token_ends_operand (t, before) || !(product || sum))
    return false;
  tokens_drop (t, i, number, false);
  unwrap (t, before);
  return true;
}

/* 1 * a, also behind a cast; 0 + a; 0 - a, of which -a stays, with an integer; 0 || a, where the 0 was a name: I is the
 * number. */
static bool
drop_in_front (struct tokens *t, int i)
{
  int before = token_next (t, i, -1), sign = token_next (t, i, 1);
  bool product
      = token_is (t, i, "1") && token_is (t, sign, "*") && (before_term (t, before) || token_is (t, before, ")"));
  bool sum = token_is (t, i, "0") && token_is (t, sign, "+") && before_term (t, before)
             && !token_is_one_of (t, before, "-+");
  bool difference = t->list[i].s == token_zero && token_is (t, sign, "-") && !token_is (t, token_next (t, sign, 1), "0")
                    && before_term (t, before) && !token_is_one_of (t, before, "-+");
  bool either = t->list[i].s == token_zero && token_is (t, sign, "||") && before_term (t, before);
  if (difference)
    tokens_drop (t, sign + 1, sign, true); /* the blanks behind */
  if (product || sum || difference || either)
    tokens_drop (t, i, difference ? i : sign, true);
  return product || sum || difference || either;
}

/* ---- remainders ---- */

/* Is the word at I a structure, or a member of one? */
static bool
in_structure (const struct tokens *t, int i)
{
  return token_is (t, token_next (t, i, -1), ".") || token_is (t, token_next (t, i, 1), ".");
}

/* Is token I the closing bracket of a cast to size_t, which is one of an integer? */
static bool
ends_size_cast (const struct tokens *t, int i)
{
  return ends_cast (t, i) && token_is (t, token_next (t, i, -1), "size_t");
}

/* The other end of the simple operand that ends, or begins, with token I: a name, also a member's, a number, or
 * brackets that are no call's and no cast's. -1 for another. */
static int
operand_end (const struct tokens *t, int i, int step)
{
  const char *near = step < 0 ? ")" : "(", *far = step < 0 ? "(" : ")";
  int depth = 0, k = i;
  if (i >= 0 && token_is (t, i, near))
    for (; k >= 0; k = token_next (t, k, step))
      {
        depth += token_is (t, k, near) - token_is (t, k, far);
        if (!depth)
          break;
      }
  else if (i < 0 || (t->list[i].kind != TOKEN_WORD && t->list[i].kind != TOKEN_NUMBER))
    return -1;
  else if (token_is (t, token_next (t, i, step), "."))
    k = token_next (t, token_next (t, i, step), step);
  int beyond = k < 0 ? -1 : token_next (t, k, step);
  if (beyond < 0 || token_is (t, beyond, "->"))
    return -1;
  if (step < 0 ? (token_ends_operand (t, beyond) && !ends_size_cast (t, beyond)) || token_is_one_of (t, beyond, ".&~!")
               : t->list[beyond].kind != TOKEN_SIGN || token_is_one_of (t, beyond, "([."))
    return -1;
  return k;
}

/* The end of the product that goes on from the operand at I in direction STEP; -1 where it is not simple. */
static int
product_end (const struct tokens *t, int i, int step)
{
  int end = operand_end (t, i, step);
  while (end >= 0 && token_is_one_of (t, token_next (t, end, step), "*/%"))
    end = operand_end (t, token_next (t, token_next (t, end, step), step), step);
  return end;
}

/* Replace the product that has the operand that ends with token I and ZERO, one of its factors, by that 0. Only where
 * every name in it stands elsewhere too, so that no variable becomes unused. */
static bool
drop_product (struct tokens *t, int i, int zero)
{
  int first = product_end (t, i, -1), last = product_end (t, zero, 1);
  int cast = first < 0 ? -1 : token_next (t, first, -1);
  if (ends_size_cast (t, cast))
    first = token_next (t, token_next (t, cast, -1), -1);
  if (first < 0 || last < 0 || !before_term (t, token_next (t, first, -1)))
    return false;
  for (int k = first; k <= last; k++)
    if (!t->list[k].dropped && t->list[k].kind == TOKEN_WORD && !is_type (t, k) && !in_structure (t, k)
        && token_uses (t, k, first, last) < 2)
      return false;
  for (int k = first; k <= last; k++)
    t->list[k].dropped = k != zero;
  t->list[zero] = (struct token){ TOKEN_NUMBER, false, token_zero, 1 };
  return true;
}

/* a / 5 % 1 * 7: I is the percent sign. The 1 becomes the whole product's 0. */
static bool
drop_remainder (struct tokens *t, int i)
{
  int one = token_next (t, i, 1);
  if (!token_is_one_of (t, i, "%") || !token_is (t, one, "1"))
    return false;
  return drop_product (t, token_next (t, i, -1), one);
}

/* 0 * a, a * 0, 0 / a, 0 % a: token I is an integer 0, which becomes the whole product, as for a remainder of 1. */
static bool
drop_zero_product (struct tokens *t, int i)
{
  int before = token_next (t, i, -1);
  if (t->list[i].s != token_zero || token_is_one_of (t, before, "/%")
      || !(token_is_one_of (t, before, "*") || token_is_one_of (t, token_next (t, i, 1), "*/%")))
    return false;
  return drop_product (t, i, i);
}

void
neutral_c (const struct text *in, struct text *out)
{
  struct tokens t = tokens_of (in->s ? in->s : "");
  for (bool changed = true; changed;)
    {
      changed = false;
      for (int i = 0; i < t.count; i++)
        if (!t.list[i].dropped && t.list[i].kind != TOKEN_SPACE && t.list[i].kind != TOKEN_OPAQUE)
          changed |= drop_behind (&t, i) || drop_in_front (&t, i) || drop_remainder (&t, i) || drop_zero_product (&t, i)
                     || drop_brackets (&t, i) || single_trip (&t, i);
      /* Only what is as simple as it gets shows whether a 0 will vanish. */
      for (int i = 0; i < t.count && !changed; i++)
        changed = !t.list[i].dropped && t.list[i].kind == TOKEN_WORD && zero_name (&t, i);
    }
  for (int i = 0; i < t.count; i++)
    if (!t.list[i].dropped)
      text_addn (out, t.list[i].s, t.list[i].n);
  free (t.list);
}
