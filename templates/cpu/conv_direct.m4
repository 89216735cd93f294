m4_divert(-1)
Direct convolution over blocks of channels, any window, stride, dilation, groups and padding, in 2-D and 3-D.

A register tile (tile.m4) is HIGH_SIZE x TILE_SIZE output pixels by VECTORS vectors of output channels; weights stream
once per tile, [input block][tap][input channel][output channel of the block]. Padding is the input's halo, so no bounds
are checked; taps that would read nothing but planes or rows of padding are passed over (taps.m4).
require(<|FUNCTION|>, <|BATCH|>, <|IN_START|>, <|IN_ROW|>, <|IN_PLANE|>, <|IN_BLOCK|>, <|IN_SAMPLE|>, <|OUT_ORIGIN|>,
  <|OUT_BLOCKS|>, <|K_D|>, <|K_H|>, <|K_W|>, <|S_D|>, <|S_H|>, <|S_W|>, <|DIL_D|>, <|DIL_H|>, <|DIL_W|>,
  <|GROUP_BLOCKS|>, <|LAST_CHANNELS|>, <|ROWS|>, <|WIDTH|>, <|TILE_SIZE|>, <|TILE_COUNT|>, <|TILE_COUNT1|>,
  <|HIGH_SIZE|>, <|HIGH_COUNT|>, <|HIGH_COUNT1|>, <|BIAS_AT|>, <|JOINED_ROWS|>, <|PREFETCH|>, m4_dnl
<|PREFETCH_OUTPUT|>, <|PANELS|>, <|PANELS_OF_THREADS|>, <|MOST_THREADS|>)
m4_include(<|cpu/tile.m4|>)
m4_include(<|cpu/taps.m4|>)
m4_define(<|HIGH_TILES|>, m4_eval(HIGH_COUNT + HIGH_COUNT1))
m4_define(<|STRIPS|>, PRODUCT(BATCH, OUT_D, HIGH_TILES))
m4_define(<|TILES|>, m4_eval(TILE_COUNT + TILE_COUNT1))
m4_define(<|LOWER|>, m4_eval(HIGH_SIZE - 1))
From one row to the next; one that was joined from several counts as they do.
m4_define(<|X_ROW|>, m4_eval(JOINED_ROWS * S_H * IN_ROW))
m4_define(<|Y_ROW|>, m4_eval(JOINED_ROWS * OUT_ROW))
m4_define(<|R_ROW|>, m4_eval(JOINED_ROWS * RES_ROW_OR_0))

Weights that few tiles use stream from memory: each channel in these tiles prefetches so many floats, step, of the next
output blocks' that all of them together prefetch all.
m4_define(<|NEXT_PARAMETER|>, <|IF(PREFETCH, <|const float *next, int step, |>)|>)
m4_define(<|NEXT_ARGUMENT|>, <|IF(PREFETCH, <|next<||>$1, step, |>)|>)
m4_define(<|PREFETCH_WEIGHTS|>, <|IF(PREFETCH, <|FOR(<|I|>, 0, IF(PAIRED, <|m4_eval($1 - 1)|>, 0), <|
                prefetch (ahead<||>MULTIPLE(CHANNEL, step)ADD_OFFSET(I * OUT_BLOCK_WEIGHTS));|>)|>)|>)

What the functions of tiles and strips are told. WEIGHTS: the name of the block's weights.
m4_define(<|PARAMETERS|>, <|const float *x, const float *$1, TAPS_PARAMETERS()NEXT_PARAMETER()m4_dnl
const float *e, R_PARAMETER()float *y|>)

PIXEL_AT(P, COLS, ROW, PIXEL): the offset of a tile's pixel P, COLS in a row.
m4_define(<|PIXEL_AT|>, <|($1 / $2) * $3 + $1 % $2 * $4|>)
MULTIPLY(COLS, PIXELS, VECTORS): one input channel: every pixel of the tile times its weights.
m4_define(<|MULTIPLY|>, <|WEIGHTS_OF(<|$3|>, <|q<||>ADD_OFFSET(BLOCK * CHANNEL)|>)
                EACH_PIXEL($2, <|MULTIPLY_ADD(<|$3|>, P, <|CHANNEL_OF(p, PIXEL_AT(P, $1, X_ROW, m4_dnl
S_W * BLOCK))|>)|>)m4_dnl
PREFETCH_WEIGHTS(<|$3|>)
                STEP_END ();|>)
