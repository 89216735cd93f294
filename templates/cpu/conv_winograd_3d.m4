m4_divert(-1)
A 3x3x3 convolution with stride 1 by Winograd's F(WINO_D x WINO x WINO, 3 x 3 x 3). The faces of a transformed tile,
SIDE_D of them along D, are taken two at a time: 0 and infinity, then a point and its negative, which share what they
read and what they add to the output. So a block's inputs, inputs[face][position][in block] [tile][channel of the
block], and sums, sums[face][position][tile][output channel of the block], are those of two faces, and more tiles use a
weight from the cache. The outputs gather in y itself; the epilogue follows the last pair. Weights: [out
block][face][position][in channel][output channel of the block].
require(<|FUNCTION|>, <|WINO|>, <|WINO_D|>, <|TILES_D|>, <|TILES_H|>, <|TILES_W|>, <|BLOCK_TILES|>,
  <|POSITION|>, <|TILE_SIZE|>, <|TILE_COUNT|>, <|TILE_COUNT1|>, <|IN_START|>, <|IN_BLOCKS|>, <|LAST_CHANNELS|>,
  <|OUT_BLOCK_WEIGHTS|>, <|SCRATCH_BYTES|>)
m4_include(<|cpu/winograd_transform.m4|>)
m4_include(<|cpu/winograd_multiply.m4|>)
IF(STAGED_PANELS, <|m4_include(<|cpu/winograd_stages.m4|>)|>)
m4_define(<|INPUT_OF_SHARED|>, <|FOR(<|N|>, 0, PAIRS - 1, <|
          transform_pair_<||>N (x<||>AT(b, IN_BLOCKS, IN_BLOCK)TILE_IN(<|IN|>), m4_dnl
INPUTS_OF_TILE<||>ADD_OFFSET(N * PASS_POSITIONS * POSITION));|>)|>)
m4_define(<|OUTPUT_OF_SHARED|>, <|OUTPUT_PLACES(ob, HAS_R)FOR(<|N|>, 0, PAIRS - 1, <|
          gather_pair_<||>N (GATHER_ARGUMENTS(N, <|SUMS_OF_TILE<||>ADD_OFFSET(N * PASS_SUMS)|>, ob));|>)|>)
Faces lie in the order of the depth: 0, infinity and the others become 0, the last and 1, 2, ….
m4_define(<|WEIGHTS_POSITION|>, <|(k < FACE ? k : k < m4_eval(2 * FACE) ? k + m4_eval((SIDE_D - 2) * FACE) : m4_dnl
k - FACE)|>)
IS_LAST(P): is it the pair behind which the epilogue follows?
m4_define(<|IS_LAST|>, <|m4_eval($1 == PAIRS - 1)|>)
m4_define(<|ENDS_WITH_R|>, <|m4_eval(IS_LAST($1) && HAS_R)|>)

TRANSFORM_PAIR(P): the function transform_pair_P. Column by column both faces are formed, a0 … and b0 …, and transformed
along H; then row by row along W.
m4_define(<|BOTH_OF_COLUMN|>, <|FOR(<|I|>, 0, m4_eval(SIDE - 1), <|
          INPUT_PAIR(WINO_D, $1, <|p<||>ADD_OFFSET(I * IN_ROW)|>, IN_PLANE, I)|>)|>)
m4_define(<|TRANSFORM_COLUMN|>, <|{
            INPUT_1D(WINO, $1, o)STORE_ALL(o, SIDE, $2, <|SIDE * VL|>)
          }|>)
m4_define(<|TRANSFORM_BOTH|>, <|_Alignas (64) float t[2][FACE * VL];
      for (int j = 0; j < SIDE; j++)
        {
          const float *p = x + BLOCK * j<||>V;BOTH_OF_COLUMN(<|$1|>)
          float *q = t[0] + j * VL, *s = t[1] + j * VL;
          TRANSFORM_COLUMN(a, q)
          TRANSFORM_COLUMN(b, s)
        }
      for (int z = 0; z < 2; z++)
        {
          float *to = y + (size_t) z * m4_eval(FACE * POSITION)<||>V;
          TRANSFORM_ROWS(t[z], to, POSITION)
        }|>)
