m4_include(<|cuda/cuda.m4|>)m4_dnl
m4_divert(-1)
Linear and nearest upsampling in 2-D and 3-D: an output pixel interpolates between up to two input pixels along each
axis, given by tables.
require(<|FUNCTION|>, <|COUNT|>, <|SOURCES_D|>, <|SOURCES_H|>, <|SOURCES_W|>, <|LINEAR_D|>, <|LINEAR_H|>, <|LINEAR_W|>)
INPUT(OFFSET): an element of the input.
m4_define(<|INPUT|>, <|VALUE(<|p[$1]|>)|>)
ALONG(AXIS, LETTER, INNER, OFFSET): the interpolation along AXIS of what INNER is at OFFSET and the sources' offsets.
m4_define(<|ALONG|>, <|IF(LINEAR_$1,
  <|($3(<|$4 + s$2.lo|>) * s$2.from_lo + $3(<|$4 + s$2.hi|>) * s$2.from_hi)|>, <|$3(<|$4 + s$2.lo|>)|>)|>)
m4_define(<|ALONG_W|>, <|ALONG(W, w, <|INPUT|>, <|$1|>)|>)
m4_define(<|ALONG_H|>, <|ALONG(H, h, <|ALONG_W|>, <|$1|>)|>)
m4_define(<|ALONG_D|>, <|ALONG(D, d, <|ALONG_H|>, <|$1|>)|>)
m4_divert(0)m4_dnl
/* The two inputs of an output along an axis: offsets in elements, and their weights. */
struct FUNCTION<||>_source
{
  int lo, hi;
  float from_lo, from_hi;
};
static __device__ const FUNCTION<||>_source
FUNCTION<||>_d[] = {
  SOURCES_D
};
static __device__ const FUNCTION<||>_source
FUNCTION<||>_h[] = {
  SOURCES_H
};
static __device__ const FUNCTION<||>_source
FUNCTION<||>_w[] = {
  SOURCES_W
};

KERNEL_HEAD
{
  EACH_RESULT
  SPLIT(i, c, OUT_C, ow, OUT_W, oh, OUT_H, od, OUT_D, s, BATCH)
  const FUNCTION<||>_source sd = FUNCTION<||>_d[od];
  const FUNCTION<||>_source sh = FUNCTION<||>_h[oh];
  const FUNCTION<||>_source sw = FUNCTION<||>_w[ow];
  const ELEMENT *const p = x + (size_t) s * m4_eval(IN_D * IN_H * IN_W) * IN_C + c;
  y[i] = STORED(<|ALONG_D(0)|>);
}
