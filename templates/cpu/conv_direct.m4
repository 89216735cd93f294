m4_divert(-1)
Direct convolution over blocks of 16 channels, any window, stride, dilation, groups and padding, in 2-D and 3-D.

A register tile (tile.m4) is HIGH_SIZE x TILE_SIZE output pixels by VECTORS vectors of output channels; weights stream once
per tile, [input block][tap][input channel][16]. Padding is the input's halo, so no bounds are checked; taps that would
read nothing but planes or rows of padding are passed over (taps.m4).
require(<|FUNCTION|>, <|BATCH|>, <|IN_START|>, <|IN_ROW|>, <|IN_PLANE|>, <|IN_BLOCK|>, <|IN_SAMPLE|>, <|OUT_ORIGIN|>, <|OUT_BLOCKS|>,
  <|K_D|>, <|K_H|>, <|K_W|>, <|S_D|>, <|S_H|>, <|S_W|>, <|DIL_D|>, <|DIL_H|>, <|DIL_W|>, <|GROUP_BLOCKS|>, <|LAST_CHANNELS|>,
  <|ROWS|>, <|WIDTH|>, <|TILE_SIZE|>, <|TILE_COUNT|>, <|TILE_COUNT1|>, <|HIGH_SIZE|>, <|HIGH_COUNT|>, <|HIGH_COUNT1|>, <|SHIFT_AT|>,
  <|JOINED_ROWS|>, <|STRIPS_FIRST|>, <|AHEAD|>)
m4_define(<|FULL_BLOCKS|>, m4_eval(GROUP_BLOCKS - (LAST_CHANNELS < 16)))
m4_define(<|HIGH_TILES|>, m4_eval(HIGH_COUNT + HIGH_COUNT1))
m4_include(<|cpu/tile.m4|>)
m4_include(<|cpu/taps.m4|>)

Weights that few tiles use stream from memory: meanwhile these tiles ask for the next output blocks', AHEAD floats a step.
m4_define(<|STRIP_TILES|>, m4_eval(TILE_COUNT + TILE_COUNT1))
m4_define(<|NEXT_PARAMETER|>, <|IF(AHEAD, <|const float *next, |>)|>)
m4_define(<|NEXT_ARGUMENT|>, <|IF(AHEAD, <|next, |>)|>)
m4_define(<|ASK_AHEAD|>, <|IF(AHEAD, <|FOR(<|I|>, 0, IF(PAIRED, <|m4_eval($1 - 1)|>, 0), <|
                prefetch (ahead<||>ADD_OFFSET(CHANNEL * AHEAD + I * OUT_BLOCK_WEIGHTS));|>)|>)|>)

MULTIPLY(COLS, PIXELS, VECTORS): one input channel: every pixel of the tile times 16 weights.
m4_define(<|MULTIPLY|>, <|{
                WEIGHTS_OF(<|$3|>, <|q<||>ADD_OFFSET(16 * CHANNEL)|>)FOR(<|P|>, 0, $2 - 1, <|
                MULTIPLY_ADD(<|$3|>, P, <|CHANNEL_OF(p, (P / $1) * X_ROW + P % $1 * S_W * 16)|>)|>)ASK_AHEAD(<|$3|>)
                STEP_END ();
              }|>)

CHANNELS(COUNT, COLS, PIXELS, VECTORS)
m4_define(<|NEXT_CHANNELS|>, <|q += m4_eval(16 * $1)<||>IF(AHEAD, <|, ahead += m4_eval(AHEAD * $1)|>)|>)
m4_define(<|CHANNELS|>, <|STEPS(<|$1|>, <|c|>, <|NEXT_CHANNELS|>, <|MULTIPLY(<|$2|>, <|$3|>, <|$4|>)|>)|>)

