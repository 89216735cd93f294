m4_divert(-1)
The caller's dense array (N, C, D, H, W) into the arena, planar or in blocks of 16 channels, with its halo zeroed;
(x - mean) / std on the way where the network begins with a normalisation. w: means, then 1 / std.
require(<|FUNCTION|>, <|BATCH|>, <|LAYOUT|>, <|MEAN|>, <|STD|>, <|STD_AT|>, <|OUT_C|>, <|OUT_D|>, <|OUT_H|>, <|OUT_W|>, <|OUT_ORIGIN|>)
m4_ifelse(LAYOUT, <|planar|>, <|m4_define(<|OUT_PIXEL|>, 1)m4_define(<|OUT_GROUPS|>, <|OUT_C|>)|>)
m4_define(<|PIXELS|>, <|((size_t) OUT_D * OUT_H * OUT_W)|>)
NORMALISED(X, C, I): element X, I-th of channel C's plane.
m4_define(<|NORMALISED|>, <|m4_ifelse(MEAN, <|none|>, <|$1|>, <|($1 - w[MEAN_INDEX($2, $3)])|>)m4_ifelse(STD, <|none|>, <||>, <| * w[STD_AT + STD_INDEX($2, $3)]|>)|>)
m4_define(<|MEAN_INDEX|>, <|m4_ifelse(MEAN, <|element|>, <|$1 * PIXELS + $2|>, <|$1|>)|>)
m4_define(<|STD_INDEX|>, <|m4_ifelse(STD, <|element|>, <|$1 * PIXELS + $2|>, <|$1|>)|>)
m4_divert(0)m4_dnl
HEAD
CLEAR_HALO
PROTOTYPE
  int first, last;
  CALL_CLEAR_HALO
m4_ifelse(LAYOUT, <|planar|>, <|m4_dnl
  rescast_share (PRODUCT(BATCH, OUT_C, OUT_D, OUT_H), t, n, &first, &last);
  for (int i = first; i < last; i++)
    {
      DECODE(i, h, OUT_H, d, OUT_D, c, OUT_C, s, BATCH)m4_dnl
IF(OUT_C == 1, <|const int c = 0;
      |>)m4_dnl
const size_t at = IF(OUT_D > 1, <|(size_t) d * m4_eval(OUT_H * OUT_W) + |>)<||>IF(OUT_H > 1, <|(size_t) h * OUT_W|>, 0);
      const float *px = x<||>AT(s, BATCH, <|OUT_C * PIXELS|>)<||>AT(c, OUT_C, PIXELS) + at;
      float *py = y<||>ADD_OFFSET(OUT_ORIGIN)<||>AT(s, BATCH, OUT_SAMPLE)<||>AT(c, OUT_C, OUT_BLOCK)<||>AT(d, OUT_D, OUT_PLANE)<||>AT(h, OUT_H, OUT_ROW);
      for (int j = 0; j < OUT_W; j++)
        py[j] = NORMALISED(<|px[j]|>, c, <|(at + j)|>);
      (void) at;
      IF(OUT_C == 1, <|(void) c;|>)
    }|>, <|m4_dnl
  rescast_share (PRODUCT(BATCH, OUT_BLOCKS, OUT_D, OUT_H), t, n, &first, &last);
  for (int i = first; i < last; i++)
    {
      DECODE(i, h, OUT_H, d, OUT_D, b, OUT_BLOCKS, s, BATCH)m4_dnl
IF(OUT_BLOCKS == 1, <|const int b = 0;
      |>)m4_dnl
const size_t at = IF(OUT_D > 1, <|(size_t) d * m4_eval(OUT_H * OUT_W) + |>)<||>IF(OUT_H > 1, <|(size_t) h * OUT_W|>, 0);
      float *py = y<||>ADD_OFFSET(OUT_ORIGIN)<||>AT(s, BATCH, OUT_SAMPLE)<||>AT(b, OUT_BLOCKS, OUT_BLOCK)<||>AT(d, OUT_D, OUT_PLANE)<||>AT(h, OUT_H, OUT_ROW);
      for (int l = 0; l < 16; l++)
        {
          const int c = 16 * b + l;
          if (c >= OUT_C)
            {
              for (int j = 0; j < OUT_W; j++)
                py[16 * j + l] = 0;
              continue;
            }
          const float *px = x<||>AT(s, BATCH, <|OUT_C * PIXELS|>) + c * PIXELS + at;
          for (int j = 0; j < OUT_W; j++)
            py[16 * j + l] = NORMALISED(<|px[j]|>, c, <|(at + j)|>);
        }
    }|>)
  UNUSED(residual, w)
}
