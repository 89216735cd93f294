m4_divert(-1)
The sums of one tile back to pixels, two faces along D at a time. For conv_stem_winograd.m4, with its parameters.
GATHER(P): the function gather_P; of the last pair it ends in the epilogue.
m4_define(<|GATHER|>, <|
COMMENT(<|What one tile's sums<||>IF(WINO_D > 1, <| on faces FIRST_FACE($1) and SECOND_FACE($1)|>) give to planes x rows x cols pixels<||>IF($1 == PAIRS - 1, <|, and the epilogue; e: the block's
   place in its vectors|>).|>)
static void
gather_$1 (const float *sums, IF($1 == PAIRS - 1, <|const float *e, |>)float *y, int planes, int rows, int cols)
{
for (int v = 0; v < 16; v += VL)
{
_Alignas (64) float pixels[m4_eval(FACES * WINO * WINO) * VL], t[m4_eval(WINO * SIDE) * VL];
for (int z = 0; z < FACES; z++)
{
OUTPUT_COLUMNS(<|sums + z * m4_eval(FACE * SUMS) + v|>, SUMS)
for (int i = 0; i < WINO; i++)
{
const float *p = t + i * SIDE * VL;
float *q = pixels + (z * WINO + i) * m4_eval(WINO) * VL;LOAD_ALL(m, SIDE, p, VL)
OUTPUT_1D(WINO, m, o)STORE_ALL(o, WINO, q, VL)
}
}
IF($1 == PAIRS - 1, <|const vec shift = vload (e + SHIFT_AT + v);|>)
for (int i = 0; i < rows; i++)
for (int j = 0; j < cols; j++)
{
float *q = y + i * OUT_ROW + 16 * j + v;
const vec a = vload (pixels + (i * WINO + j) * VL);
IF(FACES > 1, <|const vec b = vload (pixels + m4_eval(WINO * WINO) * VL + (i * WINO + j) * VL);|>)
IF($1 > 0, <|const vec s = a + b, d = IF($1 == 1, SQRT1_2, SQRT2) * (a - b);|>)
FOR(<|K|>, 0, WINO_D - 1, <|GATHER_PLANE($1, K)|>)
}
}
IF(WINO_D == 1, <|(void) planes;|>)
}
|>)
GATHER_PLANE(P, K): plane K of the output; the first pair has the first plane and the last one, the next pair begins the others.
m4_define(<|GATHER_PLANE|>, <|IF($1 > 0 || $2 == 0 || $2 == WINO_D - 1, <|IF($2, <|if (planes > $2)
|>)IF($1 == PAIRS - 1, <|{
vec o = shift + (SO_FAR($1, $2)<||>SHARE_OF($1, $2));
EPILOGUE(o, <|e + v|>)
vstore (q<||>IF($2, <| + m4_eval($2) * OUT_PLANE|>), o);
}|>, <|vstore (q<||>IF($2, <| + m4_eval($2) * OUT_PLANE|>), SO_FAR($1, $2)<||>SHARE_OF($1, $2));|>)
|>)|>)
m4_define(<|SO_FAR|>, <|IF($1 > 1 || ($1 == 1 && ($2 == 0 || $2 == WINO_D - 1)), <|vload (q<||>IF($2, <| + m4_eval($2) * OUT_PLANE|>)) + |>)|>)
SHARE_OF(P, K): At of one face or two.
m4_define(<|SHARE_OF|>, <|m4_ifelse($1, 0, <|IF($2, b, a)|>, <|IF($2 > 1, <|IF($1 == 1, 0.5F, 2.0F) * |>)IF($2 % 2, d, s)|>)|>)
