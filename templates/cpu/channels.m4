m4_divert(-1)
Each channel of the output is one of the input's, or of a second input's: concatenations, slices and shuffles of
channels that are in no place where they could stay. Blocks that an input has as they are become copies of rows; of the
other blocks each channel is copied on its own.
require(<|FUNCTION|>, <|BATCH|>, <|IN_ORIGIN|>, <|OUT_ORIGIN|>, <|RES_SAMPLE|>, <|WHOLE_BLOCKS|>, <|BLOCK_SOURCES|>,
  <|LANE_SOURCES|>)
m4_define(<|HAS_SECOND|>, m4_eval(RES_SAMPLE >= 0))
m4_define(<|HAS_LANES|>, m4_eval(WHOLE_BLOCKS < OUT_BLOCKS))
PIXELS(TENSOR): the first pixel of the row in the first channel of that input. FROM(SOURCE): where it points to.
m4_define(<|PIXELS|>, <|ADD_OFFSET($1_ORIGIN)AT(s, BATCH, $1_SAMPLE)AT(d, OUT_D, $1_PLANE)AT(h, OUT_H, $1_ROW)|>)
m4_define(<|FROM|>, <|IF(HAS_SECOND, <|($1.input ? pr : px)|>, px) + $1.at|>)
m4_define(<|COPY_ROW|>, <|memcpy (py, FROM(<|block_sources[INDEX_OF(o, OUT_BLOCKS)]|>), m4_dnl
FACTORS(m4_eval(BLOCK * OUT_W), sizeof (OUT_TYPE)));|>)
m4_define(<|FIRST_LANE|>, <|IF(WHOLE_BLOCKS, <|block_sources[o].at|>, BLOCK * o)|>)
m4_define(<|COPY_LANES|>, <|for (int l = 0; l < BLOCK; l++)
        {
          const struct source from = lane_sources[IF(OUT_BLOCKS > 1, <|FIRST_LANE + |>)l];
          if (from.input < 0)
            LOOP(j, OUT_W)
              py[l<||>TERM(j, OUT_W, BLOCK)] = 0;
          else
            {
              const IN_TYPE *p = FROM(from);
              LOOP(j, OUT_W)
                py[l<||>TERM(j, OUT_W, BLOCK)] = IF(OUT_W > 1, <|p[BLOCK * j]|>, *p);
            }
        }|>)
m4_divert(0)m4_dnl
HEAD

/* An input, counted from 0, and the elements from its first one in a row to those that are copied. */
struct source
{
  int input, at;
};

IF(WHOLE_BLOCKS, <|COMMENT(<|Of each block of the output<||>IF(HAS_LANES, <|; input -1: m4_dnl
its channels come from several places, and at is the first of their rows|>).|>)
static const struct source block_sources[] = { BLOCK_SOURCES };
|>)
IF(HAS_LANES, <|COMMENT(<|Of each channel of IF(WHOLE_BLOCKS, <|such blocks|>, <|the output|>)m4_dnl
IF(OUT_C % BLOCK, <|; input -1: zeros, which fill up the last block|>).|>)
static const struct source lane_sources[] = { LANE_SOURCES };
|>)CLEAR_HALO
PROTOTYPE
  CALL_CLEAR_HALO
  EACH_UNIT(OUT_BLOCKS, PRODUCT(BATCH, OUT_D, OUT_H))
    {
      ROW_OF_UNIT(o, OUT_BLOCKS, PRODUCT(BATCH, OUT_D, OUT_H))
      DECODE(i, h, OUT_H, d, OUT_D, s, BATCH)
      const IN_TYPE *px = x<||>PIXELS(<|IN|>);
      IF(HAS_SECOND, <|const RES_TYPE *pr = residual<||>PIXELS(<|RES|>);|>)
      OUT_TYPE *py = y<||>OUT_ROW_AT;
      IF(WHOLE_BLOCKS && HAS_LANES, <|if (block_sources[INDEX_OF(o, OUT_BLOCKS)].input >= 0)
        {
          COPY_ROW
          continue;
        }|>)
      IF(HAS_LANES, <|COPY_LANES|>, <|COPY_ROW|>)
    }
  IF(HAS_SECOND, <|UNUSED(w)|>, <|UNUSED(residual, w)|>)
}
