m4_divert(-1)
The pool behind a first layer by Winograd, and the way back of its sums. For conv_stem_winograd_pool.m4, with its
parameters.
m4_define(<|CONV_ROW|>, m4_eval(BLOCK_COLS * WINO * BLOCK))
REACHED(AT, AXIS): the first pooled index whose window ends behind AT.
m4_define(<|REACHED|>, <|$1<||>ADD_OFFSET(POOL_PAD_$2) < POOL_K_$2 ? 0 : m4_dnl
($1<||>SUBTRACT(POOL_K_$2 - POOL_PAD_$2))<||>OVER(POOL_S_$2) + 1|>)
WINDOW_AT(I, AXIS): where the window of the pooled index I begins.
m4_define(<|WINDOW_AT|>, <|$1<||>BY(POOL_S_$2)<||>SUBTRACT(POOL_PAD_$2)|>)
POOL_ROWS(R): the function pool_R.
m4_define(<|POOL_VECTOR|>, <|vec a = vload (p<||>V);
          FOR(<|I|>, 0, m4_eval($1 - 1), <|FOR(<|K|>, 0, POOL_K_W - 1, <|a = vmax (a, m4_dnl
vload (p<||>K<||>V<||>ADD_OFFSET(I * CONV_ROW)));
          |>)|>)
          vstore (q<||>V, a);|>)
m4_define(<|POOL_ROWS|>, <|
COMMENT(<|m4_ifelse($1, 1, <|One row|>, <|$1 rows|>) of the convolution into a pooled row, m4_dnl
which has seen others already or not: what its
   columns [w, w_end) reach. Of a window that goes on elsewhere the pixel at the edge counts again.|>)
static void
pool_$1 (const float *x, int w, int w_end, int seen, float *y)
{
  for (int j = REACHED(w, W); j < OUT_W && WINDOW_AT(j, W) < w_end; j++)
    {
      const int at = WINDOW_AT(j, W);
      FOR(<|K|>, 0, POOL_K_W - 1, <|const float *const p<||>K = x + BLOCK * (clip (at<||>ADD_OFFSET(K), w, w_end) - w);
      |>)
      float *q = y + BLOCK * j;
      const float *p = seen<||>IF(COL_BLOCKS > 1, <| || (w > 0 && at < w)|>) ? q : p0;
      EACH_VECTOR(1, <|POOL_VECTOR($1)|>)
    }
}
|>)
m4_define(<|GATHER_TILE|>, <|_Alignas (64) float t[m4_eval(WINO * SIDE) * VL];
      const vec bias = vload (e<||>ADD_OFFSET(BIAS_AT)<||>V);
      OUTPUT_COLUMNS(<|sums<||>V|>, SUMS)
      for (int i = 0; i < WINO; i++)
        {
          const float *p = t + i * SIDE * VL;
          float *q = y + i * CONV_ROW<||>V;LOAD_ALL(m, SIDE, p, VL)
          OUTPUT_1D(WINO, m, o)
          FOR(<|K|>, 0, WINO - 1, <|vec y<||>K = bias + o<||>K;
          EPILOGUE(y<||>K, <|e<||>V|>)
          vstore (q<||>ADD_OFFSET(BLOCK * K), y<||>K);
          |>)
        }|>)
CALL_POOL: by the number of rows of the convolution that a pooled row gets.
m4_define(<|CALL_POOL|>, <|FOR(<|R|>, 1, POOL_K_H, <|IF(R > 1, <|else|>) IF(R < POOL_K_H, <|if (rows == R)|>)
        pool_<||>R (p, w, w_end, seen, q);
      |>)|>)
