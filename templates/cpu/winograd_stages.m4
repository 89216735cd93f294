m4_divert(-1)
A Winograd kernel in three stages, for many threads: all tiles' inputs are transformed; each thread multiplies at some
of the positions, so that it reads their weights and inputs alone; all sums are transformed back. Every thread ends a
stage before any begins the next one. The threads share the memory in between. It has panels, the tiles that one thread
alone takes at a time, and in each passes, the positions that it takes at a time:
inputs[panel][pass][position][in block][tile][channel of the block], then
sums[panel][pass][out block][position][tile][output channel of the block]. For conv_winograd.m4 and
conv_winograd_3d.m4, which define
INPUT_OF_SHARED, OUTPUT_OF_SHARED: the statements for one tile of one block of a panel's inputs and sums,
WEIGHTS_POSITION: the place among the weights' positions of position k, which counts them pass by pass.
require(<|STAGED_PANELS|>)
m4_define(<|PASSES|>, m4_eval(POSITIONS / PASS_POSITIONS))
m4_define(<|PANEL_INPUTS|>, m4_eval(POSITIONS * POSITION))
m4_define(<|PASS_SUMS|>, m4_eval(OUT_BLOCKS * PASS_POSITIONS * SUMS))
m4_define(<|PANEL_SUMS|>, m4_eval(PASSES * PASS_SUMS))
Where a panel's inputs begin, and its sums of output block ob in the first pass.
m4_define(<|INPUTS_OF_PANEL|>, <|shared<||>AT(panel, STAGED_PANELS, PANEL_INPUTS)|>)
m4_define(<|SUMS_OF_PANEL|>, <|shared + m4_eval(STAGED_PANELS * PANEL_INPUTS)<||>m4_dnl
AT(panel, STAGED_PANELS, PANEL_SUMS)<||>AT(ob, OUT_BLOCKS, m4_eval(PASS_POSITIONS * SUMS))|>)
The columns and tiles of a panel.
m4_define(<|PANEL_BEGIN|>, <|IF(STAGED_PANELS == COLUMNS, $1, <|$1<||>BY(COLUMNS) / STAGED_PANELS|>)|>)
m4_define(<|COLUMNS_OF_PANEL|>, <|IF(STAGED_PANELS > 1, <|const int column = PANEL_BEGIN(panel), m4_dnl
column_end = PANEL_BEGIN((panel + 1));|>)|>)
m4_define(<|PANEL_ARGUMENTS|>, <|IF(STAGED_PANELS > 1, <|COLUMNS_ARGUMENTS()STEP_ARGUMENT()|>, <|IF(COLUMNS > 1, m4_dnl
<|0, COLUMNS, m4_eval((BLOCK - 1 + COLUMNS) / COLUMNS), |>)|>)|>)

EACH_TILE_OF_BLOCKS(BLOCKS, BLOCK, BODY): BODY for each tile of each block of channels that thread t has. The rows of
its grid are the panels' blocks, the columns the largest panel's tiles, of which a smaller one leaves the last out.
m4_define(<|TILE_ROWS|>, <|PRODUCT(STAGED_PANELS, $1)|>)
m4_define(<|EACH_TILE_OF_BLOCKS|>, <|struct rescast_runs runs = rescast_runs (TILE_ROWS($1), BLOCK_TILES, m4_dnl
IF(TILE_ROWS($1) > 1, <|(n + m4_eval(TILE_ROWS($1) - 1)) / TILE_ROWS($1)|>, n), t, n);
  for (; runs.left > 0; rescast_next_run (&runs))
    {
      IF(STAGED_PANELS > 1, <|const int panel = runs.row<||>OVER($1);|>)
      IF($1 > 1, <|const int $2 = runs.row<||>IF(STAGED_PANELS > 1, <| % $1|>);|>)
      IF(STAGED_PANELS > 1, <|COLUMNS_OF_PANEL
      TILES_OF_COLUMNS|>)
      $3
    }|>)
m4_define(<|FIRST_OF_PANEL|>, <|IF(STAGED_PANELS > 1, <|first + |>)|>)
m4_define(<|EACH_TILE_OF_RUN|>, <|for (int i = FIRST_OF_PANEL<||>runs.column; i < FIRST_OF_PANEL<||>runs.end<||>m4_dnl
IF(STAGED_PANELS > 1, <| && i < end|>); i++)
        {
          TILE_AT
          m4_pushdef(<|PLACE_OF_TILE|>, IF(STAGED_PANELS > 1, <|i - first|>, i))m4_dnl
$1<||>m4_popdef(<|PLACE_OF_TILE|>)
        }|>)
