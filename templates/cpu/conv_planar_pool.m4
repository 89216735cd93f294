m4_divert(-1)
A stem: convolution of an input that lies in planes, its epilogue, and a max pool over the result, of which only as many
rows as the pool's window are ever stored. A strip of POOL_STRIP pooled rows is computed plane by plane of the
convolution; in 3-D each plane's pooled rows are joined into the pooled planes that its window reaches.
require(<|FUNCTION|>, <|BATCH|>, <|CONV_D|>, <|CONV_H|>, <|CONV_W|>, <|POOL_K_D|>, <|POOL_K_H|>, <|POOL_K_W|>,
  <|POOL_S_D|>, <|POOL_S_H|>, <|POOL_S_W|>, <|POOL_PAD_D|>, <|POOL_PAD_H|>, <|POOL_PAD_W|>, <|POOL_STRIP|>, m4_dnl
<|POOL_STRIPS|>, <|IN_START|>)
m4_include(<|cpu/planar_tile.m4|>)
The convolution's rows and a plane's pooled row are floats; the output's elements are rounded from their maximum.
m4_define(<|SUMS_TO|>, <|RING|>)
m4_define(<|RING_ROW|>, m4_eval(CONV_W * BLOCK))
m4_define(<|OUT_FLOATS|>, m4_eval(BLOCK * OUT_W))
m4_define(<|ADVANCE|>, <|x += m4_eval($1 * S_W), y += m4_eval($1 * BLOCK)|>)
m4_define(<|ROW_TILES|>, <|IF($2 > 1, <|for (int j = 0; j < $2; j++, ADVANCE(<|$1|>))|>)
    IF($2, <|tile_$1 (x, w, e, y);|>)|>)
Row I of the ring.
m4_define(<|RING_ROW_OF|>, <|IF(POOL_K_H > 1, <| + $1 % POOL_K_H * RING_ROW|>)|>)
m4_define(<|POOL_VECTOR|>, <|vec a = vload (ring<||>RING_ROW_OF(lo) + BLOCK * from<||>V);
          for (int h = lo; h < hi; h++)
            for (int i = from; i < to; i++)
              a = vmax (a, vload (ring<||>RING_ROW_OF(h) + BLOCK * i<||>V));
          STORE(POOLED_TO, <|y<||>V|>, a);|>)
Where a pooled row goes: to the output, unless planes are joined.
m4_define(<|POOLED_TO|>, <|m4_ifelse(CONV_D, 1, OUT, RING)|>)
CUT(VAR, AT, AXIS): VAR is AT, but not in front of the plane.
m4_define(<|CUT|>, <|$1 = IF(POOL_PAD_$3, <|$2 < 0 ? 0 : $2|>, $2)|>)
Where planes of the convolution and of the pool are many, those that the output's plane o is joined from.
m4_define(<|JOIN|>, <|LOOP(o, OUT_D)
          BRACED(OUT_D > 1, <|IF(OUT_D > 1, <|const int from = o<||>BY(POOL_S_D)SUBTRACT(POOL_PAD_D);
            if (d >= from && d < from + POOL_K_D)|>, <|IF(CONV_D > POOL_K_D - POOL_PAD_D, m4_dnl
<|if (d < m4_eval(POOL_K_D - POOL_PAD_D))|>)|>)
              join (pooled, FIRST_PLANE, y<||>AT(o, OUT_D, OUT_PLANE)AT(h, OUT_H, OUT_ROW));|>)|>)
m4_define(<|FIRST_PLANE|>, <|d == IF(OUT_D == 1, 0, <|IF(POOL_PAD_D, <|(from < 0 ? 0 : from)|>, from)|>)|>)
m4_divert(0)m4_dnl
HEAD
TILE_OF(TILE_SIZE)m4_dnl
IF(TILE_COUNT1, <|TILE_OF(SMALLER)|>)m4_dnl

COMMENT(<|One row of the convolution, CONV_W pixels, into the ring.|>)
static void
row (const float *x, const WEIGHT_TYPE *w, const float *e, float *y)
{
  ROW_TILES(TILE_SIZE, TILE_COUNT)
  IF(TILE_COUNT == 1 && TILE_COUNT1, <|ADVANCE(TILE_SIZE);|>)
  ROW_TILES(SMALLER, TILE_COUNT1)
}

