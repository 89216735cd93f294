m4_divert(-1)
The register tile of dense convolutions in bf16: so many pixels, wherever they lie, by TILE_BLOCKS halves of a block of
output channels, or by TILE_VECTORS vectors of such a half. The including template defines
- EACH_STEP(BODY): BODY for every k-step of an output, with p, from the pixel's first tap to the step's inputs, and
  q, the step's weights, found from the block's and the half's at first;
- STEP_PARAMETERS(), STEP_ARGUMENTS(): what that needs, each with a comma behind;
- ARGUMENTS: those of a tile's function, in parentheses.

A step's inputs are laid side by side first: as the pairs that they are where the target multiplies pairs
(PAIR_PRODUCTS), as floats elsewhere. Weights, for each block of output channels: [k-step][half of 16 output
channels][16 pairs of input channels][output channel][2], of which STEP_PAIRS are not padding.
require(<|OUT_C|>, <|OUT_BLOCKS|>, <|STEP_PAIRS|>, <|TILE_SIZE|>, <|TILE_COUNT1|>, <|TILE_BLOCKS|>, <|TILE_VECTORS|>,
  <|BIAS_AT|>, <|PAIR_PRODUCTS|>, <|RES_SAMPLE|>)
m4_define(<|WEIGHT_TYPE|>, bf16)
m4_define(<|HALF|>, 16)
m4_define(<|STEP_WEIGHTS|>, m4_eval(BLOCK * BLOCK))
m4_define(<|HALF_WEIGHTS|>, m4_eval(BLOCK * HALF))
m4_define(<|PAIRED|>, m4_eval(TILE_BLOCKS > 1))
m4_define(<|HAS_R|>, <|m4_eval(RES_SAMPLE >= 0)|>)
m4_define(<|R_PARAMETER|>, <|IF(HAS_R, <|const RES_TYPE *r, |>)|>)
m4_define(<|R_ARGUMENT|>, <|IF(HAS_R, <|r, |>)|>)
m4_define(<|SMALLER|>, m4_eval(TILE_SIZE - 1))
Of the last block of outputs the second half may be nothing but padding.
m4_define(<|HALF_EMPTY|>, <|m4_eval((OUT_C - 1) % BLOCK < HALF)|>)

ACC(P, I): the sum of pixel P and vector I. EACH(VECTORS, BODY): BODY with I from 0 on, comma between.
EACH_PIXEL(PIXELS, BODY): BODY with P from 0 on, a line each.
m4_define(<|ACC|>, <|a$1_$2|>)
m4_define(<|EACH|>, <|FOR(<|I|>, 0, m4_eval($1 - 1), <|IF(I, <|, |>)$2|>)|>)
m4_define(<|EACH_PIXEL|>, <|FOR(<|P|>, 0, m4_eval($1 - 1), <|$2
          |>)|>)
NTH(I): the weights of vector I behind those of vector 0.
m4_define(<|NTH|>, <|IF(PAIRED, <|ADD_OFFSET($1 * HALF_WEIGHTS)|>, m4_dnl
<|m4_ifelse($1, 0, <||>, <| + m4_eval(2 * $1) * VL|>)|>)|>)

LINE(PIXELS): the step's inputs, side by side.
m4_define(<|LINE_TYPE|>, <|IF(PAIR_PRODUCTS, bf16, float)|>)
m4_define(<|LAY_OUT|>, <|EACH_PIXEL(<|$1|>, <|IF(PAIR_PRODUCTS,
  <|memcpy (line<||>ADD_OFFSET(P * BLOCK), x + (at->in[P] + p), sizeof (bf16[BLOCK]));|>,
  <|vwiden (line<||>ADD_OFFSET(P * BLOCK), x + (at->in[P] + p));|>)|>)|>)
MULTIPLY(PIXELS, VECTORS): one pair of input channels, number c: its weights at q.
m4_define(<|PRODUCTS_OF_PAIRS|>, <|const pairs EACH(<|$2|>, <|w<||>I = vpairs (q<||>NTH(I))|>);
              EACH_PIXEL(<|$1|>, <|const pairs x<||>P = vpair (line + (2 * c<||>ADD_OFFSET(P * BLOCK)));
              EACH(<|$2|>, <|ACC(P, I) = vdot (ACC(P, I), w<||>I, x<||>P)|>);|>)
              STEP_END ();|>)
m4_define(<|PRODUCTS_OF_FLOATS|>, <|FOREACH(<|NUMBER|>, <|first, second|>, <|{
                const vec EACH(<|$2|>, <|w<||>I = v<||>NUMBER (vpairs (q<||>NTH(I)))|>);
                EACH_PIXEL(<|$1|>, <|EACH(<|$2|>, <|ACC(P, I) += line[2 * c<||>ADD_OFFSET(P * BLOCK<||>m4_dnl
m4_ifelse(NUMBER, second, <| + 1|>))] * w<||>I|>);|>)
                STEP_END ();
              }
              |>)|>)