TAPS(BLOCK, COUNT, COLS, PIXELS, VECTORS): all taps of one block of input channels; the next block's pixels are asked for.
m4_define(<|TAPS|>, <|OF_BLOCK(<|$2|>, <|SOME_TAPS(kd, K_D, SOME_D, planes, <|SOME_TAPS(kh, K_H, SOME_H, rows, <|EACH_TAP(kw, K_W, <|m4_dnl
          {
            WEIGHTS_OF_TAP(<|$2|>)
            const float *p = $1<||>TAP(kd, K_D, DIL_D * IN_PLANE)<||>TAP(kh, K_H, DIL_H * IN_ROW)<||>TAP(kw, K_W, DIL_W * 16);
            IF(FULL_BLOCKS > 1 && $2 == 16, <|FOR(<|P|>, 0, $4 - 1, <|prefetch_soon (p<||>ADD_OFFSET(IN_BLOCK + (P / $3) * X_ROW + P % $3 * S_W * 16));
            |>)|>)
            CHANNELS(<|$2|>, <|$3|>, <|$4|>, <|$5|>)
          }|>)|>)|>)|>)|>)

TILE_OF(ROWS, COLS, VECTORS)
m4_define(<|TILE_OF|>, <|PIXELS_TILE(<|$1|>, <|$2|>, m4_eval($1 * $2), <|$3|>)|>)
m4_define(<|PIXELS_TILE|>, <|
COMMENT(<|$1 x $2 output pixels, CHANNELS_TEXT(<|$4|>). x: the first pixel's first tap; w: the block's weights; e: its place in
   the vectors behind them<||>IF(RES_SAMPLE >= 0, <|; r: the residual|>)<||>IF(AHEAD, <|; next: weights to ask for meanwhile|>).|>)
TILE
tile_$1x$2<||>SUFFIX(<|$4|>) (const float *x, const float *w, TAPS_PARAMETERS()NEXT_PARAMETER()const float *e, IF(RES_SAMPLE >= 0, <|const float *r, |>)float *y)
{
  VECTOR_LOOP()
    {
      const float *q = w<||>V()<||>IF(AHEAD, <|, *ahead = next|>);FOR(<|P|>, 0, $3 - 1, <|
      BIASES(<|$4|>, P)|>)
      IF(FULL_BLOCKS > 1, <|IF(WHOLE_TILE, <|FOR(<|BLOCK|>, 0, m4_eval(FULL_BLOCKS - 1), <|TAPS(<|x<||>ADD_OFFSET(BLOCK * IN_BLOCK)|>, 16, <|$2|>, <|$3|>, <|$4|>)|>)|>, <|const float *block = x;
      for (int b = 0; b < FULL_BLOCKS; b++, block += IN_BLOCK)
        TAPS(block, 16, <|$2|>, <|$3|>, <|$4|>)|>)|>)
      IF(FULL_BLOCKS == 1, <|TAPS(x, 16, <|$2|>, <|$3|>, <|$4|>)|>)
      IF(LAST_CHANNELS < 16, <|TAPS(x<||>ADD_OFFSET(FULL_BLOCKS * IN_BLOCK), LAST_CHANNELS, <|$2|>, <|$3|>, <|$4|>)|>)
      FOR(<|P|>, 0, $3 - 1, <|STORE_SUMS(<|$4|>, P, <|r<||>ADD_OFFSET((P / $2) * R_ROW + P % $2 * 16)|>,
      <|y<||>ADD_OFFSET((P / $2) * Y_ROW + P % $2 * 16)|>)|>)
    }
}
|>)
m4_define(<|FIRST_INDEX|>, <|IF(OUT_BLOCKS > 1, o, 0)|>)
From one row to the next; one that was joined from several counts as they do.
m4_define(<|X_ROW|>, m4_eval(JOINED_ROWS * S_H * IN_ROW))
m4_define(<|Y_ROW|>, m4_eval(JOINED_ROWS * OUT_ROW))
m4_define(<|R_ROW|>, m4_ifdef(<|RES_ROW|>, <|m4_eval(JOINED_ROWS * RES_ROW)|>, 0))
m4_define(<|R_ARGUMENT|>, <|IF(RES_SAMPLE >= 0, <|r, |>)|>)

