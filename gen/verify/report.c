/* What verify prints and writes about each layer. */
#include "verify_internal.h"

#include <stdio.h>
#include <string.h>

#include "base/program.h"
#include "base/replace.h"

/* A kernel's name without the network's, which all of them begin with. */
static const char *
short_name (const struct outcome *o, const char *network)
{
  size_t n = strlen (network);
  return strncmp (o->kernel, network, n) || o->kernel[n] != '_' ? o->kernel : o->kernel + n + 1;
}

void
report_table (const char *network, const struct outcome *list, int count)
{
  size_t width = strlen ("kernel");
  for (int i = 0; i < count; i++)
    if (strlen (short_name (&list[i], network)) > width)
      width = strlen (short_name (&list[i], network));
  printf ("%4s  %-19s  %-*s  %s  %s\n", "", "operator", (int) width, "kernel", "of bound", "layer");
  for (int i = 0; i < count; i++)
    printf ("%4d  %-19s  %-*s  %8.3f  %s%s\n", i, list[i].op, (int) width, short_name (&list[i], network),
            list[i].worst, list[i].layer, !list[i].failure ? "" : list[i].error ? "  FAILED" : "  DIFFERS");
}

/* XML text: what has a meaning there as an entity; what is not allowed in it as '?': control characters, and bytes that
 * are no UTF-8, which a kernel may have printed. */
static void
add_escaped (struct text *t, const char *s)
{
  uint32_t c;
  for (size_t left = strlen (s), n; left; s += n, left -= n)
    {
      n = utf8_decode (s, left, &c);
      if (!n || c < ' ' || (c & 0xfffe) == 0xfffe)
        text_add (t, "?");
      else if (strchr ("&<>\"", *s))
        text_add (t, *s == '&' ? "&amp;" : *s == '<' ? "&lt;" : *s == '>' ? "&gt;" : "&quot;");
      else
        text_addn (t, s, n);
      n += !n;
    }
}

void
report_junit (const char *path, const char *name, const struct outcome *list, int count)
{
  struct text t = { 0 };
  int failures = 0, errors = 0;
  for (int i = 0; i < count; i++)
    {
      failures += list[i].failure && !list[i].error;
      errors += list[i].failure && list[i].error;
    }
  text_printf (&t, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                   "<testsuite name=\"%s\" tests=\"%d\" failures=\"%d\" errors=\"%d\">\n",
               name, count, failures, errors);
  for (int i = 0; i < count; i++)
    {
      text_printf (&t, "  <testcase classname=\"%s.%s\" name=\"", name, list[i].op);
      add_escaped (&t, list[i].layer);
      if (!list[i].failure)
        {
          text_add (&t, "\"/>\n");
          continue;
        }
      text_printf (&t, "\">\n    <%s message=\"", list[i].error ? "error" : "failure");
      add_escaped (&t, list[i].failure);
      text_add (&t, "\"/>\n  </testcase>\n");
    }
  text_add (&t, "</testsuite>\n");
  program_flush (); /* the table */
  file_write (replace_begin (path), t.s, t.n);
  replace_commit ();
}
