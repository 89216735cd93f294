m4_divert(-1)
Transposed convolution by Winograd's F(WINO x WINO, 3 x 3): along H and W every output phase is a convolution of stride
1 with at most three taps, so all phases use the same transformed tiles of the input. Along D a phase's taps are more of
the sum over the channels.

A unit of work is a block of BLOCK_TILES tiles of H and W and a group of GROUP_D output planes of each phase of D: the
inputs of all planes that they read, inputs[position][plane][in block][tile][channel of the block], then for each phase
and block of output channels the products, sums[output plane][position][tile][output channel of the block], transformed
back. Where a phase has less than three taps, its filter is zero at the first position, the last or both along that
axis, and these products are left out. Weights: [phase of H][phase of W][phase of D][out block][position][tap of D][in
channel] [output channel of the block].
require(<|FUNCTION|>, <|BATCH|>, <|IN_C|>, <|IN_BLOCKS|>, <|IN_START|>, <|IN_ROW|>, <|IN_PLANE|>, <|IN_BLOCK|>,
  <|IN_SAMPLE|>, <|IN_D|>, <|OUT_ORIGIN|>, <|OUT_BLOCKS|>, <|S_D|>, <|S_H|>, <|S_W|>, <|PHASES_D|>, <|PHASES_H|>,
  <|PHASES_W|>, <|ALL_TAPS_D|>, <|ALL_POSITIONS_W|>, <|FIRST_D|>, <|LAST_D|>, <|TABLE_D|>, <|TABLE_H|>, <|TABLE_W|>,
  <|SHIFTED|>, <|LAST_CHANNELS|>, <|WINO|>, <|WINO_D|>, <|TILES_H|>, <|TILES_W|>, <|BLOCK_TILES|>, <|BLOCK_COUNT|>,
  <|GROUP_D|>, <|GROUP_COUNT|>, <|POSITION|>, <|TILE_SIZE|>, <|TILE_COUNT|>, <|TILE_COUNT1|>, <|SCRATCH_BYTES|>,
  <|BIAS_AT|>)
m4_include(<|cpu/winograd_transform.m4|>)
m4_include(<|cpu/transposed_multiply.m4|>)
m4_define(<|ALL_TILES|>, m4_eval(TILES_H * TILES_W))
m4_define(<|FACE_PHASES|>, m4_eval(PHASES_H * PHASES_W))

m4_include(<|cpu/transposed_output.m4|>)
What the function phase does for one phase of D and one block of output channels.
m4_define(<|SAME_PLANES|>, <|const int planes = pd->count - u->plane < GROUP_D ? pd->count - u->plane : GROUP_D;|>)
m4_define(<|BLOCK_OF_PHASE|>, <|products (inputs, q, sums, u, pd, ph, pw, planes);
          for (int g = 0, plane = u->plane; g < planes; g++)
            outputs (sums + g * m4_eval(FACE * SUMS), w<||>AT(o, OUT_BLOCKS, BLOCK), m4_dnl
IF(HAS_R, <|r<||>IN_PHASE(<|RES|>), |>)y<||>IN_PHASE(<|OUT|>), u, ph, pw);|>)
m4_define(<|NEXT_WEIGHTS|>, <|q += positions * pd->taps * m4_eval(IN_C * BLOCK)|>)
m4_define(<|PHASE_OF_D|>, <|const struct phase_d *const pd = phases_d<||>TERM(fd, PHASES_D, 1);
      SAME_PLANES
      IF(OUT_BLOCKS > 1, <|for (int o = 0; o < OUT_BLOCKS; o++, NEXT_WEIGHTS)|>)
        BRACED(OUT_BLOCKS > 1, <|BLOCK_OF_PHASE|>)
      IF(OUT_BLOCKS == 1 && PHASES_D > 1, <|NEXT_WEIGHTS;|>)|>)
m4_define(<|INPUT_OF_TILE|>, <|x<||>AT(b, IN_BLOCKS, IN_BLOCK) + (size_t) d * IN_PLANE<||>m4_dnl
IF(TILES_H > 1, <| + (size_t) IF(TILES_W > 1, <|(ROW_OF_TILE)|>, i) * m4_eval(WINO * IN_ROW)|>)<||>m4_dnl
IF(TILES_W > 1, <| + COLUMN_OF_TILE * m4_eval(WINO * BLOCK)|>)|>)
SIGNED(N): " + N" or " - …" for a number below 0.
m4_define(<|SIGNED|>, <|IF(($1) < 0, <|SUBTRACT(-($1))|>, <|ADD_OFFSET($1)|>)|>)
A unit's struct: its tiles, its planes and the first one that they read.
m4_define(<|TILE_END|>, <|tile + BLOCK_TILES < ALL_TILES ? tile + BLOCK_TILES : ALL_TILES|>)
m4_define(<|TILES_OF_UNIT|>, <|IF(BLOCK_COUNT > 1, <|tile, TILE_END|>, <|0, ALL_TILES|>)|>)
m4_define(<|FIRST_INPUT|>, <|IF(FIRST_D, <|plane<||>SIGNED(FIRST_D) > 0 ? plane<||>SIGNED(FIRST_D) : 0|>, plane)|>)
m4_define(<|PLANES_OF_UNIT|>, <|IF(GROUP_COUNT > 1, <|plane, FIRST_INPUT|>, <|0, IF(FIRST_D > 0, FIRST_D, 0)|>)|>)
m4_define(<|UNIT_END|>, <|(i + 1)<||>BY(FACE_PHASES)|>)
m4_divert(0)m4_dnl
HEAD

