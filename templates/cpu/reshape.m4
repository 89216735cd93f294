m4_divert(-1)
The input's elements, read with the axes in another order, as an array of another shape. Between blocks of channels any
such move is a gather; every index is split by literals.
require(<|FUNCTION|>, <|BATCH|>, <|IN_ORIGIN|>, <|OUT_ORIGIN|>, <|OUT_C|>, <|INDEX|>, <|READ_AT|>,
  <|READ_C|>, <|READ_D|>, <|READ_H|>, <|READ_W|>)
INDEXED(EXPRESSION, VAR): VAR's declaration; nothing where there is none. PART(EXPRESSION, OFFSET): likewise.
m4_define(<|INDEXED|>, <|m4_ifelse(<|$1|>, <|none|>, <||>, <|const INDEX $2 = $1;|>)|>)
m4_define(<|PART|>, <|m4_ifelse(<|$1|>, <|none|>, <||>, <| + $2|>)|>)
m4_define(<|CHANNEL|>, <|IF(OUT_BLOCKS > 1, <|(BLOCK * o + l)|>, l)|>)
m4_define(<|ROW_INDEX|>, <|IF(OUT_D > 1, <| + (INDEX) d * FACTORS(OUT_H, OUT_W)|>)IF(OUT_H > 1, <| m4_dnl
+ (INDEX) h<||>BY(OUT_W)|>)|>)
m4_divert(0)m4_dnl
HEAD
CLEAR_HALO
/* Element f of the sample x, in the order of the output. */
static inline IN_TYPE
element (const IN_TYPE *x, INDEX f)
{
  INDEXED(READ_AT, at)
  INDEXED(READ_C, ic)
  INDEXED(READ_D, id)
  INDEXED(READ_H, ih)
  INDEXED(READ_W, iw)
  return *(x<||>PART(READ_C, <|(size_t) (ic / BLOCK) * IN_BLOCK + (size_t) (ic % BLOCK)|>)<||>m4_dnl
PART(READ_D, <|(size_t) id * IN_PLANE|>)<||>PART(READ_H, <|(size_t) ih * IN_ROW|>)<||>m4_dnl
PART(READ_W, <|(size_t) (BLOCK * iw)|>));
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
