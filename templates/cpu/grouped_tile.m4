m4_divert(-1)
The register tiles of convolutions of small groups, and rows of them. The including template defines
- X_ROW, TAP_ROW, TAP_PLANE: how far rows of the tile, of the window and its planes are apart in what the tile reads;
- LANES_OF_V: where the lanes of vector v begin there;
- GROUP_CHANNELS: the inputs of a group; CHANNELS (ROWS, COLS, FIRST): CHANNEL_TAPS for all of them;
- SPREAD (OFFSET, CHANNEL): the pixel at p + OFFSET, in each lane that channel of its group;
- WEIGHT (TAP, CHANNEL): the weights of all lanes for one tap of a row at q.
m4_define(<|HIGH_TILES|>, m4_eval(HIGH_COUNT + HIGH_COUNT1))
m4_define(<|SMALLER|>, m4_eval(TILE_SIZE - 1))
The weights of so many taps of a row are kept in registers.
m4_define(<|TAPS|>, 3)
LAST_TAP(FIRST): of the taps that are multiplied together with FIRST.
m4_define(<|LAST_TAP|>, <|IF($1 + TAPS <= K_W, <|m4_eval($1 + TAPS - 1)|>, <|m4_eval(K_W - 1)|>)|>)

MEETS(PIXEL, TAP, COLS): does input PIXEL of the tile's row belong to one of its outputs at TAP? OUTPUT(PIXEL, TAP): which.
m4_define(<|MEETS|>, <|m4_eval($1 >= $2 * DIL_W && ($1 - $2 * DIL_W) % S_W == 0 && ($1 - $2 * DIL_W) / S_W < $3)|>)
m4_define(<|OUTPUT|>, <|m4_eval(($1 - $2 * DIL_W) / S_W)|>)
PRODUCTS(PIXEL, FIRST, COLS, ROW): the multiply-adds of input PIXEL with the taps from FIRST on.
m4_define(<|PRODUCTS|>, <|FOR(<|TAP|>, $2, LAST_TAP(<|$2|>), <|m4_ifelse(MEETS($1, TAP, $3), 1, <| a<||>m4_eval($4 * $3 + OUTPUT($1, TAP)) += u * w<||>m4_eval(TAP - $2);|>)|>)|>)
ONE_PIXEL(SUMS, PIXEL, ROW, CHANNEL): the pixel is read where there are SUMS to add it to.
m4_define(<|ONE_PIXEL|>, <|m4_ifelse(<|$1|>, <||>, <||>, <|
          u = SPREAD(<|$3 * X_ROW + $2 * 16|>, $4);$1|>)|>)
CHANNEL_TAPS(ROWS, COLS, CHANNEL, FIRST): all pixels of the tile's rows, one channel, the taps from FIRST on.
m4_define(<|CHANNEL_TAPS|>, <|{
          vec u, FOR(<|TAP|>, $4, LAST_TAP(<|$4|>), <|m4_ifelse(TAP, $4, <||>, <|, |>)w<||>m4_eval(TAP - $4) = WEIGHT(TAP, $3)|>);FOR(<|ROW|>, 0, m4_eval($1 - 1), <|FOR(<|PIXEL|>, 0, m4_eval(($2 - 1) * S_W + (K_W - 1) * DIL_W), <|ONE_PIXEL(PRODUCTS(PIXEL, $4, $2, ROW), PIXEL, ROW, $3)|>)|>)
          STEP_END ();
        }
        |>)

TILE_OF(ROWS, COLS)
m4_define(<|TILE_OF|>, <|
COMMENT(<|$1 x $2 output pixels, 16 channels. x: the first pixel's first tap; w: the block's weights; e: its place in the
   vectors behind them<||>IF(RES_SAMPLE >= 0, <|; r: the residual|>).|>)
TILE
tile_$1x$2 (const float *x, const float *w, const float *e, IF(RES_SAMPLE >= 0, <|const float *r, |>)float *y)
{
  for (int v = 0; v < 16; v += VL)
    {
      const float *q = w + v;
      vec FOR(<|P|>, 0, m4_eval($1 * $2 - 1), <|IF(P, <|, |>)a<||>P = vload (e + SHIFT_AT + v)|>);
      LOOP(kd, K_D)
      LOOP(kh, K_H)
      {
        const float *p = x + LANES_OF_V<||>TERM(kd, K_D, TAP_PLANE)<||>TERM(kh, K_H, TAP_ROW);
        FOR(<|CHUNK|>, 0, m4_eval((K_W - 1) / TAPS), <|CHANNELS(<|$1|>, <|$2|>, m4_eval(CHUNK * TAPS))|>)m4_dnl
IF(K_D * K_H > 1, <|q += m4_eval(K_W * GROUP_CHANNELS * 16);|>)
      }FOR(<|P|>, 0, m4_eval($1 * $2 - 1), <|
      EPILOGUE(a<||>P, <|e + v|>, <|r<||>ADD_OFFSET((P / $2) * R_ROW + P % $2 * 16) + v|>)
      vstore (y<||>ADD_OFFSET((P / $2) * OUT_ROW + P % $2 * 16) + v, a<||>P);|>)
    }
}
|>)
m4_define(<|R_ROW|>, m4_ifdef(<|RES_ROW|>, <|RES_ROW|>, 0))
m4_define(<|R_ARGUMENT|>, <|IF(RES_SAMPLE >= 0, <|r, |>)|>)

