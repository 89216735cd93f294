/* Nodes of OP_CHANNELS: where each channel comes from, as runs of neighbours, and tensors within others. */
#ifndef RESCAST_GRAPH_CHANNELS_H
#define RESCAST_GRAPH_CHANNELS_H

#include "graph.h"

/* COUNT neighbouring channels of an input, from FROM on, which are those of the output from TO on. */
struct channel_run
{
  int input;
  int64_t from, count, to;
};

/* All runs of N's output, in order; *COUNT. */
struct channel_run *channel_runs (const struct node *n, int *count);
/* The tensor that T lies in, T itself where it lies in none, and which channel of it T's first one is. */
int channel_root (const struct graph *g, int t, int64_t *at);
/* Does all of N's output lie where its inputs have it, so that nothing is to be done? */
bool channels_in_place (const struct graph *g, const struct node *n);
/* Are tensors T and U parts of one? */
static inline bool
channels_share (const struct graph *g, int t, int u)
{
  int64_t at;
  return t >= 0 && u >= 0 && channel_root (g, t, &at) == channel_root (g, u, &at);
}

#endif
