m4_divert(-1)
Direct convolution of a small map: as conv_direct.m4, but a register tile is TILE_SIZE pixels in reading order, so that
rows shorter than a tile leave no short tiles. Each pixel has a pointer of its own; weights stream once per tile,
[input block][tap][input channel][output channel of the block].
require(<|FUNCTION|>, <|BATCH|>, <|IN_START|>, <|IN_ROW|>, <|IN_PLANE|>, <|IN_BLOCK|>, <|IN_SAMPLE|>, <|OUT_ORIGIN|>,
  <|OUT_BLOCKS|>, <|K_D|>, <|K_H|>, <|K_W|>, <|S_D|>, <|S_H|>, <|S_W|>, <|DIL_D|>, <|DIL_H|>, <|DIL_W|>,
  <|GROUP_BLOCKS|>, <|LAST_CHANNELS|>, <|TILE_SIZE|>, <|TILE_COUNT|>, <|TILE_COUNT1|>, <|PREFETCH|>, <|BIAS_AT|>, m4_dnl
<|PANELS|>, <|PANELS_OF_THREADS|>, <|MOST_THREADS|>)
m4_include(<|cpu/tile.m4|>)
Taps stay loops, whatever UNROLL says.
m4_define(<|WHOLE_TILE|>, 0)
m4_include(<|cpu/taps.m4|>)
m4_define(<|TILES|>, m4_eval(TILE_COUNT + TILE_COUNT1))

Weights that few tiles use stream from memory: each channel in these tiles prefetches so many floats, step, of the next
output block's that all of them together prefetch all.
m4_define(<|NEXT_PARAMETER|>, <|IF(PREFETCH, <|const float *next, int step, |>)|>)
m4_define(<|NEXT_ARGUMENT|>, <|IF(PREFETCH, <|next<||>TILE_WEIGHTS, step, |>)|>)

PIXEL(ROW, COLUMN, P): where pixel first + P lies when rows and columns are so many floats apart; one tile or one row
needs no variable.
m4_define(<|FIRST|>, <|IF(TILES > 1, first, 0)|>)
m4_define(<|NUMBER|>, <|IF($1, <|(first + $1)|>, first)|>)
m4_define(<|PIXEL|>, <|IF(TILES > 1, <| + NUMBER($3)<||>OVER(OUT_W) * m4_eval($1)<||>m4_dnl
IF(OUT_W > 1, <| + NUMBER($3) % OUT_W * m4_eval($2)|>)|>, <|ADD_OFFSET($3 / OUT_W * ($1) + $3 % OUT_W * ($2))|>)|>)

CHANNELS(COUNT, PIXELS): COUNT input channels: every pixel of the tile times their weights.
m4_define(<|CHANNEL|>, <|WEIGHTS_OF(VECTORS, q)
                EACH_PIXEL(<|$1|>, <|MULTIPLY_ADD(VECTORS, P, <|x<||>P[$2]|>)|>)
                IF(PREFETCH, <|prefetch (ahead);|>)
                STEP_END ();|>)
m4_define(<|CHANNELS|>, <|IF($1 > 1, <|for (int c = 0; c < $1; c++, q += BLOCK<||>IF(PREFETCH, <|, ahead += step|>))
              {
                CHANNEL(<|$2|>, <|p + c|>)
              }|>, <|CHANNEL(<|$2|>, p)
              q += BLOCK<||>IF(PREFETCH, <|, ahead += step|>);|>)|>)

TAPS(OFFSET, COUNT, PIXELS): all taps of the block of input channels at OFFSET, while the next block's pixels are
prefetched.
m4_define(<|TAP_AT|>, <|TERM(kd, K_D, m4_eval(DIL_D * IN_PLANE))TERM(kh, K_H, m4_eval(DIL_H * IN_ROW))m4_dnl
TERM(kw, K_W, m4_eval(DIL_W * BLOCK))|>)
m4_define(<|SUM_OF|>, <|m4_ifelse(<|$1|>, 0, <|m4_ifelse(TAP_AT, <||>, 0, <|m4_substr(TAP_AT, 3)|>)|>, m4_dnl
<|$1<||>TAP_AT|>)|>)
m4_define(<|TAPS|>, <|OF_BLOCK(<|$2|>, <|EACH_WINDOW_TAP(<|BRACED(ALL_TAPS > 1 || GROUP_BLOCKS > 1, m4_dnl
<|WEIGHTS_OF_TAP(<|$2|>)
            const int p = SUM_OF(<|$1|>);
            IF(FULL_BLOCKS > 1 && $2 == BLOCK, <|EACH_PIXEL(<|$3|>, <|prefetch_soon (x<||>P + p + IN_BLOCK);|>)|>)
            CHANNELS(<|$2|>, <|$3|>)|>)|>)|>)|>)

