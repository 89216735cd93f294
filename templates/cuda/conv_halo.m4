m4_dnl A convolution of stride 1 on the tensor cores: on sm_90a all taps of a plane read its one copy in shared memory,
m4_dnl elsewhere cp.async gathers each tap's inputs.
m4_include(<|cuda/tensor_maps.m4|>)m4_dnl
m4_include(<|cuda/elsewhere.m4|>)m4_dnl
m4_include(<|cuda/conv_terms.m4|>)m4_dnl
m4_include(<|cuda/mma.m4|>)m4_dnl
m4_include(<|cuda/tma.m4|>)m4_dnl
m4_include(<|cuda/tma_copy.m4|>)m4_dnl
m4_include(<|cuda/halo.m4|>)m4_dnl
m4_include(<|cuda/tma_end.m4|>)m4_dnl
m4_include(<|cuda/tma_kernel.m4|>)m4_dnl
#ifdef __CUDA_ARCH_FEAT_SM90_ALL
TMA_KERNEL
#else
MMA_HEAD
{MMA
}
#endif
