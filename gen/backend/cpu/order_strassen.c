/* Weights of Strassen's seven products: sums of the filter's quarters, B[half of the inputs][half of the outputs]. */
#include "orders.h"

#include <assert.h>

/* Which quarters 11, 12, 21, 22 a product has as its factor, as cpu/conv_strassen.m4 orders the products. */
static const int factors[STRASSEN_PRODUCTS][4] = {
  { 1, 0, 0, 1 }, { 1, 0, 0, 0 }, { 0, 1, 0, -1 }, { -1, 0, 1, 0 }, { 0, 0, 0, 1 }, { 1, 1, 0, 0 }, { 0, 0, 1, 1 },
};
/* The same backwards: each quarter from the factors that are no sum of others. */
static const int quarters[4][STRASSEN_PRODUCTS] = {
  { 0, 1 },
  { 0, 0, 1, 0, 1 },
  { 0, 1, 0, 1 },
  { 0, 0, 0, 0, 1 },
};

/* Of output O and input C, both in the first halves of OUT and IN: the four weights, and their factors at AT, STEP
 * apart. */
static void
move_quarters (const struct weight_move *p, int64_t o, int64_t out, int64_t c, int64_t in, float *at, int64_t step)
{
  static const int64_t tap[AXES] = { 0, 0, 0 };
  for (int q = 0; q < 4 && p->dense; q++)
    {
      double sum = 0;
      for (int i = 0; i < STRASSEN_PRODUCTS; i++)
        sum += quarters[q][i] * (double) at[i * step];
      p->dense[(o + q % 2 * out) * 2 * in + c + q / 2 * in] = sum;
    }
  for (int i = 0; i < STRASSEN_PRODUCTS && !p->dense; i++)
    {
      double sum = 0;
      for (int q = 0; q < 4; q++)
        if (factors[i][q])
          sum += factors[i][q] * conv_weight (p->n, o + q % 2 * out, c + q / 2 * in, tap);
      at[i * step] = (float) sum;
    }
}

void
strassen_weights (const struct weight_move *p)
{
  int64_t in = p->g->tensors[p->n->in[0]].shape.c / 2, out = p->g->tensors[p->n->out].shape.c / 2, step = in * BLOCK;
  float *data = p->data;
  for (int64_t block = 0; block < out / BLOCK; block++)
    for (int64_t c = 0; c < in; c++)
      for (int64_t l = 0; l < BLOCK; l++)
        move_quarters (p, block * BLOCK + l, out, c, in, data + block * STRASSEN_PRODUCTS * step + c * BLOCK + l, step);
  assert (out / BLOCK * STRASSEN_PRODUCTS * step * (int64_t) sizeof (float) == p->k->weight_bytes);
}
