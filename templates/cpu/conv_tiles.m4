m4_divert(-1)
Convolution of bf16 numbers by tile products (tiles.m4): any window, stride and padding, in 2-D and 3-D, groups of whole blocks.

Tiles have TILE_ROWS neighbouring pixels of a line, which is a row of the output, or a whole plane of it in reading order,
the padding between its rows included: pixels beyond WIDTH are thrown away then. The last tile of a line overlaps the one before
where it would reach beyond the line. A block of sums is PIXEL_TILES tiles by HALVES halves of a block of 32 output channels; a
k-step is a tap of a block of input channels, or so many neighbouring taps along the width as 32 numbers hold.

WOVEN: the products wait for nothing. The sums of a block are stored in the first k-step of the next one, each tile just
before it is cleared, and become outputs in the steps that follow (DELAY 1) or in those of the block after that (DELAY 2), some pixels in each.
Otherwise all that comes behind a block's last k-step.
require(<|FUNCTION|>, <|BATCH|>, <|IN_START|>, <|IN_SAMPLE|>, <|OUT_ORIGIN|>, <|OUT_BLOCKS|>, <|OUT_BLOCK_WEIGHTS|>,
  <|STEPS|>, <|STEP_AT|>, <|STEP_PAIRS|>, <|PLANES|>, <|PLANE_STEPS|>, <|SOME_STEPS|>, <|X_PIXEL|>, <|X_LINE|>,
  <|X_PLANE|>, <|TILE_ROWS|>, <|LINES|>, <|LINE_TILES|>, <|LAST|>, <|PITCH|>, <|WIDTH|>, <|PIXEL_TILES|>, <|HALVES|>,
  <|PIXELS_FIRST|>, <|WOVEN|>, <|DELAY|>, <|LEAST_STEPS|>, <|PREFETCH|>, <|BIAS_AT|>)
m4_define(<|HAS_R|>, <|m4_eval(RES_SAMPLE >= 0)|>)
m4_define(<|TILES|>, m4_eval(LINES * LINE_TILES))
Blocks of 32 channels that a block of sums has, and how often its tiles are filled: for each half where they have but one.
m4_define(<|WIDE|>, m4_eval((HALVES + 1) / 2))
m4_define(<|FILLS|>, IF(HALVES == 1, 2, 1))
Blocks of sums that the tiles of a plane are, whether the last of them has tiles that are not there, and all of them.
m4_define(<|PLANE_BLOCKS|>, m4_eval((TILES + PIXEL_TILES - 1) / PIXEL_TILES))
m4_define(<|PARTIAL|>, m4_eval(TILES % PIXEL_TILES > 0))
m4_define(<|CHANNEL_BLOCKS|>, m4_eval(OUT_BLOCKS / WIDE))
m4_define(<|PIXEL_BLOCKS|>, PRODUCT(BATCH, PLANES, PLANE_BLOCKS))
Whether a tile may be none, whether it may have pixels of the tile before, or pixels between two rows, and whether the
outputs' rows are another distance apart than the tiles'.
m4_define(<|MAY_LACK|>, m4_eval(WOVEN || PARTIAL))
m4_define(<|HIDES|>, m4_eval(MAY_LACK || (LINE_TILES > 1 && LAST != 16 * (LINE_TILES - 1))))
m4_define(<|SPARE|>, m4_eval(LINES == 1 && PITCH > WIDTH))
m4_define(<|WRAPS|>, m4_eval(LINES == 1 && PITCH * 32 != OUT_ROW))
m4_define(<|R_WRAPS|>, m4_eval(HAS_R && LINES == 1 && PITCH * 32 != RES_ROW))
A piece: a tile's pixels of 32 channels, which the epilogue takes one after the other. FILL_PIECES of them are finished in
one filling's steps, STEP_PIXELS pixels in each from step SKIP on.
m4_define(<|PIECES|>, m4_eval(PIXEL_TILES * WIDE))
m4_define(<|FILL_PIECES|>, m4_eval(PIECES / FILLS))
m4_define(<|PIECE_SUMS|>, m4_eval(TILE_ROWS * 32))
m4_define(<|SKIP|>, m4_eval(DELAY == 1))
m4_define(<|STEP_PIXELS_FROM|>, <|IF((LEAST_STEPS - SKIP) * $1 >= FILL_PIECES * TILE_ROWS, $1, m4_dnl
<|STEP_PIXELS_FROM(m4_eval($1 * 2))|>)|>)
m4_define(<|STEP_PIXELS|>, IF(WOVEN, <|STEP_PIXELS_FROM(1)|>, TILE_ROWS))
m4_define(<|PIECE_STEPS|>, m4_eval(TILE_ROWS / STEP_PIXELS))
Buffers of sums: a block's sums are stored while those of the block before may still be needed.
m4_define(<|BUFFERS|>, IF(WOVEN && (FILLS > 1 || DELAY == 2), 2, 1))