TILE_OF(PIXELS): the function tile_PIXELS.
m4_define(<|STORE_PIXEL|>, <|BRACED(1, <|float *to = y<||>PIXEL(OUT_ROW, BLOCK, P);
        IF(HAS_R, <|const float *from = r<||>PIXEL(RES_ROW, BLOCK, P);|>)
        STORE_SUMS(VECTORS, P, from, to)|>)|>)
m4_define(<|FIRST_PARAMETER|>, <|IF(TILES > 1, <|, int first|>)|>)
m4_define(<|TILE_OF|>, <|
COMMENT(<|$1 output pixels<||>IF(TILES > 1, <| from the pixel first of a plane on|>, <|, a plane|>), m4_dnl
BLOCK channels. x: the first tap of the plane's first
   pixel; w: the block's weights; e: its place in the vectors behind them<||>R_TEXT<||>IF(PREFETCH, <|; next: weights to
   prefetch meanwhile|>).|>)
TILE
tile_$1 (const float *x, const float *w, TAPS_PARAMETERS()NEXT_PARAMETER()const float *e, R_PARAMETER()m4_dnl
float *y<||>FIRST_PARAMETER)
{
  EACH_PIXEL(<|$1|>, <|const float *const x<||>P = x<||>PIXEL(S_H * IN_ROW, S_W * BLOCK, P);|>)
  EACH_TILE(<|const float *q = w<||>V<||>IF(PREFETCH, <|, *ahead = next|>);
      EACH_PIXEL(<|$1|>, <|BIASES(VECTORS, P)|>)
      IF(FULL_BLOCKS > 1, <|for (int b = 0; b < FULL_BLOCKS; b++)
        TAPS(b * IN_BLOCK, BLOCK, <|$1|>)|>)
      IF(FULL_BLOCKS == 1, <|TAPS(0, BLOCK, <|$1|>)|>)
      IF(LAST_CHANNELS < BLOCK, <|TAPS(m4_eval(FULL_BLOCKS * IN_BLOCK), LAST_CHANNELS, <|$1|>)|>)
      EACH_PIXEL(<|$1|>, <|STORE_PIXEL|>)|>)
}
|>)
CALL_TILE(PIXELS, FIRST): the tile that begins at the plane's pixel FIRST.
m4_define(<|CALL_TILE|>, <|tile_$1 (px, w<||>AT(o, OUT_BLOCKS, OUT_BLOCK_WEIGHTS), TAPS_ARGUMENTS()NEXT_ARGUMENT()m4_dnl
w<||>AT(o, OUT_BLOCKS, BLOCK), IF(HAS_R, <|pr, |>)py<||>IF(TILES > 1, <|, $2|>));|>)
A column of the work is a tile. The weights to prefetch: the tile's part of the next output block's.
m4_define(<|COLUMNS|>, PRODUCT(BATCH, OUT_D, TILES))
m4_define(<|TILE_WEIGHTS|>, <|IF(COLUMNS > 1, <| + (i - r.column) * step * m4_eval(OUT_BLOCK_WEIGHTS / BLOCK)|>)|>)
m4_divert(0)m4_dnl
HEAD
TAPS_TABLES
TILE_OF(TILE_SIZE)m4_dnl
IF(TILE_COUNT1, <|TILE_OF(SMALLER)|>)m4_dnl
CLEAR_HALO
FIRST_BLOCKS_TABLE
PANELS_TABLE
PROTOTYPE
  CALL_CLEAR_HALO
  ALONE(MOST_THREADS)
  struct rescast_runs r = rescast_runs (OUT_TILES, COLUMNS, PANELS_NOW, t, THREADS);
  for (; r.left > 0; rescast_next_run (&r))
    {
      IF(OUT_TILES > 1, <|const int o = r.row;|>)
      IF(PREFETCH, <|PREFETCH_NEXT(1)|>)
      IF(COLUMNS > 1, <|for (int i = r.column; i < r.end; i++)|>)
        BRACED(COLUMNS > 1, <|DECODE(i, p, TILES, d, OUT_D, s, BATCH)
          const float *px = x<||>ADD_OFFSET(IN_START)AT(s, BATCH, IN_SAMPLE)FIRST_BLOCK_AT()m4_dnl
AT(d, OUT_D, m4_eval(S_D * IN_PLANE));
          IF(HAS_R, <|const float *pr = residual<||>RES_PLANE_AT;|>)
          float *py = y<||>OUT_PLANE_AT;
          TAPS_OF_STRIP(<|INDEX_OF(p, TILES)|>)
          IF(TILE_COUNT1, <|if (p < TILE_COUNT)
            CALL_TILE(TILE_SIZE, p * TILE_SIZE)
          else
            CALL_TILE(SMALLER, p<||>BY(SMALLER) + TILE_COUNT)|>, <|CALL_TILE(TILE_SIZE, p<||>BY(TILE_SIZE))|>)|>)
    }
  IF(HAS_R, <||>, <|UNUSED(residual)|>)
}
