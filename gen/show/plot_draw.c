/* A column as SVG, where plot_layout placed it. Colours are attributes, which a page's style sheet may override by the
 * classes. */
#include "plot_drawn.h"
#include "plot_label.h"
#include "plot_look.h"

#define EDGE 4.0 /* around a column */
#define ROUND 7.0

struct drawing
{
  const struct arrangement *l;
  const struct column_layout *c;
  struct text t;
  const char *link;
};

static void
put_frame (struct drawing *d, const struct area *a, const char *kind, const char *fill, const char *line, double width)
{
  text_printf (&d->t, "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" rx=\"9\" "
                      "fill=\"%s\" stroke=\"%s\" stroke-width=\"%g\"/>\n",
               kind, a->left, a->top, a->right - a->left, a->bottom - a->top, fill, line, width);
}

static void
put_text (struct drawing *d, double x, double y, double size, const char *attributes, const char *escaped)
{
  text_printf (&d->t, "<text x=\"%.1f\" y=\"%.1f\" font-size=\"%g\" %s>%s</text>\n", x, y, size, attributes, escaped);
}

/* The frame of the stage that place I, the first one of it in the column, belongs to. */
static void
put_stage (struct drawing *d, int i)
{
  const struct picture *p = d->l->p;
  struct area a = d->c->places[i];
  for (int k = i; k < p->place_count && p->places[k].column == p->places[i].column
                  && p->places[k].stage == p->places[i].stage; k++)
    {
      const struct area *b = &d->c->places[k];
      a.left = b->left < a.left ? b->left : a.left;
      a.right = b->right > a.right ? b->right : a.right;
      a.bottom = b->bottom;
    }
  a.left -= 11;
  a.right += 11;
  a.top -= 25;
  a.bottom += 11;
  put_frame (d, &a, "stage", STAGE_FILL, STAGE_COLOUR, 1);
  put_text (d, a.left + 9, a.top + 17, 13, "class=\"head\" font-weight=\"bold\" fill=\"" MAIN_COLOUR "\"",
            mem_printf ("stage %d", p->places[i].stage));
}

static void
put_places (struct drawing *d, int column)
{
  const struct picture *p = d->l->p;
  for (int i = 0; i < p->place_count; i++)
    {
      const struct place *pl = &p->places[i];
      if (pl->column != column || !pl->stage)
        continue;
      if (!i || pl[-1].column != column || pl[-1].stage != pl->stage)
        put_stage (d, i);
      const struct area *a = &d->c->places[i];
      const bool several = pl->repeat > 1;
      put_frame (d, a, several ? "several" : "block", "#ffffff", several ? MAIN_COLOUR : BLOCK_COLOUR,
                 several ? 1.6 : 1);
      if (several)
        put_text (d, a->right - 8, a->top + 17, 15,
                  "class=\"head\" text-anchor=\"end\" font-weight=\"bold\" fill=\"" MAIN_COLOUR "\"",
                  mem_printf ("×%d", pl->repeat));
      else
        put_text (d, a->right - 8, a->top + 14, 11,
                  "class=\"faded\" text-anchor=\"end\" fill=\"" FADED_COLOUR "\"",
                  mem_printf ("block %d", pl->block));
    }
}

static void
put_box (struct drawing *d, int b)
{
  const struct picture *p = d->l->p;
  const struct box *x = &p->boxes[b];
  const struct spot *s = &d->l->spots[b];
  const enum op op = p->g->nodes[x->first].op;
  const struct plot_look look = plot_look (op, x->skip);
  const struct plot_texts t = plot_texts (p, x);
  const bool two = *t.rest;
  if (d->link)
    text_printf (&d->t, "<a href=\"%s%d\">", d->link, x->first);
  text_printf (&d->t, "<g class=\"%s\"><title>%s</title>", look.kind, plot_escaped (plot_names (p, x)));
  text_printf (&d->t, "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" rx=\"8\" fill=\"%s\" "
                      "stroke=\"%s\" stroke-width=\"1.1\"/>",
               s->x - s->width / 2, s->top, s->width, s->height, look.fill, look.line);
  put_text (d, s->x, s->top + (two ? 13.5 : s->height / 2 + 4), 12,
            t.bold ? "text-anchor=\"middle\" font-weight=\"bold\" fill=\"" TEXT_COLOUR "\""
                   : "text-anchor=\"middle\" font-style=\"italic\" fill=\"" TEXT_COLOUR "\"",
            plot_xml (t.title));
  if (two)
    put_text (d, s->x, s->top + 25.5, 10, "class=\"small\" text-anchor=\"middle\" fill=\"" SMALL_COLOUR "\"",
              plot_xml (t.rest));
  text_add (&d->t, d->link ? "</g></a>\n" : "</g>\n");
}

