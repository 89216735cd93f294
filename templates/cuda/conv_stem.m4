m4_include(<|cuda/elsewhere.m4|>)m4_dnl
#ifndef __CUDA_ARCH_FEAT_SM90_ALL
m4_include(<|cuda/conv_mma.m4|>)m4_dnl
#else
m4_divert(-1)
The first layer, 2-D and 3-D, on sm_90a; on other GPUs conv_mma.m4. A tile is STEM_JOINED rows of STEM_W columns of an
output plane, computed by one product: the input's rows lie in shared memory so that the rows of vertically neighbouring
outputs are STEM_PITCH pixels apart, and the sums of the few pixels between them are not used. A thread block walks
along its tiles and, in each, along the filter's planes that lie inside the input. The whole filter stays in shared
memory, STEM_STAGES planes of a tile's input are there or in flight; the last warp is their producer. Warpgroups take
tiles in turn, so that one multiplies while the other one stores. Grid: x: tiles, y: 64 channels.
require(<|FUNCTION|>, <|BATCH|>, <|K_D|>, <|K_H|>, <|S_D|>, <|S_H|>, <|PAD_D|>, <|PAD_H|>, <|IN_ROW|>, <|IN_COLUMNS|>,
  <|STEM_GROUPS|>, <|STEM_THREADS|>, <|STEM_BLOCKS|>, <|STEM_CHUNKS|>, <|STEM_JOINED|>, <|STEM_W|>, <|STEM_PITCH|>,
  <|STEM_STAGES|>)
m4_define(<|STEM_N|>, m4_eval(STEM_JOINED * STEM_PITCH))
m4_define(<|STEM_DOWN|>, m4_eval((OUT_H + STEM_JOINED - 1) / STEM_JOINED))
m4_define(<|STEM_ACROSS|>, m4_eval((OUT_W + STEM_W - 1) / STEM_W))
m4_define(<|STEM_TILES|>, PRODUCT(BATCH, OUT_D, STEM_DOWN, STEM_ACROSS))
Rows of the input of a tile; they lie in S_H areas, one for each row of the filter modulo S_H.
m4_define(<|STEM_ROWS|>, m4_eval((STEM_JOINED - 1) * S_H + K_H))
m4_define(<|STEM_PIXELS|>, m4_eval(2 * (STEM_W - 1 + STEM_CHUNKS)))
m4_define(<|STEM_ROW_BYTES|>, IF(STEM_JOINED > 1, m4_eval(STEM_PITCH * 16), m4_eval(8 * STEM_PIXELS)))
m4_define(<|STEM_AREA_BYTES|>, m4_eval((STEM_JOINED + (K_H - 1) / S_H) * STEM_ROW_BYTES))
m4_include(<|cuda/stem.m4|>)m4_dnl
m4_divert(-1)
Shared memory: weights, stages, 512 bytes of results for each warp, mbarriers.
m4_define(<|STEM_STAGE_BYTES|>, m4_eval(S_H * STEM_AREA_BYTES))
m4_define(<|STEM_STAGES_AT|>, m4_eval(K_D * STEM_WEIGHT_BYTES))
m4_define(<|STEM_RESULTS_AT|>, m4_eval(STEM_STAGES_AT + STEM_STAGES * STEM_STAGE_BYTES))
m4_define(<|STEM_BARRIERS_AT|>, m4_eval(STEM_RESULTS_AT + STEM_GROUPS * 2048))
STEM_TILE(T), STEM_PLANES(T): declarations of tile T's position and of the planes of the filter that lie inside the
input.
m4_define(<|STEM_TILE|>, <|const int column = $1 % STEM_ACROSS * STEM_W;
      const int row = $1 / STEM_ACROSS % STEM_DOWN * STEM_JOINED;
      const int sample = $1 / PRODUCT(STEM_ACROSS, STEM_DOWN, OUT_D);|>)
m4_define(<|STEM_PLANES|>, <|const int od = m4_ifelse(OUT_D, 1, 0, <|$1 / m4_eval(STEM_ACROSS * STEM_DOWN) % OUT_D|>);
      const int first_plane = od * S_D<||>MINUS(PAD_D);
      const int kd_first = first_plane < 0 ? -first_plane : 0;
      const int kd_end = IN_D - first_plane < K_D ? IN_D - first_plane : K_D;|>)
STEM_FINISH(V, BIAS, SLOPE): the epilogue of the sum V.
m4_define(<|STEM_FINISH|>, <|m4_ifelse(ACT, <|none|>, <|$1 + $2|>, <|ACTIVATION(<|($1 + $2)|>, <|$3|>)|>)|>)
STEM_STORE_PIXELS(I, TO): 8 pixels of 16 channels to shared memory.
m4_define(<|STEM_STORE_PIXELS|>, <|const unsigned first
                = to_pair (STEM_FINISH(sum[$1][0], bias, slope), STEM_FINISH(sum[$1][1], bias, slope));
              const unsigned second
                = to_pair (STEM_FINISH(sum[$1][2], bias_8, slope_8), STEM_FINISH(sum[$1][3], bias_8, slope_8));
              store_transposed_pair ($2, first, second);|>)
