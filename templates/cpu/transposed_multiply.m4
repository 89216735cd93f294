m4_divert(-1)
The products of conv_transposed_winograd.m4, with its parameters: for each position of the transformed tiles and each output
plane a matrix product over taps of D and channels. inputs[position][plane][in block][tile][16], weights [position][tap of D]
[in channel][16], sums[output plane][position][tile][16].
m4_include(<|cpu/tile.m4|>)
m4_define(<|FULL_BLOCKS|>, m4_eval(IN_BLOCKS - (LAST_CHANNELS < 16)))
m4_define(<|SMALLER|>, m4_eval(TILE_SIZE - 1))
m4_define(<|SUMS|>, m4_eval(16 * BLOCK_TILES))

PHASES: their tables.
m4_define(<|PHASES|>, <|/* One axis of an output phase in the tiles: where its first output is, its outputs, the transformed positions [from, end)
   where its filter is not zero, and those of the phases before it. */
struct phase
{
  int start, count, from, end, before;
};

/* Of D: its filter's taps, those of the phases before it, the input that the first output's first tap meets, its outputs. */
struct phase_d
{
  int taps, before, first, count;
};

static const struct phase_d phases_d[] = { TABLE_D };
static const struct phase phases_h[] = { TABLE_H };
static const struct phase phases_w[] = { TABLE_W };|>)
CHANNELS(COUNT, TILES): that many input channels: every tile's times 16 weights.
m4_define(<|CHANNELS|>, <|for (int c = 0; c < $1; c++, w += 16)
{
WEIGHTS_OF(VECTORS, w)FOR(<|P|>, 0, $2 - 1, <|
MULTIPLY_ADD(VECTORS, P, <|p[c<||>ADD_OFFSET(P * 16)]|>)|>)
STEP_END ();
}|>)
MULTIPLY(TILES): the function multiply_TILES.
m4_define(<|MULTIPLY|>, <|
COMMENT(<|$1 tiles at one position: inputs x[tap of D][in block][tile][16] times weights[tap of D][in channel][16].|>)
TILE
multiply_$1 (const float *x, const float *weights, int taps, float *sums)
{
VECTOR_LOOP()
{
const float *p = x, *w = weights<||>V();FOR(<|P|>, 0, $1 - 1, <|
vec EACH(VECTORS, <|A(P, I) = vsplat (0)|>);|>)
for (int k = 0; k < taps; k++)
{
IF(FULL_BLOCKS, <|IF(FULL_BLOCKS > 1, <|for (int b = 0; b < FULL_BLOCKS; b++, p += SUMS)|>)
CHANNELS(16, <|$1|>)
IF(FULL_BLOCKS == 1, <|p += SUMS;|>)|>)
IF(LAST_CHANNELS < 16, <|CHANNELS(LAST_CHANNELS, <|$1|>)
p += SUMS;|>)
}FOR(<|P|>, 0, $1 - 1, <|
EACH(VECTORS, <|vstore (sums<||>V()<||>NTH(I, 16)<||>ADD_OFFSET(P * 16), A(P, I))|>);|>)
}
}
|>)
m4_define(<|MULTIPLY_ALL|>, <|IF($2, <|for (int i = 0; i < $2; i++, x += m4_eval(16 * $1), sums += m4_eval(16 * $1))
multiply_$1 (x, w, taps, sums);|>)|>)
MULTIPLY_FUNCTIONS, PRODUCTS: the functions multiply and products.
m4_define(<|MULTIPLY_FUNCTIONS|>, <|MULTIPLY(TILE_SIZE)m4_dnl
IF(TILE_COUNT1, <|MULTIPLY(SMALLER)|>)m4_dnl

/* All tiles of the block at one position. */
static void
multiply (const float *x, const float *w, int taps, float *sums)
{
MULTIPLY_ALL(TILE_SIZE, TILE_COUNT)
MULTIPLY_ALL(SMALLER, TILE_COUNT1)
}
|>)
m4_define(<|PRODUCTS|>, <|/* The products of all positions of one phase and one block of channels, for some output planes; q: their weights. */
static void
products (const float *inputs, const float *q, float *sums, const struct unit *u, const struct phase_d *pd, const struct phase *ph, const struct phase *pw, int planes)
{
for (int row = ph->from; row < ph->end; row++)
for (int col = pw->from; col < pw->end; col++, q += pd->taps * m4_eval(IN_C * 16))
for (int g = 0; g < planes; g++)
{
COMMENT(<|meanwhile a part of the next position's weights comes near|>)
for (int c = g; c < pd->taps * IN_C; c += planes)
prefetch (q + (pd->taps * IN_C + c) * 16);
COMMENT(<|taps from lo to hi - 1 meet the input|>)
const int i = row * SIDE + col, at = u->plane + g + pd->first;
const int lo = at < 0 ? -at : 0, hi = at + pd->taps > IN_D ? IN_D - at : pd->taps, taps = hi > lo ? hi - lo : 0;
const float *x = inputs + (size_t) i * POSITION + (taps ? at + lo - u->input : 0) * m4_eval(IN_BLOCKS * SUMS);
multiply (x, q + (taps ? lo : 0) * m4_eval(IN_C * 16), taps, sums + (g * FACE + i) * SUMS);
}
}
|>)
