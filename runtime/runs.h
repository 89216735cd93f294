/* How kernels go through their share of a layer's work. */
#ifndef RESCAST_RUNS_H
#define RESCAST_RUNS_H

#include "rescast.h"

/* A part of rows x columns units of work: blocks of channels by pieces of a map. The columns are divided
 * among panels; units are counted panel by panel, in a panel row by row, and each thread's share has as many of them,
 * but for one, as the others. So a share is a rectangle, or nearly one, and the number of panels decides on its
 * proportions. Its parts are gone through in runs: columns [column, end) of a row. */
struct rescast_runs
{
  int rows, columns, panels;
  int row, column, end; /* this run */
  int panel, from, to;  /* its panel, columns [from, to) */
  int left;             /* units of this run and those that follow; 0: there is none */
};

/* The first run of the parts T of N shares; parts beyond these have none. */
static inline struct rescast_runs
rescast_runs (int rows, int columns, int panels, struct rescast_part t, int n)
{
  int first, last;
  rescast_share (rows * columns, t, n, &first, &last);
  struct rescast_runs r = { rows, columns, panels < columns ? panels : columns, 0, 0, 0, 0, 0, 0, 0 };
  if (first == last)
    return r;
  r.left = last - first;
  r.panel = (int) (((int64_t) (first / rows + 1) * r.panels - 1) / columns);
  r.from = (int) ((int64_t) columns * r.panel / r.panels);
  r.to = (int) ((int64_t) columns * (r.panel + 1) / r.panels);
  r.row = (first - r.from * rows) / (r.to - r.from);
  r.column = r.from + (first - r.from * rows) % (r.to - r.from);
  r.end = r.column + r.left < r.to ? r.column + r.left : r.to;
  return r;
}

static inline void
rescast_next_run (struct rescast_runs *r)
{
  r->left -= r->end - r->column;
  if (++r->row == r->rows)
    {
      r->row = 0;
      r->panel++;
      r->from = r->to;
      r->to = (int) ((int64_t) r->columns * (r->panel + 1) / r->panels);
    }
  r->column = r->from;
  r->end = r->from + r->left < r->to ? r->from + r->left : r->to;
}

#endif
