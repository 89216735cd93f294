m4_divert(-1)
The register tiles of convolutions of small groups, and rows of them. The including template defines
- X_ROW, TAP_ROW, TAP_PLANE: how far rows of the tile, of the window and its planes are apart in what the tile reads;
- LANES_OF_V: " + v" or where else the lanes of vector v begin there;
- GROUP_CHANNELS: the inputs of a group; CHANNELS(ROWS, COLS, FIRST): CHANNEL_TAPS for all of them;
- PERMUTED(OFFSET, CHANNEL): the pixel at p + OFFSET, in each lane that channel of its group;
- WEIGHT(TAP, CHANNEL): the weights of all lanes for one tap of a row at q;
- IN_PAIRS: 1 where inputs and weights are pairs of bf16 numbers, and a CHANNEL is a pair of them.
FACTOR_TYPE: what is multiplied. ADD_PRODUCT(SUM, U, W): their product, added.
m4_define(<|FACTOR_TYPE|>, <|IF(IN_PAIRS, pairs, vec)|>)
m4_define(<|ADD_PRODUCT|>, <|IF(IN_PAIRS, <|$1 = vdot ($1, $3, $2);|>, <|$1 += $2 * $3;|>)|>)
m4_define(<|WEIGHTS_OF_V|>, <|IF(IN_PAIRS, <| + 2 * v|>, <|V|>)|>)
m4_define(<|TILE_IN_TYPE|>, <|IN_TYPE|>)
m4_define(<|HIGH_TILES|>, m4_eval(HIGH_COUNT + HIGH_COUNT1))
m4_define(<|LOWER|>, m4_eval(HIGH_SIZE - 1))
m4_define(<|SMALLER|>, m4_eval(TILE_SIZE - 1))
m4_define(<|HAS_R|>, <|m4_eval(RES_SAMPLE >= 0)|>)
m4_define(<|R_PARAMETER|>, <|IF(HAS_R, <|const RES_TYPE *r, |>)|>)
m4_define(<|R_ARGUMENT|>, <|IF(HAS_R, <|r, |>)|>)
m4_define(<|R_ROW|>, m4_ifdef(<|RES_ROW|>, <|RES_ROW|>, 0))
The weights of so many taps of a row are kept in registers.
m4_define(<|TAPS|>, 3)
LAST_TAP(FIRST): of the taps that are multiplied together with FIRST.
m4_define(<|LAST_TAP|>, <|IF($1 + TAPS <= K_W, <|m4_eval($1 + TAPS - 1)|>, <|m4_eval(K_W - 1)|>)|>)

MEETS(PIXEL, TAP, COLS): does input PIXEL of the tile's row belong to one of its outputs at TAP? OUTPUT(PIXEL, TAP):
which.
m4_define(<|FROM_TAP|>, <|($1 - $2 * DIL_W)|>)
m4_define(<|MEETS|>, <|m4_eval(FROM_TAP($1, $2) >= 0 && FROM_TAP($1, $2) % S_W == 0 && FROM_TAP($1, $2) / S_W < $3)|>)
m4_define(<|OUTPUT|>, <|m4_eval(FROM_TAP($1, $2) / S_W)|>)
PRODUCTS(PIXEL, FIRST, COLS, ROW): the multiply-adds of input PIXEL with the taps from FIRST on.
m4_define(<|PRODUCTS|>, <|FOR(<|TAP|>, $2, LAST_TAP(<|$2|>), <|IF(MEETS($1, TAP, $3), <| m4_dnl
ADD_PRODUCT(<|a<||>m4_eval($4 * $3 + OUTPUT($1, TAP))|>, u, <|w<||>m4_eval(TAP - $2)|>)|>)|>)|>)
ONE_PIXEL(SUMS, PIXEL, ROW, CHANNEL): the pixel is read where there are SUMS to add it to.
m4_define(<|ONE_PIXEL|>, <|m4_ifelse(<|$1|>, <||>, <||>, <|
          u = PERMUTED(<|$3 * X_ROW + $2 * BLOCK|>, $4);$1|>)|>)
CHANNEL_TAPS(ROWS, COLS, CHANNEL, FIRST): all pixels of the tile's rows, one channel, the taps from FIRST on.
m4_define(<|WEIGHTS_OF_TAPS|>, <|FOR(<|TAP|>, $2, LAST_TAP(<|$2|>), <|, w<||>m4_eval(TAP - $2) = WEIGHT(TAP, $1)|>)|>)
m4_define(<|INPUT_COLS|>, <|m4_eval(($1 - 1) * S_W + (K_W - 1) * DIL_W)|>)
m4_define(<|CHANNEL_TAPS|>, <|FACTOR_TYPE u<||>WEIGHTS_OF_TAPS(<|$3|>, <|$4|>);FOR(<|ROW|>, 0, m4_eval($1 - 1), <|m4_dnl
FOR(<|PIXEL|>, 0, INPUT_COLS(<|$2|>), <|ONE_PIXEL(PRODUCTS(PIXEL, $4, $2, ROW), PIXEL, ROW, $3)|>)|>)
          STEP_END ();|>)

