m4_divert(-1)
The input's elements, read with the axes in another order, as an array of another shape. Between blocks of channels any
such move is a gather; every index is split by literals.
require(<|FUNCTION|>, <|BATCH|>, <|IN_ORIGIN|>, <|OUT_ORIGIN|>, <|OUT_C|>, <|INDEX|>, <|ORDER_0|>, <|ORDER_1|>,
  <|ORDER_2|>, <|ORDER_3|>, <|EXTENT_1|>, <|EXTENT_2|>, <|EXTENT_3|>)
SPLIT(I, QUOTIENT): the index of axis I, and the quotient's name; LEFT is what remains to be split. Nothing for an axis
of extent 1. The first axis is all that is left.
m4_define(<|LEFT|>, f)
m4_define(<|SPLIT|>, <|IF(EXTENT_$1 > 1, <|const INDEX ORDER_$1 = LEFT % EXTENT_$1, $2 = LEFT / EXTENT_$1;m4_dnl
m4_define(<|LEFT|>, $2)|>)|>)
IS_INDEXED(AXIS): is there an index of that axis? PART(AXIS, OFFSET): " + OFFSET", nothing for one without.
m4_define(<|IS_INDEXED|>, <|m4_ifelse(ORDER_0, $1, 1, ORDER_1, $1, <|m4_eval(EXTENT_1 > 1)|>, ORDER_2, $1,
  <|m4_eval(EXTENT_2 > 1)|>, <|m4_eval(EXTENT_3 > 1)|>)|>)
m4_define(<|PART|>, <|IF(IS_INDEXED($1), <| + $2|>)|>)
m4_define(<|CHANNEL|>, <|IF(OUT_BLOCKS > 1, <|(BLOCK * o + l)|>, l)|>)
m4_define(<|ROW_INDEX|>, <|IF(OUT_D > 1, <| + (INDEX) d * FACTORS(OUT_H, OUT_W)|>)IF(OUT_H > 1, <| m4_dnl
+ (INDEX) h<||>BY(OUT_W)|>)|>)
m4_divert(0)m4_dnl
HEAD
CLEAR_HALO
COMMENT(<|Element f of the sample x, counted in the order ORDER_0 ORDER_1 ORDER_2 ORDER_3.|>)
static inline IN_TYPE
element (const IN_TYPE *x, INDEX f)
{
  SPLIT(3, g)
  SPLIT(2, k)
  SPLIT(1, m)
  const INDEX ORDER_0 = LEFT;
  return *(x<||>PART(ic, <|(size_t) (ic / BLOCK) * IN_BLOCK + (size_t) (ic % BLOCK)|>)<||>m4_dnl
PART(id, <|(size_t) id * IN_PLANE|>)<||>PART(ih, <|(size_t) ih * IN_ROW|>)<||>PART(iw, <|(size_t) (BLOCK * iw)|>));
}

PROTOTYPE
  CALL_CLEAR_HALO
  EACH_UNIT(OUT_BLOCKS, PRODUCT(BATCH, OUT_D, OUT_H))
    {
      ROW_OF_UNIT(o, OUT_BLOCKS, PRODUCT(BATCH, OUT_D, OUT_H))
      DECODE(i, h, OUT_H, d, OUT_D, s, BATCH)
      const IN_TYPE *px = x<||>ADD_OFFSET(IN_ORIGIN)AT(s, BATCH, IN_SAMPLE);
      OUT_TYPE *py = y<||>OUT_ROW_AT;
      for (int l = 0; l < BLOCK; l++)
        {
          const int c = CHANNEL;
          const INDEX f = (INDEX) c<||>BY(FACTORS(OUT_D, OUT_H, OUT_W))<||>ROW_INDEX;
          LOOP(j, OUT_W)
            py[l<||>TERM(j, OUT_W, BLOCK)] = c < OUT_C ? CONVERTED(<|element (px, f<||>TERM(j, OUT_W, 1))|>) : 0;
        }
    }
  UNUSED(residual, w)
}
