m4_divert(-1)
Transposed convolution over blocks of channels: for each output phase a dense convolution of stride 1. A phase's
pixels lie S_W apart in a row, their inputs side by side. What is read beyond the input is its halo of zeros; taps that
would meet nothing else are left out along D and H.

A register tile is TILE_SIZE pixels of one phase by a block of channels, TILE_VECTORS vectors at a time; weights stream
once per tile, [phase][output block][tap][input channel][output channel of the block]. The phases of W take turns, so
that a row of the output is complete while it is in the cache.
require(<|FUNCTION|>, <|BATCH|>, <|IN_C|>, <|IN_BLOCKS|>, <|IN_ORIGIN|>, <|IN_ROW|>, <|IN_PLANE|>, <|IN_BLOCK|>,
  <|IN_SAMPLE|>, <|OUT_ORIGIN|>, <|OUT_BLOCKS|>, <|S_D|>, <|S_H|>, <|S_W|>, <|PHASES_D|>, <|PHASES_H|>, <|PHASES_W|>,
  <|COUNT_D|>, <|COUNT_H|>, <|COUNT_W|>, <|TAPS_D|>, <|TAPS_H|>, <|TAPS_W|>, <|ALL_TAPS_H|>, <|ALL_TAPS_W|>, <|CUT_D|>,
  <|CUT_H|>, <|TABLE_D|>, <|TABLE_H|>, <|TABLE_W|>, <|LAST_CHANNELS|>, <|TILE_SIZE|>, <|TILE_COUNT|>, <|TILE_COUNT1|>,
  <|BIAS_AT|>)
m4_define(<|FULL_BLOCKS|>, m4_eval(IN_BLOCKS - (LAST_CHANNELS < BLOCK)))
m4_include(<|cpu/tile.m4|>)
m4_define(<|SMALLER|>, m4_eval(TILE_SIZE - 1))

The number of taps along an axis: a literal where all phases have as many, else what the phase says.
m4_define(<|TAPS|>, <|IF(TAPS_$1 >= 0, TAPS_$1, <|p$2->taps|>)|>)
m4_define(<|TAPS_PARAMETER|>, <|IF(TAPS_$1 >= 0, <||>, <|, int taps_$2|>)|>)
m4_define(<|TAPS_ARGUMENT|>, <|IF(TAPS_$1 >= 0, <||>, <|, p$2->taps|>)|>)
m4_define(<|TAPS_HERE|>, <|IF(TAPS_$1 >= 0, TAPS_$1, taps_$2)|>)
m4_define(<|TAPS_LOOP|>, <|IF(CUT_$1, <|for (int k$2 = lo_$2; k$2 < hi_$2; k$2++)|>, <|LOOP(k$2, TAPS_HERE($1, m4_dnl
$2))|>)|>)
m4_define(<|TAPS_TERM|>, <|IF(CUT_$1, <| + k$2 * $3|>, <|TERM(k$2, TAPS_HERE($1, $2), $3)|>)|>)
m4_define(<|TAPS_AT|>, <|IF(CUT_$1, <| + (size_t) k$2 * $3|>, <|AT(k$2, TAPS_HERE($1, $2), <|$3|>)|>)|>)
Along D and H those from lo to hi - 1 meet the input.
m4_define(<|CUT_PARAMETER|>, <|IF(CUT_$1, <|, int lo_$2, int hi_$2|>)|>)
m4_define(<|CUT_ARGUMENT|>, <|IF(CUT_$1, <|, lo_$2, hi_$2|>)|>)
m4_define(<|CUT|>, <|IF(CUT_$1, <|const int at_$2 = p$2->first<||>IF(COUNT_$1 > 1, <| + $2|>);
      const int lo_$2 = at_$2 < 0 ? -at_$2 : 0;
      const int hi_$2 = at_$2 + TAPS($1, $2) > IN_$1 ? IN_$1 - at_$2 : TAPS($1, $2);|>)|>)
