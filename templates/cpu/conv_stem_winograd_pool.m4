m4_divert(-1)
A first layer by Winograd over the phases of its input as in conv_stem_winograd.m4, plane by plane, and a max pool over
H and W of its result. Of that no more is stored than a block of BLOCK_ROWS x BLOCK_COLS tiles of one output block,
which the pool joins with what earlier blocks gave to the same pooled pixels. Threads share the pooled rows: the tiles
that the rows of two threads have in common are computed twice.
require(<|FUNCTION|>, <|BATCH|>, <|WINO|>, <|WINO_D|>, <|IN_START|>, <|IN_C|>, <|PHASES_D|>, <|SHORTER_D|>, m4_dnl
<|SHORTER_H|>, <|SHORTER_W|>,
  <|BLOCK_ROWS|>, <|BLOCK_COLS|>, <|COL_BLOCKS|>, <|FULL_COLS|>, <|REGION|>, <|POSITION|>, m4_dnl
<|OUT_BLOCK_WEIGHTS|>, <|FACE_WEIGHTS|>,
  <|TILE_SIZE|>, <|TILE_COUNT|>, <|TILE_COUNT1|>, <|SCRATCH_BYTES|>, <|CONV_H|>, <|CONV_W|>, <|POOL_K_H|>, m4_dnl
<|POOL_K_W|>,
  <|POOL_S_H|>, <|POOL_S_W|>, <|POOL_PAD_H|>, <|POOL_PAD_W|>)
m4_include(<|cpu/winograd_transform.m4|>)
m4_include(<|cpu/tile.m4|>)
m4_include(<|cpu/stem_input.m4|>)
m4_include(<|cpu/stem_multiply.m4|>)
m4_include(<|cpu/stem_pool.m4|>)
m4_define(<|OUTPUT_BLOCKS|>, <|const float *q = weights<||>AT(ob, OUT_TILES, OUT_BLOCK_WEIGHTS);
      MULTIPLY_BLOCKS(<|inputs, q, sums, channels|>)
      EACH_BLOCK
        BRACED(PAIRED, <|for (int i = 0; i < rows; i++)
            for (int j = 0; j < cols; j++)
              gather (SUMS_OF_BLOCK + (i<||>BY(BLOCK_COLS) + j) * BLOCK, weights<||>BLOCK_TERM(BLOCK), m4_dnl
kept + i * m4_eval(WINO * CONV_ROW) + j * m4_eval(BLOCK * WINO));
          pool (kept, h, h_end, w, w_end, first, end, y<||>BLOCK_TERM(OUT_BLOCK));|>)|>)
m4_define(<|ONE_BLOCK_OF_COLUMNS|>, <|/* The rows that two rows of tiles have in common are there. */
      const int known = h > start ? m4_eval(6 - WINO) : 0;
      if (known)
        memcpy (scratch, scratch + m4_eval(WINO * BLOCK_ROWS * WIDTH_IN) * pixel, m4_dnl
m4_eval((6 - WINO) * WIDTH_IN) * pixel * sizeof (float));
      block (px, weights, y, scratch, rows, BLOCK_COLS, h, h + left, 0, first, end, known);|>)
m4_define(<|COLUMN_TILES|>, <|IF(FULL_COLS < COL_BLOCKS, <|BLOCK_COLS - (cb >= FULL_COLS)|>, BLOCK_COLS)|>)
m4_define(<|BLOCKS_OF_COLUMNS|>, <|for (int cb = 0, w = 0, cols; cb < COL_BLOCKS; cb++, w += WINO * cols)
        {
          cols = COLUMN_TILES;
          block (px + 2 * w, weights, y, scratch, rows, cols, h, h + left, w, first, end, 0);
        }|>)
m4_define(<|TILE_ROWS|>, m4_eval(WINO * BLOCK_ROWS))
m4_divert(0)m4_dnl
HEAD

/* Channels of all phases, and a pixel of them in whole vectors. */
enum
{
  channels = CHANNELS,
  pixel = (channels + VL - 1) / VL * VL
};
STEM_INPUT()m4_dnl
STEM_MULTIPLY(VECTORS)m4_dnl
IF(LAST_BLOCKS, <|STEM_MULTIPLY(LAST_BLOCKS)|>)m4_dnl
PHASE_PAIR(0)m4_dnl

