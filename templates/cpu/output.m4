m4_divert(-1)
A tensor in blocks of channels into the caller's dense array (N, C, D, H, W).
require(<|FUNCTION|>, <|BATCH|>, <|IN_C|>, <|IN_D|>, <|IN_H|>, <|IN_W|>, <|IN_ORIGIN|>)
The array has floats, whatever the tensor's elements.
m4_define(<|OUT_TYPE|>, float)
m4_define(<|CHANNEL_PIXELS|>, <|IF(IN_D * IN_H * IN_W > 1, <|((size_t) FACTORS(IN_D, IN_H, IN_W))|>, 1)|>)
The channels of block o: of the last one perhaps fewer.
m4_define(<|LAST_CHANNELS|>, m4_eval(IN_C - BLOCK * (IN_BLOCKS - 1)))
m4_define(<|IS_VARIABLE|>, <|m4_eval(IN_BLOCKS > 1 && LAST_CHANNELS < BLOCK)|>)
m4_define(<|CHANNELS|>, <|IF(IS_VARIABLE, channels, LAST_CHANNELS)|>)
m4_define(<|NEXT_CHANNEL|>, <|m4_ifelse(CHANNEL_PIXELS, 1, <|py++|>, <|py += CHANNEL_PIXELS|>)|>)
m4_define(<|BLOCK_PIXELS|>, <|BLOCK<||>BY(CHANNEL_PIXELS)|>)
m4_define(<|ARRAY_ROW|>, <|AT(o, IN_BLOCKS, BLOCK_PIXELS)AT(d, IN_D, FACTORS(IN_H, IN_W))AT(h, IN_H, IN_W)|>)
m4_define(<|ELEMENT_AT|>, <|IF(IN_C > 1, <|c<||>TERM(j, IN_W, BLOCK)|>,
  <|INDEX_OF(j, IN_W)<||>IF(IN_W > 1, <| * BLOCK|>)|>)|>)
m4_divert(0)m4_dnl
HEAD
PROTOTYPE
  EACH_UNIT(IN_BLOCKS, PRODUCT(BATCH, IN_D, IN_H))
    {
      ROW_OF_UNIT(o, IN_BLOCKS, PRODUCT(BATCH, IN_D, IN_H))
      DECODE(i, h, IN_H, d, IN_D, s, BATCH)
      IF(IS_VARIABLE, <|const int channels = o == m4_eval(IN_BLOCKS - 1) ? LAST_CHANNELS : BLOCK;|>)
      const IN_TYPE *px = x<||>IN_ROW_AT;
      float *py = y<||>AT(s, BATCH, <|IN_C<||>BY(CHANNEL_PIXELS)|>)ARRAY_ROW;
      IF(IN_C > 1, <|for (int c = 0; c < CHANNELS; c++, NEXT_CHANNEL)|>)
        LOOP(j, IN_W)
          py[INDEX_OF(j, IN_W)] = AS_FLOAT(<|IN|>, <|px[ELEMENT_AT]|>);
    }
  UNUSED(residual, w)
}
