m4_include(<|cuda/cuda.m4|>)m4_dnl
m4_divert(-1)
Each channel of the output is one of the input's, or of a second input's: concatenations, slices and shuffles of
channels.
require(<|FUNCTION|>, <|COUNT|>, <|CHANNELS_EACH|>, <|SECOND_C|>, <|SOURCES|>)
m4_define(<|GROUPS_OF|>, <|m4_eval(OUT_C / CHANNELS_EACH)|>)
m4_define(<|OF_FIRST|>, <|x + (size_t) pixel * IN_C + from.channel|>)
m4_define(<|OF_SECOND|>, <|residual + (size_t) pixel * SECOND_C + from.channel|>)
m4_divert(0)m4_dnl
COMMENT(<|Of each IF(CHANNELS_EACH > 1, <|CHANNELS_EACH channels|>, channel) of the output: the input, m4_dnl
counted from 0, and the IF(CHANNELS_EACH > 1, <|first |>)channel there.|>)
struct FUNCTION<||>_source
{
  int input, channel;
};
static __device__ const FUNCTION<||>_source
FUNCTION<||>_sources[] = {
  SOURCES
};

KERNEL_HEAD
{
  EACH_RESULT
  const FUNCTION<||>_source from = FUNCTION<||>_sources[i % GROUPS_OF];
  const int pixel = i / GROUPS_OF;
  float r[CHANNELS_EACH];
  LOAD_EACH(r, IF(SECOND_C, <|from.input ? OF_SECOND : OF_FIRST|>, <|OF_FIRST|>))
  STORE_EACH(<|y + i<||>BY(CHANNELS_EACH)|>, r)
}
