m4_divert(-1)
A 1x1 convolution by one step of Strassen's algorithm, which multiplies two 2 x 2 matrices of blocks with seven
products. The blocks are the halves of the pixels, of the input channels and of the output channels. What is called a
tile here is a pair of pixels, number i and i + TILES_W, and a position one of the seven products; IN_C, IN_BLOCKS and
OUT_BLOCKS count one half. A block of BLOCK_TILES pairs: their sums, inputs[product][in block][pair][channel of the
block]; then for a block of output channels of either half at a time the products, sums[product][pair][output channel of
the block], combined. Weights: [out block][product][in channel][output channel of the block].
require(<|FUNCTION|>, <|BATCH|>, <|TILES_W|>, <|BLOCK_TILES|>, <|POSITION|>, <|TILE_SIZE|>,
  <|TILE_COUNT|>, <|TILE_COUNT1|>, <|IN_START|>, <|IN_C|>, <|IN_BLOCKS|>, <|OUT_BLOCKS|>, <|OUT_BLOCK_WEIGHTS|>,
  <|SCRATCH_BYTES|>)
m4_define(<|WHOLE_OUT_BLOCKS|>, OUT_BLOCKS)
m4_define(<|OUT_GROUPS|>, <|WHOLE_OUT_BLOCKS|>)
m4_define(<|IN_C|>, m4_eval(IN_C / 2))
m4_define(<|IN_BLOCKS|>, m4_eval(IN_BLOCKS / 2))
m4_define(<|OUT_BLOCKS|>, m4_eval(OUT_BLOCKS / 2))
m4_define(<|FACE|>, 7)
m4_define(<|WINO_D|>, 1)
m4_include(<|cpu/winograd_multiply.m4|>)
m4_define(<|PIXELS|>, m4_eval(OUT_D * OUT_H * OUT_W))
IS_ODD: the last pixel of an odd number has none to pair with.
m4_define(<|IS_ODD|>, m4_eval(PIXELS % 2))
PIXEL_AT(I, TENSOR, D, H, W): pixel I's offset in the TENSOR of which every D, H, W-th plane, row and pixel counts.
m4_define(<|IS_DENSE|>, <|m4_eval($4 * BLOCK * OUT_W == $3 * $1_ROW && (OUT_D == 1 m4_dnl
|| $3 * $1_ROW * OUT_H == $2 * $1_PLANE))|>)
m4_define(<|ROW_OF_PIXEL|>, <|IF(OUT_D > 1, <|$1 / m4_eval(OUT_H * OUT_W) * m4_eval($3 * $2_PLANE) + m4_dnl
$1 % m4_eval(OUT_H * OUT_W)|>, <|$1|>)<||>OVER(OUT_W) * m4_eval($4 * $2_ROW)|>)
m4_define(<|PIXEL_AT|>, <|IF(IS_DENSE(<|$2|>, $3, $4, $5), <|$1 * m4_eval(BLOCK * $5)|>,
  <|ROW_OF_PIXEL(<|$1|>, <|$2|>, $3, $4)<||>IF(OUT_W > 1, <| + $1 % OUT_W * m4_eval(BLOCK * $5)|>)|>)|>)
SECOND_IN(TENSOR_BLOCK, BLOCKS): from the first half of the channels to the second one.
m4_define(<|SECOND_IN|>, <|ADD_OFFSET($2 * $1)|>)
RESULT(SUM, HALF OF THE PIXELS, HALF OF THE CHANNELS): to y, or to p, with the residual at r or s.
m4_define(<|RESULT|>, <|RESULT_IN(<|c<||>m4_eval($2 + 1)m4_eval($3 + 1)|>, <|$1|>, $2, $3)|>)
m4_define(<|RESULT_IN|>, <|
      vec $1 = $2 + IF($4, bias2, bias1);
      EPILOGUE($1, <|e<||>IF($4, <|ADD_OFFSET(BLOCK * OUT_BLOCKS)|>)<||>V|>, m4_dnl
<|IF($3, s, r)<||>IF($4, <|SECOND_IN(RES_BLOCK_OR_0, OUT_BLOCKS)|>)<||>V|>)
      vstore (IF($3, p, y)<||>IF($4, <|SECOND_IN(OUT_BLOCK, OUT_BLOCKS)|>)<||>V, $1);|>)
SECOND(I): the other pixel of a pair; of an odd number the last has none.
m4_define(<|SECOND|>, <|IF(IS_ODD, <|$1 + TILES_W < PIXELS ? $1 + TILES_W : $1|>, <|$1 + TILES_W|>)|>)
m4_define(<|LOAD_PRODUCTS|>, <|FOR(<|I|>, 0, m4_eval(FACE - 1), <|
      const vec m<||>I = vload (q<||>ADD_OFFSET(I * SUMS));|>)|>)
