/* Functions of register tiles are not inlined and have few parts, so that a sum over these comes within some percent of
 * what gcc 12 -O2 makes of them; the figures here and in isa.c were fitted to such functions (docs/unrolling.md). */
#include "code_tile.h"

/* What does not depend on the target, in bytes. */
#define CALL_BYTES 175.0        /* a function beside its own code: what calls it, and its unwind information */
#define LOOP_BYTES 55.0         /* a loop over blocks or taps with the pointers that it moves */
#define TAPS_BYTES 115.0        /* taps that are left out: two bounds, and weights that do not follow each other */
#define NEXT_INPUT_BYTES 8.2    /* the prefetch of a pixel of the next block */
#define OUTPUT_LINE_BYTES 6.0   /* … of a line of the output */
#define NEXT_WEIGHTS_BYTES 19.0 /* the prefetch of weights */
#define NEAR_WEIGHTS_BYTES 8.0  /* the same where many steps are written out: offsets take no arithmetic */

/* Where so many steps are written out, most inputs have such offsets. */
#define FAR_STEPS 8

/* Where a tile may go on from stored sums, gcc makes two of its code if no more products than these are written out. */
#define COPIED_PRODUCTS 10

/* COUNT input channels at LEVEL: how many are written out. */
static double
channels_out (int64_t count, int level)
{
  if (level == 0)
    return count > 0;
  return level > 1 || count <= 4 ? (double) count : count % 4 ? 1 : 4;
}

void
code_tile_steps (struct code_tile *t, const struct plan_input_blocks *inputs, int64_t taps, double axes, int level)
{
  int64_t last = inputs->last_channels < BLOCK ? inputs->last_channels : 0, whole = inputs->count - (last > 0);
  if (level > 2)
    {
      t->steps = (double) (taps * (BLOCK * whole + last));
      t->next_inputs = whole > 1 ? (double) (taps * whole) : 0;
      return;
    }
  double channels = whole ? channels_out (BLOCK, level) : 0, rest = last ? channels_out (last, level) : 0;
  t->steps = channels + rest;
  t->next_inputs = whole > 1;
  double loops
      = (whole > 0 ? axes + (whole > 1) + (channels < BLOCK) : 0) + (last > 0 ? axes + (rest < (double) last) : 0);
  t->loops = loops > 1 ? loops - 1 : 0;
}

double
code_result (const struct code_question *q)
{
  const struct target_code *m = q->code;
  return m->result + (q->residual ? m->residual : 0) + (q->activation ? m->relu + q->inlined : 0);
}

/* A tile of PIXELS by BLOCKS blocks or the vectors of one. */
static double
tile_bytes (const struct code_question *q, const struct code_tile *t, double pixels, double blocks)
{
  const struct target_code *m = q->code;
  double v = blocks * (double) t->tile.vectors, sums = pixels * v;
  double bytes
      = t->steps * (pixels * m->broadcast + sums * m->product) + sums * (t->sums ? m->result : code_result (q))
        + t->loops * LOOP_BYTES + t->taps * TAPS_BYTES + t->next_inputs * pixels * NEXT_INPUT_BYTES
        + (t->outputs ? pixels * blocks * OUTPUT_LINE_BYTES : 0)
        + (t->ahead ? t->steps * blocks * (t->steps < FAR_STEPS ? NEXT_WEIGHTS_BYTES : NEAR_WEIGHTS_BYTES) : 0);
  if (t->steps >= FAR_STEPS)
    bytes += t->steps * (m->broadcast > 0 ? pixels : sums) * m->far;
  /* A product's own operand is a float, whose short offsets reach no farther than one tap's channels. */
  if (t->steps > BLOCK && m->broadcast <= 0)
    bytes += t->steps * sums * m->far;
  if (t->parts)
    bytes += sums * m->reload;
  return t->parts && m->vector_loop && t->steps * sums <= COPIED_PRODUCTS ? 2 * bytes : bytes;
}

/* How many output blocks tiles have that have fewer than the others; 0: there are none. */
static int64_t
last_blocks (const struct code_tile *t)
{
  return t->alone ? t->tile.blocks > 1 : t->out_blocks % t->tile.blocks;
}

int
code_tile_count (const struct code_tile *t)
{
  return ((t->cut.count > 0) + (t->cut.smaller > 0)) * (1 + (t->high.smaller > 0)) * (1 + (last_blocks (t) > 0));
}

double
code_tiles (const struct code_question *q, const struct code_tile *t)
{
  double bytes = CALL_BYTES * code_tile_count (t);
  for (int narrow = t->cut.count == 0; narrow <= (t->cut.smaller > 0); narrow++)
    for (int low = 0; low <= (t->high.smaller > 0); low++)
      {
        double pixels = (double) ((t->cut.size - narrow) * (t->high.size - low));
        bytes += tile_bytes (q, t, pixels, (double) t->tile.blocks);
        if (last_blocks (t))
          bytes += tile_bytes (q, t, pixels, (double) last_blocks (t));
      }
  return bytes;
}

double
code_grouped_tiles (const struct code_question *q, const struct plan_window *w, struct plan_cut cut,
                    struct plan_cut high, int64_t channels, double input)
{
  double bytes = 0;
  for (int narrow = cut.count == 0; narrow <= (cut.smaller > 0); narrow++)
    for (int low = 0; low <= (high.smaller > 0); low++)
      {
        int64_t cols = cut.size - narrow, rows = high.size - low,
                inputs = (cols - 1) * w->s.w + (w->k.w - 1) * w->dil.w + 1;
        double products = (double) (rows * cols * w->k.w) * q->code->register_product;
        bytes += (double) channels * (products + (double) (rows * inputs) * input + (double) w->k.w * CODE_LOAD_BYTES)
                 + (double) (rows * cols) * code_result (q) + CALL_BYTES + 60;
      }
  return bytes;
}
