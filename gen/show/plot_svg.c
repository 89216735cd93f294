/* The columns side by side under a title, and the lines between them. */
#include <stdlib.h>
#include <string.h>

#include "plot.h"
#include "plot_drawn.h"
#include "plot_label.h"
#include "plot_look.h"
#include "summary.h"

#define MARGIN 24.0
#define TITLE_HEIGHT 52.0
#define GUTTER 34.0 /* between columns; the line to the next one runs in it */
#define CORNER 7.0

/* What dot drew of one column, in points. */
struct column
{
  double width, height;
  struct point in, out;
  const char *body, *end; /* elements */
};

/* Where the point called NAME lies, relative to ORIGIN; the origin itself when there is none. */
static struct point
find_point (const struct column *c, const char *name, struct point origin)
{
  const char *title = strstr (c->body, mem_printf ("<title>%s</title>", name));
  const char *at = title && title < c->end ? strstr (title, " cx=\"") : NULL;
  struct point p = { 0, 0 };
  if (at && sscanf (at, " cx=\"%lf\" cy=\"%lf\"", &p.x, &p.y) != 2)
    fatal ("dot's picture is not understood: %.40s", at);
  return (struct point){ origin.x + p.x, origin.y + p.y };
}

/* Take one picture from *TEXT on; false when there is none. */
static bool
next_column (const char **text, struct column *c)
{
  const char *svg = strstr (*text, "<svg "), *end = svg ? strstr (svg, "</svg>") : NULL;
  struct point origin;
  if (!end)
    return false;
  c->body = strstr (svg, "<g ");
  const char *translate = c->body ? strstr (c->body, "translate(") : NULL;
  if (sscanf (svg, "<svg width=\"%lfpt\" height=\"%lfpt\"", &c->width, &c->height) != 2 || !translate
      || sscanf (translate, "translate(%lf%*[ ,]%lf", &origin.x, &origin.y) != 2)
    fatal ("dot's picture is not understood: %.40s", svg);
  c->end = end;
  c->in = find_point (c, "in", origin);
  c->out = find_point (c, "out", origin);
  *text = end + 1;
  return true;
}

/* Where S contains no more of WHAT, END. */
static const char *
next (const char *s, const char *end, const char *what)
{
  const char *at = strstr (s, what);
  return at && at < end ? at : end;
}

/* The elements without graphviz's comments, which tell its version, and without their ids, which every column has
 * again. Neither "<!--" nor a quote can be in a text. */
static char *
cleaned (const struct column *c)
{
  static const char id[] = " id=\"";
  struct text t = { 0 };
  text_add (&t, "");
  for (const char *s = c->body; s < c->end;)
    {
      const char *comment = next (s, c->end, "<!--"), *ident = next (s, c->end, id);
      const char *cut = comment < ident ? comment : ident;
      text_addn (&t, s, (size_t) (cut - s));
      if (cut == c->end)
        break;
      s = cut == comment ? strstr (cut, "-->") : strchr (cut + sizeof id - 1, '"');
      s = s ? s + (cut == comment ? 3 : 1) : c->end;
      s += cut == comment && *s == '\n';
    }
  return t.s;
}

