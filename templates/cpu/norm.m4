m4_divert(-1)
Instance and group normalisation: one pass over the data for the statistics, one to normalise, per unit of UNIT_BLOCKS
blocks that holds whole groups. Sums are taken of differences from the channel's first pixel, so that a large mean does
not cancel the variance, and rows are added up in double.
require(<|FUNCTION|>, <|BATCH|>, <|GROUPS|>, <|GROUP_C|>, <|UNIT_BLOCKS|>, <|EPS|>, <|WEIGHT_AT|>, <|BIAS_AT|>, <|IN_C|>, <|IN_ORIGIN|>,
  <|IN_BLOCK|>, <|OUT_ORIGIN|>, <|ACT|>, <|SLOPE_AT|>)
m4_define(<|PIXELS|>, <|((double) IN_D * IN_H * IN_W)|>)
m4_define(<|UNITS|>, m4_eval((OUT_BLOCKS + UNIT_BLOCKS - 1) / UNIT_BLOCKS))
m4_divert(0)m4_dnl
HEAD

/* Mean and mean square of the differences from `first`, per channel of one block. */
static void
statistics (const float *x, float *first, double *mean, double *square)
{
  double sum1[16] = { 0 }, sum2[16] = { 0 };
  memcpy (first, x, 16 * sizeof *first);
  for (int d = 0; d < IN_D; d++)
    for (int h = 0; h < IN_H; h++)
      {
        const float *p = x + (size_t) d * IN_PLANE + (size_t) h * IN_ROW;
        for (int v = 0; v < 16; v += VL)
          {
            const vec origin = vload (x + v);
            vec s1 = vsplat (0), s2 = vsplat (0);
            for (int j = 0; j < IN_W; j++)
              {
                const vec difference = vload (p + 16 * j + v) - origin;
                s1 += difference;
                s2 += difference * difference;
              }
            for (int l = 0; l < VL; l++)
              {
                sum1[v + l] += s1[l];
                sum2[v + l] += s2[l];
              }
          }
      }
  for (int l = 0; l < 16; l++)
    {
      mean[l] = sum1[l] / PIXELS;
      square[l] = sum2[l] / PIXELS;
    }
}

/* A group's channels [c, end) of a unit: their statistics become one scale and shift per channel. */
static void
combine (const float *w, int c, int end, int unit_c, const float *first, const double *mean, const double *square,
         float *scale, float *shift)
{
  double average = 0, variance = 0;
  for (int i = c; i < end; i++)
    average += (first[i] + mean[i]) / GROUP_C;
  for (int i = c; i < end; i++)
    {
      const double off = first[i] + mean[i] - average;
      variance += (square[i] - mean[i] * mean[i] + off * off) / GROUP_C;
    }
  const double factor = 1 / sqrt ((variance > 0 ? variance : 0) + EPS);
  for (int i = c; i < end; i++)
    {
      const double s = factor<||>IF(WEIGHT_AT >= 0, <| * w[WEIGHT_AT + unit_c + i]|>);
      scale[i] = (float) s;
      shift[i] = (float) (IF(BIAS_AT >= 0, <|w[BIAS_AT + unit_c + i]|>, 0) - average * s);
    }
  IF(WEIGHT_AT < 0 && BIAS_AT < 0, <|(void) w, (void) unit_c;|>)
}

/* y = act (x * scale + shift) for one block; e: the block's place in the epilogue's vectors. */
static void
apply (const float *x, const float *scale, const float *shift, const float *e, float *y)
{
  for (int d = 0; d < IN_D; d++)
    for (int h = 0; h < IN_H; h++)
      for (int v = 0; v < 16; v += VL)
        {
          const float *p = x + (size_t) d * IN_PLANE + (size_t) h * IN_ROW + v;
          float *q = y + (size_t) d * OUT_PLANE + (size_t) h * OUT_ROW + v;
          const vec a = vload (scale + v), b = vload (shift + v);
          for (int j = 0; j < m4_eval(16 * IN_W); j += 16)
            {
              vec r = vload (p + j) * a + b;
              ACTIVATE(r, <|e + v|>)
              vstore (q + j, r);
            }
        }
  (void) e;
}
CLEAR_HALO
PROTOTYPE
{
  int first, last;
  CALL_CLEAR_HALO
  rescast_share (PRODUCT(BATCH, UNITS), t, n, &first, &last);
  for (int i = first; i < last; i++)
    {
      const int b0 = i % UNITS * UNIT_BLOCKS, s = i / UNITS, unit_c = 16 * b0;
      const int channels = OUT_C - unit_c < m4_eval(16 * UNIT_BLOCKS) ? OUT_C - unit_c : m4_eval(16 * UNIT_BLOCKS);
      const float *px = x<||>ADD_OFFSET(IN_ORIGIN) + (size_t) s * IN_SAMPLE + (size_t) b0 * IN_BLOCK;
      float *py = y<||>ADD_OFFSET(OUT_ORIGIN) + (size_t) s * OUT_SAMPLE + (size_t) b0 * OUT_BLOCK;
      float origin[m4_eval(16 * UNIT_BLOCKS)];
      _Alignas (64) float scale[m4_eval(16 * UNIT_BLOCKS)] = { 0 }, shift[m4_eval(16 * UNIT_BLOCKS)] = { 0 };
      double mean[m4_eval(16 * UNIT_BLOCKS)], square[m4_eval(16 * UNIT_BLOCKS)];
      for (int b = 0; 16 * b < channels; b++)
        statistics (px + (size_t) b * IN_BLOCK, origin + 16 * b, mean + 16 * b, square + 16 * b);
      for (int c = 0; c < channels; c += GROUP_C)
        combine (w, c, c + GROUP_C, unit_c, origin, mean, square, scale, shift);
      for (int b = 0; 16 * b < channels; b++)
        apply (px + (size_t) b * IN_BLOCK, scale + 16 * b, shift + 16 * b, w + unit_c + 16 * b, py + (size_t) b * OUT_BLOCK);
    }
  UNUSED(residual, w)
}
