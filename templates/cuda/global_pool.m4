m4_include(<|cuda/cuda.m4|>)m4_dnl
m4_divert(-1)
The mean or the maximum over all pixels: a thread block has 32 channels of a sample, whose pixels its warps share.
require(<|FUNCTION|>, <|KIND|>, <|IN_C|>, <|IN_D|>, <|IN_H|>, <|IN_W|>, <|THREADS|>, <|Y_WIDE|>)
m4_define(<|PIXELS|>, m4_eval(IN_D * IN_H * IN_W))
m4_define(<|WARPS|>, m4_eval(THREADS / 32))
m4_define(<|PARTS|>, m4_eval((IN_C + 31) / 32))
JOIN(V): V added to the sum, or the larger one of it and the maximum so far.
m4_define(<|IS_MAX|>, m4_ifelse(KIND, <|max|>, 1, 0))
m4_define(<|RESULT|>, <|IF(IS_MAX, max, sum)|>)
m4_define(<|JOIN|>, <|IF(IS_MAX, <|max = larger (max, $1)|>, <|sum += $1|>);|>)
m4_divert(0)m4_dnl
KERNEL_HEAD
{
  __shared__ float parts[WARPS][32];
  const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  const int s = blockIdx.x / PARTS, c = blockIdx.x % PARTS * 32 + lane;
  const ELEMENT *const p = x + (size_t) s * PIXELS * IN_C + c;
  BEGIN
  float RESULT = IF(IS_MAX, <|-__int_as_float (0x7f800000)|>, 0);
  for (int i = warp; i < PIXELS && c < IN_C; i += WARPS)
    JOIN(<|VALUE(<|p[(size_t) i * IN_C]|>)|>)
  parts[warp][lane] = RESULT;
  __syncthreads ();
  for (int i = 1; i < WARPS && warp == 0; i++)
    JOIN(<|parts[i][lane]|>)
  if (warp == 0 && c < IN_C)
    y[s * IN_C + c] = YSTORED(<|RESULT<||>IF(IS_MAX, <||>, <| * (1.0F / PIXELS)|>)|>);
}