m4_define(<|EACH_TILE|>, <|FOR(<|M|>, 0, m4_eval(PIXEL_TILES - 1), <|$1|>)|>)
m4_define(<|X_PARAMETERS|>, <|EACH_TILE(<|const bf16 *x<||>M, |>)|>)
m4_define(<|X_ARGUMENTS|>, <|EACH_TILE(<|x<||>M<||>$1, |>)|>)
m4_define(<|W_PARAMETERS|>, <|const bf16 *w<||>IF(WIDE > 1, <|, const bf16 *w1|>)|>)
m4_define(<|W_ARGUMENTS|>, <|w<||>IF(WIDE > 1, <|, w1|>)|>)

PRODUCTS(BEFORE): one k-step. BEFORE: what comes before each product. An operand is loaded just before its first one.
m4_define(<|SUMS|>, <|m4_eval(M * HALVES + H)|>)
m4_define(<|X_TILE|>, <|m4_eval(4 + M % 2)|>)
m4_define(<|W_TILE|>, <|m4_eval(6 + H % 2)|>)
m4_define(<|W_AT|>, <|IF(H > 1, w1, w)<||>ADD_OFFSET(H % 2 * 512)|>)
m4_define(<|PRODUCTS|>, <|EACH_TILE(<|FOR(<|H|>, 0, m4_eval(HALVES - 1), <|m4_dnl
IF(H == 0, <|  tile_load (X_TILE, x<||>M, m4_eval(X_PIXEL * 2));
|>)m4_dnl
IF(M == 0, <|  tile_load (W_TILE, W_AT, 64);
|>)m4_dnl
$1<||>m4_dnl
  tile_product (SUMS, X_TILE, W_TILE);
|>)|>)|>)
STORE_SUMS: those of a tile to their place in the block's.
m4_define(<|STORE_SUMS|>, <|  tile_store (SUMS, sums<||>ADD_OFFSET((H / 2 * PIXEL_TILES + M) * PIECE_SUMS + H % 2 * 16), 128);
|>)

m4_define(<|FINISH|>, <|IF($1 > 4, <|for (int i = 0; i < $1; i++)
    finish_pixel (&p);
|>, <|FOR(<|I|>, 1, $1, <|finish_pixel (&p);
|>)|>)|>)
m4_define(<|NEXT_STEP|>, <|w += 1024;
IF(WIDE > 1, <|w1 += 1024;
|>)m4_dnl
IF(PREFETCH, <|for (int l = 0; l < lines; l++, ahead += 32)
    prefetch (ahead);
|>)|>)
STEPS_TO(END, PIXELS): up to k-step END, and so many pixels in each.
m4_define(<|STEPS_TO|>, <|for (; s < $1; s++)
  {
    multiply (X_ARGUMENTS(<| + step_at[s]|>)W_ARGUMENTS);
    NEXT_STEP<||>m4_dnl
    IF($2, <|FINISH($2)|>)m4_dnl
  }
|>)
STEP(S): k-step S of this plane.
m4_define(<|STEP|>, <|IF(SOME_STEPS, <|steps.first<||>ADD_OFFSET($1)|>, m4_eval($1))|>)
m4_define(<|END_OF_STEPS|>, <|IF(SOME_STEPS, <|steps.end|>, STEPS)|>)
PIECE(I): the steps in which the filling's piece I is finished. The first of all steps is done already.
m4_define(<|PIECE|>, <|p = first_pixel (done, IF(FILLS > 1, <|m4_eval(FILL_PIECES) * fill<||>ADD_OFFSET($1)|>, $1));
IF(STEP_PIXELS > TILE_ROWS, <|FINISH(TILE_ROWS)|>, <|IF($1 == 0 && !SKIP, <|FINISH(STEP_PIXELS)|>)m4_dnl
IF($1 > 0 || SKIP || PIECE_STEPS > 1, <|STEPS_TO(<|STEP(SKIP + ($1 + 1) * PIECE_STEPS)|>, STEP_PIXELS)|>)|>)|>)
m4_define(<|WOVEN_STEPS|>, IF(WOVEN && STEP_PIXELS <= TILE_ROWS, m4_eval(SKIP + FILL_PIECES * PIECE_STEPS), 1))

