m4_divert(-1)
Transposed convolution by Winograd's F(WINO x WINO, 3 x 3): along H and W every output phase is a convolution of stride 1
with at most three taps, so all phases use the same transformed tiles of the input. Along D a phase's taps are more of the
sum over the channels.

A unit of work is a block of BLOCK_TILES tiles of H and W and a group of GROUP_D output planes of each phase of D: the inputs
of all planes that they read, inputs[position][plane][in block][tile][16], then for each phase and block of output channels
the products, sums[output plane][position][tile][16], transformed back. Where a phase has less than three taps, its filter is
zero at the first position, the last or both along that axis, and these products are left out. Weights:
[phase of H][phase of W][phase of D][out block][position][tap of D][in channel][16].
require(<|FUNCTION|>, <|BATCH|>, <|IN_C|>, <|IN_BLOCKS|>, <|IN_START|>, <|IN_ROW|>, <|IN_PLANE|>, <|IN_BLOCK|>, <|IN_SAMPLE|>, <|IN_D|>, <|OUT_ORIGIN|>,
  <|OUT_BLOCKS|>, <|S_D|>, <|S_H|>, <|S_W|>, <|PHASES_D|>, <|PHASES_H|>, <|PHASES_W|>, <|ALL_TAPS_D|>, <|ALL_POSITIONS_W|>, <|FIRST_D|>, <|LAST_D|>, <|TABLE_D|>,
  <|TABLE_H|>, <|TABLE_W|>, <|SHIFTED|>, <|LAST_CHANNELS|>, <|WINO|>, <|WINO_D|>, <|TILES_H|>, <|TILES_W|>, <|BLOCK_TILES|>, <|BLOCK_COUNT|>, <|GROUP_D|>,
  <|GROUP_COUNT|>, <|POSITION|>, <|TILE_SIZE|>, <|TILE_COUNT|>, <|TILE_COUNT1|>, <|SCRATCH_BYTES|>, <|SHIFT_AT|>)
m4_include(<|cpu/winograd_transform.m4|>)
m4_include(<|cpu/transposed_multiply.m4|>)
m4_define(<|ALL_TILES|>, m4_eval(TILES_H * TILES_W))

PIXEL(PREFIX, I): from the tile's first pixel to row i, column I in a tensor.
m4_define(<|PIXEL|>, <|i * m4_eval(S_H * $1_ROW)<||>ADD_OFFSET($2 * S_W * 16) + v|>)
IN_TILE(PREFIX): the first pixel of tile (h, j) of the phase, which may be in front of the output where SHIFTED.
m4_define(<|IN_TILE|>, <|((ptrdiff_t) h * m4_eval(S_H * $1_ROW) + j * m4_eval(S_W * 16))|>)
IN_PHASE(PREFIX): a plane's first pixel of the phase.
m4_define(<|IN_PHASE|>, <|(size_t) o * $1_BLOCK + (size_t) (fd + (plane + g) * S_D) * $1_PLANE + fh * $1_ROW + fw * 16|>)
m4_divert(0)m4_dnl
HEAD

PHASES
/* What a unit of work is about: tiles [first, end), output planes from PLANE on of each phase of D, and the first of the
   input planes that are in inputs. */
struct unit
{
  int first, end, plane, input;
};

/* One tile of one plane and block of channels, transformed: position i lies at y + i * POSITION. */
static void
transform_input (const float *x, float *y)
{
for (int v = 0; v < 16; v += VL)
{
_Alignas (64) float t[FACE * VL];
TRANSFORM_FACE(<|x + v|>, 16, IN_ROW, <|y + v|>, POSITION)
}
}
MULTIPLY_FUNCTIONS
COMMENT(<|The sums of one tile back to its pixels in rows [IF(SHIFTED, row, 0), rows) and columns [IF(SHIFTED, col, 0), cols), S_H rows and S_W columns apart in the
   output; e: the block's place in the epilogue's vectors; at: from y to the first pixel.|>)
static void
transform_output (const float *sums, const float *e, R_PARAMETER()float *y, IF(RES_SAMPLE >= 0, <|ptrdiff_t r_at, |>)ptrdiff_t at, IF(SHIFTED, <|int row, int col, |>)int rows, int cols)
{
for (int v = 0; v < 16; v += VL)
{
_Alignas (64) float t[m4_eval(WINO * SIDE) * VL];
OUTPUT_COLUMNS(<|sums + v|>, SUMS)
const vec shift = vload (e + SHIFT_AT + v);
for (int i = IF(SHIFTED, row, 0); i < rows; i++)
{
const float *p = t + i * SIDE * VL;LOAD_ALL(m, SIDE, p, VL)
OUTPUT_1D(WINO, m, o)FOR(<|I|>, 0, WINO - 1, <|
if (IF(SHIFTED, <|col <= I && |>)cols > I)
{
vec a = o<||>I + shift;
EPILOGUE(a, <|e + v|>, <|r + (r_at + PIXEL(<|RES|>, I))|>)
vstore (y + (at + PIXEL(<|OUT|>, I)), a);
}|>)
}
}
}

