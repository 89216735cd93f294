m4_divert(-1)
A stem: convolution of an input that lies in planes, its epilogue, and a max pool over the result, of which only as many
rows as the pool's window are ever stored. A strip of POOL_STRIP pooled rows is computed plane by plane of the
convolution; in 3-D each plane's pooled rows are joined into the pooled planes that its window reaches.
require(<|FUNCTION|>, <|BATCH|>, <|CONV_D|>, <|CONV_H|>, <|CONV_W|>, <|POOL_K_D|>, <|POOL_K_H|>, <|POOL_K_W|>, <|POOL_S_D|>, <|POOL_S_H|>,
  <|POOL_S_W|>, <|POOL_PAD_D|>, <|POOL_PAD_H|>, <|POOL_PAD_W|>, <|POOL_STRIP|>, <|POOL_STRIPS|>, <|IN_START|>)
m4_include(<|cpu/planar_tile.m4|>)
m4_define(<|RING_ROW|>, m4_eval(CONV_W * 16))
m4_define(<|ADVANCE|>, <|x += m4_eval($1 * S_W), y += m4_eval($1 * 16)|>)
m4_define(<|ROW_TILES|>, <|IF($2, <|for (int j = 0; j < $2; j++, ADVANCE(<|$1|>))
    tile_$1 (x, w, e, y);|>)|>)
m4_divert(0)m4_dnl
HEAD
TILE_OF(TILE_SIZE)m4_dnl
IF(TILE_COUNT1, <|TILE_OF(SMALLER)|>)m4_dnl

/* One row of the convolution, CONV_W pixels, into the ring. */
static void
row (const float *x, const float *w, const float *e, float *y)
{
  ROW_TILES(TILE_SIZE, TILE_COUNT)
  ROW_TILES(SMALLER, TILE_COUNT1)
}

COMMENT(<|Rows [lo, hi) of the ring of POOL_K_H rows, pooled.|>)
static void
pool_rows (const float *ring, int lo, int hi, float *y)
{
  for (int j = 0; j < OUT_W; j++, y += 16)
    {
      const int at = j * POOL_S_W - POOL_PAD_W;
      const int from = at < 0 ? 0 : at, to = at + POOL_K_W < CONV_W ? at + POOL_K_W : CONV_W;
      for (int v = 0; v < 16; v += VL)
        {
          vec a = vload (ring + lo % POOL_K_H * RING_ROW + 16 * from + v);
          for (int h = lo; h < hi; h++)
            for (int i = from; i < to; i++)
              a = vmax (a, vload (ring + h % POOL_K_H * RING_ROW + 16 * i + v));
          vstore (y + v, a);
        }
    }
}

/* The pooled row of one plane becomes the output's, or is joined with what other planes gave. */
static void
join (const float *pooled, int first, float *y)
{
  if (first)
    memcpy (y, pooled, m4_eval(16 * OUT_W) * sizeof (float));
  else
    for (int i = 0; i < m4_eval(16 * OUT_W); i += VL)
      vstore (y + i, vmax (vload (y + i), vload (pooled + i)));
}

/* Pooled rows [p, end) of one block: plane d of the convolution after the other. */
static void
strip (const float *x, const float *w, const float *e, float *y, int p, int end)
{
  _Alignas (64) float ring[m4_eval(POOL_K_H * CONV_W * 16)], pooled[m4_eval(16 * OUT_W)];
  for (int d = 0; d < CONV_D; d++)
    for (int h = p, next = 0; h < end; h++)
      {
        const int at = h * POOL_S_H - POOL_PAD_H;
        const int lo = at < 0 ? 0 : at, hi = at + POOL_K_H < CONV_H ? at + POOL_K_H : CONV_H;
        for (next = next < lo ? lo : next; next < hi; next++)
          row (x + (size_t) d * m4_eval(S_D * IN_PLANE) + (size_t) next * m4_eval(S_H * IN_ROW), w, e, ring + next % POOL_K_H * RING_ROW);
        pool_rows (ring, lo, hi, pooled);
        for (int o = 0; o < OUT_D; o++)
          {
            const int from = o * POOL_S_D - POOL_PAD_D;
            if (d >= from && d < from + POOL_K_D)
              join (pooled, d == (from < 0 ? 0 : from), y + (size_t) o * OUT_PLANE + (size_t) h * OUT_ROW);
          }
      }
}
CLEAR_HALO
PROTOTYPE
  int first, last;
  CALL_CLEAR_HALO
  rescast_share (PRODUCT(BATCH, OUT_BLOCKS, POOL_STRIPS), t, n, &first, &last);
  for (int i = first; i < last; i++)
    {
      DECODE(i, p, POOL_STRIPS, o, OUT_BLOCKS, s, BATCH)m4_dnl
const int from = IF(POOL_STRIPS > 1, <|p * POOL_STRIP|>, 0), end = from + POOL_STRIP < OUT_H ? from + POOL_STRIP : OUT_H;
      strip (x<||>ADD_OFFSET(IN_START)<||>AT(s, BATCH, IN_SAMPLE), w<||>AT(o, OUT_BLOCKS, OUT_BLOCK_WEIGHTS), w<||>AT(o, OUT_BLOCKS, 16),
             y<||>ADD_OFFSET(OUT_ORIGIN)<||>AT(s, BATCH, OUT_SAMPLE)<||>AT(o, OUT_BLOCKS, OUT_BLOCK), from, end);
    }
  UNUSED(residual)
}
