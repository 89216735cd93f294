m4_divert(-1)
Convolution of groups of LANES input and LANES output channels, 1 (depthwise), 2, 4 or 8, in bf16 16 too, which share
blocks of channels: any window, stride, dilation and padding, in 2-D and 3-D.

One vector of inputs is permuted so that each lane has a channel of its own group (vspread of the vector vocabulary),
and multiplied by the weights of all lanes at once: LANES multiply-adds a tap in place of a whole block's. A register
tile is HIGH_SIZE x TILE_SIZE output pixels by one vector; a permuted input meets every tap of a row of the window whose
output it belongs to. Weights: [tap][channel of the group][output channel of the block], in bf16 with more than one
lane [tap][pair of channels][output channel of the block][2]. Padding is the input's halo, so no bounds are checked.
require(<|FUNCTION|>, <|BATCH|>, <|IN_START|>, <|IN_ROW|>, <|IN_PLANE|>, <|IN_BLOCK|>, <|IN_SAMPLE|>, <|OUT_ORIGIN|>,
  <|OUT_BLOCKS|>, <|K_D|>, <|K_H|>, <|K_W|>, <|S_D|>, <|S_H|>, <|S_W|>, <|DIL_D|>, <|DIL_H|>, <|DIL_W|>, <|LANES|>,
  <|OUT_BLOCK_WEIGHTS|>, <|TILE_SIZE|>, <|TILE_COUNT|>, <|TILE_COUNT1|>, <|HIGH_SIZE|>, <|HIGH_COUNT|>, <|HIGH_COUNT1|>,
  <|BIAS_AT|>, <|RES_SAMPLE|>)
IF(IS_BF16(<|IN|>), <|m4_define(<|WEIGHT_TYPE|>, bf16)|>)
m4_define(<|IN_PAIRS|>, <|m4_eval(IS_BF16(<|IN|>) && LANES > 1)|>)
m4_include(<|cpu/grouped_tile.m4|>)
m4_define(<|X_ROW|>, m4_eval(S_H * IN_ROW))
m4_define(<|TAP_ROW|>, m4_eval(DIL_H * IN_ROW))
m4_define(<|TAP_PLANE|>, m4_eval(DIL_D * IN_PLANE))
m4_define(<|GROUP_CHANNELS|>, LANES)
Vectors of fewer than 8 or 16 lanes are parts of such a group.
m4_define(<|LANES_OF_V|>, <|IF(LANES >= 8 && VECTOR_LANES < LANES, <| + v / LANES * LANES|>, <|V|>)|>)
PERMUTED(OFFSET, CHANNEL): that channel of each lane's group, of the pixel at p + OFFSET.
m4_define(<|PERMUTED|>, <|IF(LANES == 1, <|LOAD(<|IN|>, <|p<||>ADD_OFFSET(<|$1|>)|>)|>, m4_dnl
<|vspread<||>IF(IN_PAIRS, _pairs)<||>LANES (p<||>ADD_OFFSET(<|$1|>), $2)|>)|>)
m4_define(<|WEIGHT|>, <|IF(IN_PAIRS, <|vpairs (q<||>ADD_OFFSET(($1 * LANES + 2 * $2) * BLOCK))|>, m4_dnl
<|LOAD_WEIGHTS(<|q<||>ADD_OFFSET(($1 * LANES + $2) * BLOCK)|>)|>)|>)
m4_define(<|IS_ONE_STEP|>, <|m4_eval(LANES == 1 && K_W <= TAPS)|>)
m4_define(<|STEPS_OF_GROUP|>, <|IF(IN_PAIRS, m4_eval(LANES / 2), LANES)|>)
m4_define(<|CHANNELS|>, <|FOR(<|CHANNEL|>, 0, m4_eval(STEPS_OF_GROUP - 1), <|BRACED(!IS_ONE_STEP, m4_dnl
<|CHANNEL_TAPS(<|$1|>, <|$2|>, CHANNEL, <|$3|>)|>)
        |>)|>)
m4_divert(0)m4_dnl
HEAD
ALL_TILES()m4_dnl
CLEAR_HALO
PROTOTYPE
  EPILOGUE_VECTORS
  CALL_CLEAR_HALO
  EACH_UNIT(OUT_BLOCKS, PRODUCT(BATCH, OUT_D, HIGH_TILES))
    {
      ROW_OF_UNIT(o, OUT_BLOCKS, PRODUCT(BATCH, OUT_D, HIGH_TILES))
      DECODE(i, h, HIGH_TILES, d, OUT_D, s, BATCH)
      FIND_ROW
      const IN_TYPE *px = x<||>ADD_OFFSET(IN_START)AT(s, BATCH, IN_SAMPLE)AT(o, OUT_BLOCKS, IN_BLOCK)m4_dnl
AT(d, OUT_D, m4_eval(S_D * IN_PLANE))AT(STRIP_ROW, HIGH_TILES, X_ROW);
      POINTERS
      CALL_STRIP(px)
    }
  IF(HAS_R, <||>, <|UNUSED(residual)|>)
}
