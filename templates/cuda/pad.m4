m4_include(<|cuda/cuda.m4|>)m4_dnl
m4_divert(-1)
A constant around a map, or a part of the map, which is a pad below 0.
require(<|FUNCTION|>, <|COUNT|>, <|PAD_D|>, <|PAD_H|>, <|PAD_W|>, <|VALUE_AROUND|>)
m4_define(<|INSIDE|>, <|$1 >= 0 && $1 < IN_$2|>)
m4_divert(0)m4_dnl
KERNEL_HEAD
{
  EACH_RESULT
  SPLIT(i, c, OUT_C, ow, OUT_W, oh, OUT_H, od, OUT_D, s, BATCH)
  const int d = od<||>MINUS(PAD_D), h = oh<||>MINUS(PAD_H), j = ow<||>MINUS(PAD_W);
  const bool inside = INSIDE(d, D) && INSIDE(h, H) && INSIDE(j, W);
  y[i] = inside ? x[(((s * IN_D + d) * IN_H + h) * IN_W + j) * IN_C + c] : STORED(<|(float) VALUE_AROUND|>);
}
