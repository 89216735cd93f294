m4_divert(-1)
The products of a block of tiles: for each position of the transformed tiles a matrix product over the channels. For
conv_winograd.m4, conv_winograd_3d.m4 and conv_strassen.m4, with their parameters and FACE, the positions of a face;
inputs[position][in block][tile][channel of the block], weights[position][in channel][output channel of the block],
sums[position][tile][output channel of the block].
m4_include(<|cpu/tile.m4|>)
m4_define(<|SMALLER|>, m4_eval(TILE_SIZE - 1))
A share of an odd number of output blocks has the last of them in tiles of one block.
m4_define(<|LAST_BLOCKS|>, PAIRED)
The input channels are taken in PARTS, so that the weights of a part stay in the first-level cache from one tile to the
next.
require(<|PARTS|>, <|PANELS|>, <|PANELS_OF_THREADS|>, <|MOST_THREADS|>)
m4_define(<|PART_CHANNELS|>, m4_eval(IN_C / PARTS))
m4_define(<|FULL_BLOCKS|>, m4_eval(IN_BLOCKS / PARTS - (LAST_CHANNELS < BLOCK)))
m4_define(<|SUMS|>, m4_eval(BLOCK * BLOCK_TILES))
m4_define(<|FACE_TILES|>, m4_eval(TILES_H * TILES_W))
m4_define(<|ALL_TILES|>, m4_eval(TILES_D * FACE_TILES))
What a register tile has of the tiles is called a column. FIRST_TILE(I): the first tile of column I.
m4_define(<|COLUMNS|>, m4_eval(TILE_COUNT + TILE_COUNT1))
m4_define(<|FIRST_TILE|>, <|$1<||>BY(TILE_SIZE)<||>IF(TILE_COUNT1, <| - ($1 > TILE_COUNT ? $1 - TILE_COUNT : 0)|>)|>)
The columns of a block of tiles as parameters, as arguments, and its first tile and the end of them.
m4_define(<|COLUMNS_PARAMETERS|>, <|IF(COLUMNS > 1, <|int column, int column_end, |>)|>)
m4_define(<|COLUMNS_ARGUMENTS|>, <|IF(COLUMNS > 1, <|column, column_end, |>)|>)
m4_define(<|TILES_OF_COLUMNS|>, <|IF(COLUMNS > 1, <|const int first = FIRST_TILE(column);
  const int end = FIRST_TILE(column_end);|>, <|const int first = 0, end = ALL_TILES;|>)|>)
m4_define(<|COLUMNS_TEXT|>, <|IF(COLUMNS > 1, <|Columns [column, column_end) of tiles|>, <|All tiles|>)|>)
Positions whose inputs and sums are in scratch at once: two faces of a 3-D tile, all of a 2-D one.
m4_define(<|PASS_POSITIONS|>, m4_eval((1 + (WINO_D > 1)) * FACE))
TILE_AT: the plane, row and column where the outputs of tile i begin; TILE_IN(TENSOR): their place in a tensor.
m4_define(<|TILE_AT|>, <|IF(TILES_D > 1, <|const int d = i / FACE_TILES<||>BY(WINO_D);|>)
IF(TILES_H > 1, <|const int h = i<||>IF(TILES_D > 1, <| % FACE_TILES|>)<||>OVER(TILES_W) * WINO;|>)
IF(TILES_W > 1, <|const int j = i<||>IF(TILES_D * TILES_H > 1, <| % TILES_W|>) * WINO;|>)|>)
m4_define(<|TILE_IN|>, <|AT(d, TILES_D, $1_PLANE)AT(h, TILES_H, $1_ROW)TERM(j, TILES_W, BLOCK)|>)
INPUTS_OF_TILE: the place of tile i's inputs of block b in scratch. PLACE_OF_TILE: i's among the tiles there.
m4_define(<|PLACE_OF_TILE|>, <|i - first|>)
m4_define(<|INPUTS_OF_TILE|>, <|inputs + IF(IN_BLOCKS > 1, <|(b<||>BY(BLOCK_TILES) + PLACE_OF_TILE)|>, m4_dnl
<|(PLACE_OF_TILE)|>) * BLOCK|>)

