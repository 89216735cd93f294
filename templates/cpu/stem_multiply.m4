m4_divert(-1)
The products of a block of tiles over a stem's phases, at each position of one face. For conv_stem_winograd.m4, with its
parameters; inputs[position][tile][channel], sums[position][tile][output channel of the block].
m4_define(<|SMALLER|>, m4_eval(TILE_SIZE - 1))
m4_define(<|CHANNELS|>, m4_eval(PHASES_D * 4 * IN_C))
m4_define(<|SUMS|>, m4_eval(BLOCK * BLOCK_ROWS * BLOCK_COLS))
Faces in scratch at once.
m4_define(<|FACES|>, m4_eval(1 + (WINO_D > 1)))
FACE_CHANNELS(P, Z): how many of the channels face Z of pair P has.
m4_define(<|FACE_CHANNELS|>, <|IF(SHORTER_D && $1 == 0 && $2 == 1, m4_eval(CHANNELS / 2), CHANNELS)|>)

Where channels are few, as in 2-D, the tiles of positions that have them all are written out; with 24, in 3-D, that is
slower.
m4_define(<|WRITTEN_OUT|>, m4_eval(CHANNELS <= 16))
MULTIPLY_STEP(PIXELS, VECTORS, CHANNEL, WEIGHTS, PREFETCH): one channel.
m4_define(<|INPUT_AT|>, <|m4_ifelse($1, 0, <|IF($2, <|m4_ifelse($2, 1, <||>, <|$2 * |>)pixel|>, 0)|>, m4_dnl
<|$1<||>MULTIPLE($2, pixel)|>)|>)
m4_define(<|MULTIPLY_STEP|>, <|{
        WEIGHTS_OF(<|$2|>, <|$4|>)
        EACH_PIXEL(<|$1|>, <|MULTIPLY_ADD(<|$2|>, P, <|p[INPUT_AT($3, P)]|>)|>)
        FOR(<|I|>, 0, IF(PAIRED, <|m4_eval($2 - 1)|>, 0), <|prefetch ($5<||>ADD_OFFSET(I * OUT_BLOCK_WEIGHTS));
        |>)
        STEP_END ();
      }
      |>)
STEM_MULTIPLY_TILE(PIXELS, VECTORS, NAME, ALL): the function NAME_PIXELS for ALL channels or a number known in use.
m4_define(<|ALL_STEPS|>, <|FOR(<|N|>, 0, m4_eval(CHANNELS - 1),
      <|MULTIPLY_STEP(<|$1|>, <|$2|>, N, w<||>ADD_OFFSET(N * BLOCK), ahead<||>ADD_OFFSET(N * PREFETCH))|>)|>)
m4_define(<|STEPS_OF_RUNS|>, <|for (int r = 0; r < runs; r++, p += step)
        for (int c = 0; c < run; c++, w += BLOCK, ahead += PREFETCH)
          MULTIPLY_STEP(<|$1|>, <|$2|>, c, w, ahead)|>)
m4_define(<|RUNS_PARAMETERS|>, <|IF($1, <||>, <|, int runs, int run, int step|>)|>)
m4_define(<|STEM_MULTIPLY_TILE|>, <|
COMMENT(<|$1 tiles at one position: IF($4, <|all CHANNELS channels|>, <|runs of so many channels, m4_dnl
each a step behind the one before,|>)
   times weights w[channel][BLOCK], CHANNELS_TEXT(<|$2|>) of sums. next: weights to prefetch meanwhile.|>)
TILE
$3_$1<||>SUFFIX(<|$2|>) (const float *x, const float *weights, const float *next, float *sums<||>RUNS_PARAMETERS($4))
{
  EACH_TILE(<|const float *p = x, *w = weights<||>V, *ahead = next;
      EACH_PIXEL(<|$1|>, <|ZEROS(<|$2|>, P)|>)
      IF($4, <|ALL_STEPS(<|$1|>, <|$2|>)|>, <|STEPS_OF_RUNS(<|$1|>, <|$2|>)|>)
      EACH_PIXEL(<|$1|>, <|EACH(<|$2|>, <|vstore (sums<||>V<||>NTH(I, m4_dnl
m4_eval(FACES * FACE * SUMS))ADD_OFFSET(P * BLOCK), ACC(P, I))|>);|>)|>)
}
|>)
STEM_TILES(PIXELS, COUNT, VECTORS): COUNT tiles of the functions above.
m4_define(<|ADVANCE|>, <|p += $1 * pixel, s += m4_eval(BLOCK * $1), next += run * runs<||>BY(PREFETCH)|>)
m4_define(<|STEM_TILES|>, <|IF($2 > 1, <|for (int i = 0; i < $2; i++, ADVANCE(<|$1|>))|>)
      IF(WRITTEN_OUT, <|if (run == CHANNELS)
        multiply_all_$1<||>SUFFIX(<|$3|>) (p, w, next, s);
      else|>)
        multiply_$1<||>SUFFIX(<|$3|>) (p, w, next, s, runs, run, step);|>)