TILE_OF(ROWS, COLS): the function tile_ROWSxCOLS.
m4_define(<|EACH_PIXEL|>, <|FOR(<|P|>, 0, m4_eval($1 - 1), <|$2|>)|>)
m4_define(<|TILE_BODY|>, <|const WEIGHT_TYPE *q = w<||>WEIGHTS_OF_V;
      vec EACH_PIXEL(<|$1 * $2|>, <|IF(P, <|, |>)a<||>P = vload (e<||>ADD_OFFSET(BIAS_AT)<||>V)|>);
      LOOP(kd, K_D)
      LOOP(kh, K_H)
      BRACED(K_D * K_H > 1, <|const TILE_IN_TYPE *p = x<||>LANES_OF_V<||>TERM(kd, K_D, TAP_PLANE)TERM(kh, K_H, TAP_ROW);
        FOR(<|CHUNK|>, 0, m4_eval((K_W - 1) / TAPS), <|CHANNELS(<|$1|>, <|$2|>, m4_eval(CHUNK * TAPS))|>)m4_dnl
IF(K_D * K_H > 1, <|q += m4_eval(K_W * GROUP_CHANNELS * BLOCK);|>)|>)EACH_PIXEL(<|$1 * $2|>, <|
      EPILOGUE(a<||>P, <|e<||>V|>, <|r<||>ADD_OFFSET((P / $2) * R_ROW + P % $2 * BLOCK)<||>V|>)
      STORE(<|OUT|>, <|y<||>ADD_OFFSET((P / $2) * OUT_ROW + P % $2 * BLOCK)<||>V|>, a<||>P);|>)|>)
m4_define(<|TILE_OF|>, <|
COMMENT(<|$1 x $2 output pixels, BLOCK channels. x: the first pixel's first tap; w: the block's weights; e: its
   place in the vectors behind them<||>IF(HAS_R, <|; r: the residual|>).|>)
TILE
tile_$1x$2 (const TILE_IN_TYPE *x, const WEIGHT_TYPE *w, const float *e, R_PARAMETER()OUT_TYPE *y)
{
  EACH_VECTOR(1, <|TILE_BODY(<|$1|>, <|$2|>)|>)
}
|>)

STRIP_OF(ROWS): the tiles of a strip of ROWS rows. CALL_TILES(ROWS, COLS, COUNT): COUNT tiles side by side.
m4_define(<|ADVANCE|>, <|x += m4_eval($1 * S_W * BLOCK), IF(HAS_R, <|r += m4_eval($1 * BLOCK), m4_dnl
|>)y += m4_eval($1 * BLOCK)|>)
m4_define(<|CALL_TILES|>, <|IF($3 > 1, <|for (int i = 0; i < $3; i++, ADVANCE(<|$2|>))|>)
    IF($3, <|tile_$1x$2 (x, w, e, R_ARGUMENT()y);|>)|>)
m4_define(<|STRIP_OF|>, <|TILE_OF(<|$1|>, TILE_SIZE)IF(TILE_COUNT1, <|TILE_OF(<|$1|>, SMALLER)|>)
COMMENT(<|A strip of the output<||>IF($1 > 1, <|, $1 rows high|>), tile by tile.|>)
static void
strip_$1 (const TILE_IN_TYPE *x, const WEIGHT_TYPE *w, const float *e, R_PARAMETER()OUT_TYPE *y)
{
  CALL_TILES(<|$1|>, TILE_SIZE, TILE_COUNT)
  IF(TILE_COUNT == 1 && TILE_COUNT1, <|ADVANCE(TILE_SIZE);|>)
  CALL_TILES(<|$1|>, SMALLER, TILE_COUNT1)
}
|>)
m4_define(<|ALL_TILES|>, <|STRIP_OF(HIGH_SIZE)IF(HIGH_COUNT1, <|STRIP_OF(LOWER)|>)|>)

FIND_ROW, STRIP_ROW: the first row of strip h; strips of HIGH_SIZE rows come first.
m4_define(<|FIRST_ROW|>, <|IF(HIGH_COUNT1, <|h < HIGH_COUNT ? h * HIGH_SIZE : h<||>BY(LOWER) + HIGH_COUNT|>,
  <|h<||>BY(HIGH_SIZE)|>)|>)
m4_define(<|STRIP_ROW|>, <|IF(HIGH_SIZE > 1, row, h)|>)
m4_define(<|FIND_ROW|>, <|IF(HIGH_SIZE > 1 && HIGH_TILES > 1, <|const int row = FIRST_ROW;|>)|>)
POINTERS: to the strip's output and residual.
m4_define(<|POINTERS|>, <|IF(HAS_R, m4_dnl
<|const RES_TYPE *pr = residual<||>RES_PLANE_AT()AT(STRIP_ROW, HIGH_TILES, RES_ROW);|>)
      OUT_TYPE *py = y<||>OUT_PLANE_AT()AT(STRIP_ROW, HIGH_TILES, OUT_ROW);|>)
EPILOGUE_AT: the block's place in the vectors behind the weights, which are floats.
m4_define(<|EPILOGUE_AT|>, <|IF(IS_BF16(<|IN|>), e, w)<||>AT(o, OUT_BLOCKS, BLOCK)|>)
m4_define(<|EPILOGUE_VECTORS|>, <|IF(IS_BF16(<|IN|>), <|const float *const e = weights;|>)|>)
CALL_STRIP(X): the strip that reads X.
m4_define(<|STRIP_ARGUMENTS|>, <|($1, w<||>AT(o, OUT_BLOCKS, OUT_BLOCK_WEIGHTS), EPILOGUE_AT, m4_dnl
IF(HAS_R, <|pr, |>)py)|>)
m4_define(<|CALL_STRIP|>, <|IF(HIGH_COUNT1, <|if (h < HIGH_COUNT)
        strip_<||>HIGH_SIZE STRIP_ARGUMENTS(<|$1|>);
      else
        strip_<||>LOWER STRIP_ARGUMENTS(<|$1|>);|>, <|strip_<||>HIGH_SIZE STRIP_ARGUMENTS(<|$1|>);|>)|>)
