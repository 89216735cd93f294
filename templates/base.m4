m4_changequote(<|, |>)m4_dnl
m4_changecom(<|/*|>, <|*/|>)m4_dnl
m4_divert(-1)

The macros that every template uses. Recursion lives here and nowhere else.

require(NAME, …): stop unless every NAME is defined; a template's list of parameters.
m4_define(<|require|>, <|m4_ifelse(<|$1|>, <||>, <||>,
  <|m4_ifdef(<|$1|>, <||>, <|m4_errprint(TEMPLATE: parameter $1 is not defined
)m4_m4exit(1)|>)require(m4_shift($@))|>)|>)

COMMENT(<|TEXT|>): a C comment in which macros are expanded; in one written directly they are not.
m4_define(<|COMMENT|>, <|/<||>* $1 *<||>/|>)

FOR(VAR, FROM, TO, BODY): BODY once for each value of VAR, both ends included; VAR is a macro in it.
m4_define(<|FOR|>, <|m4_ifelse(m4_eval(($2) <= ($3)), 1,
  <|m4_pushdef(<|$1|>, m4_eval($2))$4<||>m4_popdef(<|$1|>)FOR(<|$1|>, m4_eval(($2) + 1), <|$3|>, <|$4|>)|>)|>)

FOREACH(VAR, <|A, B, …|>, BODY): BODY once for each of A, B, …; VAR is a macro in it.
m4_define(<|FOREACH|>, <|FOREACH_IN(<|$1|>, <|$3|>, $2)|>)
m4_define(<|FOREACH_IN|>, <|m4_ifelse(<|$3|>, <||>, <||>,
  <|m4_pushdef(<|$1|>, <|$3|>)$2<||>m4_popdef(<|$1|>)FOREACH_IN(<|$1|>, <|$2|>, m4_shift(m4_shift(m4_shift($@))))|>)|>)

IF(CONDITION, THEN, ELSE): CONDITION is an m4_eval expression.
m4_define(<|IF|>, <|m4_ifelse(m4_eval($1), 0, <|$3|>, <|$2|>)|>)

Operands that change nothing are left out. BY(N): " * N", OVER(N): " / N", nothing for 1; N may be any C expression.
m4_define(<|BY|>, <|m4_ifelse($1, 1, <||>, <| * $1|>)|>)
m4_define(<|OVER|>, <|m4_ifelse($1, 1, <||>, <| / $1|>)|>)
FACTORS(A, B, …): "A * B * …" without factors of 1, and 1 where none is left.
m4_define(<|FACTORS|>, <|m4_ifelse($#, 1, <|$1|>, $1, 1, <|FACTORS(m4_shift($@))|>,
  <|$1<||>MORE_FACTORS(m4_shift($@))|>)|>)
