m4_divert(-1)
The sums of one tile back to pixels, two faces along D at a time. For conv_stem_winograd.m4, with its parameters.
IS_LAST(P): is it the pair behind which the epilogue follows?
m4_define(<|IS_LAST|>, <|m4_eval($1 == PAIRS - 1)|>)
m4_define(<|PLANES_PARAMETER|>, <|IF(WINO_D > 1, <|int planes, |>)|>)
m4_define(<|PLANES_ARGUMENT|>, <|IF(WINO_D > 1, <|planes, |>)|>)
SO_FAR(P, K), SHARE_OF(P, K): what plane K has gathered before pair P, and At of P's one face or two.
m4_define(<|SO_FAR|>, <|IF($1 > 1 || ($1 == 1 && ($2 == 0 || $2 == WINO_D - 1)), <|vload (q<||>MULTIPLE($2, m4_dnl
OUT_PLANE)) + |>)|>)
m4_define(<|SHARE_OF|>, <|m4_ifelse($1, 0, <|IF($2, b, a)|>, <|IF($2 > 1, <|IF($1 == 1, 0.5F, 2.0F) m4_dnl
* |>)IF($2 % 2, d, s)|>)|>)
GATHER_PLANE(P, K): plane K of the output; the first pair has the first plane and the last one, the next pair begins the
others.
m4_define(<|GATHER_PLANE|>, <|IF($1 > 0 || $2 == 0 || $2 == WINO_D - 1, <|IF($2, <|if (planes > $2)|>)
            IF(IS_LAST($1), <|BRACED(WINO_D > 1, <|vec o = bias + IF(WINO_D > 1, <|(SO_FAR($1, m4_dnl
$2)<||>SHARE_OF($1, $2))|>, a);
              EPILOGUE(o, <|e<||>V|>)
              vstore (q<||>MULTIPLE($2, OUT_PLANE), o);|>)|>, <|vstore (q<||>MULTIPLE($2, OUT_PLANE), m4_dnl
SO_FAR($1, $2)<||>SHARE_OF($1, $2));|>)
|>)|>)
GATHER(P): the function gather_P; of the last pair it ends in the epilogue.
m4_define(<|ADD_TO_PLANES|>, <|float *q = y + i * OUT_ROW<||>$2<||>V;
            IF($1 > 0, <|const vec s = a + b, d = IF($1 == 1, SQRT1_2, SQRT2) * (a - b);|>)
            FOR(<|K|>, 0, WINO_D - 1, <|GATHER_PLANE($1, K)|>)|>)
m4_define(<|BIAS_OF_LAST|>, <|IF(IS_LAST($1), <|const vec bias = vload (e<||>ADD_OFFSET(BIAS_AT)<||>V);|>)|>)
m4_define(<|GATHER_FACE|>, <|_Alignas (64) float pixels[m4_eval(WINO * WINO) * VL], t[m4_eval(WINO * SIDE) * VL];
      OUTPUT_COLUMNS(<|sums<||>V|>, SUMS)
      for (int i = 0; i < WINO; i++)
        {
          const float *p = t + i * SIDE * VL;
          float *q = pixels + i * WINO * VL;LOAD_ALL(m, SIDE, p, VL)
          OUTPUT_1D(WINO, m, o)STORE_ALL(o, WINO, q, VL)
        }
      BIAS_OF_LAST($1)
      for (int i = 0; i < rows; i++)
        for (int j = 0; j < cols; j++)
          {
            const vec a = vload (pixels + (i * WINO + j) * VL);
            ADD_TO_PLANES($1, <| + BLOCK * j|>)
          }|>)
m4_define(<|GATHER_FACES|>, <|TWO_FACES
      BIAS_OF_LAST($1)
      EACH_PIXEL_OF_BOTH(<|ADD_TO_PLANES($1, <|ADD_OFFSET(BLOCK * J)|>)|>)|>)
m4_define(<|GATHER_TILE|>, <|IF(FACES > 1, <|GATHER_FACES($1)|>, <|GATHER_FACE($1)|>)|>)
m4_define(<|GATHER|>, <|
COMMENT(<|What one tile's sums<||>IF(WINO_D > 1, <| on faces FIRST_FACE($1) and SECOND_FACE($1)|>) give to m4_dnl
IF(WINO_D > 1, <|planes x |>)rows x cols pixels<||>IF(IS_LAST($1), <|, and the
   epilogue; e: the block's place in its vectors|>).|>)
static void
gather_$1 (const float *sums, IF(IS_LAST($1), <|const float *e, |>)float *y, PLANES_PARAMETER()int rows, int cols)
{
  EACH_VECTOR(1, <|GATHER_TILE($1)|>)
}
|>)
