m4_divert(-1)
Direct convolution of a small map: as conv_direct.m4, but a register tile is TILE_SIZE pixels in reading order, so that rows
shorter than a tile leave no short tiles. Each pixel has a pointer of its own; weights stream once per tile, [input block]
[tap][input channel][16].
require(<|FUNCTION|>, <|BATCH|>, <|IN_START|>, <|IN_ROW|>, <|IN_PLANE|>, <|IN_BLOCK|>, <|IN_SAMPLE|>, <|OUT_ORIGIN|>, <|OUT_BLOCKS|>,
  <|K_D|>, <|K_H|>, <|K_W|>, <|S_D|>, <|S_H|>, <|S_W|>, <|DIL_D|>, <|DIL_H|>, <|DIL_W|>, <|GROUP_BLOCKS|>, <|LAST_CHANNELS|>,
  <|TILE_SIZE|>, <|TILE_COUNT|>, <|TILE_COUNT1|>, <|AHEAD|>, <|SHIFT_AT|>)
m4_define(<|FULL_BLOCKS|>, m4_eval(GROUP_BLOCKS - (LAST_CHANNELS < 16)))
m4_include(<|cpu/tile.m4|>)
Taps stay loops, whatever UNROLL says.
m4_define(<|WHOLE_TILE|>, 0)
m4_include(<|cpu/taps.m4|>)
m4_define(<|SMALLER|>, m4_eval(TILE_SIZE - 1))
m4_define(<|TILES|>, m4_eval(TILE_COUNT + TILE_COUNT1))

Weights that few tiles use stream from memory: meanwhile these tiles ask for the next output block's, AHEAD floats a step.
m4_define(<|NEXT_PARAMETER|>, <|IF(AHEAD, <|const float *next, |>)|>)

PIXEL(ROW, COLUMN, P): where pixel first + P lies when rows and columns are so many floats apart.
m4_define(<|PIXEL|>, <| + NUMBER($3) / OUT_W * m4_eval($1) + NUMBER($3) % OUT_W * m4_eval($2)|>)
m4_define(<|NUMBER|>, <|IF($1, <|(first + $1)|>, first)|>)

CHANNELS(COUNT, PIXELS)
m4_define(<|CHANNELS|>, <|for (int c = 0; c < $1; c++, q += 16<||>IF(AHEAD, <|, ahead += AHEAD|>))
              {
                WEIGHTS_OF(VECTORS, q)FOR(<|P|>, 0, $2 - 1, <|
                MULTIPLY_ADD(VECTORS, P, <|x<||>P[p + c]|>)|>)
                IF(AHEAD, <|prefetch (ahead);|>)
                STEP_END ();
              }|>)

TAPS(OFFSET, COUNT, PIXELS): all taps of the block of input channels at OFFSET; the next block's pixels are asked for.
m4_define(<|TAPS|>, <|OF_BLOCK(<|$2|>, <|SOME_TAPS(kd, K_D, SOME_D, planes, <|SOME_TAPS(kh, K_H, SOME_H, rows, <|EACH_TAP(kw, K_W, <|m4_dnl
          {
            WEIGHTS_OF_TAP(<|$2|>)
            const int p = $1<||>TERM(kd, K_D, m4_eval(DIL_D * IN_PLANE))<||>TERM(kh, K_H, m4_eval(DIL_H * IN_ROW))<||>TERM(kw, K_W, m4_eval(DIL_W * 16));
            IF(FULL_BLOCKS > 1 && $2 == 16, <|FOR(<|P|>, 0, $3 - 1, <|prefetch_soon (x<||>P + p + IN_BLOCK);
            |>)|>)
            CHANNELS(<|$2|>, <|$3|>)
          }|>)|>)|>)|>)|>)

