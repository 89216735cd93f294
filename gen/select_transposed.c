/* Transposed convolution: its kernel's tables of phases, one per axis. */
#include <inttypes.h>

#include "phases.h"
#include "select_parts.h"

/* One axis of the phases, as the template's table: { taps, taps of the phases before, input of the first tap,
 * outputs }. CUT: at the borders some taps of whole rows meet the halo alone. Returns the sum of all phases' taps. */
static int64_t
set_axis (struct kernel *k, const struct window *w, int a, int64_t in, int64_t out)
{
  static const char *const axis[AXES] = { "D", "H", "W" };
  int64_t phases = phase_count (w, a, out), taps = 0, equal = -1, most = 0;
  struct text table = { 0 };
  bool cut = false;
  for (int64_t f = 0; f < phases; f++)
    {
      struct phase p = phase_of (w, a, out, f);
      text_printf (&table, "%s{ %" PRId64 ", %" PRId64 ", %" PRId64 ", %" PRId64 " }", f ? ", " : "", p.taps, taps,
                   p.taps ? p.first : 0, p.count);
      cut |= p.taps && (p.first < 0 || p.first + p.taps + p.count - 1 > in);
      equal = f == 0 || equal == p.taps ? p.taps : -1;
      taps += p.taps;
      most = p.count > most ? p.count : most;
    }
  set_int (k, "PHASES", axis[a], phases);
  set_int (k, "COUNT", axis[a], most);
  set_int (k, "TAPS", axis[a], equal); /* -1: not the same in all phases */
  set_int (k, "ALL_TAPS", axis[a], taps);
  set_int (k, "CUT", axis[a], cut && a != AXIS_W);
  set_text (k, mem_printf ("TABLE_%s", axis[a]), table.s);
  return taps;
}

struct kernel *
select_transposed (const struct graph *g, const struct node *n, const struct target *target)
{
  struct kernel *k = kernel_new (g, n, "conv_transposed");
  const struct tensor *in = &g->tensors[n->in[0]], *out = &g->tensors[n->out];
  int64_t taps = 1;
  for (int a = 0; a < AXES; a++)
    taps *= set_axis (k, &n->win, a, in->shape.dim[a], out->shape.dim[a]);
  set_int (k, "S", "D", n->win.stride[AXIS_D]);
  set_int (k, "S", "H", n->win.stride[AXIS_H]);
  set_int (k, "S", "W", n->win.stride[AXIS_W]);
  k->packing = PACK_TRANSPOSED;
  k->weight_floats = taps * in->shape.c * blocks (out->shape.c) * BLOCK;
  set_int (k, "LAST_CHANNELS", NULL, in->shape.c - (blocks (in->shape.c) - 1) * BLOCK);
  set_epilogue (k, g, n);
  set_residual (k, g, n->ep.residual);
  k->of_target = true;
  set_tile (k, &target->single);
  set_tiles (k, "TILE", ceil_div (out->shape.dim[AXIS_W], n->win.stride[AXIS_W]), target->single.pixels);
  k->of_target = false;
  int rank = in->shape.rank;
  name_kernel (k, g, n, mem_printf ("deconv%s%s", window_name (rank, n->win.kernel), stride_name (rank, n->win.stride)),
               n->type);
  k->reason = "a dense convolution for each output phase";
  return k;
}
