/* A column as SVG, where plot_layout placed it. */
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

/* Colours, which a page that the boxes refer into has in its style sheet: every line of it would repeat them. */
static const char *
paint (const struct drawing *d, const char *fill, const char *line, double width)
{
  if (d->link)
    return "";
  return line ? mem_printf (" fill=\"%s\" stroke=\"%s\" stroke-width=\"%g\"", fill, line, width)
              : mem_printf (" fill=\"%s\"", fill);
}

static void
put_frame (struct drawing *d, const struct area *a, const char *kind, const char *fill, const char *line, double width)
{
  text_printf (&d->t, "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" rx=\"9\"%s/>\n", kind,
               a->left, a->top, a->right - a->left, a->bottom - a->top, paint (d, fill, line, width));
}

enum letters
{
  STAGE_NAME,
  REPEATS,
  BLOCK_NAME,
  TITLE,
  END_TITLE,
  REST,
  SHAPE
};

static void
put_text (struct drawing *d, enum letters kind, double x, double y, const char *escaped)
{
  static const struct { const char *name, *attributes, *colour;
  } letters[] = {
    [STAGE_NAME] = { "stage-name", " font-size=\"13\" font-weight=\"bold\"", MAIN_COLOUR },
    [REPEATS] = { "repeats", " font-size=\"15\" font-weight=\"bold\" text-anchor=\"end\"", MAIN_COLOUR },
    [BLOCK_NAME] = { "block-name", " font-size=\"11\" text-anchor=\"end\"", FADED_COLOUR },
    [TITLE] = { "title", " font-size=\"12\" font-weight=\"bold\" text-anchor=\"middle\"", TEXT_COLOUR },
    [END_TITLE] = { "end-title", " font-size=\"12\" font-style=\"italic\" text-anchor=\"middle\"", TEXT_COLOUR },
    [REST] = { "rest", " font-size=\"10\" text-anchor=\"middle\"", SMALL_COLOUR },
    [SHAPE] = { "shape", " font-size=\"10\"", FADED_COLOUR },
  };
  text_printf (&d->t, "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\"%s%s>%s</text>\n", letters[kind].name, x, y,
               d->link ? "" : letters[kind].attributes, paint (d, letters[kind].colour, NULL, 0), escaped);
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
  put_text (d, STAGE_NAME, a.left + 9, a.top + 17, mem_printf ("stage %d", p->places[i].stage));
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
        put_text (d, REPEATS, a->right - 8, a->top + 17, mem_printf ("×%d", pl->repeat));
      else
        put_text (d, BLOCK_NAME, a->right - 8, a->top + 14, mem_printf ("block %d", pl->block));
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
  text_printf (&d->t, "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" rx=\"8\"%s/>", s->x - s->width / 2,
               s->top, s->width, s->height, paint (d, look.fill, look.line, 1.1));
  put_text (d, t.bold ? TITLE : END_TITLE, s->x, s->top + (two ? 13.5 : s->height / 2 + 4), plot_xml (t.title));
  if (two)
    put_text (d, REST, s->x, s->top + 25.5, plot_xml (t.rest));
  text_add (&d->t, d->link ? "</g></a>\n" : "</g>\n");
}

/* The head of an arrow at (X, Y): downwards, or to the left. */
static void
put_head (struct drawing *d, double x, double y, bool down, bool skip)
{
  text_printf (&d->t, "<path class=\"%s\"%s d=\"M%.1f,%.1f%s\"/>\n", skip ? "skip-head" : "main-head",
               paint (d, skip ? SKIP_COLOUR : MAIN_COLOUR, NULL, 0), x, y, down ? "l-3,-6.5h6z" : "l6.5,-3v6z");
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
  text_printf (&d->t, "<path class=\"%s\"%s d=\"%s\"/>\n", skip ? "skip-line" : "main-line",
               paint (d, "none", skip ? SKIP_COLOUR : MAIN_COLOUR, skip ? 1.6 : 1.2), path_of (d, r));
  put_head (d, down ? r->x : to->x + to->width / 2, r->to, down, skip);
  if (r->start == 0 && (r->kind == ROUTE_OVER || r->kind == ROUTE_LANE))
    text_printf (&d->t, "<circle class=\"main-head\" cx=\"0\" cy=\"%.1f\" r=\"2.2\"%s/>\n", r->from,
                 paint (d, MAIN_COLOUR, NULL, 0));
  if (r->label)
    put_text (d, SHAPE, r->x + 5, r->label_at, r->label);
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
      text_printf (&d.t, "<path class=\"main-line\"%s d=\"M0,%.1fV%.1f\"/>\n", paint (&d, "none", MAIN_COLOUR, 1.2),
                   s->top + s->height, w->bottom);
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
