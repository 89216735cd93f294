m4_define(<|TEMPLATE|>, <|cuda_*.m4|>)m4_dnl
BANNER
/* The kernels for NVIDIA GPUs, for nvcc and for NVRTC. Tensors are N, D, H, W, C without gaps; all extents are literals.

   Every kernel has the same arguments: x: its input, residual: what its epilogue adds, w: its layer's weights, y: its
   output. Arrays of the caller's, which the first one reads and the last one writes, are N, C, D, H, W. */