CHANNELS(COUNT, COLS, PIXELS, VECTORS)
m4_define(<|NEXT_CHANNELS|>, <|q += m4_eval(BLOCK * $1)<||>IF(PREFETCH, <|, ahead += step<||>BY($1)|>)|>)
m4_define(<|CHANNELS|>, <|STEPS(<|$1|>, <|c|>, <|NEXT_CHANNELS|>, <|MULTIPLY(<|$2|>, <|$3|>, <|$4|>)|>)|>)

TAPS(BLOCK, COUNT, COLS, PIXELS, VECTORS): all taps of one block of input channels, while the next block's pixels are
prefetched.
m4_define(<|TAP_AT|>, <|TAP(kd, K_D, DIL_D * IN_PLANE)TAP(kh, K_H, DIL_H * IN_ROW)TAP(kw, K_W, DIL_W * BLOCK)|>)
m4_define(<|PREFETCH_INPUTS|>, <|EACH_PIXEL($2,
  <|prefetch_soon (p<||>ADD_OFFSET(IN_BLOCK + PIXEL_AT(P, $1, X_ROW, S_W * BLOCK)));|>)|>)
m4_define(<|TAPS|>, <|OF_BLOCK(<|$2|>, <|EACH_WINDOW_TAP(<|BRACED(ALL_TAPS > 1 || GROUP_BLOCKS > 1, m4_dnl
<|WEIGHTS_OF_TAP(<|$2|>)
            const float *p = $1<||>TAP_AT;
            IF(FULL_BLOCKS > 1 && $2 == BLOCK, <|PREFETCH_INPUTS(<|$3|>, <|$4|>)|>)
            CHANNELS(<|$2|>, <|$3|>, <|$4|>, <|$5|>)|>)|>)|>)|>)
ALL_BLOCKS(COLS, PIXELS, VECTORS): of all blocks of input channels, of which the last may have fewer.
m4_define(<|LOOP_OVER_BLOCKS|>, <|const float *block = x;
      for (int b = 0; b < FULL_BLOCKS; b++, block += IN_BLOCK)
        TAPS(block, BLOCK, <|$1|>, <|$2|>, <|$3|>)|>)
m4_define(<|FULL_BLOCKS_WRITTEN_OUT|>, <|FOR(<|FULL|>, 0, m4_eval(FULL_BLOCKS - 1),
        <|TAPS(<|x<||>ADD_OFFSET(FULL * IN_BLOCK)|>, BLOCK, <|$1|>, <|$2|>, <|$3|>)|>)|>)
m4_define(<|ALL_BLOCKS|>, <|IF(WHOLE_TILE || FULL_BLOCKS < 2, <|FULL_BLOCKS_WRITTEN_OUT(<|$1|>, <|$2|>, <|$3|>)|>,
      <|LOOP_OVER_BLOCKS(<|$1|>, <|$2|>, <|$3|>)|>)
      IF(LAST_CHANNELS < BLOCK,
        <|TAPS(<|x<||>ADD_OFFSET(FULL_BLOCKS * IN_BLOCK)|>, LAST_CHANNELS, <|$1|>, <|$2|>, <|$3|>)|>)|>)

Where outputs are the most of what a tile touches, it prefetches their lines before its products: another thread may
have written to them last, as to another tensor's, and then they are in that core's cache.
m4_define(<|PREFETCH_PIXEL|>, <|FOR(<|I|>, 0, m4_eval($1 / TILE_VECTORS - 1), <|
      prefetch_output (y<||>ADD_OFFSET($2 + I * OUT_BLOCK));|>)|>)

TILE_OF(ROWS, COLS, VECTORS): the function tile_ROWSxCOLS.
m4_define(<|TILE_OF|>, <|TILE_OF_PIXELS(<|$1|>, <|$2|>, m4_eval($1 * $2), <|$3|>)|>)
m4_define(<|TILE_OF_PIXELS|>, <|
COMMENT(<|$1 x $2 output pixels, CHANNELS_TEXT(<|$4|>). x: the first pixel's first tap; w: the block's weights;
   e: its place in the vectors behind them<||>R_TEXT<||>IF(PREFETCH, <|; next: weights to prefetch meanwhile|>).|>)
TILE
tile_$1x$2<||>SUFFIX(<|$4|>) (PARAMETERS(w))
{
  IF(PREFETCH_OUTPUT, <|EACH_PIXEL(<|$3|>, <|PREFETCH_PIXEL(<|$4|>, PIXEL_AT(P, $2, Y_ROW, BLOCK))|>)|>)
  EACH_TILE(<|const float *q = w<||>V<||>IF(PREFETCH, <|, *ahead = next|>);
      EACH_PIXEL(<|$3|>, <|BIASES(<|$4|>, P)|>)
      ALL_BLOCKS(<|$2|>, <|$3|>, <|$4|>)
      EACH_PIXEL(<|$3|>, <|STORE_SUMS(<|$4|>, P, <|r<||>ADD_OFFSET(PIXEL_AT(P, $2, R_ROW, BLOCK))|>,
        <|y<||>ADD_OFFSET(PIXEL_AT(P, $2, Y_ROW, BLOCK))|>)|>)|>)
}
|>)

