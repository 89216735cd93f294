m4_divert(-1)
A fully connected layer in bf16, over a vector or a map, or over a vector of floats: [out block][in block][pixel][half
of 16 outputs][16 pairs of inputs][output][2], as if it were a convolution whose window is the map. Several vectors of
sums run side by side, since one would wait for each addition. Where a vector has a half, both halves do, so that
weights are read as they lie; they come from memory, and as what the hardware prefetches by itself ends with a page, the
next block's are prefetched in STREAMS parts at a time.
require(<|FUNCTION|>, <|BATCH|>, <|IN_ORIGIN|>, <|IN_BLOCKS|>, <|IN_C|>, <|IN_D|>, <|IN_H|>, <|IN_W|>, <|OUT_ORIGIN|>,
  <|OUT_BLOCKS|>, <|OUT_BLOCK_WEIGHTS|>, <|BIAS_AT|>, <|ACT|>, <|TILE_VECTORS|>)
m4_define(<|WEIGHT_TYPE|>, bf16)
m4_define(<|HALF|>, 16)
m4_define(<|STEP_WEIGHTS|>, m4_eval(BLOCK * BLOCK))
m4_define(<|HALF_WEIGHTS|>, m4_eval(BLOCK * HALF))
m4_define(<|BOTH|>, m4_eval(VECTOR_LANES == HALF && OUT_BLOCKS > 1))
m4_define(<|VECTORS|>, IF(BOTH, 2, TILE_VECTORS))
m4_define(<|STREAMS|>, 4)
m4_define(<|SUMS|>, m4_eval(8 / VECTORS))
m4_define(<|SUM|>, <|a$1_$2|>)
m4_define(<|EACH|>, <|FOR(<|I|>, 0, m4_eval(VECTORS - 1), <|IF(I, <|, |>)$1|>)|>)
NTH(I): the weights of vector I behind those of vector 0. OUTPUT_AT(I): its outputs behind a block's first.
m4_define(<|NTH|>, <|IF(BOTH, <|ADD_OFFSET($1 * HALF_WEIGHTS)|>, <|IF($1, <| + m4_eval(2 * $1) * VL|>)|>)|>)
m4_define(<|OUTPUT_AT|>, <|IF(BOTH, <|ADD_OFFSET($1 * HALF)|>, <| + v<||>VECTOR($1)|>)|>)
m4_define(<|PART_WEIGHTS|>, <|m4_eval(OUT_BLOCK_WEIGHTS / STREAMS)|>)
m4_define(<|PREFETCH_NEXT|>, <|IF(BOTH, <|for (int l = 0; l < m4_eval(STEP_WEIGHTS / 32 / STREAMS); l++, ahead += 32)
                {
                  FOR(<|PART|>, 0, m4_eval(STREAMS - 1), <|prefetch (ahead<||>ADD_OFFSET(PART * PART_WEIGHTS));
                  |>)
                }|>)|>)
What pads the last block of floats may be anything, NaN too: zeros stand in for it. Such an input is a vector.
m4_define(<|REST|>, <|m4_eval(IN_C % BLOCK)|>)
m4_define(<|COPIES|>, <|IF(REST && !IS_BF16(<|IN|>), 1, 0)|>)
m4_define(<|BLOCK_START|>, <|x<||>ADD_OFFSET(IN_ORIGIN)AT(s, BATCH, IN_SAMPLE)AT(b, IN_BLOCKS, IN_BLOCK)m4_dnl
AT(d, IN_D, IN_PLANE)AT(h, IN_H, IN_ROW)AT(j, IN_W, BLOCK)|>)
m4_define(<|BLOCK_OF_INPUTS|>, <|IF(COPIES, <|IF(IN_BLOCKS > 1, <|b < m4_eval(IN_BLOCKS - 1) ? m4_dnl
BLOCK_START : |>)padded|>, <|BLOCK_START|>)|>)
m4_define(<|COPY_REST|>, <|float padded[BLOCK] = { 0 };
      memcpy (padded, x<||>ADD_OFFSET(IN_ORIGIN + (IN_BLOCKS - 1) * IN_BLOCK)AT(s, BATCH, IN_SAMPLE), m4_dnl
sizeof (float[REST]));
      |>)
