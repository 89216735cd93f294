/* Each byte is three octal digits: m4 reads letters as words, digits as nothing in particular. */
#include "verbatim.h"

#include <string.h>

enum
{
  BEGIN = 1, /* control characters that no template has */
  END = 2
};

char *
verbatim (const char *s)
{
  struct text t = { 0 };
  text_add (&t, "");
  if (*s)
    text_printf (&t, "%c", BEGIN);
  for (const char *p = s; *p; p++)
    text_printf (&t, "%03o", (unsigned char) *p);
  if (*s)
    text_printf (&t, "%c", END);
  return t.s;
}

static bool
is_plain (char c)
{
  return c >= ' ' && c <= '~';
}

char *
verbatim_string (const char *s)
{
  struct text t = { 0 };
  text_add (&t, "\"");
  for (const char *p = s; *p; p++)
    if (*p == '"' || *p == '\\' || (*p == '?' && p > s && p[-1] == '?')) /* two question marks may begin a trigraph */
      text_printf (&t, "\\%c", *p);
    else if (is_plain (*p))
      text_addn (&t, p, 1);
    else
      text_printf (&t, "\\%03o", (unsigned char) *p);
  text_add (&t, "\"");
  return verbatim (t.s);
}

char *
verbatim_comment (const char *s)
{
  struct text t = { 0 };
  text_add (&t, "");
  for (const char *p = s; *p; p++)
    {
      bool ends = *p == '/' && p > s && p[-1] == '*', begins = *p == '*' && p > s && p[-1] == '/';
      text_add (&t, ends || begins ? " " : "");
      text_addn (&t, is_plain (*p) ? p : "_", 1);
    }
  return verbatim (t.s);
}

static bool
is_octal (char c)
{
  return c >= '0' && c <= '7';
}

/* The text that begins at P, added to OUT. Returns what stands behind its end, NULL where that is missing. */
static const char *
decode_one (const char *p, struct text *out)
{
  for (; *p != END; p += 3)
    {
      if (!is_octal (p[0]) || !is_octal (p[1]) || !is_octal (p[2]))
        return NULL;
      char c = (char) ((p[0] - '0') << 6 | (p[1] - '0') << 3 | (p[2] - '0'));
      text_addn (out, &c, 1);
    }
  return p + 1;
}

bool
verbatim_decode (const struct text *in, struct text *out)
{
  static const char marks[] = { BEGIN, END, 0 };
  text_add (out, "");
  for (const char *p = in->s ? in->s : ""; p && *p;)
    {
      size_t n = strcspn (p, marks);
      text_addn (out, p, n);
      p += n;
      if (*p == END)
        return false;
      if (*p == BEGIN)
        p = decode_one (p + 1, out);
      if (!p)
        return false;
    }
  return true;
}