static int
compare (const void *a, const void *b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

/* The frames stand before all else, in an order that differs from run to run: dot sorts them by their addresses.
 * Their names order them, a stage's frame before those of its blocks. */
static void
put_body (struct text *t, const struct column *c)
{
  static const char open[] = "<g class=\"cluster\">", close[] = "</g>\n";
  char *body = cleaned (c), *first = strstr (body, open), *s = first;
  int count = 0, most = 0;
  for (const char *at = first; at; at = strstr (at + 1, open))
    most++;
  char **frames = NEW_ARRAY ((size_t) most + 1, char *);
  for (char *end; s && strncmp (s, open, sizeof open - 1) == 0 && (end = strstr (s, close)); s = end)
    {
      end += sizeof close - 1;
      frames[count++] = mem_strndup (s, (size_t) (end - s));
    }
  qsort (frames, (size_t) count, sizeof *frames, compare);
  text_addn (t, body, first ? (size_t) (first - body) : 0);
  for (int i = 0; i < count; i++)
    text_add (t, frames[i]);
  text_add (t, first ? s : body);
}

/* From the bottom of one column through the gutter at X to the top of the next. */
static void
put_connection (struct text *t, struct point from, struct point to, double x)
{
  double r = CORNER, low = from.y + r, high = to.y - r;
  text_printf (t, "<path fill=\"none\" stroke=\"" MAIN_COLOUR "\" stroke-width=\"1.2\" d=\"M%.2f,%.2f", from.x, from.y);
  text_printf (t, "Q%.2f,%.2f %.2f,%.2f", from.x, low, from.x + r, low);
  text_printf (t, "H%.2fQ%.2f,%.2f %.2f,%.2f", x - r, x, low, x, low - r);
  text_printf (t, "V%.2fQ%.2f,%.2f %.2f,%.2f", high + r, x, high, x + r, high);
  text_printf (t, "H%.2fQ%.2f,%.2f %.2f,%.2f\"/>\n", to.x - r, to.x, high, to.x, to.y);
}

/* Three digits and a unit. */
static char *
rounded (double v)
{
  static const char *const units[] = { "", " k", " M", " G", " T" };
  int unit = 0;
  for (; v >= 999.5 && unit < 4; unit++)
    v /= 1000;
  return mem_printf ("%.*f%s", !unit || v >= 99.95 ? 0 : v >= 9.995 ? 1 : 2, v, units[unit]);
}

static void
put_title (struct text *t, const struct graph *g)
{
  double parameters = 0, macs = 0;
  for (int i = 0; i < g->node_count; i++)
    {
      parameters += (double) summary_parameters (&g->nodes[i]);
      macs += g->nodes[i].macs;
    }
  text_printf (t, "<text x=\"%g\" y=\"%g\" font-family=\"" FONTS "\" font-size=\"22\" font-weight=\"bold\" "
                  "fill=\"" TEXT_COLOUR "\">%s<tspan font-size=\"13\" font-weight=\"normal\" "
                  "fill=\"" SMALL_COLOUR "\" dx=\"14\">"
                  "depth %d  ·  %s parameters  ·  %s multiply-adds</tspan></text>\n",
               MARGIN + 4, MARGIN + 20, plot_xml (g->name), g->depth, summary_number (parameters), rounded (macs));
}

char *
plot_page (const struct graph *g, const struct drawn_column *columns, int count)
{
  struct text body = { 0 }, t = { 0 };
  double x = MARGIN, bottom = 0, width = 440 + 13 * (double) strlen (g->name);
  struct point from = { 0, 0 };
  for (int i = 0; i < count; i++)
    {
      const struct drawn_column *c = &columns[i];
      double y = MARGIN + TITLE_HEIGHT;
      x += i ? GUTTER : 0;
      if (i)
        put_connection (&body, from, (struct point){ x + c->in.x, y + c->in.y }, x - GUTTER / 2);
      text_printf (&body, "<g transform=\"translate(%.2f %.2f)\">\n", x, y);
      text_add (&body, c->body);
      text_add (&body, "</g>\n");
      from = (struct point){ x + c->out.x, y + c->out.y };
      x += c->width;
      bottom = y + c->height > bottom ? y + c->height : bottom;
    }
  width = x + MARGIN > width ? x + MARGIN : width;
  text_printf (&t, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" "
                   "xmlns:xlink=\"http://www.w3.org/1999/xlink\" width=\"%.0fpt\" height=\"%.0fpt\" "
                   "viewBox=\"0 0 %.0f %.0f\">\n<title>%s</title>\n",
               width, bottom + MARGIN, width, bottom + MARGIN, plot_xml (g->name));
  text_add (&t, "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n");
  put_title (&t, g);
  text_addn (&t, body.s, body.n);
  text_add (&t, "</svg>\n");
  return t.s;
}

char *
plot_svg (const struct graph *g, const char *drawn)
{
  struct column c;
  struct drawn_column *list = NULL;
  int count = 0;
  for (const char *s = drawn; next_column (&s, &c);)
    count++;
  list = NEW_ARRAY ((size_t) count + 1, struct drawn_column);
  for (int i = 0; next_column (&drawn, &c); i++)
    {
      struct text body = { 0 };
      put_body (&body, &c);
      list[i] = (struct drawn_column){ .width = c.width, .height = c.height, .in = c.in, .out = c.out, .body = body.s };
    }
  return plot_page (g, list, count);
}
