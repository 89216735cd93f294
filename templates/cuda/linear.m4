m4_include(<|cuda/cuda.m4|>)m4_dnl
m4_divert(-1)
A fully connected layer on a vector or a whole map: one warp per result.
require(<|FUNCTION|>, <|COUNT|>, <|X_WIDE|>, <|Y_WIDE|>, <|FEATURES|>, <|OUT_C|>, <|BIAS_AT|>)
m4_divert(0)m4_dnl
KERNEL_HEAD
{
  const int lane = threadIdx.x % 32, i = blockIdx.x * m4_eval(THREADS / 32) + threadIdx.x / 32;
  BEGIN
  if (i >= COUNT)
    return;
  const int o = i % OUT_C;
  const X_TYPE *const p = x + (size_t) (i / OUT_C) * FEATURES;
  const float *const q = w + (size_t) o * FEATURES;
  float r = 0;
  for (int f = lane; f < FEATURES; f += 32)
    r += XVALUE(p[f]) * q[f];
  SUM_OVER(r, 16)
  r += w[BIAS_AT + o];
  FINISH(r, o, i)
  if (lane == 0)
    y[i] = YSTORED(r);
}