m4_define(<|MULTIPLY|>, <|for (int c = 0; c < STEP_PAIRS; c++, q += m4_eval(2 * HALF))
            {
              IF(PAIR_PRODUCTS, <|PRODUCTS_OF_PAIRS(<|$1|>, <|$2|>)|>, <|PRODUCTS_OF_FLOATS(<|$1|>, <|$2|>)|>)
            }|>)

SUMS(PIXELS, VECTORS): the sums of VECTORS vectors, the first of them V behind the block's first channel.
m4_define(<|BIASES|>, <|vec EACH(<|$1|>, <|ACC(P, I) = vload (e<||>ADD_OFFSET(BIAS_AT)<||>V<||>VECTOR(I))|>);|>)
m4_define(<|SUMS|>, <|EACH_PIXEL(<|$1|>, <|BIASES(<|$2|>)|>)
      EACH_STEP(<|LAY_OUT(<|$1|>)
          MULTIPLY(<|$1|>, <|$2|>)|>)
      EACH_PIXEL(<|$1|>, <|FOR(<|I|>, 0, m4_eval($2 - 1), <|EPILOGUE(ACC(P, I), <|e<||>V<||>VECTOR(I)|>, m4_dnl
<|r + at->res[P]<||>V<||>VECTOR(I)|>)
      STORE(<|OUT|>, <|y + at->out[P]<||>V<||>VECTOR(I)|>, <|ACC(P, I)|>);
      |>)|>)|>)
CHANNELS(HALVES): the channels of so many halves. FIRST_WEIGHTS: those of the vector V behind the first.
m4_define(<|CHANNELS|>, <|m4_eval($1 * HALF)|>)
m4_define(<|FIRST_WEIGHTS|>, <|IF(VECTOR_LANES * TILE_VECTORS == HALF, <|v * m4_eval(HALF_WEIGHTS / HALF)|>, m4_dnl
<|v / HALF * HALF_WEIGHTS + v % HALF * 2|>)|>)
m4_define(<|TILE_BODY|>, <|IF(PAIRED, <|m4_pushdef(<|V|>, <||>)m4_dnl
const bf16 *const first = w;
      SUMS(<|$1|>, <|$2|>)<||>m4_popdef(<|V|>)|>, <|m4_pushdef(<|V|>, <| + v<||>|>)m4_dnl
for (int v = 0; v < CHANNELS(<|$2|>); v += IF(TILE_VECTORS > 1, <|TILE_VECTORS * |>)VL)
        {
          const bf16 *const first = w + (FIRST_WEIGHTS);
          SUMS(<|$1|>, TILE_VECTORS)
        }m4_popdef(<|V|>)|>)|>)

SUFFIX(HALVES): of the functions' names. TILE_OF(PIXELS, HALVES): the function tile_PIXELS.
m4_define(<|SUFFIX|>, <|m4_ifelse(<|$1|>, 1, <|_half|>)|>)
m4_define(<|CLEAR_REST|>, <|IF($2 == 1, <|EACH_PIXEL(<|$1|>, m4_dnl
<|memset (y + at->out[P] + HALF, 0, sizeof (OUT_TYPE[HALF]));|>)|>)|>)
m4_define(<|TILE_OF|>, <|
COMMENT(<|$1 output pixels, CHANNELS(<|$2|>) channels. x: their first taps, at->in behind; w: m4_dnl
the block's weights; e: its place
   in the vectors behind them<||>IF(HAS_R, <|; r: the residual|>).|>)
TILE
tile_$1<||>SUFFIX(<|$2|>) (const IN_TYPE *x, const bf16 *w, const float *e, STEP_PARAMETERS()m4_dnl
const struct pixels *at, m4_dnl
R_PARAMETER()OUT_TYPE *y)
{
  _Alignas (64) LINE_TYPE line[m4_eval($1 * BLOCK)];
  TILE_BODY(<|$1|>, <|$2|>)
  CLEAR_REST(<|$1|>, <|$2|>)
}
|>)
ALL_TILES: all functions that there are. CALL(PIXELS): of the one for PIXELS pixels and block o of outputs.
m4_define(<|BOTH_SIZES|>, <|TILE_OF(TILE_SIZE, <|$1|>)IF(TILE_COUNT1, <|TILE_OF(SMALLER, <|$1|>)|>)|>)
m4_define(<|ALL_TILES|>, <|IF(OUT_C > HALF, <|BOTH_SIZES(2)|>)IF(HALF_EMPTY, <|BOTH_SIZES(1)|>)|>)
m4_define(<|CALL|>, <|IF(HALF_EMPTY && OUT_BLOCKS > 1, <|if (o < m4_eval(OUT_BLOCKS - 1))
            tile_$1 ARGUMENTS;
          else
            tile_$1_half ARGUMENTS;|>, <|tile_$1<||>SUFFIX(m4_eval(2 - HALF_EMPTY)) ARGUMENTS;|>)|>)
PIXELS_TYPE: of a tile's pixels.
m4_define(<|PIXELS_TYPE|>, <|
/* Where the pixels of a tile lie, in elements from the first one of a plane. */
struct pixels
{
  int in[TILE_SIZE], out[TILE_SIZE]<||>IF(HAS_R, <|, res[TILE_SIZE]|>);
};
|>)
