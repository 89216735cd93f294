/* Where a reshape reads its elements: indices as C expressions of an element's number. */
#include "plan_groups.h"

#include <inttypes.h>

/* R with axes that stand next to each other, and are gone through so, as one. */
static struct element_order
merged (const struct element_order *r)
{
  struct element_order m = { 0 };
  int to[READ_MAX_AXES] = { 0 };
  bool joined[READ_MAX_AXES] = { false };
  for (int k = 1; k < r->axes; k++)
    joined[r->order[k]] = r->order[k] == r->order[k - 1] + 1;
  for (int a = 0; a < r->axes; a++)
    {
      if (!joined[a])
        m.extent[m.axes++] = 1;
      to[a] = m.axes - 1;
      m.extent[to[a]] *= r->extent[a];
    }
  for (int k = 0, i = 0; k < r->axes; k++)
    if (!joined[r->order[k]])
      m.order[i++] = to[r->order[k]];
  return m;
}

/* The index along the axis ORDER[K] of element NUMBER, "f" or "at". */
static const char *
index_text (const struct element_order *r, int k, const char *number)
{
  int64_t step = 1;
  for (int i = k + 1; i < r->axes; i++)
    step *= r->extent[r->order[i]];
  const int64_t extent = r->extent[r->order[k]];
  bool first = true;
  for (int i = 0; i < k; i++)
    first = first && r->extent[r->order[i]] == 1;
  const char *quotient = step > 1 ? mem_printf ("%s / %" PRId64, number, step) : number;
  return first ? quotient : mem_printf ("%s %% %" PRId64, quotient, extent);
}

/* The sum of the indices of the axes from FIRST to LAST, each by its stride: what they are together. */
static const char *
joined_text (const struct element_order *r, int first, int last)
{
  struct text t = { 0 };
  int64_t stride = 1;
  for (int a = last; a >= first; a--)
    {
      int k = 0;
      while (r->order[k] != a)
        k++;
      if (r->extent[a] == 1)
        continue;
      const char *index = index_text (r, k, "f");
      text_printf (&t, "%s%s", t.n ? " + " : "", index);
      if (stride > 1)
        text_printf (&t, " * %" PRId64, stride);
      stride *= r->extent[a];
    }
  return t.n ? t.s : "none";
}

/* Does each axis of the tensor consist of whole axes of R? FIRST, LAST: which ones. */
static bool
whole_axes (const struct element_order *r, const int64_t extent[AXES + 1], int first[AXES + 1], int last[AXES + 1])
{
  int a = 0;
  for (int i = 0; i < AXES + 1; i++)
    {
      int64_t count = 1;
      first[i] = a;
      while (a < r->axes && count < extent[i])
        count *= r->extent[a++];
      if (count != extent[i])
        return false;
      last[i] = a - 1;
    }
  return true;
}

/* R with each of its axes cut where an axis of the tensor ends, as far as that goes. */
static struct element_order
refined (const struct element_order *r, const int64_t extent[AXES + 1])
{
  struct element_order n = { 0 };
  int from[READ_MAX_AXES], parts[READ_MAX_AXES], i = AXES;
  int64_t left = extent[AXES];
  struct element_order back = { 0 }; /* its axes, the last first */
  for (int a = r->axes - 1; a >= 0; a--)
    {
      int64_t rest = r->extent[a];
      parts[a] = 0;
      while (rest > 1)
        {
          while (left == 1 && i > 0)
            left = extent[--i];
          const int64_t part = rest % left == 0 ? left : rest;
          if (left % part || back.axes == READ_MAX_AXES)
            return *r;
          back.extent[back.axes++] = part;
          parts[a]++;
          rest /= part;
          left /= part;
        }
    }
  n.axes = back.axes;
  for (int a = 0; a < n.axes; a++)
    n.extent[a] = back.extent[n.axes - 1 - a];
  for (int a = 0, at = 0; a < r->axes; at += parts[a], a++)
    from[a] = at;
  for (int k = 0, to = 0; k < r->axes; k++)
    for (int p = 0; p < parts[r->order[k]]; p++)
      n.order[to++] = from[r->order[k]] + p;
  return n;
}

struct plan_gather
plan_gather_of (const struct node *n, const struct shape *from)
{
  const int64_t extent[AXES + 1] = { from->c, from->dim[AXIS_D], from->dim[AXIS_H], from->dim[AXIS_W] };
  const struct element_order read = merged (&n->read), r = refined (&read, extent);
  const char *text[AXES + 1];
  int first[AXES + 1], last[AXES + 1];
  if (whole_axes (&r, extent, first, last))
    {
      for (int i = 0; i < AXES + 1; i++)
        text[i] = joined_text (&r, first[i], last[i]);
      return (struct plan_gather){ "none", text[0], text[1], text[2], text[3] };
    }
  struct element_order whole = { .axes = AXES + 1, .order = { 0, 1, 2, 3 } };
  for (int i = 0; i < AXES + 1; i++)
    whole.extent[i] = extent[i];
  for (int i = 0; i < AXES + 1; i++)
    text[i] = extent[i] > 1 ? index_text (&whole, i, "at") : "none";
  return (struct plan_gather){ joined_text (&read, 0, read.axes - 1), text[0], text[1], text[2], text[3] };
}
