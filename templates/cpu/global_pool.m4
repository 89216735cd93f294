m4_divert(-1)
The mean or the maximum over all pixels. Rows are summed on their own before they are added up, and so are planes: the
sums stay short. A maximum goes the same way.
require(<|FUNCTION|>, <|KIND|>, <|BATCH|>, <|IN_ORIGIN|>, <|IN_D|>, <|IN_H|>, <|IN_W|>, <|OUT_ORIGIN|>)
m4_define(<|IS_MAX|>, m4_ifelse(KIND, <|max|>, 1, 0))
FIRST: what there is of no pixel. JOIN(VAR, V): V added to VAR, or the larger one.
m4_define(<|FIRST|>, <|vsplat (IF(IS_MAX, <|-INFINITY|>, 0))|>)
m4_define(<|JOIN|>, <|IF(IS_MAX, <|$1 = vmax ($1, $2)|>, <|$1 += $2|>);|>)
All of a batch's blocks count as one sample's: they lie as far apart.
m4_define(<|BLOCKS|>, m4_eval(BATCH * OUT_BLOCKS))
The variables that hold the sums or maxima of a row, a plane and all: an axis of extent 1 has none of its own.
m4_define(<|PLANE_SUM|>, <|IF(IN_H > 1, plane, row)|>)
m4_define(<|WHOLE_SUM|>, <|IF(IN_D > 1, whole, PLANE_SUM)|>)
SUM_UP(SUM, VAR, COUNT, PART, BODY): SUM of what BODY, for one value of VAR, leaves in the variable PART.
m4_define(<|SUM_UP|>, <|IF($3 > 1, <|vec $1 = FIRST;
        for (int $2 = 0; $2 < $3; $2++)
          {
            $5
            JOIN($1, $4)
          }|>, <|$5|>)|>)
m4_define(<|RECIPROCAL|>, <|IF(!IS_MAX && IN_D * IN_H * IN_W > 1, m4_dnl
<|(1.0F / ((float) FACTORS(IN_D, IN_H, IN_W)))|>, 1)|>)
m4_define(<|ROW_AT|>, <|ADD_OFFSET(IN_ORIGIN)AT(o, BLOCKS, IN_BLOCK)AT(d, IN_D, IN_PLANE)AT(h, IN_H, IN_ROW)<||>V|>)
m4_define(<|ROW|>, <|const IN_TYPE *p = x<||>ROW_AT;
            IF(IN_W > 1, <|vec row = FIRST;
            for (int j = 0; j < IN_W; j++)
              JOIN(row, <|LOAD(<|IN|>, <|p + BLOCK * j|>)|>)|>, <|const vec row = LOAD(<|IN|>, p);|>)|>)
m4_divert(0)m4_dnl
HEAD
PROTOTYPE
  int first, last;
  ALONE(MOST_THREADS)
  rescast_share (BLOCKS, t, THREADS, &first, &last);
  for (int o = first; o < last; o++)
    BRACED(IS_WHOLE_BLOCK(1), <|EACH_VECTOR(1, <|SUM_UP(whole, d, IN_D, PLANE_SUM, <|SUM_UP(plane, h, IN_H, row, m4_dnl
<|ROW|>)|>)
        STORE(<|OUT|>, <|y + BLOCK * o<||>V|>, <|WHOLE_SUM<||>BY(RECIPROCAL)|>);|>)|>)
  UNUSED(residual, w)
}