TOTAL(V, FIRST, COUNT): a sum of sums.
m4_define(<|TOTAL|>, <|IF($3 == 1, <|SUM($2, $1)|>, <|(TOTAL(<|$1|>, <|$2|>, m4_eval($3 / 2)) + m4_dnl
TOTAL(<|$1|>, m4_eval($2 + $3 / 2), m4_eval($3 / 2)))|>)|>)
WEIGHTS(P, I): of pair c + P and vector I. PRODUCTS: those of SUMS pairs.
m4_define(<|WEIGHTS|>, <|vpairs (q + 2 * HALF * (c<||>ADD_OFFSET($1))<||>NTH($2))|>)
m4_define(<|PRODUCTS_OF_PAIRS|>, <|EACH(<|SUM($1, I) = vdot (SUM($1, I), WEIGHTS($1, I), vpair (p + 2 * m4_dnl
(c<||>ADD_OFFSET($1))))|>);|>)
m4_define(<|PRODUCTS_OF_FLOATS|>, <|const pairs EACH(<|w$1_<||>I = WEIGHTS($1, I)|>);
                EACH(<|SUM($1, I) += p[2 * c<||>ADD_OFFSET(2 * $1)] * vfirst (w$1_<||>I)|>);
                EACH(<|SUM($1, I) += p[2 * c + m4_eval(2 * $1 + 1)] * vsecond (w$1_<||>I)|>);|>)
m4_define(<|PRODUCTS|>, <|FOR(<|P|>, 0, m4_eval(SUMS - 1), <|
                IF(IS_BF16(<|IN|>), <|PRODUCTS_OF_PAIRS(P)|>, <|PRODUCTS_OF_FLOATS(P)|>)|>)|>)
m4_define(<|OUTPUTS|>, <|vec EACH(<|SUM(0, I) = vload (eo<||>ADD_OFFSET(BIAS_AT)<||>OUTPUT_AT(I))|>);m4_dnl
FOR(<|P|>, 1, m4_eval(SUMS - 1), <|
          vec EACH(<|SUM(P, I) = vsplat (0)|>);|>)
          const bf16 *q = wo<||>IF(BOTH, <||>, <| + v / HALF * HALF_WEIGHTS + v % HALF * 2|>);
          LOOP(b, IN_BLOCKS)
          LOOP(d, IN_D)
          LOOP(h, IN_H)
          LOOP(j, IN_W)
            {
              const IN_TYPE *p = BLOCK_OF_INPUTS;
              PREFETCH_NEXT
              for (int c = 0; c < m4_eval(BLOCK / 2); c += SUMS)
                {PRODUCTS
                }
              q += STEP_WEIGHTS;
            }FOR(<|U|>, 0, m4_eval(VECTORS - 1), <|
          SUM(0, U) = TOTAL(U, 0, SUMS);
          ACTIVATE(SUM(0, U), <|eo<||>OUTPUT_AT(U)|>)
          STORE(<|OUT|>, <|y + (size_t) BLOCK * i<||>OUTPUT_AT(U)|>, <|SUM(0, U)|>);|>)|>)
m4_divert(0)m4_dnl
HEAD
PROTOTYPE
  const float *const e = weights;
  int first, last;
  rescast_share (PRODUCT(BATCH, OUT_BLOCKS), t, n, &first, &last);
  for (int i = first; i < last; i++)
    {
      DECODE(i, o, OUT_BLOCKS, s, BATCH)
      const bf16 *wo = w<||>AT(o, OUT_BLOCKS, OUT_BLOCK_WEIGHTS);
      const float *eo = e<||>AT(o, OUT_BLOCKS, BLOCK);
      IF(COPIES, <|COPY_REST<||>|>)m4_dnl
      IF(BOTH, <|/* the next block's, but for the last one of the thread's share */
      const bf16 *ahead = i + 1 < last || t.to % RESCAST_PARTS ? wo + OUT_BLOCK_WEIGHTS : wo;
      OUTPUTS|>, <|for (int v = 0; v < BLOCK; v += IF(TILE_VECTORS > 1, <|TILE_VECTORS * |>)VL)
        {
          OUTPUTS
        }|>)
    }
  UNUSED(residual)
}
