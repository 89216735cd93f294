/* The network drawn: a column after the other, which fold; equal blocks once, and every layer below. */
#include "parts.h"

#include <string.h>

#include "show/plot_drawn.h"
#include "show/plot_label.h"

/* Which stage column I of P has; 0: none. */
static int
stage_of (const struct picture *p, int i)
{
  for (int k = 0; k < p->place_count; k++)
    if (p->places[k].column == i && p->places[k].stage)
      return p->places[k].stage;
  return 0;
}

static void
put_column (struct text *t, const struct arrangement *a, int i, const char *what)
{
  const struct drawn_column c = plot_draw (a, i, "#s");
  text_printf (t, "<svg class=\"net\" width=\"%.0f\" height=\"%.0f\" viewBox=\"0 0 %.1f %.1f\" role=\"group\" "
                  "aria-label=\"%s\">\n%s</svg>\n",
               c.width, c.height, c.width, c.height, what, c.body);
}

/* Multiply-adds of the nodes of STAGE. */
static double
stage_macs (const struct graph *g, int stage)
{
  double macs = 0;
  for (int i = 0; i < g->node_count; i++)
    macs += g->nodes[i].stage == stage ? g->nodes[i].macs : 0;
  return macs;
}

/* The blocks of STAGE, and the shape that it ends with. */
static char *
stage_words (const struct graph *g, int stage)
{
  int blocks = 0, last = 0;
  for (int i = 0; i < g->node_count; i++)
    if (g->nodes[i].stage == stage)
      {
        blocks = g->nodes[i].block > blocks ? g->nodes[i].block : blocks;
        last = i;
      }
  return mem_printf ("%d block%s, %s, %s multiply-adds", blocks, blocks == 1 ? "" : "s",
                     plot_shape (&g->tensors[g->nodes[last].out].shape), count_words (stage_macs (g, stage)));
}

/* Every layer of STAGE, 0: of what is outside of stages. */
static void
put_full (struct text *t, const struct arrangement *full, int stage)
{
  text_printf (t, "<details class=\"full\"><summary>every layer of it</summary><div class=\"flow\">\n");
  for (int i = 0; i < full->p->column_count; i++)
    if (stage_of (full->p, i) == stage)
      put_column (t, full, i, "every layer");
  text_add (t, "</div></details>\n");
}

static bool
has_stages (const struct picture *p)
{
  for (int i = 0; i < p->place_count; i++)
    if (p->places[i].stage)
      return true;
  return false;
}

void
section_network (struct text *t, const struct report *r)
{
  const struct graph *g = r->layers;
  const struct picture folded = plot_picture (g, false), every = plot_picture (g, true);
  const struct arrangement a = plot_layout (&folded), full = plot_layout (&every);
  text_add (t, "<section id=\"network\"><h2>The network</h2>\n<p>Blocks that are equal are drawn once, with their "
               "number. A click on a layer leads to its row in the table.</p>\n<div class=\"flow scroll\">\n");
  for (int i = 0; i < folded.column_count; i++)
    {
      const int stage = stage_of (&folded, i);
      if (!stage)
        {
          put_column (t, &a, i, "layers outside of stages");
          continue;
        }
      if (i && stage_of (&folded, i - 1) == stage)
        continue; /* with the stage's first column */
      text_printf (t, "<details class=\"stage\" open><summary><b>stage %d</b>: %s</summary>\n"
                      "<div class=\"flow\">\n", stage, stage_words (g, stage));
      for (int k = i; k < folded.column_count && stage_of (&folded, k) == stage; k++)
        put_column (t, &a, k, mem_printf ("stage %d", stage));
      text_add (t, "</div>\n");
      put_full (t, &full, stage);
      text_add (t, "</details>\n");
    }
  text_add (t, "</div>\n");
  if (!has_stages (&folded))
    put_full (t, &full, 0);
  text_add (t, "</section>\n");
}
