m4_include(<|cuda/cuda.m4|>)m4_dnl
m4_divert(-1)
Transposed convolution by polyphase decomposition on the tensor cores: each output phase is a dense convolution of
stride 1, an implicit GEMM. Grid: x: tiles of the largest phase, y: split-K, z: phases.
require(<|FUNCTION|>, <|BATCH|>, <|PHASES_D|>, <|PHASES_H|>, <|PHASES_W|>, <|ALL_TAPS_H|>, <|ALL_TAPS_W|>,
  <|TABLE_D|>, <|TABLE_H|>, <|TABLE_W|>, <|MOST_D|>, <|MOST_H|>, <|MOST_W|>, <|S_D|>, <|S_H|>, <|S_W|>)
m4_define(<|PIXEL_COUNT|>, <|pixels|>)
m4_define(<|DEPTH|>, <|depth|>)
m4_define(<|K_H|>, <|MOST_H|>)
m4_define(<|K_W|>, <|MOST_W|>)
INSIDE(AT, TAPS, SIZE, BIT): set, from BIT on, which taps along an axis lie inside the input.
m4_define(<|INSIDE|>, <|#pragma unroll
      for (int k = 0; k < $2; k++)
        inside[i] |= (unsigned) ((unsigned) ($1 + k) < $3) << (k<||>ADD_OFFSET($4));|>)
m4_define(<|LOCATE|>, <|const int at_w = $1 % pw.count + pw.first, at_h = $1 / pw.count % ph.count + ph.first;
      const int at_d = $1 / (pw.count * ph.count) % pd.count + pd.first;
      const int sample = $1 / (pw.count * ph.count * pd.count);
      origin[i] = (((sample * IN_D + at_d) * IN_H + at_h) * IN_W + at_w) * IN_C;
      inside[i] = 0;
      INSIDE(at_w, MOST_W, IN_W, 0)
      INSIDE(at_h, MOST_H, IN_H, MOST_W)
      INSIDE(at_d, MOST_D, IN_D, MOST_W + MOST_H)|>)
m4_define(<|FIND_TAP|>, <|const int kw = $1 % pw.taps, kh = $1 / pw.taps % ph.taps, kd = $1 / (pw.taps * ph.taps);
      const int offset = ((kd * IN_H + kh) * IN_W + kw) * IN_C;|>)
m4_define(<|RESULT|>, <|const int jw = $1 % pw.count, jh = $1 / pw.count % ph.count, rest = $1 / (pw.count * ph.count);
          const int od = rest % pd.count * S_D + fd, s = rest / pd.count;
          const int pixel = ((s * OUT_D + od) * OUT_H + jh * S_H + fh) * OUT_W + jw * S_W + fw;|>)
m4_define(<|OUT_FIRST|>, 0)
m4_define(<|MATRIX|>, <|(const ELEMENT *) w + (size_t) before * m4_eval(SPAN * MATRIX_ROWS)|>)
m4_divert(0)m4_dnl
m4_include(<|cuda/mma.m4|>)m4_dnl
m4_include(<|cuda/phases.m4|>)m4_dnl
MMA_HEAD
{
  PHASES_OF_BLOCK(SPAN)
MMA
}
