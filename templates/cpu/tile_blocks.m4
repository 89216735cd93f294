m4_divert(-1)
Blocks of sums of a convolution of bf16 numbers by tile products (tiles.m4): what conv_tiles.m4 and
conv_tiles_grouped.m4 and conv_transposed_tiles.m4, which include this, have in common.

Tiles have TILE_ROWS neighbouring pixels of a line, which is a row of the output, or a whole plane of it in reading
order, the padding between its rows included: pixels beyond WIDTH are thrown away then. The last tile of a line overlaps
the one before where it would reach beyond the line. A block of sums is PIXEL_TILES tiles by HALVES halves of a block of
32 output channels; a k-step is a tap of a block of input channels, or as many neighbouring taps along the width as 32
numbers hold.

The products wait for nothing. The sums of a block are stored in the first k-step of the next one, each tile just before
it is cleared, and become outputs in the steps that follow (DELAY 1) or in those of the block after that (DELAY 2), some
pixels in each.

With PREFETCHES the weights of the next channels are prefetched meanwhile. Where few blocks of sums share weights, these
come from memory as fast as a core gets them; what the hardware prefetches by itself ends with a page, so that STREAMS
pages at a time are read then: the parts of the next weights.
The first-level cache keeps what is read again: a template may define INPUTS_ONCE, or WEIGHTS_ONCE, to be 1, where a
block's inputs, or its weights, are not worth their place there.
The including template defines PREFETCHES; LIMITED, whether planes have fewer rows and columns than tiles are laid out
for, as each block says; INPUT_BLOCK_AT, the first block of inputs of the block of outputs o; and BLOCK_WEIGHTS, a
declaration of pw, its weights. A template with BLOCK_LOOP requires PANELS, PANELS_OF_THREADS and MOST_THREADS.
require(<|FUNCTION|>, <|BATCH|>, <|IN_START|>, <|IN_SAMPLE|>, <|OUT_ORIGIN|>, <|OUT_BLOCKS|>, <|OUT_BLOCK_WEIGHTS|>,
  <|STEPS|>, <|STEP_AT|>, <|STEP_PAIRS|>, <|PLANES|>, <|PLANE_STEPS|>, <|SOME_STEPS|>, <|LEAST_STEPS|>, <|X_PIXEL|>,
  <|X_LINE|>, <|X_PLANE|>, <|TILE_ROWS|>, <|LINES|>, <|LINE_TILES|>, <|LAST|>, <|PITCH|>, <|WIDTH|>, <|Y_PIXEL|>,
  <|Y_ROW|>, <|R_ROW|>, <|PIXEL_TILES|>, <|HALVES|>, <|DELAY|>, <|BIAS_AT|>)