Tile t: which of its line's it is, that line, and its first pixel there.
m4_define(<|OF_LINE|>, <|IF(LINES == 1, t, <|t % LINE_TILES|>)|>)
m4_define(<|LINE|>, <|t<||>OVER(LINE_TILES)|>)
m4_define(<|FIRST_PIXEL|>, <|IF(LINE_TILES == 1, 0, <|tile_start (OF_LINE)|>)|>)
m4_define(<|HIDDEN|>, <|IF(LINE_TILES == 1, 0, <|16 * (OF_LINE) - first|>)|>)
m4_define(<|HAS_ROWS|>, m4_eval(LINES > 1 || (LINE_TILES > 1 && PITCH < LAST + 16)))
m4_define(<|HAS_COLUMNS|>, m4_eval(LINE_TILES > 1))
m4_define(<|PLACE|>, <|IF(WIDE > 1, <| + (size_t) (i<||>OVER(PIXEL_TILES)) * $1|>)m4_dnl
IF(HAS_ROWS, <| + (size_t) row * $2|>)IF(HAS_COLUMNS, <| + (size_t) column * 32|>)|>)
The tile's first input, of block number g of the plane.
m4_define(<|TILE_NUMBER|>, <|IF(PLANE_BLOCKS > 1, <|g<||>BY(PIXEL_TILES)<||>ADD_OFFSET(M)|>, M)|>)
m4_define(<|TILE_INPUTS|>, <|IF(TILES > 1, <| + tile_inputs (IF(PARTIAL && M > 0, <|smaller (TILE_NUMBER, m4_eval(TILES - 1))|>, m4_dnl
<|TILE_NUMBER|>))|>)|>)
The first block of inputs of the group that each block of outputs is of.
m4_define(<|FIRST_BLOCKS_TABLE|>, <|IF(GROUPED, <|
/* The first block of input channels that each block of output channels reads, by its group. */
static const int first_block[] = { FIRST_BLOCK };
|>)|>)
m4_define(<|FIRST_BLOCK_AT|>, <|IF(GROUPED, <| + (size_t) first_block[INDEX_OF(o, OUT_BLOCKS)] * IN_BLOCK<||>|>)|>)
FILL(I, WHERE): fill the tiles for half I of the channels, with the sums that they have stored somewhere.
m4_define(<|FILL|>, <|fill_tiles (X_ARGUMENTS()pw<||>ADD_OFFSET($1 * 512)<||>IF(WIDE > 1, <|, pw + OUT_BLOCK_WEIGHTS|>)<||>m4_dnl
IF(SOME_STEPS, <|, steps_of_plane[INDEX_OF(d, PLANES)]|>)<||>IF(WOVEN, <|, $2, &done|>)<||>IF(WOVEN && FILLS > 1, <|, $1|>)<||>m4_dnl
IF(PREFETCH, <|, ahead<||>IF($1, <| + (size_t) (lines * m4_eval(STEPS * 32))|>), lines|>));|>)
m4_divert(0)m4_dnl
HEAD

