/* Bytes, strides and positions of tensor formats. */
#include "tensor_format.h"

#include <inttypes.h>
#include <string.h>

#include "base/util.h"

int64_t
shape_pixels (const struct shape *s)
{
  return s->dim[AXIS_D] * s->dim[AXIS_H] * s->dim[AXIS_W];
}

int64_t
shape_count (const struct shape *s)
{
  return s->c * shape_pixels (s);
}

char *
shape_text (const struct shape *s)
{
  const int64_t *d = s->dim;
  if (s->rank == 0)
    return mem_printf ("%" PRId64, s->c);
  if (s->rank == 2)
    return mem_printf ("%" PRId64 " x %" PRId64 " x %" PRId64, s->c, d[AXIS_H], d[AXIS_W]);
  return mem_printf ("%" PRId64 " x %" PRId64 " x %" PRId64 " x %" PRId64, s->c, d[AXIS_D], d[AXIS_H], d[AXIS_W]);
}

bool
shape_equal (const struct shape *a, const struct shape *b)
{
  return a->rank == b->rank && a->c == b->c && memcmp (a->dim, b->dim, sizeof a->dim) == 0;
}

const struct tensor_format format_dense = { .element = ELEMENT_F32, .layout = LAYOUT_PLANAR, .block = 1 };

int64_t
format_channels (const struct tensor_format *f, const struct shape *s)
{
  return round_up (s->c, f->block);
}

int64_t
format_lanes (const struct tensor_format *f, const struct shape *s)
{
  switch (f->layout)
    {
    case LAYOUT_BLOCKED:
      return f->block;
    case LAYOUT_CHANNELS_LAST:
      return format_channels (f, s);
    case LAYOUT_PLANAR:
      break;
    }
  return 1;
}

int64_t
format_groups (const struct tensor_format *f, const struct shape *s)
{
  return format_channels (f, s) / format_lanes (f, s);
}

int64_t
format_extent (const struct tensor_format *f, const struct shape *s, int axis)
{
  return f->halo_lo[axis] + s->dim[axis] + f->halo_hi[axis];
}

struct strides
format_strides (const struct tensor_format *f, const struct shape *s)
{
  struct strides t = { .pixel = format_lanes (f, s) };
  t.row = t.pixel * format_extent (f, s, AXIS_W);
  t.plane = t.row * format_extent (f, s, AXIS_H);
  t.block = t.plane * format_extent (f, s, AXIS_D);
  t.sample = t.block * format_groups (f, s);
  t.origin = f->halo_lo[AXIS_D] * t.plane + f->halo_lo[AXIS_H] * t.row + f->halo_lo[AXIS_W] * t.pixel;
  return t;
}

int64_t
format_elements (const struct tensor_format *f, const struct shape *s, int64_t batch)
{
  return batch * format_strides (f, s).sample;
}

double
format_elements_estimate (const struct tensor_format *f, const struct shape *s, int64_t batch)
{
  double n = (double) batch * (double) format_channels (f, s);
  for (int a = 0; a < AXES; a++)
    n *= (double) format_extent (f, s, a);
  return n;
}

int64_t
format_bytes (const struct tensor_format *f, const struct shape *s, int64_t batch)
{
  return format_elements (f, s, batch) * element_bytes (f->element);
}

int64_t
format_index (const struct strides *s, struct position p)
{
  return s->origin + p.n * s->sample + p.c / s->pixel * s->block + p.c % s->pixel + p.at[AXIS_D] * s->plane
         + p.at[AXIS_H] * s->row + p.at[AXIS_W] * s->pixel;
}

struct position
format_position (const struct tensor_format *f, const struct strides *s, int64_t index)
{
  return (struct position){ .n = index / s->sample,
                            .c = index % s->sample / s->block * s->pixel + index % s->pixel,
                            .at = { index % s->block / s->plane - f->halo_lo[AXIS_D],
                                    index % s->plane / s->row - f->halo_lo[AXIS_H],
                                    index % s->row / s->pixel - f->halo_lo[AXIS_W] } };
}
