m4_divert(-1)
A tensor in blocks of 16 channels into the caller's dense array (N, C, D, H, W).
require(<|FUNCTION|>, <|BATCH|>, <|IN_C|>, <|IN_D|>, <|IN_H|>, <|IN_W|>, <|IN_ORIGIN|>)
m4_define(<|PIXELS|>, <|((size_t) IN_D * IN_H * IN_W)|>)
m4_divert(0)m4_dnl
HEAD
PROTOTYPE
  int first, last;
  rescast_share (PRODUCT(BATCH, IN_BLOCKS, IN_D, IN_H), t, n, &first, &last);
  for (int i = first; i < last; i++)
    {
      DECODE(i, h, IN_H, d, IN_D, o, IN_BLOCKS, s, BATCH)m4_dnl
const int channels = IF(IN_BLOCKS > 1 && IN_C % 16, <|o == m4_eval(IN_BLOCKS - 1) ? m4_eval(IN_C % 16) : 16|>, <|m4_eval(IN_C - 16 * (IN_BLOCKS - 1))|>);
      const float *px = x<||>ADD_OFFSET(IN_ORIGIN)<||>AT(s, BATCH, IN_SAMPLE)<||>AT(o, IN_BLOCKS, IN_BLOCK)<||>AT(d, IN_D, IN_PLANE)<||>AT(h, IN_H, IN_ROW);
      float *py = y<||>AT(s, BATCH, <|IN_C * PIXELS|>)<||>AT(o, IN_BLOCKS, <|16 * PIXELS|>)<||>AT(d, IN_D, m4_eval(IN_H * IN_W))<||>AT(h, IN_H, IN_W);
      for (int c = 0; c < channels; c++, py += PIXELS)
        for (int j = 0; j < IN_W; j++)
          py[j] = px[16 * j + c];
    }
  UNUSED(residual, w)
}
