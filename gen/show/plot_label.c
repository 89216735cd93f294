/* What boxes, frames and the title say. */
#include "plot_label.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

/* Longer names end in an ellipsis. */
#define MAX_SHOWN 48

char *
plot_xml (const char *s)
{
  struct text t = { 0 };
  text_add (&t, "");
  for (size_t shown = 0; *s; s++)
    {
      bool starts = ((unsigned char) *s & 0xc0) != 0x80; /* a character of UTF-8 */
      if (starts && shown++ == MAX_SHOWN)
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

char *
plot_label (const struct picture *p, const struct box *b)
{
  const struct node *n = &p->g->nodes[b->first];
  const char *title = plot_xml (n->op == OP_ADD ? "+" : type_text (p->g, n));
  const char *rest = plot_xml (types (p, b->first + 1, b->last));
  if (n->op == OP_INPUT || n->op == OP_OUTPUT)
    return mem_printf ("<I>%s</I>", title);
  if (p->full)
    rest = plot_xml (n->name);
  else if (n->op == OP_ADD || n->op == OP_BATCH_NORM || n->op == OP_INSTANCE_NORM || n->op == OP_GROUP_NORM
           || n->op == OP_LAYER_NORM)
    return mem_printf ("<B>%s%s%s</B>", title, !*rest ? "" : n->op == OP_ADD ? " " : ", ", rest);
  return mem_printf ("<B>%s</B>%s%s%s", title, *rest ? "<BR/><FONT POINT-SIZE=\"10\" COLOR=\"#4c555e\">" : "", rest,
                     *rest ? "</FONT>" : "");
}

char *
plot_tooltip (const struct picture *p, const struct box *b)
{
  struct text t = { 0 };
  text_add (&t, "");
  for (int i = b->first; i <= b->last; i++)
    text_printf (&t, "%s%s", i > b->first ? ", " : "", plot_quoted (p->g->nodes[i].name));
  int repeat = p->places[b->place].repeat;
  if (repeat > 1)
    text_printf (&t, " (the first of %d equal blocks)", repeat);
  return t.s;
}
