/* The notation of He et al., Table 1: a hand-written scanner and a parser by descent. */
#include "table_notation.h"

#include "keys.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum token
{
  END,
  NUMBER,
  TIMES,
  COMMA, /* , ; and LaTeX's line ends: what separates */
  OPEN,
  CLOSE,
  SLASH,
  EQUALS,
  WORD,
  OTHER
};

/* One token of lookahead; a copy of the struct is a place to come back to. */
struct scanner
{
  const struct yaml *y;
  size_t next, at; /* bytes: behind the token, and of the token */
  enum token token;
  char word[16]; /* lower case, cut off */
  int extents;   /* that a kernel has: 2 or 3 */
};

static _Noreturn void
wrong (const struct scanner *s, const char *allowed)
{
  struct loc loc = yaml_loc_in (s->y, s->at);
  if (s->token == END)
    fatal_at (loc, "stages: the text ends too early; allowed here: %s", allowed);
  fatal_at (loc, "stages: %s; allowed here: %s", yaml_quote (s->y->value + s->at), allowed);
}

static bool
is_one_of (const char *word, const char *words)
{
  return strstr (words, mem_printf (" %s ", word));
}

/* The token that a LaTeX macro stands for; END for one to be skipped. s->next is at the backslash. */
static enum token
macro (struct scanner *s)
{
  const char *p = s->y->value + s->next + 1;
  if (*p == '\\')
    {
      /* A line's end, perhaps with an extra distance such as [-.1em]. */
      size_t n = p[1] == '[' ? strspn (p + 2, "-.0123456789") : 0;
      s->next += n && (!strncmp (p + 2 + n, "em]", 3) || !strncmp (p + 2 + n, "pt]", 3)) ? n + 6 : 2;
      return COMMA;
    }
  size_t n = 0;
  while (isalpha ((unsigned char) p[n]))
    n++;
  s->next += 1 + (n ? n : *p != 0);
  const char *name = mem_strndup (p, n < 16 ? n : 16);
  if (is_one_of (name, " begin end "))
    {
      /* {bmatrix}, and the {c} of \begin{array}{c} */
      for (const char *end; s->y->value[s->next] == '{' && (end = strchr (s->y->value + s->next, '}'));)
        s->next = (size_t) (end - s->y->value) + 1;
      return *name == 'b' ? OPEN : CLOSE;
    }
  if (is_one_of (name, " times ast "))
    return TIMES;
  if (is_one_of (name, " atop cr "))
    return COMMA;
  return !n || is_one_of (name, " left right text mathrm big bigl bigr ") ? END : OTHER; /* \, too is a space */
}

static void
scan_word (struct scanner *s)
{
  size_t n = 0;
  const char *p = s->y->value + s->at;
  for (; isalpha ((unsigned char) p[n]); n++)
    if (n < sizeof s->word - 1)
      s->word[n] = (char) tolower ((unsigned char) p[n]);
  s->word[n < sizeof s->word ? n : sizeof s->word - 1] = 0;
  s->next = s->at + n;
  s->token = strcmp (s->word, "x") ? WORD : TIMES;
}

static void
advance (struct scanner *s)
{
  static const char marks[] = ",;[]()/=*";
  static const enum token tokens[] = { COMMA, COMMA, OPEN, CLOSE, OPEN, CLOSE, SLASH, EQUALS, TIMES };
  const char *text = s->y->value, *mark;
  for (;;)
    {
      s->next += strspn (text + s->next, " \t\r\n_{}$&");
      s->next += text[s->next] == '-' && isalpha ((unsigned char) text[s->next + 1]); /* 1000-d, max-pool */
      s->at = s->next;
      if (text[s->at] != '\\')
        break;
      s->token = macro (s);
      if (s->token != END)
        return;
    }
  const char *p = text + s->at;
  s->token = OTHER;
  if (!*p)
    s->token = END;
  else if (isdigit ((unsigned char) *p))
    {
      s->token = NUMBER;
      s->next += strspn (p, "0123456789");
    }
  else if (isalpha ((unsigned char) *p))
    scan_word (s);
  else if (!strncmp (p, "\xc3\x97", 2))
    {
      s->token = TIMES;
      s->next += 2;
    }
  else if ((mark = strchr (marks, *p)))
    {
      s->token = tokens[mark - marks];
      s->next++;
    }
}

