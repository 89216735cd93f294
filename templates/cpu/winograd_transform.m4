m4_divert(-1)
One-dimensional Winograd transforms for F(2, 3), F(4, 3) and F(3, 4), as statements on variables named by a word and a
number. Interpolation points 0, ±a, ±b, infinity with a = sqrt (1/2), b = sqrt (2): small factors, small rounding
errors.

INPUT_1D(M, D, O): D0 … are the inputs of a tile, O0 … become Bt d; F(3, 4) has the six inputs and points of F(4, 3).
m4_define(<|INPUT_1D|>, <|m4_ifelse($1, 2, <|m4_dnl
const vec $3<||>0 = $2<||>0 - $2<||>2, $3<||>1 = $2<||>1 + $2<||>2;
const vec $3<||>2 = $2<||>2 - $2<||>1, $3<||>3 = $2<||>1 - $2<||>3;|>, <|m4_dnl
const vec ea = $2<||>4 - 2.0F * $2<||>2, oa = SQRT1_2 * ($2<||>3 - 2.0F * $2<||>1);
const vec eb = $2<||>4 - 0.5F * $2<||>2, ob = SQRT2 * ($2<||>3 - 0.5F * $2<||>1);
const vec $3<||>0 = $2<||>0 + $2<||>4 - 2.5F * $2<||>2, $3<||>1 = ea + oa, $3<||>2 = ea - oa;
const vec $3<||>3 = eb + ob, $3<||>4 = eb - ob, $3<||>5 = $2<||>1 + $2<||>5 - 2.5F * $2<||>3;|>)|>)

OUTPUT_1D(M, S, O): S0 … are sums at the points, O0 … become the M outputs At s.
m4_define(<|OUTPUT_1D|>, <|m4_ifelse($1, 2, <|m4_dnl
const vec $3<||>0 = $2<||>0 + $2<||>1 + $2<||>2, $3<||>1 = $2<||>1 - $2<||>2 - $2<||>3;|>, $1, 3, <|m4_dnl
const vec sa = $2<||>1 + $2<||>2, sb = $2<||>3 + $2<||>4;
const vec $3<||>0 = $2<||>0 + sa + sb, $3<||>1 = SQRT1_2 * ($2<||>1 - $2<||>2) + SQRT2 * ($2<||>3 - $2<||>4);
const vec $3<||>2 = 0.5F * sa + 2.0F * sb + $2<||>5;|>, <|m4_dnl
const vec sa = $2<||>1 + $2<||>2, da = SQRT1_2 * ($2<||>1 - $2<||>2);
const vec sb = $2<||>3 + $2<||>4, db = SQRT2 * ($2<||>3 - $2<||>4);
const vec $3<||>0 = $2<||>0 + sa + sb, $3<||>1 = da + db;
const vec $3<||>2 = 0.5F * sa + 2.0F * sb, $3<||>3 = 0.5F * da + 2.0F * db + $2<||>5;|>)|>)
m4_define(<|SQRT1_2|>, <|0.70710678118654752F|>)
m4_define(<|SQRT2|>, <|1.41421356237309505F|>)
m4_define(<|SIDE|>, m4_ifelse(WINO, 2, 4, 6))
m4_define(<|SIDE_D|>, m4_ifelse(WINO_D, 1, 1, WINO_D, 2, 4, 6))
m4_define(<|FACE|>, m4_eval(SIDE * SIDE))
Faces along D are taken in pairs, 0 and infinity, then a point and its negative. FIRST_FACE(P), SECOND_FACE(P): of pair
P.
m4_define(<|PAIRS|>, m4_eval((SIDE_D + 1) / 2))
m4_define(<|FIRST_FACE|>, <|IF($1, m4_eval(2 * $1 - 1), 0)|>)
m4_define(<|SECOND_FACE|>, <|IF($1, m4_eval(2 * $1), m4_eval(SIDE_D - 1))|>)
m4_define(<|POSITIONS|>, m4_eval(SIDE_D * FACE))

LOAD_ALL(NAME, COUNT, P, STRIDE): const vec NAME0 = vload (P), …; STORE_ALL(NAME, COUNT, P, STRIDE). STRIDE is C.
m4_define(<|LOAD_ALL|>, <|FOR(<|I|>, 0, m4_eval($2 - 1), <|
    const vec $1<||>I = vload ($3<||>MULTIPLE(I, <|$4|>));|>)|>)
m4_define(<|STORE_ALL|>, <|FOR(<|I|>, 0, m4_eval($2 - 1), <|
    vstore ($3<||>MULTIPLE(I, <|$4|>), $1<||>I);|>)|>)

