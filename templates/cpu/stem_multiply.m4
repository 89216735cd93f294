m4_divert(-1)
The products of a block of tiles over a stem's phases, at each position of one face. For conv_stem_winograd.m4, with its
parameters; inputs[position][tile][channel], sums[position][tile][16].
m4_define(<|SMALLER|>, m4_eval(TILE_SIZE - 1))
m4_define(<|CHANNELS|>, m4_eval(PHASES_D * 4 * IN_C))
m4_define(<|SUMS|>, m4_eval(16 * BLOCK_ROWS * BLOCK_COLS))
Faces in scratch at once.
m4_define(<|FACES|>, m4_eval(1 + (WINO_D > 1)))
FACE_CHANNELS(P, Z): how many of the channels face Z of pair P has.
m4_define(<|FACE_CHANNELS|>, <|IF(SHORTER_D && $1 == 0 && $2 == 1, m4_eval(CHANNELS / 2), CHANNELS)|>)

Where channels are few, as in 2-D, the tiles of positions that have them all are written out; with 24, in 3-D, that is slower.
m4_define(<|WRITTEN_OUT|>, m4_eval(CHANNELS <= 16))
MULTIPLY_STEP(PIXELS, VECTORS, CHANNEL, WEIGHTS, AHEAD): one channel.
m4_define(<|MULTIPLY_STEP|>, <|{
WEIGHTS_OF(<|$2|>, <|$4|>)FOR(<|P|>, 0, $1 - 1, <|
MULTIPLY_ADD(<|$2|>, P, <|p[$3<||>IF(P, <| + P * pixel|>)]|>)|>)
FOR(<|I|>, 0, IF(PAIRED, <|m4_eval($2 - 1)|>, 0), <|prefetch ($5<||>ADD_OFFSET(I * OUT_BLOCK_WEIGHTS));
|>)STEP_END ();
}
|>)
STEM_MULTIPLY_TILE(PIXELS, VECTORS, NAME, ALL): for ALL channels or a number known in use.
m4_define(<|STEM_MULTIPLY_TILE|>, <|
COMMENT(<|$1 tiles at one position: IF($4, <|all CHANNELS channels|>, <|runs of so many channels, each a step behind the one before,|>) times weights w[channel][16],
   CHANNELS_TEXT(<|$2|>) of sums. next: weights to ask for meanwhile.|>)
TILE
$3_$1<||>SUFFIX(<|$2|>) (const float *x, const float *weights, const float *next, float *sums<||>IF($4, <||>, <|, int runs, int run, int step|>))
{
VECTOR_LOOP()
{
const float *p = x, *w = weights<||>V(), *ahead = next;FOR(<|P|>, 0, $1 - 1, <|
vec EACH(<|$2|>, <|A(P, I) = vsplat (0)|>);|>)
IF($4, <|FOR(<|C|>, 0, m4_eval(CHANNELS - 1), <|MULTIPLY_STEP(<|$1|>, <|$2|>, C, w<||>ADD_OFFSET(C * 16), ahead<||>ADD_OFFSET(C * AHEAD))|>)|>,
<|for (int r = 0; r < runs; r++, p += step)
for (int c = 0; c < run; c++, w += 16, ahead += AHEAD)
MULTIPLY_STEP(<|$1|>, <|$2|>, c, w, ahead)|>)m4_dnl
FOR(<|P|>, 0, $1 - 1, <|
EACH(<|$2|>, <|vstore (sums<||>V()<||>NTH(I, m4_eval(FACES * FACE * SUMS))<||>ADD_OFFSET(P * 16), A(P, I))|>);|>)
}
}
|>)
m4_define(<|STEM_TILES|>, <|IF($2, <|for (int i = 0; i < $2; i++, p += $1 * pixel, s += m4_eval(16 * $1), next += run * runs * AHEAD)
IF(WRITTEN_OUT, <|if (run == CHANNELS)
multiply_all_$1<||>SUFFIX(<|$3|>) (p, w, next, s);
else
|>)multiply_$1<||>SUFFIX(<|$3|>) (p, w, next, s, runs, run, step);|>)|>)

STEM_MULTIPLY(VECTORS): the functions that multiply by so many vectors of output channels.
m4_define(<|BOTH_TILES|>, <|STEM_MULTIPLY_TILE(<|$1|>, <|$2|>, <|multiply|>, 0)IF(WRITTEN_OUT, <|STEM_MULTIPLY_TILE(<|$1|>, <|$2|>, <|multiply_all|>, 1)|>)|>)
m4_define(<|STEM_MULTIPLY|>, <|BOTH_TILES(TILE_SIZE, <|$1|>)IF(TILE_COUNT1, <|BOTH_TILES(SMALLER, <|$1|>)|>)

/* All tiles of the block at all positions of one face, which has the first of the channels. At infinity some phases have none. */
static void
multiply<||>SUFFIX(<|$1|>) (const float *x, const float *w, float *sums, int count)
{
for (int at = 0; at < FACE; at++, x += POSITION, sums += SUMS)
{
const int step = IF(SHORTER_H, <|at >= m4_eval(FACE - SIDE) ? m4_eval(4 * IN_C) : |>)IF(SHORTER_W, <|at % SIDE == m4_eval(SIDE - 1) ? m4_eval(2 * IN_C) : |>)count;
const int run = IF(SHORTER_W, <|at % SIDE == m4_eval(SIDE - 1) ? IN_C : |>)IF(SHORTER_H, <|at >= m4_eval(FACE - SIDE) ? m4_eval(2 * IN_C) : |>)count;
const int runs = count / step;
const float *p = x, *next = w + runs * run * 16;
float *s = sums;
STEM_TILES(TILE_SIZE, TILE_COUNT, <|$1|>)
STEM_TILES(SMALLER, TILE_COUNT1, <|$1|>)
w += runs * run * 16;
}
}
|>)
MULTIPLY_BLOCKS(ARGUMENTS): for the output blocks from ob on.
m4_define(<|MULTIPLY_BLOCKS|>, <|IF(LAST_BLOCKS, <|if (ob + TILE_BLOCKS > OUT_BLOCKS)
multiply<||>SUFFIX(LAST_BLOCKS) ($1);
else
|>)multiply ($1);|>)
