m4_divert(-1)
Layer normalisation, over the channels of every pixel: their mean, then the mean of the squares of the differences from
it, then the results. The channels that pad the last block are left out of the sums.
require(<|FUNCTION|>, <|BATCH|>, <|EPS|>, <|NORM_WEIGHT_AT|>, <|NORM_BIAS_AT|>, <|IN_C|>, <|IN_BLOCK|>, <|IN_ORIGIN|>,
  <|OUT_ORIGIN|>, <|OUT_BLOCK|>, <|OUT_BLOCKS|>, <|ACT|>, <|SLOPE_AT|>)
m4_define(<|FULL_BLOCKS|>, m4_eval(IN_C / BLOCK))
m4_define(<|LAST_CHANNELS|>, m4_eval(IN_C % BLOCK))
m4_define(<|READS_W|>, m4_eval(NORM_WEIGHT_AT >= 0 || NORM_BIAS_AT >= 0 || SLOPE_AT >= 0 || CHANNEL_MASK_AT >= 0))
The place of a pixel in a tensor, and of its block b.
m4_define(<|PLANE|>, <|ADD_OFFSET($1_ORIGIN)AT(s, BATCH, $1_SAMPLE)AT(d, OUT_D, $1_PLANE)|>)
m4_define(<|PIXEL|>, <|PLANE(<|$1|>)AT(h, OUT_H, $1_ROW)AT(j, OUT_W, BLOCK)|>)
m4_define(<|X|>, <|LOAD(<|IN|>, <|px<||>AT(b, $1, IN_BLOCK)<||>V|>)|>)
EACH_BLOCK(COUNT, BODY): BODY for each vector of the first COUNT blocks.
m4_define(<|EACH_BLOCK|>, <|LOOP(b, $1)
        BRACED($1 > 1 && IS_WHOLE_BLOCK(1), <|EACH_VECTOR(1, <|$2|>)|>)|>)
SUM(NAME, TERM, ONE): the float NAME, the sum of TERM of all vectors of whole blocks and of ONE of the other channels.
m4_define(<|SUM|>, <|IF(FULL_BLOCKS, <|vec $1s = vsplat (0);
      EACH_BLOCK(FULL_BLOCKS, <|$2|>)
      float $1 = total ($1s);|>, <|float $1 = 0;|>)
      IF(LAST_CHANNELS, <|for (int c = 0; c < LAST_CHANNELS; c++)
        {
          const float value = AS_FLOAT(<|IN|>, <|px[IF(FULL_BLOCKS, <|m4_eval(FULL_BLOCKS * IN_BLOCK) + |>)c]|>);
          $3
        }|>)|>)
m4_define(<|NORMALISED|>, <|vec a = (X(OUT_BLOCKS) - average) * scale;
          IF(NORM_WEIGHT_AT >= 0, <|a *= vload (w<||>OF_BLOCK(NORM_WEIGHT_AT));|>)
          IF(NORM_BIAS_AT >= 0, <|a += vload (w<||>OF_BLOCK(NORM_BIAS_AT));|>)
          ACTIVATE(a, <|w<||>OF_BLOCK(0)|>)
          STORE(<|OUT|>, <|py<||>AT(b, OUT_BLOCKS, OUT_BLOCK)<||>V|>, a);|>)
m4_define(<|OF_BLOCK|>, <|ADD_OFFSET($1)TERM(b, OUT_BLOCKS, BLOCK)<||>V|>)
m4_divert(0)m4_dnl
HEAD
IF(FULL_BLOCKS, <|
static inline float
total (vec v)
{
  IF(VECTOR_LANES == 4, <|return (v[0] + v[1]) + (v[2] + v[3]);|>, <|float sum = 0;
  for (int l = 0; l < VL; l += 4)
    sum += (v[l] + v[l + 1]) + (v[l + 2] + v[l + 3]);
  return sum;|>)
}
|>)CLEAR_HALO
PROTOTYPE
  int first, last;
  CALL_CLEAR_HALO
  ALONE(MOST_THREADS)
  rescast_share (PRODUCT(BATCH, OUT_D, OUT_H, OUT_W), t, THREADS, &first, &last);
  for (int i = first; i < last; i++)
    {
      DECODE(i, j, OUT_W, h, OUT_H, d, OUT_D, s, BATCH)
      const IN_TYPE *px = x<||>PIXEL(<|IN|>);
      OUT_TYPE *py = y<||>PIXEL(<|OUT|>);
      SUM(sum, <|sums += X(FULL_BLOCKS);|>, <|sum += value;|>)
      const float mean = sum / IN_C;
      const vec average = vsplat (mean);
      SUM(square, <|const vec difference = X(FULL_BLOCKS) - average;
          squares += difference * difference;|>, <|square += (value - mean) * (value - mean);|>)
      const vec scale = vsplat ((float) (1 / sqrt ((double) square / IN_C + EPS)));
      EACH_BLOCK(OUT_BLOCKS, <|NORMALISED|>)
    }
  IF(READS_W, <|UNUSED(residual)|>, <|UNUSED(residual, w)|>)
}
