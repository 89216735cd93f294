m4_divert(-1)
Instance and group normalisation: two passes over the data for mean and variance, one to normalise, per unit of
UNIT_BLOCKS blocks that holds whole groups. With MEAN kept values are divided by the deviation alone, with MEAN ignored
by the root of the mean of their squares. The variance's squares are of differences from the mean, and the mean is
subtracted before anything is multiplied: neither cancels where the mean is large.
require(<|FUNCTION|>, <|BATCH|>, <|GROUPS|>, <|GROUP_C|>, <|UNIT_BLOCKS|>, <|MEAN|>, <|EPS|>,
  <|NORM_WEIGHT_AT|>, <|NORM_BIAS_AT|>, <|IN_C|>, <|IN_ORIGIN|>, <|IN_BLOCK|>, <|OUT_ORIGIN|>, <|ACT|>, <|SLOPE_AT|>)
m4_define(<|PIXELS|>, <|((double) FACTORS(IN_D, IN_H, IN_W))|>)
Floats are added up in rows of at most so many.
m4_define(<|PART|>, 256)
m4_define(<|IN_PARTS|>, m4_eval(IN_W > PART))
m4_define(<|PART_WIDTH|>, <|IF(IN_PARTS, width, IN_W)|>)
m4_define(<|UNITS|>, m4_eval((OUT_BLOCKS + UNIT_BLOCKS - 1) / UNIT_BLOCKS))
m4_define(<|UNIT_CHANNELS|>, m4_eval(BLOCK * UNIT_BLOCKS))
The channels of a unit: of the last one perhaps fewer, where channels do not fill the last block.
m4_define(<|IS_VARIABLE|>, m4_eval(OUT_C % UNIT_CHANNELS != 0 && UNITS > 1))
m4_define(<|MOST_CHANNELS|>, IF(UNITS > 1, UNIT_CHANNELS, OUT_C))
m4_define(<|CHANNELS|>, <|IF(IS_VARIABLE, channels, MOST_CHANNELS)|>)
m4_define(<|IS_IGNORED|>, <|m4_ifelse(MEAN, <|ignored|>, 1, 0)|>)
m4_define(<|IS_SUBTRACTED|>, <|m4_ifelse(MEAN, <|subtracted|>, 1, 0)|>)
EACH_BLOCK: the head of a loop over a unit's blocks; IN_BLOCK_B: " + BLOCK * b" in it.
m4_define(<|EACH_BLOCK|>, <|IF(UNIT_BLOCKS > 1, <|for (int b = 0; BLOCK * b < CHANNELS; b++)|>)|>)
m4_define(<|OF_BLOCK|>, <|TERM(b, UNIT_BLOCKS, BLOCK)|>)
m4_define(<|FIRST_CHANNEL|>, <|IF(UNITS > 1, <| + first_c<||>|>)|>)
What reads the layer's own weights and the activation's slopes.
m4_define(<|HAS_WEIGHTS|>, m4_eval(NORM_WEIGHT_AT >= 0 || NORM_BIAS_AT >= 0))
m4_define(<|READS_E|>, m4_eval(SLOPE_AT >= 0 || CHANNEL_MASK_AT >= 0))
m4_define(<|W_PARAMETER|>, <|IF(HAS_WEIGHTS, <|const float *w, |>)|>)
m4_define(<|W_ARGUMENT|>, <|IF(HAS_WEIGHTS, <|w<||>FIRST_CHANNEL, |>)|>)
m4_define(<|E_PARAMETER|>, <|IF(READS_E, <|const float *e, |>)|>)
m4_define(<|E_ARGUMENT|>, <|IF(READS_E, <|w<||>FIRST_CHANNEL<||>OF_BLOCK, |>)|>)
SUMS: of a row's or a part's pixels, added to those of other rows.
m4_define(<|SUMS|>, <|const vec c = vload (centre<||>V);
            vec s1 = vsplat (0), s2 = vsplat (0);
            for (int j = 0; j < PART_WIDTH; j++)
              {
                const vec difference = LOAD(<|IN|>, <|p + BLOCK * j<||>V|>) - c;
                s1 += difference;
                s2 += difference * difference;
              }
            for (int l = 0; l < VL; l++)
              {
                sum[IF(IS_WHOLE_BLOCK(1), l, v + l)] += s1[l];
                if (square)
                  square[IF(IS_WHOLE_BLOCK(1), l, v + l)] += s2[l];
              }|>)
