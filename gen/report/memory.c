/* The arena as a picture: layers from left to right, addresses from below, each tensor a rectangle of the layers during
 * which it is needed and the bytes that it takes. */
#include "parts.h"

#include "show/plot_label.h"

#define WIDTH 960.0
#define HEIGHT 300.0
#define LEFT 74.0
#define TOP 22.0
#define BOTTOM 34.0

struct plane
{
  const struct graph *g;
  double step, scale; /* points a layer, and a byte */
};

static double
height_of (const struct plane *p, double offset)
{
  return TOP + HEIGHT - offset * p->scale;
}

static void
put_item (struct text *t, const struct plane *p, const char *kind, double offset, double bytes, int first, int last,
          const char *said)
{
  text_printf (t, "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"><title>%s, %s at %.0f, "
                  "layers %d to %d</title></rect>\n",
               kind, LEFT + first * p->step, height_of (p, offset + bytes), (last - first + 1) * p->step,
               bytes * p->scale, said, bytes_words (bytes), offset, first, last);
}

static void
put_items (struct text *t, const struct plane *p)
{
  const struct graph *g = p->g;
  const double dense = (double) format_bytes (&format_dense, &g->tensors[g->nodes[0].out].shape, g->batch);
  put_item (t, p, "input", (double) g->input_offset, dense, 0, 0, "the input as the caller has it");
  for (int i = 0; i < g->node_count; i++)
    {
      const struct node *n = &g->nodes[i];
      const struct tensor *x = &g->tensors[n->out];
      if (x->bytes)
        put_item (t, p, x->within < 0 ? "tensor" : "within", (double) x->offset, (double) x->bytes, x->first, x->last,
                  mem_printf ("%s, %s", plot_escaped (x->name), plot_shape (&x->shape)));
      if (n->scratch_bytes)
        put_item (t, p, "scratch", (double) n->scratch_offset, (double) n->scratch_bytes, i, i,
                  mem_printf ("what the kernel of %s needs beside tensors", plot_escaped (n->name)));
    }
}

/* A step of 1, 2 or 5 times a power of ten of which WANTED at most make up MOST. */
static double
nice_step (double most, double wanted)
{
  double step = 1;
  for (int k = 0; most / step > wanted; k++)
    step *= k % 3 == 1 ? 2.5 : 2;
  return step;
}

static void
put_axes (struct text *t, const struct plane *p)
{
  const double arena = (double) p->g->arena_bytes;
  double unit = 1;
  while (arena / unit >= 1024)
    unit *= 1024;
  const double step = nice_step (arena / unit * 100, 6) / 100 * unit, layers = nice_step (p->g->node_count, 16);
  for (double v = 0; v <= arena * 0.93; v += step)
    text_printf (t, "<path class=\"grid\" d=\"M%.1f,%.1fH%.1f\"/><text x=\"%.1f\" y=\"%.1f\" "
                    "text-anchor=\"end\">%s</text>\n",
                 LEFT, height_of (p, v), WIDTH, LEFT - 6, height_of (p, v) + 4, bytes_words (v));
  for (double i = 0; i < p->g->node_count; i += layers)
    text_printf (t, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%.0f</text>\n", LEFT + (i + 0.5) * p->step,
                 TOP + HEIGHT + 15, i);
  text_printf (t, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">layer</text>\n", WIDTH, TOP + HEIGHT + 29);
}

static void
put_line (struct text *t, const struct plane *p, const char *kind, double bytes, double x, const char *anchor,
          const char *said)
{
  text_printf (t, "<path class=\"%s\" d=\"M%.1f,%.1fH%.1f\"/><text class=\"%s-text\" x=\"%.1f\" y=\"%.1f\" "
                  "text-anchor=\"%s\">%s %s</text>\n",
               kind, LEFT, height_of (p, bytes), WIDTH, kind, x, height_of (p, bytes) - 5, anchor, said,
               bytes_words (bytes));
}

void
section_memory (struct text *t, const struct part *part, int number)
{
  const struct graph *g = part->g;
  const double arena = (double) g->arena_bytes, bound = (double) g->arena_bound;
  const struct plane p = { .g = g, .step = (WIDTH - LEFT) / g->node_count, .scale = HEIGHT / (arena > 0 ? arena : 1) };
  text_printf (t, "<h3 id=\"memory%d\">Memory over time</h3>\n<p>The arena has %s. At no time are more than %s in "
                  "use, so "
                  "that none could be smaller%s. Weights are beside it: %s.</p>\n",
               number, bytes_words (arena), bytes_words (bound),
               arena > bound ? mem_printf ("; %.1f %% are lost between tensors", 100 * (arena - bound) / arena)
                             : ", and nothing is lost",
               bytes_words ((double) part->weight_bytes));
  text_printf (t, "<figure class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"memory over time\">\n"
                  "<svg class=\"memory\" viewBox=\"0 0 %g %g\" role=\"img\"><title>Tensors in the arena of %s, layer "
                  "by "
                  "layer</title>\n",
               WIDTH + 4, TOP + HEIGHT + BOTTOM, bytes_words (arena));
  put_axes (t, &p);
  put_items (t, &p);
  put_line (t, &p, "arena", arena, LEFT, "start", "arena");
  put_line (t, &p, "bound", bound, WIDTH, "end", "lower bound");
  text_add (t, "</svg>\n<figcaption><span class=\"key tensor\"></span> tensors "
               "<span class=\"key within\"></span> within another one "
               "<span class=\"key scratch\"></span> what one kernel needs beside them "
               "<span class=\"key input\"></span> the caller’s input, where it may lie</figcaption></figure>\n");
}
