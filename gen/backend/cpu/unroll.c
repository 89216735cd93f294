/* A budget of object code goes where it gains most for each byte; docs/unrolling.md has the measurements. */
#include "unroll.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "select_parts.h"
#include "straight.h"

/* What a kernel has beside its tiles; Winograd's transforms. */
#define FRAME_BYTES 700.0
#define TRANSFORM_BYTES 2000.0
#define TRANSFORM_3D_BYTES 6000.0

/* An integer parameter of K's, or 0. */
static double
param (const struct kernel *k, const char *name)
{
  for (int i = 0; i < k->param_count; i++)
    if (!strcmp (k->params[i].name, name))
      return strtod (k->params[i].value, NULL);
  return 0;
}

/* ---- estimates ---- */

/* COUNT input channels at LEVEL: how many are written out. */
static double
channels_out (double count, int level)
{
  if (level == 0)
    return count > 0;
  return level > 1 || count <= 4 ? count : (int) count % 4 ? 1 : 4;
}

/* Steps that are written out of one tile of K. */
static double
steps_out (const struct kernel *k, int level)
{
  double taps = param (k, "K_D") * param (k, "K_H") * param (k, "K_W"), last = param (k, "LAST_CHANNELS");
  double all = strncmp (k->stem, "conv_winograd", 13) ? param (k, "GROUP_BLOCKS") : param (k, "IN_BLOCKS") / param (k, "PARTS");
  double blocks = all - (last < 16);
  if (!strncmp (k->stem, "conv_planar", 11))
    return level == 0   ? 1
           : level == 1 ? param (k, "K_W")
           : level == 2 ? param (k, "K_W") * param (k, "K_H")
                        : taps * param (k, "IN_C");
  double partial = last < 16 ? channels_out (last, level) : 0;
  if (level < 3)
    return (blocks > 0 ? channels_out (16, level) : 0) + partial;
  return (taps ? taps : 1) * (16 * blocks + partial);
}

/* A kernel's tile functions have their pixels in steps and results. */
static double
tiles_bytes (const struct kernel *k, const struct target_code *m, int level)
{
  double vectors = param (k, "TILE_BLOCKS") * param (k, "TILE_VECTORS"), steps = steps_out (k, level), bytes = 0;
  double odd = param (k, "TILE_BLOCKS") > 1 && (int) param (k, "OUT_BLOCKS") % (int) param (k, "TILE_BLOCKS");
  double high = param (k, "HIGH_SIZE") ? param (k, "HIGH_SIZE") : 1;
  for (int narrow = 0; narrow <= (param (k, "TILE_COUNT1") > 0); narrow++)
    for (int low = 0; low <= (param (k, "HIGH_COUNT1") > 0); low++)
      for (int last = 0; last <= odd; last++)
        {
          double pixels = (param (k, "TILE_SIZE") - narrow) * (high - low), v = last ? vectors - 1 : vectors;
          bytes += steps * (pixels * (m->broadcast + v * m->product) + v * m->load + 12) + pixels * v * m->result + 200;
        }
  return bytes;
}

static double
linear_bytes (const struct kernel *k, const struct target_code *m, int level)
{
  double vectors = param (k, "TILE_VECTORS"), steps = level == 0   ? 8 / vectors
                                                      : level < 3 ? 16
                                                                  : 16 * param (k, "IN_W");
  return steps * (m->broadcast + vectors * (m->product + m->load)) + 8 * m->result;
}

static double
straight_bytes (const struct graph *g, const struct kernel *k, const struct target *t)
{
  const struct target_code *m = &t->code;
  struct straight_count c = straight_count (g, &g->nodes[k->node], t);
  return c.products * (m->broadcast + c.vectors * m->product) + c.loads * m->load + c.results * m->result + c.rows * 64
         + c.units * 200;
}

/* K has tiles whose loops can be written out. */
static bool
has_levels (const struct kernel *k)
{
  return !strncmp (k->stem, "conv_planar", 11) || !strncmp (k->stem, "conv_winograd", 13)
         || !strcmp (k->stem, "conv_direct") || !strcmp (k->stem, "linear");
}

