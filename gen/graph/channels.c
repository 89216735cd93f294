/* Runs of channels. */
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
