m4_include(<|cuda/cuda.m4|>)m4_dnl
m4_divert(-1)
Transposed convolution by polyphase decomposition: each output phase is a dense convolution of stride 1, an implicit
GEMM. Grid: x: pixels of a phase, y: output channels, z: phases.
require(<|FUNCTION|>, <|BATCH|>, <|PHASES_D|>, <|PHASES_H|>, <|PHASES_W|>, <|ALL_TAPS_H|>, <|ALL_TAPS_W|>,
  <|TABLE_D|>, <|TABLE_H|>, <|TABLE_W|>, <|S_D|>, <|S_H|>, <|S_W|>)
m4_define(<|PIXEL_COUNT|>, <|pixels|>)
m4_define(<|DEPTH|>, <|depth|>)
m4_define(<|LOCATE|>, <|w0[i] = $1 % pw.count + pw.first;
      h0[i] = $1 / pw.count % ph.count + ph.first;
      d0[i] = $1 / (pw.count * ph.count) % pd.count + pd.first;
      sample[i] = $1 / (pw.count * ph.count * pd.count) * IN_D;|>)
m4_define(<|SPLIT_TERM|>, <|const int c = $1 % IN_C, tap = $1 / IN_C;
        const int v = tap % pw.taps, h = tap / pw.taps % ph.taps, d = tap / (pw.taps * ph.taps);|>)
m4_define(<|RESULT|>, <|const int jw = $1 % pw.count, jh = $1 / pw.count % ph.count, rest = $1 / (pw.count * ph.count);
      const int od = rest % pd.count * S_D + fd, s = rest / pd.count;
      const int pixel = ((s * OUT_D + od) * OUT_H + jh * S_H + fh) * OUT_W + jw * S_W + fw;|>)
m4_define(<|IN_FIRST|>, 0)
m4_define(<|OUT_FIRST|>, 0)
m4_define(<|MATRIX|>, <|w + (size_t) before * m4_eval(IN_C * ROW)|>)
m4_divert(0)m4_dnl
m4_include(<|cuda/gemm.m4|>)m4_dnl
m4_include(<|cuda/phases.m4|>)m4_dnl
KERNEL_HEAD
{
  PHASES_OF_BLOCK(IN_C)
GEMM
}
