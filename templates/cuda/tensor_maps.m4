m4_dnl The arguments of kernels that use TMA, behind the four of all kernels.
m4_define(<|MORE_ARGUMENTS|>, <|,
    const __grid_constant__ struct tensor_map x_map, const __grid_constant__ struct tensor_map residual_map,
    const __grid_constant__ struct tensor_map w_map, const __grid_constant__ struct tensor_map y_map|>)m4_dnl
