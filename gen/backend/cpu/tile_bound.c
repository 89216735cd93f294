/* What tiles and pairs of pixels cost: see backend/tile_bound.h. */
#include "tiled.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define UNIT 0x1p-24
#define SLACK 4

/* ---- Strassen ---- */

/* Which products, as cpu/conv_strassen.m4 orders them, each result is a sum of: of the first half of the output
 * channels at the first pixel of a pair and at the second, then of the second half. */
static const double results[4][STRASSEN_PRODUCTS] = {
  { 1, 0, 0, 1, 1, 0, 1 },
  { 0, 1, 0, 1 },
  { 0, 0, 1, 0, 1 },
  { 1, 1, 1, 0, 0, 1 },
};
/* How many of a product's factors are of an input channel of the first half, of the second: at one pixel and at
 * both. */
static const double factors_one[2][STRASSEN_PRODUCTS] = { { 1, 1, 1, 0, 1, 1, 0 }, { 1, 1, 0, 1, 1, 0, 1 } };
static const double factors_all[2][STRASSEN_PRODUCTS] = { { 1, 1, 1, 0, 1, 2, 0 }, { 1, 1, 0, 1, 1, 0, 2 } };

/* ---- the bound ---- */

/* Roundings in the sum over the channels, those of the packed weight and the product among them; Strassen's sums of
 * inputs and of products go with them. */
static double
sum_roundings (const struct tiled *t)
{
  if (t->pairs)
    return (double) (t->in_c / 2) + 2 + 1 + 3;
  return (double) (t->in_c * t->variants) + 2;
}

/* Magnitudes at all positions of a tile, weighted by what an output takes of them: the square of their sum, and sums of
 * squares: of the sums over H and W, of the sums over W, of single ones. */
struct norms
{
  double all, plane, row, one;
};

/* Kernels transform inputs along D, H and W in this order, and sums along H, W and D. A rounding along an axis spoils
 * one number, and all that is made of it along the axes that follow, so that such roundings add up within these axes
 * and are independent of each other along the rest; of two positions with points of opposite sign some are the same
 * ones, therefore the 2. */
static double
bound_of_output (const struct tiled *t, struct norms n)
{
  const struct winograd_data *d = &t->axis[AXIS_D], *h = &t->axis[AXIS_H], *w = &t->axis[AXIS_W];
  double sum = sum_roundings (t), transforms = 0;
  for (int a = 0; a < AXES; a++)
    transforms += t->axis[a].input_roundings + t->axis[a].output_roundings;
  double squares = (sum + 2 * w->input_roundings) * n.one + 2 * h->input_roundings * n.row
                   + (2 * d->input_roundings + h->output_roundings + w->output_roundings) * n.plane
                   + d->output_roundings * n.all;
  return UNIT * fmin ((sum + transforms) * sqrt (n.all), SLACK * sqrt (squares));
}

static double
strassen_output (const struct tiled *t, int64_t o, const double *u)
{
  double most = 0;
  for (int r = o < t->out_c / 2 ? 0 : 2, i = 0; i < 2; i++, r++)
    {
      struct norms n = { 0 };
      for (int k = 0; k < STRASSEN_PRODUCTS; k++)
        {
          n.all += results[r][k] * u[k];
          n.one += results[r][k] * u[k] * u[k];
        }
      n.all *= n.all;
      most = fmax (most, bound_of_output (t, n));
    }
  return most;
}

/* Along W: from SIDE magnitudes their sum and that of their squares, weighted by ROW. */
static void
weigh_row (const double *row, int side, const double *u, double *sum, double *squares)
{
  *sum = *squares = 0;
  for (int i = 0; i < side; i++)
    {
      *sum += row[i] * u[i];
      *squares += row[i] * row[i] * u[i] * u[i];
    }
}

