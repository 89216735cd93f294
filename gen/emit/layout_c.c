/* Indentation. Knows as much C as the templates write: no do, no label but a switch's, on lines of their own. */
#include "layout_c.h"

#include <assert.h>
#include <limits.h>
#include <string.h>

enum
{
  MAX_DEPTH = 64,
  MAX_COLUMN = 118
};

struct layout
{
  struct text *out;
  int base[MAX_DEPTH];  /* indentation of statements, by depth of braces */
  int owner[MAX_DEPTH]; /* indentation of the brace that opened it */
  int depth;
  int heads;           /* loops and conditions that wait for their statement */
  int heads_at_if;     /* … when the last if began, where its else belongs */
  int parentheses;     /* open ones: the statement goes on */
  bool comment, macro; /* inside a comment, a multi-line #define */
  bool head;           /* the statement that goes on is a loop's or a condition's head */
  int shift;           /* what the statement's first line was moved by */
};

static bool
starts (const char *s, const char *word)
{
  return strncmp (s, word, strlen (word)) == 0;
}

/* Is S[I] in a string, its quotes included? *QUOTED and *ESCAPED go on from the character before it: inside a string,
 * behind a backslash in one. */
static bool
in_string (const char *s, size_t i, bool *quoted, bool *escaped)
{
  bool was = *quoted;
  if (s[i] == '"' && !*escaped)
    *quoted = !was;
  *escaped = was && s[i] == '\\' && !*escaped;
  return was || *quoted;
}

/* Count parentheses outside strings, follow comments to their end. */
static void
scan (struct layout *l, const char *s, size_t n)
{
  bool quoted = false, escaped = false;
  for (size_t i = 0; i < n; i++)
    {
      if (l->comment)
        {
          if (s[i] == '*' && i + 1 < n && s[i + 1] == '/')
            l->comment = false;
          continue;
        }
      if (in_string (s, i, &quoted, &escaped))
        continue;
      if (s[i] == '/' && i + 1 < n && s[i + 1] == '*')
        l->comment = true;
      l->parentheses += (s[i] == '(') - (s[i] == ')');
    }
}

/* Where line S of N characters at INDENT is best broken: behind this many characters, 0 for nowhere. Inside as few
 * brackets as possible, then behind a comma rather than before an operator. */
static size_t
break_at (const char *s, size_t n, int indent)
{
  size_t best = 0;
  int depth = 0, least = INT_MAX;
  bool quoted = false, escaped = false;
  for (size_t i = 0; i + 1 < n && i + (size_t) indent < MAX_COLUMN; i++)
    {
      if (in_string (s, i, &quoted, &escaped))
        continue;
      depth += (strchr ("([{", s[i]) != NULL) - (strchr (")]}", s[i]) != NULL);
      bool comma = s[i] == ',' && s[i + 1] == ' ', sign = s[i] == ' ' && strchr ("+?:&|", s[i + 1]);
      int order = 2 * depth + !comma;
      if (i > 40 && (comma || sign) && order <= least)
        {
          least = order;
          best = comma ? i + 1 : i;
        }
    }
  return best;
}

static void
write_line (struct layout *l, const char *s, size_t n, int indent)
{
  while ((size_t) indent + n > MAX_COLUMN && !starts (s, "/*"))
    {
      size_t cut = break_at (s, n, indent);
      if (!cut)
        break;
      text_printf (l->out, "%*s%.*s\n", indent, "", (int) cut, s);
      for (s += cut, n -= cut; n && *s == ' ';)
        s++, n--;
      indent = l->base[l->depth] + 2 * l->heads + 4;
    }
  text_printf (l->out, "%*s%.*s\n", n ? indent : 0, "", (int) n, s);
}

static void
open_brace (struct layout *l, int brace)
{
  assert (l->depth + 1 < MAX_DEPTH);
  l->depth++;
  l->owner[l->depth] = brace;
  l->base[l->depth] = brace + 2;
  l->heads = 0;
}

/* After the statement's last line. */
static void
end_statement (struct layout *l, char last)
{
  if (l->head)
    l->heads++;
  else if (last == ';' || last == '}')
    l->heads = 0;
  l->head = false;
}

/* A line that begins a statement. */
static void
statement (struct layout *l, const char *s, size_t n, int was)
{
  if (starts (s, "else"))
    l->heads = l->heads_at_if;
  int indent = l->base[l->depth] + 2 * l->heads;
  if (starts (s, "case "))
    indent -= 2;
  if (*s == '{' && n == 1)
    {
      write_line (l, s, n, indent);
      open_brace (l, indent);
      return;
    }
  if (*s == '}' && l->depth)
    {
      write_line (l, s, n, l->owner[l->depth--]);
      l->heads = 0;
      return;
    }
  if (starts (s, "if ("))
    l->heads_at_if = l->heads;
  l->head = starts (s, "for (") || starts (s, "if (") || starts (s, "while (") || starts (s, "switch (")
            || starts (s, "else");
  l->shift = indent - was;
  scan (l, s, n);
  write_line (l, s, n, indent);
  if (l->comment || l->parentheses)
    return;
  if (s[n - 1] == '{')
    open_brace (l, indent);
  else if (!starts (s, "/*"))
    end_statement (l, s[n - 1]);
}

/* A line of a statement or comment that began before. */
static void
continuation (struct layout *l, const char *s, size_t n, int was)
{
  bool in_comment = l->comment;
  int indent = was + l->shift;
  scan (l, s, n);
  write_line (l, s, n, indent < 0 ? 0 : indent);
  if (!in_comment && !l->comment && !l->parentheses && n)
    end_statement (l, s[n - 1]);
}

void
layout_c (const struct text *in, struct text *out)
{
  struct layout l = { .out = out };
  for (const char *line = in->s, *end; line && *line; line = end)
    {
      const char *newline = strchr (line, '\n'), *s = line;
      end = newline ? newline + 1 : line + strlen (line);
      size_t n = (size_t) (end - line) - (newline != NULL);
      while (n && *s == ' ')
        s++, n--;
      int was = (int) (s - line);
      if (!l.comment && !l.macro && (starts (s, "#pragma unroll") || starts (s, "#pragma GCC unroll")))
        write_line (&l, s, n, l.base[l.depth] + 2 * l.heads);
      else if (l.macro || (*s == '#' && !l.comment))
        {
          l.macro = n && s[n - 1] == '\\';
          text_addn (out, line, (size_t) (end - line));
        }
      else if (!n)
        text_add (out, "\n");
      else if (l.comment || l.parentheses)
        continuation (&l, s, n, was);
      else
        statement (&l, s, n, was);
    }
}