TRANSFORM_FACE(X, PIXEL, ROW, Y, STRIDE): SIDE x SIDE pixels, PIXEL and ROW floats apart, at X into positions STRIDE
apart at Y, one vector wide; t is room for the columns.
m4_define(<|TRANSFORM_FACE|>, <|for (int j = 0; j < SIDE; j++)
  {
    const float *p = $1 + $2 * j;LOAD_ALL(d, SIDE, p, <|$3|>)
    INPUT_1D(WINO, d, o)STORE_ALL(o, SIDE, <|t + j * VL|>, <|SIDE * VL|>)
  }
TRANSFORM_ROWS(t, <|$4|>, $5)|>)
TRANSFORM_ROWS(T, Y, STRIDE): the rows of T, whose columns are transformed.
m4_define(<|TRANSFORM_ROWS|>, <|for (int i = 0; i < SIDE; i++)
  {
    const float *p = $1 + i * SIDE * VL;
    float *q = $2 + (size_t) i * SIDE * $3;LOAD_ALL(d, SIDE, p, VL)
    INPUT_1D(WINO, d, o)STORE_ALL(o, SIDE, q, $3)
  }|>)

OUTPUT_COLUMNS(SUMS, STRIDE): the columns of SIDE x SIDE sums, STRIDE apart, into t, WINO rows of SIDE.
m4_define(<|OUTPUT_COLUMNS|>, <|for (int j = 0; j < SIDE; j++)
  {
    const float *p = $1 + j * $2;LOAD_ALL(m, SIDE, p, <|SIDE * $2|>)
    OUTPUT_1D(WINO, m, o)STORE_ALL(o, WINO, <|t + j * VL|>, <|SIDE * VL|>)
  }|>)

TWO_FACES: what OUTPUT_COLUMNS makes of the sums of two faces of a tile, in both. EACH_PIXEL_OF_BOTH(BODY): row by row
the outputs of both, a0 … and b0 …, then BODY for each pixel there is, where a and b are its two, i its row, J its
column. So nothing is stored before it is added to the output.
m4_define(<|TWO_FACES|>, <|_Alignas (64) float both[2][m4_eval(WINO * SIDE) * VL];
      for (int z = 0; z < 2; z++)
        {
          float *const t = both[z];
          OUTPUT_COLUMNS(<|sums + (size_t) z * m4_eval(FACE * SUMS)<||>V|>, SUMS)
        }|>)
m4_define(<|ALL_OF|>, <|FOR(<|I|>, 0, m4_eval(WINO - 1), <|IF(I, <|, |>)$1<||>I$2|>)|>)
m4_define(<|OUTPUTS_OF_ROW|>, <|{
            const float *p = $2 + i * SIDE * VL;LOAD_ALL(m, SIDE, p, VL)
            OUTPUT_1D(WINO, m, o)
            ALL_OF(<|$1|>, <| = o<||>I|>);
          }|>)
m4_define(<|EACH_PIXEL_OF_BOTH|>, <|for (int i = 0; i < rows; i++)
        {
          vec ALL_OF(a), ALL_OF(b);
          OUTPUTS_OF_ROW(a, both[0])
          OUTPUTS_OF_ROW(b, both[1])FOR(<|J|>, 0, m4_eval(WINO - 1), <|
          IF(J, <|if (cols > J)|>)
          {
            const vec a = a<||>J, b = b<||>J;
            $1
          }|>)
        }|>)

INPUT_PAIR(M, PAIR, P, STRIDE, N): aN and bN become two of the M + 2 values of Bt d, where d0 … lie STRIDE apart from P
on: those of 0 and infinity or those of a point and its negative. N may be empty.
m4_define(<|APART|>, <|vload ($1<||>MULTIPLE($2, <|$3|>))|>)
m4_define(<|INPUT_PAIR|>, <|m4_ifelse($1 $2, 2 0, <|const vec a$5 = APART($3, 0, $4) - APART($3, 2, $4);
const vec b$5 = APART($3, 1, $4) - APART($3, 3, $4);|>,
$1 $2, 2 1, <|const vec one$5 = APART($3, 1, $4), two$5 = APART($3, 2, $4), a$5 = one$5 + two$5, b$5 = two$5 - one$5;|>,
$2, 0, <|const vec a$5 = APART($3, 0, $4) + APART($3, 4, $4) - 2.5F * APART($3, 2, $4);
const vec b$5 = APART($3, 1, $4) + APART($3, 5, $4) - 2.5F * APART($3, 3, $4);|>,
<|const vec even$5 = APART($3, 4, $4) - IF($2 == 1, 2.0F, 0.5F) * APART($3, 2, $4);
const vec odd$5 = IF($2 == 1, SQRT1_2, SQRT2) * (APART($3, 3, $4) - IF($2 == 1, 2.0F, 0.5F) * APART($3, 1, $4));
const vec a$5 = even$5 + odd$5, b$5 = even$5 - odd$5;|>)|>)

LEFT(EXTENT, FROM, SIZE): how many of a tile's SIZE outputs from FROM on there are.
m4_define(<|LEFT|>, <|IF($1 % $3 == 0, $3, <|IF($1 < $3, $1, <|$1 - $2 < $3 ? $1 - $2 : $3|>)|>)|>)
