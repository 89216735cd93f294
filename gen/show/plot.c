/* From a graph to a file. */
#include "plot.h"

#include <string.h>

#include "base/replace.h"

static bool
ends_in (const char *s, const char *end)
{
  size_t n = strlen (s), m = strlen (end);
  return n > m && strcmp (s + n - m, end) == 0;
}

void
plot (const struct graph *g, const char *path, bool full)
{
  if (!ends_in (path, ".svg"))
    fatal ("%s: the picture is an SVG: its name must end in .svg", path);
  const char *text = plot_svg (g, plot_graphviz (plot_dot (g, full)));
  file_write (replace_begin (path), text, strlen (text));
  replace_commit ();
}
