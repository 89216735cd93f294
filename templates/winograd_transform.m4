m4_divert(-1)
One-dimensional Winograd transforms for F(2, 3) and F(4, 3), as statements on variables named by a stem and a number.
Interpolation points 0, ±a, ±b, infinity with a = sqrt (1/2), b = sqrt (2): small factors, small rounding errors.

INPUT_1D(M, D, O): D0 … are M + 2 inputs of a tile, O0 … become Bt d.
m4_define(<|INPUT_1D|>, <|m4_ifelse($1, 2, <|m4_dnl
const vec $3<||>0 = $2<||>0 - $2<||>2, $3<||>1 = $2<||>1 + $2<||>2;
const vec $3<||>2 = $2<||>2 - $2<||>1, $3<||>3 = $2<||>1 - $2<||>3;|>, <|m4_dnl
const vec ea = $2<||>4 - 2.0F * $2<||>2, oa = SQRT1_2 * ($2<||>3 - 2.0F * $2<||>1);
const vec eb = $2<||>4 - 0.5F * $2<||>2, ob = SQRT2 * ($2<||>3 - 0.5F * $2<||>1);
const vec $3<||>0 = $2<||>0 + $2<||>4 - 2.5F * $2<||>2, $3<||>1 = ea + oa, $3<||>2 = ea - oa;
const vec $3<||>3 = eb + ob, $3<||>4 = eb - ob, $3<||>5 = $2<||>1 + $2<||>5 - 2.5F * $2<||>3;|>)|>)

OUTPUT_1D(M, S, O): S0 … are sums at the M + 2 points, O0 … become the M outputs At s.
m4_define(<|OUTPUT_1D|>, <|m4_ifelse($1, 2, <|m4_dnl
const vec $3<||>0 = $2<||>0 + $2<||>1 + $2<||>2, $3<||>1 = $2<||>1 - $2<||>2 - $2<||>3;|>, <|m4_dnl
const vec sa = $2<||>1 + $2<||>2, da = SQRT1_2 * ($2<||>1 - $2<||>2);
const vec sb = $2<||>3 + $2<||>4, db = SQRT2 * ($2<||>3 - $2<||>4);
const vec $3<||>0 = $2<||>0 + sa + sb, $3<||>1 = da + db;
const vec $3<||>2 = 0.5F * sa + 2.0F * sb, $3<||>3 = 0.5F * da + 2.0F * db + $2<||>5;|>)|>)
m4_define(<|SQRT1_2|>, <|0.70710678118654752F|>)
m4_define(<|SQRT2|>, <|1.41421356237309505F|>)
m4_define(<|SIDE|>, m4_eval(WINO + 2))
m4_define(<|LAST|>, m4_eval(WINO + 1))
m4_define(<|SIDE_D|>, m4_ifelse(WINO_D, 1, 1, m4_eval(WINO_D + 2)))
m4_define(<|FACE|>, m4_eval(SIDE * SIDE))
m4_define(<|POSITIONS|>, m4_eval(SIDE_D * FACE))

LOAD_ALL(STEM, COUNT, P, STRIDE): const vec STEM0 = vload (P), …; STORE_ALL(STEM, COUNT, P, STRIDE). STRIDE is C.
m4_define(<|LOAD_ALL|>, <|FOR(<|I|>, 0, m4_eval($2 - 1), <|
const vec $1<||>I = vload ($3<||>IF(I, <| + I * $4|>));|>)|>)
m4_define(<|STORE_ALL|>, <|FOR(<|I|>, 0, m4_eval($2 - 1), <|
vstore ($3<||>IF(I, <| + I * $4|>), $1<||>I);|>)|>)

TRANSFORM_FACE(X, Y, STRIDE): SIDE x SIDE pixels of rows IN_ROW apart at X into positions STRIDE apart at Y, one vector wide;
t is room for the columns.
m4_define(<|TRANSFORM_FACE|>, <|for (int j = 0; j < SIDE; j++)
{
const float *p = $1 + 16 * j;LOAD_ALL(d, SIDE, p, IN_ROW)
INPUT_1D(WINO, d, o)STORE_ALL(o, SIDE, <|t + j * VL|>, <|SIDE * VL|>)
}
for (int i = 0; i < SIDE; i++)
{
const float *p = t + i * SIDE * VL;
float *q = $2 + (size_t) i * SIDE * $3;LOAD_ALL(d, SIDE, p, VL)
INPUT_1D(WINO, d, o)STORE_ALL(o, SIDE, q, $3)
}|>)
