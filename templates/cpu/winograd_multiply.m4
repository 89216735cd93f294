m4_divert(-1)
The products of a block of tiles: for each position of the transformed tiles a matrix product over the channels. For
conv_winograd.m4, conv_winograd_3d.m4 and conv_strassen.m4, with their parameters and FACE, the positions of a face;
inputs[position][in block][tile][16], weights[position][in channel][16], sums[position][tile][16].
m4_include(<|cpu/tile.m4|>)
m4_define(<|SMALLER|>, m4_eval(TILE_SIZE - 1))
The input channels are taken in PARTS, so that the weights of a part stay in the first-level cache from one tile to the next.
require(<|PARTS|>)
m4_define(<|PART_CHANNELS|>, m4_eval(IN_C / PARTS))
m4_define(<|FULL_BLOCKS|>, m4_eval(IN_BLOCKS / PARTS - (LAST_CHANNELS < 16)))
m4_define(<|SUMS|>, m4_eval(16 * BLOCK_TILES))
m4_define(<|FACE_TILES|>, m4_eval(TILES_H * TILES_W))
m4_define(<|ALL_TILES|>, m4_eval(TILES_D * FACE_TILES))
Positions whose inputs and sums are in scratch at once: two faces of a 3-D tile, all of a 2-D one.
m4_define(<|PASS_POSITIONS|>, m4_eval((1 + (WINO_D > 1)) * FACE))
TILE_AT: the plane, row and column where the outputs of tile i begin.
m4_define(<|TILE_AT|>, <|const int d = i / FACE_TILES * WINO_D, h = i % FACE_TILES / TILES_W * WINO, j = i % TILES_W * WINO;|>)

Weights stream: while a position is computed, its row of tiles asks for the next one's, AHEAD floats a step.
CHANNELS(COUNT, TILES, VECTORS)
m4_define(<|NEXT_CHANNELS|>, <|w += m4_eval(16 * $1), ahead += m4_eval(AHEAD * $1)|>)
m4_define(<|CHANNELS|>, <|STEPS(<|$1|>, <|c|>, <|NEXT_CHANNELS|>, <|{
WEIGHTS_OF(<|$3|>, <|w<||>ADD_OFFSET(16 * CHANNEL)|>)FOR(<|P|>, 0, $2 - 1, <|
MULTIPLY_ADD(<|$3|>, P, <|CHANNEL_OF(p, P * 16)|>)|>)
FOR(<|I|>, 0, IF(PAIRED, <|m4_eval($3 - 1)|>, 0), <|prefetch (ahead<||>ADD_OFFSET(CHANNEL * AHEAD + I * OUT_BLOCK_WEIGHTS));
|>)STEP_END ();
}|>)|>)
NEXT_INPUTS(TILES): the same tiles' inputs at the next position.
m4_define(<|NEXT_INPUTS|>, <|FOR(<|P|>, 0, $1 - 1, <|prefetch_soon (p + POSITION<||>ADD_OFFSET(P * 16));
|>)|>)
MULTIPLY(TILES, VECTORS): the function multiply_TILES.
m4_define(<|MULTIPLY|>, <|
COMMENT(<|$1 tiles at one position: inputs x[in block][tile][16] times weights w[in channel][16], CHANNELS_TEXT(<|$2|>) of sums<||>IF(PARTS > 1, <|,
   or MORE of them|>).<||>IF(PARTS > 1, <| |>, <|
   |>)next: weights to ask for meanwhile.|>)
TILE
multiply_$1<||>SUFFIX(<|$2|>) (const float *x, const float *weights, const float *next, float *sums<||>IF(PARTS > 1, <|, int more|>))
{
VECTOR_LOOP()
{
const float *p = x, *w = weights<||>V(), *ahead = next;FOR(<|P|>, 0, $1 - 1, <|
vec EACH(<|$2|>, <|A(P, I) = vsplat (0)|>);|>)
IF(PARTS > 1, <|if (more)
{FOR(<|P|>, 0, $1 - 1, <|
EACH(<|$2|>, <|A(P, I) = vload (SUM_AT(P, I))|>);|>)
}
|>)m4_dnl
IF(FULL_BLOCKS, <|IF(WHOLE_TILE, <|FOR(<|BLOCK|>, 0, m4_eval(FULL_BLOCKS - 1), <|NEXT_INPUTS(<|$1|>)CHANNELS(16, <|$1|>, <|$2|>)
p += SUMS;
|>)|>, <|for (int b = 0; b < FULL_BLOCKS; b++, p += SUMS)
{
NEXT_INPUTS(<|$1|>)CHANNELS(16, <|$1|>, <|$2|>)
}|>)|>)
IF(LAST_CHANNELS < 16, <|CHANNELS(LAST_CHANNELS, <|$1|>, <|$2|>)|>)m4_dnl
FOR(<|P|>, 0, $1 - 1, <|
EACH(<|$2|>, <|vstore (SUM_AT(P, I), A(P, I))|>);|>)
}
}
|>)
m4_define(<|SUM_AT|>, <|sums<||>V()<||>NTH($2, m4_eval(PASS_POSITIONS * SUMS))<||>ADD_OFFSET($1 * 16)|>)
m4_define(<|MULTIPLY_ALL|>, <|IF($2, <|for (int i = 0; i < $2; i++, p += m4_eval(16 * $1), s += m4_eval(16 * $1), next += m4_eval(PART_CHANNELS * AHEAD))
multiply_$1<||>SUFFIX(<|$3|>) (p, w, next, s<||>IF(PARTS > 1, <|, part|>));|>)|>)
MULTIPLY_FUNCTIONS(VECTORS)
m4_define(<|MULTIPLY_FUNCTIONS|>, <|MULTIPLY(TILE_SIZE, <|$1|>)IF(TILE_COUNT1, <|MULTIPLY(SMALLER, <|$1|>)|>)

/* All tiles of the block at one position. */
static void
multiply<||>SUFFIX(<|$1|>) (const float *x, const float *w, float *sums)
{
const float *next = w + m4_eval(16 * IN_C);
IF(PARTS > 1, <|for (int part = 0; part < PARTS; part++, x += m4_eval(FULL_BLOCKS * SUMS), w += m4_eval(16 * PART_CHANNELS))
{|>)
const float *p = x;
float *s = sums;
MULTIPLY_ALL(TILE_SIZE, TILE_COUNT, <|$1|>)
MULTIPLY_ALL(SMALLER, TILE_COUNT1, <|$1|>)
IF(PARTS > 1, <|}|>)
}
|>)

