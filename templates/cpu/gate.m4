m4_divert(-1)
Squeeze-and-excitation behind its pool: y = act (x * gate), where gate, a number for each channel, is what two products
with an activation each make of a vector, the addend. What the first one yields is small: each thread computes all of
it, and of the second the blocks whose channels it scales.
require(<|FUNCTION|>, <|BATCH|>, <|IN_ORIGIN|>, <|OUT_ORIGIN|>, <|OUT_BLOCKS|>, <|ACT|>, <|RES_ORIGIN|>, <|FEATURES|>,
  <|REDUCED|>, <|REDUCE_BIAS_AT|>, <|EXPAND_AT|>, <|EXPAND_BIAS_AT|>, <|MOST_THREADS|>)
m4_define(<|READS_W|>, <|m4_eval(SLOPE_AT >= 0 || CHANNEL_MASK_AT >= 0)|>)
m4_define(<|REDUCED_BLOCKS|>, m4_eval((REDUCED + BLOCK - 1) / BLOCK))
CHAINS: sums that run side by side, since one would wait for each addition. IN_CHAINS(COUNT): how many of so many
inputs these take.
m4_define(<|CHAINS|>, 4)
m4_define(<|IN_CHAINS|>, <|m4_eval(($1 >= 2 * CHAINS) * ($1 / CHAINS) * CHAINS)|>)
m4_define(<|ONE_OF|>, <|$1[i<||>ADD_OFFSET($2)]|>)
PRODUCTS(TENSOR, P, COUNT, Q, BIAS): the vector a, the sum of COUNT inputs at P by their weights at Q, which are BLOCK
floats from one to the next.
m4_define(<|PRODUCTS|>, <|vec a = vload ($5);
        IF(IN_CHAINS($3), <|vec FOR(<|I|>, 1, m4_eval(CHAINS - 1), <|IF(I > 1, <|, |>)a<||>I = vsplat (0)|>);
        for (int i = 0; i < IN_CHAINS($3); i += CHAINS)
          {FOR(<|I|>, 0, m4_eval(CHAINS - 1), <|
            a<||>IF(I, I) += vsplat (AS_FLOAT(<|$1|>, <|ONE_OF(<|$2|>, I)|>)) * vload ($4 + BLOCK * i<||>m4_dnl
ADD_OFFSET(I * BLOCK));|>)
          }
        a = (a + a1) + (a2 + a3);|>)
        FOR(<|I|>, IN_CHAINS($3), m4_eval($3 - 1), <|
        a += vsplat (AS_FLOAT(<|$1|>, <|$2[I]|>)) * vload ($4<||>ADD_OFFSET(I * BLOCK));|>)|>)
m4_define(<|ROW_IN|>, <|ADD_OFFSET($1_ORIGIN)AT(o, BLOCKS, $1_BLOCK)AT(d, OUT_D, $1_PLANE)AT(h, OUT_H, $1_ROW)|>)
m4_define(<|BLOCKS|>, m4_eval(BATCH * OUT_BLOCKS))
m4_define(<|BLOCK_OF_SAMPLE|>, <|IF(BATCH > 1, <|(o % OUT_BLOCKS)|>, o)|>)
m4_define(<|SQUEEZE|>, <|squeeze (residual<||>ADD_OFFSET(RES_ORIGIN)<||>AT(s, BATCH, RES_SAMPLE), w, hidden);|>)
m4_define(<|EXCITE|>, <|const float *q = w + EXPAND_AT<||>m4_dnl
AT(BLOCK_OF_SAMPLE, OUT_BLOCKS, m4_eval(BLOCK * REDUCED))<||>V;
          IF(READS_W, <|const float *e = w<||>AT(BLOCK_OF_SAMPLE, OUT_BLOCKS, BLOCK)<||>V;|>)
          PRODUCTS(<|HIDDEN|>, hidden, REDUCED, q, m4_dnl
<|w + EXPAND_BIAS_AT<||>AT(BLOCK_OF_SAMPLE, OUT_BLOCKS, BLOCK)<||>V|>)
          const vec gate = EXPAND_ACTIVATION(a, vsplat (0));
          for (int i = r.column; i < r.end; i++)
            {
              DECODE(i, h, OUT_H, d, OUT_D)
              const IN_TYPE *px = x<||>ROW_IN(<|IN|>)<||>V;
              OUT_TYPE *py = y<||>ROW_IN(<|OUT|>)<||>V;
              LOOP(j, OUT_W)
                BRACED(OUT_W > 1, <|vec b = LOAD(<|IN|>, <|px<||>TERM(j, OUT_W, BLOCK)|>) * gate;
                  ACTIVATE(b, e)
                  STORE(<|OUT|>, <|py<||>TERM(j, OUT_W, BLOCK)|>, b);|>)
            }|>)
m4_define(<|HIDDEN_ELEMENT|>, f32)
m4_divert(0)m4_dnl
HEAD

COMMENT(<|The first product, REDUCED numbers, of the vector p.|>)
static void
squeeze (const RES_TYPE *p, const float *w, float *hidden)
{
  LOOP(b, REDUCED_BLOCKS)
    BRACED(REDUCED_BLOCKS > 1 && IS_WHOLE_BLOCK(1), <|EACH_VECTOR(1, <|const float *q = w<||>m4_dnl
AT(b, REDUCED_BLOCKS, m4_eval(BLOCK * FEATURES))<||>V;
        PRODUCTS(<|RES|>, p, FEATURES, q, <|w + REDUCE_BIAS_AT<||>TERM(b, REDUCED_BLOCKS, BLOCK)<||>V|>)
        vstore (hidden<||>TERM(b, REDUCED_BLOCKS, BLOCK)<||>V, REDUCE_ACTIVATION(a, vsplat (0)));|>)|>)
}
CLEAR_HALO
PROTOTYPE
  _Alignas (64) float hidden[m4_eval(REDUCED_BLOCKS * BLOCK)];
  CALL_CLEAR_HALO
  IF(BATCH > 1, <|int s = -1;|>, SQUEEZE)
  struct rescast_runs r = rescast_runs (BLOCKS, PRODUCT(OUT_D, OUT_H), 1, t, THREADS);
  for (; r.left > 0; rescast_next_run (&r))
    {
      IF(BLOCKS > 1, <|const int o = r.row;|>)
      IF(BATCH > 1, <|if (o<||>OVER(OUT_BLOCKS) != s)
        {
          s = o<||>OVER(OUT_BLOCKS);
          SQUEEZE
        }|>)
      EACH_VECTOR(1, <|EXCITE|>)
    }
}
