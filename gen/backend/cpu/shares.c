/* A model of how long each of some threads takes, and the number of panels by which the slowest is fastest. */
#include "shares.h"

#include "backend/kernel.h"

/* A share that takes less does not repay that its inputs come from another core's cache. */
#define LEAST_SHARE_NS 500

/* An element that is read and written, mostly in another core's cache. */
#define ELEMENT_NS 0.5

/* A piece that takes less does not repay that it is claimed by itself. */
#define LEAST_PIECE_NS 2000

/* Pieces are counted in 16 bits. */
#define MOST_PIECES 65535

/* What a thread had in the layer before, the same part of the map, is in its own cache: so much of the price. */
#define OWN_PART 0.25

/* What a thread has of one panel: rows and columns with at least one unit, and how many units these are. */
struct part
{
  int64_t rows, from, to, units;
};

static int64_t
panel_at (const struct work *w, int64_t panels, int64_t panel)
{
  return w->columns * panel / panels;
}

/* Units [FIRST, LAST) of panel P, columns [FROM, TO). */
static struct part
part_of (const struct work *w, int64_t first, int64_t last, int64_t from, int64_t to)
{
  int64_t width = w->whole_rows ? 1 : to - from;
  struct part p = { .rows = (last - 1) / width - first / width + 1, .from = from, .to = to, .units = last - first };
  if (!w->whole_rows && p.rows == 1)
    {
      p.from = from + first % width;
      p.to = p.from + p.units;
    }
  if (w->whole_rows)
    p.units *= to - from;
  return p;
}

/* The size of COUNT pieces of CUT, the larger of which come first. */
static int64_t
size_of_pieces (struct plan_cut cut, int64_t count)
{
  return count * cut.size - (count > cut.count ? count - cut.count : 0);
}

/* The size of the first COUNT columns together, that of the largest one being 1: whole strips, then some pieces of one.
 */
static double
size_before (const struct work *w, int64_t count)
{
  int64_t pieces = w->cut.count + w->cut.smaller, strips = w->high.count + w->high.smaller;
  int64_t map = count / (pieces * strips), strip = count / pieces % strips, piece = count % pieces;
  int64_t width = size_of_pieces (w->cut, pieces), height = size_of_pieces (w->high, strips);
  int64_t size = map * width * height + width * size_of_pieces (w->high, strip)
                 + size_of_pieces (w->cut, piece) * (w->high.size - (strip >= w->high.count));
  return (double) size / (double) (w->cut.size * w->high.size);
}

/* A thread's time for one part: products and what they read, of which the larger counts and some of the smaller; what
 * each of its columns costs it. */
static double
part_ns (const struct work *w, const struct target_cost *c, const struct part *p, double own_from, double own_to)
{
  double columns = (double) (p->to - p->from), from = own_from > (double) p->from ? own_from : (double) p->from;
  double to = own_to < (double) p->to ? own_to : (double) p->to, own = to > from ? to - from : 0;
  double size = (size_before (w, p->to) - size_before (w, p->from)) / columns;
  double products = (double) p->units * (size * w->unit_ns + w->tile_ns);
  double read = ((double) p->rows * w->row_bytes + (columns - (1 - OWN_PART) * own) * w->column_bytes) / c->stream;
  return columns * size * w->column_ns + target_overlap (c, products, read);
}

/* Thread T of N, panel by panel. */
static double
thread_ns (const struct work *w, const struct target_cost *c, int64_t panels, int64_t n, int64_t t)
{
  int64_t all = w->rows * (w->whole_rows ? panels : w->columns), first = all * t / n, last = all * (t + 1) / n;
  double ns = 0, own_from = (double) (w->columns * t) / (double) n,
         own_to = (double) (w->columns * (t + 1)) / (double) n;
  int64_t panel = w->whole_rows ? first / w->rows : ((first / w->rows + 1) * panels - 1) / w->columns;
  for (int64_t next; first < last; first = next, panel++)
    {
      int64_t from = panel_at (w, panels, panel), to = panel_at (w, panels, panel + 1);
      int64_t begin = w->rows * (w->whole_rows ? panel : from), end = w->rows * (w->whole_rows ? panel + 1 : to);
      next = end < last ? end : last;
      struct part p = part_of (w, first - begin, next - begin, from, to);
      ns += part_ns (w, c, &p, own_from, own_to);
    }
  return ns;
}

double
shares_ns (const struct work *w, const struct target *t, int64_t panels, int64_t n)
{
  double most = 0;
  for (int64_t i = 0; i < n; i++)
    {
      double ns = thread_ns (w, t->cost, panels, n, i);
      most = ns > most ? ns : most;
    }
  return most;
}

