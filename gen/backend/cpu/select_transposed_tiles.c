/* Transposed convolutions of bf16 numbers by tile products, phase by phase. */
#include "backend/phases.h"
#include "plan_cpu.h"
#include "select_families.h"
#include "tiling.h"

/* Of all phases, since each has a line of a table. */
#define MOST_STEPS 8192

/* The numbers of a phase in PHASE_TABLE. */
enum
{
  FIRST,
  END,
  IN,
  OUT,
  RES,
  PLANES,
  ROWS,
  COLUMNS,
  NUMBERS
};

/* Phase (D, H, W) of node N's output. */
static void
phase_at (const struct graph *g, const struct node *n, const int64_t f[AXES], struct phase ph[AXES])
{
  for (int a = 0; a < AXES; a++)
    ph[a] = phase_of (&n->win, a, g->tensors[n->out].shape.dim[a], f[a]);
}

static void
phase_counts (const struct graph *g, const struct node *n, int64_t count[AXES])
{
  for (int a = 0; a < AXES; a++)
    count[a] = phase_count (&n->win, a, g->tensors[n->out].shape.dim[a]);
}

/* Do threads count all k-steps, STEPS of all phases for each plane and block of sums, in an int? */
static bool
cost_fits (const struct graph *g, const struct node *n, int64_t steps)
{
  const struct tensor *in = &g->tensors[n->in[0]];
  const int64_t *out = g->tensors[n->out].shape.dim, *stride = n->win.stride;
  double blocks
      = (double) ceil_div (out[AXIS_H], stride[AXIS_H]) * (double) format_extent (&in->format, &in->shape, AXIS_W);
  return (double) steps * (double) ceil_div (out[AXIS_D], stride[AXIS_D]) * (blocks / 32 + 1)
             * (double) (g->batch * graph_blocks (g, n->out))
         < 1 << 30;
}

bool
transposed_tiles_apply (const struct graph *g, const struct node *n)
{
  int64_t steps = graph_blocks (g, n->in[0]);
  for (int a = 0; a < AXES; a++)
    {
      int64_t out = g->tensors[n->out].shape.dim[a], sum = 0;
      for (int64_t f = 0; f < phase_count (&n->win, a, out); f++)
        {
          int64_t taps = phase_of (&n->win, a, out, f).taps;
          if (!taps) /* the bias alone */
            return false;
          sum += taps;
        }
      steps *= sum;
    }
  return n->groups == 1 && steps <= MOST_STEPS && cost_fits (g, n, steps);
}

/* From a phase's first tap to the inputs of its steps; returns the end. */
static int64_t *
steps_of_phase (const struct graph *g, const struct node *n, const struct phase ph[AXES], int64_t *at)
{
  const struct strides x = tensor_strides (&g->tensors[n->in[0]]);
  for (int64_t block = 0; block < graph_blocks (g, n->in[0]); block++)
    for (int64_t d = 0; d < ph[AXIS_D].taps; d++)
      for (int64_t h = 0; h < ph[AXIS_H].taps; h++)
        for (int64_t w = 0; w < ph[AXIS_W].taps; w++)
          *at++ = block * x.block + d * x.plane + h * x.row + w * x.pixel;
  return at;
}

/* To the phase F in the block of the tensor with strides S that sums go to. */
static int64_t
phase_place (const struct strides *s, const int64_t f[AXES])
{
  return s->origin + f[AXIS_D] * s->plane + f[AXIS_H] * s->row + f[AXIS_W] * s->pixel;
}

/* The row of PHASE_TABLE for phase F. */
static void
phase_row (const struct graph *g, const struct node *n, const int64_t f[AXES], const struct phase ph[AXES],
           int64_t *row)
{
  const struct strides x = tensor_strides (&g->tensors[n->in[0]]), y = tensor_strides (&g->tensors[n->out]);
  const int64_t input[AXES] = { ph[AXIS_D].first, ph[AXIS_H].first, ph[AXIS_W].first };
  row[IN] = phase_place (&x, input);
  row[OUT] = phase_place (&y, f);
  if (n->ep.residual >= 0)
    {
      const struct strides r = tensor_strides (&g->tensors[n->ep.residual]);
      row[RES] = phase_place (&r, f);
    }
  row[PLANES] = ph[AXIS_D].count;
  row[ROWS] = ph[AXIS_H].count;
  row[COLUMNS] = ph[AXIS_W].count;
}

