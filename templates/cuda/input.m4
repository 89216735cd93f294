m4_include(<|cuda/cuda.m4|>)m4_dnl
m4_divert(-1)
The caller's dense array (N, C, D, H, W) to a tensor in the arena, channels last, normalised to (x - mean) / std where
the network begins with that. w: means, then 1 / std.
require(<|FUNCTION|>, <|COUNT|>, <|MEAN|>, <|STD|>, <|STD_AT|>, <|OUT_C|>, <|OUT_D|>, <|OUT_H|>, <|OUT_W|>)
m4_define(<|X_TYPE|>, <|float|>)
m4_define(<|PIXELS|>, m4_eval(OUT_D * OUT_H * OUT_W))
INDEX_OF(KIND): of the mean, or of 1 / std, given for each element or for each channel.
m4_define(<|INDEX_OF|>, <|m4_ifelse($1, <|element|>, <|c * PIXELS + pixel|>, <|c|>)|>)
m4_divert(0)m4_dnl
KERNEL_HEAD
{
  EACH_RESULT
  SPLIT(i, c, OUT_C, pixel, PIXELS, s, BATCH)
  float r = x[(s * OUT_C + c) * PIXELS + pixel];
  m4_ifelse(MEAN, <|none|>, <||>, <|r -= w[INDEX_OF(MEAN)];|>)
  m4_ifelse(STD, <|none|>, <||>, <|r *= w[STD_AT + INDEX_OF(STD)];|>)
  y[i] = STORED(r);
}
