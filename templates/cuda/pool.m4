m4_include(<|cuda/cuda.m4|>)m4_dnl
m4_divert(-1)
Max and average pooling in 2-D and 3-D. A maximum is over the window's pixels inside the input; an average divides by
DIVISOR (KIND average), by the window's pixels inside (average_inside), or by those up to END (average_clipped).
require(<|FUNCTION|>, <|COUNT|>, <|CHANNELS_EACH|>, <|KIND|>, <|DIVISOR|>, <|K_D|>, <|K_H|>, <|K_W|>,
  <|S_D|>, <|S_H|>, <|S_W|>, <|PAD_D|>, <|PAD_H|>, <|PAD_W|>, <|DIL_D|>, <|DIL_H|>, <|DIL_W|>, <|END_D|>,
  <|END_H|>, <|END_W|>)
RANGE(VAR, AXIS): lo_VAR to hi_VAR, the window's part inside the input.
PIXEL_AT(D, H, W): the offset of the thread's channels of that pixel.
m4_define(<|PIXEL_AT|>, <|(((s * IN_D + $1) * IN_H + $2) * IN_W + $3) * IN_C + c * CHANNELS_EACH|>)
m4_define(<|RANGE|>, <|const int at_$1 = o$1 * S_$2 - PAD_$2;
  const int lo_$1 = at_$1 < 0 ? WINDOW_FIRST($1, $2) : at_$1;
  const int hi_$1 = at_$1 + WINDOW_EXTENT($2) < IN_$2 ? at_$1 + WINDOW_EXTENT($2) : IN_$2;
  m4_ifelse(KIND, <|average_clipped|>, <|const int counted_$1 = WINDOW_COUNTED($1, $2);|>)|>)
m4_define(<|IS_DIVIDED|>, <|m4_ifelse(KIND, <|max|>, 0, KIND DIVISOR, <|average 1|>, 0, 1)|>)
m4_divert(0)m4_dnl
KERNEL_HEAD
{
  EACH_RESULT
  SPLIT(i, c, m4_eval(OUT_C / CHANNELS_EACH), ow, OUT_W, oh, OUT_H, od, OUT_D, s, BATCH)
  RANGE(d, D)
  RANGE(h, H)
  RANGE(w, W)
  float r[CHANNELS_EACH] = {};
  m4_ifelse(KIND, <|max|>, <|LOAD_EACH(r, <|x + PIXEL_AT(lo_d, lo_h, lo_w)|>)|>)
  for (int d = lo_d; d < hi_d; WINDOW_NEXT(d, D))
    for (int h = lo_h; h < hi_h; WINDOW_NEXT(h, H))
      for (int j = lo_w; j < hi_w; WINDOW_NEXT(j, W))
        {
          float v[CHANNELS_EACH];
          LOAD_EACH(v, <|x + PIXEL_AT(d, h, j)|>)
          #pragma unroll
          for (int q = 0; q < CHANNELS_EACH; q++)
            m4_ifelse(KIND, <|max|>, <|r[q] = larger (r[q], v[q]);|>, <|r[q] += v[q];|>)
        }
IF(IS_DIVIDED, <|  #pragma unroll
  for (int q = 0; q < CHANNELS_EACH; q++)
    r[q] *= 1.0F / m4_ifelse(KIND, <|average|>, <|FLOAT(DIVISOR)|>,
      KIND, <|average_clipped|>,
      <|(float) (counted_d * counted_h * counted_w)|>,
      <|(float) (WINDOW_TAPS(d, D) * WINDOW_TAPS(h, H) * WINDOW_TAPS(w, W))|>);
|>)m4_dnl
  STORE_EACH(<|y + i * CHANNELS_EACH|>, r)
}
