/* What boxes, frames and the title say. */
#include "plot_label.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

/* Longer names end in an ellipsis. */
#define MAX_SHOWN 48

/* MOST characters of S at most. */
static char *
escaped (const char *s, size_t most)
{
  struct text t = { 0 };
  text_add (&t, "");
  for (size_t shown = 0; *s; s++)
    {
      bool starts = ((unsigned char) *s & 0xc0) != 0x80; /* a character of UTF-8 */
      if (starts && shown++ == most)
        {
          text_add (&t, "…");
          break;
        }
      if (*s == '&')
        text_add (&t, "&amp;");
      else if (*s == '<')
        text_add (&t, "&lt;");
      else if (*s == '>')
        text_add (&t, "&gt;");
      else if (*s == '"')
        text_add (&t, "&quot;");
      else
        text_addn (&t, (unsigned char) *s < ' ' || *s == 0x7f ? " " : s, 1);
    }
  return t.s;
}

char *
plot_xml (const char *s)
{
  return escaped (s, MAX_SHOWN);
}

char *
plot_escaped (const char *s)
{
  return escaped (s, SIZE_MAX);
}

/* Of Helvetica, in thousandths of its size, from the space on; other characters are taken as wide as an h. */
static const short widths[]
  = { 278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556,
      556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667,
      556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556, 333, 556,
      556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722,
      500, 500, 500, 334, 260, 334, 584 };

double
plot_text_width (const char *s, double size, bool bold)
{
  double sum = 0;
  int shown = 0;
  for (; *s && shown <= MAX_SHOWN; s++)
    {
      const unsigned char c = (unsigned char) *s;
      if ((c & 0xc0) == 0x80)
        continue;
      sum += c >= ' ' && c - ' ' < (int) (sizeof widths / sizeof *widths) ? widths[c - ' '] : 556;
      shown++;
    }
  return sum * size / 1000 * (bold ? 1.07 : 1);
}

/* Backslashes too: graphviz would read \N as the box's name. An ampersand would start an entity. */
char *
plot_quoted (const char *s)
{
  struct text t = { 0 };
  text_add (&t, "");
  for (; *s; s++)
    if (*s == '"' || *s == '\\')
      text_printf (&t, "\\%c", *s);
    else if (*s == '&')
      text_add (&t, "&amp;");
    else
      text_addn (&t, (unsigned char) *s < ' ' || *s == 0x7f ? " " : s, 1);
  return t.s;
}

char *
plot_shape (const struct shape *s)
{
  struct text t = { 0 };
  text_printf (&t, "%" PRId64, s->c);
  for (int a = AXES - s->rank; a < AXES; a++)
    text_printf (&t, "×%" PRId64, s->dim[a]);
  return t.s;
}

/* A layer's type as summary shows it, in fewer characters: 3x3 as 3×3, and ", stride 2" as " /2" where the result
 * gets smaller by it. */
static char *
type_text (const struct graph *g, const struct node *n)
{
  static const char stride[] = ", stride ";
  bool sized = n->op == OP_CONV || n->op == OP_TRANSPOSED_CONV || n->op == OP_LINEAR, filters = sized;
  struct text t = { 0 };
  text_add (&t, "");
  for (const char *s = n->type; *s; s++)
    {
      if (*s == ',' && filters)
        text_printf (&t, ", %" PRId64, g->tensors[n->out].shape.c);
      filters &= *s != ',';
      if (*s == 'x' && s > n->type && isdigit ((unsigned char) s[-1]) && isdigit ((unsigned char) s[1]))
        text_add (&t, "×");
      else if (n->op != OP_TRANSPOSED_CONV && strncmp (s, stride, sizeof stride - 1) == 0)
        {
          text_add (&t, " /");
          s += sizeof stride - 2;
        }
      else
        text_addn (&t, s, 1);
    }
  if (filters)
    text_printf (&t, ", %" PRId64, g->tensors[n->out].shape.c);
  return t.s;
}

/* The types of a box's layers from node I on. */
static char *
types (const struct picture *p, int i, int last)
{
  struct text t = { 0 };
  text_add (&t, "");
  for (; i <= last; i++)
    if (p->drawn[i] == i)
      text_printf (&t, "%s%s", t.n ? ", " : "", type_text (p->g, &p->g->nodes[i]));
  return t.s;
}

struct plot_texts
plot_texts (const struct picture *p, const struct box *b)
{
  const struct node *n = &p->g->nodes[b->first];
  struct plot_texts t = { .title = n->op == OP_ADD ? "+" : type_text (p->g, n), .rest = "", .bold = true };
  const char *rest = types (p, b->first + 1, b->last);
  const bool norm = n->op == OP_BATCH_NORM || n->op == OP_INSTANCE_NORM || n->op == OP_GROUP_NORM
                    || n->op == OP_LAYER_NORM;
  t.bold = n->op != OP_INPUT && n->op != OP_OUTPUT;
  if (!t.bold)
    return t;
  if (p->full)
    t.rest = n->name;
  else if (!(n->op == OP_ADD || norm))
    t.rest = rest;
  else if (*rest)
    t.title = mem_printf ("%s%s%s", t.title, norm ? ", " : " ", rest);
  return t;
}

char *
plot_label (const struct picture *p, const struct box *b)
{
  const struct plot_texts t = plot_texts (p, b);
  const char *title = plot_xml (t.title), *rest = plot_xml (t.rest);
  if (!t.bold)
    return mem_printf ("<I>%s</I>", title);
  return mem_printf ("<B>%s</B>%s%s%s", title, *rest ? "<BR/><FONT POINT-SIZE=\"10\" COLOR=\"#4c555e\">" : "", rest,
                     *rest ? "</FONT>" : "");
}

char *
plot_names (const struct picture *p, const struct box *b)
{
  struct text t = { 0 };
  text_add (&t, "");
  for (int i = b->first; i <= b->last; i++)
    text_printf (&t, "%s%s", i > b->first ? ", " : "", p->g->nodes[i].name);
  int repeat = p->places[b->place].repeat;
  if (repeat > 1)
    text_printf (&t, " (the first of %d equal blocks)", repeat);
  return t.s;
}

char *
plot_tooltip (const struct picture *p, const struct box *b)
{
  return plot_quoted (plot_names (p, b));
}

bool
plot_shape_worth (const struct picture *p, const struct link *l)
{
  const struct graph *g = p->g;
  const struct node *n = &g->nodes[p->boxes[l->from].first];
  return !n->nin || p->boxes[l->from].place != p->boxes[l->to].place || g->nodes[p->boxes[l->to].first].op == OP_OUTPUT
         || !shape_equal (&g->tensors[n->in[0]].shape, &g->tensors[l->tensor].shape);
}
