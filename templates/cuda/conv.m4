m4_include(<|cuda/cuda.m4|>)m4_dnl
m4_divert(-1)
Convolution, 2-D and 3-D, of any stride, dilation, padding and number of groups, as implicit GEMM: M is the output's
pixels, K the taps times, running fastest, the channels. Grid: x: pixels, y: output channels of a group, z: groups.
require(<|FUNCTION|>, <|BATCH|>, <|GROUPS|>, <|GROUP_IN|>, <|GROUP_OUT|>, <|K_D|>, <|K_H|>, <|K_W|>,
  <|S_D|>, <|S_H|>, <|S_W|>, <|DIL_D|>, <|DIL_H|>, <|DIL_W|>, <|PAD_D|>, <|PAD_H|>, <|PAD_W|>)
m4_define(<|PIXEL_COUNT|>, PRODUCT(BATCH, OUT_D, OUT_H, OUT_W))
m4_define(<|DEPTH|>, PRODUCT(K_D, K_H, K_W, GROUP_IN))
m4_define(<|LOCATE|>, <|w0[i] = $1 % OUT_W * S_W - PAD_W;
      h0[i] = $1 / OUT_W % OUT_H * S_H - PAD_H;
      d0[i] = $1 / m4_eval(OUT_W * OUT_H) % OUT_D * S_D - PAD_D;
      sample[i] = $1 / PRODUCT(OUT_W, OUT_H, OUT_D) * IN_D;|>)
m4_define(<|SPLIT_TERM|>, <|const int c = $1 % GROUP_IN<||>IF(K_D * K_H * K_W > 1, <|, tap = $1 / GROUP_IN|>);
        const int v = IF(K_W > 1, <|tap % K_W * DIL_W|>, 0), h = IF(K_H > 1, <|tap / K_W % K_H * DIL_H|>, 0);
        const int d = IF(K_D > 1, <|tap / m4_eval(K_W * K_H) * DIL_D|>, 0);|>)
m4_define(<|RESULT|>, <|const int pixel = $1;|>)
m4_define(<|IN_FIRST|>, <|IF(GROUPS > 1, <|blockIdx.z * GROUP_IN|>, 0)|>)
m4_define(<|OUT_FIRST|>, <|IF(GROUPS > 1, <|(int) blockIdx.z * GROUP_OUT|>, 0)|>)
m4_define(<|MATRIX|>, <|w<||>IF(GROUPS > 1, <| + (size_t) blockIdx.z * (DEPTH * ROW)|>)|>)
m4_divert(0)m4_dnl
m4_include(<|cuda/gemm.m4|>)m4_dnl
KERNEL_HEAD
{GEMM
}