TILES(ROWS, COLS, COUNT, VECTORS), STRIP(ROWS, VECTORS): all tiles of a strip of ROWS rows.
m4_define(<|ADVANCE|>, <|x += m4_eval($1 * S_W * 16), IF(AHEAD, <|next += m4_eval(OUT_BLOCK_WEIGHTS / 16 * AHEAD), |>)IF(RES_SAMPLE >= 0, <|r += m4_eval($1 * 16), |>)y += m4_eval($1 * 16)|>)
m4_define(<|TILES|>, <|m4_ifelse(<|$3|>, 0, <||>, <|$3|>, 1, <|tile_$1x$2<||>SUFFIX(<|$4|>) (x, k, TAPS_ARGUMENTS()NEXT_ARGUMENT()e, R_ARGUMENT()y);IF(TILE_COUNT1, <|
  ADVANCE(<|$2|>);|>)|>, <|for (int i = 0; i < $3; i++, ADVANCE(<|$2|>))
    tile_$1x$2<||>SUFFIX(<|$4|>) (x, k, TAPS_ARGUMENTS()NEXT_ARGUMENT()e, R_ARGUMENT()y);|>)|>)
m4_define(<|STRIP|>, <|
/* A strip of rows, tile by tile. */
static void
strip_$1<||>SUFFIX(<|$2|>) (const float *x, const float *k, TAPS_PARAMETERS()NEXT_PARAMETER()const float *e, IF(RES_SAMPLE >= 0, <|const float *r, |>)float *y)
{
  TILES(<|$1|>, TILE_SIZE, TILE_COUNT, <|$2|>)
  m4_ifelse(TILE_COUNT1, 0, <||>, <|TILES_LAST(<|$1|>, SMALLER, <|$2|>)|>)
}
|>)
m4_define(<|SMALLER|>, m4_eval(TILE_SIZE - 1))
m4_define(<|TILES_LAST|>, <|m4_ifelse(TILE_COUNT1, 1, <|tile_$1x$2<||>SUFFIX(<|$3|>) (x, k, TAPS_ARGUMENTS()NEXT_ARGUMENT()e, R_ARGUMENT()y);|>,
<|for (int i = 0; i < TILE_COUNT1; i++, ADVANCE(<|$2|>))
    tile_$1x$2<||>SUFFIX(<|$3|>) (x, k, TAPS_ARGUMENTS()NEXT_ARGUMENT()e, R_ARGUMENT()y);|>)|>)
TILES_AND_STRIP(ROWS, VECTORS), ALL_STRIPS(VECTORS): the functions.
m4_define(<|TILES_AND_STRIP|>, <|TILE_OF(<|$1|>, TILE_SIZE, <|$2|>)m4_ifelse(TILE_COUNT1, 0, <||>, <|TILE_OF(<|$1|>, SMALLER, <|$2|>)|>)STRIP(<|$1|>, <|$2|>)|>)
m4_define(<|ALL_STRIPS|>, <|TILES_AND_STRIP(HIGH_SIZE, <|$1|>)m4_ifelse(HIGH_COUNT1, 0, <||>, <|TILES_AND_STRIP(m4_eval(HIGH_SIZE - 1), <|$1|>)|>)|>)

