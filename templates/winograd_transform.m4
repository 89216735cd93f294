m4_divert(-1)
One-dimensional Winograd transforms for F(2, 3) and F(4, 3), as statements on variables named by their stem and a number.
Interpolation points 0, ±a, ±b, infinity with a = sqrt (1/2), b = sqrt (2): small factors, small rounding errors.

INPUT_1D(D, O): D0 … are the tile's inputs, O0 … become Bt d.
m4_define(<|INPUT_1D|>, <|m4_ifelse(WINO, 2, <|m4_dnl
const vec $2<||>0 = $1<||>0 - $1<||>2, $2<||>1 = $1<||>1 + $1<||>2;
const vec $2<||>2 = $1<||>2 - $1<||>1, $2<||>3 = $1<||>1 - $1<||>3;|>, <|m4_dnl
const vec ea = $1<||>4 - 2.0F * $1<||>2, oa = SQRT1_2 * ($1<||>3 - 2.0F * $1<||>1);
const vec eb = $1<||>4 - 0.5F * $1<||>2, ob = SQRT2 * ($1<||>3 - 0.5F * $1<||>1);
const vec $2<||>0 = $1<||>0 + $1<||>4 - 2.5F * $1<||>2, $2<||>1 = ea + oa, $2<||>2 = ea - oa;
const vec $2<||>3 = eb + ob, $2<||>4 = eb - ob, $2<||>5 = $1<||>1 + $1<||>5 - 2.5F * $1<||>3;|>)|>)

OUTPUT_1D(M, O): M0 … are sums at the points, O0 … become At m.
m4_define(<|OUTPUT_1D|>, <|m4_ifelse(WINO, 2, <|m4_dnl
const vec $2<||>0 = $1<||>0 + $1<||>1 + $1<||>2, $2<||>1 = $1<||>1 - $1<||>2 - $1<||>3;|>, <|m4_dnl
const vec sa = $1<||>1 + $1<||>2, da = SQRT1_2 * ($1<||>1 - $1<||>2);
const vec sb = $1<||>3 + $1<||>4, db = SQRT2 * ($1<||>3 - $1<||>4);
const vec $2<||>0 = $1<||>0 + sa + sb, $2<||>1 = da + db;
const vec $2<||>2 = 0.5F * sa + 2.0F * sb, $2<||>3 = 0.5F * da + 2.0F * db + $1<||>5;|>)|>)
m4_define(<|SQRT1_2|>, <|0.70710678118654752F|>)
m4_define(<|SQRT2|>, <|1.41421356237309505F|>)
m4_define(<|SIDE|>, <|m4_eval(WINO + 2)|>)
m4_define(<|LAST|>, <|m4_eval(WINO + 1)|>)