CALL_TILES(ROWS, COLS, COUNT): COUNT tiles side by side.
m4_define(<|ADVANCE|>, <|x += m4_eval($1 * S_W * 16), IF(RES_SAMPLE >= 0, <|r += m4_eval($1 * 16), |>)y += m4_eval($1 * 16)|>)
m4_define(<|CALL_TILES|>, <|m4_ifelse(<|$3|>, 0, <||>, <|
  IF($3 > 1, <|for (int i = 0; i < $3; i++, ADVANCE(<|$2|>))
    |>)tile_$1x$2 (x, w, e, R_ARGUMENT()y);|>)|>)
STRIP_OF(ROWS): the tiles of a strip of ROWS rows.
m4_define(<|STRIP_OF|>, <|TILE_OF(<|$1|>, TILE_SIZE)m4_ifelse(TILE_COUNT1, 0, <||>, <|TILE_OF(<|$1|>, SMALLER)|>)
COMMENT(<|A strip of the output<||>IF($1 > 1, <|, $1 rows high|>), tile by tile.|>)
static void
strip_$1 (const float *x, const float *w, const float *e, IF(RES_SAMPLE >= 0, <|const float *r, |>)float *y)
{CALL_TILES(<|$1|>, TILE_SIZE, TILE_COUNT)
  IF(TILE_COUNT == 1 && TILE_COUNT1, <|ADVANCE(TILE_SIZE);|>)CALL_TILES(<|$1|>, SMALLER, TILE_COUNT1)
}
|>)
m4_define(<|ALL_TILES|>, <|STRIP_OF(HIGH_SIZE)m4_ifelse(HIGH_COUNT1, 0, <||>, <|STRIP_OF(m4_eval(HIGH_SIZE - 1))|>)|>)

FIRST_ROW(H): of strip H; strips of HIGH_SIZE rows come first.
m4_define(<|FIRST_ROW|>, <|IF(HIGH_COUNT1 == 0, <|$1<||>IF(HIGH_SIZE > 1, <| * HIGH_SIZE|>)|>,
  <|$1 < HIGH_COUNT ? $1 * HIGH_SIZE : $1 * m4_eval(HIGH_SIZE - 1) + HIGH_COUNT|>)|>)
FIND_ROW, ROW_INDEX: the first row of strip h.
m4_define(<|ROW_INDEX|>, <|IF(HIGH_SIZE > 1, row, h)|>)
m4_define(<|FIND_ROW|>, <|IF(HIGH_SIZE > 1 && HIGH_TILES > 1, <|const int row = FIRST_ROW(h);
      |>)|>)
POINTERS: to the strip's output and residual.
m4_define(<|POINTERS|>, <|IF(RES_SAMPLE >= 0, <|const float *pr = residual<||>ADD_OFFSET(RES_ORIGIN)<||>AT(s, BATCH, RES_SAMPLE)<||>AT(o, OUT_BLOCKS, RES_BLOCK)<||>AT(d, OUT_D, RES_PLANE)<||>AT(ROW_INDEX, HIGH_TILES, RES_ROW);|>)
      float *py = y<||>ADD_OFFSET(OUT_ORIGIN)<||>AT(s, BATCH, OUT_SAMPLE)<||>AT(o, OUT_BLOCKS, OUT_BLOCK)<||>AT(d, OUT_D, OUT_PLANE)<||>AT(ROW_INDEX, HIGH_TILES, OUT_ROW);|>)
CALL_STRIP(X): the strip that reads X.
m4_define(<|STRIP_ARGUMENTS|>, <|($1, w<||>AT(o, OUT_BLOCKS, OUT_BLOCK_WEIGHTS), w<||>AT(o, OUT_BLOCKS, 16), IF(RES_SAMPLE >= 0, <|pr, |>)py);|>)
m4_define(<|CALL_STRIP|>, <|m4_ifelse(HIGH_COUNT1, 0, <|strip_<||>HIGH_SIZE STRIP_ARGUMENTS(<|$1|>)|>, <|if (h < HIGH_COUNT)
        strip_<||>HIGH_SIZE STRIP_ARGUMENTS(<|$1|>)
      else
        strip_<||>m4_eval(HIGH_SIZE - 1) STRIP_ARGUMENTS(<|$1|>)|>)|>)
