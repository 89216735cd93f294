m4_divert(-1)
y = act ((x + other - centre) * scale + bias), each part where it is asked for: additions and other operators of two
operands, normalisations and activations that no other layer could take over. Along an axis where an operand has one
element for all, its steps are 0.
require(<|FUNCTION|>, <|BATCH|>, <|IN_ORIGIN|>, <|OUT_ORIGIN|>, <|SCALE_AT|>, <|CENTRE_AT|>, <|BIAS_AT|>, <|SLOPE_AT|>,
  <|ACT|>, <|FIRST_SAMPLE|>, <|RES_SAMPLE|>, <|OPERATOR|>, <|CONSTANT|>, <|SWAPPED|>)
m4_define(<|READS_W|>, <|m4_eval(SCALE_AT >= 0 || BIAS_AT >= 0 || SLOPE_AT >= 0 || CHANNEL_MASK_AT >= 0)|>)
All of a batch's blocks count as one sample's: mostly they lie as far apart.
m4_define(<|BLOCKS|>, m4_eval(BATCH * OUT_BLOCKS))
STEP(VAR, COUNT, STRIDE): AT, and nothing for a stride of 0.
m4_define(<|STEP|>, <|IF($3, <|AT(<|$1|>, $2, $3)|>)|>)
m4_define(<|BLOCK_STEP|>, <|IF(BATCH == 1 || $1_SAMPLE == $1_BLOCK * OUT_BLOCKS, <|STEP(o, BLOCKS, $1_BLOCK)|>, m4_dnl
<|STEP(<|(o % OUT_BLOCKS)|>, OUT_BLOCKS, $1_BLOCK)<||>m4_dnl
STEP(<|IF(OUT_BLOCKS > 1, <|(o / OUT_BLOCKS)|>, o)|>, BATCH, $1_SAMPLE)|>)|>)
m4_define(<|BLOCK_ROW|>, <|ADD_OFFSET($1_ORIGIN)BLOCK_STEP(<|$1|>)STEP(d, OUT_D, $1_PLANE)STEP(h, OUT_H, $1_ROW)|>)
A row of one pixel in one vector takes no loop: J is " + j" where there is one, C the channel in its block.
m4_define(<|HAS_LOOP|>, m4_eval(BLOCK * OUT_W != VECTOR_LANES))
m4_define(<|J|>, <|IF(HAS_LOOP, <| + j|>)|>)
m4_define(<|C|>, <|IF(IS_WHOLE_BLOCK(1), <||>, <| + c|>)|>)
IS_ROW(TENSOR): its elements follow one another as those of the output do. IS_PIXEL: a pixel's are those of all.
m4_define(<|IS_ROW|>, <|m4_eval($1_CHANNELS && ($1_PIXEL > 0 || OUT_W == 1))|>)
m4_define(<|IS_PIXEL|>, <|m4_eval($1_CHANNELS && !IS_ROW(<|$1|>))|>)
PIXEL_OF(TENSOR, P): the one element of a pixel.
m4_define(<|PIXEL_OF|>, <|IF(HAS_LOOP && OUT_W > 1 && $1_PIXEL, m4_dnl
<|$2[IF($1_PIXEL == BLOCK && IS_WHOLE_BLOCK(1), j, <|j / BLOCK<||>BY($1_PIXEL)|>)]|>, <|*$2|>)|>)
VALUES(TENSOR, TYPE, P): a vector of an operand's, whose row begins at P, TYPE being IN where it is FIRST.
m4_define(<|VALUES|>, <|IF($1_CHANNELS, <|LOAD(<|$2|>, <|$3<||>IF(IS_ROW(<|$1|>), <|J|>, <|C|>)|>)|>, m4_dnl
<|vsplat (AS_FLOAT(<|$2|>, <|PIXEL_OF(<|$1|>, <|$3|>)|>))|>)|>)
m4_define(<|X|>, <|VALUES(<|FIRST|>, <|IN|>, px)|>)
m4_define(<|OTHER|>, <|VALUES(<|RES|>, <|RES|>, pr)|>)
JOINED(A, B): what the operator makes of two operands; the smaller one is the negative of the larger negative.
m4_define(<|JOINED|>, <|m4_ifelse(OPERATOR, subtract, <|$1 - $2|>, OPERATOR, multiply, <|$1 * $2|>, m4_dnl
OPERATOR, divide, <|$1 / $2|>, OPERATOR, maximum, <|vmax ($1, $2)|>, m4_dnl
OPERATOR, power, <|vpow ($1, $2)|>, m4_dnl
OPERATOR, minimum, <|vsplat (0) - vmax (vsplat (0) - $1, vsplat (0) - $2)|>, <|$1 + $2|>)|>)
m4_define(<|RESULT|>, <|IF(RES_SAMPLE < 0, <|X|>, <|IF(SWAPPED, <|JOINED(<|OTHER|>, <|X|>)|>, m4_dnl
<|JOINED(<|X|>, <|OTHER|>)|>)|>)|>)
m4_define(<|NEEDS_C|>, <|m4_eval(!IS_WHOLE_BLOCK(1) && (READS_W || IS_PIXEL(<|FIRST|>) || m4_dnl
(RES_SAMPLE >= 0 && IS_PIXEL(<|RES|>))))|>)
m4_divert(0)m4_dnl
HEAD
CLEAR_HALO
PROTOTYPE
  CALL_CLEAR_HALO
  EACH_UNIT(BLOCKS, PRODUCT(OUT_D, OUT_H))
    {
      ROW_OF_UNIT(o, BLOCKS, PRODUCT(OUT_D, OUT_H))
      DECODE(i, h, OUT_H, d, OUT_D)
      const IN_TYPE *px = x<||>BLOCK_ROW(<|FIRST|>);
      IF(RES_SAMPLE >= 0, <|const RES_TYPE *pr = IF(CONSTANT, w, residual)<||>BLOCK_ROW(<|RES|>);|>)
      IF(READS_W, <|const float *e = w<||>IF(OUT_BLOCKS > 1, <| + BLOCK * IF(BATCH > 1, <|(o % OUT_BLOCKS)|>, o)|>);|>)
      OUT_TYPE *py = y<||>BLOCK_ROW(<|OUT|>);
      IF(HAS_LOOP, <|for (int j = 0; j < m4_eval(BLOCK * OUT_W); j += VL)|>)
        BRACED(HAS_LOOP, <|IF(NEEDS_C, <|const int c = j % BLOCK;|>)
          vec a = RESULT;
          IF(CENTRE_AT >= 0, <|a -= vload (e<||>ADD_OFFSET(CENTRE_AT)<||>C);|>)
          IF(SCALE_AT >= 0, <|a *= vload (e<||>ADD_OFFSET(SCALE_AT)<||>C);|>)
          IF(BIAS_AT >= 0, <|a += vload (e<||>ADD_OFFSET(BIAS_AT)<||>C);|>)
          ACTIVATE(a, <|e<||>C|>)
          STORE(<|OUT|>, <|py<||>J|>, a);|>)
    }
  IF(RES_SAMPLE < 0 || CONSTANT, <|UNUSED(residual)|>)
  IF(READS_W || CONSTANT, <||>, <|UNUSED(w)|>)
}
