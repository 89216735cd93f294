#ifndef __CUDA_ARCH_FEAT_SM90_ALL
m4_include(<|cuda_conv_mma.m4|>)m4_dnl
#else
m4_divert(-1)
The first layer, 2-D and 3-D, on sm_90a; on other GPUs cuda_conv_mma.m4. A block has a tile of one output plane: each group of
four warps STEM_JOINED rows of STEM_W columns, which one product computes: the input's rows lie in shared memory so that the rows of
neighbouring outputs are STEM_PITCH pixels apart, and sums of the few pixels between them are not used. The block walks along
the filter's planes, each with its part of the weights (STEM_RESIDENT: it has one plane alone), those outside left out;
STEM_STAGES of them are in shared memory. Blocks: x: tiles, y: 64 channels.
m4_define(<|TEMPLATE|>, <|cuda_conv_stem.m4|>)
require(<|FUNCTION|>, <|BATCH|>, <|K_D|>, <|K_H|>, <|S_D|>, <|S_H|>, <|PAD_D|>, <|PAD_H|>, <|IN_ROW|>, <|IN_COLUMNS|>, <|MATRIX_ROWS|>, <|SPAN|>, <|STEM_GROUPS|>,
  <|STEM_THREADS|>, <|STEM_BLOCKS|>, <|STEM_CHUNKS|>, <|STEM_JOINED|>, <|STEM_W|>, <|STEM_PITCH|>, <|STEM_STAGES|>)
m4_define(<|STEM_RESIDENT|>, m4_eval(K_D == 1))
m4_define(<|STEM_N|>, m4_eval(STEM_JOINED * STEM_PITCH))
m4_define(<|STEM_H|>, m4_eval(STEM_GROUPS * STEM_JOINED))
m4_define(<|STEM_DOWN|>, m4_eval((OUT_H + STEM_H - 1) / STEM_H))
m4_define(<|STEM_ACROSS|>, m4_eval((OUT_W + STEM_W - 1) / STEM_W))
m4_define(<|STEM_TILES|>, PRODUCT(BATCH, OUT_D, STEM_DOWN, STEM_ACROSS))
Rows of the input of a tile; they lie in S_H areas, one for each row of the filter modulo S_H.
m4_define(<|STEM_ROWS|>, m4_eval((STEM_H - 1) * S_H + K_H))
m4_define(<|STEM_PIXELS|>, m4_eval(2 * (STEM_W - 1 + STEM_CHUNKS)))
m4_define(<|STEM_ROW_BYTES|>, IF(STEM_JOINED > 1, m4_eval(STEM_PITCH * 16), m4_eval(8 * STEM_PIXELS)))
m4_define(<|STEM_AREA_BYTES|>, m4_eval((STEM_H + (K_H - 1) / S_H) * STEM_ROW_BYTES))
m4_include(<|cuda_stem.m4|>)m4_dnl
m4_divert(-1)
m4_define(<|STEM_WEIGHT_BYTES|>, m4_eval(K_H * STEM_TAP_BYTES))
A stage: weights, then rows. Weights that stay are in front of all.
m4_define(<|STEM_STAGES_AT|>, IF(STEM_RESIDENT, STEM_WEIGHT_BYTES, 0))
m4_define(<|STEM_ROWS_AT|>, IF(STEM_RESIDENT, 0, STEM_WEIGHT_BYTES))
m4_define(<|STEM_STAGE_BYTES|>, m4_eval(STEM_ROWS_AT + S_H * STEM_AREA_BYTES))
m4_define(<|STEM_RESULTS_AT|>, m4_eval(STEM_STAGES_AT + STEM_STAGES * STEM_STAGE_BYTES))
m4_define(<|STEM_BARRIERS_AT|>, m4_eval(STEM_RESULTS_AT + STEM_GROUPS * 2 * 64 * 144))
STEM_TILE(T): declarations of tile T's place and of the planes of the filter that lie inside.
m4_define(<|STEM_TILE|>, <|const int column = $1 % STEM_ACROSS * STEM_W, row = $1 / STEM_ACROSS % STEM_DOWN * STEM_H;
      const int od = $1 / m4_eval(STEM_ACROSS * STEM_DOWN) % OUT_D, sample = $1 / PRODUCT(STEM_ACROSS, STEM_DOWN, OUT_D);
      const int first_plane = od * S_D<||>ADD_OFFSET(-PAD_D), kd_first = first_plane < 0 ? -first_plane : 0;
      const int kd_end = IN_D - first_plane < K_D ? IN_D - first_plane : K_D;|>)
