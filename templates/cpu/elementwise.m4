m4_divert(-1)
y = act ((x + residual - centre) * scale + bias), each part where it is asked for: additions, normalisations and
activations that no other layer could take over.
require(<|FUNCTION|>, <|BATCH|>, <|IN_ORIGIN|>, <|OUT_ORIGIN|>, <|SCALE_AT|>, <|CENTRE_AT|>, <|BIAS_AT|>, <|SLOPE_AT|>,
  <|ACT|>, <|RES_SAMPLE|>)
m4_define(<|READS_W|>, <|m4_eval(SCALE_AT >= 0 || BIAS_AT >= 0 || SLOPE_AT >= 0 || CHANNEL_MASK_AT >= 0)|>)
All of a batch's blocks count as one sample's: they lie as far apart.
m4_define(<|BLOCKS|>, m4_eval(BATCH * OUT_BLOCKS))
m4_define(<|BLOCK_ROW|>, <|ADD_OFFSET($1_ORIGIN)AT(o, BLOCKS, $1_BLOCK)AT(d, OUT_D, $1_PLANE)AT(h, OUT_H, $1_ROW)|>)
A row of one pixel in one vector takes no loop: J is " + j" where there is one, C the channel in its block.
m4_define(<|HAS_LOOP|>, m4_eval(BLOCK * OUT_W != VECTOR_LANES))
m4_define(<|J|>, <|IF(HAS_LOOP, <| + j|>)|>)
m4_define(<|C|>, <|IF(IS_WHOLE_BLOCK(1), <||>, <| + c|>)|>)
m4_divert(0)m4_dnl
HEAD
CLEAR_HALO
PROTOTYPE
  CALL_CLEAR_HALO
  EACH_UNIT(BLOCKS, PRODUCT(OUT_D, OUT_H))
    {
      ROW_OF_UNIT(o, BLOCKS, PRODUCT(OUT_D, OUT_H))
      DECODE(i, h, OUT_H, d, OUT_D)
      const IN_TYPE *px = x<||>BLOCK_ROW(<|IN|>);
      IF(RES_SAMPLE >= 0, <|const RES_TYPE *pr = residual<||>BLOCK_ROW(<|RES|>);|>)
      IF(READS_W, <|const float *e = w<||>IF(OUT_BLOCKS > 1, <| + BLOCK * IF(BATCH > 1, <|(o % OUT_BLOCKS)|>, o)|>);|>)
      OUT_TYPE *py = y<||>BLOCK_ROW(<|OUT|>);
      IF(HAS_LOOP, <|for (int j = 0; j < m4_eval(BLOCK * OUT_W); j += VL)|>)
        BRACED(HAS_LOOP, <|IF(READS_W && !IS_WHOLE_BLOCK(1), <|const int c = j % BLOCK;|>)
          vec a = LOAD(<|IN|>, <|px<||>J|>)<||>IF(RES_SAMPLE >= 0, <| + LOAD(<|RES|>, <|pr<||>J|>)|>);
          IF(CENTRE_AT >= 0, <|a -= vload (e<||>ADD_OFFSET(CENTRE_AT)<||>C);|>)
          IF(SCALE_AT >= 0, <|a *= vload (e<||>ADD_OFFSET(SCALE_AT)<||>C);|>)
          IF(BIAS_AT >= 0, <|a += vload (e<||>ADD_OFFSET(BIAS_AT)<||>C);|>)
          ACTIVATE(a, <|e<||>C|>)
          STORE(<|OUT|>, <|py<||>J|>, a);|>)
    }
  IF(RES_SAMPLE < 0, <|UNUSED(residual)|>)
  IF(READS_W, <||>, <|UNUSED(w)|>)
}
