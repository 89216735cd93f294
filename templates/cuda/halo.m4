m4_divert(-1)
tma.m4's kernel where the window has stride 1 along H and W. Outputs and inputs are counted in places of planes of
HALO_H x HALO_W, the input with its padding: then a tap is a fixed number of places away, whatever the output. A block has
TMA_TILE_PIXELS places, a few of which are no outputs and are not stored. Of each plane of a channel part, kd and 64 channels,
it copies HALO_LOAD places once, of 128 bytes, and multiplies all TAPS taps of the plane from there; HALO_PLANES of them are in
shared memory. A step is a tap, TMA_STAGES of whose weights are there.
require(<|HALO_H|>, <|HALO_W|>, <|HALO_LOAD|>, <|HALO_PLANES|>, <|HALO_PLANE_BYTES|>)
m4_define(<|TAPS|>, m4_eval(K_H * K_W))
m4_define(<|PLANES|>, m4_eval(K_D * SPAN / 64))
m4_define(<|TMA_STEPS|>, m4_eval(PLANES * TAPS))
m4_define(<|PLANES_AT|>, m4_eval(TMA_STAGES * TMA_WEIGHT_BYTES))
m4_define(<|EARLY_PLANES|>, IF(PLANES < HALO_PLANES, PLANES, HALO_PLANES))
m4_define(<|EARLY_STEPS|>, IF(TMA_STEPS < TMA_STAGES, TMA_STEPS, TMA_STAGES))
m4_define(<|TMA_CONTENTS|>, <|COMMENT(<|TMA_STAGES taps of TMA_CHANNELS rows of weights and HALO_PLANES planes of HALO_LOAD places, 128 bytes of each; the tile of results;
     barriers.|>)|>)
m4_define(<|TMA_MORE_BARRIERS|>, <|const unsigned plane_full_at = residual_at + 8, plane_empty_at = plane_full_at + m4_eval(8 * HALO_PLANES);|>)
m4_define(<|TMA_INIT_BARRIERS|>, <|for (int p = 0; p < HALO_PLANES; p++)
        {
          barrier_init (plane_full_at + 8 * p, 1);
          barrier_init (plane_empty_at + 8 * p, m4_eval(TMA_GROUPS * 4));
        }|>)

SLOT(P), TURN(P): where plane P is, and the parity of the phase in which it is there.
m4_define(<|SLOT|>, <|m4_ifelse(HALO_PLANES, 1, 0, <|$1 % HALO_PLANES|>)|>)
m4_define(<|TURN|>, <|m4_ifelse(HALO_PLANES, 1, <|($1) % 2|>, <|($1) / HALO_PLANES % 2|>)|>)
m4_define(<|AT_SLOT|>, <|IF(HALO_PLANES > 1, <| + 8 * (SLOT($1))|>)|>)
FIND_PLACE(PLACE)
m4_define(<|FIND_PLACE|>, <|const int place = $1, ow = place % HALO_W, oh = place / HALO_W % HALO_H;
            m4_ifelse(X_RANK, 5, <|const int od = place / m4_eval(HALO_W * HALO_H) % OUT_D;|>)
            const int sample = place / PRODUCT(HALO_W, HALO_H, m4_ifelse(X_RANK, 5, OUT_D, 1));|>)
m4_define(<|COPY_PLANE|>, <|{
            FIND_PLACE(first_pixel)
            const unsigned full = plane_full_at<||>AT_SLOT($1);
            barrier_expect (full, m4_eval(HALO_LOAD * 128));
            copy_pixels_<||>X_RANK (shared_at + PLANES_AT<||>IF(HALO_PLANES > 1, <| + SLOT($1) * HALO_PLANE_BYTES|>), &x_map, m4_ifelse(m4_eval(SPAN / 64), 1, 0, <|$1 / K_D * 64|>),
                           ow<||>MINUS(PAD_W), oh<||>MINUS(PAD_H), m4_ifelse(X_RANK, 5, <|TIMES(od, S_D)<||>MINUS(PAD_D), |>)sample, 0, 0, m4_ifelse(X_RANK, 5, <|TIMES($1 % K_D, DIL_D), |>)full);
          }|>)
m4_define(<|TMA_COPY_WEIGHTS|>, <|barrier_expect (full_at + 8 * $2, TMA_WEIGHT_BYTES);
              copy_matrix (shared_at + $2 * TMA_WEIGHT_BYTES, &w_map, $1 % m4_eval(K_D * TAPS) * SPAN<||>m4_ifelse(m4_eval(SPAN / 64), 1, <||>, <| + $1 / m4_eval(K_D * TAPS) * 64|>), first_channel,
                           full_at + 8 * $2);|>)
m4_define(<|TMA_LOAD_RESIDUAL|>, <|{
            FIND_PLACE(TMA_FIRST_OUTPUT)
            copy_pixels_<||>X_RANK (TMA_GROUP_TILE, &residual_map, TMA_FIRST_CHANNEL, ow, oh, m4_ifelse(X_RANK, 5, <|od, |>)sample, 0, 0, m4_ifelse(X_RANK, 5, <|0, |>)residual_at);
          }|>)
