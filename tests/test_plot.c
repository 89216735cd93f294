/* The picture's text for dot, and the SVG made of it. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "folder.h"
#include "frontend/build.h"
#include "frontend/frontend.h"
#include "show/plot.h"
#include "show/plot_drawn.h"
#include "show/plot_label.h"
#include "small_graph.h"

static struct graph *
network (const char *name)
{
  return source_build (source_read (source_path (mem_printf ("examples/networks/%s.yaml", name)), NULL, 0, NULL));
}

static int
count (const char *text, const char *what)
{
  int n = 0;
  for (; (text = strstr (text, what)); text += strlen (what))
    n++;
  return n;
}

static const char *const names[]
  = { "resnet18", "resnet50", "resnet152", "resnext50_32x4d", "resnet20-cifar10", "resnet3d-50", "resnet3d-14",
      "table-resnet50" };

/* --full: a box for each layer, with its name; nothing is folded. */
START_TEST (every_layer)
{
  const struct graph *g = network (names[_i]);
  const char *dot = plot_dot (g, true);
  for (int i = 0; i < g->node_count; i++)
    {
      const struct node *n = &g->nodes[i];
      ck_assert_msg (count (dot, mem_printf ("tooltip=\"%s\"", n->name)) == 1, "%s: %s", names[_i], n->name);
      ck_assert_msg (n->op == OP_INPUT || n->op == OP_OUTPUT || strstr (dot, mem_printf (">%s</FONT>>", n->name)),
                     "%s: no %s", names[_i], n->name);
    }
  ck_assert_ptr_null (strstr (dot, "×2<"));
}
END_TEST

/* Frames and repeats of stages: equal blocks that follow each other are one. */
static const struct
{
  const char *name;
  int frames, repeats[8];
} folds[] = {
  { "resnet18", 7, { 2 } },
  { "resnet50", 8, { 2, 3, 5, 2 } },
  { "resnet152", 8, { 2, 7, 35, 2 } },
  { "resnet20-cifar10", 5, { 3, 2, 2 } },
  { "resnet3d-101", 8, { 2, 3, 22, 2 } },
};

START_TEST (folding)
{
  const char *dot = plot_dot (network (folds[_i].name), false), *at = dot;
  ck_assert_int_eq (count (dot, "subgraph cluster_place") - count (dot, "peripheries=0"), folds[_i].frames);
  for (int k = 0; folds[_i].repeats[k]; k++)
    {
      at = strstr (at, "<B>×");
      ck_assert_ptr_nonnull (at);
      at += strlen ("<B>×");
      ck_assert_int_eq (atoi (at), folds[_i].repeats[k]);
    }
  ck_assert_ptr_null (strstr (at, "<B>×"));
}
END_TEST

/* A projection and the lines to and from it are a shortcut; so is the line past a block's layers. */
START_TEST (shortcuts)
{
  const char *dot = plot_dot (network ("resnet18"), false);
  ck_assert_int_eq (count (dot, "fillcolor=\"#fdf1e7\""), 3);
  /* 3 blocks with a projection, 2 lines each, and 4 frames without */
  ck_assert_int_eq (count (dot, "penwidth=1.6, weight"), 3 * 2 + 4);
  ck_assert_int_eq (count (dot, "<B>+ relu</B>"), 7);
  ck_assert_int_eq (count (dot, "digraph"), 6);
  ck_assert_ptr_nonnull (strstr (dot, "<B>conv 3×3, 128 /2</B>"));
  ck_assert_ptr_nonnull (strstr (dot, ">64×56×56<"));
}
END_TEST

#define NASTY "a<b>&\"c\\N\n</svg>--><!--"

/* A layer graph without stages, whose names are anything. */
static struct graph *
nasty_graph (int layers)
{
  struct graph *g = graph_new ("nasty", "test", 1);
  int x = build_input (g, (struct shape){ 2, 8, { 1, 8, 8 } });
  for (int i = 0; i < layers; i++)
    {
      struct conv_spec c = { .filters = 8, .kernel = { 1, 3, 3 }, .stride = { 1, 1, 1 }, .same = true };
      int y = build_relu (g, "r", build_conv (g, NASTY, x, &c, (struct loc){ 0 }));
      x = build_add (g, mem_printf ("sum %d", i), y, x, (struct loc){ 0 });
    }
  build_output (g, x);
  return g;
}

