/* The layers of one part: what they are, which kernels compute them and why, how long they take and could take. */
#include "parts.h"

#include <string.h>

#include "backend/decision.h"
#include "show/plot_label.h"
#include "show/summary.h"

#define MOST_CONSIDERED 12

/* Is NAME one of COVERS, names joined with +? */
static bool
is_covered (const char *covers, const char *name)
{
  const size_t n = strlen (name);
  for (const char *s = covers; (s = strstr (s, name)); s++)
    if ((s == covers || s[-1] == '+') && (!s[n] || s[n] == '+'))
      return true;
  return false;
}

/* The source's layers that node N computes. In the FIRST table the drawing's links lead to them. */
static void
put_names (struct text *t, const struct report *r, const struct node *n, bool first)
{
  const struct graph *g = r->layers;
  bool any = false;
  for (int i = 0; first && i < g->node_count; i++)
    if (is_covered (n->covers, g->nodes[i].name))
      {
        text_printf (t, "%s<span id=\"s%d\">%s</span>", any ? " + " : "", i, plot_escaped (g->nodes[i].name));
        any = true;
      }
  for (const char *s = n->covers; !any && *s; s++)
    {
      const size_t bytes = strcspn (s, "+");
      text_printf (t, "%s%s", s > n->covers ? " + " : "", plot_escaped (mem_strndup (s, bytes)));
      s += bytes;
      if (!*s)
        break;
    }
}

static void
put_why (struct text *t, const struct part *p, const struct node *n)
{
  const struct backend *b = backend_of (p->g);
  struct considered list[MOST_CONSIDERED];
  const int count = b->considered ? b->considered (p->g, n, list, MOST_CONSIDERED) : 0;
  const char *reason = plot_escaped (n->kernel->reason);
  if (count < 2)
    {
      text_printf (t, "<td class=\"why\">%s</td>", reason);
      return;
    }
  text_printf (t, "<td class=\"why\"><details><summary>%s</summary><table class=\"considered\">"
                  "<caption>%s</caption>", reason, list[0].measured ? "measured" : "by the model");
  for (int i = 0; i < count; i++)
    text_printf (t, "<tr%s><th scope=\"row\">%s</th><td>%s ms</td><td>%s</td></tr>",
                 list[i].chosen ? " class=\"chosen\"" : "", plot_escaped (list[i].text), ms_words (list[i].ms),
                 list[i].weight_bytes ? bytes_words ((double) list[i].weight_bytes) : "");
  text_add (t, "</table></details></td>");
}

/* Time, limit, and how near they are. */
static void
put_time (struct text *t, const struct report *r, const struct part *p, int i, double longest)
{
  const struct limit l = limit_of (r, p, i);
  const double ms = p->times ? p->times->layer[i] : 0;
  if (p->times)
    text_printf (t, "<td class=\"n time\"><span class=\"bar\" style=\"width:%.1f%%\"></span>%s</td>",
                 longest > 0 ? 100 * ms / longest : 0, ms_words (ms));
  text_printf (t, "<td class=\"n\">%s%s</td>", l.ms > 0 ? ms_words (l.ms) : "",
               l.ms <= 0 || (p->times && p->times->limit) ? ""
               : l.by_memory                              ? " <small>memory</small>"
                                                          : " <small>macs</small>");
  if (p->times)
    text_printf (t, "<td class=\"n\">%s</td>", l.ms > 0 && ms > 0 ? mem_printf ("%.0f %%", 100 * l.ms / ms) : "");
}

/* verify's word on node N: that of all its checks. */
static const char *
checked (const struct report *r, const struct node *n)
{
  const char *word = "";
  for (int i = 0; i < r->checks->count; i++)
    if (!strcmp (r->checks->list[i].layer, n->covers))
      {
        if (r->checks->list[i].failure)
          return "<b class=\"bad\">differs</b>";
        word = "agrees";
      }
  return word;
}

static void
put_row (struct text *t, const struct report *r, int part, int i, double longest)
{
  const struct part *p = &r->parts[part];
  const struct node *n = &p->g->nodes[i];
  const double batch = (double) p->g->batch, executed = kernel_executed_macs (n->kernel) * batch;
  text_printf (t, "<tr><td class=\"n\">%d</td><th scope=\"row\">", i);
  put_names (t, r, n, part == 0);
  text_printf (t, "</th><td>%s</td><td class=\"n\">%s</td><td class=\"n\">%s", op_name (n->op),
               plot_shape (&p->g->tensors[n->out].shape), n->macs > 0 ? count_words (n->macs * batch) : "");
  if (n->macs > 0 && (executed < 0.99 * n->macs * batch || executed > 1.01 * n->macs * batch))
    text_printf (t, " <small>%s</small>", count_words (executed));
  text_printf (t, "</td><td class=\"kernel\">%s</td>", plot_escaped (n->kernel->function));
  put_why (t, p, n);
  put_time (t, r, p, i, longest);
  if (r->checks)
    text_printf (t, "<td>%s</td>", checked (r, n));
  text_add (t, "</tr>\n");
}

