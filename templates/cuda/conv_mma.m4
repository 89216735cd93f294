m4_dnl A convolution as implicit GEMM on the tensor cores.
m4_include(<|cuda/conv_terms.m4|>)m4_dnl
m4_include(<|cuda/mma.m4|>)m4_dnl
MMA_HEAD
{MMA
}