TILE_OF(PIXELS)
m4_define(<|TILE_OF|>, <|
COMMENT(<|$1 output pixels from the pixel FIRST of a plane on, 16 channels. x: the first tap of the plane's first pixel; w: the block's
   weights; e: its place in the vectors behind them<||>IF(RES_SAMPLE >= 0, <|; r: the residual|>)<||>IF(AHEAD, <|; next: weights to ask for meanwhile|>).|>)
TILE
tile_$1 (const float *x, const float *w, TAPS_PARAMETERS()NEXT_PARAMETER()const float *e, R_PARAMETER()float *y, int first)
{
  FOR(<|P|>, 0, $1 - 1, <|const float *const x<||>P = x<||>PIXEL(S_H * IN_ROW, S_W * 16, P);
  |>)
  VECTOR_LOOP()
    {
      const float *q = w<||>V()<||>IF(AHEAD, <|, *ahead = next|>);FOR(<|P|>, 0, $1 - 1, <|
      BIASES(VECTORS, P)|>)
      IF(FULL_BLOCKS > 1, <|for (int b = 0; b < FULL_BLOCKS; b++)
        TAPS(b * IN_BLOCK, 16, <|$1|>)|>)
      IF(FULL_BLOCKS == 1, <|TAPS(0, 16, <|$1|>)|>)
      IF(LAST_CHANNELS < 16, <|TAPS(m4_eval(FULL_BLOCKS * IN_BLOCK), LAST_CHANNELS, <|$1|>)|>)
      FOR(<|P|>, 0, $1 - 1, <|{
      float *to = y<||>PIXEL(OUT_ROW, 16, P);IF(RES_SAMPLE >= 0, <|
      const float *from = r<||>PIXEL(RES_ROW, 16, P);|>)
      STORE_SUMS(VECTORS, P, from, to)
      }
      |>)
    }
}
|>)
m4_define(<|CALL_TILE|>, <|tile_$1 (px, w<||>AT(o, OUT_BLOCKS, OUT_BLOCK_WEIGHTS), TAPS_ARGUMENTS()IF(AHEAD, <|next, |>)w<||>AT(o, OUT_BLOCKS, 16), IF(RES_SAMPLE >= 0, <|pr, |>)py, $2);|>)
m4_divert(0)m4_dnl
HEAD
TAPS_TABLES
TILE_OF(TILE_SIZE)m4_dnl
IF(TILE_COUNT1, <|TILE_OF(SMALLER)|>)m4_dnl
CLEAR_HALO
IF(GROUPED, <|
/* The first block of input channels that each block of output channels reads, by its group. */
static const int first_block[] = { FIRST_BLOCK };
|>)
PROTOTYPE
  int first, last;
  CALL_CLEAR_HALO
  rescast_share (PRODUCT(BATCH, OUT_BLOCKS, OUT_D, TILES), t, n, &first, &last);
  for (int i = first; i < last; i++)
    {
      DECODE(i, p, TILES, d, OUT_D, o, OUT_BLOCKS, s, BATCH)m4_dnl
const float *px = x<||>ADD_OFFSET(IN_START)<||>AT(s, BATCH, IN_SAMPLE)<||>IF(GROUPED, <| + (size_t) first_block[IF(OUT_BLOCKS > 1, o, 0)] * IN_BLOCK|>)<||>AT(d, OUT_D, m4_eval(S_D * IN_PLANE));
      IF(RES_SAMPLE >= 0, <|const float *pr = residual<||>ADD_OFFSET(RES_ORIGIN)<||>AT(s, BATCH, RES_SAMPLE)<||>AT(o, OUT_BLOCKS, RES_BLOCK)<||>AT(d, OUT_D, RES_PLANE);|>)
      float *py = y<||>ADD_OFFSET(OUT_ORIGIN)<||>AT(s, BATCH, OUT_SAMPLE)<||>AT(o, OUT_BLOCKS, OUT_BLOCK)<||>AT(d, OUT_D, OUT_PLANE);
      IF(AHEAD, <|const float *next = w + (size_t) (o + 1) * OUT_BLOCK_WEIGHTS<||>AT(p, TILES, m4_eval(OUT_BLOCK_WEIGHTS / 16 * AHEAD))<||>AT(d, OUT_D, m4_eval(TILES * (OUT_BLOCK_WEIGHTS / 16) * AHEAD));|>)
      TAPS_OF_STRIP(<|IF(TILES > 1, p, 0)|>)
      IF(TILE_COUNT1, <|if (p < TILE_COUNT)
        CALL_TILE(TILE_SIZE, p * TILE_SIZE)
      else
        CALL_TILE(SMALLER, p * SMALLER + TILE_COUNT)|>, <|CALL_TILE(TILE_SIZE, IF(TILES > 1, p * TILE_SIZE, 0))|>)
    }
  IF(RES_SAMPLE < 0, <|UNUSED(residual)|>)
}
