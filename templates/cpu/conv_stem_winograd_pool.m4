m4_divert(-1)
A stem by Winograd over the phases of its input as in conv_stem_winograd.m4, plane by plane, and a max pool over H and W of its
result. Of that no more is stored than a block of BLOCK_ROWS x BLOCK_COLS tiles of one output block, which the pool joins with
what earlier blocks gave to the same pooled pixels. Threads share the pooled rows: the tiles that the rows of two threads
have in common are computed twice.
require(<|FUNCTION|>, <|BATCH|>, <|WINO|>, <|WINO_D|>, <|IN_START|>, <|IN_C|>, <|PHASES_D|>, <|SHORTER_D|>, <|SHORTER_H|>, <|SHORTER_W|>,
  <|BLOCK_ROWS|>, <|BLOCK_COLS|>, <|COL_BLOCKS|>, <|FULL_COLS|>, <|REGION|>, <|POSITION|>, <|OUT_BLOCK_WEIGHTS|>, <|FACE_WEIGHTS|>,
  <|TILE_SIZE|>, <|TILE_COUNT|>, <|TILE_COUNT1|>, <|SCRATCH_BYTES|>, <|CONV_H|>, <|CONV_W|>, <|POOL_K_H|>, <|POOL_K_W|>,
  <|POOL_S_H|>, <|POOL_S_W|>, <|POOL_PAD_H|>, <|POOL_PAD_W|>)
m4_include(<|cpu/winograd_transform.m4|>)
m4_include(<|cpu/tile.m4|>)
m4_include(<|cpu/stem_input.m4|>)
m4_include(<|cpu/stem_multiply.m4|>)
m4_define(<|CONV_ROW|>, m4_eval(BLOCK_COLS * WINO * 16))
m4_define(<|KEPT|>, m4_eval(BLOCK_ROWS * WINO * CONV_ROW))
REACHED(AT, AXIS): the first pooled index whose window ends behind AT.
m4_define(<|REACHED|>, <|$1 + POOL_PAD_$2 < POOL_K_$2 ? 0 : ($1 - m4_eval(POOL_K_$2 - POOL_PAD_$2)) / POOL_S_$2 + 1|>)
POOL_ROWS(R): the function pool_R.
m4_define(<|POOL_ROWS|>, <|
COMMENT(<|m4_ifelse($1, 1, <|One row|>, <|$1 rows|>) of the convolution into a pooled row, which has SEEN others already: what its columns [w, w_end)
   reach. Of a window that goes on elsewhere the pixel at the edge counts again.|>)
static void
pool_$1 (const float *x, int w, int w_end, int seen, float *y)
{
for (int j = REACHED(w, W); j < OUT_W && j * POOL_S_W - POOL_PAD_W < w_end; j++)
{
const int at = j * POOL_S_W - POOL_PAD_W;
FOR(<|K|>, 0, POOL_K_W - 1, <|const float *const p<||>K = x + 16 * (clip (at<||>ADD_OFFSET(K), w, w_end) - w);
|>)m4_dnl
float *q = y + 16 * j;
const float *p = seen<||>IF(COL_BLOCKS > 1, <| || (w > 0 && at < w)|>) ? q : p0;
for (int v = 0; v < 16; v += VL)
{
vec a = vload (p + v);
FOR(<|I|>, 0, m4_eval($1 - 1), <|FOR(<|K|>, 0, POOL_K_W - 1, <|a = vmax (a, vload (p<||>K + v<||>ADD_OFFSET(I * CONV_ROW)));
|>)|>)m4_dnl
vstore (q + v, a);
}
}
}
|>)
m4_divert(0)m4_dnl
HEAD

/* Channels of all phases, and a pixel of them in whole vectors. */
enum
{
channels = CHANNELS,
pixel = (channels + VL - 1) / VL * VL
};
STEM_INPUT()m4_dnl
STEM_MULTIPLY(VECTORS)m4_dnl
IF(LAST_BLOCKS, <|STEM_MULTIPLY(LAST_BLOCKS)|>)m4_dnl
SPREAD_PAIR(0)m4_dnl

COMMENT(<|One tile's sums become WINO x WINO pixels of the convolution; e: the block's place in its vectors.|>)
static void
gather (const float *sums, const float *e, float *y)
{
for (int v = 0; v < 16; v += VL)
{
_Alignas (64) float t[m4_eval(WINO * SIDE) * VL];
const vec shift = vload (e + SHIFT_AT + v);
OUTPUT_COLUMNS(<|sums + v|>, SUMS)
for (int i = 0; i < WINO; i++)
{
const float *p = t + i * SIDE * VL;
float *q = y + i * CONV_ROW + v;LOAD_ALL(m, SIDE, p, VL)
OUTPUT_1D(WINO, m, o)
FOR(<|K|>, 0, WINO - 1, <|vec y<||>K = shift + o<||>K;
EPILOGUE(y<||>K, <|e + v|>)
vstore (q<||>ADD_OFFSET(16 * K), y<||>K);
|>)}
}
}

