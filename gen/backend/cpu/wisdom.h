/* Measured times of convolutions, by machine and shape: what `rescast tune` writes and `generate --wisdom` reads.
 * docs/formats.md describes the file. */
#ifndef RESCAST_KERNELS_WISDOM_H
#define RESCAST_KERNELS_WISDOM_H

#include "choice.h"
#include "target.h"

enum
{
  CACHE_LEVELS = 3
};

/* What times depend on besides the code. */
struct machine
{
  const char *cpu;              /* "AuthenticAMD family 25 model 1" */
  int64_t cache[CACHE_LEVELS];  /* bytes of the data caches, level 1 first; 0: unknown or none */
};

struct wisdom_entry
{
  const char *target;
  struct machine machine;
  int threads;
  const char *layer; /* choice_layer */
  struct choice choice;
  struct candidate list[CHOICES_MAX]; /* weight_floats is not known */
  int count;
};

struct wisdom
{
  struct wisdom_entry *list;
  int count, cap;
  struct machine here; /* entries of this machine come first */
};

/* This machine. */
struct machine machine_here (void);

/* Add the entries of PATH; fatal with its line and column when anything is wrong. */
void wisdom_read (struct wisdom *w, const char *path);
/* The file that --wisdom TEXT means: the name of a table that comes with rescast, or a path. */
const char *wisdom_path (const char *text);
/* The entries of FILES, each such a text, on this machine. */
const struct wisdom *wisdom_of_files (const char *const *files, size_t count);
/* Add E, in place of an entry of the same machine, target, threads and layer. */
void wisdom_put (struct wisdom *w, const struct wisdom_entry *e);
/* Write all of W, sorted. */
void wisdom_write (const struct wisdom *w, const char *path);
/* The entry for LAYER: of this machine's CPU and caches, else of its CPU, else of any; among these of the first of
 * TARGETS that has one, then of the fewest threads, then the first one read. NULL: none. */
const struct wisdom_entry *wisdom_find (const struct wisdom *w, const struct cpu_targets *targets, const char *layer);

#endif
