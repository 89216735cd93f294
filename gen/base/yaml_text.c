/* YAML nodes written back as text: for canonical options, and for messages. */
#include "yaml.h"

#include <string.h>

/* The escape of the character at P (N bytes) inside double quotes, or NULL when it stands for itself. Line and
 * paragraph separators would be folded, a BOM dropped. */
static const char *
escape (const char *p, uint32_t c)
{
  switch (c)
    {
    case '"':
      return "\\\"";
    case '\\':
      return "\\\\";
    case '\n':
      return "\\n";
    case '\t':
      return "\\t";
    case 0x85:
      return "\\N";
    case 0x2028:
      return "\\L";
    case 0x2029:
      return "\\P";
    case 0xfeff:
      return "\\uFEFF";
    default:
      return c < 0x20 || (c >= 0x7f && c < 0xa0) ? mem_printf ("\\x%02X", (unsigned char) p[c >= 0x80]) : NULL;
    }
}

static void
put_quoted (struct text *t, const char *s)
{
  uint32_t c;
  text_add (t, "\"");
  for (size_t left = strlen (s), n; left && (n = utf8_decode (s, left, &c)); s += n, left -= n)
    {
      const char *e = escape (s, c);
      text_addn (t, e ? e : s, e ? strlen (e) : n);
    }
  text_add (t, "\"");
}

/* True when plain text in a flow collection reads back as the same scalar. */
static bool
can_be_plain (const struct yaml *y)
{
  static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./+-";
  struct yaml plain = { .kind = YAML_SCALAR, .value = y->value };
  int64_t i;
  double d;
  bool b;
  if (!*y->value || y->value[strspn (y->value, safe)] || !strncmp (y->value, "---", 3) || !strcmp (y->value, "-")
      || !strcmp (y->value, "..."))
    return false;
  return !y->quoted
         || !(yaml_int (&plain, &i) || yaml_double (&plain, &d) || yaml_bool (&plain, &b) || yaml_is_null (&plain));
}

static void
put (struct text *t, const struct yaml *y)
{
  struct yaml key = { .kind = YAML_SCALAR, .quoted = true };
  if (y->kind == YAML_SCALAR)
    {
      if (yaml_is_null (y))
        text_add (t, "null");
      else if (can_be_plain (y))
        text_add (t, y->value);
      else
        put_quoted (t, y->value);
      return;
    }
  text_add (t, y->kind == YAML_LIST ? "[" : "{");
  for (size_t i = 0; i < y->count; i++)
    {
      if (i)
        text_add (t, ", ");
      if (y->kind == YAML_MAP)
        {
          key.value = y->items[i].key;
          put (t, &key);
          text_add (t, ": ");
        }
      put (t, &y->items[i]);
    }
  text_add (t, y->kind == YAML_LIST ? "]" : "}");
}

char *
yaml_text (const struct yaml *y)
{
  struct text t = { 0 };
  put (&t, y);
  return t.s ? t.s : mem_strdup ("");
}

/* S cut off at a character's end at about 48 bytes, in QUOTE, on one line. */
static char *
show (const char *s, const char *quote)
{
  struct text t = { 0 };
  size_t left = strlen (s), n;
  uint32_t c;
  text_add (&t, quote);
  for (; left && t.n < 48; s += n, left -= n)
    {
      n = utf8_decode (s, left, &c);
      if (!n)
        {
          n = 1;
          text_add (&t, "?");
          continue;
        }
      const char *e = c == '"' || c == '\\' ? NULL : escape (s, c);
      text_addn (&t, e ? e : s, e ? strlen (e) : n);
    }
  text_add (&t, left ? "..." : "");
  text_add (&t, quote);
  return t.s;
}

char *
yaml_quote (const char *s)
{
  return show (s, "'");
}

char *
yaml_show (const struct yaml *y)
{
  return y->kind == YAML_SCALAR && !yaml_is_null (y) ? show (y->value, "'") : show (yaml_text (y), "");
}

struct loc
yaml_loc_in (const struct yaml *y, size_t offset)
{
  struct loc loc = y->loc;
  if (y->text_col)
    {
      loc.col = y->text_col;
      for (size_t i = 0; i < offset; i++)
        loc.col += ((unsigned char) y->value[i] & 0xc0) != 0x80;
    }
  return loc;
}
