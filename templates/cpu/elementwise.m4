m4_divert(-1)
y = act ((x + residual - centre) * scale + shift), each part where it is asked for: additions, normalisations and activations
that no other layer could take over.
require(<|FUNCTION|>, <|BATCH|>, <|IN_ORIGIN|>, <|OUT_ORIGIN|>, <|SCALE_AT|>, <|CENTRE_AT|>, <|SHIFT_AT|>, <|SLOPE_AT|>, <|ACT|>, <|RES_SAMPLE|>)
m4_define(<|EACH|>, <|IF(SCALE_AT >= 0 || SHIFT_AT >= 0 || SLOPE_AT >= 0 || CHANNEL_MASK_AT >= 0, <|$1|>, <|$2|>)|>)
m4_divert(0)m4_dnl
HEAD
CLEAR_HALO
PROTOTYPE
{
  int first, last;
  CALL_CLEAR_HALO
  rescast_share (PRODUCT(BATCH, OUT_BLOCKS, OUT_D, OUT_H), t, n, &first, &last);
  for (int i = first; i < last; i++)
    {
      const int h = i % OUT_H, d = i / OUT_H % OUT_D, o = i / m4_eval(OUT_H * OUT_D);
      const float *px = x<||>ADD_OFFSET(IN_ORIGIN) + (size_t) o * IN_BLOCK + (size_t) d * IN_PLANE + (size_t) h * IN_ROW;
      IF(RES_SAMPLE >= 0, <|const float *pr = residual<||>ADD_OFFSET(RES_ORIGIN) + (size_t) o * RES_BLOCK + (size_t) d * RES_PLANE + (size_t) h * RES_ROW;|>)
      EACH(<|const float *e = w + 16 * (o % OUT_BLOCKS);|>)
      float *py = y<||>ADD_OFFSET(OUT_ORIGIN) + (size_t) o * OUT_BLOCK + (size_t) d * OUT_PLANE + (size_t) h * OUT_ROW;
      for (int j = 0; j < m4_eval(16 * OUT_W); j += VL)
        {
          EACH(<|const int c = j % 16;|>)
          vec a = vload (px + j)<||>IF(RES_SAMPLE >= 0, <| + vload (pr + j)|>);
          IF(CENTRE_AT >= 0, <|a -= vload (e + CENTRE_AT + c);|>)
          IF(SCALE_AT >= 0, <|a *= vload (e + SCALE_AT + c);|>)
          IF(SHIFT_AT >= 0, <|a += vload (e + SHIFT_AT + c);|>)
          ACTIVATE(a, <|e + c|>)
          vstore (py + j, a);
        }
    }
  IF(RES_SAMPLE < 0, <|UNUSED(residual)|>)
  EACH(<||>, <|UNUSED(w)|>)
}