/* The rows of a tile of which weigh_row made SUM and SQUARES, weighted along H and D. */
static struct norms
weigh_rows (const struct tiled *t, const double *along_d, const double *along_h, const double *sum,
            const double *squares)
{
  struct norms n = { 0 };
  for (int i = 0; i < t->axis[AXIS_D].side; i++)
    {
      struct norms plane = { 0 };
      for (int j = 0; j < t->axis[AXIS_H].side; j++, sum++, squares++)
        {
          plane.all += along_h[j] * *sum;
          plane.row += along_h[j] * along_h[j] * *sum * *sum;
          plane.one += along_h[j] * along_h[j] * *squares;
        }
      n.all += along_d[i] * plane.all;
      n.plane += along_d[i] * along_d[i] * plane.all * plane.all;
      n.row += along_d[i] * along_d[i] * plane.row;
      n.one += along_d[i] * along_d[i] * plane.one;
    }
  n.all *= n.all;
  return n;
}

/* The bound of channel O's output where it is largest, and, of a tile by Winograd, of the pixel where it is largest, or
 * of all. U: the magnitudes of the factors at each position. */
static double
largest_output (const struct tiled *t, int64_t o, const double *u, bool all)
{
  double most = 0, sum[WINOGRAD_SIDE * WINOGRAD_SIDE], squares[WINOGRAD_SIDE * WINOGRAD_SIDE];
  const struct tile_rows *r = all ? t->all : t->pixel;
  int rows = t->axis[AXIS_D].side * t->axis[AXIS_H].side, side = t->axis[AXIS_W].side;
  if (t->pairs)
    return strassen_output (t, o, u);
  for (int k = 0; k < r[AXIS_W].count; k++)
    {
      for (int i = 0; i < rows; i++)
        weigh_row (r[AXIS_W].row[k], side, u + i * side, &sum[i], &squares[i]);
      for (int i = 0; i < r[AXIS_D].count; i++)
        for (int j = 0; j < r[AXIS_H].count; j++)
          most = fmax (most, bound_of_output (t, weigh_rows (t, r[AXIS_D].row[i], r[AXIS_H].row[j], sum, squares)));
    }
  return most;
}

/* Adds to U what input channel C's variant V gives the factors, and of Strassen's what they are made of. */
static void
add_filter (const struct tiled *t, const struct output_phase *p, int64_t o, int64_t c, int64_t v,
            const double (*factors)[STRASSEN_PRODUCTS], double *u)
{
  double own[MOST_POSITIONS];
  tiled_filter (t, p, o, c, v, own);
  for (int64_t i = 0; i < t->positions; i++)
    u[i] += own[i] * (t->pairs ? factors[c >= t->in_c / 2][i] : 1);
}

/* Raises B's values of output channel O to those of the phase P. */
static void
bound_channel (const struct tiled *t, const struct output_phase *p, int64_t o, struct tile_bound *b)
{
  double all[MOST_POSITIONS] = { 0 };
  for (int64_t v = 0; v < t->variants; v++)
    {
      double pixel[MOST_POSITIONS] = { 0 };
      for (int64_t c = 0; c < t->in_c; c++)
        {
          add_filter (t, p, o, c, v, factors_one, pixel);
          add_filter (t, p, o, c, v, factors_all, all);
        }
      b->pixel[o] = fmax (b->pixel[o], largest_output (t, o, pixel, false));
      for (int i = 0; i < b->channels; i++)
        {
          double one[MOST_POSITIONS] = { 0 };
          add_filter (t, p, o, b->channel[i], v, factors_one, one);
          b->one[o * b->channels + i] = fmax (b->one[o * b->channels + i], largest_output (t, o, one, false));
        }
    }
  b->ordinary[o] = fmax (b->ordinary[o], largest_output (t, o, all, true));
}

struct tile_bound
cpu_tile_bound (const struct graph *g, const struct node *n, const float *packed, const int64_t *channel, int channels)
{
  struct tiled t = tiled_of (g, n, packed);
  struct tile_bound b = { .channel = channel, .channels = channels };
  size_t count = (size_t) t.out_c;
  b.ordinary = heap_array (count * (size_t) (channels + 2), sizeof *b.ordinary);
  b.pixel = b.ordinary + count;
  b.one = b.pixel + count;
  memset (b.ordinary, 0, count * (size_t) (channels + 2) * sizeof *b.ordinary);
  for (int64_t f = 0; f < t.phases; f++)
    {
      const struct output_phase p = output_phase (&t, f);
      for (int64_t o = 0; o < t.out_c; o++)
        bound_channel (&t, &p, o, &b);
    }
  tiled_free (&t);
  return b;
}

