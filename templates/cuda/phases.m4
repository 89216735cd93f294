/* The polyphase decomposition of the output along each axis. */
struct FUNCTION<||>_phase
{
  int taps, before; /* the phase's taps, and those of the phases before it */
  int first, count; /* the input that the first output's first tap reads, and the phase's outputs */
};
static __constant__ FUNCTION<||>_phase FUNCTION<||>_d[] = { TABLE_D };
static __constant__ FUNCTION<||>_phase FUNCTION<||>_h[] = { TABLE_H };
static __constant__ FUNCTION<||>_phase FUNCTION<||>_w[] = { TABLE_W };

m4_divert(-1)
PHASES_OF_BLOCK(CHANNELS): declarations of the block's phase, the pixels and the depth of its product, and the taps
before its own in the matrix of weights, where phases lie one behind the other, W running fastest.
m4_define(<|PHASES_OF_BLOCK|>, <|const int fw = blockIdx.z % PHASES_W, fh = blockIdx.z / PHASES_W % PHASES_H;
  const int fd = blockIdx.z / m4_eval(PHASES_W * PHASES_H);
  const FUNCTION<||>_phase pd = FUNCTION<||>_d[fd], ph = FUNCTION<||>_h[fh], pw = FUNCTION<||>_w[fw];
  const int pixels = pd.count * ph.count * pw.count * BATCH, depth = pd.taps * ph.taps * pw.taps * $1;
  const int before = (pd.before * ALL_TAPS_H + pd.taps * ph.before) * ALL_TAPS_W + pd.taps * ph.taps * pw.before;|>)
m4_divert(0)m4_dnl
