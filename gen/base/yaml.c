/* An options file as a tree: libyaml's events in, nodes that know their place out.
 *
 * libyaml's composer isn't used: it follows aliases, keeps repeated keys and forgets what was quoted. The text is
 * checked to be UTF-8 without control characters first, because libyaml tells no line for those. */
#include "yaml.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

enum
{
  MAX_BYTES = 4 << 20,
  MAX_DEPTH = 16,
  MAX_MEMBERS = 256, /* repeated keys are looked for one by one */
  MAX_VALUES = 1 << 18
};

struct reading
{
  yaml_parser_t parser;
  yaml_event_t event; /* the one to be looked at; the parser is behind it */
  const char *file, *text;
  size_t bytes, values;
};

static void
check_text (const struct reading *r)
{
  const char *p = r->text, *end = p + r->bytes;
  struct loc loc = { r->file, 1, 1 };
  if (r->bytes >= 2 && (!memcmp (p, "\xff\xfe", 2) || !memcmp (p, "\xfe\xff", 2)))
    fatal_at (loc, "the text is UTF-16; allowed: UTF-8");
  if (r->bytes >= 3 && !memcmp (p, "\xef\xbb\xbf", 3))
    p += 3;
  while (p < end)
    {
      uint32_t c;
      size_t n = utf8_decode (p, (size_t) (end - p), &c);
      if (!n)
        fatal_at (loc, "byte 0x%02x is not UTF-8; allowed: UTF-8 text", (unsigned char) *p);
      if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') || (c >= 0x7f && c < 0xa0 && c != 0x85))
        fatal_at (loc, "%s character 0x%02x; allowed: UTF-8 text without these", c ? "control" : "NUL", (unsigned) c);
      if (c == '\n' || (c == '\r' && !(p + 1 < end && p[1] == '\n')))
        loc = (struct loc){ r->file, loc.line + 1, 1 };
      else
        loc.col++;
      p += n;
    }
}

static struct loc
place (const struct reading *r, yaml_mark_t mark)
{
  return (struct loc){ r->file, (int) mark.line + 1, (int) mark.column + 1 };
}

/* The byte of the character MARK stands at, or 0 at the end. */
static char
char_at (const struct reading *r, yaml_mark_t mark)
{
  size_t chars = 0;
  const char *p = r->text + (r->bytes >= 3 && !memcmp (r->text, "\xef\xbb\xbf", 3) ? 3 : 0);
  for (; p < r->text + r->bytes; p++)
    if (((unsigned char) *p & 0xc0) != 0x80 && chars++ == mark.index)
      return *p;
  return 0;
}

static _Noreturn void
syntax_error (const struct reading *r)
{
  const yaml_parser_t *p = &r->parser;
  struct loc loc = place (r, p->problem_mark);
  if (p->error == YAML_MEMORY_ERROR)
    fatal ("%s: out of memory", r->file);
  if (p->error == YAML_READER_ERROR)
    fatal_at ((struct loc){ r->file, 0, 0 }, "no YAML: %s", p->problem);
  if (p->error == YAML_SCANNER_ERROR && char_at (r, p->problem_mark) == '\t')
    fatal_at (loc, "no YAML: a tab can't indent; allowed: spaces");
  if (p->context && p->context_mark.index < p->problem_mark.index)
    fatal_at (loc, "no YAML: %s, %s begun at %zu:%zu", p->problem, p->context, p->context_mark.line + 1,
              p->context_mark.column + 1);
  fatal_at (loc, "no YAML: %s%s%s", p->problem, p->context ? ", " : "", p->context ? p->context : "");
}

static void
next_event (struct reading *r)
{
  yaml_event_delete (&r->event);
  if (!yaml_parser_parse (&r->parser, &r->event))
    syntax_error (r);
}

/* True when the tag says `text`. Fatal on a tag that isn't the core schema's, or is another kind's. */
static bool
check_tag (const struct reading *r, const char *tag, const char *kinds)
{
  static const char core[] = "tag:yaml.org,2002:";
  if (!tag || !*tag)
    return false;
  if (!strcmp (tag, "!"))
    return true;
  const char *name = strncmp (tag, core, sizeof core - 1) ? "" : tag + sizeof core - 1;
  char *word = mem_printf (" %s ", name);
  if (!*name || !strstr (kinds, word))
    fatal_at (place (r, r->event.start_mark), "tag %s; allowed here:%s(each after !!), or none", yaml_quote (tag),
              kinds);
  return !strcmp (name, "str");
}

static void
check_anchor (const struct reading *r, const yaml_char_t *anchor)
{
  if (anchor)
    fatal_at (place (r, r->event.start_mark), "anchor %s: anchors and aliases are not allowed; write the value out",
              yaml_quote (mem_printf ("&%s", (const char *) anchor)));
}

static const char *
scalar_text (const struct reading *r)
{
  const char *s = (const char *) r->event.data.scalar.value;
  size_t n = r->event.data.scalar.length;
  if (memchr (s, 0, n))
    fatal_at (place (r, r->event.start_mark), "a NUL character in the text; allowed: text without");
  return mem_strndup (s, n);
}

static size_t
count_chars (const char *s, size_t bytes)
{
  size_t n = 0;
  for (size_t i = 0; i < bytes; i++)
    n += ((unsigned char) s[i] & 0xc0) != 0x80;
  return n;
}

