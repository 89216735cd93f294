/* `rescast tune` on a CPU: by which algorithm, tile and loop order each convolution is computed. */
#ifndef RESCAST_BACKEND_CPU_TUNE_CPU_H
#define RESCAST_BACKEND_CPU_TUNE_CPU_H

#include "choose.h"
#include "tune/folder.h"
#include "tune/tune.h"

enum
{
  TUNE_ROUNDS = 5
};

/* Time the network of a folder with each candidate of each convolution, and generate it anew with the fastest ones
 * where that is faster. False, with the reason in *WHY: there is nothing to choose. */
bool tune_cpu (const struct tune_options *o, const char **why);

/* ---- tune_layers.c: convolutions of one shape, and the times of their candidates ---- */

struct tuned_layer
{
  const char *shape; /* choice_layer */
  const char *name;  /* of the first such layer */
  int nodes;         /* how many there are */
  struct candidate list[CHOICES_MAX + 1];
  int count;
  int current; /* the candidate that the folder has */
  int best;    /* … and the fastest */
  bool failed[CHOICES_MAX + 1]; /* the program does not run with this candidate: it is left out */
  double *samples[CHOICES_MAX + 1]; /* ms, a growing list for each candidate */
  int sample_count[CHOICES_MAX + 1], sample_cap[CHOICES_MAX + 1];
};

struct tuned_layers
{
  struct tuned_layer *list;
  int count;
  int *of_node; /* the layer of each node, -1 where there is nothing to choose */
  int variants; /* the largest number of candidates */
};

/* N's choice with its loop order spelled out. */
struct choice tuned_choice (const struct node *n);
/* The layers of G, which is planned. */
struct tuned_layers tuned_layers_of (const struct graph *g);
/* Variant K of G's network: each convolution is computed by its candidate K, or as it is where it has none that runs.
 * Only layers FIRST … END - 1 of L; others are as they are. */
struct choosing *tuned_variant (const struct tuned_layers *l, const struct graph *g, int k, int first, int end,
                                const char *dir);
/* MS of every node, of one run of variant K (-1: the network as it is), as samples. */
void tuned_add (struct tuned_layers *l, const double *ms, int nodes, int k);
/* Take out the candidates that failed; set every other one's time to its samples' median, and best. */
void tuned_decide (struct tuned_layers *l);

/* ---- tune_program.c: make and the program ---- */

/* Compile BUILD's network NAME and move program and weights to TO, a new folder. */
void tune_make (const char *build, const char *name, const char *to);

struct timing
{
  double ms;     /* of the whole network, median */
  double *layer; /* of each node, NODES of them, … */
  double total;  /* … and their sum: other runs than those of ms */
  int threads;
};

/* RUNS runs of the program NAME in FOLDER, for SECONDS at most; 0: without limit. When it fails *FAILURE says why, else
 * it is NULL; FAILURE NULL: fatal. */
struct timing tune_time (const char *folder, const char *name, int runs, int threads, int nodes, double seconds,
                         const char **failure);

/* ---- tune_report.c ---- */

void tune_table (const struct tuned_layers *l);

#endif