STRIP(ROWS, VECTORS): the function strip_ROWS, which computes tiles [from, to) of a strip.
m4_define(<|FIRST_PIXEL|>, <|tile<||>BY(TILE_SIZE)<||>IF(TILE_COUNT1, <| - (tile > TILE_COUNT ? tile - TILE_COUNT m4_dnl
: 0)|>)|>)
m4_define(<|PIXELS_ON|>, <|IF(TILES > 1, <| + pixel * $1|>)|>)
m4_define(<|WEIGHTS_ON|>, <|IF(TILES > 1, <| + (tile - from) * step * m4_eval(OUT_BLOCK_WEIGHTS / BLOCK)|>)|>)
m4_define(<|TILE_IN_STRIP|>, <|tile_$1x$2<||>SUFFIX(<|$3|>) (x<||>PIXELS_ON(m4_eval(S_W * BLOCK)), k, m4_dnl
TAPS_ARGUMENTS()NEXT_ARGUMENT(<|WEIGHTS_ON|>)e, m4_dnl
IF(HAS_R, <|r<||>PIXELS_ON(BLOCK), |>)y<||>PIXELS_ON(BLOCK));|>)
m4_define(<|EACH_TILE_OF_STRIP|>, <|for (int tile = from; tile < to; tile++)
    {
      const int pixel = FIRST_PIXEL;
      IF(TILE_COUNT1, <|if (tile < TILE_COUNT)
        TILE_IN_STRIP(<|$1|>, TILE_SIZE, <|$2|>)
      else
        TILE_IN_STRIP(<|$1|>, SMALLER, <|$2|>)|>, <|TILE_IN_STRIP(<|$1|>, TILE_SIZE, <|$2|>)|>)
    }|>)
m4_define(<|STRIP|>, <|
COMMENT(<|A strip of rows<||>IF(TILES > 1, <|, tiles [from, to) of it|>).|>)
static void
strip_$1<||>SUFFIX(<|$2|>) (PARAMETERS(k)<||>IF(TILES > 1, <|, int from, int to|>))
{
  IF(TILES > 1, <|EACH_TILE_OF_STRIP(<|$1|>, <|$2|>)|>, <|TILE_IN_STRIP(<|$1|>, TILE_SIZE, <|$2|>)|>)
}
|>)
ALL_STRIPS(VECTORS): the functions of all tiles and strips.
m4_define(<|TILES_AND_STRIP|>, <|TILE_OF(<|$1|>, TILE_SIZE, <|$2|>)m4_dnl
IF(TILE_COUNT1, <|TILE_OF(<|$1|>, SMALLER, <|$2|>)|>)STRIP(<|$1|>, <|$2|>)|>)
m4_define(<|ALL_STRIPS|>, <|TILES_AND_STRIP(HIGH_SIZE, <|$1|>)IF(HIGH_COUNT1, <|TILES_AND_STRIP(LOWER, <|$1|>)|>)|>)

