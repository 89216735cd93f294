m4_divert(-1)
Softmax over the channels of every pixel, the largest one subtracted first. Sums are added up channel by channel, so
that every target gives the same bits.
require(<|FUNCTION|>, <|BATCH|>, <|IN_C|>, <|IN_BLOCK|>, <|IN_ORIGIN|>, <|OUT_ORIGIN|>, <|OUT_BLOCK|>, <|OUT_BLOCKS|>)
m4_define(<|CHANNEL_AT|>, <|IF(OUT_BLOCKS > 1, <|(size_t) (c / BLOCK) * $1 + c % BLOCK|>, c)|>)
m4_define(<|X|>, <|px[CHANNEL_AT(IN_BLOCK)]|>)
m4_define(<|Y|>, <|py[CHANNEL_AT(OUT_BLOCK)]|>)
The place of a pixel in a tensor.
m4_define(<|PLANE|>, <|ADD_OFFSET($1_ORIGIN)AT(s, BATCH, $1_SAMPLE)AT(d, OUT_D, $1_PLANE)|>)
m4_define(<|PIXEL|>, <|PLANE(<|$1|>)AT(h, OUT_H, $1_ROW)AT(j, OUT_W, BLOCK)|>)
The channels that pad the last block.
m4_define(<|PADDING|>, m4_eval(BLOCK * OUT_BLOCKS - IN_C))
m4_define(<|ZERO_PADDING|>, <|m4_ifelse(PADDING, 0, <||>, PADDING, 1, <|FOR(<|c|>, IN_C, IN_C, <|Y = 0;|>)|>,
  <|for (int c = IN_C; c < m4_eval(BLOCK * OUT_BLOCKS); c++)
        Y = 0;|>)|>)
m4_divert(0)m4_dnl
HEAD
CLEAR_HALO
PROTOTYPE
  int first, last;
  CALL_CLEAR_HALO
  rescast_share (PRODUCT(BATCH, OUT_D, OUT_H, OUT_W), t, n, &first, &last);
  for (int i = first; i < last; i++)
    {
      DECODE(i, j, OUT_W, h, OUT_H, d, OUT_D, s, BATCH)
      const float *px = x<||>PIXEL(<|IN|>);
      float *py = y<||>PIXEL(<|OUT|>);
      float most = px[0], sum = 0;
      for (int c = 1; c < IN_C; c++)
        most = X > most ? X : most;
      LOOP(b, OUT_BLOCKS)
        BRACED(OUT_BLOCKS > 1 && IS_WHOLE_BLOCK(1), <|EACH_VECTOR(1, <|vstore (py<||>AT(b, OUT_BLOCKS, m4_dnl
OUT_BLOCK)<||>V, m4_dnl
vexp (vload (px<||>AT(b, OUT_BLOCKS, IN_BLOCK)<||>V) - vsplat (most)));|>)|>)
      for (int c = 0; c < IN_C; c++)
        sum += Y;
      for (int c = 0; c < IN_C; c++)
        Y /= sum;
      ZERO_PADDING
    }
  UNUSED(residual, w)
}
