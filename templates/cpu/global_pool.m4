m4_divert(-1)
The mean over all pixels. Rows are summed on their own before they are added up: the sums stay short.
require(<|FUNCTION|>, <|BATCH|>, <|IN_ORIGIN|>, <|IN_D|>, <|IN_H|>, <|IN_W|>, <|OUT_ORIGIN|>)
m4_divert(0)m4_dnl
HEAD
PROTOTYPE
  int first, last;
  rescast_share (PRODUCT(BATCH, OUT_BLOCKS), t, n, &first, &last);
  for (int o = first; o < last; o++)
    for (int v = 0; v < 16; v += VL)
      {
        vec sum = vsplat (0);
        for (int d = 0; d < IN_D; d++)
          {
            vec plane = vsplat (0);
            for (int h = 0; h < IN_H; h++)
              {
                const float *p = x<||>ADD_OFFSET(IN_ORIGIN) + (size_t) o * IN_BLOCK + (size_t) d * IN_PLANE + (size_t) h * IN_ROW + v;
                vec row = vsplat (0);
                for (int j = 0; j < IN_W; j++)
                  row += vload (p + 16 * j);
                plane += row;
              }
            sum += plane;
          }
        vstore (y + 16 * o + v, sum * (1.0F / ((float) IN_D * IN_H * IN_W)));
      }
  UNUSED(residual, w)
}
