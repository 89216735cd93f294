m4_divert(-1)
A fully connected layer over a vector or a map: [out block][in block][pixel][16 in channels][16 out channels]. Four sums
run side by side, since one would wait for each addition.
m4_define(<|TEMPLATE|>, <|linear.m4|>)
require(<|FUNCTION|>, <|BATCH|>, <|IN_ORIGIN|>, <|IN_BLOCKS|>, <|IN_D|>, <|IN_H|>, <|IN_W|>, <|OUT_ORIGIN|>, <|OUT_BLOCKS|>,
  <|OUT_BLOCK_WEIGHTS|>, <|SHIFT_AT|>, <|ACT|>)
m4_define(<|SUM|>, <|a$1_$2|>)
m4_divert(0)m4_dnl
HEAD
PROTOTYPE
{
  int first, last;
  rescast_share (PRODUCT(BATCH, OUT_BLOCKS), t, n, &first, &last);
  for (int i = first; i < last; i++)
    for (int v = 0; v < 16; v += 2 * VL)
      {
        const int o = i % OUT_BLOCKS;
        const float *q = w + (size_t) o * OUT_BLOCK_WEIGHTS + v, *e = w + 16 * o + v;
        vec SUM(0, 0) = vload (e + SHIFT_AT), SUM(0, 1) = vload (e + SHIFT_AT + VL);FOR(<|P|>, 1, 3, <|
        vec SUM(P, 0) = vsplat (0), SUM(P, 1) = vsplat (0);|>)
        LOOP(b, IN_BLOCKS)
        LOOP(d, IN_D)
        LOOP(h, IN_H)
          {
            const float *p = x<||>ADD_OFFSET(IN_ORIGIN)<||>AT((i / OUT_BLOCKS), BATCH, IN_SAMPLE)<||>AT(b, IN_BLOCKS, IN_BLOCK)<||>AT(d, IN_D, IN_PLANE)<||>AT(h, IN_H, IN_ROW);
            for (int c = 0; c < m4_eval(16 * IN_W); c += 4, q += 64)
              {FOR(<|P|>, 0, 3, <|
                SUM(P, 0) += p[c<||>ADD_OFFSET(P)] * vload (q<||>ADD_OFFSET(16 * P)), SUM(P, 1) += p[c<||>ADD_OFFSET(P)] * vload (q + VL<||>ADD_OFFSET(16 * P));|>)
              }
          }FOR(<|V|>, 0, 1, <|
        SUM(0, V) = (SUM(0, V) + SUM(1, V)) + (SUM(2, V) + SUM(3, V));
        ACTIVATE(SUM(0, V), <|e<||>VECTOR(V)|>)
        vstore (y + (size_t) 16 * i + v<||>VECTOR(V), SUM(0, V));|>)
      }
  UNUSED(residual)
}
