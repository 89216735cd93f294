m4_divert(-1)
The products of conv_transposed_winograd.m4, with its parameters: for each position of the transformed tiles and each
output plane a matrix product over taps of D and channels. inputs[position][plane][in block][tile][channel of the
block], weights[position][tap of D][in channel][output channel of the block], sums[output plane][position][tile][output
channel of the block].
m4_include(<|cpu/tile.m4|>)
m4_define(<|FULL_BLOCKS|>, m4_eval(IN_BLOCKS - (LAST_CHANNELS < BLOCK)))
m4_define(<|SMALLER|>, m4_eval(TILE_SIZE - 1))
m4_define(<|SUMS|>, m4_eval(BLOCK * BLOCK_TILES))

PHASES: their tables.
m4_define(<|PHASES|>, <|/* One axis of an output phase in the tiles: where its first output is, its outputs, the
   transformed positions [from, end) where its filter is not zero, and those of the phases before it. */
struct phase
{
  int start, count, from, end, before;
};

/* Of D: its filter's taps, those of the phases before it, the input that the first output's first tap meets, its
   outputs. */
struct phase_d
{
  int taps, before, first, count;
};

static const struct phase_d phases_d[] = { TABLE_D };
static const struct phase phases_h[] = { TABLE_H };
static const struct phase phases_w[] = { TABLE_W };|>)
CHANNELS(COUNT, TILES): that many input channels: every tile's times their weights.
m4_define(<|CHANNELS|>, <|IF($1 > 1, <|for (int c = 0; c < $1; c++, w += BLOCK)|>)
      BRACED($1 > 1, <|WEIGHTS_OF(VECTORS, w)
        EACH_PIXEL(<|$2|>, <|MULTIPLY_ADD(VECTORS, P, <|p[IF($1 > 1, <|c<||>ADD_OFFSET(P * BLOCK)|>, m4_dnl
<|m4_eval(P * BLOCK)|>)]|>)|>)
        STEP_END ();|>)
      IF($1 == 1, <|w += BLOCK;|>)|>)
MULTIPLY(TILES): the function multiply_TILES.
m4_define(<|ALL_CHANNELS|>, <|IF(FULL_BLOCKS > 1, <|for (int b = 0; b < FULL_BLOCKS; b++, p += SUMS)|>)
          IF(FULL_BLOCKS, <|CHANNELS(BLOCK, <|$1|>)|>)
          IF(FULL_BLOCKS == 1, <|p += SUMS;|>)
          IF(LAST_CHANNELS < BLOCK, <|CHANNELS(LAST_CHANNELS, <|$1|>)
          p += SUMS;|>)|>)
m4_define(<|MULTIPLY|>, <|
COMMENT(<|$1 tiles at one position: inputs x[tap of D][in block][tile][BLOCK] times
   weights[tap of D][in channel][BLOCK].|>)
TILE
multiply_$1 (const float *x, const float *weights, int taps, float *sums)
{
  EACH_TILE(<|const float *p = x, *w = weights<||>V;
      EACH_PIXEL(<|$1|>, <|ZEROS(VECTORS, P)|>)
      for (int k = 0; k < taps; k++)
        {
          ALL_CHANNELS(<|$1|>)
        }
      EACH_PIXEL(<|$1|>, <|EACH(VECTORS, <|vstore (sums<||>V<||>NTH(I, BLOCK)ADD_OFFSET(P * BLOCK), ACC(P, I))|>);|>)|>)
}
|>)
m4_define(<|ADVANCE|>, <|x += m4_eval(BLOCK * $1), sums += m4_eval(BLOCK * $1)|>)
m4_define(<|MULTIPLY_ALL|>, <|IF($2 > 1, <|for (int i = 0; i < $2; i++, ADVANCE(<|$1|>))|>)
    IF($2, <|multiply_$1 (x, w, taps, sums);|>)|>)
MULTIPLY_FUNCTIONS, PRODUCTS: the functions multiply and products.
m4_define(<|MULTIPLY_FUNCTIONS|>, <|MULTIPLY(TILE_SIZE)m4_dnl
IF(TILE_COUNT1, <|MULTIPLY(SMALLER)|>)m4_dnl

/* All tiles of the block at one position. */
static void
multiply (const float *x, const float *w, int taps, float *sums)
{
  MULTIPLY_ALL(TILE_SIZE, TILE_COUNT)
  IF(TILE_COUNT == 1 && TILE_COUNT1, <|ADVANCE(TILE_SIZE);|>)
  MULTIPLY_ALL(SMALLER, TILE_COUNT1)
}
|>)
m4_define(<|PRODUCTS|>, <|/* The products of all positions of one phase and one block of channels, for some output
   planes; q: their weights. */
static void
products (const float *inputs, const float *q, float *sums, const struct unit *u, const struct phase_d *pd,
          const struct phase *ph, const struct phase *pw, int planes)
{
  for (int row = ph->from; row < ph->end; row++)
    for (int col = pw->from; col < pw->end; col++, q += pd->taps * m4_eval(IN_C * BLOCK))
      for (int g = 0; g < planes; g++)
        {
          COMMENT(<|meanwhile a part of the next position's weights is prefetched|>)
          for (int c = g; c < pd->taps<||>BY(IN_C); c += planes)
            prefetch (q + (pd->taps<||>BY(IN_C) + c) * BLOCK);
          COMMENT(<|taps from lo to hi - 1 meet the input|>)
          const int i = row * SIDE + col, at = u->plane + g + pd->first;
          const int lo = at < 0 ? -at : 0, hi = at + pd->taps > IN_D ? IN_D - at : pd->taps, taps = hi > lo m4_dnl
? hi - lo : 0;
          const float *x = inputs + (size_t) i * POSITION + (taps ? at + lo - u->input : 0) * m4_eval(IN_BLOCKS * SUMS);
          multiply (x, q + (taps ? lo : 0) * m4_eval(IN_C * BLOCK), taps, sums + (g * FACE + i) * SUMS);
        }
}
|>)