/* ---- the limit ---- */

/* The sum of the squares of output channel O's weights, of a transposed convolution those of one phase. */
static double
sum_of_squares (const struct tiled *t, const struct output_phase *p, int64_t o)
{
  bool transposed = t->n->op == OP_TRANSPOSED_CONV;
  const struct weight_move move = { .g = t->g, .n = t->n, .k = t->n->kernel };
  int64_t extent[AXES], tap[AXES] = { 0, 0, 0 }, taps = 1;
  double sum = 0;
  for (int a = 0; a < AXES; a++)
    taps *= extent[a] = transposed ? p->axis[a].taps : t->n->win.kernel[a];
  for (int64_t i = 0; i < taps * t->in_c; i++)
    {
      double weight = transposed ? scaled_weight (t->n, transposed_at (&move, p->axis, i / taps, o, tap), o)
                                 : conv_weight (t->n, o, i / taps, tap);
      sum += weight * weight;
      next_tap (tap, extent);
    }
  return sum;
}

/* Adds to LARGEST[lane][position] the squares of a block's factors of input channel C, of the variants the largest;
 * outputs of the block from O on. */
static void
add_squares (const struct tiled *t, const struct output_phase *p, int64_t o, int64_t c,
             double (*largest)[MOST_POSITIONS])
{
  int64_t step, lanes = t->out_c - o < BLOCK ? t->out_c - o : BLOCK;
  const float *weights = tiled_weights (t, o, c, &step);
  for (int64_t i = 0; weights && i < t->positions; i++)
    for (int64_t l = 0; l < lanes; l++)
      {
        double u = fabs ((double) weights[i * step + l]) * (t->pairs ? factors_one[c >= t->in_c / 2][i] : 1);
        largest[l][i] += u > 0 ? u * u : 0; /* NaN is left out, as by fmax */
      }
  for (int64_t l = 0; l < lanes && !weights; l++)
    {
      double most[MOST_POSITIONS] = { 0 };
      for (int64_t v = 0; v < t->variants; v++)
        {
          double u[MOST_POSITIONS] = { 0 };
          add_filter (t, p, o + l, c, v, factors_one, u);
          for (int64_t i = 0; i < t->positions; i++)
            most[i] = fmax (most[i], u[i]);
        }
      for (int64_t i = 0; i < t->positions; i++)
        largest[l][i] += most[i] * most[i];
    }
}

/* The error beside a pixel of 1 as a part of an ordinary output, of the output channel for which it is largest. By the
 * triangle inequality the root of the sum over channels may be taken at each position. */
static double
largest_ratio (const struct graph *g, const struct node *n, const float *packed)
{
  struct tiled t = tiled_of (g, n, packed);
  double most = 0;
  double (*sums)[MOST_POSITIONS] = heap_array (BLOCK, sizeof *sums);
  for (int64_t f = 0; f < t.phases; f++)
    {
      const struct output_phase p = output_phase (&t, f);
      for (int64_t o = 0; o < t.out_c; o += BLOCK)
        {
          for (int64_t i = 0; i < BLOCK * MOST_POSITIONS; i++)
            sums[i / MOST_POSITIONS][i % MOST_POSITIONS] = 0;
          for (int64_t c = 0; c < t.in_c; c++)
            add_squares (&t, &p, o, c, sums);
          for (int l = 0; l < BLOCK && o + l < t.out_c; l++)
            {
              double square = sum_of_squares (&t, &p, o + l);
              for (int64_t i = 0; i < t.positions; i++)
                sums[l][i] = sqrt (sums[l][i]);
              double ratio = largest_output (&t, o + l, sums[l], false) / sqrt (square);
              if (square > 0 && isfinite (ratio))
                most = fmax (most, ratio);
            }
        }
    }
  free (sums);
  tiled_free (&t);
  return most;
}

double
cpu_outlier_limit (const struct graph *g, const float *packed)
{
  double most = 0;
  for (int i = 0; i < g->node_count; i++)
    if (g->nodes[i].kernel->order->tiles)
      most = fmax (most, largest_ratio (g, &g->nodes[i], packed));
  return most > 0 ? TILE_TOLERANCE / most : HUGE_VAL;
}
