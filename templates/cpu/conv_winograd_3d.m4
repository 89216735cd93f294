m4_divert(-1)
A 3x3x3 convolution with stride 1 by Winograd's F(WINO_D x WINO x WINO, 3 x 3 x 3).
The faces of a transformed tile, SIDE_D of them along D, are taken two at a time: 0 and infinity, then a point and its
negative, which share what they read and what they add to the output. So a block's inputs, inputs[face][position][in block]
[tile][16], and sums, sums[face][position][tile][16], are those of two faces, and more tiles use a weight from the cache.
The outputs gather in y itself; the epilogue follows the last pair. Weights: [out block][face][position][in channel][16].
require(<|FUNCTION|>, <|WINO|>, <|WINO_D|>, <|TILES_D|>, <|TILES_H|>, <|TILES_W|>, <|BLOCK_TILES|>, <|BLOCK_COUNT|>, <|POSITION|>,
  <|TILE_SIZE|>, <|TILE_COUNT|>, <|TILE_COUNT1|>, <|IN_START|>, <|IN_BLOCKS|>, <|LAST_CHANNELS|>, <|OUT_BLOCK_WEIGHTS|>, <|SCRATCH_BYTES|>)
m4_include(<|cpu/winograd_transform.m4|>)
m4_include(<|cpu/winograd_multiply.m4|>)