m4_define(<|R_SECOND|>, <|IF(HAS_R, <|const float *s, |>)|>)
m4_define(<|BOTH_PARAMETER|>, <|IF(IS_ODD, <|, int both|>)|>)
Only the first pixel of a pair without a second one.
m4_define(<|END_UNLESS_BOTH|>, <|IF(IS_ODD, <|if (!both)
        IF(IS_WHOLE_BLOCK(1), return, continue);|>)|>)
m4_define(<|COMBINE|>, <|const float *q = sums<||>V;LOAD_PRODUCTS
      const vec bias1 = vload (e<||>ADD_OFFSET(BIAS_AT)<||>V);
      const vec bias2 = vload (e<||>ADD_OFFSET(BIAS_AT + BLOCK * OUT_BLOCKS)<||>V);
      RESULT(<|(m0 + m3 - m4 + m6)|>, 0, 0)
      RESULT(<|(m2 + m4)|>, 0, 1)
      END_UNLESS_BOTH
      RESULT(<|(m1 + m3)|>, 1, 0)
      RESULT(<|(m0 - m1 + m2 + m5)|>, 1, 1)|>)
m4_define(<|FACTORS_OF_PRODUCTS|>, <|const vec a11 = vload (x<||>V), a12 = vload (x<||>SECOND_IN(IN_BLOCK, m4_dnl
IN_BLOCKS)<||>V);
      const vec a21 = vload (p<||>V), a22 = vload (p<||>SECOND_IN(IN_BLOCK, IN_BLOCKS)<||>V);
      float *q = y<||>V;
      vstore (q, a11 + a22);
      vstore (q + POSITION, a21 + a22);
      vstore (q + m4_eval(2 * POSITION), a11);
      vstore (q + m4_eval(3 * POSITION), a22);
      vstore (q + m4_eval(4 * POSITION), a11 + a12);
      vstore (q + m4_eval(5 * POSITION), a21 - a11);
      vstore (q + m4_eval(6 * POSITION), a12 - a22);|>)
The residuals of a pair of pixels.
m4_define(<|R_PAIR|>, <|IF(HAS_R, <|pr + PIXEL_AT(i, <|RES|>, 1, 1, 1), pr + PIXEL_AT(j, <|RES|>, 1, 1, 1), |>)|>)
m4_divert(0)m4_dnl
HEAD

COMMENT(<|One block of channels of either half of a pair of pixels, x and p: product i's factor lies at y m4_dnl
+ i * POSITION.|>)
static void
transform_input (const float *x, const float *p, float *y)
{
  EACH_VECTOR(1, <|FACTORS_OF_PRODUCTS|>)
}
MULTIPLY_FUNCTIONS(VECTORS)m4_dnl
IF(LAST_BLOCKS, <|MULTIPLY_FUNCTIONS(LAST_BLOCKS)|>)m4_dnl

COMMENT(<|The products of one pair into a block of channels of either half of its pixels, y and p<||>IF(IS_ODD, m4_dnl
<|, or of y alone|>); e: the first
   half's place in the epilogue's vectors.|>)
static void
transform_output (const float *sums, const float *e, R_PARAMETER()R_SECOND()float *y, float *p<||>BOTH_PARAMETER)
{
  EACH_VECTOR(1, <|COMBINE|>)
}

COMMENT(<|IF(COLUMNS > 1, <|Columns [column, column_end) of pairs|>, <|All pairs|>) and m4_dnl
output blocks [ob, ob_end) of either half, of one sample.|>)
static void
tiles (const float *x, const float *w, R_PARAMETER()float *y, float *scratch, COLUMNS_PARAMETERS()int ob, int ob_end)
{
  float *const inputs = scratch, *const sums = scratch + m4_eval(FACE * POSITION);
  TILES_OF_COLUMNS
  STEP_OF_COLUMNS
  LOOP(b, IN_BLOCKS)
    for (int i = first; i < end; i++)
      {
        const int j = SECOND(i);
        const float *px = x<||>AT(b, IN_BLOCKS, IN_BLOCK) + PIXEL_AT(i, <|IN|>, S_D, S_H, S_W);
        const float *pp = x<||>AT(b, IN_BLOCKS, IN_BLOCK) + PIXEL_AT(j, <|IN|>, S_D, S_H, S_W);
        transform_input (px, pp, INPUTS_OF_TILE);
      }
  NEXT_BLOCKS
    {
      const float *q = w + (size_t) ob * OUT_BLOCK_WEIGHTS;
      MULTIPLY_FACE(inputs, sums)
      EACH_BLOCK
        for (int i = first; i < end; i++)
          {
            const int j = SECOND(i);
            float *py = y + (size_t) THIS_BLOCK * OUT_BLOCK;
            IF(HAS_R, <|const float *pr = r + (size_t) THIS_BLOCK * RES_BLOCK;|>)
            transform_output (THESE_SUMS, w + BLOCK * THIS_BLOCK, R_PAIR()m4_dnl
py + PIXEL_AT(i, <|OUT|>, 1, 1, 1), py + PIXEL_AT(j, <|OUT|>, 1, 1, 1)<||>IF(IS_ODD, <|, j > i|>));
          }
    }
}
CLEAR_HALO
SHARE
