m4_include(<|cuda/elsewhere.m4|>)m4_dnl
#ifndef __CUDA_ARCH_FEAT_SM90_ALL
m4_include(<|cuda/conv_mma_pool.m4|>)m4_dnl
#else
m4_divert(-1)
The first layer and a max pool 3x3 of stride 2 behind it, in 2-D, on sm_90a; on other GPUs conv_mma_pool.m4. A warpgroup
has strips of STEM_STRIP rows of the pool's results, STEM_PW columns wide, and walks down each. A step multiplies two
rows of the convolution, of which a thread has neighbouring pixels: the maximum along W is one of registers and one of
another lane's, and that along H needs one row of the step before. Warpgroups work on their own, so that one multiplies
while the other one finishes. STEM_LEAD_H, STEM_LEAD_W: 1 where a step before a strip, or a column to the left of it, is
computed for its last row or column alone. Rows of the input are in a ring, STEM_RING_STEPS steps in flight. Grid: x:
the warpgroups' strips, y: 64 channels.
require(<|FUNCTION|>, <|BATCH|>, <|CONV_H|>, <|CONV_W|>, <|POOL_PAD_H|>, <|POOL_PAD_W|>, <|K_D|>, <|K_H|>, <|S_H|>,
  <|PAD_H|>, <|IN_ROW|>, <|IN_COLUMNS|>, <|STEM_GROUPS|>, <|STEM_THREADS|>, <|STEM_BLOCKS|>, <|STEM_CHUNKS|>,
  <|STEM_STRIP|>, <|STEM_PW|>, <|STEM_LEAD_H|>, <|STEM_LEAD_W|>, <|STEM_RING_STEPS|>, <|STEM_MASKED|>)
