/* fc, linear, classifier, head.fc: nothing but the shapes tells which layer is the last, and they do when only one
 * fits. */
#include <string.h>

#include "fit.h"
#include "match.h"

static bool
fits_head (const struct graph *g, const struct param *p, const struct weight *t)
{
  int64_t count = 1;
  for (int i = 0; i < p->rank; i++)
    count *= p->shape[i];
  return t->matlab || t->keras ? t->count == (size_t) count : fit_shape (g, p, t);
}

/* The extra tensor NAME.bias that goes with T, NAME.weight. */
static struct named *
bias_of (const struct matching *m, const struct named *t)
{
  size_t n = strlen (t->tensor->name) - strlen ("weight");
  for (size_t i = 0; i < m->count; i++)
    {
      const char *name = m->list[i].tensor->name;
      if (m->list[i].extra && !strncmp (name, t->tensor->name, n) && !strcmp (name + n, "bias"))
        return &m->list[i];
    }
  return NULL;
}

static bool
is_weight (const struct named *t)
{
  size_t n = strlen (t->name);
  return t->extra && n > strlen (".weight") && !strcmp (t->name + n - strlen (".weight"), ".weight");
}

void
match_head (const struct graph *g, struct matching *m)
{
  int weight = -1, bias = -1, fitting = 0;
  for (int i = 0; i < g->param_count; i++)
    if (g->params[i]->head)
      *(g->params[i]->rank == 2 ? &weight : &bias) = i;
  if (weight < 0 || bias < 0 || m->of_param[weight] || m->of_param[bias])
    return;
  struct named *found[2] = { NULL, NULL };
  for (size_t i = 0; i < m->count; i++)
    {
      struct named *t = &m->list[i], *b = NULL;
      if (is_weight (t) && fits_head (g, g->params[weight], t->tensor))
        b = bias_of (m, t);
      if (!b || !fits_head (g, g->params[bias], b->tensor))
        continue;
      fitting++;
      found[0] = t;
      found[1] = b;
    }
  if (fitting != 1)
    return;
  m->of_param[weight] = found[0];
  m->of_param[bias] = found[1];
  found[0]->extra = found[1]->extra = false;
}