START_TEST (escaping)
{
  const char *dot = plot_dot (nasty_graph (1), true);
  ck_assert_ptr_nonnull (strstr (dot, ">a&lt;b&gt;&amp;&quot;c\\N &lt;/svg&gt;--&gt;&lt;!--</FONT>"));
  ck_assert_ptr_nonnull (strstr (dot, "tooltip=\"a<b>&amp;\\\"c\\\\N </svg>--><!--\""));
  ck_assert_str_eq (plot_xml ("ä"), "ä");
  ck_assert_str_eq (plot_quoted ("\x01\x7f"), "  ");
  char longest[200];
  memset (longest, 'x', sizeof longest - 1);
  longest[sizeof longest - 1] = 0;
  ck_assert_uint_eq (strlen (plot_xml (longest)), 48 + strlen ("…"));
}
END_TEST

/* Without stages the columns break where one tensor alone goes on, and each joins the next. */
START_TEST (columns)
{
  const char *dot = plot_dot (nasty_graph (30), false);
  int n = count (dot, "digraph");
  ck_assert_int_gt (n, 2);
  ck_assert_int_eq (count (dot, "-> out"), n - 1);
  ck_assert_int_eq (count (dot, "\nin [") + count (dot, "\nout ["), 2 * (n - 1));
  ck_assert_ptr_null (strstr (dot, "stage"));
}
END_TEST

/* ---- our own layout ---- */

static bool
overlap (const struct spot *a, const struct spot *b)
{
  return a->top < b->top + b->height && b->top < a->top + a->height
         && a->x - a->width / 2 < b->x + b->width / 2 && b->x - b->width / 2 < a->x + a->width / 2;
}

/* No boxes of a column overlap or reach beyond it, and each link is drawn once. */
static void
check_layout (const struct graph *g, bool full)
{
  const struct picture p = plot_picture (g, full);
  const struct arrangement a = plot_layout (&p);
  int *drawn = NEW_ARRAY ((size_t) p.link_count + 1, int);
  for (int c = 0; c < p.column_count; c++)
    {
      const struct column_layout *l = &a.columns[c];
      for (int i = l->first; i < l->end; i++)
        {
          const struct spot *s = &a.spots[i];
          ck_assert_msg (s->x - s->width / 2 >= l->whole.left && s->x + s->width / 2 <= l->whole.right && s->top >= 0
                             && s->top + s->height <= l->whole.bottom,
                         "%s: box %d is outside of column %d", g->name, i, c);
          for (int k = l->first; k < i; k++)
            ck_assert_msg (!overlap (s, &a.spots[k]), "%s: boxes %d and %d overlap", g->name, k, i);
        }
      for (int i = 0; i < l->route_count; i++)
        drawn[l->routes[i].link]++;
    }
  for (int i = 0; i < p.link_count; i++)
    ck_assert_msg (drawn[i] == 1, "%s: link %d is drawn %d times", g->name, i, drawn[i]);
}

START_TEST (layout)
{
  const struct graph *g = network (names[_i]);
  for (int full = 0; full < 2; full++)
    {
      const struct picture p = plot_picture (g, full);
      check_layout (g, full);
      ck_assert_msg (plot_layout (&p).chain, "%s is a chain of residual blocks", names[_i]);
    }
}
END_TEST

START_TEST (layout_of_any_graph)
{
  for (uint64_t seed = 0; seed < 40; seed++)
    for (int full = 0; full < 2; full++)
      check_layout (small_random (seed, 24), full);
}
END_TEST

/* A box refers to its layer, and nobody's name is read as elements. */
START_TEST (drawn_boxes)
{
  const struct graph *g = nasty_graph (3);
  const struct picture p = plot_picture (g, true);
  const struct arrangement a = plot_layout (&p);
  struct text t = { 0 };
  for (int i = 0; i < p.column_count; i++)
    text_add (&t, plot_draw (&a, i, "#s").body);
  ck_assert_int_eq (count (t.s, "<a href=\"#s"), p.box_count);
  ck_assert_int_eq (count (t.s, "<g") , count (t.s, "</g>"));
  ck_assert_int_eq (count (t.s, "a&lt;b&gt;&amp;&quot;c\\N &lt;/svg&gt;"), 2 * 3);
  ck_assert_ptr_null (strstr (t.s, "</svg>"));
  ck_assert_ptr_null (strstr (t.s, "fill="));
}
END_TEST

static bool
have_dot (void)
{
  return child_shell ("${DOT:-dot} -V").status == 0;
}