/* From a tile's first tap to the inputs of each k-step. */
static const int step_at[] = { STEP_AT };
IF(SOME_STEPS, <|
struct steps
{
  int first, end;
};

/* The k-steps that read more than planes of padding, for each plane of the output. */
static const struct steps steps_of_plane[] = { PLANE_STEPS };
|>)m4_dnl
FIRST_BLOCKS_TABLE
COMMENT(<|Sums of m4_eval(PIXEL_TILES * TILE_ROWS) pixels by m4_eval(WIDE * 32) channels.|>)
struct block
{
  float *sums;    COMMENT(<|IF(WIDE > 1, <|[WIDE blocks of channels]|>)[m4_eval(PIXEL_TILES * TILE_ROWS) pixels][32 channels]|>)
  const float *e; /* the channels' place in the vectors behind the weights */
  IF(HAS_R, <|const bf16 *r;  /* the plane of the residual */
  |>)bf16 *y;        /* the plane of the output */
  int tile;       /* the first of its tiles in the plane */
};

/* The next pixel to be finished: its 32 sums become outputs. */
struct pixel
{
  const float *sums, *e;
  IF(HAS_R, <|const bf16 *r;
  |>)bf16 *y;
  IF(SPARE || WRAPS || R_WRAPS, <|int column;
  |>)IF(HIDES, <|int hidden; /* so many pixels from this one on are no outputs, or another tile's */
|>)m4_dnl
};
IF(LINE_TILES > 1, <|
/* The first pixel of a line's tile t. */
static inline int
tile_start (int t)
{
  return IF(LAST == 16 * (LINE_TILES - 1), <|16 * t|>, <|t < m4_eval(LINE_TILES - 1) ? 16 * t : LAST|>);
}
|>)m4_dnl
IF(TILES > 1, <|
/* From the first input of a plane to that of tile t. */
static inline size_t
tile_inputs (int t)
{
  return IF(LINES > 1, <|(size_t) (LINE)<||>BY(X_LINE)<||>IF(LINE_TILES > 1, <| + |>)|>)m4_dnl
IF(LINE_TILES > 1, <|(size_t) FIRST_PIXEL * X_PIXEL|>);
}
|>)m4_dnl
IF(PARTIAL && PIXEL_TILES > 1, <|
static inline int
smaller (int a, int b)
{
  return a < b ? a : b;
}
|>)m4_dnl