m4_include(<|cuda_stem_planes.m4|>)m4_dnl
m4_divert(-1)
STEM_FINISH(V, BIAS, SLOPE)
m4_define(<|STEM_FINISH|>, <|m4_ifelse(ACT, <|relu|>, <|($1 + $2 < 0 ? 0 : $1 + $2)|>, ACT, <|prelu|>, <|($1 + $2 < 0 ? ($1 + $2) * $3 : $1 + $2)|>, <|$1 + $2|>)|>)
m4_divert(0)m4_dnl
/* The same on sm_90a. */
extern "C" __global__ void __launch_bounds__ (STEM_THREADS, 1)
FUNCTION (const ELEMENT *__restrict__ x, const ELEMENT *__restrict__ residual, const float *__restrict__ w,
    ELEMENT *__restrict__ y)
{
  extern __shared__ __align__ (1024) unsigned char shared[];
  const int thread = threadIdx.x % 128, group = threadIdx.x / 128, lane = thread % 32, warp = thread / 32;
  const int first_c = blockIdx.y * 64;
  const unsigned shared_at = shared_address (shared), barriers_at = shared_at + STEM_BARRIERS_AT;
  const unsigned stages_at = shared_at + STEM_STAGES_AT;
  unsigned char *const results = shared + STEM_RESULTS_AT + group * m4_eval(2 * 64 * 144);
  if (threadIdx.x == 0)
    for (int i = 0; i < STEM_STAGES; i++)
      barrier_init (barriers_at + 8 * i, 1);
  barriers_are_ready ();
  __syncthreads ();

  STEM_COPY_PLANE
  IF(STEM_RESIDENT, <|STEM_COPY_WEIGHTS(shared_at, 0)|>, <|#pragma unroll 1
  for (int i = 0; i < m4_eval(STEM_STAGES - 1); i++)
    copy_plane (true, false);
  next_tile = blockIdx.x;
  next_kd = -1;
  next = 0;|>)
  STEM_CHANNELS
  dependency_wait ();
  #pragma unroll 1
  for (int i = 0; i < m4_eval(STEM_STAGES - 1); i++)
    copy_plane (false, true);
  copies_wait<IF(STEM_RESIDENT, 0, m4_eval(STEM_STAGES - 2))> ();
  written_for_engines ();
  __syncthreads ();

  STEM_LAYOUTS
  const unsigned to = shared_address (results) + lane % 8 * 144 + warp * 32 + lane / 8 % 2 * 16;
  float sum[m4_eval(STEM_N / 8)][4];
  int n = 0;
  #pragma unroll 1
  for (int tile = blockIdx.x; tile < STEM_TILES; tile += STEM_BLOCKS)
    {
      STEM_TILE(tile)
      #pragma unroll 1
      for (int kd = kd_first; kd < kd_end; kd++, n++)
        {
          const unsigned stage = stages_at + n % STEM_STAGES * STEM_STAGE_BYTES, weights_at = IF(STEM_RESIDENT, shared_at, stage);
          const unsigned rows_at = stage + STEM_ROWS_AT + group * m4_eval(STEM_JOINED * STEM_ROW_BYTES);
          barrier_wait (barriers_at + n % STEM_STAGES * 8, n / STEM_STAGES % 2);
          asm volatile ("wgmma.fence.sync.aligned;" ::: "memory");
          #pragma unroll
          for (int kh = 0; kh < K_H; kh++)
            #pragma unroll
            for (int k = 0; k < m4_eval(STEM_CHUNKS / 2); k++)
              STEM_MULTIPLY(sum, weights_at / 16 + kh * m4_eval(STEM_TAP_BYTES / 16) + k * 128,
                            (rows_at + kh % S_H * STEM_AREA_BYTES + kh / S_H * STEM_ROW_BYTES) / 16 + k * 2, kd - kd_first + kh + k)
          asm volatile ("wgmma.commit_group.sync.aligned;\n wgmma.wait_group.sync.aligned 1;" ::: "memory");
          IF(STEM_RESIDENT, <||>, <|copies_wait<m4_eval(STEM_STAGES - 3)> ();
          written_for_engines ();|>)
          __syncthreads (); /* all are done with the stage before, and see this thread's part of the next one */
          copy_plane (true, true);
        }
      STEM_WAIT(sum)
      if (tile + STEM_BLOCKS >= STEM_TILES)
        dependency_trigger ();
      #pragma unroll
      for (int round = 0; round < m4_eval((STEM_N + 63) / 64); round++)
        {
          #pragma unroll
          for (int j = round * 8; j < round * 8 + 8 && j < m4_eval(STEM_N / 8); j++)
            store_transposed (to + (round % 2 * 64 + j % 8 * 8) * 144,
                              to_pair (STEM_FINISH(sum[j][0], bias, slope), STEM_FINISH(sum[j][1], bias, slope)),
                              to_pair (STEM_FINISH(sum[j][2], bias_8, slope_8), STEM_FINISH(sum[j][3], bias_8, slope_8)));
          group_wait (1 + group, 128);
          #pragma unroll
          for (int e = thread; e < 512; e += 128)
            {
              const int pixel = round * 64 + e / 8, q = pixel % STEM_PITCH, oh = row + group * STEM_JOINED + pixel / STEM_PITCH, ow = column + q;
              const int o = first_c + e % 8 * 8;
              if (q < STEM_W && pixel < STEM_N && oh < OUT_H && ow < OUT_W && o < OUT_C)
                *(uint4 *) (y + ((((size_t) sample * OUT_D + od) * OUT_H + oh) * OUT_W + ow) * OUT_C + o)
                  = *(const uint4 *) (results + (round % 2 * 64 + e / 8) * 144 + e % 8 * 16);
            }
        }
    }
}
#endif