OUTPUT_BLOCKS(POSITIONS): for each tile of output blocks its products at so many positions; the caller closes the loop.
THIS_BLOCK: the block whose sums are transformed back.
m4_define(<|THIS_BLOCK|>, <|IF(PAIRED, o, ob)|>)
m4_define(<|THESE_SUMS|>, <|sums<||>IF(PAIRED, <| + (o - ob) * m4_eval(PASS_POSITIONS * SUMS)|>) + (i - first) * 16|>)
m4_define(<|MULTIPLY_POSITIONS|>, <|for (int i = 0; i < FACE; i++)
multiply<||>SUFFIX(<|$1|>) ($2 + (size_t) i * POSITION, q + i * m4_eval(IN_C * 16), $3 + i * SUMS);|>)
m4_define(<|MULTIPLY_FACE|>, <|IF(LAST_BLOCKS, <|if (ob + TILE_BLOCKS > OUT_BLOCKS)
MULTIPLY_POSITIONS(LAST_BLOCKS, <|$1|>, <|$2|>)
else
|>)MULTIPLY_POSITIONS(VECTORS, <|$1|>, <|$2|>)|>)
m4_define(<|EACH_BLOCK|>, <|IF(PAIRED, <|for (int o = ob; o < ob + TILE_BLOCKS<||>IF(LAST_BLOCKS, <| && o < OUT_BLOCKS|>); o++)|>)|>)

SHARE: the functions below the function tiles, which computes tiles [first, end) and output blocks [ob, ob_end).
m4_define(<|SHARE|>, <|
/* The share of thread t of n: blocks of tiles, of the first and last perhaps only some output blocks. */
static void
share (const float *x, const float *residual, const float *w, float *y, float *scratch, int t, int n)
{
int first, last;
rescast_share (PRODUCT(BATCH, BLOCK_COUNT, OUT_TILES), t, n, &first, &last);
for (int next; first < last; first = next)
{
const int i = first / OUT_TILES, s = i / BLOCK_COUNT, from = i % BLOCK_COUNT * BLOCK_TILES;
next = (i + 1) * OUT_TILES < last ? (i + 1) * OUT_TILES : last;
int ob = first - i * OUT_TILES, ob_end = next - i * OUT_TILES;
IF(PAIRED, <|ob *= TILE_BLOCKS;
ob_end = ob_end * TILE_BLOCKS < OUT_BLOCKS ? ob_end * TILE_BLOCKS : OUT_BLOCKS;|>)
tiles (x<||>ADD_OFFSET(IN_START) + (size_t) s * IN_SAMPLE, w, IF(RES_SAMPLE >= 0, <|residual<||>ADD_OFFSET(RES_ORIGIN) + (size_t) s * RES_SAMPLE, |>)y<||>ADD_OFFSET(OUT_ORIGIN) + (size_t) s * OUT_SAMPLE, scratch, from,
from + BLOCK_TILES < ALL_TILES ? from + BLOCK_TILES : ALL_TILES, ob, ob_end);
}
IF(RES_SAMPLE < 0, <|(void) residual;|>)
}

WITH_SCRATCH
|>)
