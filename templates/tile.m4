m4_divert(-1)
What register tiles have in common: VECTORS sums per pixel, either TILE_VECTORS vectors of one block of 16 output channels,
in a loop over the block (v), or one vector of each of TILE_BLOCKS neighbouring blocks.
require(<|TILE_BLOCKS|>, <|TILE_VECTORS|>)
m4_define(<|VECTORS|>, m4_eval(TILE_BLOCKS * TILE_VECTORS))
m4_define(<|PAIRED|>, m4_eval(TILE_BLOCKS > 1))
Tiles over all blocks; whether the last of them has fewer blocks than the others, and how many then.
m4_define(<|OUT_TILES|>, m4_eval((OUT_BLOCKS + TILE_BLOCKS - 1) / TILE_BLOCKS))
m4_define(<|LAST_BLOCKS|>, m4_eval(OUT_BLOCKS % TILE_BLOCKS))
SUFFIX(VECTORS): of the names of the last tile's functions.
m4_define(<|SUFFIX|>, <|m4_ifelse(<|$1|>, VECTORS, <||>, <|_last|>)|>)
CHANNELS_TEXT(VECTORS): for comments.
m4_define(<|CHANNELS_TEXT|>, <|m4_eval($1 / TILE_VECTORS * 16) channels|>)
m4_define(<|A|>, <|a$1_$2|>)

VECTOR_LOOP(): the loop's head; V(): " + v" in it. Both are nothing where a vector is a block.
m4_define(<|VECTOR_LOOP|>, <|IF(PAIRED, <||>, <|for (int v = 0; v < 16; v += IF(TILE_VECTORS > 1, <|TILE_VECTORS * |>)VL)|>)|>)
m4_define(<|V|>, <|IF(PAIRED, <||>, <| + v|>)|>)
NTH(V, STRIDE): the offset of vector V where blocks lie STRIDE floats apart.
m4_define(<|NTH|>, <|IF(PAIRED, <|ADD_OFFSET($1 * $2)|>, <|VECTOR($1)|>)|>)
EACH(VECTORS, BODY): BODY with I from 0 on, comma between.
m4_define(<|EACH|>, <|FOR(<|I|>, 0, m4_eval($1 - 1), <|IF(I, <|, |>)$2|>)|>)
MULTIPLY_ADD(VECTORS, P, INPUT): pixel P's sums.
m4_define(<|MULTIPLY_ADD|>, <|EACH(<|$1|>, <|A($2, I) += $3 * w<||>I|>);|>)
WEIGHTS_OF(VECTORS, Q): w0 … from Q.
m4_define(<|WEIGHTS_OF|>, <|vec EACH(<|$1|>, <|w<||>I = vload ($2<||>NTH(I, OUT_BLOCK_WEIGHTS))|>);|>)
BIASES(VECTORS, P): pixel P's sums begin with the shift at e.
m4_define(<|BIASES|>, <|vec EACH(<|$1|>, <|A($2, I) = vload (e + SHIFT_AT<||>VECTOR(I)<||>V())|>);|>)
STORE_SUMS(VECTORS, P, R, Y): the epilogue, and the stores to Y; R: the pixel's residual.
m4_define(<|STORE_SUMS|>, <|FOR(<|I|>, 0, m4_eval($1 - 1), <|
      EPILOGUE(A($2, I), <|e<||>V()<||>VECTOR(I)|>, <|$3<||>V()<||>NTH(I, RES_BLOCK_OR_0)|>)
      vstore ($4<||>V()<||>NTH(I, OUT_BLOCK), A($2, I));|>)|>)
m4_define(<|RES_BLOCK_OR_0|>, <|m4_ifdef(<|RES_BLOCK|>, <|RES_BLOCK|>, 0)|>)
