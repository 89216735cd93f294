m4_divert(-1)
Convolution as implicit GEMM on the CUDA cores: a thread block has a tile of TILE_M pixels x TILE_N output channels and
walks along K, which is the taps times the channels, in k-steps of TILE_K. It gathers inputs and weights into shared
memory; those of the next k-step are loaded into registers while the present ones are multiplied. A thread has a
register tile of THREAD_M x THREAD_N sums.

The including template defines
  PIXEL_COUNT, DEPTH     the product's M and K
  LOCATE(M)              statements that set d0, h0, w0, the first tap's input of row M, and sample, its sample
  SPLIT_TERM(K)          declarations of c, and of d, h, v: how far the tap of term K lies from the first
  RESULT(M)              declarations of pixel, the number of row M among the output's pixels
  IN_FIRST, OUT_FIRST    the first channel of input and output: expressions
  MATRIX                 the matrix of weights: an expression
require(<|TILE_M|>, <|TILE_N|>, <|TILE_K|>, <|THREAD_M|>, <|THREAD_N|>, <|THREADS|>, <|ROW|>, <|COLUMNS|>,
  <|LOAD_WIDTH|>, <|IN_C|>, <|OUT_C|>, <|BIAS_AT|>, <|ACT|>, <|RES_SAMPLE|>)
m4_define(<|COLS_OF_THREADS|>, m4_eval(TILE_N / THREAD_N))
A thread loads A_LOADS times LOAD_WIDTH inputs and B_LOADS times 4 weights; threads for which none are left are idle.
m4_define(<|A_ALL|>, m4_eval(TILE_M * TILE_K / LOAD_WIDTH))
m4_define(<|B_ALL|>, m4_eval(TILE_K * TILE_N / 4))
m4_define(<|A_LOADS|>, m4_eval((A_ALL + THREADS - 1) / THREADS))
m4_define(<|B_LOADS|>, m4_eval((B_ALL + THREADS - 1) / THREADS))
m4_define(<|A_DEPTH|>, m4_eval(TILE_K / LOAD_WIDTH))
m4_define(<|B_WIDTH|>, m4_eval(TILE_N / 4))
GUARD(ALL): a condition for threads that have one of ALL things to load, nothing where all have.
m4_define(<|GUARD|>, <|IF($1 % THREADS, <|if (thread + i * THREADS < $1)|>)|>)
m4_define(<|A_TYPE|>, <|IF(LOAD_WIDTH == 4, <|IF(HALVES, ushort4, float4)|>, <|ELEMENT|>)|>)
m4_define(<|A_ZERO|>, <|IF(LOAD_WIDTH == 4, <|IF(HALVES, make_ushort4, make_float4) (0, 0, 0, 0)|>,
  <|IF(HALVES, 0, 0.0F)|>)|>)
MORE_STEPS: is there more than one k-step? Where DEPTH is a variable it is taken for granted.
m4_define(<|MORE_STEPS|>, <|m4_ifelse(DEPTH, <|depth|>, 1, <|m4_eval(DEPTH > TILE_K)|>)|>)

LOAD_TILES(K): declarations and loads of the k-step from K on into registers.

m4_define(<|LOAD_TILES|>, <|
    #pragma unroll
    for (int i = 0; i < A_LOADS; i++)
      {
        const int k = $1 + (thread + i * THREADS) % A_DEPTH<||>IF(LOAD_WIDTH > 1, <| * LOAD_WIDTH|>);
        SPLIT_TERM(k)
        const int id = d0[i] + d, ih = h0[i] + h, iw = w0[i] + v;
        a_next[i] = A_ZERO;
        if (k < DEPTH && (unsigned) id < IN_D && (unsigned) ih < IN_H && (unsigned) iw < IN_W)
          a_next[i] = *(const A_TYPE *) (x + (((sample[i] + id) * IN_H + ih) * IN_W + iw) * IN_C + IN_FIRST + c);
      }
    #pragma unroll
    for (int i = 0; i < B_LOADS; i++)
      {
        const int k = $1 + (thread + i * THREADS) / B_WIDTH, column = first_n + (thread + i * THREADS) % B_WIDTH * 4;
        b_next[i] = k < DEPTH && column < ROW ? *(const float4 *) (matrix + k * ROW + column)
                    : make_float4 (0, 0, 0, 0);
      }|>)