m4_define(<|D_PARAMETER|>, <|IF(CUT_D, <|CUT_PARAMETER(D, d)|>, <|TAPS_PARAMETER(D, d)|>)|>)
m4_define(<|D_ARGUMENT|>, <|IF(CUT_D, <|CUT_ARGUMENT(D, d)|>, <|TAPS_ARGUMENT(D, d)|>)|>)
m4_define(<|TILE_PARAMETERS|>, <|D_PARAMETER<||>TAPS_PARAMETER(H, h)<||>CUT_PARAMETER(H, h)<||>TAPS_PARAMETER(W, w)|>)
m4_define(<|TILE_ARGUMENTS|>, <|D_ARGUMENT<||>TAPS_ARGUMENT(H, h)<||>CUT_ARGUMENT(H, h)<||>TAPS_ARGUMENT(W, w)|>)
IS_CUT: taps are left out, so that the weights of one do not always follow those of the tap before.
m4_define(<|IS_CUT|>, <|m4_eval(CUT_D || CUT_H)|>)
WEIGHTS_AT: the place of a tap's weights.
m4_define(<|TAP_FLOATS|>, m4_eval(IN_C * BLOCK))
m4_define(<|WEIGHTS_AT|>, <|TAPS_AT(D, d, <|(FACTORS(TAPS_HERE(H, h), TAPS_HERE(W, w), TAP_FLOATS))|>)m4_dnl
TAPS_AT(H, h, <|(FACTORS(TAPS_HERE(W, w), TAP_FLOATS))|>)TAPS_AT(W, w, TAP_FLOATS)|>)

CHANNELS(COUNT, PIXELS): that many input channels: every pixel of the tile times their weights.
m4_define(<|CHANNELS|>, <|IF($1 > 1, <|for (int c = 0; c < $1; c++, q += BLOCK)|>)
            BRACED($1 > 1, <|WEIGHTS_OF(VECTORS, q)
              EACH_PIXEL(<|$2|>, <|MULTIPLY_ADD(VECTORS, P, <|p[IF($1 > 1, <|c<||>ADD_OFFSET(P * BLOCK)|>, m4_dnl
<|m4_eval(P * BLOCK)|>)]|>)|>)
              STEP_END ();|>)
            IF($1 == 1 && !IS_CUT, <|q += BLOCK;|>)|>)

TILE_OF(PIXELS): the function tile_PIXELS.
m4_define(<|IS_ONE_TAP|>, <|m4_eval(!IS_CUT && TAPS_D == 1 && TAPS_H == 1 && TAPS_W == 1)|>)
m4_define(<|TAP_BODY|>, <|const float *p = x<||>TAPS_TERM(D, d, IN_PLANE)TAPS_TERM(H, h, IN_ROW)TAPS_TERM(W, w, BLOCK);
          IF(IS_CUT, <|const float *q = w<||>V<||>WEIGHTS_AT;|>)
          IF(FULL_BLOCKS > 1, <|for (int b = 0; b < FULL_BLOCKS; b++, p += IN_BLOCK)|>)
          IF(FULL_BLOCKS > 0, <|CHANNELS(BLOCK, <|$1|>)|>)
          IF(FULL_BLOCKS == 1 && LAST_CHANNELS < BLOCK, <|p += IN_BLOCK;|>)
          IF(LAST_CHANNELS < BLOCK, <|CHANNELS(LAST_CHANNELS, <|$1|>)|>)|>)
