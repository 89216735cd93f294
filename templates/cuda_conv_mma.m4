m4_define(<|TEMPLATE|>, <|cuda_conv_mma.m4|>)m4_dnl
m4_dnl A convolution on the tensor cores.
m4_include(<|cuda_conv_terms.m4|>)m4_dnl
m4_include(<|cuda_mma.m4|>)m4_dnl
MMA_HEAD
{MMA
}