CALL_STRIP(ROWS, VECTORS): the strip that begins at row h.
m4_define(<|ROW_AT|>, <|IF(HIGH_TILES > 1, <| + (size_t) h * m4_eval($1)|>)|>)
m4_define(<|CALL_STRIP|>, <|strip_$1<||>SUFFIX(<|$2|>) (px<||>ROW_AT(X_ROW), w<||>AT(o, OUT_TILES, m4_eval(TILE_BLOCKS * OUT_BLOCK_WEIGHTS)), TAPS_ARGUMENTS()IF(AHEAD, <|next<||>NEXT_AT, |>)w<||>AT(o, OUT_TILES, m4_eval(TILE_BLOCKS * 16)), IF(RES_SAMPLE >= 0, <|pr<||>ROW_AT(R_ROW), |>)py<||>ROW_AT(Y_ROW));|>)
NEXT_AT: the strip's share of the next output blocks' weights.
m4_define(<|SHARE|>, m4_eval(STRIP_TILES * (OUT_BLOCK_WEIGHTS / 16) * AHEAD))
m4_define(<|NEXT_AT|>, <|IF(STRIPS_FIRST, <||>, <|AT(h, HIGH_TILES, SHARE)<||>AT(d, OUT_D, m4_eval(HIGH_TILES * SHARE))|>)|>)
CALL_TILES(ROWS): the same for whole and last tiles of blocks.
m4_define(<|CALL_TILES|>, <|IF(LAST_BLOCKS, <|if (o < m4_eval(OUT_TILES - 1))
          CALL_STRIP(<|$1|>, VECTORS)
        else
          CALL_STRIP(<|$1|>, LAST_BLOCKS)|>, <|CALL_STRIP(<|$1|>, VECTORS)|>)|>)
The first row of strip h: strips of HIGH_SIZE rows come first.
m4_define(<|STRIPS|>, <|IF(HIGH_COUNT1 == 0, <|IF(HIGH_SIZE > 1 && HIGH_TILES > 1, <|h *= HIGH_SIZE;
      |>)CALL_TILES(HIGH_SIZE)|>, <|const int whole = h < HIGH_COUNT;
      h = whole ? h * HIGH_SIZE : h * m4_eval(HIGH_SIZE - 1) + HIGH_COUNT;
      if (whole)
        CALL_TILES(HIGH_SIZE)
      else
        CALL_TILES(m4_eval(HIGH_SIZE - 1))|>)|>)
m4_divert(0)m4_dnl
HEAD
TAPS_TABLES
ALL_STRIPS(VECTORS)m4_dnl
IF(LAST_BLOCKS, <|ALL_STRIPS(LAST_BLOCKS)|>)m4_dnl
CLEAR_HALO
IF(GROUPED, <|
/* The first block of input channels that each block of output channels reads, by its group. */
static const int first_block[] = { FIRST_BLOCK };
|>)
PROTOTYPE
  int first, last;
  CALL_CLEAR_HALO
  rescast_share (PRODUCT(BATCH, OUT_TILES, OUT_D, HIGH_TILES), t, n, &first, &last);
  for (int i = first; i < last; i++)
    {
      IF(STRIPS_FIRST, <|DECODE(i, o, OUT_TILES, h, HIGH_TILES, d, OUT_D, s, BATCH)|>, <|DECODE(i, h, HIGH_TILES, d, OUT_D, o, OUT_TILES, s, BATCH)|>)m4_dnl
const float *px = x<||>ADD_OFFSET(IN_START)<||>AT(s, BATCH, IN_SAMPLE)<||>IF(GROUPED, <| + (size_t) first_block[FIRST_INDEX] * IN_BLOCK|>)<||>AT(d, OUT_D, m4_eval(S_D * IN_PLANE));
      IF(RES_SAMPLE >= 0, <|const float *pr = residual<||>ADD_OFFSET(RES_ORIGIN)<||>AT(s, BATCH, RES_SAMPLE)<||>AT(o, OUT_TILES, m4_eval(TILE_BLOCKS * RES_BLOCK))<||>AT(d, OUT_D, RES_PLANE);|>)
      float *py = y<||>ADD_OFFSET(OUT_ORIGIN)<||>AT(s, BATCH, OUT_SAMPLE)<||>AT(o, OUT_TILES, m4_eval(TILE_BLOCKS * OUT_BLOCK))<||>AT(d, OUT_D, OUT_PLANE);
      IF(AHEAD, <|const float *next = w + (size_t) (o + 1) * m4_eval(TILE_BLOCKS * OUT_BLOCK_WEIGHTS);|>)
      TAPS_OF_STRIP(<|IF(HIGH_TILES > 1, h, 0)|>)
      STRIPS
    }
  IF(RES_SAMPLE < 0, <|UNUSED(residual)|>)
}
