#include "view.h"

#include <assert.h>
#include <string.h>

size_t
weights_view_count (const struct weights_view *v)
{
  return v->weights->count;
}

const char *
weights_view_name (const struct weights_view *v, size_t i)
{
  assert (i < v->weights->count);
  return v->weights->list[i].name;
}

int
weights_view_shape (const struct weights_view *v, size_t i, int64_t shape[WEIGHT_MAX_RANK])
{
  assert (i < v->weights->count);
  const struct weight *w = &v->weights->list[i];
  const bool turned = w->keras && w->rank > 1;
  for (int a = 0; a < w->rank; a++)
    shape[a] = w->shape[!turned ? a : a < 2 ? w->rank - 1 - a : a - 2];
  return w->rank;
}

int64_t
weights_view_find (const struct weights_view *v, const char *name)
{
  const struct weight *w = weights_find (v->weights, name);
  return w ? w - v->weights->list : -1;
}