m4_define(<|ROW_OF_PART|>, <|const IN_TYPE *p = x<||>AT(d, IN_D, IN_PLANE)AT(h, IN_H, IN_ROW)<||>IF(IN_PARTS, <| m4_dnl
+ BLOCK * part|>);
        IF(IN_PARTS, <|const int width = IN_W - part < PART ? IN_W - part : PART;|>)
        EACH_VECTOR(1, <|SUMS|>)|>)
m4_define(<|NORMALISE|>, <|const IN_TYPE *p = x<||>AT(d, IN_D, IN_PLANE)AT(h, IN_H, IN_ROW)<||>V;
          OUT_TYPE *q = y<||>AT(d, OUT_D, OUT_PLANE)AT(h, OUT_H, OUT_ROW)<||>V;
          const vec c = vload (centre<||>V), a = vload (scale<||>V), b = vload (shift<||>V);
          for (int j = 0; j < m4_eval(BLOCK * IN_W); j += BLOCK)
            {
              vec r = (LOAD(<|IN|>, <|p + j|>) - c) * a + b;
              ACTIVATE(r, <|e<||>V|>)
              STORE(<|OUT|>, <|q + j|>, r);
            }|>)
m4_divert(0)m4_dnl
HEAD

COMMENT(<|Per channel of one block, the sums of the differences from centre and, where square is not NULL,
   of their squares. Rows<||>IF(IN_PARTS, <|,
   PART pixels at a time,|>) are added up in floats, the rest in double.|>)
static void
add_up (const IN_TYPE *x, const float *centre, double *sum, double *square)
{
  LOOP(d, IN_D)
    LOOP(h, IN_H)
      IF(IN_PARTS, <|for (int part = 0; part < IN_W; part += PART)|>)
        BRACED(IN_D * IN_H > 1 || IN_PARTS, <|ROW_OF_PART|>)
}

IF(IS_IGNORED, <|/* The mean of the squares of each channel of one block: the variance around a mean of 0. */
static void
statistics (const IN_TYPE *x, double *mean, double *variance)
{
  _Alignas (64) const float centre[BLOCK] = { 0 };
  double sum[BLOCK] = { 0 }, square[BLOCK] = { 0 };
  add_up (x, centre, sum, square);
  for (int l = 0; l < BLOCK; l++)
    {
      mean[l] = 0;
      variance[l] = square[l] / PIXELS;
    }
}|>, <|/* Mean and variance of each channel of one block. The first pixel is near enough to the mean to find it by; the
   squares are of differences from the mean, rounded to floats, and what the rounding left out is made good. */
static void
statistics (const IN_TYPE *x, double *mean, double *variance)
{
  _Alignas (64) float centre[BLOCK];
  double sum[BLOCK] = { 0 }, rest[BLOCK] = { 0 }, square[BLOCK] = { 0 };
  IF(IS_BF16(<|IN|>), <|for (int l = 0; l < BLOCK; l++)
    centre[l] = from_bf16 (x[l]);|>, <|memcpy (centre, x, sizeof centre);|>)
  add_up (x, centre, sum, NULL);
  for (int l = 0; l < BLOCK; l++)
    centre[l] = (float) (centre[l] + sum[l] / PIXELS);
  add_up (x, centre, rest, square);
  for (int l = 0; l < BLOCK; l++)
    {
      const double off = rest[l] / PIXELS, v = square[l] / PIXELS - off * off;
      mean[l] = centre[l] + off;
      variance[l] = v < 0 ? 0 : v;
    }
}|>)

/* A group's channels [c, end) of a unit: their statistics become y = (x - centre) * scale + shift for each channel.
   The average of channels that are equal is exactly theirs; the shift has what it lost when it was rounded to the
   float centre. */