m4_define(<|WEIGHT_TYPE|>, bf16)
m4_define(<|HAS_R|>, <|m4_eval(RES_SAMPLE >= 0)|>)
m4_define(<|ADDEND_APART|>, IF(HAS_R, <||>, <|restrict |>))
m4_define(<|PLANE_TILES|>, m4_eval(LINES * LINE_TILES))
Blocks of 32 channels that a block of sums has.
m4_define(<|WIDE|>, m4_eval(HALVES / 2))
Blocks of sums that the tiles of a plane are, and that there are of all pixels and of channels.
m4_define(<|PLANE_BLOCKS|>, m4_eval((PLANE_TILES + PIXEL_TILES - 1) / PIXEL_TILES))
m4_define(<|PIXEL_BLOCKS|>, PRODUCT(BATCH, PLANES, PLANE_BLOCKS))
m4_define(<|CHANNEL_BLOCKS|>, m4_eval(OUT_BLOCKS / WIDE))
m4_define(<|STREAMS|>, IF(PIXEL_BLOCKS > 8, 1, <|IF(PIXEL_BLOCKS > 4, 4, 8)|>))
Whether the last block of a plane has tiles that are none, whether a line's outputs have other columns between them, and
whether the rows of outputs and of the residual are another distance apart than a line's.
m4_define(<|PARTIAL|>, m4_eval(PLANE_TILES % PIXEL_TILES > 0))
m4_define(<|SPARE|>, m4_eval(LINES == 1 && PITCH > WIDTH))
m4_define(<|WRAPS|>, m4_eval(LINES == 1 && PITCH * Y_PIXEL != Y_ROW))
m4_define(<|R_WRAPS|>, m4_eval(HAS_R && LINES == 1 && PITCH * Y_PIXEL != R_ROW))
m4_define(<|COUNTS_COLUMNS|>, <|m4_eval(LIMITED || SPARE || WRAPS || R_WRAPS)|>)
MOVED(COUNT): a pointer by so many elements, forwards or backwards.
m4_define(<|MOVED|>, <|m4_ifelse(m4_eval(($1) < 0), 1, <|-= m4_eval(-($1))|>, <|+= m4_eval($1)|>)|>)
A piece: a tile's pixels of 32 channels, which become outputs one after the other: so many in each k-step, from number 1
on where the piece is of the block before.
m4_define(<|PIECES|>, m4_eval(PIXEL_TILES * WIDE))
m4_define(<|PIECE_SUMS|>, m4_eval(TILE_ROWS * 32))
m4_define(<|SKIP|>, m4_eval(DELAY == 1))
m4_define(<|FITS_STEPS|>, <|m4_eval(TILE_ROWS % $1 == 0 && (LEAST_STEPS - SKIP) * $1 >= PIECES * TILE_ROWS)|>)
m4_define(<|STEP_PIXELS_FROM|>, <|IF($1 > TILE_ROWS || FITS_STEPS($1), $1, m4_dnl
<|STEP_PIXELS_FROM(m4_eval($1 + 1))|>)|>)
m4_define(<|STEP_PIXELS|>, STEP_PIXELS_FROM(1))
m4_define(<|PIECE_STEPS|>, m4_eval(TILE_ROWS / STEP_PIXELS))
The steps that finish pixels; those of less than a piece each finish all pieces in the first one.
m4_define(<|FINISHING_STEPS|>, IF(PIECE_STEPS, m4_eval(SKIP + PIECES * PIECE_STEPS), 1))

m4_define(<|EACH_TILE|>, <|FOR(<|M|>, 0, m4_eval(PIXEL_TILES - 1), <|$1|>)|>)
m4_define(<|EACH_HALF|>, <|FOR(<|H|>, 0, m4_eval(HALVES - 1), <|$1|>)|>)
m4_define(<|X_PARAMETERS|>, <|EACH_TILE(<|const bf16 *x<||>M, |>)|>)
m4_define(<|X_ARGUMENTS|>, <|EACH_TILE(<|x<||>M<||>$1, |>)|>)
m4_define(<|W_PARAMETERS|>, <|const bf16 *w<||>IF(WIDE > 1, <|, const bf16 *w1|>)|>)
m4_define(<|W_ARGUMENTS|>, <|w<||>IF(WIDE > 1, <|, w1|>)|>)

Tiles 0 to 3 have sums, 4 and 5 inputs, 6 and 7 weights.
m4_define(<|SUMS|>, <|m4_eval(M * HALVES + H)|>)
m4_define(<|X_TILE|>, <|m4_eval(4 + M % 2)|>)
m4_define(<|W_TILE|>, <|m4_eval(6 + H % 2)|>)
m4_define(<|INPUTS_ONCE|>, 0)
m4_define(<|WEIGHTS_ONCE|>, 0)
m4_define(<|LOAD_X|>, <|  IF(INPUTS_ONCE, tile_load_once, tile_load) (X_TILE, x<||>M, m4_eval(X_PIXEL * 2));
|>)
m4_define(<|LOAD_W|>, <|  IF(WEIGHTS_ONCE, tile_load_once, tile_load) (W_TILE, m4_dnl
IF(H > 1, w1, w)<||>ADD_OFFSET(H % 2 * 512), 64);
|>)
PRODUCTS(BEFORE): one k-step. BEFORE: what comes before each product. Operands are loaded just before they are needed.
m4_define(<|PRODUCTS|>, <|EACH_TILE(<|LOAD_X<||>EACH_HALF(<|IF(M == 0, <|LOAD_W|>)<||>$1<||>PRODUCT_OF_TILES|>)|>)|>)
m4_define(<|PRODUCT_OF_TILES|>, <|  tile_product (SUMS, X_TILE, W_TILE);
|>)
STORE_SUMS: those of a tile to their place in the block's.
m4_define(<|SUMS_AT|>, <|ADD_OFFSET((H / 2 * PIXEL_TILES + M) * PIECE_SUMS + H % 2 * 16)|>)
m4_define(<|STORE_SUMS|>, <|  tile_store (SUMS, sums<||>SUMS_AT, 128);
|>)

