m4_include(<|cuda/cuda.m4|>)m4_dnl
m4_divert(-1)
Convolution in groups of few channels, depthwise ones among them: one thread per result.
require(<|FUNCTION|>, <|COUNT|>, <|GROUP_IN|>, <|GROUP_OUT|>, <|K_D|>, <|K_H|>, <|K_W|>, <|S_D|>, <|S_H|>, <|S_W|>,
  <|DIL_D|>, <|DIL_H|>, <|DIL_W|>, <|PAD_D|>, <|PAD_H|>, <|PAD_W|>, <|BIAS_AT|>)
m4_divert(0)m4_dnl
KERNEL_HEAD
{
  EACH_RESULT
  SPLIT(i, o, OUT_C, ow, OUT_W, oh, OUT_H, od, OUT_D, s, BATCH)
  const ELEMENT *const px = x + (size_t) s * m4_eval(IN_D * IN_H * IN_W) * IN_C + o / GROUP_OUT * GROUP_IN;
  float r = w[BIAS_AT + o];
  for (int kd = 0; kd < K_D; kd++)
    for (int kh = 0; kh < K_H; kh++)
      for (int kw = 0; kw < K_W; kw++)
        {
          const int id = od * S_D - PAD_D + kd * DIL_D, ih = oh * S_H - PAD_H + kh * DIL_H;
          const int iw = ow * S_W - PAD_W + kw * DIL_W;
          if ((unsigned) id < IN_D && (unsigned) ih < IN_H && (unsigned) iw < IN_W)
            {
              const ELEMENT *const p = px + ((id * IN_H + ih) * IN_W + iw) * IN_C;
              const float *const q = w + ((kd * K_H + kh) * K_W + kw) * m4_eval(GROUP_IN * OUT_C) + o;
              #pragma unroll
              for (int c = 0; c < GROUP_IN; c++)
                r += VALUE(p[c]) * q[c * OUT_C];
            }
        }
  FINISH(r, o, i)
  y[i] = STORED(r);
}
