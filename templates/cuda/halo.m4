m4_divert(-1)
tma.m4's kernel where the window has stride 1 along H and W. Outputs and inputs are numbered as positions in padded
planes of HALO_H x HALO_W: then a tap is at a fixed distance, whatever the output. A block's tile is TMA_TILE_PIXELS
positions, a few of which are no outputs and are not stored. The input's planes, each for a kd and 64 channels, are
copied once, HALO_LOAD positions of 128 bytes, and all TAPS taps of a plane are multiplied from there by descriptors
that begin so many rows later; HALO_PLANES planes are in shared memory or in flight. A k-step is a tap; there are
TMA_STAGES stages of weights.
require(<|HALO_H|>, <|HALO_W|>, <|HALO_LOAD|>, <|HALO_PLANES|>, <|HALO_PLANE_BYTES|>)
m4_define(<|TAPS|>, m4_eval(K_H * K_W))
m4_define(<|PLANES|>, m4_eval(K_D * SPAN / 64))
m4_define(<|TMA_STEPS|>, m4_eval(PLANES * TAPS))
m4_define(<|PLANES_AT|>, m4_eval(TMA_STAGES * TMA_WEIGHT_BYTES))
m4_define(<|EARLY_PLANES|>, IF(PLANES < HALO_PLANES, PLANES, HALO_PLANES))
m4_define(<|EARLY_STEPS|>, IF(TMA_STEPS < TMA_STAGES, TMA_STEPS, TMA_STAGES))
m4_define(<|TMA_CONTENTS|>, <|COMMENT(<|Shared memory: TMA_STAGES taps of TMA_CHANNELS rows of weights and
     HALO_PLANES planes of HALO_LOAD positions, 128 bytes of each; the tile of results; mbarriers.|>)|>)
m4_define(<|TMA_MORE_BARRIERS|>, <|const unsigned plane_full_at = residual_at + 8;
  const unsigned plane_empty_at = plane_full_at + m4_eval(8 * HALO_PLANES);|>)
m4_define(<|TMA_INIT_BARRIERS|>, <|for (int p = 0; p < HALO_PLANES; p++)
        {
          barrier_init (plane_full_at + 8 * p, 1);
          barrier_init (plane_empty_at + 8 * p, m4_eval(TMA_GROUPS * 4));
        }|>)

SLOT(P), PARITY(P): where plane P is in the ring, and the parity of the mbarrier phase in which it arrives.
AT_SLOT(P): the offset of its mbarriers.
m4_define(<|SLOT|>, <|m4_ifelse(HALO_PLANES, 1, 0, <|$1 % HALO_PLANES|>)|>)
m4_define(<|PARITY|>, <|m4_ifelse(HALO_PLANES, 1, <|($1) % 2|>, <|($1) / HALO_PLANES % 2|>)|>)
m4_define(<|AT_SLOT|>, <|IF(HALO_PLANES > 1, <| + 8 * (SLOT($1))|>)|>)
FIND_POSITION(POSITION): declarations of its coordinates.
m4_define(<|FIND_POSITION|>, <|const int position = $1, ow = position % HALO_W, oh = position / HALO_W % HALO_H;
            m4_ifelse(X_RANK, 5, <|const int od = position / m4_eval(HALO_W * HALO_H) % OUT_D;|>)
            const int sample = position / PRODUCT(HALO_W, HALO_H, m4_ifelse(X_RANK, 5, OUT_D, 1));|>)
m4_define(<|PLANE_TO|>, <|shared_at + PLANES_AT<||>IF(HALO_PLANES > 1, <| + SLOT($1) * HALO_PLANE_BYTES|>)|>)
m4_define(<|PLANE_CHANNEL|>, <|m4_ifelse(m4_eval(SPAN / 64), 1, 0, <|$1 / K_D * 64|>)|>)

COPY_PLANE(P), TMA_COPY_WEIGHTS(STEP, STAGE), TMA_LOAD_RESIDUAL: the producer's copies.
m4_define(<|COPY_PLANE|>, <|{
            FIND_POSITION(first_pixel)
            const unsigned full = plane_full_at<||>AT_SLOT($1);
            barrier_expect (full, m4_eval(HALO_LOAD * 128));
            copy_pixels_<||>X_RANK (PLANE_TO($1), &x_map, PLANE_CHANNEL($1), ow<||>MINUS(PAD_W), oh<||>MINUS(PAD_H),
                           m4_ifelse(X_RANK, 5, <|TIMES(od, S_D)<||>MINUS(PAD_D), |>)sample, 0, 0,
                           m4_ifelse(X_RANK, 5, <|TIMES($1 % K_D, DIL_D), |>)full);
          }|>)
m4_define(<|TMA_COPY_WEIGHTS|>, <|barrier_expect (full_at + 8 * $2, TMA_WEIGHT_BYTES);
              copy_matrix (shared_at + $2 * TMA_WEIGHT_BYTES, &w_map, $1 % m4_eval(K_D * TAPS) * SPAN<||>m4_dnl
m4_ifelse(m4_eval(SPAN / 64), 1, <||>, <| + $1 / m4_eval(K_D * TAPS) * 64|>), first_channel,
                           full_at + 8 * $2);|>)
