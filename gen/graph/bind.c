/* Parameters by name: what is missing, what is left over, what has another shape. */
#include "bind.h"

#include <string.h>

#include "matlab_order.h"

/* At most this many names of each kind are listed; the rest is counted. */
#define MAX_LISTED 8

struct complaints
{
  struct text list;
  int count;
};

static void
complain (struct complaints *c, const char *what)
{
  if (c->count < MAX_LISTED)
    text_printf (&c->list, "%s%s", c->count ? ", " : "", what);
  c->count++;
}

static void
report (struct text *out, const char *title, const struct complaints *c)
{
  if (!c->count)
    return;
  text_printf (out, "%s%s %s", out->n ? "; " : "", title, c->list.s);
  if (c->count > MAX_LISTED)
    text_printf (out, " and %d more", c->count - MAX_LISTED);
}

/* A tensor's name without what frameworks put around it. */
static const char *
bare_name (const char *name)
{
  return strncmp (name, "module.", 7) ? name : name + 7;
}

static bool
ignored (const char *name)
{
  static const char suffix[] = "num_batches_tracked";
  size_t n = strlen (name), m = sizeof suffix - 1;
  return n >= m && strcmp (name + n - m, suffix) == 0;
}

static bool
same_dims (const struct weight *w, int rank, const int64_t *shape)
{
  return w->rank == rank && memcmp (w->shape, shape, (size_t) rank * sizeof *shape) == 0;
}

/* Input statistics may be given per element, (C, [D,] H, W). */
static bool
fits_per_element (const struct graph *g, const struct param *p, const struct weight *w)
{
  const struct shape *s = &g->tensors[g->nodes[0].out].shape;
  int64_t shape[1 + AXES] = { s->c };
  memcpy (shape + 1, s->dim + AXES - s->rank, (size_t) s->rank * sizeof *shape);
  return p->per_element && same_dims (w, 1 + s->rank, shape);
}

static bool
fits (const struct graph *g, const struct param *p, const struct weight *w)
{
  if (same_dims (w, p->rank, p->shape) || fits_per_element (g, p, w))
    return true;
  if (p->or_count && same_dims (w, 1, &p->or_count))
    return true;
  /* a single value for one channel, as some writers store it */
  return p->rank == 1 && p->shape[0] == 1 && w->rank == 0;
}

static const struct weight *
find (const struct weights *w, const char *name)
{
  const struct weight *t = weights_find (w, name);
  return t ? t : weights_find (w, mem_printf ("module.%s", name));
}

/* WHY: … it must be there though such parameters may be missing, or NULL. */
static void
complain_missing (struct complaints *missing, const struct param *p, const char *why)
{
  complain (missing, mem_printf ("%s %s%s%s%s", p->name, dims_text (p->rank, p->shape), why ? " [" : "", why ? why : "",
                                 why ? "]" : ""));
}

/* Parameters that the file may lack, but not some of them. */
static void
bind_all_or_none (const struct graph *g, struct complaints *missing)
{
  const struct param *there = NULL;
  for (int i = 0; !there && i < g->param_count; i++)
    if (g->params[i]->all_or_none && g->params[i]->value)
      there = g->params[i];
  for (int i = 0; there && i < g->param_count; i++)
    if (g->params[i]->all_or_none && !g->params[i]->value)
      complain_missing (missing, g->params[i], mem_printf ("the file has %s", there->name));
}

static void
bind_one (const struct graph *g, struct param *p, struct weights *w, struct complaints *missing,
          struct complaints *misshapen)
{
  const struct weight *t = find (w, p->name);
  if (!t && p->optional)
    return;
  const char *wrong = t && t->matlab ? matlab_order (g, p, w, t) : NULL;
  if (!t)
    complain_missing (missing, p, p->wanted_by ? mem_printf ("%s asks for it", p->wanted_by) : NULL);
  else if (wrong)
    complain (misshapen, wrong);
  else if (!fits (g, p, t))
    complain (misshapen, mem_printf ("%s is %s, not %s", t->name, dims_text (t->rank, t->shape),
                                     dims_text (p->rank, p->shape)));
  p->value = t;
}

/* A set of parameter names, open addressing. */
struct names
{
  const char **slot;
  size_t size;
};

static size_t
find_slot (const struct names *set, const char *name)
{
  size_t i = hash_bytes (HASH_START, name, strlen (name)) & (set->size - 1);
  while (set->slot[i] && strcmp (set->slot[i], name))
    i = (i + 1) & (set->size - 1);
  return i;
}

static struct names
param_names (const struct graph *g)
{
  struct names set = { .size = 64 };
  while (set.size < 2 * (size_t) g->param_count)
    set.size *= 2;
  set.slot = NEW_ARRAY (set.size, const char *);
  for (int i = 0; i < g->param_count; i++)
    set.slot[find_slot (&set, g->params[i]->name)] = g->params[i]->name;
  return set;
}

void
bind_weights (struct graph *g, struct weights *w)
{
  struct complaints missing = { 0 }, extra = { 0 }, misshapen = { 0 };
  struct names known = param_names (g);
  for (int i = 0; i < g->param_count; i++)
    bind_one (g, g->params[i], w, &missing, &misshapen);
  bind_all_or_none (g, &missing);
  for (size_t i = 0; i < w->count; i++)
    {
      const char *name = bare_name (w->list[i].name);
      if (!ignored (name) && !known.slot[find_slot (&known, name)])
        complain (&extra, mem_printf ("%s %s", w->list[i].name, dims_text (w->list[i].rank, w->list[i].shape)));
    }
  struct text t = { 0 };
  report (&t, "missing:", &missing);
  report (&t, "wrong shape:", &misshapen);
  report (&t, "not of this network:", &extra);
  if (t.n)
    fatal ("%s: the weights do not fit network %s; %s", w->path, g->name, t.s);
}

void
bind_zeros_as (struct param *p, int rank, const int64_t *shape)
{
  struct weight *w = NEW (struct weight);
  *w = (struct weight){ .name = p->name, .dtype = DTYPE_F32, .rank = rank, .count = 1 };
  for (int a = 0; a < rank; a++)
    {
      w->shape[a] = shape[a];
      if (shape[a] < 1 || !mul_size (w->count, (size_t) shape[a], &w->count) || w->count > (size_t) 1 << 32)
        fatal ("the parameter %s has the impossible shape %s", p->name, dims_text (rank, shape));
    }
  if (rank <= 1)
    w->data = NEW_ARRAY (w->count, float);
  p->value = w;
}

void
bind_zeros (struct param *p)
{
  bind_zeros_as (p, p->rank, p->shape);
}
