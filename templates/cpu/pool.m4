m4_divert(-1)
Max and average pooling in 2-D and 3-D. Windows are cut at the border: a maximum never sees padding; an average counts
it (KIND average, of DIVISOR) or not (average_inside); average_clipped counts it up to END, beyond which windows reach.
require(<|FUNCTION|>, <|BATCH|>, <|KIND|>, <|DIVISOR|>, <|IN_ORIGIN|>, <|OUT_ORIGIN|>, <|K_D|>, <|K_H|>, <|K_W|>,
  <|S_D|>, <|S_H|>, <|S_W|>, <|PAD_D|>, <|PAD_H|>, <|PAD_W|>, <|DIL_D|>, <|DIL_H|>, <|DIL_W|>, <|END_D|>,
  <|END_H|>, <|END_W|>)
All of a batch's blocks count as one sample's: they lie as far apart.
m4_define(<|BLOCKS|>, m4_eval(BATCH * OUT_BLOCKS))
RANGE(VAR, AXIS): from lo_VAR to hi_VAR, the window's part inside the input, for output index VAR.
m4_define(<|RANGE|>, <|IF(DIL_$2 > 1 || IS_CLIPPED, <|RANGE_DILATED($1, $2)|>, m4_dnl
<|IF(OUT_$2 > 1, <|const int at_$1 = $1<||>BY(S_$2)SUBTRACT(PAD_$2);
      const int lo_$1 = IF(PAD_$2, <|at_$1 < 0 ? 0 : at_$1|>, at_$1);
      const int hi_$1 = at_$1 + K_$2 < IN_$2 ? at_$1 + K_$2 : IN_$2;|>,
      <|const int lo_$1 = 0, hi_$1 = IF(K_$2 - PAD_$2 < IN_$2, <|m4_eval(K_$2 - PAD_$2)|>, IN_$2);|>)|>)|>)
The same where elements of the window lie apart, or windows reach beyond the padding: counted_VAR elements count.
m4_define(<|RANGE_DILATED|>, <|const int at_$1 = IF(OUT_$2 > 1, <|$1<||>BY(S_$2)SUBTRACT(PAD_$2)|>, m4_eval(-PAD_$2));
      const int lo_$1 = IF(PAD_$2, <|at_$1 < 0 ? WINDOW_FIRST($1, $2) : at_$1|>, at_$1);
      const int hi_$1 = at_$1 + WINDOW_EXTENT($2) < IN_$2 ? at_$1 + WINDOW_EXTENT($2) : IN_$2;
      IF(IS_CLIPPED, <|const int counted_$1 = WINDOW_COUNTED($1, $2);|>)|>)
m4_define(<|IS_CLIPPED|>, <|m4_ifelse(KIND, <|average_clipped|>, 1, 0)|>)
Without a third axis there is no range of planes.
m4_define(<|HAS_PLANES|>, m4_eval(IN_D > 1))
m4_define(<|D_PARAMETERS|>, <|IF(HAS_PLANES, <|int lo_d, int hi_d, |>)|>)
m4_define(<|D_ARGUMENTS|>, <|IF(HAS_PLANES, <|lo_d, hi_d, |>)|>)
m4_define(<|PIXELS_INSIDE|>, <|IF(HAS_PLANES, <|WINDOW_TAPS(d, D) * |>)WINDOW_TAPS(h, H) * WINDOW_TAPS(w, W)|>)
What becomes of the sum of an average; a maximum stays.
m4_define(<|DIVIDE|>, <|m4_ifelse(KIND, <|average|>, <|m4_ifelse(DIVISOR, 1, <||>, <|a *= 1.0F / FLOAT(DIVISOR);|>)|>,
  KIND, <|average_inside|>, <|a *= 1.0F / (float) (PIXELS_INSIDE);|>,
  KIND, <|average_clipped|>, <|a *= part;|>)|>)
m4_define(<|PART_PARAMETER|>, <|IF(IS_CLIPPED, <|, float part|>)|>)
m4_define(<|PART_ARGUMENT|>, <|IF(IS_CLIPPED, <|, m4_dnl
1.0F / (float) (IF(HAS_PLANES, <|counted_d * |>)counted_h * counted_j)|>)|>)
m4_define(<|IS_MAX|>, <|m4_ifelse(KIND, <|max|>, 1, 0)|>)
m4_define(<|FIRST_PLANE|>, <|IF(HAS_PLANES, <|x + (size_t) lo_d * IN_PLANE|>, x)|>)
m4_define(<|FIRST_PIXEL|>, <|FIRST_PLANE + (size_t) lo_h * IN_ROW + BLOCK * lo_w<||>V|>)
m4_define(<|WINDOW|>, <|vec a = IF(IS_MAX, <|LOAD(<|IN|>, <|FIRST_PIXEL|>)|>, <|vsplat (0)|>);
      IF(HAS_PLANES, <|for (int d = lo_d; d < hi_d; WINDOW_NEXT(d, D))|>)
        for (int h = lo_h; h < hi_h; WINDOW_NEXT(h, H))
          {
            const IN_TYPE *p = x<||>AT(d, IN_D, IN_PLANE) + (size_t) h * IN_ROW<||>V;
            for (int w = lo_w; w < hi_w; WINDOW_NEXT(w, W))
              IF(IS_MAX, <|a = vmax (a, LOAD(<|IN|>, <|p + BLOCK * w|>));|>, <|a += LOAD(<|IN|>, <|p + BLOCK * w|>);|>)
          }
      DIVIDE
      STORE(<|OUT|>, <|y<||>V|>, a);|>)
m4_divert(0)m4_dnl
HEAD

COMMENT(<|One output pixel of one block: its window is IF(HAS_PLANES, <|[lo_d, hi_d) x |>)[lo_h, hi_h) x [lo_w, m4_dnl
hi_w) of x.|>)
static inline void
window (const IN_TYPE *x, OUT_TYPE *y, D_PARAMETERS()int lo_h, int hi_h, int lo_w, int hi_w<||>PART_PARAMETER)
{
  EACH_VECTOR(1, <|WINDOW|>)
}
CLEAR_HALO
PROTOTYPE
  CALL_CLEAR_HALO
  EACH_UNIT(BLOCKS, PRODUCT(OUT_D, OUT_H))
    {
      ROW_OF_UNIT(o, BLOCKS, PRODUCT(OUT_D, OUT_H))
      DECODE(i, h, OUT_H, d, OUT_D)
      const IN_TYPE *px = x<||>ADD_OFFSET(IN_ORIGIN)AT(o, BLOCKS, IN_BLOCK);
      OUT_TYPE *py = y<||>ADD_OFFSET(OUT_ORIGIN)AT(o, BLOCKS, OUT_BLOCK)AT(d, OUT_D, OUT_PLANE)AT(h, OUT_H, OUT_ROW);
      IF(HAS_PLANES, <|RANGE(d, D)|>)
      RANGE(h, H)
      IF(OUT_W > 1, <|for (int j = 0; j < OUT_W; j++, py += BLOCK)|>)
        BRACED(OUT_W > 1, <|RANGE(j, W)
          window (px, py, D_ARGUMENTS()lo_h, hi_h, lo_j, hi_j<||>PART_ARGUMENT);|>)
    }
  UNUSED(residual, w)
}
