m4_divert(-1)
Max and average pooling in 2-D and 3-D. Windows are cut at the border: a maximum never sees padding; an average counts
it (KIND average) or not (average_inside).
require(<|FUNCTION|>, <|BATCH|>, <|KIND|>, <|IN_ORIGIN|>, <|OUT_ORIGIN|>, <|K_D|>, <|K_H|>, <|K_W|>, <|S_D|>, <|S_H|>, <|S_W|>, <|PAD_D|>,
  <|PAD_H|>, <|PAD_W|>)
RANGE(VAR, AXIS): from lo_VAR to hi_VAR, the window's part inside the input, for output index VAR.
m4_define(<|RANGE|>, <|const int at_$1 = $1 * S_$2 - PAD_$2;
      const int lo_$1 = at_$1 < 0 ? 0 : at_$1, hi_$1 = at_$1 + K_$2 < IN_$2 ? at_$1 + K_$2 : IN_$2;|>)
m4_divert(0)m4_dnl
HEAD

/* One output pixel of one block: its window's rows lie in [lo_d, hi_d) x [lo_h, hi_h) x [lo_w, hi_w) of plane x. */
static inline void
window (const float *x, float *y, int lo_d, int hi_d, int lo_h, int hi_h, int lo_w, int hi_w)
{
  for (int v = 0; v < 16; v += VL)
    {
      vec a = m4_ifelse(KIND, <|max|>, <|vload (x + (size_t) lo_d * IN_PLANE + (size_t) lo_h * IN_ROW + 16 * lo_w + v)|>, <|vsplat (0)|>);
      for (int d = lo_d; d < hi_d; d++)
        for (int h = lo_h; h < hi_h; h++)
          {
            const float *p = x + (size_t) d * IN_PLANE + (size_t) h * IN_ROW + v;
            for (int w = lo_w; w < hi_w; w++)
              m4_ifelse(KIND, <|max|>, <|a = vmax (a, vload (p + 16 * w));|>, <|a += vload (p + 16 * w);|>)
          }
m4_ifelse(KIND, <|average|>, <|      a *= 1.0F / m4_eval(K_D * K_H * K_W);
|>, KIND, <|average_inside|>, <|      a *= 1.0F / (float) ((hi_d - lo_d) * (hi_h - lo_h) * (hi_w - lo_w));
|>)m4_dnl
      vstore (y + v, a);
    }
}
CLEAR_HALO
PROTOTYPE
  int first, last;
  CALL_CLEAR_HALO
  rescast_share (PRODUCT(BATCH, OUT_BLOCKS, OUT_D, OUT_H), t, n, &first, &last);
  for (int i = first; i < last; i++)
    {
      const int h = i % OUT_H, d = i / OUT_H % OUT_D, o = i / m4_eval(OUT_H * OUT_D);
      const float *px = x<||>ADD_OFFSET(IN_ORIGIN) + (size_t) o * IN_BLOCK;
      float *py = y<||>ADD_OFFSET(OUT_ORIGIN) + (size_t) o * OUT_BLOCK + (size_t) d * OUT_PLANE + (size_t) h * OUT_ROW;
      RANGE(d, D)
      RANGE(h, H)
      for (int j = 0; j < OUT_W; j++, py += 16)
        {
      RANGE(j, W)
          window (px, py, lo_d, hi_d, lo_h, hi_h, lo_j, hi_j);
        }
    }
  UNUSED(residual, w)
}