STORE_TILES: from registers to shared memory.
m4_define(<|STORE_TILES|>, <|
      #pragma unroll
      for (int i = 0; i < A_LOADS; i++)
        {
          const int at = thread + i * THREADS, row = at / A_DEPTH;
          const int k = at % A_DEPTH<||>IF(LOAD_WIDTH > 1, <| * LOAD_WIDTH|>);
          GUARD(A_ALL)
          {
            IF(LOAD_WIDTH == 4, <|a_tile[k][row] = VALUE(a_next[i].x);
            a_tile[k + 1][row] = VALUE(a_next[i].y);
            a_tile[k + 2][row] = VALUE(a_next[i].z);
            a_tile[k + 3][row] = VALUE(a_next[i].w);|>, <|a_tile[k][row] = VALUE(a_next[i]);|>)
          }
        }
      #pragma unroll
      for (int i = 0; i < B_LOADS; i++)
        GUARD(B_ALL)
          *(float4 *) &b_tile[(thread + i * THREADS) / B_WIDTH][(thread + i * THREADS) % B_WIDTH * 4] = b_next[i];|>)

STORE_SUM(J, LEAVE): the result of the present pixel's sum J, unless there are no more channels.
m4_define(<|STORE_SUM|>, <|const int o = first_n + column + $1, c = OUT_FIRST + o;
          if (o >= COLUMNS)
            $2;
          float r = sum[i][$1] + w[BIAS_AT + c];
          FINISH(r, c, <|pixel * OUT_C + c|>)
          y[pixel * OUT_C + c] = STORED(r);|>)

GEMM: the body of the kernel.
m4_define(<|GEMM|>, <|
  __shared__ float a_tile[TILE_K][m4_eval(TILE_M + 4)];
  __shared__ __align__ (16) float b_tile[TILE_K][TILE_N];
  const int thread = threadIdx.x, first_m = blockIdx.x * TILE_M, first_n = blockIdx.y * TILE_N;
  const int row = thread / COLS_OF_THREADS * THREAD_M, column = thread % COLS_OF_THREADS * THREAD_N;
  const float *const matrix = MATRIX;

  /* The pixels that this thread loads, at their first tap; those behind the last pixel are far outside. */
  int d0[A_LOADS], h0[A_LOADS], w0[A_LOADS], sample[A_LOADS];
  #pragma unroll
  for (int i = 0; i < A_LOADS; i++)
    {
      const int m = first_m + (thread + i * THREADS) / A_DEPTH;
      LOCATE(m)
      if (m >= PIXEL_COUNT)
        d0[i] = -0x40000000;
    }

  BEGIN
  A_TYPE a_next[A_LOADS];
  float4 b_next[B_LOADS];
  float sum[THREAD_M][THREAD_N] = {};
  LOAD_TILES(0)
  for (int k0 = 0; k0 < DEPTH; k0 += TILE_K)
    {STORE_TILES
      __syncthreads ();
      IF(MORE_STEPS, <|if (k0 + TILE_K < DEPTH)
        {LOAD_TILES(<|k0 + TILE_K|>)
        }|>)
      #pragma unroll
      for (int k = 0; k < TILE_K; k++)
        {
          float a[THREAD_M], b[THREAD_N];
          #pragma unroll
          for (int i = 0; i < THREAD_M; i++)
            a[i] = a_tile[k][row + i];
          #pragma unroll
          for (int j = 0; j < THREAD_N; j++)
            b[j] = b_tile[k][column + j];
          #pragma unroll
          for (int i = 0; i < THREAD_M; i++)
            #pragma unroll
            for (int j = 0; j < THREAD_N; j++)
              sum[i][j] += a[i] * b[j];
        }
      IF(MORE_STEPS, <|__syncthreads ();|>)
    }

  #pragma unroll
  for (int i = 0; i < THREAD_M; i++)
    {
      const int m = first_m + row + i;
      if (m >= PIXEL_COUNT)
        break;
      RESULT(m)
      IF(THREAD_N > 1, <|#pragma unroll
      for (int j = 0; j < THREAD_N; j++)
        {
          STORE_SUM(j, break)
        }|>, <|STORE_SUM(0, continue)|>)
    }|>)
m4_divert(0)m4_dnl
