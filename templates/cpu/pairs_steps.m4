m4_divert(-1)
The k-steps of dense convolutions in bf16, for pairs_tile.m4, which the including template includes too: a step is a tap
of a block of input channels, or so many neighbouring taps along the width as 32 numbers hold. Padding is the input's
halo, so no bounds are checked; planes of taps that would read nothing but padding are passed over.
require(<|STEPS|>, <|STEP_AT|>, <|SOME_STEPS|>, <|PLANE_STEPS|>, <|X_PIXEL|>, <|X_LINE|>)
m4_define(<|EACH_STEP|>, <|for (int s = IF(SOME_STEPS, steps.first, 0); s < IF(SOME_STEPS, steps.end, STEPS); s++)
        {
          const int p = step_at[s];
          const bf16 *q = first + s * STEP_WEIGHTS;
          PREFETCH_WEIGHTS
          $1
        }|>)
STEP_TABLES: the steps, and which of them are taken.
m4_define(<|STEP_TABLES|>, <|/* From a pixel's first tap to the inputs of each k-step. */
static const int step_at[] = { STEP_AT };
IF(SOME_STEPS, <|
struct steps
{
  int first, end;
};

/* The k-steps that read more than planes of padding, for each plane of the output. */
static const struct steps steps_of_plane[] = { PLANE_STEPS };
|>)|>)
FIND_PIXELS(W, ROW, BOUNDED): the function find_pixels for planes of W columns whose outputs' rows lie ROW elements
apart. BOUNDED: pixels from END on are the one before it again.
m4_define(<|FIND_PIXELS|>, <|
/* Pixels of a plane, from the number FIRST on. */
static void
find_pixels (struct pixels *at, int first, int count<||>IF($3, <|, int end|>))
{
  int h = first<||>OVER($1), j = IF($1 > 1, <|first % $1|>, 0);
  for (int i = 0; i < count; i++)
    {
      at->in[i] = h * X_LINE + j * X_PIXEL;
      at->out[i] = h * $2 + j * BLOCK;
      IF(HAS_R, <|at->res[i] = h * RES_ROW + j * BLOCK;|>)
      if (IF($3, <|first + i + 1 < end && |>)++j == $1)
        {
          j = 0;
          h++;
        }
    }
}
|>)