SUMS_OF_TILE: tile i's sums in a panel's.
m4_define(<|SUMS_OF_TILE|>, <|sums + IF(STAGED_PANELS > 1, <|(i - first)|>, i) * BLOCK|>)

The products at position k and output blocks ob, …: one unit. Inputs come from other threads' caches and are prefetched
a block ahead; those of the next position may be another thread's.
m4_define(<|MULTIPLY_UNIT|>, <|multiply<||>SUFFIX(<|$1|>) (INPUTS_OF_PANEL + (size_t) k * POSITION, SUMS, q, m4_dnl
next, PANEL_ARGUMENTS()sums);|>)
m4_define(<|MULTIPLY_PANEL|>, <|IF(STAGED_PANELS > 1, <|COLUMNS_OF_PANEL
          STEP_OF_COLUMNS|>)
          float *const sums = SUMS_OF_PANEL<||>IF(PASSES > 1, <| + (size_t) (k / PASS_POSITIONS) * PASS_SUMS
              + k % PASS_POSITIONS<||>|>, <| + k<||>|>)BY(SUMS);
          IF(OUT_BLOCKS % TILE_BLOCKS, <|if (ob + TILE_BLOCKS > OUT_BLOCKS)
            MULTIPLY_UNIT(LAST_BLOCKS)
          else
            |>)MULTIPLY_UNIT(VECTORS)|>)
m4_define(<|TILE_CHANNELS|>, m4_eval(TILE_BLOCKS * BLOCK))
m4_define(<|UNIT|>, <|const int k = unit<||>OVER(OUT_TILES)<||>IF(OUT_TILES > 1, <|, ob = unit % OUT_TILES<||>m4_dnl
BY(TILE_BLOCKS)|>);|>)

STAGE_FUNCTIONS: the functions of the stages.
m4_define(<|STAGE_FUNCTIONS|>, <|
COMMENT(<|In three stages, between which all threads wait. shared has the inputs of all tiles,
   [panel][pass][position][in block][tile][BLOCK], then their sums, [panel][pass][out block][position][tile][BLOCK].
   Stage 1: inputs are transformed.|>)
static void
transform_inputs (const float *x, float *shared, struct rescast_part t, int n)
{
  EACH_TILE_OF_BLOCKS(IN_BLOCKS, b, <|float *const inputs = INPUTS_OF_PANEL;
      EACH_TILE_OF_RUN(<|INPUT_OF_SHARED|>)|>)
}

COMMENT(<|The weights of a unit of stage 2: a position and TILE_CHANNELS channels of outputs.|>)
static const float *
unit_weights (const float *w, int unit)
{
  UNIT
  return w<||>AT(ob, OUT_TILES, OUT_BLOCK_WEIGHTS) + (size_t) WEIGHTS_POSITION * m4_eval(IN_C * BLOCK);
}

COMMENT(<|Stage 2: products, position by position, so that a thread reads the weights and inputs of few of them.|>)
static void
multiply_all (const float *w, float *shared, struct rescast_part t, int n)
{
  int first, last;
  rescast_share (m4_eval(POSITIONS * OUT_TILES), t, n, &first, &last);
  for (int unit = first; unit < last; unit++)
    {
      UNIT
      const float *q = unit_weights (w, unit), *next = unit_weights (w, unit + 1);
      IF(STAGED_PANELS > 1, <|for (int panel = 0; panel < STAGED_PANELS; panel++)
        {
          MULTIPLY_PANEL
        }|>, <|MULTIPLY_PANEL|>)
    }
}

COMMENT(<|Stage 3: sums are transformed back.|>)
static void
transform_outputs (const float *w, R_PARAMETER()float *y, float *shared, struct rescast_part t, int n)
{
  EACH_TILE_OF_BLOCKS(OUT_BLOCKS, ob, <|const float *const sums = SUMS_OF_PANEL;
      EACH_TILE_OF_RUN(<|OUTPUT_OF_SHARED|>)|>)
}
|>)
m4_define(<|STAGE_PARAMETER|>, <|int stage, |>)
m4_define(<|RUN_STAGE|>, <|switch (stage)
    {
    case 1:
      transform_inputs (x<||>ADD_OFFSET(IN_START), scratch, t, n);
      return;
    case 2:
      multiply_all (w, scratch, t, n);
      return;
    case 3:
      CALL_CLEAR_HALO
      transform_outputs (w, IF(HAS_R, <|residual<||>ADD_OFFSET(RES_ORIGIN), |>)y<||>ADD_OFFSET(OUT_ORIGIN), m4_dnl
scratch, t, n);
      return;
    }|>)