TRANSFORM_PAIR(P)
m4_define(<|TRANSFORM_PAIR|>, <|
COMMENT(<|Faces FIRST_FACE($1) and SECOND_FACE($1) of one tile of one block of channels: the position i of a face lies at y + i * POSITION.|>)
static void
transform_pair_$1 (const float *x, float *y)
{
for (int v = 0; v < 16; v += VL)
{
_Alignas (64) float faces[m4_eval(2 * FACE) * VL], t[FACE * VL];
for (int i = 0; i < SIDE; i++)
for (int j = 0; j < SIDE; j++)
{
const float *p = x + i * IN_ROW + 16 * j + v;
INPUT_PAIR(WINO_D, $1, p, IN_PLANE)
vstore (faces + (i * SIDE + j) * VL, a);
vstore (faces + m4_eval(FACE) * VL + (i * SIDE + j) * VL, b);
}
for (int z = 0; z < 2; z++)
{
const float *face = faces + z * FACE * VL;
float *to = y + (size_t) z * m4_eval(FACE * POSITION) + v;
TRANSFORM_FACE(face, VL, <|SIDE * VL|>, to, POSITION)
}
}
}
|>)
GATHER_PAIR(P)
m4_define(<|GATHER_PAIR|>, <|
COMMENT(<|What one tile's faces FIRST_FACE($1) and SECOND_FACE($1) give to planes x rows x cols pixels<||>IF($1 == PAIRS - 1, <|, and the epilogue; e: the
   block's place in its vectors|>).|>)
static void
gather_pair_$1 (const float *sums, IF($1 == PAIRS - 1, <|const float *e, R_PARAMETER()|>)float *y, int planes, int rows, int cols)
{
for (int v = 0; v < 16; v += VL)
{
_Alignas (64) float pixels[m4_eval(2 * WINO * WINO) * VL], t[m4_eval(WINO * SIDE) * VL];
for (int z = 0; z < 2; z++)
{
OUTPUT_COLUMNS(<|sums + (size_t) z * m4_eval(FACE * SUMS) + v|>, SUMS)
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
const vec a = vload (pixels + (i * WINO + j) * VL), b = vload (pixels + m4_eval(WINO * WINO) * VL + (i * WINO + j) * VL);
float *q = y + i * OUT_ROW + 16 * j + v;
IF($1 == PAIRS - 1 && RES_SAMPLE >= 0, <|const float *pr = r + i * RES_ROW + 16 * j + v;|>)
GATHER_$1
}
}
}
|>)
PLANE(P, K, VALUE): plane K of the output, when there is one, becomes VALUE.
m4_define(<|PLANE|>, <|IF($2, <|if (planes > $2)|>)
IF($1 == PAIRS - 1, <|{
vec o = shift + ($3);
EPILOGUE(o, <|e + v|>, <|pr<||>IF($2, <| + m4_eval($2) * RES_PLANE|>)|>)
vstore (q<||>IF($2, <| + m4_eval($2) * OUT_PLANE|>), o);
}|>, <|vstore (q<||>IF($2, <| + m4_eval($2) * OUT_PLANE|>), $3);|>)
|>)
SO_FAR(K): what plane K has gathered.
m4_define(<|SO_FAR|>, <|vload (q<||>IF($1, <| + m4_eval($1) * OUT_PLANE|>))|>)
m4_define(<|SUM_AND_DIFFERENCE|>, <|const vec s = a + b, d = $1<||>(a - b);
|>)
m4_define(<|GATHER_0|>, <|m4_ifelse(WINO_D, 2, <|PLANE(0, 0, a)PLANE(0, 1, <|-b|>)|>,
<|PLANE(0, 0, a)PLANE(0, 3, b)|>)|>)
m4_define(<|GATHER_1|>, <|m4_ifelse(WINO_D, 2, <|SUM_AND_DIFFERENCE()PLANE(1, 0, <|SO_FAR(0) + s|>)PLANE(1, 1, <|SO_FAR(1) + d|>)|>,
<|SUM_AND_DIFFERENCE(<|SQRT1_2 * |>)PLANE(1, 0, <|SO_FAR(0) + s|>)PLANE(1, 1, d)PLANE(1, 2, <|0.5F * s|>)PLANE(1, 3, <|SO_FAR(3) + 0.5F * d|>)|>)|>)
m4_define(<|GATHER_2|>, <|SUM_AND_DIFFERENCE(<|SQRT2 * |>)PLANE(2, 0, <|SO_FAR(0) + s|>)PLANE(2, 1, <|SO_FAR(1) + d|>)PLANE(2, 2, <|SO_FAR(2) + 2.0F * s|>)PLANE(2, 3, <|SO_FAR(3) + 2.0F * d|>)|>)

PAIR(P): all tiles' share of one pair of faces.
m4_define(<|PAIR|>, <|
/* One pair of faces of tiles [first, end) and output blocks [ob, ob_end) of one sample. */
static void
pair_$1 (const float *x, const float *w, IF($1 == PAIRS - 1, <|R_PARAMETER()|>)float *y, float *scratch, int first, int end, int ob, int ob_end)
{
float *const inputs = scratch, *const sums = scratch + m4_eval(2 * FACE * POSITION);
for (int b = 0; b < IN_BLOCKS; b++)
for (int i = first; i < end; i++)
{
TILE_AT
transform_pair_$1 (x + (size_t) b * IN_BLOCK + (size_t) d * IN_PLANE + (size_t) h * IN_ROW + 16 * j, inputs + (b * BLOCK_TILES + i - first) * 16);
}
for (; ob < ob_end; IF(PAIRED, <|ob += TILE_BLOCKS|>, <|ob++|>))
{
const float *q = w + (size_t) ob * OUT_BLOCK_WEIGHTS<||>ADD_OFFSET(FIRST_FACE($1) * FACE * IN_C * 16);
MULTIPLY_FACE(inputs, sums)
q += m4_eval((SECOND_FACE($1) - FIRST_FACE($1)) * FACE * IN_C * 16);
MULTIPLY_FACE(<|inputs + m4_eval(FACE * POSITION)|>, <|sums + m4_eval(FACE * SUMS)|>)
EACH_BLOCK
for (int i = first; i < end; i++)
{
TILE_AT
const size_t at = (size_t) THIS_BLOCK * OUT_BLOCK + (size_t) d * OUT_PLANE + (size_t) h * OUT_ROW + 16 * j;
IF($1 == PAIRS - 1 && RES_SAMPLE >= 0, <|const float *pr = r + (size_t) THIS_BLOCK * RES_BLOCK + (size_t) d * RES_PLANE + (size_t) h * RES_ROW + 16 * j;|>)
gather_pair_$1 (THESE_SUMS, IF($1 == PAIRS - 1, <|w + 16 * THIS_BLOCK, IF(RES_SAMPLE >= 0, <|pr, |>)|>)y + at, LEFT(OUT_D, d, WINO_D), LEFT(OUT_H, h, WINO), LEFT(OUT_W, j, WINO));
}
}
}
|>)
m4_divert(0)m4_dnl
HEAD
MULTIPLY_FUNCTIONS(VECTORS)m4_dnl
IF(LAST_BLOCKS, <|MULTIPLY_FUNCTIONS(LAST_BLOCKS)|>)m4_dnl
FOR(<|N|>, 0, PAIRS - 1, <|TRANSFORM_PAIR(N)GATHER_PAIR(N)PAIR(N)|>)
/* Tiles [first, end) and output blocks [ob, ob_end) of one sample. */
static void
tiles (const float *x, const float *w, R_PARAMETER()float *y, float *scratch, int first, int end, int ob, int ob_end)
{
FOR(<|N|>, 0, PAIRS - 1, <|pair_<||>N (x, w, IF(N == PAIRS - 1 && RES_SAMPLE >= 0, <|r, |>)y, scratch, first, end, ob, ob_end);
|>)}
CLEAR_HALO
SHARE
