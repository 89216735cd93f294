m4_include(<|cuda.m4|>)m4_dnl
m4_divert(-1)
y = act ((x + residual) * scale + shift), each part where it is asked for: additions, normalisations and activations
that no other layer could take over.
m4_define(<|TEMPLATE|>, <|cuda_elementwise.m4|>)
require(<|FUNCTION|>, <|COUNT|>, <|SCALE_AT|>, <|SHIFT_AT|>, <|SLOPE_AT|>, <|ACT|>, <|RES_SAMPLE|>)
m4_divert(0)m4_dnl
KERNEL_HEAD
{
  EACH_RESULT
  float r = VALUE(x[i])<||>IF(RES_SAMPLE >= 0, <| + VALUE(residual[i])|>);
  IF(SCALE_AT >= 0, <|r *= w[SCALE_AT + i % OUT_C];|>)
  IF(SHIFT_AT >= 0, <|r += w[SHIFT_AT + i % OUT_C];|>)
  ACTIVATE_ONE(r, <|i % OUT_C|>)
  y[i] = STORED(r);
}
