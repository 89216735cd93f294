m4_divert(-1)
How the sums of a tile get back to the pixels of their phase. For conv_transposed_winograd.m4, with its parameters.
ROW_OF_TILE, COLUMN_OF_TILE: of tile i among its phase's. FROM_START(TILES, TILE, PHASE): where that lies in the output.
m4_define(<|ROW_OF_TILE|>, <|i<||>OVER(TILES_W)|>)
m4_define(<|COLUMN_OF_TILE|>, <|IF(TILES_H > 1, <|i % TILES_W|>, i)|>)
m4_define(<|FROM_START|>, <|IF($1 > 1, <|$2 * WINO - $3->start|>, <|-$3->start|>)|>)
PIXEL(TENSOR, I): from the tile's first pixel to row i, column I in a tensor.
m4_define(<|PIXEL|>, <|i * m4_eval(S_H * $1_ROW)<||>ADD_OFFSET($2 * S_W * BLOCK)<||>V|>)
IN_TILE(TENSOR): the first pixel of tile (h, j) of the phase, which may be in front of the output where SHIFTED.
m4_define(<|IN_TILE|>, <|((ptrdiff_t) h * m4_eval(S_H * $1_ROW) + j * m4_eval(S_W * BLOCK))|>)
IN_PHASE(TENSOR): a plane's first pixel of the phase.
m4_define(<|PLANE_OF_PHASE|>, <|(IF(S_D > 1, <|(plane + g) * S_D|>, <|plane + g|>)<||>TERM(fd, PHASES_D, 1))|>)
m4_define(<|IN_PHASE|>, <|AT(o, OUT_BLOCKS, $1_BLOCK) + (size_t) PLANE_OF_PHASE * $1_PLANE + fh * $1_ROW + fw * BLOCK|>)
FIRST_OF(VAR): the first row or column of a tile that is in the output.
m4_define(<|FIRST_OF|>, <|IF(SHIFTED, $1, 0)|>)
m4_define(<|SHIFTED_PARAMETERS|>, <|IF(SHIFTED, <|int row, int col, |>)|>)
m4_define(<|SHIFTED_ARGUMENTS|>, <|IF(SHIFTED, <|h < 0 ? -h : 0, -j, |>)|>)
m4_define(<|R_AT_PARAMETER|>, <|IF(HAS_R, <|ptrdiff_t r_at, |>)|>)
m4_define(<|R_AT_ARGUMENT|>, <|IF(HAS_R, <|IN_TILE(<|RES|>), |>)|>)
m4_define(<|TEXT_R|>, <|IF(HAS_R, <|, r|>)|>)
m4_define(<|OUTPUT_ROW|>, <|const float *p = t + i * SIDE * VL;LOAD_ALL(m, SIDE, p, VL)
          OUTPUT_1D(WINO, m, o)FOR(<|I|>, 0, WINO - 1, <|
          if (IF(SHIFTED, <|col <= I && |>)cols > I)
            {
              vec a = o<||>I + bias;
              EPILOGUE(a, <|e<||>V|>, <|r + (r_at + PIXEL(<|RES|>, I))|>)
              vstore (y + (at + PIXEL(<|OUT|>, I)), a);
            }|>)|>)
m4_define(<|OUTPUT_TILE|>, <|_Alignas (64) float t[m4_eval(WINO * SIDE) * VL];
      OUTPUT_COLUMNS(<|sums<||>V|>, SUMS)
      const vec bias = vload (e<||>ADD_OFFSET(BIAS_AT)<||>V);
      for (int i = FIRST_OF(row); i < rows; i++)
        {
          OUTPUT_ROW
        }|>)