PHASES
COMMENT(<|What a unit of work is about: tiles [first, end), output planes from plane on of each phase of D,
   and the first of the input planes that are in inputs.|>)
struct unit
{
  int first, end, plane, input;
};

COMMENT(<|One tile of one plane and block of channels, transformed: position i lies at y + i * POSITION.|>)
static void
transform_input (const float *x, float *y)
{
  EACH_VECTOR(1, <|_Alignas (64) float t[FACE * VL];
      TRANSFORM_FACE(<|x<||>V|>, BLOCK, IN_ROW, <|y<||>V|>, POSITION)|>)
}
MULTIPLY_FUNCTIONS
COMMENT(<|The sums of one tile back to its pixels in rows [FIRST_OF(row), rows) and columns [FIRST_OF(col), m4_dnl
cols), S_H rows and S_W columns
   apart in the output; e: the block's place in the epilogue's vectors; at: from y to the first pixel.|>)
static void
transform_output (const float *sums, const float *e, R_PARAMETER()float *y, R_AT_PARAMETER()ptrdiff_t at, m4_dnl
SHIFTED_PARAMETERS()int rows, int cols)
{
  EACH_VECTOR(1, <|OUTPUT_TILE|>)
}

COMMENT(<|The output transforms of one plane and block of a phase; y<||>TEXT_R: its first pixel.|>)
static void
outputs (const float *sums, const float *e, R_PARAMETER()float *y, const struct unit *u, const struct phase *ph, m4_dnl
const struct phase *pw)
{
  for (int i = u->first; i < u->end; i++, sums += BLOCK)
    {
      const int h = FROM_START(TILES_H, <|ROW_OF_TILE|>, ph), j = FROM_START(TILES_W, <|COLUMN_OF_TILE|>, pw);
      transform_output (sums, e, R_ARGUMENT()y, R_AT_ARGUMENT()IN_TILE(<|OUT|>), SHIFTED_ARGUMENTS()m4_dnl
ph->count - h < WINO ? ph->count - h : WINO, pw->count - j < WINO ? pw->count - j : WINO);
    }
}

PRODUCTS
COMMENT(<|One phase of H and W, all of D; y<||>TEXT_R: pixel (0, 0, 0) of the sample.|>)
static void
phase (const float *inputs, const float *w, R_PARAMETER()float *y, float *sums, const struct unit *u, int fh, int fw)
{
  const struct phase *const ph = phases_h + fh, *const pw = phases_w + fw;
  const int positions = (ph->end - ph->from) * (pw->end - pw->from);
  const float *q = w + (size_t) (ph->before * ALL_POSITIONS_W + (ph->end - ph->from) * pw->before) * m4_dnl
m4_eval(ALL_TAPS_D * OUT_BLOCKS * IN_C * BLOCK);
  for (int i = 0; i < m4_eval(GROUP_D * FACE) && positions < FACE; i++)
    memset (sums + i * SUMS, 0, SUMS * sizeof (float));
  LOOP(fd, PHASES_D)
    BRACED(PHASES_D > 1, <|PHASE_OF_D|>)
}

/* The inputs of a unit of one sample. */
static void
transform_inputs (const float *x, float *inputs, const struct unit *u)
{
  const int last = u->plane<||>SIGNED(GROUP_D - 1 + LAST_D), end = last < IN_D ? last + 1 : IN_D;
  for (int d = u->input; d < end; d++<||>IF(IN_BLOCKS == 1, <|, inputs += SUMS|>))
    IF(IN_BLOCKS > 1, <|for (int b = 0; b < IN_BLOCKS; b++, inputs += SUMS)|>)
      for (int i = u->first; i < u->end; i++)
        transform_input (INPUT_OF_TILE, inputs + (i - u->first) * BLOCK);
}
CLEAR_HALO
/* The share of thread t of n: units, of the first and last perhaps only some phases. */
static void
share (const float *x, const float *residual, const float *w, float *y, float *scratch, m4_dnl
struct rescast_part t, int n)
{
  float *const inputs = scratch, *const sums = scratch + m4_eval(FACE * POSITION);
  int first, last;
  rescast_share (PRODUCT(BATCH, BLOCK_COUNT, GROUP_COUNT, FACE_PHASES), t, n, &first, &last);
  for (int next; first < last; first = next)
    {
      const int i = first<||>OVER(FACE_PHASES);
      DECODE(i, group, GROUP_COUNT, block, BLOCK_COUNT, s, BATCH)
      IF(BLOCK_COUNT > 1, <|const int tile = block<||>BY(BLOCK_TILES);|>)
      IF(GROUP_COUNT > 1, <|const int plane = group<||>BY(GROUP_D);|>)
      const struct unit u = { TILES_OF_UNIT, PLANES_OF_UNIT };
      next = UNIT_END < last ? UNIT_END : last;
      transform_inputs (x<||>ADD_OFFSET(IN_START)AT(s, BATCH, IN_SAMPLE), inputs, &u);
      for (int f = first - i<||>BY(FACE_PHASES); f < next - i<||>BY(FACE_PHASES); f++)
        phase (inputs, w, IF(HAS_R, <|residual<||>ADD_OFFSET(RES_ORIGIN)AT(s, BATCH, RES_SAMPLE), |>)m4_dnl
y<||>ADD_OFFSET(OUT_ORIGIN)AT(s, BATCH, OUT_SAMPLE), sums, &u, f<||>OVER(PHASES_W), IF(PHASES_W > 1, <|f % PHASES_W|>,
0));
    }
  IF(HAS_R, <||>, <|(void) residual;|>)
}

WITH_SCRATCH
