/* Arrays of any element type and order as the floats that networks read. */
#include "elements.h"

#include <string.h>

/* What the threads' shares have to know. */
struct reading
{
  float *to;
  const struct rescast_elements *e;
  const struct rescast_info *info;
  const ptrdiff_t *strides; /* of samples, channels, planes, rows and pixels */
};

static const size_t sizes[] = {
  [RESCAST_FLOAT32] = 4, [RESCAST_FLOAT16] = 2, [RESCAST_BFLOAT16] = 2, [RESCAST_INT8] = 1,    [RESCAST_UINT8] = 1,
  [RESCAST_INT32] = 4,   [RESCAST_UINT16] = 2,  [RESCAST_INT16] = 2,    [RESCAST_FLOAT64] = 8,
};

/* A row of elements of TYPE; with AS, the one at p as a float. Its own loop for those side by side makes vectors. */
#define READ_ROW(type, as)                                                                                             \
  do                                                                                                                   \
    {                                                                                                                  \
      type v;                                                                                                          \
      if (step == sizeof v)                                                                                            \
        for (int i = 0; i < width; i++)                                                                                \
          {                                                                                                            \
            memcpy (&v, from + sizeof v * (size_t) i, sizeof v);                                                       \
            to[i] = as;                                                                                                \
          }                                                                                                            \
      else                                                                                                             \
        for (int i = 0; i < width; i++)                                                                                \
          {                                                                                                            \
            memcpy (&v, from + step * i, sizeof v);                                                                    \
            to[i] = as;                                                                                                \
          }                                                                                                            \
    }                                                                                                                  \
  while (0)

static void
read_row (float *to, const char *from, int width, ptrdiff_t step, int element)
{
  switch (element)
    {
    case RESCAST_FLOAT32:
      READ_ROW (float, v);
      break;
    case RESCAST_UINT8:
      READ_ROW (uint8_t, (float) v);
      break;
    case RESCAST_INT8:
      READ_ROW (int8_t, (float) v);
      break;
    case RESCAST_UINT16:
      READ_ROW (uint16_t, (float) v);
      break;
    case RESCAST_INT16:
      READ_ROW (int16_t, (float) v);
      break;
    case RESCAST_INT32:
      READ_ROW (int32_t, (float) v);
      break;
    case RESCAST_FLOAT64:
      READ_ROW (double, (float) v);
      break;
    default: /* floats of 16 bits */
      READ_ROW (uint16_t, rescast_element_value (&v, 0, element));
      break;
    }
}

/* (x / scale - mean) / std in one multiplication and addition, in double, as the classifier program does. */
static void
prepare_row (float *row, int width, const struct rescast_info *info, int c)
{
  /* floats are chosen, then widened: assemblers for Cortex-M55 know no conditional form of that */
  const float scale = info->scale == 0 ? 1 : info->scale, s = info->std ? info->std[c] : 1;
  const double std = s, mean = info->mean ? info->mean[c] : 0;
  const double mul = 1 / (scale * std), add = 0 - mean / std;
  for (int i = 0; i < width; i++)
    row[i] = (float) (row[i] * mul + add);
}

void
rescast_elements_row (float *to, const struct rescast_elements *e, const char *from, int width, ptrdiff_t step,
                      const struct rescast_info *info, int c)
{
  read_row (to, from, width, step, e->element);
  if (e->prepare)
    prepare_row (to, width, info, c);
}

static void
read_share (void *arg, int phase, struct rescast_part t, int n, int caller)
{
  const struct reading *r = arg;
  const int *shape = r->info->input_shape, width = shape[3];
  int first, last;
  (void) phase, (void) caller;
  rescast_share (r->info->batch * shape[0] * shape[1] * shape[2], t, n, &first, &last);
  for (int i = first; i < last; i++)
    {
      const int h = i % shape[2], d = i / shape[2] % shape[1], c = i / shape[2] / shape[1] % shape[0];
      const int s = i / shape[2] / shape[1] / shape[0];
      const char *from = (const char *) r->e->data + s * r->strides[0] + c * r->strides[1] + d * r->strides[2]
                         + h * r->strides[3];
      float *to = r->to + (size_t) i * (size_t) width;
      rescast_elements_row (to, r->e, from, width, r->strides[4], r->info, c);
    }
}

int
rescast_elements_strides (const struct rescast_elements *e, const int shape[4], ptrdiff_t strides[5])
{
  if (!e || !e->data || e->element < 0 || e->element > RESCAST_FLOAT64)
    return RESCAST_EINVAL;
  if (!e->strides && e->layout != RESCAST_PLANAR && e->layout != RESCAST_CHANNELS_LAST)
    return RESCAST_EINVAL;
  const ptrdiff_t size = (ptrdiff_t) sizes[e->element], c = shape[0], d = shape[1], h = shape[2], w = shape[3];
  const ptrdiff_t last = e->layout == RESCAST_CHANNELS_LAST ? c : 1;
  const ptrdiff_t dense[] = { c * d * h * w * size, last > 1 ? size : d * h * w * size, h * w * last * size,
                              w * last * size, last * size };
  memcpy (strides, e->strides ? e->strides : dense, sizeof dense);
  return RESCAST_OK;
}

int
rescast_elements_read (float *to, const struct rescast_elements *e, const struct rescast_info *info,
                       struct rescast_pool *pool)
{
  static struct rescast_pool alone;
  ptrdiff_t strides[5];
  if (!to || !info || rescast_elements_strides (e, info->input_shape, strides))
    return RESCAST_EINVAL;
  struct reading r = { to, e, info, strides };
  rescast_pool_run (pool ? pool : &alone, 0, 0, NULL, read_share, &r);
  return RESCAST_OK;
}
