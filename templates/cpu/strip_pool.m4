m4_divert(-1)
A first layer in bf16 and the max pool behind it: of a block of channels the rows that a strip of pooled rows reaches
are on the stack, so that the convolution's result, the largest tensor of most networks, never leaves a core's cache.
Rows that the next strip reaches too stay. What conv_tiles_pool.m4 and conv_pairs_pool.m4 have in common: they define
the function convolve (inputs, CONVOLVE_ARGUMENTS, outputs, rows), which POOL_SHARES calls.
require(<|BATCH|>, <|CONV_H|>, <|CONV_W|>, <|POOL_K_H|>, <|POOL_K_W|>, <|POOL_S_H|>, <|POOL_S_W|>, m4_dnl
<|POOL_PAD_H|>, <|POOL_PAD_W|>, <|POOL_STRIP|>, <|IN_START|>, <|X_LINE|>)
m4_define(<|STRIP_ROWS|>, m4_eval((POOL_STRIP - 1) * POOL_S_H + POOL_K_H))
m4_define(<|CONV_ROW|>, m4_eval(CONV_W * BLOCK))
FIRST_OF(VAR, I, AXIS), END_OF(VAR, I, AXIS): declare VAR, the first of the convolution's rows or columns in the window
of the pooled one I, or the one behind the last.
m4_define(<|WINDOW_AT|>, <|$1<||>BY(POOL_S_$2)<||>SUBTRACT(POOL_PAD_$2)|>)
m4_define(<|FIRST_OF|>, <|const int $1 = IF(POOL_PAD_$3, <|WINDOW_AT($2, $3) < 0 ? 0 : WINDOW_AT($2, $3)|>, m4_dnl
<|WINDOW_AT($2, $3)|>);|>)
m4_define(<|BEHIND|>, <|$1<||>BY(POOL_S_$2)<||>ADD_OFFSET(POOL_K_$2 - POOL_PAD_$2)|>)
m4_define(<|END_OF|>, <|const int $1 = BEHIND($2, $3) < CONV_$3 ? BEHIND($2, $3) : CONV_$3;|>)

POOL_FUNCTION: the function pool_row. LARGEST_OF(COUNT, BODY): the largest of BODY for K from 0 on. Windows of at most 8
rows and columns are written out; of one that reaches beyond the edge, the pixel there counts again.
m4_define(<|LARGEST_OF|>, <|m4_pushdef(<|K|>, m4_eval($1 - 1))m4_dnl
IF($1 > 1, <|vmax (LARGEST_OF(m4_eval($1 - 1), <|$2|>), $2)|>, <|$2|>)<||>m4_popdef(<|K|>)|>)
m4_define(<|ROWS_WRITTEN_OUT|>, m4_eval(POOL_K_H <= 8))
m4_define(<|COLUMNS_WRITTEN_OUT|>, m4_eval(POOL_K_W <= 8))
m4_define(<|ALL_ROWS|>, <|if (rows == POOL_K_H)
    for (int i = 0; i < CONV_ROW; i += VL)
      vstore (most + i, LARGEST_OF(POOL_K_H, <|vload_bf16 (x<||>ADD_OFFSET(K * CONV_ROW) + i)|>));
  else
  |>)
COLUMN_AT(K): column K of a window that begins at AT, or the edge.
m4_define(<|PASSES_END|>, <|m4_eval((OUT_W - 1) * POOL_S_W - POOL_PAD_W + $1 >= CONV_W)|>)
m4_define(<|BEFORE_END|>, <|IF(PASSES_END($1), <|at<||>ADD_OFFSET($1) < CONV_W ? at<||>ADD_OFFSET($1) : m4_dnl
m4_eval(CONV_W - 1)|>, <|at<||>ADD_OFFSET($1)|>)|>)
m4_define(<|COLUMN_AT|>, <|(IF($1 < POOL_PAD_W, <|at < m4_eval(-($1)) ? 0 : |>)BEFORE_END($1))|>)
m4_define(<|COLUMNS_AT_ONCE|>, <|const int at = WINDOW_AT(j, W);
      FOR(<|I|>, 0, m4_eval(POOL_K_W - 1), <|const float *const p<||>I = most + BLOCK * COLUMN_AT(I);
      |>)
      EACH_VECTOR(1, <|STORE(<|OUT|>, <|y + BLOCK * j<||>V|>, <|LARGEST_OF(POOL_K_W, <|vload (p<||>K<||>V)|>)|>);|>)|>)
