m4_divert(-1)
Implicit GEMM on the tensor cores in fp16, bf16 or tf32, sums in fp32. A thread block has a tile of TILE_M pixels x
TILE_N output channels and walks along K in k-steps of 128 bytes a row. cp.async gathers the pixels' inputs and fetches
the weights; STAGES k-steps are in shared memory, most of them in flight. In a row of 128 bytes, the 16 bytes at k are
at k ^ row % 8 (128-byte swizzle), so that neither copies nor products have bank conflicts. WARPS_M x WARPS_N warps
share a tile. Split-K: WARPS_K times so many warps and the CLUSTER blocks of a cluster share K; their partial sums are
added in a fixed order. WGMMA: on sm_90a warpgroups multiply straight from shared memory.

The including template defines
  PIXEL_COUNT, DEPTH     the product's M and K
  LOCATE(M)              statements that set origin[i], the element where row M's first tap begins, and inside[i], which
                         taps lie inside: a bit for each position along W, then H, then D
  FIND_TAP(TAP)          declarations of offset, from the first tap, in elements, and, where taps may lie outside, of
                         kw, kh, kd
  RESULT(M)              declarations of pixel, the number of row M among the output's pixels
  OUT_FIRST, MATRIX      the first channel of the output, the rows of weights: expressions
It may define IS_INSIDE, FINISH_ITEMS and MORE_ARGUMENTS, each explained at its default.
require(<|PRECISION|>, <|TILE_M|>, <|TILE_N|>, <|WARPS_M|>, <|WARPS_N|>, <|WARPS_K|>, <|STAGES|>, <|STAGES_ELSEWHERE|>,
  <|CLUSTER|>, <|BEHIND|>, <|SWAPPED|>, <|STAGES_AT|>, <|SUM_GAP|>, <|ROUNDS|>, <|WGMMA|>, <|THREADS|>, <|MIN_BLOCKS|>,
  <|MATRIX_ROWS|>, <|TOGETHER|>, <|COLUMNS|>, <|SPAN|>, <|CHANNELS|>, <|COPY_WIDTH|>, <|TAP_COUNT|>, <|PADDED|>,
  <|N_TILES|>, <|Y_WIDE|>, <|SECOND_C|>)
m4_define(<|ELEMENT_BYTES|>, <|IF(HALVES, 2, 4)|>)
Elements of 16 bytes and of a k-step.
m4_define(<|UNIT|>, m4_eval(16 / ELEMENT_BYTES))
m4_define(<|STEP|>, m4_eval(8 * UNIT))
m4_define(<|A_BYTES|>, m4_eval(TILE_M * 128))
m4_define(<|STAGE_BYTES|>, m4_eval((TILE_M + TILE_N) * 128))
8 threads copy a row of 128 bytes; a thread's rows are APART rows apart.
m4_define(<|APART|>, m4_eval(THREADS / 8))
m4_define(<|A_COPIES|>, m4_eval((TILE_M + APART - 1) / APART))
m4_define(<|B_COPIES|>, m4_eval((TILE_N + APART - 1) / APART))
Floats from one row of sums to the next, and rows of sums that shared memory holds at once.
m4_define(<|PITCH|>, m4_eval(TILE_N + SUM_GAP))
m4_define(<|PART_ROWS|>, m4_eval(TILE_M / ROUNDS))
Does the last k-step reach beyond K?
m4_define(<|MAY_END|>, <|m4_ifelse(DEPTH, <|depth|>, 1, <|m4_eval(DEPTH % STEP > 0)|>)|>)
MORE_ARGUMENTS: arguments of the kernel behind the four that all have.
m4_ifdef(<|MORE_ARGUMENTS|>, <||>, <|m4_define(<|MORE_ARGUMENTS|>, <||>)|>)
m4_divert(0)m4_dnl
m4_include(<|cuda/wgmma.m4|>)m4_dnl
m4_include(<|cuda/mma_copy.m4|>)m4_dnl
m4_include(<|cuda/mma_end.m4|>)m4_dnl
m4_include(<|cuda/mma_warp.m4|>)m4_dnl
m4_include(<|cuda/mma_group.m4|>)m4_dnl
m4_divert(-1)

