/* The order of a stem's weights by Winograd over the phases of its input. */
#include "orders.h"

#include <assert.h>
#include <string.h>

#include "winograd.h"

/* Eight phases of the eight channels that an input of planes has at most. */
#define MAX_CHANNELS 64

/* What all filters of one stem have in common. */
struct stem
{
  const struct weight_move *move;
  struct polyphase phased;
  struct winograd axis[AXES];
  int64_t in_c, positions, taps;
};

/* Tap T of a phase's filter as a tap of the whole one; false where the phase is shorter. */
static bool
whole_tap (const struct stem *s, int64_t channel, const int64_t t[AXES], int64_t tap[AXES])
{
  int64_t phases = channel / s->in_c;
  bool inside = true;
  for (int a = AXES - 1; a >= 0; phases /= s->phased.phases[a--])
    {
      tap[a] = t[a] * s->phased.phases[a] + phases % s->phased.phases[a];
      inside &= tap[a] < s->move->n->win.kernel[a];
    }
  return inside;
}

/* The filter of output channel O for one CHANNEL of the phases to all positions of VALUES, or back. */
static void
move_filter (const struct stem *s, int64_t o, int64_t channel, double values[6 * 6 * 6])
{
  const struct polyphase *ph = &s->phased;
  const int64_t *k = s->move->n->win.kernel;
  int64_t t[AXES] = { 0 }, tap[AXES];
  int n[AXES];
  for (int a = 0; a < AXES; a++)
    n[a] = s->move->dense ? ph->side[a] : (int) ph->taps[a];
  for (int64_t i = 0; i < s->taps && !s->move->dense; i++, next_tap (t, ph->taps))
    values[i] = whole_tap (s, channel, t, tap) ? conv_weight (s->move->n, o, channel % s->in_c, tap) : 0;
  for (int a = AXES - 1; a >= 0; a--)
    if (s->move->dense)
      multiply_axis (values, n, a, s->axis[a].inverse[0], (int) ph->taps[a], WINOGRAD_SIDE);
    else
      multiply_axis (values, n, a, s->axis[a].g[0], ph->side[a], WINOGRAD_TAPS);
  for (int64_t i = 0; i < s->taps && s->move->dense; i++, next_tap (t, ph->taps))
    if (whole_tap (s, channel, t, tap))
      s->move->dense[(((o * s->in_c + channel % s->in_c) * k[0] + tap[0]) * k[1] + tap[1]) * k[2] + tap[2]] = values[i];
}

/* Lane O % BLOCK of the block of weights at AT: all channels of all positions. */
static void
move_output (const struct stem *s, int64_t o, float *at)
{
  const struct polyphase *ph = &s->phased;
  double values[MAX_CHANNELS][6 * 6 * 6];
  assert (ph->channels <= MAX_CHANNELS);
  memset (values, 0, (size_t) ph->channels * sizeof *values);
  for (int64_t c = 0; c < ph->channels && !s->move->dense; c++)
    move_filter (s, o, c, values[c]);
  for (int64_t i = 0; i < s->positions; i++)
    {
      const int w = ph->side[AXIS_W], h = ph->side[AXIS_H];
      const int position[AXES] = { (int) i / (w * h), (int) i / w % h, (int) i % w };
      for (int64_t c = 0; c < ph->channels; c++)
        if (polyphase_has (ph, c, position))
          {
            if (s->move->dense)
              values[c][i] = *at;
            else
              *at = (float) values[c][i];
            at += BLOCK;
          }
    }
  for (int64_t c = 0; c < ph->channels && s->move->dense; c++)
    move_filter (s, o, c, values[c]);
}

void
stem_winograd_weights (const struct weight_move *p)
{
  int64_t out_c = p->g->tensors[p->n->out].shape.c;
  struct stem s = { .move = p, .in_c = p->g->tensors[p->n->in[0]].shape.c, .positions = 1, .taps = 1 };
  float *data = p->data;
  bool applies = polyphase_of (p->g, p->n, &s.phased);
  assert (applies);
  for (int a = 0; a < AXES; a++)
    {
      s.axis[a] = winograd_matrices (s.phased.tile[a]);
      s.positions *= s.phased.side[a];
      s.taps *= s.phased.taps[a];
    }
  int64_t block = polyphase_depth (&s.phased, s.phased.side[AXIS_D]) * BLOCK;
  for (int64_t o = 0; o < out_c; o++)
    move_output (&s, o, data + o / BLOCK * block + o % BLOCK);
  assert (ceil_div (out_c, BLOCK) * block * (int64_t) sizeof (float) == p->k->weight_bytes);
}