COMMENT(<|The output transforms of one plane and block of a phase; y<||>IF(RES_SAMPLE >= 0, <|, r|>): its first pixel.|>)
static void
outputs (const float *sums, const float *e, R_PARAMETER()float *y, const struct unit *u, const struct phase *ph, const struct phase *pw)
{
for (int i = u->first; i < u->end; i++, sums += 16)
{
const int h = i / TILES_W * WINO - ph->start, j = i % TILES_W * WINO - pw->start;
transform_output (sums, e, IF(RES_SAMPLE >= 0, <|r, |>)y, IF(RES_SAMPLE >= 0, <|IN_TILE(<|RES|>), |>)IN_TILE(<|OUT|>), IF(SHIFTED, <|h < 0 ? -h : 0, -j, |>)ph->count - h < WINO ? ph->count - h : WINO, pw->count - j < WINO ? pw->count - j : WINO);
}
}

PRODUCTS
COMMENT(<|One phase of H and W, all of D; y<||>IF(RES_SAMPLE >= 0, <|, r|>): pixel (0, 0, 0) of the sample.|>)
static void
phase (const float *inputs, const float *w, R_PARAMETER()float *y, float *sums, const struct unit *u, int fh, int fw)
{
const struct phase *const ph = phases_h + fh, *const pw = phases_w + fw;
const int positions = (ph->end - ph->from) * (pw->end - pw->from);
const float *q = w + (size_t) (ph->before * ALL_POSITIONS_W + (ph->end - ph->from) * pw->before) * m4_eval(ALL_TAPS_D * OUT_BLOCKS * IN_C * 16);
for (int i = 0; i < m4_eval(GROUP_D * FACE) && positions < FACE; i++)
memset (sums + i * SUMS, 0, SUMS * sizeof (float));
for (int fd = 0; fd < PHASES_D; fd++)
{
const struct phase_d *const pd = phases_d + fd;
const int planes = pd->count - u->plane < GROUP_D ? pd->count - u->plane : GROUP_D;
for (int o = 0; o < OUT_BLOCKS; o++, q += positions * pd->taps * m4_eval(IN_C * 16))
{
products (inputs, q, sums, u, pd, ph, pw, planes);
for (int g = 0, plane = u->plane; g < planes; g++)
outputs (sums + g * m4_eval(FACE * SUMS), w + 16 * o, IF(RES_SAMPLE >= 0, <|r + IN_PHASE(<|RES|>), |>)y + IN_PHASE(<|OUT|>), u, ph, pw);
}
}
}

/* The inputs of a unit of one sample. */
static void
transform_inputs (const float *x, float *inputs, const struct unit *u)
{
const int last = u->plane + m4_eval(GROUP_D - 1 + LAST_D), end = last < IN_D ? last + 1 : IN_D;
for (int d = u->input; d < end; d++)
for (int b = 0; b < IN_BLOCKS; b++, inputs += SUMS)
for (int i = u->first; i < u->end; i++)
transform_input (x + (size_t) b * IN_BLOCK + (size_t) d * IN_PLANE + (size_t) (i / TILES_W) * m4_eval(WINO * IN_ROW) + i % TILES_W * m4_eval(WINO * 16), inputs + (i - u->first) * 16);
}
CLEAR_HALO
/* The share of thread t of n: units, of the first and last perhaps only some phases. */
static void
share (const float *x, const float *residual, const float *w, float *y, float *scratch, int t, int n)
{
float *const inputs = scratch, *const sums = scratch + m4_eval(FACE * POSITION);
int first, last;
rescast_share (PRODUCT(BATCH, BLOCK_COUNT, GROUP_COUNT, PHASES_H, PHASES_W), t, n, &first, &last);
for (int next; first < last; first = next)
{
const int i = first / m4_eval(PHASES_H * PHASES_W), s = i / m4_eval(BLOCK_COUNT * GROUP_COUNT);
const int tile = i / GROUP_COUNT % BLOCK_COUNT * BLOCK_TILES, plane = i % GROUP_COUNT * GROUP_D;
const struct unit u = { tile, tile + BLOCK_TILES < ALL_TILES ? tile + BLOCK_TILES : ALL_TILES, plane, plane + FIRST_D > 0 ? plane + FIRST_D : 0 };
next = (i + 1) * m4_eval(PHASES_H * PHASES_W) < last ? (i + 1) * m4_eval(PHASES_H * PHASES_W) : last;
transform_inputs (x<||>ADD_OFFSET(IN_START) + (size_t) s * IN_SAMPLE, inputs, &u);
for (int f = first - i * m4_eval(PHASES_H * PHASES_W); f < next - i * m4_eval(PHASES_H * PHASES_W); f++)
phase (inputs, w, IF(RES_SAMPLE >= 0, <|residual<||>ADD_OFFSET(RES_ORIGIN) + (size_t) s * RES_SAMPLE, |>)y<||>ADD_OFFSET(OUT_ORIGIN) + (size_t) s * OUT_SAMPLE, sums, &u, f / PHASES_W, f % PHASES_W);
}
IF(RES_SAMPLE < 0, <|(void) residual;|>)
}

WITH_SCRATCH
