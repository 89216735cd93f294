m4_include(<|cuda/cuda.m4|>)m4_dnl
m4_divert(-1)
The input's elements, read in another order, as an array of another shape. Both arrays are C, D, H, W. READ_C to READ_W:
the input's indices of element f; where they are made of its place in the input, READ_AT is that.
require(<|FUNCTION|>, <|COUNT|>, <|READ_AT|>, <|READ_C|>, <|READ_D|>, <|READ_H|>, <|READ_W|>)
INDEXED(EXPRESSION, VAR): VAR's declaration; none stands for 0.
m4_define(<|INDEXED|>, <|const int $2 = m4_ifelse(<|$1|>, <|none|>, 0, <|$1|>);|>)
m4_divert(0)m4_dnl
KERNEL_HEAD
{
  EACH_RESULT
  SPLIT(i, c, OUT_C, ow, OUT_W, oh, OUT_H, od, OUT_D, s, BATCH)
  const int f = ((c * OUT_D + od) * OUT_H + oh) * OUT_W + ow;
  m4_ifelse(READ_AT, <|none|>, <||>, <|INDEXED(READ_AT, at)|>)
  INDEXED(READ_C, ic)
  INDEXED(READ_D, id)
  INDEXED(READ_H, ih)
  INDEXED(READ_W, iw)
  y[i] = x[(((s * IN_D + id) * IN_H + ih) * IN_W + iw) * IN_C + ic];
}
