/* Bytes of object code of register tiles: what the functions called tile and multiply in the templates are compiled to.
 */
#ifndef RESCAST_BACKEND_CPU_CODE_TILE_H
#define RESCAST_BACKEND_CPU_CODE_TILE_H

#include "target.h"
#include "backend/kernel.h"

/* A vector that is loaded. */
#define CODE_LOAD_BYTES 9.0

/* What code_size.c is asked about, for the models of its families. */
struct code_question
{
  const struct target_code *code;
  int level;       /* UNROLL */
  bool one_vector; /* is a block of channels one vector? */
  bool residual;   /* does the epilogue add one? */
  bool activation; /* … and is there an activation? */
  double inlined;  /* bytes of that for a vector, beyond relu's */
};

/* What the tiles of a kernel consist of; a function for each extent that occurs. */
struct code_tile
{
  struct plan_register_tile tile;
  int64_t out_blocks;
  bool alone;                /* are there tiles of one output block, even if none is left over? */
  struct plan_cut cut, high; /* high.size: 1 where tiles are pixels of a row */
  double steps;              /* input channels, or taps of a planar input, that are written out */
  double loops;              /* around them, without the innermost one */
  double next_inputs;        /* how many times the pixels of the next block are prefetched */
  double taps;               /* axes along which some taps are left out */
  bool ahead;                /* each step prefetches weights */
  bool outputs;              /* the tile's lines of the output are prefetched */
  bool sums;                 /* sums begin with 0 and are stored as they are, without an epilogue */
  bool parts;                /* sums may go on from stored ones */
};

/* Set what T has written out of INPUTS, at each of the window's TAPS along AXES axes. */
void code_tile_steps (struct code_tile *t, const struct plan_input_blocks *inputs, int64_t taps, double axes,
                      int level);
/* The tiles' functions and their calls. */
double code_tiles (const struct code_question *q, const struct code_tile *t);
/* How many they are. */
int code_tile_count (const struct code_tile *t);
/* Tiles of one vector of outputs a pixel: for each of CHANNELS the row's inputs, of INPUT bytes each, meet the window's
 * row. */
double code_grouped_tiles (const struct code_question *q, const struct plan_window *w, struct plan_cut cut,
                           struct plan_cut high, int64_t channels, double input);
/* Of a result behind the sums: bias, residual, activation, store. */
double code_result (const struct code_question *q);

#endif
