m4_include(<|cuda/cuda.m4|>)m4_dnl
m4_divert(-1)
The first layer and the max pool behind it on the tensor cores, in 2-D: a thread block has a patch of PATCH_H x PATCH_W
results of the pool and computes the BLOCK_H x BLOCK_W pixels of the convolution that they need, which are never stored
themselves. The input is stored with four channels, its rows padded. Grid: x: patches.
require(<|FUNCTION|>, <|BATCH|>, <|CONV_H|>, <|CONV_W|>, <|POOL_K_H|>, <|POOL_K_W|>, <|POOL_S_H|>, <|POOL_S_W|>,
  <|POOL_PAD_H|>, <|POOL_PAD_W|>, <|PATCH_H|>, <|PATCH_W|>, <|K_H|>, <|S_H|>, <|S_W|>, <|DIL_H|>, <|PAD_H|>,
  <|IN_ROW|>, <|IN_PIXEL|>)
m4_define(<|BLOCK_H|>, m4_eval((PATCH_H - 1) * POOL_S_H + POOL_K_H))
m4_define(<|BLOCK_W|>, m4_eval((PATCH_W - 1) * POOL_S_W + POOL_K_W))
m4_define(<|PATCHES_H|>, m4_eval((OUT_H + PATCH_H - 1) / PATCH_H))
m4_define(<|PATCHES_W|>, m4_eval((OUT_W + PATCH_W - 1) / PATCH_W))
m4_define(<|PIXEL_COUNT|>, PRODUCT(BATCH, PATCHES_H, PATCHES_W, TILE_M))
m4_define(<|DEPTH|>, PRODUCT(K_H, SPAN))
m4_define(<|LOCATE|>, <|const int r = $1 % TILE_M / BLOCK_W, q = $1 % TILE_M % BLOCK_W, patch = $1 / TILE_M;
      const int ch = patch / PATCHES_W % PATCHES_H * m4_eval(PATCH_H * POOL_S_H) - POOL_PAD_H + r;
      const int cw = patch % PATCHES_W * m4_eval(PATCH_W * POOL_S_W) - POOL_PAD_W + q;
      const int sample = patch / m4_eval(PATCHES_W * PATCHES_H);
      const int at_h = ch * S_H - PAD_H;
      const bool real = r < BLOCK_H && (unsigned) ch < CONV_H && (unsigned) cw < CONV_W;
      origin[i] = (sample * IN_H + at_h) * IN_ROW + cw * m4_eval(S_W * IN_PIXEL);
      inside[i] = 0;
      #pragma unroll
      for (int k = 0; k < K_H; k++)
        inside[i] |= (unsigned) (real && (unsigned) (at_h + k * DIL_H) < IN_H) << k;|>)
m4_define(<|IS_INSIDE|>, <|IF(TAP_COUNT > 1, <|(inside[i] >> tap & 1)|>, <|inside[i]|>)|>)
m4_define(<|FIND_TAP|>, <|const int offset = $1 * m4_eval(DIL_H * IN_ROW);|>)
m4_define(<|OUT_FIRST|>, 0)
m4_define(<|MATRIX|>, <|(const ELEMENT *) w|>)
m4_define(<|FINISH_ITEMS|>, <|#pragma unroll 1
      for (int e = thread; e < PRODUCT(PATCH_H, PATCH_W, m4_eval(TILE_N / 8)); e += THREADS)
        {
          const int n = e % m4_eval(TILE_N / 8) * 8, o = first_n + n, c = o;
          const int ph = e / m4_eval(TILE_N / 8) / PATCH_W, pw = e / m4_eval(TILE_N / 8) % PATCH_W;
          const int patch = blockIdx.x / N_TILES, sample = patch / m4_eval(PATCHES_W * PATCHES_H);
          const int oh = patch / PATCHES_W % PATCHES_H * PATCH_H + ph, ow = patch % PATCHES_W * PATCH_W + pw;
          if (oh >= OUT_H || ow >= OUT_W || o >= COLUMNS)
            continue;
          float v[8];
          #pragma unroll
          for (int q = 0; q < 8; q++)
            v[q] = -__int_as_float (0x7f800000);
          #pragma unroll
          for (int kh = 0; kh < POOL_K_H; kh++)
            #pragma unroll
            for (int kw = 0; kw < POOL_K_W; kw++)
              if ((unsigned) (oh * POOL_S_H - POOL_PAD_H + kh) < CONV_H
                  && (unsigned) (ow * POOL_S_W - POOL_PAD_W + kw) < CONV_W)
                {
                  const float *const s
                    = partial_sums + ((ph * POOL_S_H + kh) * BLOCK_W + pw * POOL_S_W + kw) * PITCH + n;
                  #pragma unroll
                  for (int q = 0; q < 8; q++)
                    v[q] = larger (v[q], s[q]);
                }
          const int pixel = (sample * OUT_H + oh) * OUT_W + ow;
          STORE_CHANNELS
        }|>)
m4_divert(0)m4_dnl
m4_include(<|cuda/mma.m4|>)m4_dnl
MMA_HEAD
{MMA
}