m4_define(<|FINISH|>, <|IF($1 > 4, <|for (int i = 0; i < $1; i++)
    finish_pixel (&p);
|>, <|FOR(<|I|>, 1, $1, <|finish_pixel (&p);
|>)|>)|>)
m4_define(<|NEXT_STEP|>, <|w += 1024;
IF(WIDE > 1, <|w1 += 1024;
|>)m4_dnl
IF(PREFETCHES, <|for (int l = 0; l < lines; l++, ahead += 32)
    BRACED(STREAMS > 1, <|FOR(<|STREAM|>, 0, m4_eval(STREAMS - 1), m4_dnl
<|prefetch (ahead<||>ADD_OFFSET(STREAM * STREAM_WEIGHTS));
        |>)|>)
|>)|>)
STREAM_WEIGHTS: those of a part.
m4_define(<|STREAM_WEIGHTS|>, <|m4_eval(WIDE * OUT_BLOCK_WEIGHTS / STREAMS)|>)
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
PIECE(I): the steps in which it is finished. The first of all steps is done already.
m4_define(<|PIECE|>, <|p = first_pixel (done, $1);
IF(PIECE_STEPS, <|IF($1 == 0 && !SKIP, <|FINISH(STEP_PIXELS)|>)m4_dnl
IF($1 > 0 || SKIP || PIECE_STEPS > 1, <|STEPS_TO(<|STEP(SKIP + ($1 + 1) * PIECE_STEPS)|>, STEP_PIXELS)|>)|>, m4_dnl
<|FINISH(TILE_ROWS)|>)|>)

Tile t: which of its line's it is, that line, its first pixel there, and how many pixels in front of its own that is.
m4_define(<|OF_LINE|>, <|IF(LINES == 1, t, <|t % LINE_TILES|>)|>)
m4_define(<|LINE|>, <|t<||>OVER(LINE_TILES)|>)
m4_define(<|HIDDEN|>, <|IF(LINE_TILES == 1, 0, <|16 * IF(LINES == 1, t, <|(OF_LINE)|>) - first|>)|>)
Where its outputs are: rows and columns of a plane, and the block of channels of piece i.
m4_define(<|HAS_ROWS|>, m4_eval(LINES > 1 || (LINE_TILES > 1 && PITCH < LAST + 16)))
m4_define(<|HAS_COLUMNS|>, m4_eval(LINE_TILES > 1))
m4_define(<|PLACE|>, <|IF(WIDE > 1, <| + (size_t) IF(PIXEL_TILES > 1, <|(i / PIXEL_TILES)|>, i) * $1|>)m4_dnl
IF(HAS_ROWS, <| + (size_t) row * $2|>)IF(HAS_COLUMNS, <| + (size_t) column * Y_PIXEL|>)|>)
Inputs of tile M of block g of a plane.
m4_define(<|TILE_NUMBER|>, <|IF(PLANE_BLOCKS > 1, <|g<||>BY(PIXEL_TILES)<||>ADD_OFFSET(M)|>, M)|>)
m4_define(<|TILE_INPUTS|>, <|IF(PLANE_TILES > 1, <| + tile_inputs (IF(PARTIAL && M > 0, m4_dnl
<|smaller (TILE_NUMBER, m4_eval(PLANE_TILES - 1))|>, <|TILE_NUMBER|>))|>)|>)
BLOCK_PLACE(TENSOR): of sample s, plane d and the block's first channels.
m4_define(<|BLOCK_PLACE|>, <|ADD_OFFSET($1_ORIGIN)AT(s, BATCH, $1_SAMPLE)m4_dnl
AT(o, CHANNEL_BLOCKS, m4_eval(WIDE * $1_BLOCK))AT(d, PLANES, $1_PLANE)|>)
NO_BLOCK(BUFFER): a block before the first one: none of its tiles is the plane's.
m4_define(<|NO_BLOCK|>, <|{ .sums = $1, .e = e, IF(HAS_R, <|.r = residual, |>).y = y, .tile = PLANE_TILES }|>)