Weights stream: while a position is computed, its tiles prefetch the next one's, so many floats a step as all of them
need.
m4_define(<|STEP|>, <|IF(COLUMNS > 1, step, BLOCK)|>)
m4_define(<|STEP_PARAMETER|>, <|IF(COLUMNS > 1, <|int step, |>)|>)
m4_define(<|STEP_ARGUMENT|>, <|IF(COLUMNS > 1, <|step, |>)|>)
PRODUCTS_OF(COUNT, TILES, VECTORS): those of COUNT channels.
m4_define(<|PREFETCH_WEIGHTS|>, <|FOR(<|I|>, 0, IF(PAIRED, <|m4_eval($1 - 1)|>, 0),
      <|prefetch (ahead<||>MULTIPLE(CHANNEL, STEP)ADD_OFFSET(I * OUT_BLOCK_WEIGHTS));
      |>)|>)
m4_define(<|NEXT_CHANNELS|>, <|w += m4_eval(BLOCK * $1), ahead += STEP<||>BY($1)|>)
m4_define(<|PRODUCTS_OF|>, <|STEPS(<|$1|>, <|c|>, <|NEXT_CHANNELS|>, <|WEIGHTS_OF(<|$3|>, m4_dnl
<|w<||>ADD_OFFSET(BLOCK * CHANNEL)|>)
      EACH_PIXEL(<|$2|>, <|MULTIPLY_ADD(<|$3|>, P, <|CHANNEL_OF(p, P * BLOCK)|>)|>)
      PREFETCH_WEIGHTS(<|$3|>)
      STEP_END ();|>)|>)
PREFETCH_INPUTS(TILES): the same tiles' at the next position; where a kernel has stages the caller says which: those at
a distance.
m4_define(<|PREFETCH_INPUTS|>, <|EACH_PIXEL(<|$1|>, <|prefetch_soon (IF(STAGED_PANELS, q, <|p + POSITION|>)<||>m4_dnl
ADD_OFFSET(P * BLOCK));|>)|>)
m4_define(<|DISTANCE_PARAMETER|>, <|IF(STAGED_PANELS, <|int distance, |>)|>)

MULTIPLY(TILES, VECTORS): the function multiply_TILES.
m4_define(<|SUM_AT|>, <|sums<||>V<||>NTH($2, m4_eval(PASS_POSITIONS * SUMS))ADD_OFFSET($1 * BLOCK)|>)
m4_define(<|FULL_BLOCK|>, <|PREFETCH_INPUTS(<|$1|>)
      PRODUCTS_OF(BLOCK, <|$1|>, <|$2|>)|>)
m4_define(<|NEXT_BLOCK|>, <|p += SUMS<||>IF(STAGED_PANELS, <|, q += SUMS|>)|>)
m4_define(<|FULL_BLOCKS_PRODUCTS|>, <|IF(WHOLE_TILE || FULL_BLOCKS == 1, <|FOR(<|FULL|>, 1, FULL_BLOCKS, m4_dnl
<|FULL_BLOCK(<|$1|>, <|$2|>)
      NEXT_BLOCK;
      |>)|>, <|for (int b = 0; b < FULL_BLOCKS; b++, NEXT_BLOCK)
      {
        FULL_BLOCK(<|$1|>, <|$2|>)
      }|>)|>)
