m4_dnl A convolution of stride 1 in planes on the tensor cores: on sm_90a a plane is in shared memory once for all of its taps,
m4_dnl elsewhere threads gather inputs.
m4_define(<|MORE_ARGUMENTS|>, <|,
    const __grid_constant__ struct tensor_map x_map, const __grid_constant__ struct tensor_map residual_map,
    const __grid_constant__ struct tensor_map w_map, const __grid_constant__ struct tensor_map y_map|>)m4_dnl
m4_include(<|cuda/conv_terms.m4|>)m4_dnl
m4_include(<|cuda/mma.m4|>)m4_dnl
m4_include(<|cuda/tma_copy.m4|>)m4_dnl
m4_include(<|cuda/tma.m4|>)m4_dnl
m4_include(<|cuda/halo.m4|>)m4_dnl
m4_include(<|cuda/tma_end.m4|>)m4_dnl
#ifdef __CUDA_ARCH_FEAT_SM90_ALL
TMA_KERNEL
#else
MMA_HEAD
{MMA
}
#endif
