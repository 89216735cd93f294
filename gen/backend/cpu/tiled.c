#include "tiled.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- what there is ---- */

/* Add a row to R unless another one is as large everywhere; rows that it is as large as everywhere go. */
static void
add_row (struct tile_rows *r, int side, const double *row)
{
  int kept = 0;
  for (int i = 0; i < r->count; i++)
    {
      bool above = false, below = false;
      for (int k = 0; k < side; k++)
        {
          above |= row[k] > r->row[i][k];
          below |= row[k] < r->row[i][k];
        }
      if (!above)
        return;
      if (below)
        memmove (r->row[kept++], r->row[i], sizeof r->row[i]);
    }
  memcpy (r->row[kept], row, (size_t) side * sizeof *row);
  r->count = kept + 1;
}

static void
set_rows (struct tiled *t, int a)
{
  const struct winograd_data *d = &t->axis[a];
  for (int p = 0; p < d->m; p++)
    {
      double all[WINOGRAD_SIDE] = { 0 };
      for (int q = 0; q < d->side; q++)
        {
          double pixel[WINOGRAD_SIDE] = { 0 };
          for (int k = 0; k < d->side; k++)
            all[k] += pixel[k] = fabs (d->at[p][k] * d->bt[k][q]);
          add_row (&t->pixel[a], d->side, pixel);
        }
      add_row (&t->all[a], d->side, all);
    }
}

/* Extents of tiles: of a stem its phases', else what was chosen. */
static void
set_axes (struct tiled *t)
{
  t->positions = 1;
  for (int a = 0; a < AXES; a++)
    {
      bool along = t->n->kernel->order != &cpu_transposed_winograd_order || a != AXIS_D;
      t->axis[a] = winograd_data (t->stem_at ? t->stem.tile[a] : along ? t->n->choice.tile[a] : 1);
      t->positions *= t->axis[a].side;
      set_rows (t, a);
    }
}

static void
set_stem (struct tiled *t)
{
  const struct polyphase *p = &t->stem;
  polyphase_of (t->g, t->n, &t->stem);
  int positions = p->side[0] * p->side[1] * p->side[2];
  t->stem_at = heap_array ((size_t) (positions * p->channels), sizeof *t->stem_at);
  for (int i = 0; i < positions; i++)
    for (int64_t c = 0; c < p->channels; c++)
      {
        int at[AXES] = { i / (p->side[1] * p->side[2]), i / p->side[2] % p->side[1], i % p->side[2] };
        t->stem_at[i * p->channels + c] = polyphase_has (p, c, at) ? t->stem_lines++ : -1;
      }
}

struct tiled
tiled_of (const struct graph *g, const struct node *n, const float *packed)
{
  struct tiled t = { .g = g, .n = n, .data = node_weights (n, packed), .phases = 1, .variants = 1 };
  const struct shape *out = &g->tensors[n->out].shape;
  t.in_c = g->tensors[n->in[0]].shape.c;
  t.out_c = out->c;
  t.pairs = n->kernel->order == &cpu_strassen_order;
  if (t.pairs)
    {
      t.positions = STRASSEN_PRODUCTS;
      return t;
    }
  if (n->kernel->order == &cpu_stem_winograd_order)
    {
      set_stem (&t);
      t.variants = t.stem.channels / t.in_c;
    }
  if (n->kernel->order == &cpu_transposed_winograd_order)
    {
      for (int a = 0; a < AXES; a++)
        t.phases *= phase_count (&n->win, a, out->dim[a]);
      t.variants = phases_most_taps (&n->win, AXIS_D, out->dim[AXIS_D]);
    }
  set_axes (&t);
  return t;
}

void
tiled_free (struct tiled *t)
{
  free (t->stem_at);
  t->stem_at = NULL;
}

/* ---- packed weights ---- */

struct output_phase
output_phase (const struct tiled *t, int64_t f)
{
  struct output_phase p = { .base = 0 };
  const int64_t *dim = t->g->tensors[t->n->out].shape.dim, m = t->n->choice.tile[AXIS_W];
  const struct window *w = &t->n->win;
  int64_t d = phase_count (w, AXIS_D, dim[AXIS_D]), x = phase_count (w, AXIS_W, dim[AXIS_W]);
  if (t->n->kernel->order != &cpu_transposed_winograd_order)
    return p;
  for (int64_t i = 0; i <= f; i++)
    {
      const int64_t at[AXES] = { i % d, i / (d * x), i / d % x };
      p.base += p.kept * p.axis[AXIS_D].taps * t->in_c * BLOCK * ceil_div (t->out_c, BLOCK);
      for (int a = 0; a < AXES; a++)
        p.axis[a] = phase_of (w, a, dim[a], at[a]);
      for (int a = AXIS_H; a < AXES; a++)
        p.tiles[a] = phase_in_tiles (p.axis[a], phase_tiles (w, a, dim[a], m), m);
      p.kept = (p.tiles[AXIS_H].end - p.tiles[AXIS_H].from) * (p.tiles[AXIS_W].end - p.tiles[AXIS_W].from);
    }
  return p;
}

static void
transposed_filter (const struct tiled *t, const struct output_phase *p, int64_t o, int64_t c, int64_t v, double *u)
{
  int64_t step = p->axis[AXIS_D].taps * t->in_c * BLOCK, side = t->axis[AXIS_W].side;
  const float *at = t->data + p->base + o / BLOCK * p->kept * step + (v * t->in_c + c) * BLOCK + o % BLOCK;
  for (int64_t i = 0; i < t->positions; i++)
    u[i] = 0;
  for (int64_t h = p->tiles[AXIS_H].from; h < p->tiles[AXIS_H].end && v < p->axis[AXIS_D].taps; h++)
    for (int64_t w = p->tiles[AXIS_W].from; w < p->tiles[AXIS_W].end; w++, at += step)
      u[h * side + w] = fabs ((double) *at);
}

const float *
tiled_weights (const struct tiled *t, int64_t o, int64_t c, int64_t *step)
{
  int64_t channels = t->pairs ? t->in_c / 2 : t->in_c;
  if (t->stem_at || t->n->kernel->order == &cpu_transposed_winograd_order)
    return NULL;
  o = t->pairs ? o % (t->out_c / 2) : o;
  *step = channels * BLOCK;
  return t->data + o / BLOCK * t->positions * *step + c % channels * BLOCK + o % BLOCK;
}

static void
stem_filter (const struct tiled *t, int64_t o, int64_t c, int64_t v, double *u)
{
  const float *block = t->data + o / BLOCK * t->stem_lines * BLOCK + o % BLOCK;
  for (int64_t i = 0; i < t->positions; i++)
    {
      int64_t line = t->stem_at[i * t->stem.channels + v * t->in_c + c];
      u[i] = line < 0 ? 0 : fabs ((double) block[line * BLOCK]);
    }
}

void
tiled_filter (const struct tiled *t, const struct output_phase *p, int64_t o, int64_t c, int64_t v, double *u)
{
  int64_t step;
  const float *weights = tiled_weights (t, o, c, &step);
  if (t->stem_at)
    stem_filter (t, o, c, v, u);
  else if (!weights)
    transposed_filter (t, p, o, c, v, u);
  for (int64_t i = 0; weights && i < t->positions; i++)
    u[i] = fabs ((double) weights[i * step]);
}