m4_define(<|MORE_FACTORS|>, <|BY($1)<||>m4_ifelse($#, 1, <||>, <|MORE_FACTORS(m4_shift($@))|>)|>)
ADD_OFFSET(N): " + N", nothing for 0; N is a number, or numbers that m4_eval adds up.
m4_define(<|ADD_OFFSET|>, <|IF($1, <| + m4_eval($1)|>)|>)
SUBTRACT(N): " - N", nothing for 0.
m4_define(<|SUBTRACT|>, <|IF($1, <| - m4_eval($1)|>)|>)
MULTIPLE(I, STRIDE): " + I * STRIDE" for the number I, nothing for 0; STRIDE may be C.
m4_define(<|MULTIPLE|>, <|IF($1, <| + IF($1 != 1, <|m4_eval($1) * |>)$2<||>|>)|>)
FLOAT(X): the number X where floats are computed with: 8, 2.5F.
m4_define(<|FLOAT|>, <|$1<||>IF(m4_regexp(<|$1|>, <|[.e]|>) >= 0, F)|>)
PRODUCT(A, B, …): the product, a number below 2^31.
m4_define(<|PRODUCT|>, <|m4_ifelse($#, 1, <|$1|>, <|m4_eval($1 * PRODUCT(m4_shift($@)))|>)|>)

LOOP(VAR, COUNT): the head of a C loop; nothing where COUNT is 1: no emitted loop runs once.
m4_define(<|LOOP|>, <|m4_ifelse($2, 1, <||>, <|for (int $1 = 0; $1 < $2; $1++)|>)|>)
STEPPED(VAR, STEP): "VAR += STEP" at the end of such a head.
m4_define(<|STEPPED|>, <|m4_ifelse($2, 1, <|$1++|>, <|$1 += $2|>)|>)
What belongs to it, each nothing where COUNT is 1. TERM(VAR, COUNT, STRIDE): " + VAR * STRIDE", the variable's part of
an offset. AT(VAR, COUNT, STRIDE): the same where the offset may not fit an int.
m4_define(<|TERM|>, <|m4_ifelse($2, 1, <||>, <| + $1<||>BY($3)<||>|>)|>)
m4_define(<|AT|>, <|m4_ifelse($2, 1, <||>, <| + (size_t) $1<||>BY($3)<||>|>)|>)
INDEX_OF(VAR, COUNT): VAR, and 0 where COUNT is 1.
m4_define(<|INDEX_OF|>, <|m4_ifelse($2, 1, 0, <|$1<||>|>)|>)
BRACED(CONDITION, BODY): BODY, in braces where CONDITION says that a loop or a choice stands in front of it.
m4_define(<|BRACED|>, <|IF($1, <|{
        $2
      }|>, <|$2|>)|>)

A pool's window along AXIS, which begins at at_VAR and whose taps may lie apart. WINDOW_EXTENT(AXIS): from its first tap
to its last one. WINDOW_FIRST(VAR, AXIS): its first tap inside the input where it begins in front of it.
WINDOW_NEXT(VAR, AXIS): a loop's step to the next tap. WINDOW_TAPS(VAR, AXIS): how many there are from lo_VAR to hi_VAR;
WINDOW_COUNTED(VAR, AXIS): in front of END.
m4_define(<|WINDOW_EXTENT|>, <|m4_eval((K_$1 - 1) * DIL_$1 + 1)|>)
m4_define(<|WINDOW_FIRST|>, <|IF(DIL_$2 > 1, <|(at_$1 % DIL_$2 + DIL_$2) % DIL_$2|>, 0)|>)
m4_define(<|WINDOW_NEXT|>, <|STEPPED($1, DIL_$2)|>)
m4_define(<|WINDOW_UP|>, <|IF(DIL_$1 > 1, <| + m4_eval(DIL_$1 - 1)|>)|>)
m4_define(<|WINDOW_TAPS|>, <|IF(DIL_$2 > 1, <|((hi_$1 - lo_$1<||>WINDOW_UP($2)) / DIL_$2)|>, <|(hi_$1 - lo_$1)|>)|>)
m4_define(<|WINDOW_COUNTED|>, <|at_$1 + WINDOW_EXTENT($2) <= END_$2 ? K_$2 : m4_dnl
IF(DIL_$2 > 1, <|(END_$2 - at_$1<||>WINDOW_UP($2)) / DIL_$2|>, <|END_$2 - at_$1|>)|>)

DECODE(I, VAR, COUNT, VAR, COUNT, …): declarations that split the running index I, the first VAR running fastest; a VAR
of COUNT 1 is left out.
m4_define(<|DECODE|>, <|DECODE_FROM(<|$1|>, 1, m4_shift($@))|>)
m4_define(<|DECODE_FROM|>, <|m4_ifelse(<|$3|>, <||>, <||>,
  <|m4_ifelse($4, 1, <||>, <|int $3 = $1<||>OVER($2)<||>m4_ifelse(<|$5|>, <||>, <||>, <| % $4|>);
      |>)DECODE_FROM(<|$1|>, m4_eval($2 * $4), m4_shift(m4_shift(m4_shift(m4_shift($@)))))|>)|>)

EACH_VECTOR(COUNT, BODY): BODY for COUNT vectors of a block of channels after the other. VECTOR_LANES, the floats of a
vector, tells whether that takes a loop; it is 0 where only the compiler knows. In BODY, V is " + v", the channels in
front of the first of these vectors, and nothing without a loop.
m4_define(<|IS_WHOLE_BLOCK|>, <|m4_eval(($1) * VECTOR_LANES == BLOCK)|>)
m4_define(<|EACH_VECTOR|>, <|IF(IS_WHOLE_BLOCK($1), <|m4_pushdef(<|V|>, <||>)$2<||>m4_popdef(<|V|>)|>,
  <|m4_pushdef(<|V|>, <| + v<||>|>)for (int v = 0; v < BLOCK; v += IF($1 > 1, <|$1 * |>)VL)
      {
        $2
      }m4_popdef(<|V|>)|>)|>)
VECTOR(I): " + I * VL", the place of vector I behind another one.
m4_define(<|VECTOR|>, <|m4_ifelse($1, 0, <||>, $1, 1, <| + VL<||>|>, <| + $1 * VL<||>|>)|>)

The tensors IN, OUT and RES consist of floats, or of bf16 numbers where IN_ELEMENT, OUT_ELEMENT or RES_ELEMENT says so.
Registers have floats: loads widen, stores round. TYPE_OF(TENSOR): the type in C; IN_TYPE, OUT_TYPE, RES_TYPE for short.
m4_define(<|IS_BF16|>, <|m4_ifelse($1_ELEMENT, <|bf16|>, 1, 0)|>)
m4_define(<|TYPE_OF|>, <|IF(IS_BF16(<|$1|>), bf16, float)|>)
m4_define(<|IN_TYPE|>, <|TYPE_OF(<|IN|>)|>)
m4_define(<|OUT_TYPE|>, <|TYPE_OF(<|OUT|>)|>)
m4_define(<|RES_TYPE|>, <|TYPE_OF(<|RES|>)|>)
LOAD(TENSOR, P), STORE(TENSOR, P, V): a vector of the tensor's elements, aligned to its size in memory. LOAD_WEIGHTS(P):
of weights.
m4_define(<|LOAD|>, <|IF(IS_BF16(<|$1|>), vload_bf16, vload) ($2)|>)
m4_define(<|LOAD_WEIGHTS|>, <|IF(m4_ifelse(WEIGHT_TYPE, bf16, 1, 0), vload_weights, vload) ($1)|>)
m4_define(<|STORE|>, <|IF(IS_BF16(<|$1|>), vstore_bf16, vstore) ($2, $3)|>)
AS_FLOAT(TENSOR, X): one element X as a float; AS_ELEMENT(TENSOR, F): the float F as an element. CONVERTED(X): an
element of IN as one of OUT, the same bits where their types are the same.
m4_define(<|AS_FLOAT|>, <|IF(IS_BF16(<|$1|>), <|from_bf16 ($2)|>, <|$2|>)|>)
m4_define(<|AS_ELEMENT|>, <|IF(IS_BF16(<|$1|>), <|to_bf16 ($2)|>, <|$2|>)|>)
m4_define(<|CONVERTED|>, <|IF(IS_BF16(<|IN|>) == IS_BF16(<|OUT|>), <|$1|>, <|AS_ELEMENT(<|OUT|>, m4_dnl
<|AS_FLOAT(<|IN|>, <|$1|>)|>)|>)|>)

Places in tensors, of sample s, block o, plane d and row h: OUT_PLANE_AT, OUT_ROW_AT, RES_PLANE_AT, RES_ROW_AT and
IN_ROW_AT.
m4_define(<|BLOCK_OF|>, <|ADD_OFFSET($1_ORIGIN)AT(s, BATCH, $1_SAMPLE)AT(o, $2_BLOCKS, $1_BLOCK)|>)
m4_define(<|PLANE_OF|>, <|BLOCK_OF(<|$1|>, <|$2|>)AT(d, $2_D, $1_PLANE)|>)
m4_define(<|ROW_OF|>, <|PLANE_OF(<|$1|>, <|$2|>)AT(h, $2_H, $1_ROW)|>)
m4_define(<|OUT_PLANE_AT|>, <|PLANE_OF(<|OUT|>, <|OUT|>)|>)
m4_define(<|OUT_ROW_AT|>, <|ROW_OF(<|OUT|>, <|OUT|>)|>)
m4_define(<|RES_PLANE_AT|>, <|PLANE_OF(<|RES|>, <|OUT|>)|>)
m4_define(<|RES_ROW_AT|>, <|ROW_OF(<|RES|>, <|OUT|>)|>)
m4_define(<|IN_ROW_AT|>, <|ROW_OF(<|IN|>, <|IN|>)|>)

BANNER: the first lines of every generated C file.
m4_define(<|BANNER|>, <|COMMENT(<|NETWORK_NAME: generated by rescast VERSION from the template TEMPLATE.
   The authors of rescast claim no rights to this generated code.|>)|>)

HEAD: banner, includes and the line that says what the kernel computes.
m4_define(<|HEAD|>, <|BANNER

#include "ISA_HEADER"

COMMENT(<|PURPOSE|>)|>)

CLEAR_HALO: define the function clear_halo, which zeroes the border of the output that later layers read; nothing
where there is none. CALL_CLEAR_HALO: the call.
m4_define(<|HAS_HALO|>, <|m4_eval(HALO_LO_D + HALO_HI_D + HALO_LO_H + HALO_HI_H + HALO_LO_W + HALO_HI_W > 0)|>)
ZERO(P, COUNT, SIZE): COUNT things of SIZE elements at P; nothing where COUNT is 0.
m4_define(<|ZERO|>, <|IF($2, <|memset ($1, 0, FACTORS(m4_eval($2 * $3), sizeof (OUT_TYPE)));|>)|>)
Rows and planes with those of the halo, and the condition that row i of them is in it.
m4_define(<|ALL_H|>, <|m4_eval(HALO_LO_H + OUT_H + HALO_HI_H)|>)
m4_define(<|ALL_D|>, <|m4_eval(HALO_LO_D + OUT_D + HALO_HI_D)|>)
OUTSIDE(VAR, AXIS, MORE): the condition that VAR is in the halo along the axis, MORE behind it where there is any.
m4_define(<|OUTSIDE|>, <|IF(HALO_LO_$2, <|$1 < HALO_LO_$2<||>|>)IF(HALO_LO_$2 && HALO_HI_$2, <| || |>)m4_dnl
IF(HALO_HI_$2, <|$1 >= m4_eval(HALO_LO_$2 + OUT_$2)|>)|>)
m4_define(<|HAS_HALO_OF|>, <|m4_eval(HALO_LO_$1 + HALO_HI_$1 > 0)|>)
m4_define(<|IS_OUTSIDE|>, <|OUTSIDE(d, D)<||>IF(HAS_HALO_OF(D) && HAS_HALO_OF(H), <| || |>)OUTSIDE(h, H)|>)
m4_define(<|CLEAR_COLUMNS|>, <|ZERO(p, HALO_LO_W, OUT_PIXEL)
        ZERO(<|p + m4_eval((HALO_LO_W + OUT_W) * OUT_PIXEL)|>, HALO_HI_W, OUT_PIXEL)|>)
m4_define(<|CLEAR_ROW|>, <|IF(HAS_HALO_OF(H), <|const int h = i<||>IF(ALL_D > 1, <| % ALL_H|>);|>)
      IF(HAS_HALO_OF(D), <|const int d = i<||>OVER(ALL_H);|>)
      OUT_TYPE *p = y + (size_t) r.row * OUT_BLOCK + (size_t) i * OUT_ROW;
      IF(HAS_HALO_OF(D) || HAS_HALO_OF(H), <|if (IS_OUTSIDE)
        ZERO(p, 1, OUT_ROW)
      IF(HAS_HALO_OF(W), <|else
        {
          CLEAR_COLUMNS
        }|>)|>, <|CLEAR_COLUMNS|>)|>)
m4_define(<|CLEAR_HALO|>, <|IF(HAS_HALO, <|
/* Zero the border around the output, which later layers read as their padding. */
static void
clear_halo (OUT_TYPE *y, struct rescast_part t, int n)
{
  struct rescast_runs r = rescast_runs (PRODUCT(BATCH, OUT_GROUPS), m4_eval(ALL_D * ALL_H), n, t, n);
  for (; r.left > 0; rescast_next_run (&r))
    for (int i = r.column; i < r.end; i++)
      {
        CLEAR_ROW
      }
}
|>)|>)
m4_define(<|CALL_CLEAR_HALO|>, <|IF(HAS_HALO, <|clear_halo (y, t, n);|>)|>)
A blocked output has OUT_BLOCKS blocks, BLOCK elements a pixel; cpu/input.m4 redefines both for a planar one.
m4_define(<|OUT_PIXEL|>, <|BLOCK|>)
m4_define(<|OUT_GROUPS|>, <|OUT_BLOCKS|>)

The epilogue, on a variable ACC that holds one vector: E points at the block's place in the node's weights.
EPILOGUE(ACC, E, R): residual (R: expression of its address), then the activation.
m4_define(<|EPILOGUE|>, <|m4_dnl
IF(RES_SAMPLE >= 0, <|$1 += LOAD(<|RES|>, <|$3|>)<||>IF(RESIDUAL_SCALE_AT >= 0, <| * vload ($2 + RESIDUAL_SCALE_AT)|>);
|>)m4_dnl
ACTIVATE(<|$1|>, <|$2|>)|>)
ACTIVATE(ACC, E): the activation. ACTIVATION(X, SLOPE) is its expression; where it would make something else of the
zeros in the channels that pad the last block, a vector of the epilogue's has a positive number in the others. So it is,
whatever the activation, where a bf16 sum's padding channels are NaN because an input is.
m4_define(<|ACTIVATE|>, <|IF(CHANNEL_MASK_AT >= 0,
<|$1 = vpositive (vload ($2 + CHANNEL_MASK_AT), ACTIVATED($1, <|$2|>), vsplat (0));|>, <|m4_ifelse(ACT, <|none|>, <||>,
<|$1 = ACTIVATED(<|$1|>, <|$2|>);|>)|>)|>)
m4_define(<|ACTIVATED|>, <|ACTIVATION(<|$1|>, <|vload ($2 + SLOPE_AT)|>)|>)

How threads share the work. THREADS: how many of them have a share; PANELS_NOW: into how many panels the columns of
units are divided for so many. PANELS_TABLE: the table that tells it, where there is one.
m4_define(<|THREADS|>, <|IF(MOST_THREADS == 1, 1, m4_dnl
<|IF(MOST_THREADS < 256, <|n < MOST_THREADS ? n : MOST_THREADS|>, n)|>)|>)
m4_define(<|PANELS_NOW|>, <|IF(PANELS > 0, PANELS, <|panels_for[n < 64 ? n - 1 : 63]|>)|>)
m4_define(<|PANELS_TABLE|>, <|IF(PANELS == 0, <|
/* Into how many panels the columns of units are divided: for 1, 2, ... threads. */
static const short panels_for[64] = { PANELS_OF_THREADS };
|>)|>)
Kernels that read few weights or none: each thread has the same part of the map in all blocks, so that from layer to
layer it mostly reads what it has written. EACH_UNIT(ROWS, COLUMNS): the head of the loop over the units i of the parts
t; rows are blocks, or blocks of all samples. ROW_OF_UNIT(VAR, ROWS,
COLUMNS): the declaration of the block; what the columns consist of is to be decoded from i.
ALONE(COUNT): where so many threads get work, one, and there is no halo to clear, the kernel does not ask how many there
are.
m4_define(<|ALONE|>, <|IF($1 == 1 && !m4_ifdef(<|HALO_LO_D|>, <|HAS_HALO|>, 0), <|UNUSED(n)|>)|>)
m4_define(<|IS_GRID|>, <|m4_eval($1 > 1 && $2 > 1)|>)
m4_define(<|EACH_UNIT|>, <|IF(IS_GRID($1, $2), <|struct rescast_runs r = rescast_runs ($1, $2, n, t, THREADS);
  for (; r.left > 0; rescast_next_run (&r))
    for (int i = r.column; i < r.end; i++)|>, <|ALONE(MOST_THREADS)int first, last;
  rescast_share (PRODUCT($1, $2), t, THREADS, &first, &last);
  for (int i = first; i < last; i++)|>)|>)
m4_define(<|ROW_OF_UNIT|>, <|IF($2 > 1, <|const int $1 = IF(IS_GRID($2, $3), r.row, i);|>)|>)

PROTOTYPE: the head of every kernel, its brace included. input, addend, output: the tensors' first bytes, halo included;
weights: the node's packed ones; t: which parts of the work of n threads are computed. ADDEND_APART: restrict, and
nothing in kernels whose output may lie where the addend does: plan_memory.c.
m4_define(<|ADDEND_APART|>, <|restrict |>)
m4_define(<|WEIGHT_TYPE|>, float)
m4_define(<|SCRATCH_FLOATS|>, <|m4_eval(SCRATCH_BYTES / 4)|>)
m4_define(<|PROTOTYPE|>, <|void
FUNCTION (const void *restrict input, const void *ADDEND_APART<||>addend, const void *restrict weights, m4_dnl
void *ADDEND_APART<||>output, IF(SCRATCH_BYTES, <|void *restrict memory, |>)STAGE_PARAMETER()m4_dnl
struct rescast_part t, int n)
{
  const IN_TYPE *const x = input;
  const RES_TYPE *const residual = addend;
  const WEIGHT_TYPE *const w = weights;
  OUT_TYPE *const y = output;
  IF(SCRATCH_BYTES, <|float *const scratch = memory;|>)|>)
WITH_SCRATCH: the kernel around the function share. Where it is given no scratch memory, that is on the stack. A kernel
that can also run in stages has STAGE_PARAMETER and, in front of all else, RUN_STAGE: cpu/winograd_stages.m4.
m4_define(<|STAGE_PARAMETER|>, <||>)
m4_define(<|RUN_STAGE|>, <||>)
m4_define(<|WITH_SCRATCH|>, <|static __attribute__ ((noinline)) void
share_on_stack (const float *x, const float *residual, const float *w, float *y, struct rescast_part t, int n)
{
  _Alignas (64) float scratch[SCRATCH_FLOATS];
  share (x, residual, w, y, scratch, t, n);
}

PROTOTYPE
  RUN_STAGE
  CALL_CLEAR_HALO
  if (scratch)
    share (x, residual, w, y, scratch, t, n);
  else
    share_on_stack (x, residual, w, y, t, n);
}|>)
UNUSED(NAME, …): parameters that this kernel does not need.
m4_define(<|UNUSED|>, <|m4_ifelse(<|$1|>, <||>, <||>, <|(void) $1;
  UNUSED(m4_shift($@))|>)|>)
m4_divert(0)m4_dnl
