m4_include(<|cuda/cuda.m4|>)m4_dnl
m4_divert(-1)
A tensor, channels last, to the caller's dense array (N, C, D, H, W).
require(<|FUNCTION|>, <|COUNT|>, <|X_WIDE|>, <|IN_C|>, <|IN_D|>, <|IN_H|>, <|IN_W|>)
m4_define(<|Y_TYPE|>, <|float|>)
m4_define(<|PIXELS|>, m4_eval(IN_D * IN_H * IN_W))
m4_divert(0)m4_dnl
KERNEL_HEAD
{
  EACH_RESULT
  SPLIT(i, pixel, PIXELS, c, IN_C, s, BATCH)
  y[i] = XVALUE(<|x[(s * PIXELS + pixel) * IN_C + c]|>);
}
