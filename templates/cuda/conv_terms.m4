m4_include(<|cuda/cuda.m4|>)m4_dnl
m4_divert(-1)
The macros that mma.m4 needs, for a convolution, 2-D or 3-D, of any stride, dilation, padding and number of groups: M is
the output's pixels, K the taps times, running fastest, the channels. An input of up to 4 channels is stored with 4 and
with padded rows, so that a row of the filter reads neighbouring elements: it counts as one tap of that many channels. A
shortcut's 1x1 convolution (SECOND_C) is more of K. Grid: x: tiles, y: split-K, z: groups.
require(<|FUNCTION|>, <|BATCH|>, <|IN_PIXEL|>, <|IN_COLUMNS|>, <|GROUPS|>, <|GROUP_IN|>, <|GROUP_OUT|>,
  <|K_D|>, <|K_H|>, <|K_W|>, <|S_D|>, <|S_H|>, <|S_W|>,
  <|DIL_D|>, <|DIL_H|>, <|DIL_W|>, <|PAD_D|>, <|PAD_H|>, <|PAD_W|>)
m4_define(<|PIXEL_COUNT|>, PRODUCT(BATCH, OUT_D, OUT_H, OUT_W))
m4_define(<|FIRST_DEPTH|>, PRODUCT(K_D, K_H, K_W, SPAN))
m4_define(<|DEPTH|>, m4_eval(FIRST_DEPTH + SECOND_C))
INSIDE(AT, TAPS, DILATION, SIZE, BIT): set, from BIT on, which taps along an axis lie inside the input.
m4_define(<|INSIDE|>, <|#pragma unroll
      for (int k = 0; k < $2; k++)
        inside[i] |= (unsigned) ((unsigned) ($1 + k * $3) < $4) << (k<||>ADD_OFFSET($5));|>)
m4_define(<|OUT_W_OF|>, <|$1 % OUT_W|>)
m4_define(<|OUT_H_OF|>, <|$1 / OUT_W % OUT_H|>)
m4_define(<|OUT_D_OF|>, <|$1 / m4_eval(OUT_W * OUT_H) % OUT_D|>)
m4_define(<|LOCATE|>, <|const int at_w = OUT_W_OF($1) * S_W - PAD_W, at_h = OUT_H_OF($1) * S_H - PAD_H;
      const int at_d = OUT_D_OF($1) * S_D - PAD_D, sample = $1 / PRODUCT(OUT_W, OUT_H, OUT_D);
      origin[i] = ((sample * IN_D + at_d) * IN_H + at_h) * IN_ROW + at_w * IN_PIXEL<||>m4_dnl
IF(GROUPS > 1, <| + blockIdx.z * GROUP_IN|>);
      IF(SECOND_C, <|second[i] = -1;
      if ($1 < PIXEL_COUNT)
        second[i] = (((sample * SECOND_D + OUT_D_OF($1) * SECOND_S_D) * SECOND_H + OUT_H_OF($1) * SECOND_S_H) * SECOND_W
                     + OUT_W_OF($1) * SECOND_S_W) * SECOND_C;|>)
      IF(PADDED, <|inside[i] = 0;
      INSIDE(at_w, K_W, DIL_W, IN_COLUMNS, 0)
      INSIDE(at_h, K_H, DIL_H, IN_H, K_W)
      INSIDE(at_d, K_D, DIL_D, IN_D, K_W + K_H)|>, <|inside[i] = 1;|>)|>)
m4_define(<|FIND_TAP|>, <|IF(TAP_COUNT > 1,
      <|const int kw = $1 % K_W, kh = $1 / K_W % K_H, kd = $1 / m4_eval(K_W * K_H);
      const int offset = (kd * DIL_D * IN_H + kh * DIL_H) * IN_ROW + kw * m4_eval(DIL_W * IN_PIXEL);|>,
      <|const int offset = 0;
      IF(PADDED, <|const int kw = 0, kh = 0, kd = 0;|>)|>)|>)
m4_define(<|RESULT|>, <|const int pixel = $1;|>)
m4_define(<|OUT_FIRST|>, <|IF(GROUPS > 1, <|(int) blockIdx.z * GROUP_OUT|>, 0)|>)
m4_define(<|MATRIX|>, <|(const ELEMENT *) w<||>m4_dnl
IF(GROUPS > 1, <| + (size_t) blockIdx.z * m4_eval(MATRIX_ROWS * DEPTH)|>)|>)
m4_divert(0)m4_dnl