MMA_HEAD: a comment on what the kernel computes, and its prototype.
m4_define(<|MMA_HEAD|>, <|COMMENT(<|PURPOSE|>)
extern "C" __global__ void IF(CLUSTER > 1, <|CLUSTER_OF (CLUSTER) |>)__launch_bounds__ (THREADS, MIN_BLOCKS)
FUNCTION (const ELEMENT *x, const ELEMENT *residual, const float *__restrict__ w,
    Y_TYPE *__restrict__ y<||>MORE_ARGUMENTS)|>)

K_STEPS: declarations of this block's k-steps.
m4_define(<|K_STEPS|>, <|IF(CLUSTER > 1, <|
#if __CUDA_ARCH__ >= 900
  const int rank = blockIdx.y, parts = CLUSTER;
#else /* no clusters: the first block does all */
  const int rank = 0, parts = 1;
  if (blockIdx.y)
    return;
#endif
  const int all_steps = (DEPTH + m4_eval(STEP - 1)) / STEP;
  const int first_step = rank * all_steps / parts, steps = (rank + 1) * all_steps / parts - first_step;|>,
  <|const int first_step = 0, steps = (DEPTH + m4_eval(STEP - 1)) / STEP;|>)|>)

STAGE_COUNTS: declarations of the stages and of the k-steps that are prefetched; strips: into how many strips of rows
warps divide a tile.
m4_define(<|STAGE_COUNTS|>, <|IF(WGMMA, <|
#ifdef __CUDA_ARCH_FEAT_SM90_ALL
  const int stages = STAGES, ahead = m4_eval(STAGES - 1 - BEHIND);m4_dnl
IF(BEHIND, <| /* products read the stage before the present one, too */|>)
  IF(ROUNDS > 1, <|const int strips = GROUPS_M;|>)
#else
  const int stages = STAGES_ELSEWHERE, ahead = m4_eval(STAGES_ELSEWHERE - 1);
  IF(ROUNDS > 1, <|const int strips = WARPS_M;|>)
#endif|>, <|const int stages = STAGES, ahead = m4_eval(STAGES - 1);
  IF(ROUNDS > 1, <|const int strips = WARPS_M;|>)|>)|>)

MMA: the body of the kernel.
m4_define(<|MMA|>, <|
  extern __shared__ __align__ (1024) unsigned char shared[];
  const int thread = threadIdx.x, lane = thread % 32, warp = thread / 32;
  const int first_m = blockIdx.x / N_TILES * TILE_M, first_n = blockIdx.x % N_TILES * TILE_N;
  const unsigned shared_at = shared_address (shared)<||>PLUS(STAGES_AT);
  const ELEMENT *const matrix = MATRIX;
  K_STEPS

  COMMENT(<|A thread copies 16 bytes of every APART<||>th row.|>)
  const int chunk = thread % 8, copy_row = thread / 8, copy_at = copy_row * 128 + (chunk ^ copy_row % 8) * 16;
  STAGE_COUNTS
  #pragma unroll
  for (int s = 0; s < ahead; s++)
    if (s < steps)
      {
        COPY_B(first_step + s, s)
      }
  copies_commit ();
  int origin[A_COPIES];
  unsigned inside[A_COPIES];
  IF(SECOND_C, <|int second[A_COPIES];|>)
  #pragma unroll
  for (int i = 0; i < A_COPIES; i++)
    {
      const int m = first_m + copy_row + i * APART;
      LOCATE(m)
      if (m >= PIXEL_COUNT)
        inside[i] = 0;
    }
  dependency_wait ();
  COPY_RESIDUAL
  #pragma unroll
  for (int s = 0; s < ahead; s++)
    {
      if (s < steps)
        {
          COPY_A(first_step + s, s)
        }
      copies_commit ();
    }
  IF(WGMMA, <|
#ifdef __CUDA_ARCH_FEAT_SM90_ALL
  GROUP_PRODUCT
#else
  WARP_PRODUCT
#endif|>, <|WARP_PRODUCT|>)
|>)
m4_divert(0)m4_dnl