static void
read_scalar (struct reading *r, struct yaml *y)
{
  const yaml_event_t *e = &r->event;
  const char *tag = (const char *) e->data.scalar.tag;
  check_anchor (r, e->data.scalar.anchor);
  bool text = check_tag (r, tag, " str int float bool null ");
  bool in_quotes = e->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
  y->kind = YAML_SCALAR;
  y->value = scalar_text (r);
  y->quoted = tag ? text : in_quotes;
  /* With a tag the event starts at the tag; escapes and folded lines make the source longer than the text. */
  size_t written = e->end_mark.index - e->start_mark.index;
  if (!tag && written == count_chars (y->value, e->data.scalar.length) + 2 * in_quotes)
    y->text_col = (int) e->start_mark.column + 1 + in_quotes;
}

static void read_node (struct reading *r, struct yaml *y, int depth);

/* Room for one member more. */
static struct yaml *
append (struct yaml *y, size_t *cap)
{
  if (y->count == *cap)
    {
      *cap = *cap ? 2 * *cap : 8;
      struct yaml *grown = NEW_ARRAY (*cap, struct yaml);
      if (y->count)
        memcpy (grown, y->items, y->count * sizeof *grown);
      y->items = grown;
    }
  return &y->items[y->count];
}

static void
read_list (struct reading *r, struct yaml *y, int depth)
{
  size_t cap = 0;
  y->kind = YAML_LIST;
  check_anchor (r, r->event.data.sequence_start.anchor);
  check_tag (r, (const char *) r->event.data.sequence_start.tag, " seq ");
  for (next_event (r); r->event.type != YAML_SEQUENCE_END_EVENT; next_event (r))
    {
      read_node (r, append (y, &cap), depth + 1);
      y->count++;
    }
}

static void
read_map (struct reading *r, struct yaml *y, int depth)
{
  size_t cap = 0;
  y->kind = YAML_MAP;
  check_anchor (r, r->event.data.mapping_start.anchor);
  check_tag (r, (const char *) r->event.data.mapping_start.tag, " map ");
  for (next_event (r); r->event.type != YAML_MAPPING_END_EVENT; next_event (r))
    {
      struct yaml *m = append (y, &cap), *before;
      struct loc loc = place (r, r->event.start_mark);
      if (r->event.type != YAML_SCALAR_EVENT)
        fatal_at (loc, "a key that is no plain text; allowed: KEY: VALUE");
      check_anchor (r, r->event.data.scalar.anchor);
      check_tag (r, (const char *) r->event.data.scalar.tag, " str ");
      const char *key = scalar_text (r);
      if ((before = yaml_get (y, key)))
        fatal_at (loc, "repeated key %s, first at %d:%d; allowed: each key once", yaml_quote (key),
                  before->key_loc.line, before->key_loc.col);
      if (y->count == MAX_MEMBERS)
        fatal_at (loc, "more than %d keys in one map", MAX_MEMBERS);
      next_event (r);
      read_node (r, m, depth + 1);
      m->key = key;
      m->key_loc = loc;
      y->count++;
    }
}

static void
read_node (struct reading *r, struct yaml *y, int depth)
{
  y->loc = place (r, r->event.start_mark);
  if (++r->values > MAX_VALUES)
    fatal_at (y->loc, "more than %d values; allowed: at most that many", MAX_VALUES);
  if (depth > MAX_DEPTH)
    fatal_at (y->loc, "nested deeper than %d levels; allowed: at most that many", MAX_DEPTH);
  switch (r->event.type)
    {
    case YAML_SCALAR_EVENT:
      read_scalar (r, y);
      break;
    case YAML_SEQUENCE_START_EVENT:
      read_list (r, y, depth);
      break;
    case YAML_MAPPING_START_EVENT:
      read_map (r, y, depth);
      break;
    default:
      fatal_at (y->loc, "alias %s: anchors and aliases are not allowed; write the value out",
                yaml_quote (mem_printf ("*%s", (const char *) r->event.data.alias.anchor)));
    }
}

struct yaml *
yaml_parse (const char *file, const char *text, size_t bytes)
{
  struct reading r = { .file = file, .text = text, .bytes = bytes };
  struct loc start = { file, 1, 1 };
  struct yaml *y = NEW (struct yaml);
  if (bytes > MAX_BYTES)
    fatal_at (start, "more than %d bytes", MAX_BYTES);
  check_text (&r);
  if (!yaml_parser_initialize (&r.parser))
    fatal ("out of memory");
  yaml_parser_set_encoding (&r.parser, YAML_UTF8_ENCODING);
  size_t bom = bytes >= 3 && !memcmp (text, "\xef\xbb\xbf", 3) ? 3 : 0; /* a set encoding keeps it */
  yaml_parser_set_input_string (&r.parser, (const unsigned char *) text + bom, bytes - bom);
  next_event (&r);
  next_event (&r);
  if (r.event.type == YAML_STREAM_END_EVENT)
    fatal_at (start, "empty; allowed: YAML such as `KEY: VALUE`");
  next_event (&r);
  read_node (&r, y, 1);
  next_event (&r);
  next_event (&r);
  if (r.event.type != YAML_STREAM_END_EVENT)
    fatal_at (place (&r, r.event.start_mark), "a second document; allowed: one");
  yaml_event_delete (&r.event);
  yaml_parser_delete (&r.parser);
  return y;
}

struct yaml *
yaml_read (const char *path)
{
  size_t bytes;
  char *text = file_read (path, MAX_BYTES, &bytes);
  struct yaml *y = yaml_parse (path, text, bytes);
  free (text);
  return y;
}