m4_define(<|TRANSFORM_PAIR|>, <|
COMMENT(<|Faces FIRST_FACE($1) and SECOND_FACE($1) of one tile of one block of channels: position i
   of a face lies at y + i * POSITION.|>)
static void
transform_pair_$1 (const float *x, float *y)
{
  EACH_VECTOR(1, <|TRANSFORM_BOTH(<|$1|>)|>)
}
|>)

PLANE(P, K, VALUE): plane K of the output, when there is one, becomes VALUE.
m4_define(<|PLANE|>, <|IF($2, <|if (planes > $2)|>)
          IF(IS_LAST($1), <|{
            vec o = bias + ($3);
            EPILOGUE(o, <|e<||>V|>, <|pr<||>MULTIPLE($2, RES_PLANE)|>)
            vstore (q<||>MULTIPLE($2, OUT_PLANE), o);
          }|>, <|vstore (q<||>MULTIPLE($2, OUT_PLANE), $3);|>)
          |>)
SO_FAR(K): what plane K has gathered.
m4_define(<|SO_FAR|>, <|vload (q<||>MULTIPLE($1, OUT_PLANE))|>)
m4_define(<|SUM_AND_DIFFERENCE|>, <|const vec s = a + b, d = $1<||>(a - b);
          |>)
ADD_TO(P, K, VALUE): VALUE is added to plane K.
m4_define(<|ADD_TO|>, <|PLANE($1, $2, <|SO_FAR($2) + $3|>)|>)
GATHER_0, GATHER_1, GATHER_2: what each pair gives to the planes of the output.
m4_define(<|GATHER_0|>, <|m4_ifelse(WINO_D, 2, <|PLANE(0, 0, a)PLANE(0, 1, <|-b|>)|>, <|PLANE(0, 0, a)PLANE(0, m4_dnl
3, b)|>)|>)
m4_define(<|GATHER_1|>, <|m4_ifelse(WINO_D, 2, <|SUM_AND_DIFFERENCE()ADD_TO(1, 0, s)ADD_TO(1, 1, d)|>,
<|SUM_AND_DIFFERENCE(<|SQRT1_2 * |>)ADD_TO(1, 0, s)PLANE(1, 1, d)PLANE(1, 2, <|0.5F * s|>)ADD_TO(1, 3, m4_dnl
<|0.5F * d|>)|>)|>)
m4_define(<|GATHER_2|>, <|SUM_AND_DIFFERENCE(<|SQRT2 * |>)ADD_TO(2, 0, s)ADD_TO(2, 1, d)m4_dnl
ADD_TO(2, 2, <|2.0F * s|>)ADD_TO(2, 3, <|2.0F * d|>)|>)
GATHER_PAIR(P): the function gather_pair_P.
m4_define(<|GATHER_BOTH|>, <|TWO_FACES
      IF(IS_LAST($1), <|const vec bias = vload (e<||>ADD_OFFSET(BIAS_AT)<||>V);|>)
      EACH_PIXEL_OF_BOTH(<|float *q = y + i * OUT_ROW<||>ADD_OFFSET(BLOCK * J)<||>V;
            IF(ENDS_WITH_R($1), <|const float *pr = r + i * RES_ROW<||>ADD_OFFSET(BLOCK * J)<||>V;|>)
            GATHER_$1|>)|>)
