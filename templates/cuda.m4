m4_divert(-1)
What all kernels for the GPU have in common; each cuda_*.m4 includes it.

KERNEL_HEAD: what it computes, and its prototype.
m4_define(<|KERNEL_HEAD|>, <|COMMENT(<|PURPOSE|>)
extern "C" __global__ void __launch_bounds__ (THREADS)
FUNCTION (const float *__restrict__ x, const float *__restrict__ residual, const float *__restrict__ w,
    float *__restrict__ y)|>)

EACH_RESULT: one thread a result, i of COUNT; it splits i into c, ow, oh, od, s, the channel running fastest.
m4_define(<|EACH_RESULT|>, <|const int i = blockIdx.x * THREADS + threadIdx.x;
  if (i >= COUNT)
    return;|>)
SPLIT(I, VAR, COUNT, VAR, COUNT, …): declarations that split I, the first VAR running fastest.
m4_define(<|SPLIT|>, <|SPLIT_FROM(<|$1|>, 1, m4_shift($@))|>)
m4_define(<|SPLIT_FROM|>, <|m4_ifelse(<|$3|>, <||>, <||>,
  <|const int $3 = m4_ifelse(<|$4|>, 1, 0, <|$1<||>m4_ifelse(<|$2|>, 1, <||>, <| / $2|>)<||>m4_ifelse(<|$5|>, <||>, <||>,
  <| % $4|>)|>);
  SPLIT_FROM(<|$1|>, m4_eval($2 * $4), m4_shift(m4_shift(m4_shift(m4_shift($@)))))|>)|>)

FINISH(V, C, AT): the epilogue on the variable V, the result AT of channel C: residual, then activation.
m4_define(<|FINISH|>, <|m4_dnl
IF(RES_SAMPLE >= 0, <|$1 += residual[$3]<||>IF(RESIDUAL_SCALE_AT >= 0, <| * w[RESIDUAL_SCALE_AT + $2]|>);
|>)ACTIVATE_ONE(<|$1|>, <|$2|>)|>)
m4_define(<|ACTIVATE_ONE|>, <|m4_ifelse(ACT, <|relu|>, <|$1 = $1 < 0 ? 0 : $1;|>, ACT, <|prelu|>,
<|$1 = $1 < 0 ? $1 * w[SLOPE_AT + $2] : $1;|>)|>)

SUM_OVER(VAR, STEP): the sum of VAR over groups of 2 * STEP lanes of a warp, in the same order in each.
m4_define(<|SUM_OVER|>, <|for (int step = $2; step > 0; step /= 2)
    $1 += __shfl_xor_sync (0xffffffff, $1, step);|>)
m4_divert(0)m4_dnl
