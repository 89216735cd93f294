m4_divert(-1)
Convolution of groups of any size that share blocks of channels: GROUP_IN inputs to GROUP_OUT outputs each; any window,
stride, dilation and padding, in 2-D and 3-D.

For STRIP_ROWS rows of one block of outputs, the inputs are gathered first: for each channel c of a group, each lane
gets channel c of its own. Then one vector of inputs meets the weights of all lanes at once, as in conv_grouped.m4.
Gathered inputs: [plane of the window][row][channel of the group][pixel][lane]; weights: [tap][channel of the
group][lane]. Gathered inputs are floats, whatever the tensor's elements.
require(<|FUNCTION|>, <|BATCH|>, <|IN_START|>, <|IN_ROW|>, <|IN_PLANE|>, <|IN_BLOCK|>, <|IN_SAMPLE|>, <|OUT_ORIGIN|>,
  <|OUT_BLOCKS|>, <|OUT_C|>, <|K_D|>, <|K_H|>, <|K_W|>, <|S_D|>, <|S_H|>, <|S_W|>, <|DIL_D|>, <|DIL_H|>, <|DIL_W|>,
  <|GROUP_IN|>, <|GROUP_OUT|>, <|OUT_BLOCK_WEIGHTS|>, <|STRIP_ROWS|>, <|GATHER_ROWS|>, <|GATHER_WIDTH|>,
  <|SCRATCH_BYTES|>, <|TILE_SIZE|>, <|TILE_COUNT|>, <|TILE_COUNT1|>, <|BIAS_AT|>, <|RES_SAMPLE|>)
One row of tiles at a time.
m4_define(<|HIGH_SIZE|>, 1)
m4_define(<|HIGH_COUNT|>, OUT_H)
m4_define(<|HIGH_COUNT1|>, 0)
IF(IS_BF16(<|IN|>), <|m4_define(<|WEIGHT_TYPE|>, bf16)|>)
m4_define(<|IN_PAIRS|>, 0)
m4_include(<|cpu/grouped_tile.m4|>)
m4_define(<|TILE_IN_TYPE|>, float)
m4_define(<|CHANNEL_FLOATS|>, m4_eval(GATHER_WIDTH * BLOCK))
m4_define(<|ROW_FLOATS|>, m4_eval(GROUP_IN * CHANNEL_FLOATS))
m4_define(<|X_ROW|>, m4_eval(S_H * ROW_FLOATS))
m4_define(<|TAP_ROW|>, m4_eval(DIL_H * ROW_FLOATS))
m4_define(<|TAP_PLANE|>, m4_eval(GATHER_ROWS * ROW_FLOATS))

m4_define(<|GROUP_CHANNELS|>, GROUP_IN)
m4_define(<|LANES_OF_V|>, <|V|>)
m4_define(<|PERMUTED|>, <|vload (p<||>ADD_OFFSET(<|$1|>)TERM(c, GROUP_IN, CHANNEL_FLOATS))|>)
m4_define(<|WEIGHT|>, <|LOAD_WEIGHTS(<|q<||>ADD_OFFSET($1 * GROUP_IN * BLOCK)TERM(c, GROUP_IN, BLOCK)|>)|>)
m4_define(<|CHANNELS|>, <|LOOP(c, GROUP_IN)
        BRACED(GROUP_IN > 1 || K_W > TAPS, <|CHANNEL_TAPS(<|$1|>, <|$2|>, 0, <|$3|>)|>)
        |>)
The rows of inputs under the rows of outputs of a strip, from top to end.
m4_define(<|WINDOW_ROWS|>, m4_eval((K_H - 1) * DIL_H))
m4_define(<|STRIP_INPUT_ROWS|>, <|IF(S_H > 1, <|(end - top - 1) * S_H + m4_eval(WINDOW_ROWS + 1)|>,
  <|end - top<||>ADD_OFFSET(WINDOW_ROWS)|>)|>)
m4_define(<|INPUT_ROWS|>, <|IF(OUT_H > 1, <|STRIP_INPUT_ROWS|>, <|m4_eval(WINDOW_ROWS + 1)|>)|>)
m4_define(<|ROW_IN_STRIP|>, <|(h - top)|>)
m4_define(<|MAP_ROWS|>, PRODUCT(BATCH, OUT_D, OUT_H))
m4_define(<|RESIDUAL_PARAMETER|>, <|IF(HAS_R, <|const RES_TYPE *residual, |>)|>)
m4_define(<|RESIDUAL_ARGUMENT|>, <|IF(HAS_R, <|residual, |>)|>)
INPUT_OF(OUT): the first input of an output's group.
m4_define(<|GROUP_OF|>, <|$1<||>OVER(GROUP_OUT)|>)
m4_define(<|INPUT_OF|>, <|IF(GROUP_IN > 1, <|GROUP_OF(<|$1|>) * GROUP_IN + c|>, <|GROUP_OF(<|$1|>)|>)|>)
m4_define(<|FOUR|>, <|FOREACH(<|LANE|>, <|0, 1, 2, 3|>, <|IF(LANE, <|, |>)AS_FLOAT(<|IN|>, <|p<||>LANE[w]|>)|>)|>)
m4_divert(0)m4_dnl
HEAD

