m4_divert(-1)
The inputs of a block of tiles: one pair of faces along D, channels of all phases side by side; then along H and W. For
conv_stem_winograd.m4, with its parameters.
PHASED(N): rows or columns of one phase that N tiles read.
m4_define(<|PHASED|>, <|(WINO * $1 + m4_eval(6 - WINO))|>)
m4_define(<|WIDTH_IN|>, m4_eval(WINO * BLOCK_COLS + 6 - WINO))

The inputs of faces along D may lie anywhere.
m4_define(<|APART|>, <|load_any ($1<||>MULTIPLE($2, <|$3|>))|>)
m4_define(<|TRANSFORM_ROW|>, <|float line[m4_eval(4 * WIDTH_IN)];
          for (int j = 0; j < width; j += VL)
            {
              const int at = j + VL < width ? j : width - VL;
              const float *from = p + at;
              INPUT_PAIR(4, $1, from, m4_eval(S_D * IN_PLANE))
              store_any (line + at, a);
              store_any (line + m4_eval(2 * WIDTH_IN) + at, b);
            }|>)
LAY_OUT(P): a row of one channel, face by face.
m4_define(<|LAY_OUT|>, <|const float *p = x<||>AT(c, IN_C, IN_BLOCK)AT(f, PHASES_D, IN_PLANE) + (size_t) h * IN_ROW;
          float *q = region + h / 2 * WIDTH_IN * pixel + h % 2 * m4_eval(2 * IN_C)TERM(f, PHASES_D, m4_dnl
m4_eval(4 * IN_C))m4_dnl
TERM(c, IN_C, 1);
          IF(WINO_D > 1, <|TRANSFORM_ROW($1)|>, <|const float *line = p;|>)
          for (int j = 0; j < width; j += 2, q += pixel)
            {
              q[0] = line[j];
              q[IN_C] = line[j + 1];
              IF(WINO_D > 1, <|q[REGION] = line[m4_eval(2 * WIDTH_IN) + j];
              q[m4_eval(REGION + IN_C)] = line[m4_eval(2 * WIDTH_IN) + j + 1];|>)
            }|>)
PHASE_PAIR(P): the function phases_P, which fills the region.
m4_define(<|PHASE_PAIR|>, <|
COMMENT(<|IF(WINO_D > 1, <|Faces FIRST_FACE($1) and SECOND_FACE($1)|>, m4_dnl
<|The inputs|>) of cols tiles a row: rows [2 first, 2 end) of x, which are those of both
   phases, into the region, channels side by side.|>)
static void
phases_$1 (const float *x, float *region, int first, int end, int cols)
{
  const int width = 2 * PHASED(cols);
  for (int h = 2 * first; h < 2 * end; h++)
    LOOP(f, PHASES_D)
      LOOP(c, IN_C)
        {
          LAY_OUT($1)
        }
}
|>)

STEM_INPUT(): what the functions phases_P need, and the transforms along H and W.
m4_define(<|STEM_INPUT|>, <|IF(WINO_D > 1, <|
/* A vector at any address. */
typedef vec any_vec __attribute__ ((aligned (4)));

static inline vec
load_any (const float *p)
{
  return *(const any_vec *) p;
}

static inline void
store_any (float *p, vec v)
{
  *(any_vec *) p = v;
}
|>)
COMMENT(<|One face of one tile, one vector of channels: position i lies at y + i * POSITION.|>)
static void
transform_tile (const float *x, float *y)
{
  _Alignas (64) float t[FACE * VL];
  TRANSFORM_FACE(x, pixel, <|WIDTH_IN * pixel|>, y, POSITION)
}

/* The same of rows x cols tiles for the first of the channels. */
static void
transform_tiles (const float *region, float *inputs, int rows, int cols, int count)
{
  for (int i = 0; i < rows; i++)
    for (int j = 0; j < cols; j++)
      for (int c = 0; c < count; c += VL)
        transform_tile (region + (i * m4_eval(WINO * WIDTH_IN) + j * WINO) * pixel + c, m4_dnl
inputs + (i<||>BY(BLOCK_COLS) + j) * pixel + c);
}
|>)
