m4_include(<|cuda/cuda.m4|>)m4_dnl
m4_divert(-1)
A permutation of the input's axes, whose elements then make up an array of another shape. Both arrays are C, D, H, W.
ORDER_0 to ORDER_3: the input's coordinates in the permuted order, ic, id, ih or iw; EXTENT_1 to EXTENT_3: the extents
of the last three.
require(<|FUNCTION|>, <|COUNT|>, <|ORDER_0|>, <|ORDER_1|>, <|ORDER_2|>, <|ORDER_3|>,
  <|EXTENT_1|>, <|EXTENT_2|>, <|EXTENT_3|>)
m4_divert(0)m4_dnl
KERNEL_HEAD
{
  EACH_RESULT
  SPLIT(i, c, OUT_C, ow, OUT_W, oh, OUT_H, od, OUT_D, s, BATCH)
  const int f = ((c * OUT_D + od) * OUT_H + oh) * OUT_W + ow;
  const int ORDER_3 = f % EXTENT_3, ORDER_2 = f / EXTENT_3 % EXTENT_2;
  const int ORDER_1 = f / m4_eval(EXTENT_3 * EXTENT_2) % EXTENT_1;
  const int ORDER_0 = f / PRODUCT(EXTENT_3, EXTENT_2, EXTENT_1);
  y[i] = x[(((s * IN_D + id) * IN_H + ih) * IN_W + iw) * IN_C + ic];
}