The copy engine stores no places outside, so threads do without it: 16 bytes each, 8 threads to a place.
m4_define(<|TMA_Y|>, <|__restrict__ y|>)
m4_define(<|TMA_STORE_TILE|>, <|group_wait (1 + group, 128);
      const int chunk = thread % 8, c = TMA_FIRST_CHANNEL + chunk * 8;
      #pragma unroll 4
      for (int i = thread % 128 / 8; i < TMA_PIXELS; i += 16)
        {
          FIND_PLACE(TMA_FIRST_OUTPUT + i)
          if (ow < OUT_W && oh < OUT_H && sample < BATCH<||>IF(OUT_C % TMA_CHANNELS, <| && c < OUT_C|>))
            store_16 (y + (((size_t) sample * OUT_D + m4_ifelse(X_RANK, 5, od, 0)) * m4_eval(OUT_H * OUT_W) + oh * OUT_W + ow) * OUT_C + c,
                      TMA_GROUP_TILE + i * 128 + (chunk ^ i % 8) * 16);
        }|>)

m4_define(<|TMA_COPY|>, <|if (lane == 0)
        {
          #pragma unroll
          for (int s = 0; s < EARLY_STEPS; s++)
            {
              TMA_COPY_WEIGHTS(s, s)
            }
          map_prefetch (&x_map);
          IF(TMA_HAS_RESIDUAL, <|map_prefetch (&residual_map);|>)
          dependency_wait ();
          for (int plane = 0; plane < EARLY_PLANES; plane++)
            COPY_PLANE(plane)
          IF(TMA_HAS_RESIDUAL, <|barrier_expect (residual_at, m4_eval(TMA_GROUPS * TMA_PIXELS * 128));
          LOOP(group, TMA_GROUPS)
            TMA_LOAD_RESIDUAL|>)
          IF(TMA_STEPS > TMA_STAGES, <|#pragma unroll 1
          for (int step = TMA_STAGES, stage = 0, parity = 0; step < steps; step++)
            {
              IF(PLANES > HALO_PLANES, <|const int plane = step / TAPS + m4_eval(HALO_PLANES - 1);
              if (step % TAPS == IF(TMA_STAGES < TAPS, TMA_STAGES, <|m4_eval(TAPS - 1)|>) && plane >= HALO_PLANES && plane < PLANES) /* as soon as one is done with */
                {
                  barrier_wait (plane_empty_at<||>AT_SLOT(plane), TURN(plane - HALO_PLANES));
                  COPY_PLANE(plane)
                }|>)
              barrier_wait (empty_at + 8 * stage, parity);
              TMA_COPY_WEIGHTS(step, stage)
              NEXT_STAGE
            }|>)
          dependency_trigger ();
        }
      __syncwarp ();|>)

m4_define(<|TMA_PRODUCT|>, <|const unsigned long long layout = 1ULL << 62 | 64ULL << 32 | 1 << 16;
      const unsigned long long weights_at = layout | (shared_at<||>IF(TMA_GROUPS_N > 1, <| + group % TMA_GROUPS_N * 8192|>)) >> 4;
      const unsigned long long places_at = layout | (shared_at + PLANES_AT<||>IF(TMA_GROUPS_M > 1, <| + group / TMA_GROUPS_N * m4_eval(TMA_PIXELS * 128)|>)) >> 4;
      float sum[TMA_COLUMNS][4];
      int stage = 0, parity = 0;
      #pragma unroll 1
      for (int plane = 0; plane < PLANES; plane++)
        {
          barrier_wait (plane_full_at<||>AT_SLOT(plane), TURN(plane));
          #pragma unroll 1
          for (int tap = 0; tap < TAPS; tap++)
            {
              const int away = tap / K_W * m4_eval(DIL_H * HALO_W) + TIMES(tap % K_W, DIL_W);
              barrier_wait (full_at + 8 * stage, parity);
              asm volatile ("wgmma.fence.sync.aligned;" ::: "memory");
              #pragma unroll
              for (int slice = 0; slice < 4; slice++)
                TMA_MULTIPLY(<|weights_at + stage * m4_eval(TMA_WEIGHT_BYTES / 16) + slice * 2|>,
                             <|places_at<||>IF(HALO_PLANES > 1, <| + SLOT(plane) * m4_eval(HALO_PLANE_BYTES / 16)|>) + away * 8 + slice * 2|>, <|plane + tap + slice|>)
              asm volatile ("wgmma.commit_group.sync.aligned;\n wgmma.wait_group.sync.aligned 1;" ::: "memory");
              if (tap > 0 && lane == 0) /* the tap before has been multiplied */
                barrier_arrive (empty_at + 8 * (stage ? stage - 1 : m4_eval(TMA_STAGES - 1)));
              NEXT_STAGE
            }
          asm volatile ("wgmma.wait_group.sync.aligned 0;" ::: "memory");
          if (lane == 0) /* and so have the last one and the plane */
            {
              barrier_arrive (empty_at + 8 * (stage ? stage - 1 : m4_eval(TMA_STAGES - 1)));
              barrier_arrive (plane_empty_at<||>AT_SLOT(plane));
            }
        }|>)
m4_divert(0)m4_dnl
