m4_divert(-1)
A 3x3 convolution of planes with stride 1 by Winograd's F(WINO x WINO, 3 x 3). A block of BLOCK_TILES tiles: their
inputs transformed, inputs[position][in block][tile][channel of the block]; then for a block of output channels at a
time the products of every position, sums[position][tile][output channel of the block], transformed back. Weights: [out
block][position][in channel][output channel of the block].
require(<|FUNCTION|>, <|WINO|>, <|WINO_D|>, <|TILES_D|>, <|TILES_H|>, <|TILES_W|>, <|BLOCK_TILES|>,
  <|POSITION|>, <|TILE_SIZE|>, <|TILE_COUNT|>, <|TILE_COUNT1|>, <|IN_START|>, <|IN_BLOCKS|>, <|LAST_CHANNELS|>,
  <|OUT_BLOCK_WEIGHTS|>, <|SCRATCH_BYTES|>)
m4_include(<|cpu/winograd_transform.m4|>)
m4_include(<|cpu/winograd_multiply.m4|>)
IF(STAGED_PANELS, <|m4_include(<|cpu/winograd_stages.m4|>)|>)
m4_define(<|INPUT_OF_SHARED|>, <|transform_input (x<||>AT(b, IN_BLOCKS, IN_BLOCK)TILE_IN(<|IN|>), INPUTS_OF_TILE);|>)
m4_define(<|OUTPUT_OF_SHARED|>, <|OUTPUT_PLACES(ob)
          transform_output (SUMS_OF_TILE, OUTPUT_ARGUMENTS(ob));|>)
m4_define(<|WEIGHTS_POSITION|>, k)
The places of a tile in block B of the output and of the residual; what transform_output is told beside its sums.
m4_define(<|OUTPUT_PLACES|>, <|const size_t at = (size_t) $1 * OUT_BLOCK<||>TILE_IN(<|OUT|>);
            IF(HAS_R, <|const float *pr = r + (size_t) $1 * RES_BLOCK<||>TILE_IN(<|RES|>);|>)|>)
m4_define(<|OUTPUT_ARGUMENTS|>, <|w + BLOCK * $1, IF(HAS_R, <|pr, |>)y + at, m4_dnl
LEFT(OUT_H, h, WINO), LEFT(OUT_W, j, WINO)|>)
OUTPUT_ROW: a row of outputs of a tile, of which the last may be outside of the tensor.
m4_define(<|OUTPUT_ROW|>, <|const float *p = t + i * SIDE * VL;LOAD_ALL(m, SIDE, p, VL)
          OUTPUT_1D(WINO, m, o)FOR(<|I|>, 0, WINO - 1, <|
          IF(I, <|if (cols > I)|>)
            {
              vec a = o<||>I + bias;
              EPILOGUE(a, <|e<||>V|>, <|r + i * RES_ROW<||>ADD_OFFSET(BLOCK * I)<||>V|>)
              vstore (y + i * OUT_ROW<||>ADD_OFFSET(BLOCK * I)<||>V, a);
            }|>)|>)
m4_divert(0)m4_dnl
HEAD

COMMENT(<|One tile of one block of channels, transformed: position i lies at y + i * POSITION.|>)
static void
transform_input (const float *x, float *y)
{
  EACH_VECTOR(1, <|_Alignas (64) float t[FACE * VL];
      TRANSFORM_FACE(<|x<||>V|>, BLOCK, IN_ROW, <|y<||>V|>, POSITION)|>)
}
MULTIPLY_FUNCTIONS(VECTORS)m4_dnl
IF(LAST_BLOCKS, <|MULTIPLY_FUNCTIONS(LAST_BLOCKS)|>)m4_dnl

/* The sums of one tile back to rows x cols pixels; e: the block's place in the epilogue's vectors. */
static void
transform_output (const float *sums, const float *e, R_PARAMETER()float *y, int rows, int cols)
{
  EACH_VECTOR(1, <|_Alignas (64) float t[m4_eval(WINO * SIDE) * VL];
      OUTPUT_COLUMNS(<|sums<||>V|>, SUMS)
      const vec bias = vload (e<||>ADD_OFFSET(BIAS_AT)<||>V);
      for (int i = 0; i < rows; i++)
        {
          OUTPUT_ROW
        }|>)
}

COMMENT(<|COLUMNS_TEXT and output blocks [ob, ob_end) of one sample.|>)
static void
tiles (const float *x, const float *w, R_PARAMETER()float *y, float *scratch, COLUMNS_PARAMETERS()int ob, int ob_end)
{
  float *const inputs = scratch, *const sums = scratch + m4_eval(FACE * POSITION);
  TILES_OF_COLUMNS
  STEP_OF_COLUMNS
  LOOP(b, IN_BLOCKS)
    for (int i = first; i < end; i++)
      {
        TILE_AT
        transform_input (x<||>AT(b, IN_BLOCKS, IN_BLOCK)TILE_IN(<|IN|>), INPUTS_OF_TILE);
      }
  NEXT_BLOCKS
    {
      const float *q = w + (size_t) ob * OUT_BLOCK_WEIGHTS;
      MULTIPLY_FACE(inputs, sums)
      EACH_BLOCK
        for (int i = first; i < end; i++)
          {
            TILE_AT
            OUTPUT_PLACES(THIS_BLOCK)
            transform_output (THESE_SUMS, OUTPUT_ARGUMENTS(THIS_BLOCK));
          }
    }
}
CLEAR_HALO
IF(STAGED_PANELS, <|STAGE_FUNCTIONS<||>|>)m4_dnl
SHARE
