m4_include(<|cuda/cuda.m4|>)m4_dnl
m4_divert(-1)
The mean over all pixels and the first product of squeeze-and-excitation: a block has PART_CHANNELS channels of
PART_PIXELS pixels of a sample, and what these add to each of the REDUCED results.
require(<|FUNCTION|>, <|BATCH|>, <|IN_C|>, <|IN_D|>, <|IN_H|>, <|IN_W|>, <|THREADS|>, <|REDUCED|>, <|PART_CHANNELS|>,
  <|PART_PIXELS|>)
m4_define(<|PIXELS|>, m4_eval(IN_D * IN_H * IN_W))
m4_define(<|WARPS|>, m4_eval(THREADS / 32))
m4_define(<|ACROSS|>, m4_eval((PIXELS + PART_PIXELS - 1) / PART_PIXELS))
m4_define(<|ROWS|>, m4_eval((IN_C + PART_CHANNELS - 1) / PART_CHANNELS))
m4_define(<|IS_CUT|>, <|m4_eval(ACROSS > 1 && PIXELS % PART_PIXELS)|>)
m4_define(<|IS_FILLED|>, <|m4_eval(IN_C % PART_CHANNELS == 0)|>)
m4_divert(0)m4_dnl
KERNEL_HEAD
{
  __shared__ float parts[WARPS][PART_CHANNELS];
  const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  SPLIT(blockIdx.x, across, ACROSS, row, ROWS, s, BATCH)
  const int first = row * PART_CHANNELS, c = first + lane;
  const ELEMENT *const p = x + IF(ACROSS > 1, <|((size_t) s * PIXELS + across * PART_PIXELS) * IN_C|>, m4_dnl
<|(size_t) s * m4_eval(PIXELS * IN_C)|>) + c;
  IF(IS_CUT, <|const int left = PIXELS - across * PART_PIXELS, pixels = left < PART_PIXELS ? left : PART_PIXELS;|>)
  BEGIN
  float sum = 0;
  #pragma unroll 4
  for (int i = warp; i < IF(IS_CUT, pixels, PART_PIXELS)<||>IF(!IS_FILLED, <| && c < IN_C|>); m4_dnl
i += WARPS)
    sum += VALUE(<|p[(size_t) i * IN_C]|>);
  parts[warp][lane] = sum;
  __syncthreads ();
  if (warp == 0)
    {
      for (int i = 1; i < WARPS; i++)
        sum += parts[i][lane];
      parts[0][lane] = sum * (1.0F / PIXELS);
    }
  __syncthreads ();
  EACH_THREAD(o, REDUCED)
    {
      float r = 0;
      for (int i = 0; i < PART_CHANNELS<||>IF(!IS_FILLED, <| && first + i < IN_C|>); i++)
        r += parts[0][i] * w[(first + i) * REDUCED + o];
      y[blockIdx.x * REDUCED + o] = YSTORED(r);
    }
}