/* The head of an arrow at (X, Y): downwards, or to the left. */
static void
put_head (struct drawing *d, double x, double y, bool down, bool skip)
{
  text_printf (&d->t, "<path class=\"%s\" fill=\"%s\" d=\"M%.1f,%.1f%s\"/>\n", skip ? "skip-head" : "main-head",
               skip ? SKIP_COLOUR : MAIN_COLOUR, x, y, down ? "l-3,-6.5h6z" : "l6.5,-3v6z");
}

/* What a route looks like, but for its head. */
static char *
path_of (const struct drawing *d, const struct route *r)
{
  const struct spot *to = &d->l->spots[d->l->p->links[r->link].to];
  const double side = to->x + to->width / 2 + 5;
  const double down = r->to > r->from ? ROUND : -ROUND;
  switch (r->kind)
    {
    case ROUTE_DOWN:
      return mem_printf ("M%.1f,%.1fV%.1f", r->x, r->from, r->to - 5);
    case ROUTE_OVER:
      return mem_printf ("M0,%.1fH%.1fQ%.1f,%.1f %.1f,%.1fV%.1f", r->from, r->x - ROUND, r->x, r->from, r->x,
                         r->from + ROUND, r->to - 5);
    case ROUTE_UNDER:
      return mem_printf ("M%.1f,%.1fV%.1fQ%.1f,%.1f %.1f,%.1fH%.1f", r->x, r->from, r->to - ROUND, r->x, r->to,
                         r->x - ROUND, r->to, side);
    default:
      return mem_printf ("M%.1f,%.1fH%.1fQ%.1f,%.1f %.1f,%.1fV%.1fQ%.1f,%.1f %.1f,%.1fH%.1f", r->start, r->from,
                         r->x - ROUND, r->x, r->from, r->x, r->from + down, r->to - down, r->x, r->to, r->x - ROUND,
                         r->to, side);
    }
}

static void
put_route (struct drawing *d, const struct route *r)
{
  const struct link *l = &d->l->p->links[r->link];
  const struct spot *to = &d->l->spots[l->to];
  const bool skip = l->skip && (r->kind != ROUTE_DOWN || to->aside);
  const bool down = r->kind == ROUTE_DOWN || r->kind == ROUTE_OVER;
  text_printf (&d->t, "<path class=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"%g\" d=\"%s\"/>\n",
               skip ? "skip-line" : "main-line", skip ? SKIP_COLOUR : MAIN_COLOUR, skip ? 1.6 : 1.2, path_of (d, r));
  put_head (d, down ? r->x : to->x + to->width / 2, r->to, down, skip);
  if (r->start == 0 && (r->kind == ROUTE_OVER || r->kind == ROUTE_LANE))
    text_printf (&d->t, "<circle class=\"main-head\" cx=\"0\" cy=\"%.1f\" r=\"2.2\" fill=\"" MAIN_COLOUR "\"/>\n",
                 r->from);
  if (r->label)
    put_text (d, r->x + 5, r->label_at, 10, "class=\"faded\" fill=\"" FADED_COLOUR "\"", r->label);
}

/* The last box of the main line, from which a line goes on to the next column. */
static int
last_main (const struct drawing *d)
{
  int b = d->c->end - 1;
  while (b > d->c->first && d->l->spots[b].aside)
    b--;
  return b;
}

struct drawn_column
plot_draw (const struct arrangement *l, int i, const char *link)
{
  struct drawing d = { .l = l, .c = &l->columns[i], .link = link };
  const struct area *w = &d.c->whole;
  const bool goes_on = i + 1 < l->p->column_count;
  text_printf (&d.t, "<g transform=\"translate(%.1f %.1f)\" font-family=\"" FONTS "\">\n", EDGE - w->left, EDGE);
  put_places (&d, i);
  for (int k = 0; k < d.c->route_count; k++)
    put_route (&d, &d.c->routes[k]);
  if (goes_on)
    {
      const struct spot *s = &l->spots[last_main (&d)];
      text_printf (&d.t, "<path class=\"main-line\" fill=\"none\" stroke=\"" MAIN_COLOUR "\" stroke-width=\"1.2\" "
                         "d=\"M0,%.1fV%.1f\"/>\n", s->top + s->height, w->bottom);
    }
  for (int b = d.c->first; b < d.c->end; b++)
    put_box (&d, b);
  text_add (&d.t, "</g>\n");
  return (struct drawn_column){ .width = w->right - w->left + 2 * EDGE,
                                .height = w->bottom + 2 * EDGE,
                                .in = { EDGE - w->left, EDGE },
                                .out = { EDGE - w->left, EDGE + w->bottom },
                                .body = d.t.s };
}