static void
combine (W_PARAMETER()int c, int end, const double *mean, const double *variance, float *centre, float *scale, m4_dnl
float *shift)
{
  double average = 0, spread = 0;
  for (int i = c; i < end; i++)
    average += mean[i] - mean[c];
  average = mean[c] + average<||>OVER(GROUP_C);
  for (int i = c; i < end; i++)
    spread += IF(GROUP_C > 1, <|(|>)variance[i] + (mean[i] - average) * (mean[i] - average)<||>IF(GROUP_C > 1, m4_dnl
<|) / GROUP_C|>);
  const double factor = 1 / sqrt (spread + EPS);
  for (int i = c; i < end; i++)
    {
      const double s = factor<||>IF(NORM_WEIGHT_AT >= 0, <| * w[i<||>ADD_OFFSET(NORM_WEIGHT_AT)]|>);
      scale[i] = (float) s;
      IF(IS_SUBTRACTED, <|centre[i] = (float) average;
      shift[i] = (float) (IF(NORM_BIAS_AT >= 0, <|w[i<||>ADD_OFFSET(NORM_BIAS_AT)] + |>)(centre[i] - average) * s);|>,
      <|centre[i] = 0;
      shift[i] = IF(NORM_BIAS_AT >= 0, <|w[i<||>ADD_OFFSET(NORM_BIAS_AT)]|>, 0);|>)
    }
}

COMMENT(<|y = act ((x - centre) * scale + shift) for one block<||>IF(READS_E, m4_dnl
<|; e: the block's place in the epilogue's vectors|>).|>)
static void
apply (const IN_TYPE *x, const float *centre, const float *scale, const float *shift, E_PARAMETER()OUT_TYPE *y)
{
  LOOP(d, IN_D)
    LOOP(h, IN_H)
      BRACED(IN_D * IN_H > 1 && IS_WHOLE_BLOCK(1), <|EACH_VECTOR(1, <|NORMALISE|>)|>)
}
CLEAR_HALO
PROTOTYPE
  int first, last;
  CALL_CLEAR_HALO
  rescast_share (PRODUCT(BATCH, UNITS), t, n, &first, &last);
  for (int i = first; i < last; i++)
    {
      DECODE(i, u, UNITS, s, BATCH)
      IF(UNITS > 1, <|const int first_c = u * UNIT_CHANNELS;|>)
      IF(IS_VARIABLE, <|const int channels = OUT_C - first_c < UNIT_CHANNELS ? OUT_C - first_c : UNIT_CHANNELS;|>)
      const IN_TYPE *px = x<||>ADD_OFFSET(IN_ORIGIN)AT(s, BATCH, IN_SAMPLE)m4_dnl
AT(u, UNITS, m4_eval(UNIT_BLOCKS * IN_BLOCK));
      OUT_TYPE *py = y<||>ADD_OFFSET(OUT_ORIGIN)AT(s, BATCH, OUT_SAMPLE)m4_dnl
AT(u, UNITS, m4_eval(UNIT_BLOCKS * OUT_BLOCK));
      _Alignas (64) float centre[UNIT_CHANNELS] = { 0 }, scale[UNIT_CHANNELS] = { 0 }, shift[UNIT_CHANNELS] = { 0 };
      double mean[UNIT_CHANNELS], variance[UNIT_CHANNELS];
      EACH_BLOCK
        statistics (px<||>AT(b, UNIT_BLOCKS, IN_BLOCK), mean<||>OF_BLOCK, variance<||>OF_BLOCK);
      IF(IS_VARIABLE || GROUP_C < MOST_CHANNELS, <|for (int c = 0; c < CHANNELS; STEPPED(c, GROUP_C))
        combine (W_ARGUMENT()c, c + GROUP_C, mean, variance, centre, scale, shift);|>,
      <|combine (W_ARGUMENT()0, GROUP_C, mean, variance, centre, scale, shift);|>)
      EACH_BLOCK
        apply (px<||>AT(b, UNIT_BLOCKS, IN_BLOCK), centre<||>OF_BLOCK, scale<||>OF_BLOCK, shift<||>OF_BLOCK, m4_dnl
E_ARGUMENT()m4_dnl
py<||>AT(b, UNIT_BLOCKS, OUT_BLOCK));
    }
  IF(HAS_WEIGHTS || READS_E, <|UNUSED(residual)|>, <|UNUSED(residual, w)|>)
}