COMMENT(<|The first pixel of piece i of a block, one tile's pixels of 32 channels.|>)
static inline struct pixel
first_pixel (const struct block *b, int i)
{
  const int tile = b->tile<||>IF(PIXEL_TILES > 1, <| + i<||>IF(WIDE > 1, <| % PIXEL_TILES|>)|>);
  IF(HAS_ROWS || HAS_COLUMNS, <|const int t = IF(MAY_LACK, <|tile < TILES ? tile : m4_eval(TILES - 1)|>, tile);|>)
  IF(HAS_COLUMNS, <|const int first = FIRST_PIXEL, column = first<||>IF(LINES == 1 && HAS_ROWS, <| % PITCH|>);
  |>)IF(HAS_ROWS, <|const int row = IF(LINES > 1, LINE, <|first / PITCH|>);
  |>)struct pixel p;
  p.sums = b->sums + (size_t) i * PIECE_SUMS;
  p.e = b->e<||>IF(WIDE > 1, <| + i<||>OVER(PIXEL_TILES) * 32|>);
  IF(HAS_R, <|p.r = b->r<||>PLACE(RES_BLOCK, RES_ROW);
  |>)p.y = b->y<||>PLACE(OUT_BLOCK, OUT_ROW);
  IF(SPARE || WRAPS || R_WRAPS, <|p.column = IF(HAS_COLUMNS, column, 0);
  |>)IF(HIDES, <|p.hidden = IF(MAY_LACK, <|tile < TILES ? HIDDEN : TILE_ROWS|>, HIDDEN);
  |>)return p;
}

/* One pixel's 32 sums to its outputs; on to the next pixel. */
static inline void
finish_pixel (struct pixel *p)
{
  vec low = vload (p->sums) + vload (p->e + BIAS_AT), high = vload (p->sums + 16) + vload (p->e + m4_eval(BIAS_AT + 16));
  EPILOGUE(low, <|p->e|>, <|p->r|>)
  EPILOGUE(high, <|p->e + 16|>, <|p->r + 16|>)
  IF(HIDES || SPARE, <|vstore2_bf16_if (IF(SPARE, <|p->column < WIDTH<||>|>)IF(HIDES && SPARE, <| && |>)IF(HIDES, <|p->hidden <= 0|>), p->y, low, high);|>,
  <|vstore2_bf16 (p->y, low, high);|>)
  p->sums += 32;
  IF(HAS_R, <|p->r += 32;
  |>)p->y += 32;
  IF(HIDES, <|p->hidden--;
  |>)IF(SPARE || WRAPS || R_WRAPS, <|if (++p->column == PITCH)
    {
      p->column = 0;
      IF(WRAPS, <|p->y += m4_eval(OUT_ROW - PITCH * 32);|>)
      IF(R_WRAPS, <|p->r += m4_eval(RES_ROW_OR_0 - PITCH * 32);|>)
    }|>)
}

/* A k-step of all tiles. */
static inline void
multiply (X_PARAMETERS<||>W_PARAMETERS)
{
PRODUCTS()m4_dnl
}

COMMENT(<|The first k-step of a block<||>IF(WOVEN, <|, with the tiles' sums of the block before on their way to memory|>).|>)
static inline void
multiply_first (X_PARAMETERS<||>W_PARAMETERS<||>IF(WOVEN, <|, float *sums|>))
{
PRODUCTS(<|IF(WOVEN, <|STORE_SUMS|>)  tile_zero (SUMS);
|>)m4_dnl
}

static inline void
store_tiles (float *sums)
{
EACH_TILE(<|FOR(<|H|>, 0, m4_eval(HALVES - 1), <|STORE_SUMS|>)|>)m4_dnl
}

static inline void
finish_block (const struct block *b)
{
  LOOP(i, PIECES)
    {
      struct pixel p = first_pixel (b, INDEX_OF(i, PIECES));
      LOOP(j, TILE_ROWS)
        finish_pixel (&p);
    }
}

COMMENT(<|All k-steps of a block's tiles<||>IF(FILLS > 1, <|, of one half of its channels|>)<||>m4_dnl
IF(WOVEN, <|. sums: for those that the tiles have; done: the block to finish meanwhile|>)<||>m4_dnl
IF(PREFETCH, <|; ahead: weights to prefetch, lines of them in each step|>).|>)
static inline void
fill_tiles (X_PARAMETERS<||>W_PARAMETERS<||>IF(SOME_STEPS, <|, struct steps steps|>)<||>IF(WOVEN, <|, float *sums, const struct block *done|>)<||>m4_dnl
IF(WOVEN && FILLS > 1, <|, int fill|>)<||>IF(PREFETCH, <|, const bf16 *ahead, int lines|>))
{
  int s = STEP(0);
  IF(WOVEN, <|struct pixel p;|>)
  IF(SOME_STEPS, <|w += (size_t) s * 1024;
  IF(WIDE > 1, <|w1 += (size_t) s * 1024;
  |>)|>)m4_dnl
  multiply_first (X_ARGUMENTS(<| + step_at[s]|>)W_ARGUMENTS<||>IF(WOVEN, <|, sums|>));
  NEXT_STEP<||>m4_dnl
  s++;
  IF(WOVEN, <|FOR(<|PART|>, 0, m4_eval(FILL_PIECES - 1), <|PIECE(PART)|>)|>)m4_dnl
  IF(SOME_STEPS || STEPS > WOVEN_STEPS, <|STEPS_TO(END_OF_STEPS, 0)|>)m4_dnl
}
CLEAR_HALO
PROTOTYPE
  int first, last;
  CALL_CLEAR_HALO
  rescast_share (PRODUCT(CHANNEL_BLOCKS, PIXEL_BLOCKS), t, n, &first, &last);
  if (first == last)
    return;
  const bf16 *const products = weights;
  IF(PREFETCH, <|/* While so many blocks of pixels take the same weights, each prefetches its part of the next ones. */
  const int takers = last - first < PIXEL_BLOCKS ? last - first : PIXEL_BLOCKS;
  const int lines = (m4_eval(32 * WIDE) + m4_eval(FILLS) * takers - 1) / (m4_eval(FILLS) * takers);
  const bf16 *ahead = products;|>)
  _Alignas (64) float sums<||>IF(BUFFERS > 1, <|[BUFFERS]|>)[m4_eval(PIECES * PIECE_SUMS)];
  IF(WOVEN, <|/* At first there are no such blocks: none of their tiles is the plane's. */
  struct block done = { .sums = sums<||>IF(BUFFERS > 1, <|[1]|>), .e = w, IF(HAS_R, <|.r = residual, |>).y = y, .tile = TILES };
  IF(DELAY == 2, <|struct block before = { .sums = sums[0], .e = w, IF(HAS_R, <|.r = residual, |>).y = y, .tile = TILES };|>)|>)
  tile_configure (TILE_ROWS, STEP_PAIRS);
  for (int i = first; i < last; i++)
    {
      IF(PIXELS_FIRST, <|DECODE(i, o, CHANNEL_BLOCKS, g, PLANE_BLOCKS, d, PLANES, s, BATCH)|>,
        <|DECODE(i, g, PLANE_BLOCKS, d, PLANES, s, BATCH, o, CHANNEL_BLOCKS)|>)
      const bf16 *const px = x<||>ADD_OFFSET(IN_START)AT(s, BATCH, IN_SAMPLE)FIRST_BLOCK_AT<||>AT(d, PLANES, X_PLANE);
      EACH_TILE(<|const bf16 *const x<||>M = px<||>TILE_INPUTS;
      |>)m4_dnl
      const bf16 *const pw = products<||>AT(o, CHANNEL_BLOCKS, m4_eval(WIDE * OUT_BLOCK_WEIGHTS));
      const struct block now = {
        .sums = sums<||>IF(BUFFERS > 1, <|[i % 2]|>),
        .e = w<||>AT(o, CHANNEL_BLOCKS, m4_eval(WIDE * 32)),
        IF(HAS_R, <|.r = residual<||>ADD_OFFSET(RES_ORIGIN)AT(s, BATCH, RES_SAMPLE)AT(o, CHANNEL_BLOCKS, m4_eval(WIDE * RES_BLOCK))AT(d, PLANES, RES_PLANE),
        |>).y = y<||>ADD_OFFSET(OUT_ORIGIN)AT(s, BATCH, OUT_SAMPLE)AT(o, CHANNEL_BLOCKS, m4_eval(WIDE * OUT_BLOCK))AT(d, PLANES, OUT_PLANE),
        .tile = IF(PLANE_BLOCKS > 1, <|g<||>BY(PIXEL_TILES)|>, 0),
      };
      IF(PREFETCH, <|if (i == first<||>IF(PIXEL_BLOCKS > 1, <| || i % PIXEL_BLOCKS == 0|>))
        ahead = pw + m4_eval(WIDE * OUT_BLOCK_WEIGHTS);|>)
      IF(WOVEN && FILLS > 1, <|FILL(0, <|done.sums + 16|>)
      FILL(1, <|now.sums|>)|>)m4_dnl
      IF(WOVEN && FILLS == 1, <|FILL(0, <|IF(DELAY == 2, before, done).sums|>)|>)m4_dnl
      IF(!WOVEN, <|FILL(0)
      store_tiles (sums);
      IF(FILLS > 1, <|FILL(1)
      store_tiles (sums + 16);|>)
      finish_block (&now);|>)
      IF(PREFETCH, <|ahead += (size_t) (lines * m4_eval(FILLS * STEPS * 32));|>)
      IF(WOVEN, <|done = IF(DELAY == 2, before, now);|>)
      IF(WOVEN && DELAY == 2, <|before = now;|>)
    }
  IF(WOVEN, <|store_tiles (IF(DELAY == 2, before, done).sums<||>ADD_OFFSET((FILLS - 1) * 16));
  finish_block (&done);
  IF(DELAY == 2, <|finish_block (&before);|>)|>)
  tile_release ();
  IF(HAS_R, <||>, <|UNUSED(residual)|>)
  UNUSED(x)
}