STEM_MULTIPLY(VECTORS): the functions that multiply by so many vectors of output channels.
m4_define(<|BOTH_TILES|>, <|STEM_MULTIPLY_TILE(<|$1|>, <|$2|>, <|multiply|>, 0)m4_dnl
IF(WRITTEN_OUT, <|STEM_MULTIPLY_TILE(<|$1|>, <|$2|>, <|multiply_all|>, 1)|>)|>)
Behind so many positions come those at infinity along H, and so many columns from the left that along W.
m4_define(<|INFINITY_H|>, <|at >= m4_eval(FACE - SIDE)|>)
m4_define(<|INFINITY_W|>, <|at % SIDE == m4_eval(SIDE - 1)|>)
m4_define(<|STEP_TEXT|>, <|IF(SHORTER_H, <|INFINITY_H ? m4_eval(4 * IN_C) : |>)m4_dnl
IF(SHORTER_W, <|INFINITY_W ? m4_eval(2 * IN_C) : |>)count|>)
m4_define(<|RUN_TEXT|>, <|IF(SHORTER_W, <|INFINITY_W ? IN_C : |>)m4_dnl
IF(SHORTER_H, <|INFINITY_H ? m4_eval(2 * IN_C) : |>)count|>)
m4_define(<|STEM_MULTIPLY|>, <|BOTH_TILES(TILE_SIZE, <|$1|>)IF(TILE_COUNT1, <|BOTH_TILES(SMALLER, <|$1|>)|>)

/* All tiles of the block at all positions of one face, which has the first of the channels. At infinity some phases
   have none. */
static void
multiply<||>SUFFIX(<|$1|>) (const float *x, const float *w, float *sums, int count)
{
  for (int at = 0; at < FACE; at++, x += POSITION, sums += SUMS)
    {
      const int step = STEP_TEXT;
      const int run = RUN_TEXT;
      const int runs = count / step;
      const float *p = x, *next = w + runs * run * BLOCK;
      float *s = sums;
      IF(TILE_COUNT, <|STEM_TILES(TILE_SIZE, TILE_COUNT, <|$1|>)|>)
      IF(TILE_COUNT == 1 && TILE_COUNT1, <|ADVANCE(TILE_SIZE);|>)
      IF(TILE_COUNT1, <|STEM_TILES(SMALLER, TILE_COUNT1, <|$1|>)|>)
      w += runs * run * BLOCK;
    }
}
|>)
MULTIPLY_BLOCKS(ARGUMENTS): for the output blocks from ob on.
m4_define(<|MULTIPLY_BLOCKS|>, <|IF(LAST_BLOCKS, <|if (ob + TILE_BLOCKS > OUT_BLOCKS)
        multiply<||>SUFFIX(LAST_BLOCKS) ($1);
      else|>)
        multiply ($1);|>)
NEXT_BLOCKS, EACH_BLOCK: the heads of loops over tiles of output blocks and over the blocks of one, o; THIS_BLOCK: block
o.
m4_define(<|NEXT_BLOCKS|>, <|IF(OUT_TILES > 1, <|for (int ob = 0; ob < OUT_BLOCKS; ob<||>IF(PAIRED, m4_dnl
<| += TILE_BLOCKS|>, <|++|>))|>)|>)
m4_define(<|EACH_BLOCK|>, <|IF(PAIRED, <|for (int o = OB; o < IF(OUT_TILES > 1, <|ob + TILE_BLOCKS|>, m4_dnl
TILE_BLOCKS)<||>m4_dnl
IF(LAST_BLOCKS, <| && o < OUT_BLOCKS|>); o++)|>)|>)
m4_define(<|OB|>, <|IF(OUT_TILES > 1, ob, 0)|>)
m4_define(<|THIS_BLOCK|>, <|IF(PAIRED, o, OB)|>)
BLOCK_TERM(STRIDE): " + …", what lies STRIDE apart from block to block, of this one. SUMS_OF_BLOCK: its sums.
m4_define(<|BLOCK_TERM|>, <|AT(THIS_BLOCK, OUT_BLOCKS, $1)|>)
m4_define(<|SUMS_OF_BLOCK|>, <|sums<||>IF(PAIRED, <| + IF(OUT_TILES > 1, <|(o - ob)|>, o) m4_dnl
* m4_eval(FACES * FACE * SUMS)|>)|>)