m4_define(<|TILE_OF|>, <|
COMMENT(<|$1 pixels of a phase, BLOCK channels. x: the first pixel's first tap; w: the phase's weights; e: the
   block's place in the vectors behind them<||>R_TEXT.|>)
TILE
tile_$1 (const float *x, const float *w, const float *e, R_PARAMETER()float *y<||>TILE_PARAMETERS)
{
  EACH_TILE(<|IF(IS_CUT, <||>, <|const float *q = w<||>V;|>)
      EACH_PIXEL(<|$1|>, <|BIASES(VECTORS, P)|>)
      TAPS_LOOP(D, d)
      TAPS_LOOP(H, h)
      TAPS_LOOP(W, w)
      BRACED(!IS_ONE_TAP, <|TAP_BODY(<|$1|>)|>)
      EACH_PIXEL(<|$1|>, <|STORE_SUMS(VECTORS, P, <|r<||>ADD_OFFSET(P * S_W * BLOCK)|>, m4_dnl
<|y<||>ADD_OFFSET(P * S_W * BLOCK)|>)|>)|>)
}
|>)

TILES(PIXELS, COUNT): the next COUNT tiles of a row.
m4_define(<|ADVANCE|>, <|px += m4_eval($1 * BLOCK), m4_dnl
IF(HAS_R, <|pr += m4_eval($1 * S_W * BLOCK), |>)py += m4_eval($1 * S_W * BLOCK)|>)
m4_define(<|TILES|>, <|for (int j = 0; j < $2; j++, ADVANCE($1))
        tile_$1 (px, q, e, IF(HAS_R, <|pr, |>)py<||>TILE_ARGUMENTS);|>)
PHASE(AXIS, VAR): the phase's row of the table.
m4_define(<|PHASE|>, <|const struct phase *const p$2 = phases_$2<||>TERM(f$2, PHASES_$1, 1);|>)
BEFORE: the taps of the phases before this one. PHASE_TAPS: its own.
m4_define(<|BEFORE|>, <|pd->before<||>BY(m4_eval(ALL_TAPS_H * ALL_TAPS_W)) + FACTORS(TAPS(D, d), m4_dnl
<|(ph->before<||>BY(ALL_TAPS_W) + FACTORS(TAPS(H, h), pw->before))|>)|>)
m4_define(<|PHASE_TAPS|>, <|BY(TAPS(D, d))<||>BY(TAPS(H, h))<||>BY(TAPS(W, w))|>)
IS_BEYOND: this phase has fewer planes or rows of outputs than others, and these are none of them.
m4_define(<|IS_BEYOND|>, <|IF(COUNT_D > 1, <|d >= pd->count|>)<||>IF(COUNT_D > 1 && COUNT_H > 1, <| || |>)m4_dnl
IF(COUNT_H > 1, <|h >= ph->count|>)|>)
OFFSET(TENSOR): the phase's and the pixel's place in the output or the residual.
m4_define(<|ROW_OFFSET|>, <|AT(fh, PHASES_H, $1_ROW)AT(h, COUNT_H, m4_eval(S_H * $1_ROW))|>)
m4_define(<|OFFSET|>, <|ADD_OFFSET($1_ORIGIN)AT(s, BATCH, $1_SAMPLE)AT(o, OUT_BLOCKS, $1_BLOCK)AT(fd, PHASES_D, m4_dnl
$1_PLANE)m4_dnl
AT(d, COUNT_D, m4_eval(S_D * $1_PLANE))ROW_OFFSET(<|$1|>)AT(fw, PHASES_W, BLOCK)|>)
m4_define(<|INPUT_AT|>, <|(ADD_FIRST)AT(s, BATCH, IN_SAMPLE)AT(d, COUNT_D, IN_PLANE)AT(h, COUNT_H, IN_ROW)|>)
m4_define(<|ADD_FIRST|>, <|IF(IN_ORIGIN, <|IN_ORIGIN + |>)pd->first * IN_PLANE + ph->first * IN_ROW m4_dnl
+ pw->first * BLOCK|>)
m4_divert(0)m4_dnl
HEAD

/* One axis of an output phase: its filter's taps, those of the phases before it, the input that the first output's
   first tap meets, its outputs. */
struct phase
{
  int taps, before, first, count;
};

static const struct phase phases_d[] = { TABLE_D };
static const struct phase phases_h[] = { TABLE_H };
static const struct phase phases_w[] = { TABLE_W };
TILE_OF(TILE_SIZE)m4_dnl
IF(SMALLER, <|TILE_OF(SMALLER)|>)m4_dnl
CLEAR_HALO
PROTOTYPE
  CALL_CLEAR_HALO
  COMMENT(<|rows of units are phases of output blocks, columns the rows of a phase's pixels|>)
  struct rescast_runs r = rescast_runs (PRODUCT(OUT_BLOCKS, PHASES_D, PHASES_H), m4_dnl
PRODUCT(BATCH, COUNT_D, COUNT_H), n, t, n);
  for (; r.left > 0; rescast_next_run (&r))
    for (int i = r.column; i < r.end; i++)
      {
        DECODE(r.row, fh, PHASES_H, fd, PHASES_D, o, OUT_BLOCKS)
        DECODE(i, h, COUNT_H, d, COUNT_D, s, BATCH)
        PHASE(D, d)
        PHASE(H, h)
        IF(COUNT_D > 1 || COUNT_H > 1, <|if (IS_BEYOND)
          continue;|>)
        CUT(D, d)
        CUT(H, h)
        LOOP(fw, PHASES_W)
          BRACED(PHASES_W > 1, <|PHASE(W, w)
            COMMENT(<|the phases before this one have so many taps|>)
            const int before = BEFORE;
            const float *q = w + IF(OUT_BLOCKS > 1, m4_dnl
<|((size_t) before * OUT_BLOCKS + (size_t) o<||>PHASE_TAPS)|>, <|(size_t) before|>) * TAP_FLOATS;
            const float *e = w<||>AT(o, OUT_BLOCKS, BLOCK);
            const float *px = x + INPUT_AT;
            IF(HAS_R, <|const float *pr = residual<||>OFFSET(<|RES|>);|>)
            float *py = y<||>OFFSET(<|OUT|>);
            COMMENT(<|a phase with an output less than others has a smaller tile instead of a larger one|>)
            const int shorter = COUNT_W - pw->count;
            TILES(TILE_SIZE, TILE_COUNT - shorter)
            IF(SMALLER, <|TILES(SMALLER, IF(TILE_COUNT1, <|TILE_COUNT1 + |>)shorter)|>)|>)
      }
  IF(HAS_R, <||>, <|UNUSED(residual)|>)
}