m4_include(<|cuda/stem_planes.m4|>)m4_dnl
/* The same on sm_90a. */
extern "C" __global__ void __launch_bounds__ (STEM_THREADS, 1)
FUNCTION (const ELEMENT *x, const ELEMENT *residual, const float *__restrict__ w,
    ELEMENT *__restrict__ y)
{
  extern __shared__ __align__ (1024) unsigned char shared[];
  const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  const unsigned shared_at = shared_address (shared), stages_at = shared_at + STEM_STAGES_AT;
  const unsigned full_at = shared_at + STEM_BARRIERS_AT, empty_at = full_at + m4_eval(8 * STEM_STAGES);
  const unsigned weights_full_at = empty_at + m4_eval(8 * STEM_STAGES);
  IF(STEM_GROUPS > 1, <|const unsigned turns_at = weights_full_at + m4_eval(8 * K_D);|>)
  STEM_COPY_WEIGHTS
  __syncthreads ();
  if (warp == m4_eval(STEM_GROUPS * 4))
    {
      dependency_wait ();
      STEM_COPY_PLANES
      dependency_trigger ();
      return;
    }

  const int first_c = blockIdx.y * 64 + warp % 4 * 16;
  STEM_CHANNELS
  /* 16 pixels of 16 channels, 32 bytes of each; swizzled: the halves of every other four pixels are exchanged. */
  const unsigned results_at = STEM_RESULTS_AT + warp * 512;
  const unsigned to = shared_at + results_at + lane % 8 * 32 + (lane / 8 + lane / 4) % 2 * 16;
  const unsigned char *const from = shared + results_at + lane / 2 * 32 + (lane + lane / 8) % 2 * 16;
  float sum[m4_eval(STEM_N / 8)][4];
  int n = 0;
  #pragma unroll 1
  for (int tile = blockIdx.x<||>IF(STEM_GROUPS > 1, <|, turn = 0|>); tile < STEM_TILES; tile += STEM_BLOCKS)
    {
      STEM_TILE(tile)
      STEM_PLANES(tile)
      IF(STEM_GROUPS > 1, <|if (turn++ % STEM_GROUPS != warp / 4)
        {
          n += kd_end - kd_first;
          continue;
        }
      if (turn > 1) /* the other warpgroup has all of its planes: mbarriers are at most one phase away */
        barrier_wait (turns_at + warp / 4 * 8, (turn - 2) / 2 % 2);|>)
      #pragma unroll 1
      for (int kd = kd_first; kd < kd_end; kd++, n++)
        {
          const unsigned weights = (shared_at + kd * STEM_WEIGHT_BYTES) / 16 + STEM_WEIGHTS_NEXT;
          const unsigned rows = (stages_at + n % STEM_STAGES * STEM_STAGE_BYTES) / 16 + STEM_PIXELS_NEXT;
          barrier_wait (weights_full_at + kd * 8, 0);
          barrier_wait (full_at + n % STEM_STAGES * 8, n / STEM_STAGES % 2);
          WGMMA_FENCE
          #pragma unroll
          for (int kh = 0; kh < K_H; kh++)
            #pragma unroll
            for (int k = 0; k < m4_eval(STEM_CHUNKS / 2); k++)
              STEM_MULTIPLY(sum, weights + kh * m4_eval(STEM_TAP_BYTES / 16) + k * 128,
                            rows + (kh % S_H * STEM_AREA_BYTES + kh / S_H * STEM_ROW_BYTES) / 16 + k * 2,
                            kh + k || kd > kd_first ? 1 : 0)
          WGMMA_COMMIT_AND_WAIT(1)
          if (kd > kd_first && lane == 0) /* the plane before has been multiplied */
            barrier_arrive (empty_at + (n - 1) % STEM_STAGES * 8);
          IF(STEM_GROUPS > 1, <|if (kd + 1 == kd_end && lane == 0)
            barrier_arrive (turns_at + (1 - warp / 4) * 8);|>)
        }
      STEM_WAIT(sum)
      if (lane == 0)
        barrier_arrive (empty_at + (n - 1) % STEM_STAGES * 8);
      int q = lane / 2 % STEM_PITCH, oh = row + lane / 2 / STEM_PITCH;
      #pragma unroll
      for (int j = 0; j < m4_eval(STEM_N / 8); j += 2)
        {
          const int ow = column + q, o = first_c + lane % 2 * 8;
          IF(STEM_N >= 16, <|#pragma unroll
          for (int i = j; i < j + 2<||>IF(STEM_N % 16, <| && i < m4_eval(STEM_N / 8)|>); i++)
            {
              STEM_STORE_PIXELS(i, <|to + i % 2 * 256|>)
            }|>, <|STEM_STORE_PIXELS(j, to)|>)
          __syncwarp ();
          if (q < STEM_W<||>IF(STEM_N % 16, <| && (j < m4_eval(STEM_N / 8 - 1) || lane < 16)|>)
              && oh < OUT_H && ow < OUT_W && o < OUT_C)
            *(uint4 *) (y + ((((size_t) sample * OUT_D + od) * OUT_H + oh) * OUT_W + ow) * OUT_C + o)
              = *(const uint4 *) from;
          __syncwarp ();
          q += 16;
          IF(STEM_PITCH < 16, <|oh += q / STEM_PITCH;
          q %= STEM_PITCH;|>, <|if (q >= STEM_PITCH)
            {
              q -= STEM_PITCH;
              oh++;
            }|>)
        }
    }
}
#endif