m4_define(<|TMA_LOAD_RESIDUAL|>, <|{
            FIND_POSITION(TMA_FIRST_OUTPUT)
            copy_pixels_<||>X_RANK (TMA_GROUP_TILE, &residual_map, TMA_FIRST_CHANNEL, ow, oh,
                           m4_ifelse(X_RANK, 5, <|od, |>)sample, 0, 0, m4_ifelse(X_RANK, 5, <|0, |>)residual_at);
          }|>)
TMA_STORE_TILE: TMA stores no im2col tile that reaches over a border, so threads store, 8 of them 16 bytes each of a
position.
m4_define(<|TMA_Y|>, <|__restrict__ y|>)
m4_define(<|PIXEL_OF_POSITION|>, <|((size_t) sample * OUT_D + m4_ifelse(X_RANK, 5, od, 0)) * m4_eval(OUT_H * OUT_W)
                     + oh * OUT_W + ow|>)
m4_define(<|TMA_STORE_TILE|>, <|named_barrier_sync (1 + group, 128);
      const int chunk = thread % 8, c = TMA_FIRST_CHANNEL + chunk * 8;
      #pragma unroll 4
      for (int i = thread % 128 / 8; i < TMA_PIXELS; i += 16)
        {
          FIND_POSITION(TMA_FIRST_OUTPUT + i)
          if (ow < OUT_W && oh < OUT_H && sample < BATCH<||>IF(OUT_C % TMA_CHANNELS, <| && c < OUT_C|>))
            store_16 (y + (PIXEL_OF_POSITION) * OUT_C + c, TMA_GROUP_TILE + i * 128 + (chunk ^ i % 8) * 16);
        }|>)

NEXT_PLANE: while step's weights are fetched, the plane that comes so many planes later, as soon as its slot is free.
m4_define(<|NEXT_PLANE|>, <|IF(PLANES > HALO_PLANES, <|const int plane = step / TAPS + m4_eval(HALO_PLANES - 1);
              if (step % TAPS == IF(TMA_STAGES < TAPS, TMA_STAGES, <|m4_eval(TAPS - 1)|>)
                  && plane >= HALO_PLANES && plane < PLANES)
                {
                  barrier_wait (plane_empty_at<||>AT_SLOT(plane), PARITY(plane - HALO_PLANES));
                  COPY_PLANE(plane)
                }|>)|>)
TMA_COPY: all that the producer does.
m4_define(<|TMA_COPY|>, <|if (lane == 0)
        {
          #pragma unroll
          for (int s = 0; s < EARLY_STEPS; s++)
            {
              TMA_COPY_WEIGHTS(s, s)
            }
          prefetch_map (&x_map);
          IF(TMA_HAS_RESIDUAL, <|prefetch_map (&residual_map);|>)
          dependency_wait ();
          for (int plane = 0; plane < EARLY_PLANES; plane++)
            COPY_PLANE(plane)
          IF(TMA_HAS_RESIDUAL, <|barrier_expect (residual_at, m4_eval(TMA_GROUPS * TMA_PIXELS * 128));
          LOOP(group, TMA_GROUPS)
            TMA_LOAD_RESIDUAL|>)
          IF(TMA_STEPS > TMA_STAGES, <|#pragma unroll 1
          for (int step = TMA_STAGES, stage = 0, parity = 0; step < steps; step++)
            {
              NEXT_PLANE
              barrier_wait (empty_at + 8 * stage, parity);
              TMA_COPY_WEIGHTS(step, stage)
              NEXT_STAGE
            }|>)
          dependency_trigger ();
        }
      __syncwarp ();|>)

TMA_PRODUCT: a consumer's products.
m4_define(<|PIXELS_AT|>, <|pixels_at<||>m4_dnl
IF(HALO_PLANES > 1, <| + SLOT(plane) * m4_eval(HALO_PLANE_BYTES / 16)|>) + away * 8 + slice * 2|>)
m4_define(<|TMA_PRODUCT|>, <|const unsigned long long layout = SWIZZLED;
      WEIGHTS_DESCRIPTOR
      PIXELS_DESCRIPTOR(PLANES_AT)
      float sum[TMA_COLUMNS][4];
      int stage = 0, parity = 0;
      #pragma unroll 1
      for (int plane = 0; plane < PLANES; plane++)
        {
          barrier_wait (plane_full_at<||>AT_SLOT(plane), PARITY(plane));
          #pragma unroll 1
          for (int tap = 0; tap < TAPS; tap++)
            {
              const int away = tap / K_W * m4_eval(DIL_H * HALO_W) + TIMES(tap % K_W, DIL_W);
              barrier_wait (full_at + 8 * stage, parity);
              WGMMA_FENCE
              #pragma unroll
              for (int slice = 0; slice < 4; slice++)
                WGMMA_MULTIPLY(TMA_PIXELS, sum, <|weights_at + stage * m4_eval(TMA_WEIGHT_BYTES / 16) + slice * 2|>,
                               <|PIXELS_AT|>, <|plane + tap + slice|>)
              WGMMA_COMMIT_AND_WAIT(1)
              if (tap > 0 && lane == 0) /* the tap before has been multiplied */
                RELEASE_STAGE_BEFORE
              NEXT_STAGE
            }
          WGMMA_WAIT(0)
          if (lane == 0) /* and so have the last one and the plane */
            {
              RELEASE_STAGE_BEFORE
              barrier_arrive (plane_empty_at<||>AT_SLOT(plane));
            }
        }|>)
m4_divert(0)m4_dnl
