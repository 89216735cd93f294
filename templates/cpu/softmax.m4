m4_divert(-1)
Softmax over the channels of every pixel, the largest one subtracted first. Sums are added up channel by channel, so that
every target gives the same bits.
require(<|FUNCTION|>, <|BATCH|>, <|IN_C|>, <|IN_BLOCK|>, <|IN_ORIGIN|>, <|OUT_ORIGIN|>, <|OUT_BLOCK|>, <|OUT_BLOCKS|>)
m4_define(<|X|>, <|px[(size_t) (c / 16) * IN_BLOCK + c % 16]|>)
m4_define(<|Y|>, <|py[(size_t) (c / 16) * OUT_BLOCK + c % 16]|>)
m4_divert(0)m4_dnl
HEAD
CLEAR_HALO
PROTOTYPE
{
  int first, last;
  CALL_CLEAR_HALO
  rescast_share (PRODUCT(BATCH, OUT_D, OUT_H, OUT_W), t, n, &first, &last);
  for (int i = first; i < last; i++)
    {
      DECODE(i, j, OUT_W, h, OUT_H, d, OUT_D, s, BATCH)m4_dnl
const float *px = x<||>ADD_OFFSET(IN_ORIGIN)<||>AT(s, BATCH, IN_SAMPLE)<||>AT(d, OUT_D, IN_PLANE)<||>AT(h, OUT_H, IN_ROW)<||>AT(j, OUT_W, 16);
      float *py = y<||>ADD_OFFSET(OUT_ORIGIN)<||>AT(s, BATCH, OUT_SAMPLE)<||>AT(d, OUT_D, OUT_PLANE)<||>AT(h, OUT_H, OUT_ROW)<||>AT(j, OUT_W, 16);
      float most = px[0], sum = 0;
      for (int c = 1; c < IN_C; c++)
        most = X > most ? X : most;
      for (int b = 0; b < OUT_BLOCKS; b++)
        for (int v = 0; v < 16; v += VL)
          vstore (py + (size_t) b * OUT_BLOCK + v, vexp (vload (px + (size_t) b * IN_BLOCK + v) - vsplat (most)));
      for (int c = 0; c < IN_C; c++)
        sum += Y;
      for (int c = 0; c < IN_C; c++)
        Y /= sum;
      for (int c = IN_C; c < m4_eval(16 * OUT_BLOCKS); c++)
        Y = 0;
    }
  UNUSED(residual, w)
}