/* More panels than these differ from them by little: small numbers, and parts of the number of threads. */
static int
candidates (const struct work *w, int64_t n, int64_t list[32])
{
  const int64_t some[] = { 1, 2, 3, 4, 5, 6, 7, 8, n / 8, n / 6, n / 4, n / 3, n / 2, n * 2 / 3, n, 2 * n, w->columns };
  int count = 0;
  for (size_t i = 0; i < sizeof some / sizeof *some; i++)
    {
      int64_t panels = some[i] < w->fewest ? w->fewest : some[i] < w->columns ? some[i] : w->columns;
      bool known = panels > 4 * n && panels > w->fewest;
      for (int k = 0; k < count; k++)
        known = known || list[k] == panels;
      if (!known)
        list[count++] = panels;
    }
  return count;
}

/* For N threads. FEWER: what one thread less has, which stays where others save less than 3 %. */
static int64_t
best_panels (const struct work *w, const struct target *t, int64_t n, int64_t fewer)
{
  int64_t list[32], best = fewer;
  int count = n == 1 ? 0 : candidates (w, n, list);
  double least = n == 1 ? 0 : shares_ns (w, t, fewer, n) * 0.97;
  for (int i = 0; i < count; i++)
    {
      double ns = shares_ns (w, t, list[i], n);
      if (ns < least)
        {
          least = ns;
          best = list[i];
        }
    }
  return best;
}

double
shares_least_ns (const struct work *w, const struct target *t, int64_t n)
{
  return shares_ns (w, t, best_panels (w, t, n, w->panels), n);
}

int64_t
shares_most (double ns)
{
  return ns < 2 * LEAST_SHARE_NS ? 1 : ns < INT32_MAX ? (int64_t) ns / LEAST_SHARE_NS : INT32_MAX / LEAST_SHARE_NS;
}

int64_t
shares_of_elements (const struct graph *g, int t)
{
  return shares_most ((double) (g->batch * graph_padded (g, t) * shape_pixels (&g->tensors[t].shape)) * ELEMENT_NS);
}

struct plan_shares
shares_of (struct work *w, const struct target *t)
{
  int64_t most = shares_most (shares_ns (w, t, w->panels, 1)), units = w->rows * w->columns;
  int64_t *panels = NEW_ARRAY (SHARES_THREADS, int64_t);
  struct plan_shares s = { .most = most < units ? most : units };
  bool same = true;
  for (int64_t n = 1; n <= SHARES_THREADS; n++)
    {
      panels[n - 1] = n > s.most ? panels[n - 2] : best_panels (w, t, n, n == 1 ? w->panels : panels[n - 2]);
      same = same && panels[n - 1] == panels[0];
    }
  s.panels = same ? panels[0] : 0;
  s.by_threads = (struct plan_table){ .rows = same ? 0 : SHARES_THREADS, .ints = 1, .i = panels };
  w->shares = s;
  return s;
}

int64_t
shares_pieces (double units, double ns)
{
  double pieces = ns / LEAST_PIECE_NS < units ? ns / LEAST_PIECE_NS : units;
  return pieces < MOST_PIECES ? (int64_t) pieces : MOST_PIECES;
}

void
shares_set (struct kernel *k, struct work *w, const struct target *t)
{
  k->work = w;
  k->pieces = shares_pieces ((double) (w->rows * w->columns), shares_ns (w, t, w->panels, 1));
}

double
shares_code_bytes (const struct work *w)
{
  /* Fitted to gcc 12 -O2, as code_size.c; the table itself is 128 bytes of it. */
  return w->shares.panels == 0 ? 420 : 0;
}

bool
shares_in_grid (const struct graph *g, const struct node *n)
{
  const int t = n->op == OP_OUTPUT ? n->in[0] : n->out;
  const struct shape *out = &g->tensors[t].shape;
  return g->batch * graph_blocks (g, t) > 1 && out->dim[AXIS_D] * out->dim[AXIS_H] > 1 && shares_of_elements (g, t) > 1;
}

int64_t
shares_panels (const struct plan_shares *s, int64_t n)
{
  n = n < s->most ? n : s->most;
  return s->panels ? s->panels : s->by_threads.i[(n < SHARES_THREADS ? n : SHARES_THREADS) - 1];
}

static double
products_of_thread (const struct work *w, int64_t panels, int64_t n, int64_t t)
{
  struct target_cost none = { .stream = 1 };
  struct work products = *w;
  products.unit_ns = 1;
  products.tile_ns = products.row_bytes = products.column_bytes = products.column_ns = 0;
  return thread_ns (&products, &none, panels, n, t);
}

double
shares_unit (const struct work *w, int64_t n)
{
  return (double) (n < w->shares.most ? n : w->shares.most) / ((double) w->rows * size_before (w, w->columns));
}

double
shares_balance (const struct work *w, int64_t n)
{
  int64_t panels = shares_panels (&w->shares, n), threads = n < w->shares.most ? n : w->shares.most;
  double most = 0, all = 0;
  panels = panels < w->columns ? panels : w->columns;
  for (int64_t i = 0; i < threads; i++)
    {
      double products = products_of_thread (w, panels, threads, i);
      most = products > most ? products : most;
      all += products;
    }
  return most * (double) threads / all;
}
