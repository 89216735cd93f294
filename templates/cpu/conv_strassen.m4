m4_divert(-1)
A 1x1 convolution by one step of Strassen's algorithm, which multiplies two 2 x 2 matrices of blocks with seven products. The
blocks are the halves of the pixels, of the input channels and of the output channels. What is called a tile here is a pair of
pixels, number i and i + TILES_W, and a position one of the seven products; IN_C, IN_BLOCKS and OUT_BLOCKS count one half.
A block of BLOCK_TILES pairs: their sums, inputs[product][in block][pair][16]; then for 16 output channels of either half at a
time the products, sums[product][pair][16], combined. Weights: [out block][product][in channel][16].
require(<|FUNCTION|>, <|BATCH|>, <|TILES_W|>, <|BLOCK_TILES|>, <|BLOCK_COUNT|>, <|POSITION|>, <|TILE_SIZE|>, <|TILE_COUNT|>,
  <|TILE_COUNT1|>, <|IN_START|>, <|IN_C|>, <|IN_BLOCKS|>, <|OUT_BLOCKS|>, <|OUT_BLOCK_WEIGHTS|>, <|SCRATCH_BYTES|>)
m4_define(<|WHOLE_OUT_BLOCKS|>, OUT_BLOCKS)
m4_define(<|OUT_GROUPS|>, <|WHOLE_OUT_BLOCKS|>)
m4_define(<|IN_C|>, m4_eval(IN_C / 2))
m4_define(<|IN_BLOCKS|>, m4_eval(IN_BLOCKS / 2))
m4_define(<|OUT_BLOCKS|>, m4_eval(OUT_BLOCKS / 2))
m4_define(<|FACE|>, 7)
m4_define(<|WINO_D|>, 1)
m4_include(<|cpu/winograd_multiply.m4|>)
m4_define(<|PIXELS|>, m4_eval(OUT_D * OUT_H * OUT_W))
PIXEL_AT(I, TENSOR, D, H, W): pixel I's offset in the TENSOR of which every D, H, W-th plane, row and pixel counts.
m4_define(<|PIXEL_AT|>, <|IF($5 * 16 * OUT_W == $4 * $2_ROW && (OUT_D == 1 || $4 * $2_ROW * OUT_H == $3 * $2_PLANE), <|$1 * m4_eval(16 * $5)|>, <|m4_dnl
IF(OUT_D > 1, <|$1 / m4_eval(OUT_H * OUT_W) * m4_eval($3 * $2_PLANE) + $1 % m4_eval(OUT_H * OUT_W) / OUT_W|>, <|$1 / OUT_W|>) * m4_eval($4 * $2_ROW) + $1 % OUT_W * m4_eval(16 * $5)|>)|>)
RESULT(SUM, HALF OF THE PIXELS, HALF OF THE CHANNELS): to y, or to p, with the residual at r or s.
m4_define(<|RESULT|>, <|
vec c<||>m4_eval($2 + 1)m4_eval($3 + 1) = $1 + IF($3, <|shift2|>, <|shift1|>);
EPILOGUE(c<||>m4_eval($2 + 1)m4_eval($3 + 1), <|e<||>IF($3, <| + m4_eval(16 * OUT_BLOCKS)|>) + v|>, <|IF($2, s, r)<||>IF($3, <| + m4_eval(OUT_BLOCKS * RES_BLOCK_OR_0)|>) + v|>)
vstore (IF($2, p, y)<||>IF($3, <| + m4_eval(OUT_BLOCKS * OUT_BLOCK)|>) + v, c<||>m4_eval($2 + 1)m4_eval($3 + 1));|>)
SECOND(I): the other pixel of a pair; of an odd number the last has none.
m4_define(<|SECOND|>, <|IF(PIXELS % 2, <|$1 + TILES_W < PIXELS ? $1 + TILES_W : $1|>, <|$1 + TILES_W|>)|>)
m4_define(<|LOAD_PRODUCTS|>, <|FOR(<|I|>, 0, m4_eval(FACE - 1), <|
const vec m<||>I = vload (q<||>ADD_OFFSET(I * SUMS));|>)|>)
m4_define(<|R_SECOND|>, <|IF(RES_SAMPLE >= 0, <|const float *s, |>)|>)
m4_divert(0)m4_dnl
HEAD

