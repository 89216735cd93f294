m4_include(<|cuda/cuda.m4|>)m4_dnl
m4_divert(-1)
What mma.m4 is told about a convolution, 2-D and 3-D, of any stride, dilation, padding and groups: rows are output
pixels, the terms of a sum are taps and, running fastest, channels. Of an input of up to 4 channels, stored as 4 with a padded
row, what a filter's row reads lies side by side and counts as the channels of a single tap. Blocks: x: tiles, y: parts of a
sum, z: groups.
require(<|FUNCTION|>, <|BATCH|>, <|IN_PIXEL|>, <|IN_COLUMNS|>, <|GROUPS|>, <|GROUP_IN|>, <|GROUP_OUT|>, <|K_D|>, <|K_H|>, <|K_W|>, <|S_D|>, <|S_H|>, <|S_W|>, <|DIL_D|>,
  <|DIL_H|>, <|DIL_W|>, <|PAD_D|>, <|PAD_H|>, <|PAD_W|>)
m4_define(<|PIXEL_COUNT|>, PRODUCT(BATCH, OUT_D, OUT_H, OUT_W))
m4_define(<|FIRST_DEPTH|>, PRODUCT(K_D, K_H, K_W, SPAN))
m4_define(<|DEPTH|>, m4_eval(FIRST_DEPTH + SECOND_C))
INSIDE(AT, TAPS, DILATION, SIZE, BIT): bits for the taps along an axis.
m4_define(<|INSIDE|>, <|
      #pragma unroll
      for (int k = 0; k < $2; k++)
        inside[i] |= (unsigned) ((unsigned) ($1 + k * $3) < $4) << (k<||>ADD_OFFSET($5));|>)
m4_define(<|LOCATE|>, <|const int at_w = $1 % OUT_W * S_W - PAD_W, at_h = $1 / OUT_W % OUT_H * S_H - PAD_H;
      const int at_d = $1 / m4_eval(OUT_W * OUT_H) % OUT_D * S_D - PAD_D, sample = $1 / PRODUCT(OUT_W, OUT_H, OUT_D);
      origin[i] = ((sample * IN_D + at_d) * IN_H + at_h) * IN_ROW + at_w * IN_PIXEL<||>IF(GROUPS > 1, <| + blockIdx.z * GROUP_IN|>);
      IF(SECOND_C, <|second[i] = $1 < PIXEL_COUNT ? (((sample * SECOND_D + $1 / m4_eval(OUT_W * OUT_H) % OUT_D * SECOND_S_D) * SECOND_H + $1 / OUT_W % OUT_H * SECOND_S_H) * SECOND_W + $1 % OUT_W * SECOND_S_W) * SECOND_C : -1;|>)
      IF(PADDED, <|inside[i] = 0;INSIDE(at_w, K_W, DIL_W, IN_COLUMNS, 0)INSIDE(at_h, K_H, DIL_H, IN_H, K_W)INSIDE(at_d, K_D, DIL_D, IN_D, K_W + K_H)|>, <|inside[i] = 1;|>)|>)
m4_define(<|FIND_TAP|>, <|IF(TAP_COUNT > 1, <|const int kw = $1 % K_W, kh = $1 / K_W % K_H, kd = $1 / m4_eval(K_W * K_H);
      const int offset = (kd * DIL_D * IN_H + kh * DIL_H) * IN_ROW + kw * m4_eval(DIL_W * IN_PIXEL);|>, <|const int offset = 0;
      IF(PADDED, <|const int kw = 0, kh = 0, kd = 0;|>)|>)|>)
m4_define(<|RESULT|>, <|const int pixel = $1;|>)
m4_define(<|OUT_FIRST|>, <|IF(GROUPS > 1, <|(int) blockIdx.z * GROUP_OUT|>, 0)|>)
m4_define(<|MATRIX|>, <|(const ELEMENT *) w<||>IF(GROUPS > 1, <| + (size_t) blockIdx.z * m4_eval(MATRIX_ROWS * DEPTH)|>)|>)
m4_divert(0)m4_dnl
