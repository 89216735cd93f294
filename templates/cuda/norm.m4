m4_include(<|cuda/cuda.m4|>)m4_dnl
m4_divert(-1)
Instance and group normalisation: one thread block per group of a sample. Sums are in double, of differences from the
group's first element, so that a large mean does not cancel the variance; the mean is subtracted before the scale is
applied. With MEAN kept values are divided by the deviation alone, with MEAN ignored by the root of the mean of squares.
require(<|FUNCTION|>, <|GROUPS|>, <|GROUP_C|>, <|MEAN|>, <|EPS|>, <|NORM_WEIGHT_AT|>, <|NORM_BIAS_AT|>, <|IN_C|>,
  <|THREADS|>)
m4_define(<|PIXELS|>, m4_eval(IN_D * IN_H * IN_W))
m4_define(<|ELEMENTS|>, m4_eval(PIXELS * GROUP_C))
m4_define(<|WARPS|>, m4_eval(THREADS / 32))
AT_OF(I): the offset of the group's element I from its first one.
m4_define(<|AT_OF|>, <|IF(GROUP_C == 1, <|(size_t) $1 * IN_C|>, <|(size_t) ($1 / GROUP_C) * IN_C + $1 % GROUP_C|>)|>)
m4_define(<|IS_IGNORED|>, <|m4_ifelse(MEAN, <|ignored|>, 1, 0)|>)
m4_define(<|IS_SUBTRACTED|>, <|m4_ifelse(MEAN, <|subtracted|>, 1, 0)|>)
m4_divert(0)m4_dnl
KERNEL_HEAD
{
  __shared__ double sums[WARPS], squares[WARPS];
  const int lane = threadIdx.x % 32, warp = threadIdx.x / 32, c0 = blockIdx.x % GROUPS * GROUP_C;
  const size_t start = (size_t) (blockIdx.x / GROUPS) * PIXELS * IN_C + c0;
  const ELEMENT *const p = x + start;
  BEGIN
  const double origin = IF(IS_IGNORED, 0, <|VALUE(p[0])|>);
  double sum = 0, square = 0;
  for (int i = threadIdx.x; i < ELEMENTS; i += THREADS)
    {
      const double difference = VALUE(p[AT_OF(i)]) - origin;
      sum += difference;
      square += difference * difference;
    }
  SUM_OVER(sum, 16)
  SUM_OVER(square, 16)
  if (lane == 0)
    {
      sums[warp] = sum;
      squares[warp] = square;
    }
  __syncthreads ();
  sum = square = 0;
  for (int i = 0; i < WARPS; i++)
    {
      sum += sums[i];
      square += squares[i];
    }
  IF(IS_IGNORED, <|const double factor = 1 / sqrt (square / ELEMENTS + EPS);|>,
  <|sum /= ELEMENTS;
  const double variance = square / ELEMENTS - sum * sum<||>IF(IS_SUBTRACTED, <|, average = origin + sum|>);
  const double factor = 1 / sqrt ((variance < 0 ? 0 : variance) + EPS);|>)
  IF(IS_SUBTRACTED, <|const float centre = (float) average;|>)
  for (int i = threadIdx.x; i < ELEMENTS; i += THREADS)
    {
      IF(NORM_WEIGHT_AT >= 0 || NORM_BIAS_AT >= 0 || SLOPE_AT >= 0,
      <|const int c = c0<||>IF(GROUP_C > 1, <| + i % GROUP_C|>);|>)
      const double scale = factor<||>IF(NORM_WEIGHT_AT >= 0, <| * w[NORM_WEIGHT_AT + c]|>);
      IF(IS_SUBTRACTED, <|const float shift
        = (float) (IF(NORM_BIAS_AT >= 0, <|w[NORM_BIAS_AT + c] + |>)(centre - average) * scale);
      float r = (VALUE(p[AT_OF(i)]) - centre) * (float) scale + shift;|>,
      <|float r = VALUE(p[AT_OF(i)]) * (float) scale<||>IF(NORM_BIAS_AT >= 0, <| + w[NORM_BIAS_AT + c]|>);|>)
      ACTIVATE_ONE(r, c)
      y[start + AT_OF(i)] = STORED(r);
    }
}
