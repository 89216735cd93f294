/* Parameters by name: what is missing, what is left over, what has another shape. */
#include "bind.h"

#include <string.h>

#include "check_values.h"
#include "standardize.h"
#include "fit.h"
#include "match.h"
#include "wrappers.h"

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

/* Why P is not there, when something else stands under its name. */
static const char *
made_by_class (const struct param *p, const struct weights *w)
{
  struct unwrapped off[WRAPPERS_MAX + 1];
  size_t n = strlen (p->name);
  for (size_t i = 0; i < w->object_count; i++)
    {
      const char *name = w->objects[i].name;
      size_t length = strlen (name);
      if (length < n || strcmp (name + length - n, p->name))
        continue;
      for (int k = wrappers_off (name, off) - 1; k >= 0; k--)
        if (!strcmp (off[k].rest, p->name))
          return mem_printf (" (%s is made by %s, which is not read)", name, w->objects[i].maker);
    }
  return "";
}

/* NOTE: more words on it, or nothing. */
static void
complain_missing (struct complaints *missing, const struct param *p, const char *note)
{
  complain (missing, mem_printf ("%s %s%s", p->name, dims_text (p->rank, p->shape), note));
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
      complain_missing (missing, g->params[i], mem_printf (" [the file has %s]", there->name));
}

static void
bind_one (const struct graph *g, struct param *p, struct weights *w, const struct named *found,
          struct complaints *missing, struct complaints *misshapen)
{
  if (!found)
    {
      const char *why = made_by_class (p, w);
      const char *asked = p->wanted_by ? mem_printf (" [%s asks for it]", p->wanted_by) : "";
      if (!p->optional || *why)
        complain_missing (missing, p, *why ? why : asked);
      return;
    }
  weights_load (w, found->tensor);
  const char *wrong = fit_value (g, p, w, found->tensor);
  if (wrong)
    complain (misshapen, wrong);
  p->value = found->tensor;
}

static void
complain_extra (const struct matching *m, struct complaints *extra)
{
  for (size_t i = 0; i < m->count; i++)
    {
      const struct weight *t = m->list[i].tensor;
      if (m->list[i].extra)
        complain (extra, mem_printf ("%s %s", t->name, dims_text (t->rank, t->shape)));
    }
}

void
bind_weights (struct graph *g, struct weights *w, const struct weights_use *use)
{
  struct complaints missing = { 0 }, extra = { 0 }, misshapen = { 0 };
  struct matching m = match_weights (g, w, use ? use : &(struct weights_use){ 0 });
  match_head (g, &m);
  for (int i = 0; i < g->param_count; i++)
    bind_one (g, g->params[i], w, m.of_param[i], &missing, &misshapen);
  bind_all_or_none (g, &missing);
  complain_extra (&m, &extra);
  struct text t = { 0 };
  report (&t, "missing:", &missing);
  report (&t, "wrong shape:", &misshapen);
  report (&t, "not of this network:", &extra);
  if (extra.count)
    text_add (&t, " (--ignore PATTERN passes over what is not needed)");
  if (missing.count)
    text_add (&t, m.hint);
  if (t.n)
    fatal ("%s: the weights do not fit network %s; %s", w->path, g->name, t.s);
  g->weights_path = w->path;
  check_values (g);
  standardize_params (g);
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
