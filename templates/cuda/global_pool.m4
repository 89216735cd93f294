m4_include(<|cuda/cuda.m4|>)m4_dnl
m4_divert(-1)
The mean over all pixels: a thread block has 32 channels of a sample, whose pixels its warps share.
require(<|FUNCTION|>, <|IN_C|>, <|IN_D|>, <|IN_H|>, <|IN_W|>, <|THREADS|>, <|Y_WIDE|>)
m4_define(<|PIXELS|>, m4_eval(IN_D * IN_H * IN_W))
m4_define(<|WARPS|>, m4_eval(THREADS / 32))
m4_define(<|PARTS|>, m4_eval((IN_C + 31) / 32))
m4_divert(0)m4_dnl
KERNEL_HEAD
{
  __shared__ float sums[WARPS][32];
  const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  const int s = blockIdx.x / PARTS, c = blockIdx.x % PARTS * 32 + lane;
  const ELEMENT *const p = x + (size_t) s * PIXELS * IN_C + c;
  BEGIN
  float sum = 0;
  for (int i = warp; i < PIXELS && c < IN_C; i += WARPS)
    sum += VALUE(<|p[(size_t) i * IN_C]|>);
  sums[warp][lane] = sum;
  __syncthreads ();
  for (int i = 1; i < WARPS && warp == 0; i++)
    sum += sums[i][lane];
  if (warp == 0 && c < IN_C)
    y[s * IN_C + c] = YSTORED(<|sum * (1.0F / PIXELS)|>);
}
