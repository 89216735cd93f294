m4_divert(-1)
Transposed convolution of bf16 numbers by tile products: for each phase of the output a dense convolution of stride 1,
in the blocks of sums of tile_blocks.m4. Tiles are laid out for the phase that has most rows and columns; pixels that a
phase has not are thrown away. Weights: [phase][block of output channels][k-step][half of 16 output channels][16 pairs
of input channels][output channel][2].
require(<|FUNCTION|>, <|BATCH|>, <|IN_SAMPLE|>, <|IN_PLANE|>, <|OUT_BLOCKS|>, <|OUT_BLOCK|>, <|OUT_SAMPLE|>,
  <|OUT_PLANE|>, <|S_D|>, <|PHASES_D|>, <|PHASES_H|>, <|PHASES_W|>, <|PHASE_TABLE|>, <|COST|>, <|RES_SAMPLE|>)
m4_define(<|LIMITED|>, 1)
m4_define(<|PREFETCHES|>, 0)
m4_define(<|SOME_STEPS|>, 1)
m4_define(<|STEPS|>, 0)
m4_define(<|PLANE_STEPS|>, 0)
m4_define(<|IN_START|>, 0)
m4_define(<|X_PIXEL|>, BLOCK)
m4_define(<|X_LINE|>, 0)
m4_define(<|X_PLANE|>, IN_PLANE)
m4_define(<|OUT_BLOCK_WEIGHTS|>, 0)
m4_include(<|cpu/tile_blocks.m4|>)
m4_define(<|PHASE_COUNT|>, m4_eval(PHASES_D * PHASES_H * PHASES_W))
PLACE_OF_PHASE(TENSOR, MEMBER): plane d of the phase in the block of channels o of sample s.
m4_define(<|PLACE_OF_PHASE|>, <| + phase->$2<||>AT(s, BATCH, $1_SAMPLE)AT(o, OUT_BLOCKS, $1_BLOCK)m4_dnl
 + (size_t) d * m4_eval(S_D * $1_PLANE)|>)
m4_divert(0)m4_dnl
HEAD

/* The phases of the output: k-steps from the first one up to end; elements to the first input and the first output; how
   many planes, rows and columns. */
static const struct phase
{
  int first, end, in, out, IF(HAS_R, <|res, |>)planes, rows, columns;
} phases[] = {
  PHASE_TABLE
};

TILE_FUNCTIONS
CLEAR_HALO
PROTOTYPE
  const float *const e = weights;
  int first, last;
  CALL_CLEAR_HALO
  /* Threads share the k-steps of all blocks of sums, since those of a phase take equally many and others not. */
  rescast_share (COST, t, n, &first, &last);
  if (first == last)
    return;
  BEGIN_BLOCKS
  int end = 0;
  for (int f = 0; f < PHASE_COUNT; f++)
    {
      const struct phase *const phase = &phases[f];
      const int steps = phase->end - phase->first, start = end;
      const int blocks = phase->planes<||>BY(PRODUCT(BATCH, OUT_BLOCKS, PLANE_BLOCKS));
      end += steps * blocks;
      if (last <= start || end <= first)
        continue;
      const int to = last < end ? (last - start + steps - 1) / steps : blocks;
      for (int i = first > start ? (first - start + steps - 1) / steps : 0; i < to; i++)
        {
          IF(PLANE_BLOCKS > 1, <|const int g = i % PLANE_BLOCKS;
          |>)const int d = i<||>OVER(PLANE_BLOCKS) % phase->planes;
          IF(OUT_BLOCKS > 1, <|const int o = i<||>OVER(PLANE_BLOCKS) / phase->planes<||>m4_dnl
IF(BATCH > 1, <| % OUT_BLOCKS|>);
          |>)IF(BATCH > 1, <|const int s = i<||>OVER(PLANE_BLOCKS) / phase->planes<||>OVER(OUT_BLOCKS);
          |>)const bf16 *const px = x + phase->in<||>AT(s, BATCH, IN_SAMPLE) + (size_t) d * IN_PLANE;
          TILES_OF_BLOCK
          IF(OUT_BLOCKS > 1, <|/* where the weights of step 0 would be if all were this block's */
          const int zero = phase->first<||>BY(m4_eval(OUT_BLOCKS - 1)) + o * steps;
          const bf16 *const pw = w + (size_t) zero * 1024;|>, <|const bf16 *const pw = w;|>)
          const struct block now = {
            .sums = done.sums,
            .e = e<||>AT(o, OUT_BLOCKS, 32),
            IF(HAS_R, <|.r = residual<||>PLACE_OF_PHASE(<|RES|>, res),
            |>).y = y<||>PLACE_OF_PHASE(<|OUT|>, out),
            .tile = BLOCK_TILE,
            .rows = phase->rows,
            .columns = phase->columns,
          };
          MAKE_BLOCK(<|(struct steps){ phase->first, phase->end }, |>)
        }
    }
  END_BLOCKS
  IF(HAS_R, <||>, <|UNUSED(residual)|>)
}
