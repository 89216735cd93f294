/* The picture as graphviz's text: a graph for each column, in which the layers run from top to bottom. Where a tensor
 * comes from the column before, or goes on to the next, a point called in or out marks the end of the line. */
#include <string.h>

#include "plot.h"
#include "plot_boxes.h"
#include "plot_label.h"
#include "plot_look.h"

/* A text beside a line, not on it. */
#define PADDED "<TABLE BORDER=\"0\" CELLSPACING=\"0\" CELLPADDING=\"3\"><TR><TD>%s</TD></TR></TABLE>"

static void
put_box (struct text *t, const struct picture *p, int b)
{
  const struct box *x = &p->boxes[b];
  const struct node *n = &p->g->nodes[x->first];
  const char *shape = n->op == OP_ADD ? ", style=\"filled,rounded\", height=0.3, margin=\"0.12,0.03\"" : "";
  const struct plot_look look = plot_look (n->op, x->skip);
  text_printf (t, "b%d [label=<%s>, tooltip=\"%s\", fillcolor=\"%s\", color=\"%s\"%s];\n", b, plot_label (p, x),
               plot_tooltip (p, x), look.fill, look.line, shape);
}

/* Several layers of place TO read the tensor of link L, which comes from elsewhere: they branch off at one point. */
static bool
branches (const struct picture *p, const struct link *l)
{
  int place = p->boxes[l->to].place, readers = 0;
  if (p->boxes[l->from].place == place)
    return false;
  for (int i = 0; i < p->link_count; i++)
    readers += p->links[i].tensor == l->tensor && p->boxes[p->links[i].to].place == place;
  return readers > 1;
}

/* L is the first link of its tensor into its place. */
static bool
first_into_place (const struct picture *p, const struct link *l)
{
  for (const struct link *k = p->links; k < l; k++)
    if (k->tensor == l->tensor && p->boxes[k->to].place == p->boxes[l->to].place)
      return false;
  return true;
}

static void
put_place (struct text *t, const struct picture *p, int i)
{
  const struct place *pl = &p->places[i];
  text_printf (t, "subgraph cluster_place%05d {\n", i);
  text_add (t, "style=\"rounded,filled\"; fillcolor=\"#ffffff\"; labeljust=r; margin=9;\n");
  if (pl->repeat > 1)
    text_printf (t, "label=<<FONT POINT-SIZE=\"15\"><B>×%d</B></FONT>>; color=\"" MAIN_COLOUR "\"; penwidth=1.6; "
                    "fontcolor=\"" MAIN_COLOUR "\";\n",
                 pl->repeat);
  else if (pl->block)
    text_printf (t, "label=\"block %d\"; color=\"#c9ced3\"; fontsize=11; fontcolor=\"" FADED_COLOUR "\";\n",
                 pl->block);
  else
    text_add (t, "label=\"\"; style=\"\"; peripheries=0; margin=2;\n");
  for (int k = 0; k < p->link_count; k++)
    {
      const struct link *l = &p->links[k];
      if (p->boxes[l->to].place == i && branches (p, l) && first_into_place (p, l))
        text_printf (t, "p%d_%d [shape=point, width=0.06, label=\"\", tooltip=\" \", color=\"" MAIN_COLOUR "\"];\n",
                     l->tensor, i);
    }
  for (int b = 0; b < p->box_count; b++)
    if (p->boxes[b].place == i)
      put_box (t, p, b);
  text_add (t, "}\n");
}

/* A line from the end FROM, a name, to L's reader. */
static void
put_line (struct text *t, const struct picture *p, const struct link *l, const char *from)
{
  bool branch = branches (p, l), first = first_into_place (p, l);
  const char *head = branch ? mem_printf ("p%d_%d", l->tensor, p->boxes[l->to].place) : mem_printf ("b%d", l->to);
  const char *skip = l->skip ? "color=\"" SKIP_COLOUR "\", penwidth=1.6" : "weight=20";
  /* a shortcut's layers stand beside the first ones of the other way */
  if (l->skip)
    skip = mem_printf ("%s, weight=%d", skip, p->boxes[l->to].skip ? 3 : 1);
  bool plain = branch || !l->skip;
  if (!branch || first)
    {
      text_printf (t, "%s -> %s [%s", from, head, plain ? "weight=20" : skip);
      if (plot_shape_worth (p, l) && plain)
        text_printf (t, ", label=<" PADDED ">", plot_shape (&p->g->tensors[l->tensor].shape));
      text_printf (t, "%s];\n", branch ? ", arrowhead=none" : "");
    }
  if (branch)
    text_printf (t, "%s -> b%d [%s];\n", head, l->to, skip);
}

/* The lines of one column, those that lead out of it included. */
static void
put_lines (struct text *t, const struct picture *p, int column)
{
  bool leaves = false;
  for (int i = 0; i < p->link_count; i++)
    {
      const struct link *l = &p->links[i];
      int from = plot_column (p, l->from), to = plot_column (p, l->to);
      if (to == column)
        put_line (t, p, l, from == column ? mem_printf ("b%d", l->from) : "in");
      else if (from == column && !leaves)
        {
          text_printf (t, "b%d -> out [weight=20, arrowhead=none];\n", l->from);
          leaves = true;
        }
    }
}

/* The frames of one column, and what stands in them. */
static void
put_frames (struct text *t, const struct picture *p, int column)
{
  for (int i = 0; i < p->place_count; i++)
    {
      const struct place *pl = &p->places[i];
      if (pl->column != column)
        continue;
      bool opens = !i || pl[-1].column != column || pl[-1].stage != pl->stage;
      bool closes = i + 1 == p->place_count || pl[1].column != column || pl[1].stage != pl->stage;
      if (opens && pl->stage)
        text_printf (t, "subgraph cluster_frame%05d {\nlabel=<<B>stage %d</B>>; labeljust=l; style=\"rounded,filled\"; "
                        "fillcolor=\"#f6f7f8\"; color=\"#dfe2e5\"; margin=10; fontsize=13; "
                        "fontcolor=\"" MAIN_COLOUR "\";\n",
                     i, pl->stage);
      put_place (t, p, i);
      if (closes && pl->stage)
        text_add (t, "}\n");
    }
}

static void
put_column (struct text *t, const struct picture *p, int column)
{
  text_printf (t, "digraph \"column %d\" {\n", column + 1);
  text_add (t, "graph [rankdir=TB, ranksep=0.28, nodesep=0.3, fontname=\"" FONTS "\", bgcolor=\"transparent\"];\n"
               "node [shape=box, style=\"filled,rounded\", fontname=\"" FONTS "\", fontsize=12, height=0.4,\n"
               "margin=\"0.14,0.05\", penwidth=1.1, fontcolor=\"#1c2126\"];\n"
               "edge [fontname=\"" FONTS "\", fontsize=10, fontcolor=\"" FADED_COLOUR "\", color=\"" MAIN_COLOUR "\",\n"
               "arrowsize=0.6, penwidth=1.2];\n");
  const char *end = "[shape=point, width=0.01, label=\"\", tooltip=\" \", color=\"" MAIN_COLOUR "\"];\n";
  if (column)
    text_printf (t, "in %s", end);
  if (column + 1 < p->column_count)
    text_printf (t, "out %s", end);
  put_frames (t, p, column);
  put_lines (t, p, column);
  text_add (t, "}\n");
}

char *
plot_dot (const struct graph *g, bool full)
{
  struct picture p = plot_picture (g, full);
  struct text t = { 0 };
  for (int c = 0; c < p.column_count; c++)
    put_column (&t, &p, c);
  return t.s;
}
