m4_divert(-1)
The shortcut without parameters: every stride-th pixel, new channels of zeros, half of them in front.
require(<|FUNCTION|>, <|BATCH|>, <|IN_C|>, <|OUT_C|>, <|S_D|>, <|S_H|>, <|S_W|>, <|IN_ORIGIN|>, <|OUT_ORIGIN|>)
m4_define(<|IN_FRONT|>, m4_eval((OUT_C - IN_C) / 2))
m4_divert(0)m4_dnl
HEAD
CLEAR_HALO
PROTOTYPE
  int first, last;
  CALL_CLEAR_HALO
  rescast_share (PRODUCT(BATCH, OUT_BLOCKS, OUT_D, OUT_H), t, n, &first, &last);
  for (int i = first; i < last; i++)
    {
      DECODE(i, h, OUT_H, d, OUT_D, o, OUT_BLOCKS, s, BATCH)m4_dnl
IF(OUT_BLOCKS == 1, <|const int o = 0;
      |>)m4_dnl
const float *px = x<||>ADD_OFFSET(IN_ORIGIN)<||>AT(s, BATCH, IN_SAMPLE)<||>AT(d, OUT_D, m4_eval(S_D * IN_PLANE))<||>AT(h, OUT_H, m4_eval(S_H * IN_ROW));
      float *py = y<||>ADD_OFFSET(OUT_ORIGIN)<||>AT(s, BATCH, OUT_SAMPLE)<||>AT(o, OUT_BLOCKS, OUT_BLOCK)<||>AT(d, OUT_D, OUT_PLANE)<||>AT(h, OUT_H, OUT_ROW);
      for (int l = 0; l < 16; l++)
        {
          const int c = 16 * o + l - IN_FRONT;
          for (int j = 0; j < OUT_W; j++)
            py[16 * j + l] = c >= 0 && c < IN_C ? px[(size_t) (c / 16) * IN_BLOCK + c % 16 + m4_eval(16 * S_W) * j] : 0;
        }
    }
  UNUSED(residual, w)
}
