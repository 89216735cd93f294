m4_include(<|cuda/cuda.m4|>)m4_dnl
m4_divert(-1)
Squeeze-and-excitation behind squeeze.m4: each block adds up the parts of the first product, has the second one of its
TILE channels, and multiplies CHUNK pixels of them.
require(<|FUNCTION|>, <|BATCH|>, <|OUT_C|>, <|OUT_D|>, <|OUT_H|>, <|OUT_W|>, <|THREADS|>, <|REDUCED|>, <|PARTS|>,
  <|EXPAND_AT|>, <|EXPAND_BIAS_AT|>, <|TILE|>, <|CHUNK|>, <|CHANNELS_EACH|>, <|SLOPE_AT|>, <|ACT|>)
m4_define(<|PIXELS|>, m4_eval(OUT_D * OUT_H * OUT_W))
m4_define(<|WARPS|>, m4_eval(THREADS / 32))
m4_define(<|CHUNKS|>, m4_eval((PIXELS + CHUNK - 1) / CHUNK))
m4_define(<|TILES|>, m4_eval((OUT_C + TILE - 1) / TILE))
m4_define(<|EACH_PIXEL|>, m4_eval(TILE / CHANNELS_EACH))
m4_define(<|IS_CUT|>, <|m4_eval(PIXELS % CHUNK != 0)|>)
m4_define(<|IS_FILLED|>, <|m4_eval(OUT_C % TILE == 0)|>)
CHANNEL: of the thread's number q.
m4_define(<|CHANNEL|>, <|at<||>IF(CHANNELS_EACH > 1, <| + q|>)|>)
m4_divert(0)m4_dnl
KERNEL_HEAD
{
  __shared__ float hidden[REDUCED], sums[WARPS][TILE];
  const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  SPLIT(blockIdx.x, chunk, CHUNKS, tile, TILES, s, BATCH)
  const int first = tile * TILE, c = first + lane;
  const float *const parts = (const float *) residual + s * m4_eval(PARTS * REDUCED);
  BEGIN
  EACH_THREAD(o, REDUCED)
    {
      float r = w[o]IF(PARTS == 1, <| + parts[o]|>);
      IF(PARTS > 1, <|for (int i = 0; i < PARTS; i++)
        r += parts[i * REDUCED + o];|>)
      hidden[o] = REDUCE_ACTIVATION(r, 0);
    }
  __syncthreads ();
  float sum = 0;
  for (int i = warp; i < REDUCED<||>IF(!IS_FILLED, <| && c < OUT_C|>); i += WARPS)
    sum += hidden[i] * w[EXPAND_AT + i * OUT_C + c];
  sums[warp][lane] = sum;
  __syncthreads ();
  if (IF(IS_FILLED, <|warp == 0|>, <|warp == 0 && c < OUT_C|>))
    {
      sum += w[EXPAND_BIAS_AT + c];
      for (int i = 1; i < WARPS; i++)
        sum += sums[i][lane];
      sums[0][lane] = EXPAND_ACTIVATION(sum, 0);
    }
  __syncthreads ();
  EACH_THREAD(i, m4_eval(CHUNK * EACH_PIXEL))
    {
      const int pixel = chunk * CHUNK + i / EACH_PIXEL, from = i % EACH_PIXEL * CHANNELS_EACH, at = first + from;
      IF(IS_CUT || !IS_FILLED, <|if (IF(IS_CUT, <|pixel >= PIXELS|>)<||>IF(IS_CUT && !IS_FILLED, <| || |>)<||>m4_dnl
IF(!IS_FILLED, <|at >= OUT_C|>))
        return;|>)
      const size_t place = ((size_t) s * PIXELS + pixel) * OUT_C + at;
      float r[CHANNELS_EACH];
      LOAD_EACH(r, x + place)
      #pragma unroll
      for (int q = 0; q < CHANNELS_EACH; q++)
        {
          r[q] *= sums[0][from + q];
          ACTIVATE_ONE(<|r[q]|>, <|CHANNEL|>)
        }
      STORE_EACH(<|y + place|>, r)
    }
}