/* ROWS rows of NUMBERS; without the number RES where no residual is added. */
static struct plan_table
phase_table (int64_t rows, int64_t *numbers, bool residual)
{
  int64_t *to = numbers;
  for (int64_t i = 0; i < rows * NUMBERS; i++)
    if (residual || i % NUMBERS != RES)
      *to++ = numbers[i];
  return (struct plan_table){ .rows = rows, .ints = NUMBERS - !residual, .i = numbers };
}

/* Fill in P's tables; the fewest steps of a phase, and those of all planes in *SUM. */
static int64_t
phase_tables (const struct graph *g, const struct node *n, struct cpu_conv_transposed_tiles *p, int64_t *sum)
{
  int64_t count[AXES], f[AXES] = { 0, 0, 0 }, least = MOST_STEPS;
  phase_counts (g, n, count);
  int64_t phases = count[0] * count[1] * count[2], *numbers = NEW_ARRAY ((size_t) (phases * NUMBERS), int64_t);
  int64_t *steps = NEW_ARRAY (MOST_STEPS, int64_t), *end = steps;
  *sum = 0;
  for (int64_t *row = numbers; row < numbers + phases * NUMBERS; row += NUMBERS, next_tap (f, count))
    {
      struct phase ph[AXES];
      phase_at (g, n, f, ph);
      phase_row (g, n, f, ph, row);
      row[FIRST] = end - steps;
      end = steps_of_phase (g, n, ph, end);
      row[END] = end - steps;
      least = row[END] - row[FIRST] < least ? row[END] - row[FIRST] : least;
      *sum += (row[END] - row[FIRST]) * row[PLANES];
    }
  p->table = phase_table (phases, numbers, n->ep.residual >= 0);
  p->step_at = (struct plan_table){ .rows = end - steps, .ints = 1, .i = steps };
  return least;
}

struct kernel *
select_transposed_tiles (const struct graph *g, const struct node *n)
{
  const struct shape *in = &g->tensors[n->in[0]].shape, *out = &g->tensors[n->out].shape;
  const struct weights_place w = weights_of (g, n);
  int64_t in_blocks = graph_blocks (g, n->in[0]);
  struct cpu_conv_transposed_tiles *p = plan_new (&cpu_conv_transposed_tiles_family);
  *p = (struct cpu_conv_transposed_tiles){ .io = plan_io_of (g, n),
                                           .d = plan_phases_of (&n->win, AXIS_D, in->dim[AXIS_D], out->dim[AXIS_D]),
                                           .h = plan_phases_of (&n->win, AXIS_H, in->dim[AXIS_H], out->dim[AXIS_H]),
                                           .w = plan_phases_of (&n->win, AXIS_W, in->dim[AXIS_W], out->dim[AXIS_W]),
                                           .s = plan_axes_of (n->win.stride),
                                           .pairs = in_blocks > 1 ? graph_block (g) / 2 : ceil_div (in->c, 2),
                                           .ep = w.ep,
                                           .res = plan_residual_of (g, n->ep.residual) };
  int64_t steps, least = phase_tables (g, n, p, &steps);
  p->tiling = tiling_of_phases (g, n, p->h.count, p->w.count, least);
  int64_t tiles = p->tiling.line_tiles, blocks = ceil_div (tiles, p->tiling.pixel_tiles);
  p->cost = steps * blocks * g->batch * graph_blocks (g, n->out);
  struct kernel *k = kernel_of_plan (n, &cpu_conv_transposed_tiles_family, p, &w);
  k->executed_macs = (double) (steps * tiles * p->tiling.rows) * (double) (2 * p->pairs * out->c);
  name_kernel (k, g, n,
               mem_printf ("deconv%s%s", window_name (in->rank, n->win.kernel), stride_name (in->rank, n->win.stride)),
               n->type);
  k->reason = "products of tiles for each output phase";
  return k;
}