CALL_STRIP(ROWS): the strip that begins at row h, of a whole tile of output blocks or the last one.
m4_define(<|STRIP_ROW_AT|>, <|AT(h, HIGH_TILES, $1)|>)
m4_define(<|OUT_TILE_AT|>, <|AT(o, OUT_TILES, m4_eval(TILE_BLOCKS * $1))|>)
m4_define(<|IN_RUN|>, <|IF(STRIPS > 1, <| + (i - r.column) * step * m4_eval(OUT_BLOCK_WEIGHTS / BLOCK)|>)|>)
m4_define(<|TILES_OF_STRIP|>, <|IF(TILES > 1, <|, IF(STRIPS > 1, <|from, to|>, <|r.column, r.end|>)|>)|>)
m4_define(<|STRIP_ARGUMENTS|>, <|px<||>STRIP_ROW_AT(X_ROW), w<||>OUT_TILE_AT(OUT_BLOCK_WEIGHTS), m4_dnl
TAPS_ARGUMENTS()NEXT_ARGUMENT(<|IN_RUN|>)m4_dnl
w<||>OUT_TILE_AT(BLOCK), IF(HAS_R, <|pr<||>STRIP_ROW_AT(R_ROW), |>)py<||>STRIP_ROW_AT(Y_ROW)<||>TILES_OF_STRIP|>)
m4_define(<|CALL_STRIP|>, <|IF(LAST_BLOCKS, <|if (o < m4_eval(OUT_TILES - 1))
          strip_$1 (STRIP_ARGUMENTS);
        else
          strip_$1<||>SUFFIX(LAST_BLOCKS) (STRIP_ARGUMENTS);|>, <|strip_$1 (STRIP_ARGUMENTS);|>)|>)
Strips of HIGH_SIZE rows come first, then those of a row less.
m4_define(<|CALL_EITHER_STRIP|>, <|const int whole = h < HIGH_COUNT;
      h = whole ? h<||>BY(HIGH_SIZE) : h<||>BY(LOWER) + HIGH_COUNT;
      if (whole)
        CALL_STRIP(HIGH_SIZE)
      else
        CALL_STRIP(LOWER)|>)

A column of the work is a tile. EACH_STRIP: the head of the loop over the strips of a run.
m4_define(<|EACH_STRIP|>, <|IF(STRIPS > 1, <|IF(TILES > 1, <|for (int i = r.column, end; i < r.end; i = end)|>, m4_dnl
<|for (int i = r.column; i < r.end; i++)|>)|>)|>)
m4_define(<|FIND_STRIP|>, <|IF(STRIPS > 1 && TILES > 1, <|const int strip = i / TILES, from = i % TILES;
          end = i - from + TILES < r.end ? i - from + TILES : r.end;
          const int to = from + end - i;|>)
          IF(STRIPS > 1, <|DECODE(IF(TILES > 1, strip, i), h, HIGH_TILES, d, OUT_D, s, BATCH)|>)|>)
m4_divert(0)m4_dnl
HEAD
TAPS_TABLES
ALL_STRIPS(VECTORS)m4_dnl
IF(LAST_BLOCKS, <|ALL_STRIPS(LAST_BLOCKS)|>)m4_dnl
CLEAR_HALO
FIRST_BLOCKS_TABLE
PANELS_TABLE
PROTOTYPE
  CALL_CLEAR_HALO
  ALONE(MOST_THREADS)
  struct rescast_runs r = rescast_runs (OUT_TILES, PRODUCT(STRIPS, TILES), PANELS_NOW, t, THREADS);
  for (; r.left > 0; rescast_next_run (&r))
    {
      IF(OUT_TILES > 1, <|const int o = r.row;|>)
      IF(PREFETCH, <|PREFETCH_NEXT(TILE_BLOCKS)|>)
      EACH_STRIP
        BRACED(STRIPS > 1, <|FIND_STRIP
          const float *px = x<||>ADD_OFFSET(IN_START)AT(s, BATCH, IN_SAMPLE)FIRST_BLOCK_AT()AT(d, OUT_D, m4_dnl
m4_eval(S_D * IN_PLANE));
          IF(HAS_R, <|const float *pr = residual<||>ADD_OFFSET(RES_ORIGIN)AT(s, BATCH, RES_SAMPLE)m4_dnl
OUT_TILE_AT(RES_BLOCK)AT(d, OUT_D, RES_PLANE);|>)
          float *py = y<||>ADD_OFFSET(OUT_ORIGIN)AT(s, BATCH, OUT_SAMPLE)OUT_TILE_AT(OUT_BLOCK)AT(d, OUT_D, OUT_PLANE);
          TAPS_OF_STRIP(<|INDEX_OF(h, HIGH_TILES)|>)
          IF(HIGH_SIZE > 1 && HIGH_TILES > 1 && !HIGH_COUNT1, <|h *= HIGH_SIZE;|>)
          IF(HIGH_COUNT1, <|CALL_EITHER_STRIP|>, <|CALL_STRIP(HIGH_SIZE)|>)|>)
    }
  IF(HAS_R, <||>, <|UNUSED(residual)|>)
}
