m4_include(<|cuda/cuda.m4|>)m4_dnl
m4_divert(-1)
The shortcut without parameters: every S-th pixel along each axis, and new channels of zeros, BEFORE of them in front.
require(<|FUNCTION|>, <|COUNT|>, <|IN_C|>, <|OUT_C|>, <|S_D|>, <|S_H|>, <|S_W|>, <|BEFORE|>)
m4_divert(0)m4_dnl
KERNEL_HEAD
{
  EACH_RESULT
  SPLIT(i, o, OUT_C, ow, OUT_W, oh, OUT_H, od, OUT_D, s, BATCH)
  const int c = o<||>MINUS(BEFORE);
  const int pixel = ((s * IN_D + od * S_D) * IN_H + oh * S_H) * IN_W + ow * S_W;
  y[i] = m4_ifelse(BEFORE, 0, <||>, <|c >= 0 && |>)c < IN_C ? x[pixel * IN_C + c] : 0;
}