m4_define(<|STEM_N|>, m4_eval(2 * STEM_PW))
m4_define(<|STEM_STRIPS|>, m4_eval((OUT_H + STEM_STRIP - 1) / STEM_STRIP))
m4_define(<|STEM_ACROSS|>, m4_eval((OUT_W + STEM_PW - STEM_LEAD_W - 1) / (STEM_PW - STEM_LEAD_W)))
m4_define(<|STEM_TILES|>, PRODUCT(BATCH, STEM_STRIPS, STEM_ACROSS))
m4_define(<|STEM_WORKERS|>, m4_eval(STEM_BLOCKS * STEM_GROUPS))
m4_define(<|STEM_STEPS|>, m4_eval(STEM_STRIP + STEM_LEAD_H))
Rows of the input that a step reads, and by how many the next one begins later.
m4_define(<|STEM_ROWS|>, m4_eval(K_H + S_H))
m4_define(<|STEM_ADVANCE|>, m4_eval(2 * S_H))
m4_define(<|STEM_RING|>, m4_eval(STEM_RING_STEPS * STEM_ROWS))
m4_define(<|STEM_PIXELS|>, m4_eval(2 * (STEM_N - 1 + STEM_CHUNKS)))
m4_define(<|STEM_ROW_BYTES|>, m4_eval(8 * STEM_PIXELS))
m4_define(<|STEM_RINGS_AT|>, m4_eval(K_H * STEM_CHUNKS * 1024))
m4_define(<|STEM_RESULTS_AT|>, m4_eval(STEM_RINGS_AT + STEM_GROUPS * STEM_RING * STEM_ROW_BYTES))
m4_define(<|STEM_BARRIERS_AT|>, m4_eval(STEM_RESULTS_AT + STEM_GROUPS * STEM_PW * 144))
A pair of minus infinities, with which a maximum is the other one.
m4_define(<|STEM_NOTHING|>, m4_ifelse(PRECISION, <|fp16|>, 0xfc00fc00, 0xff80ff80))
m4_include(<|cuda/stem.m4|>)m4_dnl
m4_include(<|cuda/stem_steps.m4|>)m4_dnl
/* The same on sm_90a. */
extern "C" __global__ void __launch_bounds__ (STEM_THREADS, 1)
FUNCTION (const ELEMENT *x, const ELEMENT *residual, const float *__restrict__ w,
    ELEMENT *__restrict__ y)
{
  extern __shared__ __align__ (1024) unsigned char shared[];
  const int thread = threadIdx.x % 128, group = threadIdx.x / 128, lane = thread % 32, warp = thread / 32;
  const int first_of_block = blockIdx.y * 64, worker = group * STEM_BLOCKS + blockIdx.x;
  const int steps = worker < STEM_TILES ? (STEM_TILES - 1 - worker + STEM_WORKERS) / STEM_WORKERS * STEM_STEPS : 0;
  const unsigned weights_at = shared_address (shared), weights_full_at = weights_at + STEM_BARRIERS_AT;
  const unsigned all_full_at = weights_full_at + 8, full_at = all_full_at + group * m4_eval(8 * STEM_RING_STEPS);
  const unsigned ring_at = weights_at + STEM_RINGS_AT + group * m4_eval(STEM_RING * STEM_ROW_BYTES);
  unsigned char *const results = shared + STEM_RESULTS_AT + group * m4_eval(STEM_PW * 144);
  if (threadIdx.x == 0)
    {
      barrier_init (weights_full_at, 1);
      for (int i = 0; i < m4_eval(STEM_GROUPS * STEM_RING_STEPS); i++)
        barrier_init (all_full_at + 8 * i, 1);
      barrier_init_fence ();
      barrier_expect (weights_full_at, STEM_WEIGHT_BYTES);
      copy_bytes (weights_at, STEM_WEIGHTS(0), STEM_WEIGHT_BYTES, weights_full_at);
    }
  __syncthreads ();
  dependency_wait ();

  STEM_COPY_ROWS
  #pragma unroll 1
  for (int n = 0; n < STEM_RING_STEPS; n++)
    if (n < steps)
      copy_rows (n);
  named_barrier_sync (1 + group, 128);

  const int first_c = first_of_block + warp * 16;
  STEM_CHANNELS
  const unsigned to = shared_address (results) + (lane % 2 * 4 + lane % 8 / 2) * 144 + warp * 32 + lane / 8 % 2 * 16;
  barrier_wait (weights_full_at, 0);
  unsigned above[m4_eval(STEM_N / 8)];
  #pragma unroll 1
  for (int n = 0; n < steps; n++)
    {
      STEM_STEP(n)
      float upper[m4_eval(STEM_N / 8)][4], lower[m4_eval(STEM_N / 8)][4];
      barrier_wait (full_at + n % STEM_RING_STEPS * 8, n / STEM_RING_STEPS % 2);
      if (s >= STEM_LEAD_H) /* above a strip only its lower row is needed */
        {
          WGMMA_FENCE
          STEM_MULTIPLY_ROW(upper, 0)
          WGMMA_COMMIT
        }
      WGMMA_FENCE
      STEM_MULTIPLY_ROW(lower, S_H)
      WGMMA_COMMIT
      STEM_WAIT(upper, lower)
      named_barrier_sync (1 + group, 128);
      if (n + STEM_RING_STEPS < steps)
        copy_rows (n + STEM_RING_STEPS);
      if (n + 1 == steps)
        dependency_trigger ();

      /* A thread has two neighbours of a window along W; the third, to their left, is in the lane before. */
      const int ch = ph * 2<||>PLUS(1 - POOL_PAD_H);
      const bool upper_there = (unsigned) ch < CONV_H, lower_there = (unsigned) (ch + 1) < CONV_H;
      IF(STEM_MASKED, <|const int cw = (column + lane % 4) * 2<||>PLUS(1 - POOL_PAD_W);|>)
      unsigned upper_left = STEM_NOTHING, lower_left = STEM_NOTHING, largest_before = 0;
      #pragma unroll
      for (int j = 0; j < m4_eval(STEM_N / 8); j++)
        {
          STEM_ROW_MAXIMUM(upper)
          STEM_ROW_MAXIMUM(lower)
          unsigned largest = larger_of (upper_there ? upper_max : STEM_NOTHING, lower_there ? lower_max : STEM_NOTHING);
          largest = larger_of (largest, s ? above[j] : STEM_NOTHING);
          above[j] = lower_there ? lower_max : STEM_NOTHING;
          IF(PAIRED, <|largest = ACTIVATION_PAIR(<|largest|>);|>)
          if (j % 2)
            store_transposed_pair (to + j / 2 * m4_eval(8 * 144), __byte_perm (largest_before, largest, 0x5410),
                                   __byte_perm (largest_before, largest, 0x7632));
          largest_before = largest;
        }
      named_barrier_sync (1 + group, 128);
      if (s < STEM_LEAD_H || ph >= OUT_H)
        continue;
      #pragma unroll
      for (int e = thread; e < m4_eval(STEM_PW * 8); e += 128)
        {
          const int pw = e / 8, ow = column + pw, o = first_of_block + e % 8 * 8;
          if (pw >= STEM_LEAD_W && ow < OUT_W && o < OUT_C)
            *(uint4 *) (y + (((size_t) sample * OUT_H + ph) * OUT_W + ow) * OUT_C + o)
              = *(const uint4 *) (results + pw * 144 + e % 8 * 16);
        }
    }
}
#endif
