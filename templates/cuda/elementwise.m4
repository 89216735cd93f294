m4_include(<|cuda/cuda.m4|>)m4_dnl
m4_divert(-1)
y = act ((x + residual - centre) * scale + bias), each part where the layer has it: additions, normalisations and
activations that were fused into no other layer.
require(<|FUNCTION|>, <|COUNT|>, <|CHANNELS_EACH|>, <|SCALE_AT|>, <|CENTRE_AT|>, <|BIAS_AT|>, <|SLOPE_AT|>, <|ACT|>,
  <|RES_SAMPLE|>)
CHANNEL: of the thread's result number q.
m4_define(<|CHANNEL|>, <|c<||>IF(CHANNELS_EACH > 1, <| + q|>)|>)
m4_divert(0)m4_dnl
KERNEL_HEAD
{
  EACH_RESULT
  IF(SCALE_AT >= 0 || BIAS_AT >= 0 || SLOPE_AT >= 0, <|const int c = i * CHANNELS_EACH % OUT_C;|>)
  float r[CHANNELS_EACH];
  LOAD_EACH(r, <|x + i * CHANNELS_EACH|>)
  IF(RES_SAMPLE >= 0, <|float more[CHANNELS_EACH];
  LOAD_EACH(more, <|residual + i * CHANNELS_EACH|>)|>)
  #pragma unroll
  for (int q = 0; q < CHANNELS_EACH; q++)
    {
      IF(RES_SAMPLE >= 0, <|r[q] += more[q];|>)
      IF(CENTRE_AT >= 0, <|r[q] -= w[CENTRE_AT + CHANNEL];|>)
      IF(SCALE_AT >= 0, <|r[q] *= w[SCALE_AT + CHANNEL];|>)
      IF(BIAS_AT >= 0, <|r[q] += w[BIAS_AT + CHANNEL];|>)
      ACTIVATE_ONE(<|r[q]|>, CHANNEL)
    }
  STORE_EACH(<|y + i * CHANNELS_EACH|>, r)
}
