m4_divert(-1)
What register tiles have in common: VECTORS sums per pixel, either TILE_VECTORS vectors of one block of output channels
or one vector, which is a whole block, of each of TILE_BLOCKS neighbouring blocks.
require(<|TILE_BLOCKS|>, <|TILE_VECTORS|>)
m4_define(<|VECTORS|>, m4_eval(TILE_BLOCKS * TILE_VECTORS))
m4_define(<|PAIRED|>, m4_eval(TILE_BLOCKS > 1))
Tiles over all blocks; whether the last of them has fewer blocks than the others, and how many then.
m4_define(<|OUT_TILES|>, m4_eval((OUT_BLOCKS + TILE_BLOCKS - 1) / TILE_BLOCKS))
m4_define(<|LAST_BLOCKS|>, m4_eval(OUT_BLOCKS % TILE_BLOCKS))
SUFFIX(VECTORS): of the names of the last tile's functions.
m4_define(<|SUFFIX|>, <|m4_ifelse(<|$1|>, VECTORS, <||>, <|_last|>)|>)
CHANNELS_TEXT(VECTORS): for comments.
m4_define(<|CHANNELS_TEXT|>, <|m4_eval($1 / TILE_VECTORS * BLOCK) channels|>)
The residual's pixels, of functions that add one: as a parameter, as an argument, and for comments.
m4_define(<|HAS_R|>, <|m4_eval(RES_SAMPLE >= 0)|>)
m4_define(<|R_PARAMETER|>, <|IF(HAS_R, <|const RES_TYPE *r, |>)|>)
m4_define(<|R_ARGUMENT|>, <|IF(HAS_R, <|r, |>)|>)
m4_define(<|R_TEXT|>, <|IF(HAS_R, <|; r: the residual|>)|>)
m4_define(<|RES_BLOCK_OR_0|>, <|m4_ifdef(<|RES_BLOCK|>, <|RES_BLOCK|>, 0)|>)
m4_define(<|RES_ROW_OR_0|>, <|m4_ifdef(<|RES_ROW|>, <|RES_ROW|>, 0)|>)

EACH_TILE(BODY): BODY for a block's vectors, TILE_VECTORS at a time and V behind its first channel.
m4_define(<|EACH_TILE|>, <|IF(PAIRED, <|m4_pushdef(<|V|>, <||>)$1<||>m4_popdef(<|V|>)|>,
  <|EACH_VECTOR(TILE_VECTORS, <|$1|>)|>)|>)
ACC(P, V): the sum of pixel P and vector V.
m4_define(<|ACC|>, <|a$1_$2|>)
NTH(V, STRIDE): the offset of vector V where blocks lie STRIDE floats apart.
m4_define(<|NTH|>, <|IF(PAIRED, <|ADD_OFFSET($1 * $2)|>, <|VECTOR($1)|>)|>)
EACH(VECTORS, BODY): BODY with I from 0 on, comma between.
m4_define(<|EACH|>, <|FOR(<|I|>, 0, m4_eval($1 - 1), <|IF(I, <|, |>)$2|>)|>)
EACH_PIXEL(PIXELS, BODY): BODY with P from 0 on, a line each.
m4_define(<|EACH_PIXEL|>, <|FOR(<|P|>, 0, m4_eval($1 - 1), <|$2
      |>)|>)
MULTIPLY_ADD(VECTORS, P, INPUT): pixel P's sums.
m4_define(<|MULTIPLY_ADD|>, <|EACH(<|$1|>, <|ACC($2, I) += $3 * w<||>I|>);|>)
WEIGHTS_OF(VECTORS, Q): w0 … from Q.
m4_define(<|WEIGHTS_OF|>, <|vec EACH(<|$1|>, <|w<||>I = LOAD_WEIGHTS(<|$2<||>NTH(I, OUT_BLOCK_WEIGHTS)|>)|>);|>)
BIASES(VECTORS, P), ZEROS(VECTORS, P): pixel P's sums begin with the bias at e, with 0.
m4_define(<|BIASES|>, <|vec EACH(<|$1|>, <|ACC($2, I) = vload (e<||>ADD_OFFSET(BIAS_AT)<||>VECTOR(I)<||>V)|>);|>)
m4_define(<|ZEROS|>, <|vec EACH(<|$1|>, <|ACC($2, I) = vsplat (0)|>);|>)
STORE_SUMS(VECTORS, P, R, Y): the epilogue, and the stores to Y; R: the pixel's residual. SUMS_TO: the tensor whose
elements Y has.
m4_define(<|SUMS_TO|>, <|OUT|>)
m4_define(<|STORE_SUMS|>, <|FOR(<|I|>, 0, m4_eval($1 - 1), <|
      EPILOGUE(ACC($2, I), <|e<||>V<||>VECTOR(I)|>, <|$3<||>V<||>NTH(I, RES_BLOCK_OR_0)|>)
      STORE(SUMS_TO, <|$4<||>V<||>NTH(I, OUT_BLOCK)|>, <|ACC($2, I)|>);|>)|>)

WHOLE_TILE: no loop is left in a tile.
m4_define(<|WHOLE_TILE|>, <|m4_eval(UNROLL > 2)|>)
EACH_TAP(VAR, COUNT, BODY): a loop over one axis of the window, or BODY for each tap. TAP(VAR, COUNT, STRIDE): its
offset.
m4_define(<|EACH_TAP|>, <|IF(WHOLE_TILE, <|FOR(<|TAP_$1|>, 0, m4_eval($2 - 1), <|$3
 |>)|>, <| LOOP($1, $2)
$3|>)|>)
m4_define(<|TAP|>, <|IF(WHOLE_TILE, <|ADD_OFFSET(TAP_$1 * $3)|>, <|TERM($1, $2, m4_eval($3))|>)|>)

STEPS(COUNT, VAR, ADVANCE, BODY): BODY for COUNT input channels, written out as far as UNROLL says: 0: each in a step of
a loop of its own, 1: four, 2: all. ADVANCE(N): what moves on by N channels, comma between. In BODY, CHANNEL is the
channel in its step, and CHANNEL_OF(P, OFFSET) is P's element at the channel and OFFSET.
m4_define(<|STEP_OF|>, <|IF(UNROLL == 0, 1, <|IF(UNROLL > 1 || $1 <= 4, $1, <|IF($1 % 4, 1, 4)|>)|>)|>)
m4_define(<|STEPS|>, <|STEPS_OF(<|$1|>, STEP_OF($1), <|$2|>, <|$3|>, <|$4|>)|>)
m4_define(<|STEPS_OF|>, <|m4_pushdef(<|CHANNEL_LOOP|>, m4_ifelse($1, $2, <||>, <|$3|>))m4_dnl
IF($1 == $2, <|WRITTEN_OUT_STEPS($2, <|$5|>)
$4($2);|>, <|for (int $3 = 0; $3 < $1; m4_ifelse($2, 1, <|$3++|>, <|$3 += $2|>), $4($2))
{
WRITTEN_OUT_STEPS($2, <|$5|>)
}|>)m4_popdef(<|CHANNEL_LOOP|>)|>)
m4_define(<|WRITTEN_OUT_STEPS|>, <|FOR(<|CHANNEL|>, 0, m4_eval($1 - 1), <|BRACED($1 > 1, <|$2|>)
 |>)|>)
m4_define(<|CHANNEL_OF|>, <|$1<||>[m4_ifelse(CHANNEL_LOOP, <||>, <|m4_eval(CHANNEL + $2)|>,
  <|CHANNEL_LOOP<||>ADD_OFFSET(CHANNEL + $2)|>)]|>)