m4_define(<|COLUMN_BY_COLUMN|>, <|FIRST_OF(from, j, W)
      END_OF(to, j, W)
      EACH_VECTOR(1, <|vec a = vload (most + BLOCK * from<||>V);
          for (int i = from + 1; i < to; i++)
            a = vmax (a, vload (most + BLOCK * i<||>V));
          STORE(<|OUT|>, <|y + BLOCK * j<||>V|>, a);|>)|>)
m4_define(<|POOL_FUNCTION|>, <|
/* So many rows of the convolution into a pooled one: the largest of each column, then of each window's columns. */
static void
pool_row (const bf16 *x, int rows, OUT_TYPE *y)
{
  _Alignas (64) float most[CONV_ROW];
  IF(ROWS_WRITTEN_OUT, <|ALL_ROWS<||>|>)for (int i = 0; i < CONV_ROW; i += VL)
      {
        vec a = vload_bf16 (x + i);
        for (int h = 1; h < rows; h++)
          a = vmax (a, vload_bf16 (x + h * CONV_ROW + i));
        vstore (most + i, a);
      }
  for (int j = 0; j < OUT_W; j++)
    {
      IF(COLUMNS_WRITTEN_OUT, <|COLUMNS_AT_ONCE|>, <|COLUMN_BY_COLUMN|>)
    }
}
|>)
POOL_SHARES: the body of the kernel.
m4_define(<|POOL_SHARES|>, <|  const float *const e = weights;
  CALL_CLEAR_HALO
  struct rescast_runs r = rescast_runs (PRODUCT(BATCH, OUT_BLOCKS), OUT_H, 1, t, n);
  for (; r.left > 0; rescast_next_run (&r))
    {
      DECODE(r.row, o, OUT_BLOCKS, s, BATCH)
      const bf16 *const px = x<||>ADD_OFFSET(IN_START)AT(s, BATCH, IN_SAMPLE);
      OUT_TYPE *const py = y<||>ADD_OFFSET(OUT_ORIGIN)AT(s, BATCH, OUT_SAMPLE)AT(o, OUT_BLOCKS, OUT_BLOCK);
      _Alignas (64) bf16 conv[m4_eval(STRIP_ROWS * CONV_ROW)]; COMMENT(<|[STRIP_ROWS][CONV_W][BLOCK]|>)
      int first = 0, next = 0; /* the convolution's rows that are there */
      for (int h = r.column, end; h < r.end; h = end)
        {
          end = h<||>ADD_OFFSET(POOL_STRIP) < r.end ? h<||>ADD_OFFSET(POOL_STRIP) : r.end;
          FIRST_OF(start, h, H)
          END_OF(behind, (end - 1), H)
          const int kept = next > start ? next - start : 0;
          memmove (conv, conv + (size_t) (next - kept - first) * CONV_ROW, kept * sizeof (bf16[CONV_ROW]));
          convolve (px + (size_t) (start + kept) * X_LINE, CONVOLVE_ARGUMENTS, m4_dnl
conv + (size_t) kept * CONV_ROW, behind - start - kept);
          first = start;
          next = behind;
          for (int i = h; i < end; i++)
            {
              FIRST_OF(from, i, H)
              END_OF(to, i, H)
              pool_row (conv + (size_t) (from - start) * CONV_ROW, to - from, py + (size_t) i * OUT_ROW);
            }
        }
    }
  UNUSED(residual)|>)
