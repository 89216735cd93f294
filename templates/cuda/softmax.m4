m4_include(<|cuda/cuda.m4|>)m4_dnl
m4_divert(-1)
Softmax over the channels of every pixel, or its logarithm, the largest one subtracted first: a warp or a thread block,
TEAM threads, per pixel.
require(<|FUNCTION|>, <|COUNT|>, <|TEAM|>, <|X_WIDE|>, <|Y_WIDE|>, <|IN_C|>, <|LOGARITHM|>)
m4_define(<|WARPS|>, m4_eval(THREADS / 32))
ALL_WARPS(VAR, ROW, COMBINE): reduce VAR over the block's warps, in their order; the statement COMBINE adds the value of
warp i, which is in row ROW of the array parts.
m4_define(<|ALL_WARPS|>, <|IF(TEAM > 32, <|parts[$2][threadIdx.x / 32] = $1;
  __syncthreads ();
  $1 = parts[$2][0];
  for (int i = 1; i < WARPS; i++)
    $3|>)|>)
m4_divert(0)m4_dnl
KERNEL_HEAD
{
  IF(TEAM > 32, <|__shared__ float parts[2][WARPS];
  const int member = threadIdx.x, i = blockIdx.x;
  BEGIN|>, <|const int member = threadIdx.x % 32, i = blockIdx.x * WARPS + threadIdx.x / 32;
  BEGIN
  if (i >= COUNT)
    return;|>)
  const X_TYPE *const p = x + (size_t) i * IN_C;
  float most = XVALUE(p[0]), sum = 0;
  for (int c = member; c < IN_C; c += TEAM)
    most = fmaxf (most, XVALUE(p[c]));
  for (int step = 16; step > 0; step /= 2)
    most = fmaxf (most, __shfl_xor_sync (0xffffffff, most, step));
  ALL_WARPS(most, 0, <|most = fmaxf (most, parts[0][i]);|>)
  for (int c = member; c < IN_C; c += TEAM)
    sum += expf (XVALUE(p[c]) - most);
  SUM_OVER(sum, 16)
  ALL_WARPS(sum, 1, <|sum += parts[1][i];|>)
  IF(LOGARITHM, <|sum = logf (sum);|>)
  for (int c = member; c < IN_C; c += TEAM)
    y[(size_t) i * IN_C + c] = YSTORED(<|IF(LOGARITHM, <|XVALUE(p[c]) - most - sum|>, m4_dnl
<|expf (XVALUE(p[c]) - most) / sum|>)|>);
}
