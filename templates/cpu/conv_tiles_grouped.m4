m4_divert(-1)
Convolution of groups of LANES input and LANES output channels, 2 to 16, which share a block of 32, by tile products: a
tile of weights has zeros for the inputs of other groups. So 32 / LANES products are made for one that counts, which
still takes less time than products of vectors. Weights, for each block: [tap][pair of the group's input channels][32
output channels][2], as conv_grouped.m4 has them; the tiles are made of them before a run's first pixels.
require(<|LANES|>, <|IN_BLOCK|>, <|K_D|>, <|K_H|>, <|K_W|>, <|PANELS|>, <|PANELS_OF_THREADS|>, <|MOST_THREADS|>)
m4_include(<|cpu/tile_blocks.m4|>)
m4_define(<|LIMITED|>, 0)
m4_define(<|PREFETCHES|>, 0)
m4_define(<|INPUT_BLOCK_AT|>, <|AT(o, OUT_BLOCKS, IN_BLOCK)|>)
m4_define(<|BLOCK_WEIGHTS|>, <|make_tiles (pw, w<||>AT(o, OUT_BLOCKS, OUT_BLOCK_WEIGHTS));|>)
m4_divert(0)m4_dnl
HEAD

/* The tiles of a block's weights: of each tap, of each half of the output channels, rows for the pairs of inputs that
   are of the half's groups; the others stay 0. */
static void
make_tiles (bf16 *tiles, const bf16 *w)
{
  memset (tiles, 0, STEPS * sizeof (bf16[1024]));
  LOOP(tap, STEPS)
    for (int pair = 0; pair < 16; pair++)
      {
        const int group = pair / m4_eval(LANES / 2) * LANES;
        memcpy (tiles<||>AT(tap, STEPS, 1024) + pair / 8 * 512 + pair * 32 + group % 16 * 2,
                w<||>AT(tap, STEPS, m4_eval(LANES * 32)) + pair % m4_eval(LANES / 2) * 64 + group * 2, m4_dnl
sizeof (bf16[m4_eval(LANES * 2)]));
      }
}

TILE_FUNCTIONS
CLEAR_HALO
PANELS_TABLE
PROTOTYPE
  _Alignas (64) bf16 pw[m4_eval(STEPS * 1024)];
BLOCK_LOOP
}
