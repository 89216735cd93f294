/* Runs of channels, and where they lie. */
#include "channels.h"

struct channel_run *
channel_runs (const struct node *n, int *count)
{
  const int64_t channels = n->shape_hint.c;
  struct channel_run *runs = NEW_ARRAY ((size_t) channels, struct channel_run);
  *count = 0;
  for (int64_t c = 0; c < channels; c++)
    {
      const struct channel_source *s = &n->sources[c];
      struct channel_run *last = *count ? &runs[*count - 1] : NULL;
      if (last && last->input == s->input && last->from + last->count == s->channel)
        last->count++;
      else
        runs[(*count)++] = (struct channel_run){ s->input, s->channel, 1, c };
    }
  return runs;
}

int
channel_root (const struct graph *g, int t, int64_t *at)
{
  *at = 0;
  for (; g->tensors[t].within >= 0; t = g->tensors[t].within)
    *at += g->tensors[t].within_at;
  return t;
}

bool
channels_in_place (const struct graph *g, const struct node *n)
{
  int64_t to, from;
  const int root = channel_root (g, n->out, &to);
  if (n->op != OP_CHANNELS)
    return false;
  for (int64_t c = 0; c < n->shape_hint.c; c++)
    if (channel_root (g, n->in[n->sources[c].input], &from) != root || from + n->sources[c].channel != to + c)
      return false;
  return true;
}

bool
channels_are_blocks (const struct graph *g, int t, int64_t at, int64_t count, int64_t block)
{
  const int64_t end = at + count;
  const bool padded = g->precision == PRECISION_FP32 && end == g->tensors[t].shape.c;
  return at % block == 0 && (end % block == 0 || padded);
}

/* The number of tensor T among the inputs of N, which has it from then on. */
static int
input_of (struct node *n, int t)
{
  for (int k = 0; k < n->nin; k++)
    if (n->in[k] == t)
      return k;
  n->in[n->nin] = t;
  return n->nin++;
}

void
channels_set (struct node *n, const int *in, int nin, const struct channel_source *sources)
{
  struct channel_source *own = NEW_ARRAY ((size_t) n->shape_hint.c, struct channel_source);
  int *number = NEW_ARRAY ((size_t) nin, int);
  n->in = NEW_ARRAY ((size_t) nin + 1, int);
  n->nin = 0;
  for (int k = 0; k < nin; k++)
    number[k] = -1;
  for (int64_t c = 0; c < n->shape_hint.c; c++)
    {
      const int k = sources[c].input;
      if (number[k] < 0)
        number[k] = input_of (n, in[k]);
      own[c] = (struct channel_source){ number[k], sources[c].channel };
    }
  n->sources = own;
}