COMMENT(<|Rows [lo, hi) of the ring of POOL_K_H rows, pooled.|>)
static void
pool_rows (const float *ring, int lo, int hi, TYPE_OF(POOLED_TO) *y)
{
  IF(OUT_W > 1, <|for (int j = 0; j < OUT_W; j++, y += BLOCK)|>)
    BRACED(OUT_W > 1, <|const int at = IF(OUT_W > 1, <|j<||>BY(POOL_S_W)SUBTRACT(POOL_PAD_W)|>, m4_dnl
<|m4_eval(-POOL_PAD_W)|>);
      const int CUT(from, at, W), to = at + POOL_K_W < CONV_W ? at + POOL_K_W : CONV_W;
      EACH_VECTOR(1, <|POOL_VECTOR|>)|>)
}

IF(CONV_D > 1, <|
/* The pooled row of one plane becomes the output's, or is joined with what other planes gave. */
static void
join (const float *pooled, int first, OUT_TYPE *y)
{
  if (first)
    IF(IS_BF16(<|OUT|>), <|for (int i = 0; i < OUT_FLOATS; i += VL)
      STORE(<|OUT|>, y + i, vload (pooled + i));|>, <|memcpy (y, pooled, OUT_FLOATS * sizeof (float));|>)
  else
    IF(OUT_FLOATS == VECTOR_LANES, <|STORE(<|OUT|>, y, <|vmax (LOAD(<|OUT|>, y), vload (pooled))|>);|>,
    <|for (int i = 0; i < OUT_FLOATS; i += VL)
      STORE(<|OUT|>, y + i, <|vmax (LOAD(<|OUT|>, y + i), vload (pooled + i))|>);|>)
}
|>)
COMMENT(<|Pooled rows [p, end) of one block<||>IF(CONV_D > 1, <|, plane d of the convolution after the other|>).|>)
static void
strip (const float *x, const WEIGHT_TYPE *w, const float *e, OUT_TYPE *y, int p, int end)
{
  _Alignas (64) float ring[m4_eval(POOL_K_H * RING_ROW)]<||>IF(CONV_D > 1, <|, pooled[OUT_FLOATS]|>);
  LOOP(d, CONV_D)
    for (int h = p, next = 0; h < end; h++)
      {
        const int at = h<||>BY(POOL_S_H)SUBTRACT(POOL_PAD_H);
        const int CUT(lo, at, H), hi = at + POOL_K_H < CONV_H ? at + POOL_K_H : CONV_H;
        for (next = next < lo ? lo : next; next < hi; next++)
          row (x<||>AT(d, CONV_D, m4_eval(S_D * IN_PLANE)) + (size_t) next * m4_eval(S_H * IN_ROW), w, e, m4_dnl
ring<||>RING_ROW_OF(next));
        IF(CONV_D > 1, <|pool_rows (ring, lo, hi, pooled);
        JOIN|>, <|pool_rows (ring, lo, hi, y<||>AT(h, OUT_H, OUT_ROW));|>)
      }
}
CLEAR_HALO
PROTOTYPE
  E_VECTORS
  CALL_CLEAR_HALO
  struct rescast_runs r = rescast_runs (PRODUCT(BATCH, OUT_BLOCKS), OUT_H, 1, t, n);
  for (; r.left > 0; rescast_next_run (&r))
    {
      DECODE(r.row, o, OUT_BLOCKS, s, BATCH)
      IF(POOL_STRIPS > 1, <|for (int from = r.column; from < r.end; from += POOL_STRIP)|>)
      strip (x<||>ADD_OFFSET(IN_START)AT(s, BATCH, IN_SAMPLE), w<||>AT(o, OUT_BLOCKS, OUT_BLOCK_WEIGHTS), m4_dnl
E_OF_BLOCK,
             y<||>ADD_OFFSET(OUT_ORIGIN)AT(s, BATCH, OUT_SAMPLE)AT(o, OUT_BLOCKS, OUT_BLOCK), m4_dnl
IF(POOL_STRIPS > 1, <|from, from + POOL_STRIP < r.end ? from + POOL_STRIP : r.end|>, <|r.column, r.end|>));
    }
  UNUSED(residual)
}