COMMENT(<|One tile's sums become WINO x WINO pixels of the convolution; e: the block's place in its vectors.|>)
static void
gather (const float *sums, const float *e, float *y)
{
  EACH_VECTOR(1, <|GATHER_TILE|>)
}

static inline int
clip (int i, int from, int end)
{
  return i < from ? from : i < end ? i : end - 1;
}
FOR(<|R|>, 1, POOL_K_H, <|POOL_ROWS(R)|>)
/* Rows [h, h_end) x columns [w, w_end) of the convolution, x, into those of the pooled rows [first, end) that they
   reach. */
static void
pool (const float *x, int h, int h_end, int w, int w_end, int first, int end, float *y)
{
  const int reached = REACHED(h, H);
  for (int i = reached < first ? first : reached; i < end && WINDOW_AT(i, H) < h_end; i++)
    {
      const int at = WINDOW_AT(i, H), from = at < h ? h : at;
      IF(POOL_K_H > 1, <|const int rows = (at + POOL_K_H < h_end ? at + POOL_K_H : h_end) - from;|>)
      const int seen = h > 0 && at < h;
      const float *p = x + (from - h) * CONV_ROW;
      float *q = y + (size_t) i * OUT_ROW;
      CALL_POOL
    }
}

/* rows x cols tiles, their first pixel at (h, w) of the convolution, into the pooled rows [first, end). x: their
   inputs, of which the region has so many first rows of a phase already as are known. */
static void
block (const float *x, const float *weights, float *y, float *scratch, int rows, int cols, int h, int h_end, m4_dnl
int w, m4_dnl
int first, int end, int known)
{
  float *const region = scratch, *const inputs = region + REGION, *const sums = inputs + m4_eval(FACE * POSITION);
  float *const kept = sums + m4_eval(TILE_BLOCKS * FACE * SUMS);
  const int w_end = w + WINO * cols < CONV_W ? w + WINO * cols : CONV_W;
  phases_0 (x, region, known, PHASED(rows), cols);
  transform_tiles (region, inputs, rows, cols, channels);
  NEXT_BLOCKS
    BRACED(OUT_TILES > 1, <|OUTPUT_BLOCKS|>)
}

/* Pooled rows [first, end) of one plane. */
static void
pooled_rows (const float *x, const float *weights, float *y, float *scratch, int first, int end)
{
  const int at = WINDOW_AT(first, H), start = at < 0 ? 0 : at / WINO * WINO;
  const int last = (end - 1)<||>BY(POOL_S_H)<||>ADD_OFFSET(POOL_K_H - POOL_PAD_H), h_end = last < CONV_H ? last m4_dnl
: CONV_H;
  for (int h = start; h < h_end; h += TILE_ROWS)
    {
      const int left = h_end - h < TILE_ROWS ? h_end - h : TILE_ROWS;
      const int rows = (left + m4_eval(WINO - 1)) / WINO;
      const float *px = x + (size_t) h * m4_eval(S_H * IN_ROW);
      IF(COL_BLOCKS == 1, <|ONE_BLOCK_OF_COLUMNS|>, <|BLOCKS_OF_COLUMNS|>)
    }
}
CLEAR_HALO
/* The share of thread t of n: pooled rows of all planes. */
static void
share (const float *x, const float *residual, const float *w, float *y, float *scratch, m4_dnl
struct rescast_part t, int n)
{
  (void) residual;
  int i, last;
  rescast_share (PRODUCT(BATCH, OUT_D, OUT_H), t, n, &i, &last);
  for (int end; i < last; i = end)
    {
      const int h = IF(BATCH * OUT_D > 1, <|i % OUT_H|>, i);
      IF(BATCH * OUT_D > 1, <|const int plane = i / OUT_H;|>)
      DECODE(plane, d, OUT_D, s, BATCH)
      end = i + OUT_H - h < last ? i + OUT_H - h : last;
      pooled_rows (x<||>ADD_OFFSET(IN_START)AT(s, BATCH, IN_SAMPLE)AT(d, OUT_D, m4_eval(S_D * IN_PLANE)), w, m4_dnl
y<||>ADD_OFFSET(OUT_ORIGIN)AT(s, BATCH, OUT_SAMPLE)AT(d, OUT_D, OUT_PLANE), scratch, h, h + end - i);
    }
}

WITH_SCRATCH
