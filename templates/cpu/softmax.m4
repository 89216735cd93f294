m4_divert(-1)
Softmax over the channels of every pixel, or its logarithm, the largest one subtracted first. Sums are added up channel
by channel, so that every target gives the same bits. An output of bf16 numbers holds no exponential until it is
divided: what is summed and what is stored are computed one after the other.
require(<|FUNCTION|>, <|BATCH|>, <|IN_C|>, <|IN_BLOCK|>, <|IN_ORIGIN|>, <|OUT_ORIGIN|>, <|OUT_BLOCK|>, <|OUT_BLOCKS|>,
  <|LOGARITHM|>)
m4_define(<|CHANNEL_AT|>, <|IF(OUT_BLOCKS > 1, <|(size_t) (c / BLOCK) * $1 + c % BLOCK|>, c)|>)
m4_define(<|X|>, <|AS_FLOAT(<|IN|>, <|px[CHANNEL_AT(IN_BLOCK)]|>)|>)
m4_define(<|Y|>, <|py[CHANNEL_AT(OUT_BLOCK)]|>)
The place of a pixel in a tensor.
m4_define(<|PLANE|>, <|ADD_OFFSET($1_ORIGIN)AT(s, BATCH, $1_SAMPLE)AT(d, OUT_D, $1_PLANE)|>)
m4_define(<|PIXEL|>, <|PLANE(<|$1|>)AT(h, OUT_H, $1_ROW)AT(j, OUT_W, BLOCK)|>)
The channels that pad the last block.
m4_define(<|PADDING|>, m4_eval(BLOCK * OUT_BLOCKS - IN_C))
m4_define(<|ZERO_PADDING|>, <|m4_ifelse(PADDING, 0, <||>, PADDING, 1, <|FOR(<|c|>, IN_C, IN_C, <|Y = 0;|>)|>,
  <|for (int c = IN_C; c < m4_eval(BLOCK * OUT_BLOCKS); c++)
        Y = 0;|>)|>)
BELOW: how far a vector of channels lies below the largest one; EXPONENTIALS: of that.
m4_define(<|BELOW|>, <|LOAD(<|IN|>, <|px<||>AT(b, OUT_BLOCKS, IN_BLOCK)<||>V|>) - vsplat (most)|>)
m4_define(<|EXPONENTIALS|>, <|vexp (BELOW)|>)
m4_define(<|OUT_VECTOR_AT|>, <|py<||>AT(b, OUT_BLOCKS, OUT_BLOCK)<||>V|>)
m4_define(<|EACH_BLOCK|>, <|LOOP(b, OUT_BLOCKS)
        BRACED(OUT_BLOCKS > 1 && IS_WHOLE_BLOCK(1), <|EACH_VECTOR(1, <|$1|>)|>)|>)
m4_define(<|STORED|>, <|EACH_BLOCK(<|vstore (OUT_VECTOR_AT, EXPONENTIALS);|>)
      for (int c = 0; c < IN_C; c++)
        sum += Y;
      for (int c = 0; c < IN_C; c++)
        Y /= sum;|>)
ADD_UP: the exponentials of a vector, those of the channels that pad the last block left out.
m4_define(<|CHANNEL_OF_VECTOR|>, <|IF(OUT_BLOCKS > 1, <|BLOCK * b + |>)IF(IS_WHOLE_BLOCK(1), <||>, <|v + |>)l|>)
m4_define(<|ADD_UP|>, <|const vec e = EXPONENTIALS;
          for (int l = 0; l < VL IF(PADDING, <|&& CHANNEL_OF_VECTOR < IN_C|>); l++)
            sum += e[l];|>)
m4_define(<|COMPUTED_TWICE|>, <|EACH_BLOCK(<|ADD_UP|>)
      EACH_BLOCK(<|STORE(<|OUT|>, <|OUT_VECTOR_AT|>, <|EXPONENTIALS / vsplat (sum)|>);|>)|>)
m4_define(<|LOGARITHMS|>, <|EACH_BLOCK(<|ADD_UP|>)
      const vec logarithm = vlog (vsplat (sum));
      EACH_BLOCK(<|STORE(<|OUT|>, <|OUT_VECTOR_AT|>, <|BELOW - logarithm|>);|>)|>)
m4_divert(0)m4_dnl
HEAD
CLEAR_HALO
PROTOTYPE
  int first, last;
  CALL_CLEAR_HALO
  ALONE(MOST_THREADS)
  rescast_share (PRODUCT(BATCH, OUT_D, OUT_H, OUT_W), t, THREADS, &first, &last);
  for (int i = first; i < last; i++)
    {
      DECODE(i, j, OUT_W, h, OUT_H, d, OUT_D, s, BATCH)
      const IN_TYPE *px = x<||>PIXEL(<|IN|>);
      OUT_TYPE *py = y<||>PIXEL(<|OUT|>);
      float most = AS_FLOAT(<|IN|>, <|px[0]|>), sum = 0;
      for (int c = 1; c < IN_C; c++)
        most = X > most ? X : most;
      IF(LOGARITHM, <|LOGARITHMS|>, <|IF(IS_BF16(<|OUT|>), <|COMPUTED_TWICE|>, <|STORED|>)|>)
      ZERO_PADDING
    }
  UNUSED(residual, w)
}
