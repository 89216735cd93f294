m4_include(<|cuda/cuda.m4|>)m4_dnl
m4_divert(-1)
Layer normalisation, over the channels of every pixel: a warp or a thread block, TEAM threads, per pixel. The mean is
subtracted before anything is squared or multiplied.
require(<|FUNCTION|>, <|COUNT|>, <|TEAM|>, <|EPS|>, <|NORM_WEIGHT_AT|>, <|NORM_BIAS_AT|>, <|X_WIDE|>, <|Y_WIDE|>,
  <|IN_C|>)
m4_define(<|WARPS|>, m4_eval(THREADS / 32))
ALL_THREADS(VAR, ROW): VAR summed up over the pixel's threads; row ROW of the array parts has each warp's sum.
m4_define(<|ALL_THREADS|>, <|SUM_OVER($1, 16)
  IF(TEAM > 32, <|parts[$2][threadIdx.x / 32] = $1;
  __syncthreads ();
  $1 = parts[$2][0];
  for (int i = 1; i < WARPS; i++)
    $1 += parts[$2][i];|>)|>)
m4_divert(0)m4_dnl
KERNEL_HEAD
{
  IF(TEAM > 32, <|__shared__ float parts[2][WARPS];
  const int member = threadIdx.x, pixel = blockIdx.x;
  BEGIN|>, <|const int member = threadIdx.x % 32, pixel = blockIdx.x * WARPS + threadIdx.x / 32;
  BEGIN
  if (pixel >= COUNT)
    return;|>)
  const X_TYPE *const p = x + (size_t) pixel * IN_C;
  float sum = 0, square = 0;
  for (int c = member; c < IN_C; c += TEAM)
    sum += XVALUE(p[c]);
  ALL_THREADS(sum, 0)
  const float mean = sum / IN_C;
  for (int c = member; c < IN_C; c += TEAM)
    {
      const float difference = XVALUE(p[c]) - mean;
      square += difference * difference;
    }
  ALL_THREADS(square, 1)
  const float scale = 1 / sqrtf (square / IN_C + (float) EPS);
  for (int c = member; c < IN_C; c += TEAM)
    {
      float r = (XVALUE(p[c]) - mean) * scale<||>IF(NORM_WEIGHT_AT >= 0, <| * w[NORM_WEIGHT_AT + c]|>)<||>m4_dnl
IF(NORM_BIAS_AT >= 0, <| + w[NORM_BIAS_AT + c]|>);
      ACTIVATE_ONE(r, c)
      y[(size_t) pixel * IN_C + c] = YSTORED(r);
    }
}
