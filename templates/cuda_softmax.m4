m4_include(<|cuda.m4|>)m4_dnl
m4_divert(-1)
Softmax over the channels of every pixel, the largest one subtracted first: a warp for each pixel.
m4_define(<|TEMPLATE|>, <|cuda_softmax.m4|>)
require(<|FUNCTION|>, <|COUNT|>, <|X_WIDE|>, <|Y_WIDE|>, <|IN_C|>)
m4_divert(0)m4_dnl
KERNEL_HEAD
{
  const int lane = threadIdx.x % 32, i = blockIdx.x * m4_eval(THREADS / 32) + threadIdx.x / 32;
  BEGIN
  if (i >= COUNT)
    return;
  const X_TYPE *const p = x + (size_t) i * IN_C;
  float most = XVALUE(p[0]), sum = 0;
  for (int c = lane; c < IN_C; c += 32)
    most = XVALUE(p[c]) > most ? XVALUE(p[c]) : most;
  for (int step = 16; step > 0; step /= 2)
    most = fmaxf (most, __shfl_xor_sync (0xffffffff, most, step));
  for (int c = lane; c < IN_C; c += 32)
    sum += expf (XVALUE(p[c]) - most);
  SUM_OVER(sum, 16)
  for (int c = lane; c < IN_C; c += 32)
    y[(size_t) i * IN_C + c] = YSTORED(<|expf (XVALUE(p[c]) - most) / sum|>);
}
