m4_divert(-1)
A constant around a map, or a part of the map, which is a pad below 0.
require(<|FUNCTION|>, <|BATCH|>, <|IN_C|>, <|IN_ORIGIN|>, <|OUT_ORIGIN|>, <|PAD_D|>, <|PAD_H|>, <|PAD_W|>, <|VALUE|>)
INDEX_IN(VAR, AXIS): the input's index along an axis of the output's VAR, 0 where there is one output.
m4_define(<|INDEX_IN|>, <|IF(OUT_$2 > 1, <|$1<||>m4_dnl
IF(PAD_$2 < 0, <| + m4_eval(-(PAD_$2))|>, <|SUBTRACT(PAD_$2)|>)|>, m4_eval(-(PAD_$2)))|>)
INSIDE(VAR, AXIS): a condition; nothing where all outputs are inside. BOTH(A, B): A && B, of which each may be nothing.
m4_define(<|INSIDE|>, <|BOTH(<|IF(PAD_$2 > 0, <|$1 >= 0|>)|>, <|IF(OUT_$2 - PAD_$2 > IN_$2, <|$1 < IN_$2|>)|>)|>)
m4_define(<|BOTH|>, <|BOTH_OF($1, $2)|>)
m4_define(<|BOTH_OF|>, <|m4_ifelse(<|$1|>, <||>, <|$2|>, <|$2|>, <||>, <|$1|>, <|$1 && $2|>)|>)
m4_define(<|ROWS_OUTSIDE|>, m4_eval(PAD_D > 0 || OUT_D - PAD_D > IN_D || PAD_H > 0 || OUT_H - PAD_H > IN_H))
m4_define(<|COLUMNS_OUTSIDE|>, m4_eval(PAD_W > 0 || OUT_W - PAD_W > IN_W))
m4_define(<|IS_INSIDE|>, <|BOTH(<|IF(ROWS_OUTSIDE, row_inside)|>, <|INSIDE(iw, W)|>)|>)
The channels that pad the last block stay 0.
m4_define(<|PADDING|>, m4_eval(BLOCK * OUT_BLOCKS - IN_C))
m4_define(<|CHANNELS|>, <|IF(PADDING && OUT_BLOCKS > 1, <|(o % OUT_BLOCKS == m4_eval(OUT_BLOCKS - 1) ? m4_dnl
m4_eval(BLOCK - PADDING) : BLOCK)|>, m4_eval(BLOCK - PADDING))|>)
m4_define(<|BLOCKS|>, m4_eval(BATCH * OUT_BLOCKS))
m4_define(<|COPY|>, <|const IN_TYPE *p = px<||>IF(IN_D > 1, <| + (size_t) id * IN_PLANE|>)<||>m4_dnl
 + (size_t) ih * IN_ROW + BLOCK * iw;
              EACH_VECTOR(1, <|STORE(<|OUT|>, <|py<||>V|>, <|LOAD(<|IN|>, <|p<||>V|>)|>);|>)|>)
m4_divert(0)m4_dnl
HEAD
CLEAR_HALO
PROTOTYPE
  CALL_CLEAR_HALO
  EACH_UNIT(BLOCKS, PRODUCT(OUT_D, OUT_H))
    {
      ROW_OF_UNIT(o, BLOCKS, PRODUCT(OUT_D, OUT_H))
      DECODE(i, h, OUT_H, d, OUT_D)
      IF(OUT_D > 1 || IN_D > 1, <|const int id = INDEX_IN(d, D);|>)
      const int ih = INDEX_IN(h, H);
      IF(ROWS_OUTSIDE, <|const int row_inside = BOTH(<|INSIDE(id, D)|>, <|INSIDE(ih, H)|>);|>)
      const IN_TYPE *px = x<||>ADD_OFFSET(IN_ORIGIN)AT(o, BLOCKS, IN_BLOCK);
      OUT_TYPE *py = y<||>ADD_OFFSET(OUT_ORIGIN)AT(o, BLOCKS, OUT_BLOCK)AT(d, OUT_D, OUT_PLANE)AT(h, OUT_H, OUT_ROW);
      IF(ROWS_OUTSIDE || COLUMNS_OUTSIDE, <|_Alignas (64) float around[BLOCK];
      for (int l = 0; l < BLOCK; l++)
        around[l] = IF(PADDING, <|l < CHANNELS ? (float) VALUE : 0|>, (float) VALUE);|>)
      IF(OUT_W > 1, <|for (int j = 0; j < OUT_W; j++, py += BLOCK)|>)
        {
          const int iw = INDEX_IN(j, W);
          IF(ROWS_OUTSIDE || COLUMNS_OUTSIDE, <|if (IS_INSIDE)
            {
              COPY
            }
          else
            {
              EACH_VECTOR(1, <|STORE(<|OUT|>, <|py<||>V|>, <|vload (around<||>V)|>);|>)
            }|>, <|COPY|>)
        }
    }
  UNUSED(residual, w)
}
