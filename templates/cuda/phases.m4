/* The output's phases along each axis. */
struct FUNCTION<||>_phase
{
  int taps, before; /* taps of the phases before */
  int first, count; /* input of the first output's first tap; outputs */
};
static __constant__ FUNCTION<||>_phase FUNCTION<||>_d[] = { TABLE_D };
static __constant__ FUNCTION<||>_phase FUNCTION<||>_h[] = { TABLE_H };
static __constant__ FUNCTION<||>_phase FUNCTION<||>_w[] = { TABLE_W };

m4_define(<|PHASES_OF_BLOCK|>, <|const int fw = blockIdx.z % PHASES_W, fh = blockIdx.z / PHASES_W % PHASES_H, fd = blockIdx.z / m4_eval(PHASES_W * PHASES_H);
  const FUNCTION<||>_phase pd = FUNCTION<||>_d[fd], ph = FUNCTION<||>_h[fh], pw = FUNCTION<||>_w[fw];
  const int pixels = pd.count * ph.count * pw.count * BATCH, depth = pd.taps * ph.taps * pw.taps * $1;
  /* Phases stand one behind the other, W running fastest. */
  const int before = (pd.before * ALL_TAPS_H + pd.taps * ph.before) * ALL_TAPS_W + pd.taps * ph.taps * pw.before;|>)m4_dnl