/* One of the WORDS (separated by spaces) is next: take it. */
static bool
take_word (struct scanner *s, const char *words)
{
  if (s->token != WORD || !is_one_of (s->word, words))
    return false;
  advance (s);
  return true;
}

static bool
take (struct scanner *s, enum token token)
{
  if (s->token != token)
    return false;
  advance (s);
  return true;
}

static int64_t
number (struct scanner *s, const char *what, int64_t max)
{
  if (s->token != NUMBER)
    wrong (s, what);
  /* Saturates where it overflows. */
  long long v = strtoll (s->y->value + s->at, NULL, 10);
  if (v < 1 || v > max)
    fatal_at (yaml_loc_in (s->y, s->at), "stages: %.*s for %s; allowed: 1 to %lld",
              s->next - s->at > 24 ? 24 : (int) (s->next - s->at), s->y->value + s->at, what, (long long) max);
  advance (s);
  return v;
}

/* 7x7 or 3x3x3, into D H W. */
static void
kernel (struct scanner *s, int64_t k[3])
{
  size_t start = s->at;
  int64_t v[4];
  int n = 0;
  do
    v[n] = number (s, "an extent of a kernel, as in 3x3", MAX_FILTER_SIZE);
  while (++n < 4 && take (s, TIMES));
  if (n != s->extents)
    fatal_at (yaml_loc_in (s->y, start), "stages: %d extents; allowed: %d, as input-size has, such as %s", n,
              s->extents, s->extents == 2 ? "3x3" : "3x3x3");
  k[0] = 1;
  for (int i = 0; i < n; i++)
    k[3 - n + i] = v[i];
}

/* [,] stride S | [,] /S: true when there was one. S is one number or one for each extent. */
static bool
stride (struct scanner *s, int64_t out[3])
{
  struct scanner start = *s;
  take (s, COMMA);
  if (!take_word (s, " stride strides ") && !take (s, SLASH))
    {
      *s = start;
      return false;
    }
  take (s, EQUALS);
  start = *s;
  int64_t v = number (s, "a stride, as in stride 2", MAX_STRIDE);
  if (s->token == TIMES)
    {
      *s = start;
      kernel (s, out);
      return true;
    }
  out[0] = s->extents == 3 ? v : 1;
  out[1] = out[2] = v;
  return true;
}

/* [,] C=GROUPS or [,] groups GROUPS. */
static int64_t
groups (struct scanner *s)
{
  struct scanner start = *s;
  take (s, COMMA);
  if (!take_word (s, " c groups group "))
    {
      *s = start;
      return 1;
    }
  take (s, EQUALS);
  return number (s, "the number of groups, as in C=32", MAX_FILTERS);
}

/* What follows a kernel in a convolution. */
static void
conv (struct scanner *s, struct table_conv *c)
{
  take_word (s, " conv convolution ");
  take (s, COMMA);
  c->filters = number (s, "the number of filters, as in 3x3, 64", MAX_FILTERS);
  take_word (s, " filters channels ");
  c->groups = groups (s);
}

/* The convolutions up to the bracket that closes LEVEL brackets. */
static void
block (struct scanner *s, struct table_stage *t)
{
  int64_t unused[3];
  for (int level = 1; level;)
    {
      struct table_conv *c = &t->convs[t->conv_count];
      if (take (s, COMMA))
        continue;
      if (take (s, OPEN))
        level++;
      else if (take (s, CLOSE))
        level--;
      else if (t->conv_count == TABLE_MAX_CONVS)
        wrong (s, "a closing bracket: a block has at most 8 convolutions");
      else
        {
          if (s->token != NUMBER)
            wrong (s, "a convolution, as in 3x3, 64, or a closing bracket");
          c->loc = yaml_loc_in (s->y, s->at);
          kernel (s, c->kernel);
          conv (s, c);
          t->conv_count++;
          struct scanner here = *s;
          if (stride (s, unused))
            wrong (&here, "no stride inside a block; that of the first block goes behind: [...]x3, stride 2");
        }
    }
}

