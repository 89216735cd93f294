m4_divert(-1)
The inputs of a block of tiles: one pair of faces along D, channels of all phases side by side; then along H and W. For
conv_stem_winograd.m4, with its parameters.
PHASED(N): rows or columns of one phase that N tiles read.
m4_define(<|PHASED|>, <|(WINO * $1 + m4_eval(6 - WINO))|>)
m4_define(<|WIDTH_IN|>, m4_eval(WINO * BLOCK_COLS + 6 - WINO))

The inputs of faces along D may lie anywhere. LINE: so far behind what a row of one channel becomes on the first face
lies what it becomes on the second.
m4_define(<|APART|>, <|load_any ($1<||>MULTIPLE($2, <|$3|>))|>)
m4_define(<|TRANSFORM_ROW|>, <|for (int j = 0; j < width; j += VL)
            {
              const int at = j + VL < width ? j : width - VL;
              const float *from = p + at;
              INPUT_PAIR(4, $1, from, m4_eval(S_D * IN_PLANE))
              store_any (line + at, a);
              store_any (line + LINE + at, b);
            }|>)
m4_define(<|ROW_OF_CHANNEL|>, <|x<||>AT(c, IN_C, IN_BLOCK)AT(f, PHASES_D, IN_PLANE)|>)

Vectors of 16 floats lay out eight pixels at a time: a line, a row of one channel, has couples of floats, one of either
phase along W. IN_VECTORS: is it so? LINES: those of all channels and phases along D and H, [D phase][H phase][input
channel], of which PIXEL_VECTORS vectors of channels become. LINE_AT(I): where line I is.
m4_define(<|LINES|>, m4_eval(2 * PHASES_D * IN_C))
m4_define(<|IN_VECTORS|>, m4_eval(VECTOR_LANES == 16 && LINES <= 16))
m4_define(<|LINE|>, IF(IN_VECTORS, m4_eval(2 * LINES * WIDTH_IN), m4_eval(2 * WIDTH_IN)))
m4_define(<|PIXEL_VECTORS|>, m4_eval((LINES + 7) / 8))
m4_define(<|LINE_AT|>, <|IF(WINO_D > 1, <|ADD_OFFSET($1 * 2 * WIDTH_IN)|>, m4_dnl
<|ADD_OFFSET($1 / IN_C * IN_ROW + $1 % IN_C * IN_BLOCK)|>)|>)
ORDER(CHANNEL): of the couples of all lines, where a channel of a pixel is; those behind the last are anything.
m4_define(<|ORDER|>, <|IF($1 < CHANNELS, <|m4_eval($1 / (2 * IN_C) * IN_C * 2 + $1 % IN_C * 2 + $1 / IN_C % 2)|>, 0)|>)
m4_define(<|LOAD_LINES|>, <|FOR(<|I|>, 0, 7, <|IF(I, <|, |>)load_any (lines<||>m4_dnl
LINE_AT(IF(I + $1 < LINES, <|m4_eval(I + $1)|>, <|m4_eval(LINES - 1)|>)))|>)|>)
m4_define(<|LAY_OUT_PIXELS|>, <|IF(IN_VECTORS, <|
/* The channels of a pixel among the couples of floats of all its lines. */
static const int order[] = { FOR(<|I|>, 0, m4_eval(16 * PIXEL_VECTORS - 1), <|IF(I, <|, |>)ORDER(I)|>) };

/* Eight pixels of the region at q from all their lines. */
static inline void
lay_out (const float *lines, float *q)
{
  vec v[8] = { LOAD_LINES(0) };
  vturn (v);
  IF(PIXEL_VECTORS > 1, <|vec u[8] = { LOAD_LINES(8) };
  vturn (u);|>)FOR(<|I|>, 0, 7, <|FOR(<|K|>, 0, m4_eval(PIXEL_VECTORS - 1), <|
  vstore (q<||>MULTIPLE(I, pixel)ADD_OFFSET(16 * K), vpick (order<||>ADD_OFFSET(16 * K), v[I], m4_dnl
IF(PIXEL_VECTORS > 1, u, v)[I]));|>)|>)
}
|>)|>)
m4_define(<|LAY_OUT_VECTORS|>, <|for (int r = first; r < end; r++)
    {
      float *q = region + r * WIDTH_IN * pixel;
      IF(WINO_D > 1, <|float lines[m4_eval(2 * LINE)];
      for (int h = 0; h < 2; h++)
        LOOP(f, PHASES_D)
          LOOP(c, IN_C)
            {
              const float *p = ROW_OF_CHANNEL + (size_t) (2 * r + h) * IN_ROW;
              float *line = lines + (h * IN_C<||>TERM(f, PHASES_D, m4_eval(2 * IN_C))TERM(c, IN_C, 1)) m4_dnl
* m4_eval(2 * WIDTH_IN);
              TRANSFORM_ROW($1)
            }|>, <|const float *lines = x + (size_t) r * m4_eval(2 * IN_ROW);|>)
      for (int j = 0; j < width; j += VL)
        {
          const int at = j + VL < width ? j : width - VL;
          lay_out (lines + at, q + at / 2 * pixel);
          IF(WINO_D > 1, <|lay_out (lines + LINE + at, q + REGION + at / 2 * pixel);|>)
        }
    }|>)

LAY_OUT(P): a row of one channel, face by face.
m4_define(<|LAY_OUT|>, <|const float *p = ROW_OF_CHANNEL + (size_t) h * IN_ROW;
          float *q = region + h / 2 * WIDTH_IN * pixel + h % 2 * m4_eval(2 * IN_C)TERM(f, PHASES_D, m4_dnl
m4_eval(4 * IN_C))m4_dnl
TERM(c, IN_C, 1);
          IF(WINO_D > 1, <|float line[m4_eval(2 * LINE)];
          TRANSFORM_ROW($1)|>, <|const float *line = p;|>)
          for (int j = 0; j < width; j += 2, q += pixel)
            {
              q[0] = line[j];
              q[IN_C] = line[j + 1];
              IF(WINO_D > 1, <|q[REGION] = line[LINE + j];
              q[m4_eval(REGION + IN_C)] = line[m4_eval(LINE) + j + 1];|>)
            }|>)
m4_define(<|LAY_OUT_FLOATS|>, <|for (int h = 2 * first; h < 2 * end; h++)
    LOOP(f, PHASES_D)
      LOOP(c, IN_C)
        {
          LAY_OUT($1)
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
  IF(IN_VECTORS, <|LAY_OUT_VECTORS($1)|>, <|LAY_OUT_FLOATS($1)|>)
}
|>)

STEM_INPUT(): what the functions phases_P need, and the transforms along H and W.
m4_define(<|STEM_INPUT|>, <|IF(WINO_D > 1 || IN_VECTORS, <|
/* A vector at any address. */
typedef vec any_vec __attribute__ ((aligned (4)));

static inline vec
load_any (const float *p)
{
  return *(const any_vec *) p;
}

IF(WINO_D > 1, <|
static inline void
store_any (float *p, vec v)
{
  *(any_vec *) p = v;
}
|>)|>)LAY_OUT_PIXELS()
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