m4_define(<|MULTIPLY|>, <|
COMMENT(<|$1 tiles at one position: inputs x[in block][tile][BLOCK] times weights w[in channel][BLOCK], m4_dnl
CHANNELS_TEXT(<|$2|>) of sums<||>IF(PARTS > 1, <|,
   or more of them|>).<||>IF(PARTS > 1, <| |>, <|
   |>)next: weights to prefetch meanwhile<||>IF(COLUMNS > 1, <|, step floats for each channel|>)<||>m4_dnl
IF(STAGED_PANELS, <|;
   soon: inputs to prefetch|>).|>)
TILE
multiply_$1<||>SUFFIX(<|$2|>) (const float *x, IF(STAGED_PANELS, <|const float *soon, |>)m4_dnl
const float *weights, const float *next, STEP_PARAMETER()float *sums<||>IF(PARTS > 1, <|, int more|>))
{
  EACH_TILE(<|const float *p = x, IF(STAGED_PANELS, <|*q = soon, |>)*w = weights<||>V, *ahead = next;
      EACH_PIXEL(<|$1|>, <|ZEROS(<|$2|>, P)|>)
      IF(PARTS > 1, <|if (more)
        {
          EACH_PIXEL(<|$1|>, <|EACH(<|$2|>, <|ACC(P, I) = vload (SUM_AT(P, I))|>);|>)
        }|>)
      IF(FULL_BLOCKS, <|FULL_BLOCKS_PRODUCTS(<|$1|>, <|$2|>)|>)
      IF(LAST_CHANNELS < BLOCK, <|PRODUCTS_OF(LAST_CHANNELS, <|$1|>, <|$2|>)|>)
      EACH_PIXEL(<|$1|>, <|EACH(<|$2|>, <|vstore (SUM_AT(P, I), ACC(P, I))|>);|>)|>)
}
|>)
MULTIPLY_FUNCTIONS(VECTORS): the functions multiply_TILES and multiply.
m4_define(<|MULTIPLY_COLUMN|>, <|multiply_$1<||>SUFFIX(<|$2|>) (p, IF(STAGED_PANELS, <|p + distance, |>)w, next, m4_dnl
STEP_ARGUMENT()s<||>IF(PARTS > 1, <|, part|>));|>)
m4_define(<|MULTIPLY_AND_ADVANCE|>, <|{
          MULTIPLY_COLUMN(<|$1|>, <|$2|>)
          p += m4_eval(BLOCK * $1), s += m4_eval(BLOCK * $1);
        }|>)
m4_define(<|MULTIPLY_ALL|>, <|for (int i = column; i < column_end; i++, next += step * PART_CHANNELS)
      IF(TILE_COUNT1, <|if (i < TILE_COUNT)
        MULTIPLY_AND_ADVANCE(TILE_SIZE, <|$1|>)
      else
        MULTIPLY_AND_ADVANCE(SMALLER, <|$1|>)|>, <|MULTIPLY_AND_ADVANCE(TILE_SIZE, <|$1|>)|>)|>)
m4_define(<|MULTIPLY_PART|>, <|const float *p = x;
      float *s = sums;
      IF(COLUMNS > 1, <|MULTIPLY_ALL(<|$1|>)|>, <|MULTIPLY_COLUMN(TILE_SIZE, <|$1|>)|>)|>)
m4_define(<|NEXT_PART|>, <|x += m4_eval(FULL_BLOCKS * SUMS), w += m4_eval(BLOCK * PART_CHANNELS)|>)
m4_define(<|MULTIPLY_FUNCTIONS|>, <|MULTIPLY(TILE_SIZE, <|$1|>)IF(TILE_COUNT1, <|MULTIPLY(SMALLER, <|$1|>)|>)

COMMENT(<|COLUMNS_TEXT at one position; next: the next one's weights<||>IF(COLUMNS > 1, <|; step: floats of these
   that each channel prefetches|>).|>)
static void
multiply<||>SUFFIX(<|$1|>) (const float *x, DISTANCE_PARAMETER()const float *w, const float *next, m4_dnl
COLUMNS_PARAMETERS()STEP_PARAMETER()float *sums)
{
  IF(PARTS > 1, <|for (int part = 0; part < PARTS; part++, NEXT_PART)|>)
    BRACED(PARTS > 1, <|MULTIPLY_PART(<|$1|>)|>)
}
|>)

