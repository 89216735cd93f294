m4_divert(-1)
The input's elements, read with the axes in another order, as an array of another shape. Between blocks of 16 channels
any such move is a gather; every index is split by literals.
require(<|FUNCTION|>, <|BATCH|>, <|IN_ORIGIN|>, <|OUT_ORIGIN|>, <|OUT_C|>, <|INDEX|>, <|ORDER_0|>, <|ORDER_1|>, <|ORDER_2|>, <|ORDER_3|>, <|EXTENT_1|>,
  <|EXTENT_2|>, <|EXTENT_3|>)
m4_divert(0)m4_dnl
HEAD
CLEAR_HALO
/* Element f of the sample x, counted in the order ORDER_0 ORDER_1 ORDER_2 ORDER_3. */
static inline float
element (const float *x, INDEX f)
{
  const INDEX ORDER_3 = f % EXTENT_3, g = f / EXTENT_3;
  const INDEX ORDER_2 = g % EXTENT_2, k = g / EXTENT_2;
  const INDEX ORDER_1 = k % EXTENT_1, ORDER_0 = k / EXTENT_1;
  return x[(size_t) (ic / 16) * IN_BLOCK + (size_t) id * IN_PLANE + (size_t) ih * IN_ROW + (size_t) (16 * iw + ic % 16)];
}

PROTOTYPE
  int first, last;
  CALL_CLEAR_HALO
  rescast_share (PRODUCT(BATCH, OUT_BLOCKS, OUT_D, OUT_H), t, n, &first, &last);
  for (int i = first; i < last; i++)
    {
      DECODE(i, h, OUT_H, d, OUT_D, o, OUT_BLOCKS, s, BATCH)m4_dnl
const float *px = x<||>ADD_OFFSET(IN_ORIGIN)<||>AT(s, BATCH, IN_SAMPLE);
      float *py = y<||>ADD_OFFSET(OUT_ORIGIN)<||>AT(s, BATCH, OUT_SAMPLE)<||>AT(o, OUT_BLOCKS, OUT_BLOCK)<||>AT(d, OUT_D, OUT_PLANE)<||>AT(h, OUT_H, OUT_ROW);
      for (int l = 0; l < 16; l++)
        {
          const int c = IF(OUT_BLOCKS > 1, <|16 * o + l|>, l);
          const INDEX f = (((INDEX) c * OUT_D<||>IF(OUT_D > 1, <| + d|>)) * OUT_H<||>IF(OUT_H > 1, <| + h|>)) * OUT_W;
          for (int j = 0; j < OUT_W; j++)
            py[16 * j + l] = c < OUT_C ? element (px, f + j) : 0;
        }
    }
  UNUSED(residual, w)
}