m4_define(<|GATHER_PAIR|>, <|
COMMENT(<|What one tile's faces FIRST_FACE($1) and SECOND_FACE($1) give to planes x rows x cols pixels<||>m4_dnl
IF(IS_LAST($1), <|, and the
   epilogue; e: the block's place in its vectors|>).|>)
static void
gather_pair_$1 (const float *sums, IF(IS_LAST($1), <|const float *e, R_PARAMETER()|>)float *y, int planes, m4_dnl
int rows, int cols)
{
  EACH_VECTOR(1, <|GATHER_BOTH(<|$1|>)|>)
}
|>)

PAIR(P): all tiles' share of one pair of faces.
GATHER_ARGUMENTS(P, SUMS, BLOCK): of gather_pair_P for one tile of a block. OUTPUT_PLACES(BLOCK, WITH_R): the tile's
places in it of the output and, if WITH_R, of the residual.
m4_define(<|OUTPUT_PLACES|>, <|const size_t at = (size_t) $1 * OUT_BLOCK<||>TILE_IN(<|OUT|>);
            IF($2, <|const float *pr = r + (size_t) $1 * RES_BLOCK<||>TILE_IN(<|RES|>);|>)|>)
m4_define(<|GATHER_ARGUMENTS|>, <|$2, IF(IS_LAST($1), <|w + BLOCK * $3, IF(HAS_R, <|pr, |>)|>)y + at, m4_dnl
LEFT(OUT_D, d, WINO_D), LEFT(OUT_H, h, WINO), LEFT(OUT_W, j, WINO)|>)
m4_define(<|PAIR|>, <|
COMMENT(<|One pair of faces. COLUMNS_TEXT and output blocks [ob, ob_end) of one sample.|>)
static void
pair_$1 (const float *x, const float *w, IF(IS_LAST($1), <|R_PARAMETER()|>)float *y, float *scratch, m4_dnl
COLUMNS_PARAMETERS()int ob, int ob_end)
{
  float *const inputs = scratch, *const sums = scratch + m4_eval(2 * FACE * POSITION);
  TILES_OF_COLUMNS
  STEP_OF_COLUMNS
  LOOP(b, IN_BLOCKS)
    for (int i = first; i < end; i++)
      {
        TILE_AT
        transform_pair_$1 (x<||>AT(b, IN_BLOCKS, IN_BLOCK)TILE_IN(<|IN|>), INPUTS_OF_TILE);
      }
  NEXT_BLOCKS
    {
      const float *q = w + (size_t) ob * OUT_BLOCK_WEIGHTS<||>ADD_OFFSET(FIRST_FACE($1) * FACE * IN_C * BLOCK);
      MULTIPLY_FACE(inputs, sums)
      q += m4_eval((SECOND_FACE($1) - FIRST_FACE($1)) * FACE * IN_C * BLOCK);
      MULTIPLY_FACE(<|inputs + m4_eval(FACE * POSITION)|>, <|sums + m4_eval(FACE * SUMS)|>)
      EACH_BLOCK
        for (int i = first; i < end; i++)
          {
            TILE_AT
            OUTPUT_PLACES(THIS_BLOCK, ENDS_WITH_R($1))
            gather_pair_$1 (GATHER_ARGUMENTS($1, <|THESE_SUMS|>, THIS_BLOCK));
          }
    }
}
|>)
m4_divert(0)m4_dnl
HEAD
MULTIPLY_FUNCTIONS(VECTORS)m4_dnl
IF(LAST_BLOCKS, <|MULTIPLY_FUNCTIONS(LAST_BLOCKS)|>)m4_dnl
FOR(<|N|>, 0, PAIRS - 1, <|TRANSFORM_PAIR(N)GATHER_PAIR(N)PAIR(N)|>)
COMMENT(<|COLUMNS_TEXT and output blocks [ob, ob_end) of one sample.|>)
static void
tiles (const float *x, const float *w, R_PARAMETER()float *y, float *scratch, COLUMNS_PARAMETERS()int ob, int ob_end)
{
  FOR(<|N|>, 0, PAIRS - 1, <|pair_<||>N (x, w, IF(ENDS_WITH_R(N), <|r, |>)y, scratch, COLUMNS_ARGUMENTS()ob, ob_end);
  |>)
}
CLEAR_HALO
IF(STAGED_PANELS, <|STAGE_FUNCTIONS<||>|>)m4_dnl
SHARE