typedef float four __attribute__ ((vector_size (16), may_alias));

COMMENT(<|A row of inputs, four lanes at a time: those of lane l lie from[l] behind x.|>)
static void
gather_row (const IN_TYPE *x, float *g, const size_t from[BLOCK])
{
  for (int l = 0; l < BLOCK; l += 4)
    {
      const IN_TYPE *p0 = x + from[l], *p1 = x + from[l + 1], *p2 = x + from[l + 2], *p3 = x + from[l + 3];
      for (int w = 0; w < CHANNEL_FLOATS; w += BLOCK)
        *(four *) (g + l + w) = (four){ FOUR };
    }
}

COMMENT(<|So many rows of the inputs of m4_dnl
IF(OUT_BLOCKS > 1, <|block o of the outputs|>, <|the outputs|>). x: the first tap of the first one.|>)
static void
gather (const IN_TYPE *x, float *g, IF(OUT_BLOCKS > 1, <|int o, |>)int rows)
{
  LOOP(c, GROUP_IN)
    BRACED(GROUP_IN > 1, <|size_t from[BLOCK];
      for (int l = 0; l < BLOCK; l++)
        {
          const int lane = IF(OUT_BLOCKS > 1, <|o * BLOCK + l|>, l), out = lane < OUT_C ? lane : m4_eval(OUT_C - 1);
          const int in = INPUT_OF(out);
          from[l] = (size_t) (in / BLOCK) * IN_BLOCK + in % BLOCK;
        }
      LOOP(d, K_D)
      for (int h = 0; h < rows; h++)
        gather_row (x<||>TERM(d, K_D, m4_eval(DIL_D * IN_PLANE)) + h * IN_ROW, m4_dnl
g<||>TERM(d, K_D, TAP_PLANE)TERM(c, GROUP_IN, CHANNEL_FLOATS) + h * ROW_FLOATS, from);|>)
}
ALL_TILES()m4_dnl
CLEAR_HALO
/* The share of thread t of n: rows of blocks, strip by strip. */
static void
share (const IN_TYPE *x, RESIDUAL_PARAMETER()const WEIGHT_TYPE *w, OUT_TYPE *y, float *scratch, m4_dnl
struct rescast_part t, int n)
{
  IF(IS_BF16(<|IN|>), <|const float *const e = (const float *) w;|>)
  struct rescast_runs r = rescast_runs (OUT_BLOCKS, MAP_ROWS, n, t, n);
  for (; r.left > 0; rescast_next_run (&r))
    {
      IF(OUT_BLOCKS > 1, <|const int o = r.row;|>)
      for (int i = r.column<||>IF(OUT_H > 1, <|, rows|>); i < r.end; IF(OUT_H > 1, <|i += rows|>, i++))
        {
          DECODE(i, top, OUT_H, d, OUT_D, s, BATCH)
          IF(OUT_H > 1, <|const int below = top + STRIP_ROWS < OUT_H ? STRIP_ROWS : OUT_H - top;
          rows = below < r.end - i ? below : r.end - i;
          const int end = top + rows;|>)
          gather (x<||>ADD_OFFSET(IN_START)AT(s, BATCH, IN_SAMPLE)AT(d, OUT_D, m4_eval(S_D * IN_PLANE))m4_dnl
AT(top, OUT_H, m4_eval(S_H * IN_ROW)), scratch, IF(OUT_BLOCKS > 1, <|o, |>)INPUT_ROWS);
          IF(OUT_H > 1, <|for (int h = top; h < end; h++)|>)
            BRACED(OUT_H > 1, <|POINTERS
              CALL_STRIP(<|scratch<||>IF(OUT_H > 1, <| + ROW_IN_STRIP * X_ROW|>)|>)|>)
        }
    }
}

static __attribute__ ((noinline)) void
share_on_stack (const IN_TYPE *x, RESIDUAL_PARAMETER()const WEIGHT_TYPE *w, OUT_TYPE *y, m4_dnl
struct rescast_part t, int n)
{
  _Alignas (64) float scratch[SCRATCH_FLOATS];
  share (x, RESIDUAL_ARGUMENT()w, y, scratch, t, n);
}

PROTOTYPE
  CALL_CLEAR_HALO
  if (scratch)
    share (x, RESIDUAL_ARGUMENT()w, y, scratch, t, n);
  else
    share_on_stack (x, RESIDUAL_ARGUMENT()w, y, t, n);
  IF(HAS_R, <||>, <|UNUSED(residual)|>)
}
