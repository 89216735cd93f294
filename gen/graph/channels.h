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
/* Is the run, COUNT channels from AT on, one of whole blocks of T, the last of which may be T's last? BLOCK: how many
 * channels those have. */
bool channels_are_blocks (const struct graph *g, int t, int64_t at, int64_t count, int64_t block);
/* N's channels are SOURCES of the tensors IN from now on: those that it does not need are left out. */
void channels_set (struct node *n, const int *in, int nin, const struct channel_source *sources);
/* Are tensors T and U parts of one? */
static inline bool
channels_share (const struct graph *g, int t, int u)
{
  int64_t at;
  return t >= 0 && u >= 0 && channel_root (g, t, &at) == channel_root (g, u, &at);
}

#endif
