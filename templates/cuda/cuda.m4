m4_divert(-1)
What all kernels for the GPU have in common; each cuda_*.m4 includes it.

ELEMENT: what tensors in the arena consist of; the bits, where it is a float of two bytes. Sums are of floats everywhere.
VALUE(E): the float that the element E stands for. STORED(F): the element nearest to the float F.
m4_define(<|HALVES|>, <|m4_ifelse(PRECISION, <|fp16|>, 1, PRECISION, <|bf16|>, 1, 0)|>)
m4_define(<|ELEMENT|>, <|IF(HALVES, <|unsigned short|>, <|float|>)|>)
m4_define(<|VALUE|>, <|IF(HALVES, <|to_float ($1)|>, <|$1|>)|>)
m4_define(<|STORED|>, <|IF(HALVES, <|to_element ($1)|>, <|$1|>)|>)

XVALUE(E), YSTORED(F): the same for tensors that may be of floats whatever the precision: scores.
m4_define(<|XVALUE|>, <|IF(X_WIDE, <|$1|>, <|VALUE(<|$1|>)|>)|>)
m4_define(<|YSTORED|>, <|IF(Y_WIDE, <|$1|>, <|STORED(<|$1|>)|>)|>)

KERNEL_HEAD: what it computes, and its prototype. X_TYPE, Y_TYPE: float where x or y is the caller's array. x and residual are
not __restrict__: what nobody writes during a kernel, ptxas reads before griddepcontrol.wait, while the kernel before writes it.
m4_define(<|X_TYPE|>, <|IF(X_WIDE, float, <|ELEMENT|>)|>)
m4_define(<|Y_TYPE|>, <|IF(Y_WIDE, float, <|ELEMENT|>)|>)
m4_define(<|KERNEL_HEAD|>, <|COMMENT(<|PURPOSE|>)
extern "C" __global__ void __launch_bounds__ (THREADS)
FUNCTION (const X_TYPE *x, const ELEMENT *residual,IF(HALVES, <|
   |>) const float *__restrict__ w,IF(HALVES, <||>, <|
   |>) Y_TYPE *__restrict__ y)|>)

BEGIN: the first statements of every kernel, after what needs no other kernel's results.
m4_define(<|BEGIN|>, <|dependency_wait ();
  dependency_trigger ();|>)

EACH_RESULT: one thread a result, i of COUNT; it splits i into c, ow, oh, od, s, the channel running fastest.
m4_define(<|EACH_RESULT|>, <|const int i = blockIdx.x * THREADS + threadIdx.x;
  BEGIN
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
IF(RES_SAMPLE >= 0, <|$1 += VALUE(<|residual[$3]|>)<||>IF(RESIDUAL_SCALE_AT >= 0, <| * w[RESIDUAL_SCALE_AT + $2]|>);
|>)ACTIVATE_ONE(<|$1|>, <|$2|>)|>)
ACTIVATE_ONE(V, C): the activation, in which ACTIVATION(X, SLOPE) is its expression. ACTIVATE_WITH(V, SLOPE).
m4_define(<|ACTIVATE_ONE|>, <|ACTIVATE_WITH(<|$1|>, <|w[SLOPE_AT + $2]|>)|>)
m4_define(<|ACTIVATE_WITH|>, <|m4_ifelse(ACT, <|none|>, <||>, <|$1 = ACTIVATION(<|$1|>, <|$2|>);|>)|>)

CHANNELS_EACH: channels that a thread has, 8 or 1.
LOAD_EACH(V, P), STORE_EACH(P, V): between memory and floats.
m4_define(<|LOAD_EACH|>, <|IF(CHANNELS_EACH > 1, <|load_8 ($1, $2);|>, <|$1[0] = VALUE(<|*($2)|>);|>)|>)
m4_define(<|STORE_EACH|>, <|IF(CHANNELS_EACH > 1, <|store_8 ($1, $2);|>, <|*($1) = STORED(<|$2[0]|>);|>)|>)

TIMES(A, N), MINUS(N): " * N" and " - N" where they make a difference.
m4_define(<|TIMES|>, <|$1<||>m4_ifelse($2, 1, <||>, <| * $2|>)|>)
m4_define(<|MINUS|>, <|m4_ifelse(m4_eval($1), 0, <||>, <| - $1|>)|>)

SUM_OVER(VAR, STEP): the sum of VAR over groups of 2 * STEP lanes of a warp, in the same order in each.
m4_define(<|SUM_OVER|>, <|for (int step = $2; step > 0; step /= 2)
    $1 += __shfl_xor_sync (0xffffffff, $1, step);|>)
m4_divert(0)m4_dnl