static int64_t
code_bytes (const struct graph *g, const struct kernel *k, const struct target *t, int level)
{
  const struct target_code *m = &t->code;
  double bytes = FRAME_BYTES;
  if (k->node >= 0)
    bytes += straight_bytes (g, k, t);
  else if (!strcmp (k->stem, "linear"))
    bytes += linear_bytes (k, m, level);
  else if (has_levels (k))
    bytes += tiles_bytes (k, m, level);
  if (!strncmp (k->stem, "conv_winograd", 13))
    bytes += strcmp (k->stem, "conv_winograd") ? TRANSFORM_3D_BYTES : TRANSFORM_BYTES;
  return (int64_t) bytes;
}

/* ---- the plan ---- */

static double
gain_of (const struct kernel *k, const struct target *t, int level)
{
  const struct { const char *stem; const double *gain; } gains[] = {
    { "conv_direct", t->gains.direct },           { "conv_winograd", t->gains.winograd },
    { "conv_planar", t->gains.planar },           { "conv_planar_pool", t->gains.planar_pool },
    { "linear", t->gains.linear },
  };
  for (size_t i = 0; i < sizeof gains / sizeof *gains; i++)
    if (!strcmp (gains[i].stem, k->stem))
      return gains[i].gain[level];
  return 0;
}

/* Multiply-adds of all nodes that the kernel computes, which stands in for its time. */
static double
macs_of (const struct graph *g, const struct kernel *of_first)
{
  double macs = 0;
  for (int i = 0; i < g->node_count; i++)
    if (g->nodes[i].kernel == of_first)
      macs += g->nodes[i].macs;
  return macs;
}

/* Raise the level that gains most for each byte, as long as one fits into LEFT bytes. */
static void
spend (const struct graph *g, const struct kernels *ks, const struct kernels *first, int *level, int64_t left)
{
  for (;;)
    {
      double most = 0;
      int best = -1, to = 0;
      int64_t price = 0;
      for (int i = 0; i < ks->count; i++)
        for (int l = level[i] + 1; l < UNROLL_LEVELS && has_levels (ks->list[i]); l++)
          {
            const struct kernel *k = ks->list[i];
            int64_t bytes = code_bytes (g, k, ks->target, l) - code_bytes (g, k, ks->target, level[i]);
            double saved = (gain_of (k, ks->target, l) - gain_of (k, ks->target, level[i])) * macs_of (g, first->list[i]);
            if (saved <= 0 || bytes > left || saved / (double) (bytes > 0 ? bytes : 1) <= most)
              continue;
            most = saved / (double) (bytes > 0 ? bytes : 1);
            best = i;
            to = l;
            price = bytes;
          }
      if (best < 0)
        return;
      level[best] = to;
      left -= price;
    }
}

static void
plan (const struct graph *g, struct kernels *ks, const struct kernels *first)
{
  int *level = NEW_ARRAY ((size_t) ks->count + 1, int);
  int64_t sum = 0;
  for (int i = 0; i < ks->count; i++)
    {
      level[i] = ks->list[i]->node >= 0 ? UNROLL_STRAIGHT : !has_levels (ks->list[i])                 ? 0
                 : g->straight                               ? 3
                                                             : g->unroll_least;
      sum += code_bytes (g, ks->list[i], ks->target, level[i]);
    }
  if (g->straight && sum > UNROLL_MOST)
    fatal ("%s: --unroll-budget max makes about %" PRId64 " MiB of code for the target %s, and at most %d MiB are "
           "allowed; give a number of bytes", g->path, sum >> 20, ks->target->name, UNROLL_MOST >> 20);
  if (!g->straight)
    spend (g, ks, first, level, g->unroll_budget - sum);
  for (int i = 0; i < ks->count; i++)
    {
      struct kernel *k = ks->list[i];
      k->unroll = level[i];
      k->code_bytes = code_bytes (g, k, ks->target, level[i]);
      if (level[i] == UNROLL_LEVELS - 1 && k->all_taps_macs > 0) /* no loops, no taps passed over: cpu/taps.m4 */
        k->executed_macs = k->all_taps_macs;
      k->of_target = true;
      set_int (k, "UNROLL", NULL, level[i]);
    }
}

void
unroll_within (struct graph *g, int64_t bytes)
{
  g->unroll_budget = bytes;
  g->straight = bytes == UNROLL_MAX;
}

void
unroll_kernels (const struct graph *g, struct kernels *all)
{
  for (struct kernels *ks = all; ks; ks = ks->next)
    plan (g, ks, all);
}
