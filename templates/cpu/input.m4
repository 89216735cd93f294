m4_divert(-1)
The caller's dense array (N, C, D, H, W) into the arena, planar or in blocks of channels, with its halo zeroed;
(x - mean) / std on the way where the network begins with a normalisation. w: means, then 1 / std.
require(<|FUNCTION|>, <|BATCH|>, <|LAYOUT|>, <|MEAN|>, <|STD|>, <|STD_AT|>, <|OUT_C|>, <|OUT_D|>, <|OUT_H|>, <|OUT_W|>,
  <|OUT_ORIGIN|>, <|OUT_LANES|>)
m4_define(<|IS_PLANAR|>, <|m4_ifelse(LAYOUT, <|planar|>, 1, 0)|>)
m4_define(<|OUT_PIXEL|>, OUT_LANES)
IF(IS_PLANAR, <|m4_define(<|OUT_GROUPS|>, <|OUT_C|>)|>)
m4_define(<|CHANNEL_PIXELS|>, <|IF(OUT_D * OUT_H * OUT_W > 1, <|((size_t) FACTORS(OUT_D, OUT_H, OUT_W))|>, 1)|>)
Where row h of channel c begins in a sample of the array.
m4_define(<|ARRAY_ROW|>, <|AT(c, OUT_C, CHANNEL_PIXELS)AT(d, OUT_D, FACTORS(OUT_H, OUT_W))AT(h, OUT_H, OUT_W)|>)
A mean or deviation is its channel's or its element's.
m4_define(<|PARAMETER_AT|>, <|m4_ifelse($1, <|element|>, <|INDEX_OF(j, OUT_W)ARRAY_ROW<||>|>, <|INDEX_OF(c, OUT_C)|>)|>)
m4_define(<|MINUS_MEAN|>, <|m4_ifelse(MEAN, <|none|>, <|$1|>, <|($1 - w[PARAMETER_AT(MEAN)])|>)|>)
m4_define(<|TIMES_STD|>, <|m4_ifelse(STD, <|none|>, <||>, <| * w[PARAMETER_AT(STD)ADD_OFFSET(STD_AT)]|>)|>)
m4_define(<|NORMALISED|>, <|MINUS_MEAN(<|px[INDEX_OF(j, OUT_W)]|>)TIMES_STD|>)
m4_define(<|IN_BLOCK_AT|>, <|l<||>TERM(j, OUT_W, OUT_PIXEL)|>)
m4_define(<|PLANAR_PLANE|>, <|ADD_OFFSET(OUT_ORIGIN)AT(s, BATCH, OUT_SAMPLE)AT(c, OUT_C, OUT_BLOCK)AT(d, OUT_D, m4_dnl
OUT_PLANE)|>)
m4_define(<|PLANAR_ROW|>, <|PLANAR_PLANE()AT(h, OUT_H, OUT_ROW)|>)
m4_define(<|PLANAR|>, <|
  EACH_UNIT(OUT_C, PRODUCT(BATCH, OUT_D, OUT_H))
    {
      ROW_OF_UNIT(c, OUT_C, PRODUCT(BATCH, OUT_D, OUT_H))
      DECODE(i, h, OUT_H, d, OUT_D, s, BATCH)
      const float *px = x<||>AT(s, BATCH, <|OUT_C<||>BY(CHANNEL_PIXELS)|>)ARRAY_ROW;
      OUT_TYPE *py = y<||>PLANAR_ROW;
      LOOP(j, OUT_W)
        py[INDEX_OF(j, OUT_W)] = AS_ELEMENT(<|OUT|>, <|NORMALISED|>);
    }|>)
m4_define(<|ZERO_ROW|>, <|if (c >= OUT_C)
            {
              LOOP(j, OUT_W)
                py[IN_BLOCK_AT] = 0;
              continue;
            }|>)
