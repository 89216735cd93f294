m4_divert(-1)
Transposed convolution over blocks of channels in bf16: for each output phase a dense convolution of stride 1. A
register tile (pairs_tile.m4) is TILE_SIZE pixels of a plane of one phase in reading order; a phase's last tile computes
its last pixel again where pixels are missing. What is read beyond the input is its halo of zeros.
require(<|FUNCTION|>, <|BATCH|>, <|IN_C|>, <|IN_BLOCKS|>, <|IN_ORIGIN|>, <|IN_ROW|>, <|IN_PLANE|>, <|IN_BLOCK|>,
  <|IN_SAMPLE|>, <|OUT_ORIGIN|>, <|OUT_C|>, <|OUT_BLOCKS|>, <|S_D|>, <|S_H|>, <|S_W|>, <|PHASES_D|>, <|PHASES_H|>,
  <|PHASES_W|>, <|COUNT_D|>, <|COUNT_H|>, <|COUNT_W|>, <|ALL_TAPS_H|>, <|ALL_TAPS_W|>, <|TABLE_D|>, <|TABLE_H|>,
  <|TABLE_W|>, <|STEP_PAIRS|>, <|TILE_SIZE|>, <|TILE_COUNT|>)
m4_define(<|TILE_COUNT1|>, 0)
m4_include(<|cpu/pairs_tile.m4|>)
m4_define(<|TILES|>, TILE_COUNT)
m4_define(<|EACH_STEP|>, <|const bf16 *weights = first;
      LOOP(b, IN_BLOCKS)
      for (int kd = 0; kd < phase->taps_d; kd++)
        for (int kh = 0; kh < phase->taps_h; kh++)
          for (int kw = 0; kw < phase->taps_w; kw++, weights += STEP_WEIGHTS)
        {
          const int p = kd * IN_PLANE + kh * IN_ROW + kw * BLOCK<||>TERM(b, IN_BLOCKS, IN_BLOCK);
          const bf16 *q = weights;
          $1
        }|>)
m4_define(<|STEP_PARAMETERS|>, <|const struct phase_taps *phase, |>)
m4_define(<|STEP_ARGUMENTS|>, <|&phase, |>)

The place of plane d of a phase in the output or the residual.
m4_define(<|PLANE_OF_PHASE|>, <|ADD_OFFSET($1_ORIGIN)AT(s, BATCH, $1_SAMPLE)AT(o, OUT_BLOCKS, $1_BLOCK)m4_dnl
AT(fd, PHASES_D, $1_PLANE)AT(d, COUNT_D, m4_eval(S_D * $1_PLANE))AT(fh, PHASES_H, $1_ROW)AT(fw, PHASES_W, BLOCK)|>)
PHASE(AXIS, VAR): the phase's row of the table.
m4_define(<|PHASE|>, <|const struct phase *const p$2 = phases_$2<||>TERM(f$2, PHASES_$1, 1);|>)
m4_define(<|ARGUMENTS|>, <|(px, q, e<||>AT(o, OUT_BLOCKS, BLOCK), STEP_ARGUMENTS()&at, IF(HAS_R, <|pr, |>)py)|>)
m4_divert(0)m4_dnl
HEAD

/* One axis of an output phase: its filter's taps, those of the phases before it, the input that the first output's
   first tap meets, its outputs. */
struct phase
{
  int taps, before, first, count;
};

static const struct phase phases_d[] = { TABLE_D };
static const struct phase phases_h[] = { TABLE_H };
static const struct phase phases_w[] = { TABLE_W };

struct phase_taps
{
  int taps_d, taps_h, taps_w;
};
PIXELS_TYPE()m4_dnl
ALL_TILES()m4_dnl

/* Pixels of a phase's plane of that many rows and columns, from the number FIRST on; behind the last one there is it
   again. */
static void
find_pixels (struct pixels *at, int first, int rows, int columns)
{
  int h = first / columns, j = first % columns;
  for (int i = 0; i < TILE_SIZE; i++)
    {
      at->in[i] = h * IN_ROW + j * BLOCK;
      at->out[i] = h * m4_eval(S_H * OUT_ROW) + j * m4_eval(S_W * BLOCK);
      IF(HAS_R, <|at->res[i] = h * m4_eval(S_H * RES_ROW) + j * m4_eval(S_W * BLOCK);|>)
      if (j + 1 < columns)
        j++;
      else if (h + 1 < rows)
        {
          j = 0;
          h++;
        }
    }
}
CLEAR_HALO
PROTOTYPE
  const float *const e = weights;
  int first, last;
  CALL_CLEAR_HALO
  rescast_share (PRODUCT(BATCH, OUT_BLOCKS, PHASES_D, COUNT_D, PHASES_H, PHASES_W, TILES), t, n, &first, &last);
  for (int i = first; i < last; i++)
    {
      DECODE(i, p, TILES, fw, PHASES_W, fh, PHASES_H, d, COUNT_D, fd, PHASES_D, o, OUT_BLOCKS, s, BATCH)
      PHASE(D, d)
      PHASE(H, h)
      PHASE(W, w)
      struct pixels at;
      COMMENT(<|a phase may have a plane, a row or a column less than others|>)
      if (INDEX_OF(d, COUNT_D) >= pd->count || INDEX_OF(p, TILES)<||>BY(TILE_SIZE) >= ph->count * pw->count)
        continue;
      find_pixels (&at, INDEX_OF(p, TILES)<||>BY(TILE_SIZE), ph->count, pw->count);
      const struct phase_taps phase = { pd->taps, ph->taps, pw->taps };
      COMMENT(<|the steps of the phases before this one, and of the blocks of outputs before this one|>)
      const int before = pd->before<||>BY(m4_eval(ALL_TAPS_H * ALL_TAPS_W)) m4_dnl
+ pd->taps * (ph->before<||>BY(ALL_TAPS_W) + ph->taps * pw->before);
      const bf16 *q = w + ((size_t) before<||>BY(OUT_BLOCKS)<||>m4_dnl
AT(o, OUT_BLOCKS, <|(size_t) (pd->taps * ph->taps * pw->taps)|>)) * m4_eval(IN_BLOCKS * STEP_WEIGHTS);
      const IN_TYPE *px = x + (IF(IN_ORIGIN, <|IN_ORIGIN + |>)pd->first * IN_PLANE + ph->first * IN_ROW m4_dnl
+ pw->first * BLOCK)AT(s, BATCH, IN_SAMPLE)AT(d, COUNT_D, IN_PLANE);
      IF(HAS_R, <|const RES_TYPE *pr = residual<||>PLANE_OF_PHASE(<|RES|>);|>)
      OUT_TYPE *py = y<||>PLANE_OF_PHASE(<|OUT|>);
      CALL(TILE_SIZE)
    }
  IF(HAS_R, <||>, <|UNUSED(residual)|>)
}
