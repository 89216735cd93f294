m4_divert(-1)
A convolution or a linear layer as straight-line code: UNIT_COUNT functions, each a register tile with literal
addresses, and CONSTANT_COUNT lines of 16 weights, which compilers make operands of instructions. Both are text of
gen/backend/cpu/straight.c, for one layer: its weights are not read from w.
require(<|FUNCTION|>, <|BATCH|>, <|IN_SAMPLE|>, <|OUT_SAMPLE|>, <|RES_SAMPLE|>, <|UNITS|>, <|UNIT_COUNT|>, m4_dnl
<|CONSTANTS|>,
  <|CONSTANT_COUNT|>, <|TILE_FLOATS|>)
A unit computes all 16 channels of its blocks, or TILE_FLOATS of them from v on.
m4_define(<|HAS_R|>, <|m4_eval(RES_SAMPLE >= 0)|>)
m4_define(<|UNIT|>, <|IF(UNIT_COUNT > 1, <|units[i % UNIT_COUNT]|>, <|unit_0|>)|>)
m4_define(<|SAMPLE|>, <|IF(BATCH > 1, <| + (size_t) IF(UNIT_COUNT > 1, <|(i / UNIT_COUNT)|>, i) * $1|>)|>)
m4_divert(0)m4_dnl
HEAD
/* The bias, then the weights that each input of the window meets, of one block of output channels after the other. */
_Alignas (64) static const float k[CONSTANT_COUNT][16] = {
CONSTANTS};
UNITS
IF(UNIT_COUNT > 1, <|
static void (*const units[UNIT_COUNT]) (const float *, IF(HAS_R, <|const float *, m4_dnl
|>)float *<||>m4_ifelse(TILE_FLOATS, 16, <||>, <|, int|>)) = {
FOR(<|I|>, 0, m4_eval(UNIT_COUNT - 1), <|unit_<||>I,
|>)};
|>)m4_dnl
CLEAR_HALO
PROTOTYPE
  int first, last;
  CALL_CLEAR_HALO
  rescast_share (PRODUCT(BATCH, UNIT_COUNT), t, n, &first, &last);
  for (int i = first; i < last; i++)
    m4_ifelse(TILE_FLOATS, 16, <||>, <|for (int v = 0; v < 16; v += TILE_FLOATS)
      |>)UNIT (x<||>SAMPLE(IN_SAMPLE), IF(HAS_R, <|residual<||>SAMPLE(RES_SAMPLE), m4_dnl
|>)y<||>SAMPLE(OUT_SAMPLE)<||>m4_ifelse(TILE_FLOATS, 16, <||>, <|, v|>));
  UNUSED(w)
  IF(HAS_R, <||>, <|UNUSED(residual)|>)
}
