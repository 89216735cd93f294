/* What GPU tuning says, and the file of tiles that it writes. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/replace.h"
#include "tune_variants.h"

void
cuda_report_table (const struct cuda_tuning *t)
{
  for (int i = 0; i < t->product_count; i++)
    {
      const struct tuned_product *p = &t->products[i];
      const char *tile = p->now || p->alike ? mma_tile_text (&p->list[p->now]) : "several tiles";
      printf ("  %-44s %3d x %9.2f us before %9.2f us after  %s%s\n", p->name, p->layers, p->us[0], p->us[p->now], tile,
              p->now ? "" : "  as before");
    }
}

/* Do both lines say something of the same precision, batch and kernel? */
static bool
same_kernel (const char *a, const char *b)
{
  char of_a[3][128], of_b[3][128];
  bool same = sscanf (a, "%127s %127s %127s", of_a[0], of_a[1], of_a[2]) == 3
              && sscanf (b, "%127s %127s %127s", of_b[0], of_b[1], of_b[2]) == 3;
  for (int i = 0; same && i < 3; i++)
    same = !strcmp (of_a[i], of_b[i]);
  return same;
}

static bool
is_replaced (const char *line, char **lines, int count)
{
  for (int i = 0; i < count; i++)
    if (line[0] != '#' && same_kernel (line, lines[i]))
      return true;
  return false;
}

void
cuda_report_tiles (const char *path, char **lines, int count)
{
  struct text t = { 0 };
  char line[512];
  FILE *f = fopen (path, "r");
  if (!f && errno != ENOENT)
    fatal ("%s: %s", path, strerror (errno));
  while (f && fgets (line, sizeof line, f))
    if (!is_replaced (line, lines, count))
      text_add (&t, line);
  if (f && ferror (f))
    fatal ("%s: cannot be read: %s", path, strerror (errno));
  if (f)
    fclose (f);
  if (t.n && t.s[t.n - 1] != '\n')
    text_add (&t, "\n");
  for (int i = 0; i < count; i++)
    text_printf (&t, "%s\n", lines[i]);
  file_write (replace_begin (path), t.n ? t.s : "", t.n);
  replace_commit ();
}
