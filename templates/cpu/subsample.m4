m4_divert(-1)
The shortcut without parameters: every stride-th pixel, new channels of zeros, BEFORE of them in front.
require(<|FUNCTION|>, <|BATCH|>, <|IN_C|>, <|OUT_C|>, <|S_D|>, <|S_H|>, <|S_W|>, <|BEFORE|>, <|IN_ORIGIN|>,
        <|OUT_ORIGIN|>)
m4_define(<|COLUMN|>, <|IF(OUT_W > 1, <| + m4_eval(BLOCK * S_W) * j|>)|>)
m4_define(<|PIXEL|>, <|px[(size_t) (c / BLOCK) * IN_BLOCK + c % BLOCK<||>COLUMN]|>)
m4_divert(0)m4_dnl
HEAD
CLEAR_HALO
PROTOTYPE
  CALL_CLEAR_HALO
  EACH_UNIT(OUT_BLOCKS, PRODUCT(BATCH, OUT_D, OUT_H))
    {
      ROW_OF_UNIT(o, OUT_BLOCKS, PRODUCT(BATCH, OUT_D, OUT_H))
      DECODE(i, h, OUT_H, d, OUT_D, s, BATCH)
      const IN_TYPE *px = x<||>ADD_OFFSET(IN_ORIGIN)AT(s, BATCH, IN_SAMPLE)m4_dnl
AT(d, OUT_D, m4_eval(S_D * IN_PLANE))AT(h, OUT_H, m4_eval(S_H * IN_ROW));
      OUT_TYPE *py = y<||>OUT_ROW_AT;
      for (int l = 0; l < BLOCK; l++)
        {
          const int c = IF(OUT_BLOCKS > 1, <|BLOCK * o + |>)l<||>SUBTRACT(BEFORE);
          LOOP(j, OUT_W)
            py[l<||>TERM(j, OUT_W, BLOCK)] = IF(BEFORE > 0, <|c >= 0 && |>)c < IN_C ? CONVERTED(<|PIXEL|>) : 0;
        }
    }
  UNUSED(residual, w)
}
