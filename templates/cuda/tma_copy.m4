m4_divert(-1)
tma.m4's copies, which the producer warp issues: weights, inputs, the residual.

The first pixel of warpgroup i's tile, and its coordinates for a map of rank RANK: TMA_POSITION(RANK).
m4_define(<|TMA_GROUP_PIXEL|>, <|IF(TMA_GROUPS_M > 1, <|first_pixel + i * TMA_PIXELS|>, first_pixel)|>)
m4_define(<|TMA_POSITION|>, <|const int pixel = TMA_GROUP_PIXEL;
            const int ow = pixel % OUT_W, oh = pixel / OUT_W % OUT_H;
            m4_ifelse($1, 5, <|const int od = pixel / m4_eval(OUT_W * OUT_H) % OUT_D;|>)
            const int sample = pixel / PRODUCT(OUT_W, OUT_H, OUT_D);|>)
TMA_STEP(STEP): the block's k-step STEP among all; TMA_FIRST_K(STEP): where it begins along K.
m4_define(<|TMA_STEP|>, <|IF(TMA_CLUSTER > 1, <|first_step + $1|>, <|$1|>)|>)
m4_define(<|TMA_FIRST_K|>, <|IF(TMA_CLUSTER > 1, <|($1)|>, <|$1|>) * 64|>)
TMA_TO(STAGE): where warpgroup i's pixels of a stage go in shared memory.
m4_define(<|TMA_TO|>, <|shared_at + $1 * TMA_STAGE_BYTES + m4_ifelse(TMA_GROUPS_M, 1, TMA_WEIGHT_BYTES,
  <|(TMA_WEIGHT_BYTES + i * m4_eval(TMA_PIXELS * 128))|>)|>)

TMA_GATHER(RANK, STAGE, MAP, STRIDE, PADDING, TAP): 64 channels, from c on, of the pixels that a tap reads of MAP;
STRIDE,
PADDING: prefixes of parameters, such as S for S_W, TAP: the offsets of the tap.
m4_define(<|TMA_GATHER|>, <|m4_ifelse($1, 2,
            <|copy_matrix (TMA_TO(<|$2|>), &$3_map, c, TMA_GROUP_PIXEL, full_at + 8 * $2);|>,
            <|TMA_POSITION($1)
            copy_pixels_$1 (TMA_TO(<|$2|>), &$3_map, c, TIMES(ow, $4_W)<||>MINUS($5_W), TIMES(oh, $4_H)<||>MINUS($5_H),
                           m4_ifelse($1, 5, <|TIMES(od, $4_D)<||>MINUS($5_D), |>)sample, $6, full_at + 8 * $2);|>)|>)
m4_define(<|NO_PAD_W|>, 0)
m4_define(<|NO_PAD_H|>, 0)
m4_define(<|NO_PAD_D|>, 0)
m4_define(<|NO_TAP|>, <|0, 0<||>m4_ifelse($1, 5, <|, 0|>)|>)
m4_define(<|TMA_TAP|>, <|IF(TAP_COUNT > 1, <|TIMES(tap % K_W, DIL_W), TIMES(tap / K_W % K_H, DIL_H)<||>m4_dnl
m4_ifelse(X_RANK, 5, <|, TIMES(tap / m4_eval(K_W * K_H), DIL_D)|>)|>, <|NO_TAP(X_RANK)|>)|>)

TMA_COPY_PIXELS(STEP, STAGE), TMA_COPY_WEIGHTS(STEP, STAGE): the factors of a k-step. The weights come first: they
announce the bytes of both.
m4_define(<|TMA_COPY_INPUT|>, <|IF(TAP_COUNT > 1, <|const int tap = k / SPAN, c = k % SPAN;|>, <|const int c = k;|>)
            TMA_GATHER(X_RANK, <|$1|>, x, S, PAD, <|TMA_TAP|>)|>)
m4_define(<|TMA_COPY_SECOND|>, <|const int c = k - FIRST_DEPTH;
            TMA_GATHER(SECOND_RANK, <|$1|>, residual, SECOND_S, NO_PAD, <|NO_TAP(SECOND_RANK)|>)|>)
m4_define(<|TMA_COPY_PIXELS|>, <|{
        const int k = TMA_FIRST_K($1);
        LOOP(i, TMA_GROUPS_M)
        IF(SECOND_C, <|if (k >= FIRST_DEPTH)
          {
            TMA_COPY_SECOND(<|$2|>)
          }
        else|>)
        IF(SECOND_C || TMA_GROUPS_M > 1, <|{
            TMA_COPY_INPUT(<|$2|>)
          }|>, <|TMA_COPY_INPUT(<|$2|>)|>)
      }|>)
m4_define(<|TMA_COPY_WEIGHTS|>, <|barrier_expect (full_at + 8 * $2, TMA_STAGE_BYTES);
          copy_matrix (shared_at + $2 * TMA_STAGE_BYTES, &w_map, TMA_FIRST_K($1), first_channel, full_at + 8 * $2);|>)

TMA_COPY: all that the producer does. Weights are fetched before the kernel in front of this one has ended.
m4_define(<|TMA_COPY|>, <|if (lane == 0)
        {
          const int early = steps < TMA_STAGES ? steps : TMA_STAGES;
          #pragma unroll
          for (int s = 0; s < early; s++)
            {
              TMA_COPY_WEIGHTS(<|TMA_STEP(s)|>, s)
            }
          prefetch_map (&x_map);
          IF(SECOND_C || TMA_HAS_RESIDUAL, <|prefetch_map (&residual_map);|>)
          IF(Y_WIDE == 0, <|prefetch_map (&y_map);|>)
          dependency_wait ();
          IF(TMA_HAS_RESIDUAL, <|barrier_expect (residual_at, m4_eval(TMA_GROUPS * TMA_PIXELS / TMA_CLUSTER * 128));
          LOOP(group, TMA_GROUPS)
            TMA_LOAD_RESIDUAL|>)
          #pragma unroll
          for (int s = 0; s < early; s++)
            TMA_COPY_PIXELS(<|TMA_STEP(s)|>, s)
          #pragma unroll 1
          for (int step = TMA_STAGES, stage = 0, parity = 0; step < steps; step++)
            {
              barrier_wait (empty_at + 8 * stage, parity);
              TMA_COPY_WEIGHTS(<|TMA_STEP(step)|>, stage)
              TMA_COPY_PIXELS(<|TMA_STEP(step)|>, stage)
              NEXT_STAGE
            }
          dependency_trigger ();
        }
      __syncwarp ();|>)
m4_divert(0)m4_dnl
