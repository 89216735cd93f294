m4_divert(-1)
A fully connected layer over a vector or a map: [out block][in block][pixel][16 in channels][16 out channels]. Eight
vectors of sums run side by side, since one would wait for each addition. The channels that pad the last block are not read:
they may be NaN, which no weight of 0 takes away.
require(<|FUNCTION|>, <|BATCH|>, <|IN_ORIGIN|>, <|IN_BLOCKS|>, <|IN_C|>, <|IN_D|>, <|IN_H|>, <|IN_W|>, <|OUT_ORIGIN|>, <|OUT_BLOCKS|>,
  <|OUT_BLOCK_WEIGHTS|>, <|SHIFT_AT|>, <|ACT|>)
require(<|TILE_VECTORS|>, <|UNROLL|>)
m4_define(<|SUMS|>, m4_eval(8 / TILE_VECTORS))
Channels of one step of the loop.
m4_define(<|STEP|>, IF(UNROLL == 0, SUMS, <|IF(UNROLL < 3, 16, <|m4_eval(16 * IN_W)|>)|>))
m4_define(<|SUM|>, <|a$1_$2|>)
EACH(BODY): BODY for each vector I.
m4_define(<|EACH|>, <|FOR(<|I|>, 0, m4_eval(TILE_VECTORS - 1), <|IF(I, <|, |>)$1|>)|>)
TOTAL(V, FIRST, COUNT): a sum of sums.
m4_define(<|TOTAL|>, <|IF($3 == 1, <|SUM($2, $1)|>, <|(TOTAL(<|$1|>, <|$2|>, m4_eval($3 / 2)) + TOTAL(<|$1|>, m4_eval($2 + $3 / 2), m4_eval($3 / 2)))|>)|>)
m4_define(<|FULL_BLOCKS|>, m4_eval(IN_C / 16))
m4_define(<|LAST_CHANNELS|>, m4_eval(IN_C % 16))
EACH_ROW(BLOCK, BODY): BODY for each row of inputs of the block at that offset, p.
m4_define(<|EACH_ROW|>, <|LOOP(d, IN_D)
        LOOP(h, IN_H)
          {
            const float *p = x<||>ADD_OFFSET(IN_ORIGIN)<||>AT((i / OUT_BLOCKS), BATCH, IN_SAMPLE)<||>$1<||>AT(d, IN_D, IN_PLANE)<||>AT(h, IN_H, IN_ROW);
            $2
          }|>)
PRODUCTS(COUNT): of COUNT channels from c on.
m4_define(<|PRODUCTS|>, <|FOR(<|P|>, 0, m4_eval($1 - 1), <|
                EACH(<|SUM(m4_eval(P % SUMS), I) += p[c<||>ADD_OFFSET(P)] * vload (q<||>VECTOR(I)<||>ADD_OFFSET(16 * P))|>);|>)|>)
m4_divert(0)m4_dnl
HEAD
PROTOTYPE
  int first, last;
  rescast_share (PRODUCT(BATCH, OUT_BLOCKS), t, n, &first, &last);
  for (int i = first; i < last; i++)
    for (int v = 0; v < 16; v += IF(TILE_VECTORS > 1, <|TILE_VECTORS * |>)VL)
      {
        const int o = i % OUT_BLOCKS;
        const float *q = w + (size_t) o * OUT_BLOCK_WEIGHTS + v, *e = w + 16 * o + v;
        vec EACH(<|SUM(0, I) = vload (e + SHIFT_AT<||>VECTOR(I))|>);FOR(<|P|>, 1, m4_eval(SUMS - 1), <|
        vec EACH(<|SUM(P, I) = vsplat (0)|>);|>)
        IF(FULL_BLOCKS, <|LOOP(b, FULL_BLOCKS)
        EACH_ROW(<|AT(b, FULL_BLOCKS, IN_BLOCK)|>, <|for (int c = 0; c < m4_eval(16 * IN_W); c += STEP, q += m4_eval(16 * STEP))
              {PRODUCTS(STEP)
              }|>)|>)
        IF(LAST_CHANNELS, <|EACH_ROW(<|ADD_OFFSET(FULL_BLOCKS * IN_BLOCK)|>, <|for (int c = 0; c < m4_eval(16 * IN_W); c += 16, q += 256)
              {PRODUCTS(LAST_CHANNELS)
              }|>)|>)FOR(<|V|>, 0, m4_eval(TILE_VECTORS - 1), <|
        SUM(0, V) = TOTAL(V, 0, SUMS);
        ACTIVATE(SUM(0, V), <|e<||>VECTOR(V)|>)
        vstore (y + (size_t) 16 * i + v<||>VECTOR(V), SUM(0, V));|>)
      }
  UNUSED(residual)
}
