/* Memory between pages that cannot be touched, and tensors in it. */
#include "verify_internal.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>


/* Address space on either side that holds nothing. */
#if SIZE_MAX > UINT32_MAX
#define GUARD ((size_t) 16 << 20)
#else
#define GUARD ((size_t) 64 << 10)
#endif

static unsigned char
pattern (size_t i)
{
  return (unsigned char) (0xa5 ^ (i * 31));
}

/* The bytes of the pages around the data. */
static size_t
front_bytes (const struct guarded *m)
{
  return (size_t) (m->data - m->pages);
}

static size_t
back_bytes (const struct guarded *m)
{
  return m->pages_bytes - front_bytes (m) - m->bytes;
}

struct guarded
guarded_new (size_t bytes, size_t alignment)
{
  size_t page = (size_t) sysconf (_SC_PAGESIZE), rounded, all;
  if (!add_size (bytes, alignment + page, &rounded) || !add_size (rounded, 2 * GUARD + page, &all))
    fatal ("out of memory (%zu bytes)", bytes);
  rounded = (bytes + alignment - 1) / alignment * alignment;
  struct guarded m = { .bytes = bytes, .pages_bytes = (rounded + page - 1) / page * page };
  unsigned char *space
      = mmap (NULL, m.pages_bytes + 2 * GUARD, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (space != MAP_FAILED && m.pages_bytes)
    m.pages
        = mmap (space + GUARD, m.pages_bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  if (space == MAP_FAILED || m.pages == MAP_FAILED)
    fatal ("out of memory (%zu bytes): %s", bytes, strerror (errno));
  if (!m.pages_bytes)
    m.pages = space + GUARD;
  m.data = m.pages + m.pages_bytes - rounded;
  guarded_repaint (&m);
  memset (m.data, 0xff, bytes); /* as floats: NaN, so that nothing relies on memory that comes zeroed */
  return m;
}

void
guarded_free (struct guarded *m)
{
  if (m->pages)
    munmap (m->pages - GUARD, m->pages_bytes + 2 * GUARD);
  *m = (struct guarded){ 0 };
}

void
guarded_protect (const struct guarded *m)
{
  mprotect (m->pages, m->pages_bytes, PROT_READ);
}

bool
guarded_near (const struct guarded *m, uintptr_t address)
{
  uintptr_t first = (uintptr_t) m->pages - GUARD;
  return m->pages && address >= first && address - first < m->pages_bytes + 2 * GUARD;
}

bool
guarded_broken (const struct guarded *m, int64_t *offset)
{
  size_t front = front_bytes (m);
  for (size_t i = 0; i < back_bytes (m); i++)
    if (m->data[m->bytes + i] != pattern (i))
      {
        *offset = (int64_t) (m->bytes + i);
        return true;
      }
  for (size_t i = 0; i < front; i++)
    if (m->pages[front - 1 - i] != pattern (i))
      {
        *offset = -1 - (int64_t) i;
        return true;
      }
  return false;
}

void
guarded_repaint (const struct guarded *m)
{
  size_t front = front_bytes (m);
  for (size_t i = 0; i < back_bytes (m); i++)
    m->data[m->bytes + i] = pattern (i);
  for (size_t i = 0; i < front; i++)
    m->pages[front - 1 - i] = pattern (i);
}

static struct view
view_of (const struct graph *g, const struct shape *shape, const struct tensor_format *f, void *start)
{
  return (struct view){ .start = start,
                        .bytes = (size_t) format_bytes (f, shape, g->batch),
                        .n = g->batch,
                        .shape = *shape,
                        .format = *f,
                        .strides = format_strides (f, shape) };
}

struct view
view_of_tensor (const struct graph *g, int tensor, void *arena)
{
  const struct tensor *t = &g->tensors[tensor];
  return view_of (g, &t->shape, &t->format, (unsigned char *) arena + t->offset);
}

struct view
view_of_array (const struct graph *g, const struct shape *shape, float *array)
{
  return view_of (g, shape, &format_dense, array);
}

int64_t
view_at (const struct view *v, int64_t n, int64_t c, int64_t d, int64_t h, int64_t w)
{
  return format_index (&v->strides, (struct position){ n, c, { d, h, w } });
}

float
view_get (const struct view *v, int64_t at)
{
  return (float) element_get (v->start, at, v->format.element);
}

void
view_set (const struct view *v, int64_t at, double value)
{
  element_set (v->start, at, value, v->format.element);
}

static bool
inside (const struct view *v, int axis, int64_t i)
{
  const int64_t at = i - v->format.halo_lo[axis];
  return at >= 0 && at < v->shape.dim[axis];
}

int64_t
view_stain (const struct view *v, bool channels, float *value)
{
  const int64_t lanes = v->strides.pixel, groups = format_groups (&v->format, &v->shape);
  int64_t extent[AXES], first = -1, at = 0;
  for (int a = 0; a < AXES; a++)
    extent[a] = format_extent (&v->format, &v->shape, a);
  for (int64_t group = 0; group < v->n * groups; group++)
    for (int64_t d = 0; d < extent[AXIS_D]; d++)
      for (int64_t h = 0; h < extent[AXIS_H]; h++)
        for (int64_t w = 0; w < extent[AXIS_W]; w++, at += lanes)
          {
            bool data = inside (v, AXIS_D, d) && inside (v, AXIS_H, h) && inside (v, AXIS_W, w);
            int64_t used = v->shape.c - group % groups * lanes;
            for (int64_t i = !data ? 0 : used < lanes && channels ? used : lanes; i < lanes; i++)
              if (!(view_get (v, at + i) == 0)) /* NaN is a stain too */
                {
                  *value = first < 0 ? view_get (v, at + i) : *value;
                  first = first < 0 ? at + i : first;
                  view_set (v, at + i, 0);
                }
          }
  return first;
}

char *
view_where (const struct view *v, int64_t at)
{
  const struct position p = format_position (&v->format, &v->strides, at);
  return mem_printf ("(%lld, %lld, %lld, %lld, %lld)", (long long) p.n, (long long) p.c, (long long) p.at[AXIS_D],
                     (long long) p.at[AXIS_H], (long long) p.at[AXIS_W]);
}

bool
view_overlaps (const struct view *a, const struct view *b)
{
  return a->start < b->start + b->bytes && b->start < a->start + a->bytes;
}

double *
view_read (const struct view *v)
{
  const int64_t *dim = v->shape.dim;
  double *values = heap_array ((size_t) (v->n * shape_count (&v->shape)), sizeof *values), *to = values;
  for (int64_t n = 0; n < v->n; n++)
    for (int64_t c = 0; c < v->shape.c; c++)
      for (int64_t d = 0; d < dim[AXIS_D]; d++)
        for (int64_t h = 0; h < dim[AXIS_H]; h++)
          for (int64_t w = 0; w < dim[AXIS_W]; w++)
            *to++ = view_get (v, view_at (v, n, c, d, h, w));
  return values;
}

void
view_randomize (const struct view *v, struct random *random, double lo, double hi)
{
  const int64_t *dim = v->shape.dim;
  for (int64_t n = 0; n < v->n; n++)
    for (int64_t c = 0; c < v->shape.c; c++)
      for (int64_t d = 0; d < dim[AXIS_D]; d++)
        for (int64_t h = 0; h < dim[AXIS_H]; h++)
          for (int64_t w = 0; w < dim[AXIS_W]; w++)
            view_set (v, view_at (v, n, c, d, h, w), lo + (hi - lo) * random_uniform (random));
}

/* Of one layer NaN alone, infinities alone, or both. */
static double
special (struct random *random, int kind, bool has_sign)
{
  bool nan = kind == 0 || (kind == 2 && random_uniform (random) < 0.5);
  return nan ? (double) NAN : has_sign && random_uniform (random) < 0.5 ? -(double) INFINITY : (double) INFINITY;
}

void
view_sprinkle (const struct view *v, struct random *random, double every, bool has_sign)
{
  const struct tensor_format *f = &v->format;
  const bool padding = f->layout == LAYOUT_BLOCKED && !format_pads_with_zeros (f);
  const int64_t *dim = v->shape.dim, last = padding ? format_channels (f, &v->shape) : v->shape.c;
  int kind = (int) (3 * random_uniform (random));
  for (int64_t n = 0; n < v->n; n++)
    for (int64_t c = 0; c < last; c++)
      for (int64_t d = 0; d < dim[AXIS_D]; d++)
        for (int64_t h = 0; h < dim[AXIS_H]; h++)
          for (int64_t w = 0; w < dim[AXIS_W]; w++)
            if (c >= v->shape.c)
              view_set (v, view_at (v, n, c, d, h, w), (double) NAN);
            else if (random_uniform (random) * every < 1)
              view_set (v, view_at (v, n, c, d, h, w), special (random, kind, has_sign));
}

void
view_poison (const struct view *v)
{
  memset (v->start, 0xff, v->bytes);
}
