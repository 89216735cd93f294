m4_divert(-1)
A fully connected layer over a vector or a map: [out block][in block][pixel][in channels of the block][out channels of
the block]. Eight vectors of sums run side by side, since one would wait for each addition. The channels that pad the
last block are not read: they may be NaN, which no weight of 0 takes away.
require(<|FUNCTION|>, <|BATCH|>, <|IN_ORIGIN|>, <|IN_BLOCKS|>, <|IN_C|>, <|IN_D|>, <|IN_H|>, <|IN_W|>, <|OUT_ORIGIN|>,
  <|OUT_BLOCKS|>, <|OUT_BLOCK_WEIGHTS|>, <|BIAS_AT|>, <|ACT|>, <|TILE_VECTORS|>, <|UNROLL|>)
m4_define(<|SUMS|>, m4_eval(8 / TILE_VECTORS))
m4_define(<|SUM|>, <|a$1_$2|>)
m4_define(<|FULL_BLOCKS|>, m4_eval(IN_C / BLOCK))
m4_define(<|LAST_CHANNELS|>, m4_eval(IN_C % BLOCK))
Inputs of a row of a block, and of one step of the loop over them.
m4_define(<|ROW_INPUTS|>, m4_eval(BLOCK * IN_W))
m4_define(<|STEP|>, IF(UNROLL == 0, SUMS, <|IF(UNROLL < 3, BLOCK, ROW_INPUTS)|>))
EACH(BODY): BODY for each vector I, comma between.
m4_define(<|EACH|>, <|FOR(<|I|>, 0, m4_eval(TILE_VECTORS - 1), <|IF(I, <|, |>)$1|>)|>)
TOTAL(V, FIRST, COUNT): a sum of sums.
m4_define(<|TOTAL|>, <|IF($3 == 1, <|SUM($2, $1)|>, <|(TOTAL(<|$1|>, <|$2|>, m4_eval($3 / 2)) + m4_dnl
TOTAL(<|$1|>, m4_eval($2 + $3 / 2), m4_eval($3 / 2)))|>)|>)

PRODUCTS(COUNT, CHANNEL): of COUNT inputs of a row, from CHANNEL on where a loop counts them and from the first one
else.
m4_define(<|CHANNEL_AT|>, <|m4_ifelse($1, <||>, $2, <|$1<||>ADD_OFFSET($2)|>)|>)
m4_define(<|PRODUCTS|>, <|FOR(<|P|>, 0, m4_eval($1 - 1), <|
                EACH(<|SUM(m4_eval(P % SUMS), I) += AS_FLOAT(<|IN|>, <|p[CHANNEL_AT(<|$2|>, P)]|>) * m4_dnl
vload (q<||>VECTOR(I)ADD_OFFSET(BLOCK * P))|>);|>)|>)
STEPS(COUNT, SIZE): products of a row, the first COUNT of every SIZE inputs.
m4_define(<|STEPS|>, <|IF($2 == ROW_INPUTS, <|PRODUCTS(<|$1|>)
              q += m4_eval(BLOCK * $2);|>, <|for (int c = 0; c < ROW_INPUTS; c += $2, q += m4_eval(BLOCK * $2))
              {PRODUCTS(<|$1|>, c)
              }|>)|>)
EACH_ROW(BLOCKS, BLOCK, BODY): BODY for each row, p, of the inputs of so many blocks, the first one BLOCK floats behind
x.
m4_define(<|EACH_ROW|>, <|LOOP(b, <|$1|>)
        LOOP(d, IN_D)
        LOOP(h, IN_H)
          {
            const IN_TYPE *p = x<||>ADD_OFFSET(IN_ORIGIN + $2)AT(s, BATCH, IN_SAMPLE)AT(b, <|$1|>, IN_BLOCK)m4_dnl
AT(d, IN_D, IN_PLANE)AT(h, IN_H, IN_ROW);
            $3
          }|>)
TILE: TILE_VECTORS vectors of outputs of a block.
m4_define(<|OUTPUTS|>, <|const float *q = w<||>AT(o, OUT_BLOCKS, OUT_BLOCK_WEIGHTS)<||>V, *e = w<||>AT(o, m4_dnl
OUT_BLOCKS, BLOCK)<||>V;
        vec EACH(<|SUM(0, I) = vload (e<||>ADD_OFFSET(BIAS_AT)<||>VECTOR(I))|>);FOR(<|P|>, 1, m4_eval(SUMS - 1), <|
        vec EACH(<|SUM(P, I) = vsplat (0)|>);|>)
        IF(FULL_BLOCKS, <|EACH_ROW(FULL_BLOCKS, 0, <|STEPS(STEP, STEP)|>)|>)
        IF(LAST_CHANNELS, <|EACH_ROW(1, <|FULL_BLOCKS * IN_BLOCK|>, <|STEPS(LAST_CHANNELS, m4_dnl
BLOCK)|>)|>)FOR(<|U|>, 0, m4_eval(TILE_VECTORS - 1), <|
        SUM(0, U) = TOTAL(U, 0, SUMS);
        ACTIVATE(SUM(0, U), <|e<||>VECTOR(U)|>)
        STORE(<|OUT|>, <|y + (size_t) BLOCK * i<||>V<||>VECTOR(U)|>, <|SUM(0, U)|>);|>)|>)
m4_divert(0)m4_dnl
HEAD
PROTOTYPE
  int first, last;
  ALONE(MOST_THREADS)
  rescast_share (PRODUCT(BATCH, OUT_BLOCKS), t, THREADS, &first, &last);
  for (int i = first; i < last; i++)
    {
      DECODE(i, o, OUT_BLOCKS, s, BATCH)
      EACH_VECTOR(TILE_VECTORS, <|OUTPUTS|>)
    }
  UNUSED(residual)
}
