/* How threads share a kernel's work: rows, which are blocks of output channels, by columns, which are pieces of the
 * output's pixels. struct rescast_runs of the runtime says in what order and how evenly; here is decided into how many
 * panels the columns are divided, for each number of threads: many panels read more weights, few read more inputs. */
#ifndef RESCAST_BACKEND_CPU_SHARES_H
#define RESCAST_BACKEND_CPU_SHARES_H

#include "backend/kernel.h"
#include "plan/families.h"
#include "target.h"

struct work
{
  int64_t rows, columns;
  int64_t panels;       /* of one thread: what its cache asks for; … */
  int64_t fewest;       /* … more threads have no fewer than these */
  bool whole_rows;      /* a share ends between rows of a panel, so that all of a panel's columns have the same rows */
  struct plan_cut cut;  /* the pieces of a strip: so many columns, … */
  struct plan_cut high; /* … of strips that are so high */
  double unit_ns;       /* time of one row and a column of the largest size, … */
  double tile_ns;       /* … and of what a row and any column take beside: what a register tile loads, however small */
  double column_ns;     /* … of what each thread that has some of a column does for it, however many rows it has */
  double row_bytes;     /* weights of a row, … */
  double column_bytes;  /* … inputs of a column: what a thread reads of others' */
  struct plan_shares shares; /* what shares_of makes of all this */
};

/* Threads that tables of panels have an entry for. */
#define SHARES_THREADS 64

/* What W's kernel is told. */
struct plan_shares shares_of (struct work *w, const struct target *t);
/* The panels for N threads. */
int64_t shares_panels (const struct plan_shares *s, int64_t n);
/* How many threads share work that takes one thread NS, … */
int64_t shares_most (double ns);
/* … and work on the elements of tensor T, each of which is read and written. */
int64_t shares_of_elements (const struct graph *g, int t);
/* Into how many pieces the work of a kernel is cut at most that consists of so many UNITS and takes one thread NS: a
 * unit at least, and as long as it takes to claim a piece many times over. */
int64_t shares_pieces (double units, double ns);
/* K's work is W, whose units may be pieces. */
void shares_set (struct kernel *k, struct work *w, const struct target *t);
/* What W's kernel takes to look its panels up, in bytes of object code. */
double shares_code_bytes (const struct work *w);
/* Of node N, whose kernel reads few weights: is its work divided by rows of blocks and columns of pixels? */
bool shares_in_grid (const struct graph *g, const struct node *n);
/* Nanoseconds of the slowest of N threads, by the model. */
double shares_ns (const struct work *w, const struct target *t, int64_t panels, int64_t n);
/* The same with the panels that are best for N threads. */
double shares_least_ns (const struct work *w, const struct target *t, int64_t n);
/* The largest share among N threads over the mean, in products. */
double shares_balance (const struct work *w, int64_t n);
/* A row of the largest column over the mean share of N threads. */
double shares_unit (const struct work *w, int64_t n);

#endif
