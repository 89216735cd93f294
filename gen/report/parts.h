/* What the page tells, gathered, and the sections that it is made of. */
#ifndef RESCAST_REPORT_PARTS_H
#define RESCAST_REPORT_PARTS_H

#include "backend/backend.h"
#include "generate/manifest.h"
#include "report.h"

/* Measured times of one part's layers, in milliseconds. */
struct times
{
  const struct kernels *kernels; /* of the target that ran */
  double *layer;
  double *limit; /* as the program knows it, of a device; or NULL */
  double sum, median; /* of the layers, of whole runs; 0: not known */
  int runs, threads;  /* 0 threads: of a device */
  const char *from;   /* a file, or NULL: measured now */
};

/* The network for some of the folder's targets. */
struct part
{
  const struct graph *g;
  const struct kernels *kernels;
  int64_t weight_bytes;
  const char *title;         /* its targets and precision */
  const struct times *times; /* or NULL, … */
  const char *why;           /* … and why */
};

/* What verify found of one layer. */
struct check
{
  const char *layer, *failure; /* failure NULL: it agrees */
};

struct checks
{
  struct check *list;
  int count, cap, failures;
};

struct report
{
  const struct report_options *o;
  struct manifest m;
  const struct graph *layers; /* as its source describes it */
  struct part parts[PRECISION_COUNT + 1];
  int part_count;
  const struct checks *checks; /* or NULL */
};

/* ---- times.c ---- */

/* Times of the parts: of the files, and where there are none and --seconds is not 0, of the folder's program. */
void times_gather (struct report *r);

/* ---- limits.c ---- */

/* What bounds a layer's time. */
struct limit
{
  double ms;      /* 0: not known */
  bool by_memory; /* otherwise by its multiply-adds */
};
struct limit limit_of (const struct report *r, const struct part *p, int node);
/* How the limits of P are computed, as text of HTML. */
char *limit_words (const struct report *r, const struct part *p);

/* ---- checks.c ---- */

/* What the JUnit file PATH, verify's, has. */
const struct checks *checks_read (const char *path);

/* ---- sections of the page, each to the end of T ---- */

void section_network (struct text *t, const struct report *r);              /* network.c */
void section_layers (struct text *t, const struct report *r, int part);     /* table.c */
void section_memory (struct text *t, const struct part *p, int part);       /* memory.c */
char *page_text (const struct report *r);                                   /* page.c */

/* ---- words.c ---- */

/* 1,234,567 bytes as "1.18 MiB"; milliseconds; 10^9s. */
char *bytes_words (double bytes);
char *ms_words (double ms);
char *count_words (double n);

#endif
