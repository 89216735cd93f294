m4_divert(-1)
Instance and group normalisation: two passes over the data for mean and variance, one to normalise, per unit of UNIT_BLOCKS
blocks that holds whole groups. The variance's squares are of differences from the mean, and the mean is subtracted before
anything is multiplied: neither cancels where the mean is large.
require(<|FUNCTION|>, <|BATCH|>, <|GROUPS|>, <|GROUP_C|>, <|UNIT_BLOCKS|>, <|EPS|>, <|WEIGHT_AT|>, <|BIAS_AT|>, <|IN_C|>, <|IN_ORIGIN|>,
  <|IN_BLOCK|>, <|OUT_ORIGIN|>, <|ACT|>, <|SLOPE_AT|>)
m4_define(<|PIXELS|>, <|((double) IN_D * IN_H * IN_W)|>)
Floats are added up in rows of at most so many.
m4_define(<|PART|>, 256)
m4_define(<|UNITS|>, m4_eval((OUT_BLOCKS + UNIT_BLOCKS - 1) / UNIT_BLOCKS))
m4_divert(0)m4_dnl
HEAD

COMMENT(<|Per channel of one block, the sums of the differences from centre and, where square is not NULL, of their squares. Rows<||>IF(IN_W > PART, <|,
   PART pixels at a time,|>) are added up in floats, the rest in double.|>)
static void
add_up (const float *x, const float *centre, double *sum, double *square)
{
  for (int d = 0; d < IN_D; d++)
    for (int h = 0; h < IN_H; h++)
      IF(IN_W > PART, <|for (int part = 0; part < IN_W; part += PART)
      |>){
        const float *p = x + (size_t) d * IN_PLANE + (size_t) h * IN_ROW<||>IF(IN_W > PART, <| + 16 * part;
        const int width = IN_W - part < PART ? IN_W - part : PART;|>, <|;|>)
        for (int v = 0; v < 16; v += VL)
          {
            const vec c = vload (centre + v);
            vec s1 = vsplat (0), s2 = vsplat (0);
            for (int j = 0; j < IF(IN_W > PART, width, IN_W); j++)
              {
                const vec difference = vload (p + 16 * j + v) - c;
                s1 += difference;
                s2 += difference * difference;
              }
            for (int l = 0; l < VL; l++)
              {
                sum[v + l] += s1[l];
                if (square)
                  square[v + l] += s2[l];
              }
          }
      }
}

/* Mean and variance of each channel of one block. The first pixel is near enough to the mean to find it by; the squares are
   of differences from the mean, rounded to floats, and what the rounding left out is made good. */
static void
statistics (const float *x, double *mean, double *variance)
{
  _Alignas (64) float centre[16];
  double sum[16] = { 0 }, rest[16] = { 0 }, square[16] = { 0 };
  memcpy (centre, x, sizeof centre);
  add_up (x, centre, sum, NULL);
  for (int l = 0; l < 16; l++)
    centre[l] = (float) (centre[l] + sum[l] / PIXELS);
  add_up (x, centre, rest, square);
  for (int l = 0; l < 16; l++)
    {
      const double off = rest[l] / PIXELS, v = square[l] / PIXELS - off * off;
      mean[l] = centre[l] + off;
      variance[l] = v < 0 ? 0 : v;
    }
}

/* A group's channels [c, end) of a unit: their statistics become y = (x - centre) * scale + shift for each channel. The average of
   channels that are equal is exactly theirs; the shift has what it lost when it was rounded to the float centre. */
static void
combine (const float *w, int c, int end, int unit_c, const double *mean, const double *variance, float *centre,
         float *scale, float *shift)
{
  double average = 0, spread = 0;
  for (int i = c; i < end; i++)
    average += mean[i] - mean[c];
  average = mean[c] + average / GROUP_C;
  for (int i = c; i < end; i++)
    spread += (variance[i] + (mean[i] - average) * (mean[i] - average)) / GROUP_C;
  const double factor = 1 / sqrt (spread + EPS);
  for (int i = c; i < end; i++)
    {
      const double s = factor<||>IF(WEIGHT_AT >= 0, <| * w[WEIGHT_AT + unit_c + i]|>);
      centre[i] = (float) average;
      scale[i] = (float) s;
      shift[i] = (float) (IF(BIAS_AT >= 0, <|w[BIAS_AT + unit_c + i] + |>)(centre[i] - average) * s);
    }
  IF(WEIGHT_AT < 0 && BIAS_AT < 0, <|(void) w, (void) unit_c;|>)
}

/* y = act ((x - centre) * scale + shift) for one block; e: the block's place in the epilogue's vectors. */
static void
apply (const float *x, const float *centre, const float *scale, const float *shift, const float *e, float *y)
{
  for (int d = 0; d < IN_D; d++)
    for (int h = 0; h < IN_H; h++)
      for (int v = 0; v < 16; v += VL)
        {
          const float *p = x + (size_t) d * IN_PLANE + (size_t) h * IN_ROW + v;
          float *q = y + (size_t) d * OUT_PLANE + (size_t) h * OUT_ROW + v;
          const vec c = vload (centre + v), a = vload (scale + v), b = vload (shift + v);
          for (int j = 0; j < m4_eval(16 * IN_W); j += 16)
            {
              vec r = (vload (p + j) - c) * a + b;
              ACTIVATE(r, <|e + v|>)
              vstore (q + j, r);
            }
        }
  (void) e;
}
CLEAR_HALO
PROTOTYPE
  int first, last;
  CALL_CLEAR_HALO
  rescast_share (PRODUCT(BATCH, UNITS), t, n, &first, &last);
  for (int i = first; i < last; i++)
    {
      const int b0 = i % UNITS * UNIT_BLOCKS, s = i / UNITS, unit_c = 16 * b0;
      const int channels = OUT_C - unit_c < m4_eval(16 * UNIT_BLOCKS) ? OUT_C - unit_c : m4_eval(16 * UNIT_BLOCKS);
      const float *px = x<||>ADD_OFFSET(IN_ORIGIN) + (size_t) s * IN_SAMPLE + (size_t) b0 * IN_BLOCK;
      float *py = y<||>ADD_OFFSET(OUT_ORIGIN) + (size_t) s * OUT_SAMPLE + (size_t) b0 * OUT_BLOCK;
      _Alignas (64) float centre[m4_eval(16 * UNIT_BLOCKS)] = { 0 }, scale[m4_eval(16 * UNIT_BLOCKS)] = { 0 }, shift[m4_eval(16 * UNIT_BLOCKS)] = { 0 };
      double mean[m4_eval(16 * UNIT_BLOCKS)], variance[m4_eval(16 * UNIT_BLOCKS)];
      for (int b = 0; 16 * b < channels; b++)
        statistics (px + (size_t) b * IN_BLOCK, mean + 16 * b, variance + 16 * b);
      for (int c = 0; c < channels; c += GROUP_C)
        combine (w, c, c + GROUP_C, unit_c, mean, variance, centre, scale, shift);
      for (int b = 0; 16 * b < channels; b++)
        apply (px + (size_t) b * IN_BLOCK, centre + 16 * b, scale + 16 * b, shift + 16 * b, w + unit_c + 16 * b, py + (size_t) b * OUT_BLOCK);
    }
  UNUSED(residual, w)
}