STEP_OF_COLUMNS: the step for a block of tiles. MULTIPLY_FACE(INPUTS, SUMS): the products of a tile of output blocks at
each position of a face, weights q. EACH_BLOCK: the head of the loop over these blocks. THIS_BLOCK: the one whose sums,
THESE_SUMS, are transformed back.
m4_define(<|STEP_OF_COLUMNS|>, <|IF(COLUMNS > 1, <|const int step = (m4_eval(BLOCK - 1) + column_end - column) m4_dnl
/ (column_end - column);|>)|>)
m4_define(<|THIS_BLOCK|>, <|IF(PAIRED, o, ob)|>)
m4_define(<|THESE_SUMS|>, <|sums<||>IF(PAIRED, <| + (o - ob) * m4_eval(PASS_POSITIONS * SUMS)|>) + (i - first) m4_dnl
* BLOCK|>)
m4_define(<|MULTIPLY_POSITIONS|>, <|for (int i = 0; i < FACE; i++)
  multiply<||>SUFFIX(<|$1|>) ($2 + (size_t) i * POSITION, IF(STAGED_PANELS, <|POSITION, |>)m4_dnl
q + i * m4_eval(IN_C * BLOCK), q + (i + 1) * m4_eval(IN_C * BLOCK), COLUMNS_ARGUMENTS()STEP_ARGUMENT()$3 + i * SUMS);|>)
m4_define(<|MULTIPLY_FACE|>, <|IF(PAIRED, <|if (ob + TILE_BLOCKS > ob_end)
MULTIPLY_POSITIONS(LAST_BLOCKS, <|$1|>, <|$2|>)
else
|>)MULTIPLY_POSITIONS(VECTORS, <|$1|>, <|$2|>)|>)
m4_define(<|EACH_BLOCK|>, <|IF(PAIRED, <|for (int o = ob; o < ob + TILE_BLOCKS && o < ob_end; o++)|>)|>)
NEXT_BLOCKS: the head of a loop over tiles of output blocks.
m4_define(<|NEXT_BLOCKS|>, <|for (; ob < ob_end; IF(PAIRED, <|ob += TILE_BLOCKS|>, <|ob++|>))|>)

SHARE: the functions below the function tiles, which computes columns of tiles and output blocks [ob, ob_end). The
columns are divided among panels; a share is some of the output blocks of some panels.
m4_define(<|PANEL_COLUMNS|>, <|IF(COLUMNS > 1, <|panel<||>BY(COLUMNS) / panels, m4_dnl
(panel + 1)<||>BY(COLUMNS) / panels, |>)|>)
m4_define(<|SHARED_UNITS|>, <|IF(COLUMNS > 1, <|panels<||>BY(PRODUCT(BATCH, OUT_BLOCKS))|>, m4_dnl
PRODUCT(BATCH, OUT_BLOCKS))|>)
m4_define(<|SHARE|>, <|IF(COLUMNS > 1, <|PANELS_TABLE|>)
COMMENT(<|The share of thread t of n: m4_dnl
IF(COLUMNS > 1, <|panels of tiles, of the first and last perhaps only some output blocks|>, <|output blocks|>).|>)
static void
share (const float *x, const float *residual, const float *w, float *y, float *scratch, m4_dnl
struct rescast_part t, int n)
{
  int first, last;
  IF(MOST_THREADS == 1, <|UNUSED(n)|>)
  IF(COLUMNS > 1, <|const int panels = PANELS_NOW;|>)
  rescast_share (SHARED_UNITS, t, THREADS, &first, &last);
  for (int next; first < last; first = next)
    {
      const int i = first<||>OVER(OUT_BLOCKS);
      IF(COLUMNS > 1, <|IF(BATCH > 1, <|const int panel = i % panels, s = i / panels;|>, <|const int panel = i;|>)|>,
      <|IF(BATCH > 1, <|const int s = i;|>)|>)
      next = (i + 1)<||>BY(OUT_BLOCKS) < last ? (i + 1)<||>BY(OUT_BLOCKS) : last;
      tiles (x<||>ADD_OFFSET(IN_START)AT(s, BATCH, IN_SAMPLE), w, m4_dnl
IF(HAS_R, <|residual<||>ADD_OFFSET(RES_ORIGIN)AT(s, BATCH, RES_SAMPLE), |>)m4_dnl
y<||>ADD_OFFSET(OUT_ORIGIN)AT(s, BATCH, OUT_SAMPLE), scratch, PANEL_COLUMNS()m4_dnl
first - i<||>BY(OUT_BLOCKS), next - i<||>BY(OUT_BLOCKS));
    }
  IF(HAS_R, <||>, <|(void) residual;|>)
}

WITH_SCRATCH
|>)