/* One block of 16 channels of either half of a pair of pixels, x and p: product i's factor lies at y + i * POSITION. */
static void
transform_input (const float *x, const float *p, float *y)
{
for (int v = 0; v < 16; v += VL)
{
const vec a11 = vload (x + v), a12 = vload (x + m4_eval(IN_BLOCKS * IN_BLOCK) + v);
const vec a21 = vload (p + v), a22 = vload (p + m4_eval(IN_BLOCKS * IN_BLOCK) + v);
float *q = y + v;
vstore (q, a11 + a22);
vstore (q + POSITION, a21 + a22);
vstore (q + m4_eval(2 * POSITION), a11);
vstore (q + m4_eval(3 * POSITION), a22);
vstore (q + m4_eval(4 * POSITION), a11 + a12);
vstore (q + m4_eval(5 * POSITION), a21 - a11);
vstore (q + m4_eval(6 * POSITION), a12 - a22);
}
}
MULTIPLY_FUNCTIONS(VECTORS)m4_dnl
IF(LAST_BLOCKS, <|MULTIPLY_FUNCTIONS(LAST_BLOCKS)|>)m4_dnl

/* The products of one pair into 16 channels of either half of its pixels, y and p, or of y alone; e: the first half's place in
   the epilogue's vectors. */
static void
transform_output (const float *sums, const float *e, R_PARAMETER()R_SECOND()float *y, float *p<||>IF(PIXELS % 2, <|, int both|>))
{
for (int v = 0; v < 16; v += VL)
{
const float *q = sums + v;LOAD_PRODUCTS
const vec shift1 = vload (e + SHIFT_AT + v), shift2 = vload (e + m4_eval(SHIFT_AT + 16 * OUT_BLOCKS) + v);
RESULT(<|(m0 + m3 - m4 + m6)|>, 0, 0)
RESULT(<|(m2 + m4)|>, 0, 1)
IF(PIXELS % 2, <|if (!both)
continue;|>)
RESULT(<|(m1 + m3)|>, 1, 0)
RESULT(<|(m0 - m1 + m2 + m5)|>, 1, 1)
}
}

/* Pairs [first, end) and output blocks [ob, ob_end) of one sample. */
static void
tiles (const float *x, const float *w, R_PARAMETER()float *y, float *scratch, int first, int end, int ob, int ob_end)
{
float *const inputs = scratch, *const sums = scratch + m4_eval(FACE * POSITION);
for (int i = first; i < end; i++)
{
const int j = SECOND(i);
const float *px = x + PIXEL_AT(i, <|IN|>, S_D, S_H, S_W), *pp = x + PIXEL_AT(j, <|IN|>, S_D, S_H, S_W);
for (int b = 0; b < IN_BLOCKS; b++)
transform_input (px + (size_t) b * IN_BLOCK, pp + (size_t) b * IN_BLOCK, inputs + (b * BLOCK_TILES + i - first) * 16);
}
for (; ob < ob_end; IF(PAIRED, <|ob += TILE_BLOCKS|>, <|ob++|>))
{
const float *q = w + (size_t) ob * OUT_BLOCK_WEIGHTS;
MULTIPLY_FACE(inputs, sums)
EACH_BLOCK
for (int i = first; i < end; i++)
{
const int j = SECOND(i);
float *py = y + (size_t) THIS_BLOCK * OUT_BLOCK;
IF(RES_SAMPLE >= 0, <|const float *pr = r + (size_t) THIS_BLOCK * RES_BLOCK;|>)
transform_output (THESE_SUMS, w + 16 * THIS_BLOCK, IF(RES_SAMPLE >= 0, <|pr + PIXEL_AT(i, <|RES|>, 1, 1, 1), pr + PIXEL_AT(j, <|RES|>, 1, 1, 1), |>)py + PIXEL_AT(i, <|OUT|>, 1, 1, 1), py + PIXEL_AT(j, <|OUT|>, 1, 1, 1)<||>IF(PIXELS % 2, <|, j > i|>));
}
}
}
CLEAR_HALO
SHARE
