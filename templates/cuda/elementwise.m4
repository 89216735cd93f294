m4_include(<|cuda/cuda.m4|>)m4_dnl
m4_divert(-1)
y = act ((x + other - centre) * scale + bias), each part where the layer has it: additions and other operators of two
operands, normalisations and activations that were fused into no other layer.
require(<|FUNCTION|>, <|COUNT|>, <|CHANNELS_EACH|>, <|SCALE_AT|>, <|CENTRE_AT|>, <|BIAS_AT|>, <|SLOPE_AT|>, <|ACT|>,
  <|FIRST_SAMPLE|>, <|RES_SAMPLE|>, <|OPERATOR|>, <|CONSTANT|>, <|SWAPPED|>)
CHANNEL: of the thread's result number q.
m4_define(<|CHANNEL|>, <|c<||>IF(CHANNELS_EACH > 1, <| + q|>)|>)
IS_WHOLE(TENSOR): no axis of it is stretched, so that its elements stand where the output's do.
m4_define(<|IS_WHOLE|>, <|m4_eval($1_SAMPLE && $1_CHANNELS && ($1_PIXEL || OUT_W == 1) && m4_dnl
($1_ROW || OUT_H == 1) && ($1_PLANE || OUT_D == 1))|>)
m4_define(<|ARE_WHOLE|>, <|m4_eval(IS_WHOLE(<|FIRST|>) && (RES_SAMPLE < 0 || IS_WHOLE(<|RES|>)))|>)
PLACE(TENSOR): of the thread's first element.
m4_define(<|PLACE|>, <|IF(IS_WHOLE(<|$1|>), <|i * CHANNELS_EACH|>, <|c * $1_CHANNELS + iw * $1_PIXEL + m4_dnl
ih * $1_ROW + id * $1_PLANE + s * $1_SAMPLE|>)|>)
READ(V, TENSOR, P): the thread's elements of the operand at P, one of which may be that of all channels.
m4_define(<|READ|>, <|IF($2_CHANNELS, <|LOAD_EACH($1, <|$3 + PLACE(<|$2|>)|>)|>, m4_dnl
<|FILL($1, <|VALUE(<|$3[PLACE(<|$2|>)]|>)|>)|>)|>)
m4_define(<|FILL|>, <|
  #pragma unroll
  for (int q = 0; q < CHANNELS_EACH; q++)
    $1[q] = $2;|>)
m4_define(<|JOINED|>, <|m4_ifelse(OPERATOR, subtract, <|$1 - $2|>, OPERATOR, multiply, <|$1 * $2|>, m4_dnl
OPERATOR, divide, <|$1 / $2|>, OPERATOR, maximum, <|larger ($1, $2)|>, m4_dnl
OPERATOR, power, <|$1 != $1 || $2 != $2 ? $1 + $2 : powf ($1, $2)|>, m4_dnl
OPERATOR, minimum, <|-larger (-$1, -$2)|>, <|$1 + $2|>)|>)
m4_divert(0)m4_dnl
KERNEL_HEAD
{
  EACH_RESULT
  IF(!ARE_WHOLE, <|SPLIT(<|i * CHANNELS_EACH|>, c, OUT_C, iw, OUT_W, ih, OUT_H, id, OUT_D, s, BATCH)|>, m4_dnl
<|IF(SCALE_AT >= 0 || BIAS_AT >= 0 || SLOPE_AT >= 0, <|const int c = i * CHANNELS_EACH % OUT_C;|>)|>)
  float r[CHANNELS_EACH];
  READ(r, <|FIRST|>, x)
  IF(RES_SAMPLE >= 0, <|float more[CHANNELS_EACH];
  IF(CONSTANT, <|FILL(more, <|w[PLACE(<|RES|>)<||>IF(RES_CHANNELS && CHANNELS_EACH > 1, <| + q|>)]|>)|>, m4_dnl
<|READ(more, <|RES|>, residual)|>)|>)
  #pragma unroll
  for (int q = 0; q < CHANNELS_EACH; q++)
    {
      IF(RES_SAMPLE >= 0, <|m4_ifelse(OPERATOR, add, <|r[q] += more[q];|>, m4_dnl
<|r[q] = IF(SWAPPED, <|JOINED(<|more[q]|>, <|r[q]|>)|>, <|JOINED(<|r[q]|>, <|more[q]|>)|>);|>)|>)
      IF(CENTRE_AT >= 0, <|r[q] -= w[CENTRE_AT + CHANNEL];|>)
      IF(SCALE_AT >= 0, <|r[q] *= w[SCALE_AT + CHANNEL];|>)
      IF(BIAS_AT >= 0, <|r[q] += w[BIAS_AT + CHANNEL];|>)
      ACTIVATE_ONE(<|r[q]|>, CHANNEL)
    }
  STORE_EACH(<|y + i * CHANNELS_EACH|>, r)
}