m4_define(<|BLOCKED|>, <|
  EACH_UNIT(OUT_BLOCKS, PRODUCT(BATCH, OUT_D, OUT_H))
    {
      ROW_OF_UNIT(o, OUT_BLOCKS, PRODUCT(BATCH, OUT_D, OUT_H))
      DECODE(i, h, OUT_H, d, OUT_D, s, BATCH)
      OUT_TYPE *py = y<||>OUT_ROW_AT;
      for (int l = 0; l < OUT_PIXEL; l++)
        {
          const int c = IF(OUT_BLOCKS > 1, <|OUT_PIXEL * o + l|>, l);
          IF(OUT_C % OUT_PIXEL, <|ZERO_ROW|>)
          const float *px = x<||>AT(s, BATCH, <|OUT_C<||>BY(CHANNEL_PIXELS)|>)ARRAY_ROW;
          LOOP(j, OUT_W)
            py[IN_BLOCK_AT] = AS_ELEMENT(<|OUT|>, <|NORMALISED|>);
        }
    }|>)
Few channels of bf16 numbers: a row of each is rounded first, then the pixels are put together, four channels a word;
compilers make vectors of both.
m4_define(<|FOURS|>, <|m4_eval(IS_BF16(<|OUT|>) && !IS_PLANAR && OUT_PIXEL % 4 == 0 && OUT_PIXEL <= 8 && m4_dnl
OUT_BLOCKS == 1 && OUT_W <= 4096)|>)
m4_define(<|FOUR_FUNCTION|>, <|IF(FOURS, <|
/* Four numbers side by side in memory. */
static inline uint64_t
four (bf16 a, bf16 b, bf16 c, bf16 d)
{
#if defined __BYTE_ORDER__ && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  return (uint64_t) a << 48 | (uint64_t) b << 32 | (uint64_t) c << 16 | d;
#else
  return a | (uint64_t) b << 16 | (uint64_t) c << 32 | (uint64_t) d << 48;
#endif
}
|>)|>)
m4_define(<|WORD|>, <|four (FOR(<|I|>, 0, 3, <|IF(I, <|, |>)rows[m4_eval($1 + I)][INDEX_OF(j, OUT_W)]|>))|>)
m4_define(<|WORDS|>, <|m4_eval(OUT_PIXEL / 4)|>)
m4_define(<|IN_FOURS|>, <|
  EACH_UNIT(1, PRODUCT(BATCH, OUT_D, OUT_H))
    {
      DECODE(i, h, OUT_H, d, OUT_D, s, BATCH)
      OUT_TYPE *py = y<||>ADD_OFFSET(OUT_ORIGIN)AT(s, BATCH, OUT_SAMPLE)AT(d, OUT_D, OUT_PLANE)AT(h, OUT_H, OUT_ROW);
      bf16 rows[OUT_PIXEL][OUT_W];
      LOOP(c, OUT_C)
        {
          const float *px = x<||>AT(s, BATCH, <|OUT_C<||>BY(CHANNEL_PIXELS)|>)ARRAY_ROW;
          LOOP(j, OUT_W)
            rows[INDEX_OF(c, OUT_C)][INDEX_OF(j, OUT_W)] = AS_ELEMENT(<|OUT|>, <|NORMALISED|>);
        }
      IF(OUT_C < OUT_PIXEL, <|memset (rows[OUT_C], 0, sizeof (bf16[m4_eval((OUT_PIXEL - OUT_C) * OUT_W)]));|>)
      LOOP(j, OUT_W)
        {
          const uint64_t pixel[WORDS] = { WORD(0)<||>IF(WORDS > 1, <|, WORD(4)|>) };
          memcpy (py<||>AT(j, OUT_W, OUT_PIXEL), pixel, sizeof pixel);
        }
    }|>)
m4_divert(0)m4_dnl
HEAD
FOUR_FUNCTION()m4_dnl
CLEAR_HALO
PROTOTYPE
  CALL_CLEAR_HALO
  IF(IS_PLANAR, <|PLANAR|>, <|IF(FOURS, <|IN_FOURS|>, <|BLOCKED|>)|>)
  UNUSED(residual, w)
}