TILE_FUNCTIONS: tables and functions.
m4_define(<|TILE_FUNCTIONS|>, <|/* From a tile's first tap to the inputs of each k-step. */
static const int step_at[] = { STEP_AT };
IF(SOME_STEPS, <|
struct steps
{
  int first, end;
};
|>)IF(SOME_STEPS && !LIMITED, <|
/* The k-steps that read more than planes of padding, for each plane of the output. */
static const struct steps steps_of_plane[] = { PLANE_STEPS };
|>)m4_dnl

COMMENT(<|Sums of m4_eval(PIXEL_TILES * TILE_ROWS) pixels by m4_eval(WIDE * 32) channels.|>)
struct block
{
  float *sums;    COMMENT(<|IF(WIDE > 1, <|[WIDE blocks]|>)[m4_eval(PIXEL_TILES * TILE_ROWS) pixels][32 channels]|>)
  const float *e; /* the channels' place in the vectors behind the weights */
  IF(HAS_R, <|const bf16 *r;  /* the plane of the residual */
  |>)bf16 *y;        /* the plane of the output */
  int tile;       /* the first of its tiles in the plane */
  IF(LIMITED, <|int rows, columns; /* of the plane */
|>)m4_dnl
};

/* The next pixel to be finished: its 32 sums become outputs. */
struct pixel
{
  const float *sums, *e;
  IF(HAS_R, <|const bf16 *r;
  |>)bf16 *y;
  int hidden; /* so many pixels from this one on are no outputs of this tile */
  IF(COUNTS_COLUMNS, <|int column;
  |>)IF(LIMITED, <|int columns, left; /* the plane's, and pixels up to its last row's end */
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
IF(PLANE_TILES > 1, <|
/* From the first input of a plane to that of tile t. */
static inline size_t
tile_inputs (int t)
{
  return IF(LINES > 1, <|(size_t) IF(LINE_TILES > 1, <|(LINE)|>, LINE)<||>BY(X_LINE)|>)m4_dnl
IF(LINES > 1 && LINE_TILES > 1, <| + |>)m4_dnl
IF(LINE_TILES > 1, <|(size_t) tile_start (OF_LINE) * X_PIXEL|>);
}
|>)m4_dnl
IF(PARTIAL && PLANE_TILES > 1, <|
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
  IF(HAS_ROWS || HAS_COLUMNS, <|const int t = tile < PLANE_TILES ? tile : m4_eval(PLANE_TILES - 1);
  |>)IF(HAS_COLUMNS, <|const int first = tile_start (OF_LINE);
  const int column = first<||>IF(LINES == 1 && HAS_ROWS, <| % PITCH|>);
  |>)IF(HAS_ROWS, <|const int row = IF(LINES > 1, LINE, <|first / PITCH|>);
  |>)struct pixel p;
  p.sums = b->sums + (size_t) i * PIECE_SUMS;
  p.e = b->e<||>IF(WIDE > 1, <| + i<||>OVER(PIXEL_TILES) * 32|>);
  IF(HAS_R, <|p.r = b->r<||>PLACE(RES_BLOCK, R_ROW);
  |>)p.y = b->y<||>PLACE(OUT_BLOCK, Y_ROW);
  p.hidden = tile < PLANE_TILES ? HIDDEN : TILE_ROWS;
  IF(COUNTS_COLUMNS, <|p.column = IF(HAS_COLUMNS, column, 0);
  |>)IF(LIMITED, <|p.columns = b->columns;
  p.left = b->rows * PITCH<||>IF(HAS_COLUMNS, <| - first|>);
  |>)return p;
}

/* One pixel's 32 sums to its outputs; on to the next pixel. */
static inline void
finish_pixel (struct pixel *p)
{
  vec low = vload (p->sums) + vload (p->e + BIAS_AT);
  vec high = vload (p->sums + 16) + vload (p->e + m4_eval(BIAS_AT + 16));
  EPILOGUE(low, <|p->e|>, <|p->r|>)
  EPILOGUE(high, <|p->e + 16|>, <|p->r + 16|>)
  vstore2_bf16_if (IF(LIMITED, <|p->column < p->columns && p->left > 0 && |>, m4_dnl
<|IF(SPARE, <|p->column < WIDTH && |>)|>)p->hidden <= 0, p->y, low, high);
  p->sums += 32;
  IF(HAS_R, <|p->r += Y_PIXEL;
  |>)p->y += Y_PIXEL;
  p->hidden--;
  IF(LIMITED, <|p->left--;
  |>)m4_dnl
  IF(COUNTS_COLUMNS, <|if (++p->column == PITCH)
    {
      p->column = 0;
      IF(WRAPS, <|p->y MOVED(Y_ROW - PITCH * Y_PIXEL);
      |>)IF(R_WRAPS, <|p->r MOVED(R_ROW - PITCH * Y_PIXEL);
    |>)}
|>)m4_dnl
}

/* A k-step of all tiles. */
static inline void
multiply (X_PARAMETERS<||>W_PARAMETERS)
{
PRODUCTS()m4_dnl
}

/* The first k-step of a block, with the tiles' sums of the block before on their way to memory. */
static inline void
multiply_first (X_PARAMETERS<||>W_PARAMETERS, float *sums)
{
PRODUCTS(<|STORE_SUMS<||>  tile_zero (SUMS);
|>)m4_dnl
}

static inline void
store_tiles (float *sums)
{
EACH_TILE(<|EACH_HALF(<|STORE_SUMS|>)|>)m4_dnl
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

COMMENT(<|All k-steps of a block's tiles. sums: for those that the tiles have; done: the block to finish<||>m4_dnl
IF(PREFETCHES, <|; ahead: weights to
   prefetch, lines of them in each step<||>IF(STREAMS > 1, <| and each part|>)|>).|>)
static inline void
fill_tiles (X_PARAMETERS<||>W_PARAMETERS, IF(SOME_STEPS, <|struct steps steps, |>)float *sums, m4_dnl
const struct block *done<||>m4_dnl
IF(PREFETCHES, <|, const bf16 *ahead, int lines|>))
{
  struct pixel p;
  int s = STEP(0);
  IF(SOME_STEPS, <|w += (size_t) s * 1024;
  IF(WIDE > 1, <|w1 += (size_t) s * 1024;
  |>)|>)m4_dnl
  multiply_first (X_ARGUMENTS(<| + step_at[s]|>)W_ARGUMENTS, sums);
  NEXT_STEP<||>m4_dnl
  IF(SOME_STEPS || STEPS > 1, <|s++;
  |>)FOR(<|PART|>, 0, m4_eval(PIECES - 1), <|PIECE(PART)|>)m4_dnl
  IF(SOME_STEPS || STEPS > FINISHING_STEPS, <|STEPS_TO(END_OF_STEPS, 0)|>)m4_dnl
}
|>)

BEGIN_BLOCKS: buffers of sums, and tiles, before the first block; TILES_OF_BLOCK: the first pixels of the tiles of
block g of a plane; MAKE_BLOCK(ARGUMENT): all products of the block now, with an argument for its k-steps; END_BLOCKS.
m4_define(<|BEGIN_BLOCKS|>, <|_Alignas (64) float sums<||>IF(DELAY > 1, <|[2]|>)[m4_eval(PIECES * PIECE_SUMS)];
  /* Before the first block there is none: these have no tile of the plane's. */
  struct block done = NO_BLOCK(IF(DELAY > 1, <|sums[0]|>, sums));
  IF(DELAY > 1, <|struct block before = NO_BLOCK(sums[1]);
  |>)tile_configure (TILE_ROWS, STEP_PAIRS);|>)
m4_define(<|TILES_OF_BLOCK|>, <|EACH_TILE(<|const bf16 *const x<||>M = px<||>TILE_INPUTS;
      |>)|>)
m4_define(<|BLOCK_TILE|>, <|IF(PLANE_BLOCKS > 1, <|g<||>BY(PIXEL_TILES)|>, 0)|>)
m4_define(<|MAKE_BLOCK|>, <|fill_tiles (X_ARGUMENTS()pw<||>IF(WIDE > 1, <|, pw + OUT_BLOCK_WEIGHTS|>), $1<||>m4_dnl
IF(DELAY > 1, before, done).sums, &done<||>IF(PREFETCHES, <|, ahead, lines|>));
      done = IF(DELAY > 1, before, now);
      IF(DELAY > 1, <|before = now;|>)|>)
m4_define(<|END_BLOCKS|>, <|store_tiles (IF(DELAY > 1, before, done).sums);
  tile_release ();
  finish_block (&done);
  IF(DELAY > 1, <|finish_block (&before);|>)|>)

BLOCK_LOOP: the body of a kernel of equal planes. Behind the weights of the last blocks of channels of all lie those of
the next layer.
m4_define(<|NEXT_WEIGHTS|>, <|IF(CHANNEL_BLOCKS > 1, <|o < m4_eval(CHANNEL_BLOCKS - 1) || last ? m4_dnl
pw + m4_eval(WIDE * OUT_BLOCK_WEIGHTS) : w|>, <|pw + m4_eval(WIDE * OUT_BLOCK_WEIGHTS)|>)|>)
m4_define(<|BLOCK_LOOP|>, <|  const float *const e = weights;
  CALL_CLEAR_HALO
  ALONE(MOST_THREADS)
  struct rescast_runs r = rescast_runs (CHANNEL_BLOCKS, PIXEL_BLOCKS, PANELS_NOW, t, THREADS);
  if (!r.left)
    return;
  BEGIN_BLOCKS
  for (; r.left > 0; rescast_next_run (&r))
    {
      IF(CHANNEL_BLOCKS > 1, <|const int o = r.row;
      |>)BLOCK_WEIGHTS
      IF(PREFETCHES, <|/* Each block of sums prefetches a part of the weights that this thread needs next. */
      const int takers = r.end - r.column, last = r.left == takers && t.to % RESCAST_PARTS == 0;
      const int lines = last && n > 1 ? 0 : (m4_eval(32 * WIDE / STREAMS - 1) + takers) / takers;
      const bf16 *ahead = NEXT_WEIGHTS;
      |>)m4_dnl
      for (int i = r.column; i < r.end; i++)
        {
          DECODE(i, g, PLANE_BLOCKS, d, PLANES, s, BATCH)m4_dnl
          const bf16 *const px = x<||>ADD_OFFSET(IN_START)AT(s, BATCH, IN_SAMPLE)INPUT_BLOCK_AT<||>m4_dnl
AT(d, PLANES, X_PLANE);
          TILES_OF_BLOCK<||>m4_dnl
          const struct block now = {
            .sums = done.sums,
            .e = e<||>AT(o, CHANNEL_BLOCKS, m4_eval(WIDE * 32)),
            IF(HAS_R, <|.r = residual<||>BLOCK_PLACE(<|RES|>),
            |>).y = y<||>BLOCK_PLACE(<|OUT|>),
            .tile = BLOCK_TILE,
          };
          MAKE_BLOCK(<|IF(SOME_STEPS, <|steps_of_plane[INDEX_OF(d, PLANES)], |>)|>)
          IF(PREFETCHES, <|ahead += (size_t) lines * m4_eval(STEPS * 32);
        |>)}
    }
  END_BLOCKS
  IF(HAS_R, <||>, <|UNUSED(residual)|>)|>)