static void
blocks (struct scanner *s, struct table_stage *t)
{
  struct scanner start = *s;
  t->kind = TABLE_BLOCKS;
  take (s, OPEN);
  block (s, t);
  if (!t->conv_count)
    wrong (&start, "at least one convolution in the brackets");
  t->repeat = 1;
  if (take (s, TIMES))
    t->repeat = number (s, "the number of blocks, as in [...]x3", MAX_BLOCKS);
  t->stride[0] = t->stride[1] = t->stride[2] = 0; /* table_parse decides */
  stride (s, t->stride);
}

/* max pool, average pool: the words behind or before a kernel. */
static bool
pool_words (struct scanner *s, struct table_stage *t)
{
  bool global = take_word (s, " global ");
  if (take_word (s, " max maxpool "))
    t->kind = TABLE_MAX_POOL;
  else if (take_word (s, " average avg averagepool avgpool "))
    t->kind = TABLE_AVERAGE_POOL;
  else if (global)
    wrong (s, "global average pool");
  else
    return false;
  take_word (s, " pool pooling ");
  return true;
}

/* [average pool][, N-d fc][, softmax]; the pool may have been read already. */
static void
head (struct scanner *s, struct table_stage *t, int64_t num_classes)
{
  t->kind = TABLE_HEAD;
  take (s, COMMA);
  struct scanner start = *s;
  bool count = s->token == NUMBER;
  if (count)
    {
      t->classes = number (s, "the number of classes, as in 1000-d fc", MAX_CLASSES);
      take_word (s, " d way ");
    }
  bool fc = take_word (s, " fc linear dense ");
  if (count && !fc)
    wrong (s, "x, as in 7x7, 64, or fc, as in 1000-d fc");
  if (fc && !count && s->token == NUMBER)
    {
      start = *s;
      t->classes = number (s, "the number of classes, as in fc 1000", MAX_CLASSES);
    }
  if (t->classes && t->classes != num_classes)
    fatal_at (yaml_loc_in (s->y, start.at), "stages: an fc of %lld; allowed: num-classes, which is %lld",
              (long long) t->classes, (long long) num_classes);
  t->classes = fc ? num_classes : 0;
  take (s, COMMA);
  t->softmax = take_word (s, " softmax ");
  if (!fc && !t->softmax && !(t->global_pool && s->token == END))
    wrong (s, "7x7, 64, stride 2 | 3x3 max pool, stride 2 | [[3x3,64][3x3,64]]x3 | average pool, 1000-d fc, softmax");
}

static bool
is_kernel (struct scanner s)
{
  return take (&s, NUMBER) && s.token == TIMES;
}

static void
pool_stride (struct scanner *s, struct table_stage *t)
{
  if (!stride (s, t->stride))
    wrong (s, "the stride of the pool, as in 3x3 max pool, stride 2");
}

static void
kernel_first (struct scanner *s, struct table_stage *t)
{
  kernel (s, t->convs[0].kernel);
  if (pool_words (s, t))
    {
      pool_stride (s, t);
      return;
    }
  t->kind = TABLE_CONV;
  conv (s, &t->convs[0]);
  stride (s, t->stride);
}

static void
words_first (struct scanner *s, struct table_stage *t, int64_t num_classes)
{
  if (pool_words (s, t))
    {
      take (s, COMMA);
      if (is_kernel (*s))
        {
          kernel (s, t->convs[0].kernel);
          pool_stride (s, t);
          return;
        }
      if (t->kind == TABLE_MAX_POOL)
        wrong (s, "the extents of the pool, as in 3x3 max pool, stride 2");
      t->global_pool = true;
    }
  t->conv_count = 0;
  head (s, t, num_classes);
}

void
table_stage_parse (const struct yaml *text, int extents, int64_t num_classes, struct table_stage *t)
{
  struct scanner s = { .y = text, .extents = extents };
  size_t label = strspn (text->value, "abcdefghijklmnopqrstuvwxyz0123456789_");
  if (text->value[label] == ':') /* conv2_x: */
    s.next = label + 1;
  advance (&s);
  t->loc = t->convs[0].loc = yaml_loc_in (text, s.at);
  t->stride[0] = t->stride[1] = t->stride[2] = 1;
  t->conv_count = 1;
  if (s.token == OPEN)
    {
      t->conv_count = 0;
      blocks (&s, t);
    }
  else if (is_kernel (s))
    kernel_first (&s, t);
  else
    words_first (&s, t, num_classes);
  if (s.token != END)
    wrong (&s, "the end of the stage");
}
