m4_divert(-1)
What all kernels for the GPU have in common; each template beside this one includes it.

ELEMENT: the type of a tensor's elements in the arena; the bits of an fp16 or bf16 number. All sums are floats.
VALUE(E): the element E as a float. STORED(F): the float F rounded to an element.
m4_define(<|HALVES|>, <|m4_ifelse(PRECISION, <|fp16|>, 1, PRECISION, <|bf16|>, 1, 0)|>)
m4_define(<|ELEMENT|>, <|IF(HALVES, <|unsigned short|>, <|float|>)|>)
m4_define(<|VALUE|>, <|IF(HALVES, <|to_float ($1)|>, <|$1|>)|>)
m4_define(<|STORED|>, <|IF(HALVES, <|to_element ($1)|>, <|$1|>)|>)

XVALUE(E), YSTORED(F): the same for x and y, which are floats in every precision where they are scores.
m4_define(<|XVALUE|>, <|IF(X_WIDE, <|$1|>, <|VALUE(<|$1|>)|>)|>)
m4_define(<|YSTORED|>, <|IF(Y_WIDE, <|$1|>, <|STORED(<|$1|>)|>)|>)

KERNEL_HEAD: a comment on what the kernel computes, and its prototype. X_TYPE, Y_TYPE: float where x or y is the
caller's array. x and residual are not __restrict__: ptxas would take them for constants and read them before
griddepcontrol.wait, while the kernel in front still writes them.
m4_define(<|X_TYPE|>, <|IF(X_WIDE, float, <|ELEMENT|>)|>)
m4_define(<|Y_TYPE|>, <|IF(Y_WIDE, float, <|ELEMENT|>)|>)
m4_define(<|KERNEL_HEAD|>, <|COMMENT(<|PURPOSE|>)
extern "C" __global__ void __launch_bounds__ (THREADS)
FUNCTION (const X_TYPE *x, const ELEMENT *residual,IF(HALVES, <|
   |>) const float *__restrict__ w,IF(HALVES, <||>, <|
   |>) Y_TYPE *__restrict__ y)|>)

BEGIN: wait for the kernel in front (programmatic dependent launch). Only what needs no results of it comes before.
m4_define(<|BEGIN|>, <|dependency_wait ();
  dependency_trigger ();|>)

EACH_RESULT: one thread per result, number i of COUNT; SPLIT gives the result's coordinates.
m4_define(<|EACH_RESULT|>, <|const int i = blockIdx.x * THREADS + threadIdx.x;
  BEGIN
  if (i >= COUNT)
    return;|>)
EACH_THREAD(I, COUNT): the head of a loop in which the threads of a block share the numbers I below COUNT.
m4_define(<|EACH_THREAD|>, <|IF($2 <= THREADS, <|const int $1 = threadIdx.x;
  if ($1 < $2)|>, <|for (int $1 = threadIdx.x; $1 < $2; $1 += THREADS)|>)|>)
SPLIT(I, VAR, COUNT, VAR, COUNT, …): declarations of the coordinates of the linear index I, the first VAR fastest.
m4_define(<|SPLIT|>, <|SPLIT_FROM(<|$1|>, 1, m4_shift($@))|>)
m4_define(<|SPLIT_FROM|>, <|m4_ifelse(<|$3|>, <||>, <||>,
  <|const int $3 = m4_ifelse(<|$4|>, 1, 0,
    <|$1<||>m4_ifelse(<|$2|>, 1, <||>, <| / $2|>)<||>m4_ifelse(<|$5|>, <||>, <||>, <| % $4|>)|>);
  SPLIT_FROM(<|$1|>, m4_eval($2 * $4), m4_shift(m4_shift(m4_shift(m4_shift($@)))))|>)|>)

FINISH(V, C, AT): the epilogue of V, the result number AT, which is of channel C: residual, then activation.
m4_define(<|FINISH|>, <|m4_dnl
IF(RES_SAMPLE >= 0, <|$1 += VALUE(<|residual[$3]|>)<||>IF(RESIDUAL_SCALE_AT >= 0, <| * w[RESIDUAL_SCALE_AT + $2]|>);
|>)ACTIVATE_ONE(<|$1|>, <|$2|>)|>)
ACTIVATE_ONE(V, C): the activation, in which ACTIVATION(X, SLOPE) is its expression. ACTIVATE_WITH(V, SLOPE).
m4_define(<|ACTIVATE_ONE|>, <|ACTIVATE_WITH(<|$1|>, <|w[SLOPE_AT + $2]|>)|>)
m4_define(<|ACTIVATE_WITH|>, <|m4_ifelse(ACT, <|none|>, <||>, <|$1 = ACTIVATION(<|$1|>, <|$2|>);|>)|>)

LOAD_EACH(V, P), STORE_EACH(P, V): the CHANNELS_EACH channels of a thread, 8 or 1, from and to memory.
m4_define(<|LOAD_EACH|>, <|IF(CHANNELS_EACH > 1, <|load_8 ($1, $2);|>, <|$1[0] = VALUE(<|*($2)|>);|>)|>)
m4_define(<|STORE_EACH|>, <|IF(CHANNELS_EACH > 1, <|store_8 ($1, $2);|>, <|*($1) = STORED(<|$2[0]|>);|>)|>)

TIMES(A, N): "A * N", A where N is 1. MINUS(N), PLUS(N): " - N" and " + N", the other one where N is negative, nothing
where it is 0.
m4_define(<|TIMES|>, <|$1<||>m4_ifelse($2, 1, <||>, <| * $2|>)|>)
m4_define(<|PLUS|>, <|m4_ifelse(m4_eval($1), 0, <||>,
  m4_eval(($1) > 0), 1, <| + m4_eval($1)|>, <| - m4_eval(-($1))|>)|>)
m4_define(<|MINUS|>, <|PLUS(<|-($1)|>)|>)

SUM_OVER(VAR, STEP): the sum of VAR over groups of 2 * STEP lanes of a warp, each lane adding in the same order.
m4_define(<|SUM_OVER|>, <|for (int step = $2; step > 0; step /= 2)
    $1 += __shfl_xor_sync (0xffffffff, $1, step);|>)
m4_divert(0)m4_dnl
