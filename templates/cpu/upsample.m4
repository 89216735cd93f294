m4_divert(-1)
Linear and nearest upsampling in 2-D and 3-D: every output pixel is a blend of up to two input pixels along each axis,
which tables name. A blend of two bf16 numbers often lies halfway between two others: products and sums are rounded each
for itself, so that all targets give the same bits.
require(<|FUNCTION|>, <|BATCH|>, <|IN_ORIGIN|>, <|OUT_ORIGIN|>, <|SOURCES_D|>, <|SOURCES_H|>, <|SOURCES_W|>,
  <|LINEAR_D|>, <|LINEAR_H|>, <|LINEAR_W|>)
ALONG_D (ROW), …: the blend along an axis and those below it, of the inputs at the place ROW.
m4_define(<|ALONG|>, <|IF(LINEAR_$1, <|blend ($3(<|$4 + s$2.lo|>), $3(<|$4 + s$2.hi|>), s$2)|>,
  <|$3(<|$4 + s$2.lo|>)|>)|>)
m4_define(<|ALONG_D|>, <|ALONG(D, d, <|ALONG_H|>, <|$1|>)|>)
m4_define(<|ALONG_H|>, <|ALONG(H, h, <|ALONG_W|>, <|$1|>)|>)
m4_define(<|ALONG_W|>, <|ALONG(W, w, <|LOAD_SOURCE|>, <|$1|>)|>)
m4_define(<|LOAD_SOURCE|>, <|LOAD(<|IN|>, <|$1<||>V|>)|>)
m4_divert(0)m4_dnl
HEAD

/* An output's two inputs along an axis, in elements from the first one of all, and how much it takes from each. */
struct source
{
  int lo, hi;
  float from_lo, from_hi;
};

static const struct source sources_d[] = {
  SOURCES_D
};
static const struct source sources_h[] = {
  SOURCES_H
};
static const struct source sources_w[] = {
  SOURCES_W
};
IF(LINEAR_D || LINEAR_H || LINEAR_W, <|
static inline vec
blend (vec lo, vec hi, struct source s)
{
  return IF(IS_BF16(<|OUT|>), <|vproduct (lo, vsplat (s.from_lo)) + vproduct (hi, vsplat (s.from_hi))|>, m4_dnl
<|lo * s.from_lo + hi * s.from_hi|>);
}
|>)m4_dnl
CLEAR_HALO
PROTOTYPE
  CALL_CLEAR_HALO
  EACH_UNIT(OUT_BLOCKS, PRODUCT(BATCH, OUT_D, OUT_H))
    {
      ROW_OF_UNIT(o, OUT_BLOCKS, PRODUCT(BATCH, OUT_D, OUT_H))
      DECODE(i, h, OUT_H, d, OUT_D, s, BATCH)
      const struct source sd = sources_d[INDEX_OF(d, OUT_D)], sh = sources_h[INDEX_OF(h, OUT_H)];
      const IN_TYPE *px = x<||>ADD_OFFSET(IN_ORIGIN)AT(s, BATCH, IN_SAMPLE)AT(o, OUT_BLOCKS, IN_BLOCK);
      OUT_TYPE *py = y<||>OUT_ROW_AT;
      IF(OUT_W > 1, <|for (int j = 0; j < OUT_W; j++, py += BLOCK)|>)
        BRACED(OUT_W > 1, <|const struct source sw = sources_w[INDEX_OF(j, OUT_W)];
          EACH_VECTOR(1, <|STORE(<|OUT|>, <|py<||>V|>, <|ALONG_D(px)|>);|>)|>)
    }
  UNUSED(residual, w)
}