/* What was measured, or why nothing was. */
static void
put_times_words (struct text *t, const struct report *r, const struct part *p)
{
  const struct times *m = p->times;
  if (m)
    {
      text_printf (t, "<p>Times of the target %s, %s: medians of each layer, %s ms together; a whole run takes %s ms",
                   m->kernels->target_name,
                   m->threads ? mem_printf ("%d thread%s", m->threads, m->threads == 1 ? "" : "s") : "on the device",
                   ms_words (m->sum), ms_words (m->median));
      if (m->runs)
        text_printf (t, " (%d runs)", m->runs);
      text_printf (t, "%s%s.</p>\n", m->from ? ", as in " : "", m->from ? plot_escaped (m->from) : "");
    }
  else
    {
      const char *option = backend_of (p->g)->name ? mem_printf (" --device %s", backend_of (p->g)->name) : "";
      const char *dir = plot_escaped (r->o->dir), *name = plot_escaped (p->g->name);
      text_printf (t, "<p class=\"note\">Times were not measured: %s. With the program that <code>make -C %s</code> "
                      "builds, "
                      "<code>rescast report</code> measures them; <code>--times FILE</code> takes what <code>%s/%s "
                      "--bench 100 --profile --json%s</code> prints, on another machine, too.</p>\n",
                   plot_escaped (p->why), dir, dir, name, option);
    }
  text_printf (t, "<p>%s</p>\n", limit_words (r, p));
}

static void
put_head (struct text *t, const struct report *r, const struct part *p)
{
  text_add (t, "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"layers\"><table "
               "class=\"layers\"><thead><tr>"
               "<th scope=\"col\" class=\"n\">#</th><th scope=\"col\">layers</th><th scope=\"col\">operator</th>"
               "<th scope=\"col\" class=\"n\">output</th><th scope=\"col\" class=\"n\" title=\"by the layer’s "
               "definition; small: as the kernel "
               "executes them\">multiply-adds</th><th scope=\"col\">kernel</th><th scope=\"col\">why, and what else "
               "was "
               "considered</th>");
  if (p->times)
    text_add (t, "<th scope=\"col\" class=\"n\">ms</th>");
  text_add (t, "<th scope=\"col\" class=\"n\">limit, ms</th>");
  if (p->times)
    text_add (t, "<th scope=\"col\" class=\"n\">of limit</th>");
  if (r->checks)
    text_add (t, "<th scope=\"col\">verify</th>");
  text_add (t, "</tr></thead><tbody>\n");
}

static void
put_totals (struct text *t, const struct report *r, const struct part *p)
{
  double macs = 0, limit = 0;
  for (int i = 0; i < p->g->node_count; i++)
    {
      macs += p->g->nodes[i].macs * (double) p->g->batch;
      limit += limit_of (r, p, i).ms;
    }
  text_printf (t, "</tbody><tfoot><tr><td></td><th scope=\"row\">all layers</th><td></td><td></td><td "
                  "class=\"n\">%s</td>"
                  "<td></td><td></td>",
               count_words (macs));
  if (p->times)
    text_printf (t, "<td class=\"n\">%s</td>", ms_words (p->times->sum));
  text_printf (t, "<td class=\"n\">%s</td>", limit > 0 ? ms_words (limit) : "");
  if (p->times)
    text_printf (t, "<td class=\"n\">%s</td>", limit > 0 ? mem_printf ("%.0f %%", 100 * limit / p->times->sum) : "");
  text_printf (t, "%s</tr></tfoot></table></div>\n", r->checks ? "<td></td>" : "");
}

void
section_layers (struct text *t, const struct report *r, int part)
{
  const struct part *p = &r->parts[part];
  double longest = 0;
  for (int i = 0; p->times && i < p->g->node_count; i++)
    longest = p->times->layer[i] > longest ? p->times->layer[i] : longest;
  text_printf (t, "<section id=\"part%d\"><h2>Layers and kernels: %s</h2>\n", part, plot_escaped (p->title));
  put_times_words (t, r, p);
  put_head (t, r, p);
  for (int i = 0; i < p->g->node_count; i++)
    put_row (t, r, part, i, longest);
  put_totals (t, r, p);
  section_memory (t, p, part);
  text_add (t, "</section>\n");
}
