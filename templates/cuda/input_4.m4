m4_include(<|cuda/cuda.m4|>)m4_dnl
m4_divert(-1)
The caller's dense array (N, C, D, H, W), C up to 4, to a tensor N, D, H, W, 4 in the arena, with zeros behind the
channels and, for the first layer's padding, on both sides of a row; normalised to (x - mean) / std where the network
begins with that. w: means, then 1 / std.
require(<|FUNCTION|>, <|COUNT|>, <|MEAN|>, <|STD|>, <|STD_AT|>, <|OUT_C|>, <|OUT_D|>, <|OUT_H|>, <|OUT_W|>, <|OUT_ROW|>,
  <|HALO_LO_W|>)
m4_define(<|X_TYPE|>, <|float|>)
m4_define(<|PIXELS|>, m4_eval(OUT_D * OUT_H * OUT_W))
INDEX_OF(KIND): of the mean, or of 1 / std, given for each element or for each channel.
m4_define(<|INDEX_OF|>, <|m4_ifelse($1, <|element|>, <|c * PIXELS + pixel|>, <|c|>)|>)
m4_divert(0)m4_dnl
KERNEL_HEAD
{
  EACH_RESULT
  SPLIT(i, position, m4_eval(OUT_ROW / 4), row, m4_eval(OUT_H * OUT_D), s, BATCH)
  const int column = position<||>MINUS(HALO_LO_W);
  float v[4] = {};
  if (column >= 0 && column < OUT_W)
    {
      const int pixel = row * OUT_W + column;
      #pragma unroll
      for (int c = 0; c < OUT_C; c++)
        {
          v[c] = x[(s * OUT_C + c) * PIXELS + pixel];
          m4_ifelse(MEAN, <|none|>, <||>, <|v[c] -= w[INDEX_OF(MEAN)];|>)
          m4_ifelse(STD, <|none|>, <||>, <|v[c] *= w[STD_AT + INDEX_OF(STD)];|>)
        }
    }
  IF(HALVES, <|*(ushort4 *) (y + i * 4)
    = make_ushort4 (to_element (v[0]), to_element (v[1]), to_element (v[2]), to_element (v[3]));|>,
  <|*(float4 *) (y + i * 4) = make_float4 (v[0], v[1], v[2], v[3]);|>)
}