static inline int
clip (int i, int from, int end)
{
return i < from ? from : i < end ? i : end - 1;
}
FOR(<|R|>, 1, POOL_K_H, <|POOL_ROWS(R)|>)
COMMENT(<|Rows [h, h_end) x columns [w, w_end) of the convolution, x, into those of the pooled rows [first, end) that they reach.|>)
static void
pool (const float *x, int h, int h_end, int w, int w_end, int first, int end, float *y)
{
const int reached = REACHED(h, H);
for (int i = reached < first ? first : reached; i < end && i * POOL_S_H - POOL_PAD_H < h_end; i++)
{
const int at = i * POOL_S_H - POOL_PAD_H, from = at < h ? h : at;
const int rows = (at + POOL_K_H < h_end ? at + POOL_K_H : h_end) - from;
const int seen = h > 0 && at < h;
const float *p = x + (from - h) * CONV_ROW;
float *q = y + (size_t) i * OUT_ROW;
FOR(<|R|>, 1, POOL_K_H, <|IF(R > 1, <|else|>) IF(R < POOL_K_H, <|if (rows == R)|>)
pool_<||>R (p, w, w_end, seen, q);
|>)m4_dnl
}
}

COMMENT(<|rows x cols tiles, their first pixel at (h, w) of the convolution, into the pooled rows [first, end). x: their inputs, of
   which the region has the first KNOWN rows of a phase.|>)
static void
block (const float *x, const float *weights, float *y, float *scratch, int rows, int cols, int h, int h_end, int w, int first, int end, int known)
{
float *const region = scratch, *const inputs = region + REGION, *const sums = inputs + m4_eval(FACE * POSITION);
float *const kept = sums + m4_eval(TILE_BLOCKS * FACE * SUMS);
const int w_end = w + WINO * cols < CONV_W ? w + WINO * cols : CONV_W;
spread_0 (x, region, known, PHASED(rows), cols);
transform_tiles (region, inputs, rows, cols, channels);
for (int ob = 0; ob < OUT_BLOCKS; ob += TILE_BLOCKS)
{
const float *q = weights + (size_t) ob * OUT_BLOCK_WEIGHTS;
MULTIPLY_BLOCKS(<|inputs, q, sums, channels|>)
for (int o = ob; o < ob + TILE_BLOCKS<||>IF(LAST_BLOCKS, <| && o < OUT_BLOCKS|>); o++)
{
for (int i = 0; i < rows; i++)
for (int j = 0; j < cols; j++)
gather (sums + (o - ob) * m4_eval(FACE * SUMS) + (i * BLOCK_COLS + j) * 16, weights + 16 * o, kept + i * m4_eval(WINO * CONV_ROW) + j * m4_eval(16 * WINO));
pool (kept, h, h_end, w, w_end, first, end, y + (size_t) o * OUT_BLOCK);
}
}
}

COMMENT(<|Pooled rows [first, end) of one plane.|>)
static void
pooled_rows (const float *x, const float *weights, float *y, float *scratch, int first, int end)
{
const int at = first * POOL_S_H - POOL_PAD_H, start = at < 0 ? 0 : at / WINO * WINO;
const int last = (end - 1) * POOL_S_H + m4_eval(POOL_K_H - POOL_PAD_H), h_end = last < CONV_H ? last : CONV_H;
for (int h = start; h < h_end; h += m4_eval(WINO * BLOCK_ROWS))
{
const int left = h_end - h < m4_eval(WINO * BLOCK_ROWS) ? h_end - h : m4_eval(WINO * BLOCK_ROWS);
const int rows = (left + m4_eval(WINO - 1)) / WINO;
const float *px = x + (size_t) h * m4_eval(S_H * IN_ROW);
IF(COL_BLOCKS == 1, <|/* The rows that two rows of tiles have in common are there. */
const int known = h > start ? m4_eval(6 - WINO) : 0;
if (known)
memcpy (scratch, scratch + m4_eval(WINO * BLOCK_ROWS * WIDTH_IN) * pixel, m4_eval((6 - WINO) * WIDTH_IN) * pixel * sizeof (float));
block (px, weights, y, scratch, rows, BLOCK_COLS, h, h + left, 0, first, end, known);|>, <|for (int cb = 0, w = 0, cols; cb < COL_BLOCKS; cb++, w += WINO * cols)
{
cols = IF(FULL_COLS < COL_BLOCKS, <|BLOCK_COLS - (cb >= FULL_COLS)|>, BLOCK_COLS);
block (px + 2 * w, weights, y, scratch, rows, cols, h, h + left, w, first, end, 0);
}|>)
}
}
CLEAR_HALO
COMMENT(<|The share of thread t of n: pooled rows of BATCH x OUT_D planes.|>)
static void
share (const float *x, const float *residual, const float *w, float *y, float *scratch, int t, int n)
{
(void) residual;
int i, last;
rescast_share (PRODUCT(BATCH, OUT_D, OUT_H), t, n, &i, &last);
for (int end; i < last; i = end)
{
DECODE(i, h, OUT_H, d, OUT_D, s, BATCH)m4_dnl
end = i + OUT_H - h < last ? i + OUT_H - h : last;
pooled_rows (x<||>ADD_OFFSET(IN_START)<||>AT(s, BATCH, IN_SAMPLE)<||>AT(d, OUT_D, m4_eval(S_D * IN_PLANE)), w, y<||>ADD_OFFSET(OUT_ORIGIN)<||>AT(s, BATCH, OUT_SAMPLE)<||>AT(d, OUT_D, OUT_PLANE), scratch, h, h + end - i);
}
}

WITH_SCRATCH
