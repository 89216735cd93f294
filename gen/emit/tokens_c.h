/* Emitted C as an array of tokens, for passes that leave some of them out. */
#ifndef RESCAST_EMIT_TOKENS_C_H
#define RESCAST_EMIT_TOKENS_C_H

#include "base/util.h"

enum token_kind
{
  TOKEN_SPACE,
  TOKEN_WORD,
  TOKEN_NUMBER,
  TOKEN_SIGN,  /* an operator or a bracket */
  TOKEN_OPAQUE /* a string, a comment, a directive */
};

struct token
{
  enum token_kind kind;
  bool dropped;
  const char *s;
  size_t n;
};

struct tokens
{
  struct token *list;
  int count, cap;
};

/* The text of an integer 0 that a pass has written. A template's own 0 may stand for a float, whose sign counts. */
extern const char token_zero[];

/* S as tokens, which point into it; the caller frees the list. */
struct tokens tokens_of (const char *s);

/* The next token from I on in steps of STEP that is not dropped and no space; -1 where there is none. The functions
 * below take -1, too. */
int token_next (const struct tokens *t, int i, int step);

/* Is token I the text S; one of the characters SIGNS? */
bool token_is (const struct tokens *t, int i, const char *s);
bool token_is_one_of (const struct tokens *t, int i, const char *signs);

/* Does an operand end with token I, so that * behind it multiplies and - subtracts? */
bool token_ends_operand (const struct tokens *t, int i);

/* The bracket that closes the one at token I, -1 where there is none. */
int token_closing (const struct tokens *t, int i);

/* Drop the tokens FIRST to LAST and the blanks before them or, BEHIND, behind them. */
void tokens_drop (struct tokens *t, int first, int last, bool behind);

/* How often the word I stands in its function, other than between FIRST and LAST. */
int token_uses (const struct tokens *t, int i, int first, int last);

#endif
