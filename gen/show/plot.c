/* From a graph to a file. */
#include "plot.h"

#include <string.h>

#include "base/replace.h"
#include "plot_drawn.h"

static bool
ends_in (const char *s, const char *end)
{
  size_t n = strlen (s), m = strlen (end);
  return n > m && strcmp (s + n - m, end) == 0;
}

/* Drawn by us, where that looks as it should; else NULL. */
static char *
drawn_chain (const struct graph *g, bool full)
{
  const struct picture p = plot_picture (g, full);
  const struct arrangement l = plot_layout (&p);
  struct drawn_column *list = NEW_ARRAY ((size_t) p.column_count, struct drawn_column);
  if (!l.chain)
    return NULL;
  for (int i = 0; i < p.column_count; i++)
    list[i] = plot_draw (&l, i, NULL);
  return plot_page (g, list, p.column_count);
}

void
plot (const struct graph *g, const char *path, bool full)
{
  if (!ends_in (path, ".svg"))
    fatal ("%s: the picture is an SVG: its name must end in .svg", path);
  const char *text = drawn_chain (g, full);
  if (!text)
    text = plot_svg (g, plot_graphviz (plot_dot (g, full)));
  file_write (replace_begin (path), text, strlen (text));
  replace_commit ();
}