/* The same bytes each time, well-formed as far as brackets tell, without graphviz's comments. */
START_TEST (picture)
{
  if (!have_dot ())
    {
      fputs ("plot: graphviz is not installed, no picture is drawn\n", stderr);
      return;
    }
  const struct graph *graphs[] = { network ("resnet50"), network ("resnet3d-14"), nasty_graph (12) };
  for (int i = 0; i < 3; i++)
    {
      const char *a = plot_svg (graphs[i], plot_graphviz (plot_dot (graphs[i], i == 2)));
      const char *b = plot_svg (graphs[i], plot_graphviz (plot_dot (graphs[i], i == 2)));
      ck_assert_msg (strcmp (a, b) == 0, "two pictures of %s differ", graphs[i]->name);
      ck_assert_int_eq (count (a, "<svg"), 1);
      ck_assert_int_eq (count (a, "</svg>"), 1);
      ck_assert_int_eq (count (a, "<g ") + count (a, "<g>"), count (a, "</g>"));
      ck_assert_ptr_null (strstr (a, "<!--"));
      ck_assert_ptr_null (strstr (a, " id=\""));
      ck_assert_ptr_nonnull (strstr (a, mem_printf (">depth %d ", graphs[i]->depth)));
    }
}
END_TEST

/* Nothing is left behind by what fails. */
START_TEST (refusals)
{
  /* two ways of two layers each, which neither is beside */
  static const char branches[] = "name: net\nnetwork: sequence\ninput-size: [8, 6, 6]\nlayers:\n"
                                 "- {type: conv, name: a, filters: 8, kernel-size: 1}\n"
                                 "- {type: conv, name: b, filters: 8, kernel-size: 1}\n"
                                 "- {type: conv, name: c, filters: 8, kernel-size: 1, input: input}\n"
                                 "- {type: conv, name: d, filters: 8, kernel-size: 1}\n"
                                 "- {type: conv, name: e, filters: 8, kernel-size: 1, input: a}\n"
                                 "- {type: add, name: f, input: [b, d, e]}\n";
  const char *options = folder_path ("net.yaml"), *svg = folder_path ("net.svg");
  file_write (options, branches, strlen (branches));
  struct child c = child_shell ("'%s' plot '%s' -o '%s'", rescast_program (), options, folder_path ("net.png"));
  child_refused (&c, (const char *const[]){ "net.png", ".svg", NULL });
  c = child_shell ("DOT=/nowhere/dot '%s' plot '%s' -o '%s'", rescast_program (), options, svg);
  child_refused (&c, (const char *const[]){ "graphviz", "apt-get install graphviz", NULL });
  c = child_shell ("DOT=false '%s' plot '%s' -o '%s'", rescast_program (), options, svg);
  child_refused (&c, (const char *const[]){ "dot ended with status 1", NULL });
  ck_assert_int_eq (child_shell ("'%s' plot '%s'", rescast_program (), options).status, 2);
  ck_assert_str_eq (child_shell_ok ("ls '%s'", folder_path ("%s", "")).out, "net.yaml\n");
  child_shell_ok ("DOT=/nowhere/dot '%s' plot '%s' -o '%s' && test -s '%s' && rm '%s'", rescast_program (),
                  source_path ("examples/networks/resnet18.yaml"), svg, svg, svg);
  if (have_dot ())
    child_shell_ok ("'%s' plot '%s' -o '%s' && test -s '%s'", rescast_program (), options, svg, svg);
}
END_TEST

Suite *plot_suite (void);

Suite *
plot_suite (void)
{
  Suite *s = suite_create ("plot");
  TCase *c = tcase_create ("plot");
  tcase_add_unchecked_fixture (c, folder_make, folder_remove);
  tcase_set_timeout (c, 120);
  tcase_add_loop_test (c, every_layer, 0, (int) (sizeof names / sizeof *names));
  tcase_add_loop_test (c, folding, 0, (int) (sizeof folds / sizeof *folds));
  tcase_add_test (c, shortcuts);
  tcase_add_test (c, escaping);
  tcase_add_test (c, columns);
  tcase_add_loop_test (c, layout, 0, (int) (sizeof names / sizeof *names));
  tcase_add_test (c, layout_of_any_graph);
  tcase_add_test (c, drawn_boxes);
  tcase_add_test (c, picture);
  tcase_add_test (c, refusals);
  suite_add_tcase (s, c);
  return s;
}
