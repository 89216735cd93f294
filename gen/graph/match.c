/* Tensors' names against parameters' names.
 *
 * Words that wrappers.h knows come off a tensor's name until a parameter's is left. What came off is the tensor's
 * prefix: tensors of equal prefix are a group, and a group with every parameter that the network needs is complete. The
 * first rule that fits decides:
 *   1. complete groups, those that are no copies (moving averages) before those that are, those in a dictionary
 *      of their own before tensors beside such dictionaries; several must have equal values;
 *   2. without any, all groups that are no copies together: a backbone and a head with prefixes of their own;
 *   3. the copies together.
 * Other tensors in the dictionaries that the parameters come from are extra; other dictionaries are not looked at, nor
 * are other towers than the image's. */
#include "match_parts.h"

#include <stdlib.h>
#include <string.h>

#include "wrappers.h"

/* A tensor's name with PREFIX bytes off is a parameter's. */
struct match
{
  struct named *t;
  size_t prefix;
  int param;
  bool copy, other;
};

struct group
{
  const struct match *first; /* COUNT of them have the same prefix */
  size_t count;
  size_t base; /* bytes of the prefix that lead to the dictionary that all are in */
  bool complete, copy;
};

struct search
{
  const struct graph *g;
  struct weights *w;
  struct matching *m;
  struct match *matches;
  size_t match_count;
  struct group *groups;
  size_t group_count;
};

static int
compare_matches (const void *a, const void *b)
{
  const struct match *x = a, *y = b;
  if (x->prefix != y->prefix)
    return x->prefix < y->prefix ? -1 : 1;
  int c = memcmp (x->t->name, y->t->name, x->prefix);
  return c ? c : x->param != y->param ? (x->param > y->param) - (x->param < y->param) : x->other - y->other;
}

static void
find_matches (struct search *s, const struct name_table *names)
{
  struct unwrapped off[WRAPPERS_MAX + 1];
  size_t cap = 0;
  for (size_t i = 0; i < s->m->count; i++)
    {
      struct named *t = &s->m->list[i];
      int count = wrappers_off (t->name, off);
      for (int k = 0; k < count; k++)
        {
          const struct name_slot *slot = match_lookup (names, off[k].rest);
          if (!slot->name)
            continue;
          if (s->match_count == cap)
            {
              struct match *grown = NEW_ARRAY (cap = 2 * cap + 256, struct match);
              if (s->match_count)
                memcpy (grown, s->matches, s->match_count * sizeof *grown);
              s->matches = grown;
            }
          s->matches[s->match_count++]
            = (struct match){ t, (size_t) (off[k].rest - t->name), slot->param, off[k].copy, slot->other };
        }
    }
  if (s->match_count)
    qsort (s->matches, s->match_count, sizeof *s->matches, compare_matches);
}

static bool
needed (const struct param *p)
{
  return !p->optional && !p->head;
}

static size_t
base_of (const struct match *x)
{
  return x->t->container < x->prefix ? x->t->container : x->prefix;
}

static struct group
group_at (const struct search *s, size_t at)
{
  const struct match *first = &s->matches[at];
  struct group gr = { .first = first, .copy = first->copy, .base = base_of (first) };
  size_t found = 0, wanted = 0;
  int last = -1;
  for (size_t i = at; i < s->match_count; i++, gr.count++)
    {
      const struct match *x = &s->matches[i];
      if (x->prefix != first->prefix || memcmp (x->t->name, first->t->name, x->prefix))
        break;
      found += x->param != last && needed (s->g->params[x->param]);
      last = x->param;
      if (base_of (x) < gr.base)
        gr.base = base_of (x);
    }
  for (int i = 0; i < s->g->param_count; i++)
    wanted += needed (s->g->params[i]);
  gr.complete = found == wanted;
  return gr;
}

static void
find_groups (struct search *s)
{
  s->groups = NEW_ARRAY (s->match_count, struct group);
  for (size_t at = 0; at < s->match_count; at += s->groups[s->group_count - 1].count)
    {
      struct group gr = group_at (s, at);
      s->groups[s->group_count++] = gr;
    }
}

static bool
same_values (struct weights *w, const struct weight *a, const struct weight *b)
{
  if (a->source && a->source == b->source)
    return true;
  if (a->rank != b->rank || memcmp (a->shape, b->shape, (size_t) a->rank * sizeof *a->shape))
    return false;
  weights_load (w, a);
  weights_load (w, b);
  if (a->dtype == b->dtype)
    return !memcmp (a->data, b->data, a->count * dtype_bytes (a->dtype));
  for (size_t i = 0; i < a->count; i++)
    if (!(weight_at (a, i) == weight_at (b, i)))
      return false;
  return true;
}

/* The option that takes X and not Y. */
static const char *
choice_text (const struct match *x, const struct match *y)
{
  if (x->prefix)
    return mem_printf ("--weights-key %.*s", (int) x->prefix - 1, x->t->name);
  return mem_printf ("--ignore '%.*s*'", (int) y->prefix, y->t->name);
}

static _Noreturn void
differ (const struct search *s, const struct match *a, const struct match *b)
{
  const char *name = s->g->params[a->param]->name, *first = a->t->tensor->name, *second = b->t->tensor->name;
  if (a->prefix == b->prefix && !memcmp (a->t->name, b->t->name, a->prefix))
    fatal ("%s: %s may be %s or %s, and they differ; --ignore one of them", s->w->path, name, first, second);
  fatal ("%s: %s may be %s or %s, and they differ; %s or %s says which", s->w->path, name, first, second,
         choice_text (a, b), choice_text (b, a));
}

/* X's parameter gets X's tensor, or has it already under another name. */
static void
assign (struct search *s, const struct match **chosen, const struct match *x)
{
  const struct match *before = chosen[x->param];
  x->t->used = true;
  if (!before)
    chosen[x->param] = x;
  else if (before->t != x->t && !same_values (s->w, before->t->tensor, x->t->tensor))
    differ (s, before, x);
}

/* A complete group that another one, complete as well, does not stand in front of. */
static const struct group *
best_group (const struct search *s)
{
  const struct group *best = NULL;
  for (size_t i = 0; i < s->group_count; i++)
    {
      const struct group *gr = &s->groups[i];
      if (!gr->complete)
        continue;
      if (!best || gr->copy < best->copy || (gr->copy == best->copy && gr->base && !best->base))
        best = gr;
    }
  return best;
}

static bool
under (const struct named *t, const char *base, size_t n)
{
  return t->container >= n && !memcmp (t->name, base, n);
}

/* BEST's tensors, which other groups in its dictionary, and complete ones in other dictionaries, have to agree with. */
static void
choose_group (struct search *s, const struct match **chosen, const struct group *best)
{
  for (size_t i = 0; i < best->count; i++)
    assign (s, chosen, best->first + i);
  for (size_t k = 0; k < s->group_count; k++)
    {
      const struct group *gr = &s->groups[k];
      bool beside = under (gr->first->t, best->first->t->name, best->base);
      if (gr->copy != best->copy || (!beside && (!gr->complete || !gr->base)))
        continue;
      for (size_t i = 0; i < gr->count; i++)
        {
          /* a backbone's group lacks the last layer; a bias that it lacks is not another group's */
          const struct match *x = gr->first + i;
          if (!x->t->used && (chosen[x->param] || s->g->params[x->param]->head))
            assign (s, chosen, x);
        }
    }
}

/* The tensors of all groups that are copies, or of all that are none. */
static void
choose_all (struct search *s, const struct match **chosen, bool copies)
{
  for (size_t i = 0; i < s->match_count; i++) /* in the order of prefixes: the shortest first */
    if (s->matches[i].copy == copies && !s->matches[i].t->used)
      assign (s, chosen, &s->matches[i]);
}

/* Whether those groups together have every parameter that is needed; ANY: whether there is such a group. */
static bool
all_there (const struct search *s, bool copies, bool *any)
{
  bool *there = NEW_ARRAY ((size_t) s->g->param_count, bool);
  *any = false;
  for (size_t i = 0; i < s->match_count; i++)
    if (s->matches[i].copy == copies)
      *any = there[s->matches[i].param] = true;
  for (int i = 0; i < s->g->param_count; i++)
    if (needed (s->g->params[i]) && !there[i])
      return false;
  return true;
}

static const struct match **
choose (struct search *s)
{
  const struct match **chosen = NEW_ARRAY ((size_t) s->g->param_count, const struct match *);
  const struct group *best = best_group (s);
  bool any, whole = all_there (s, false, &any);
  if (!best || (best->copy && whole))
    {
      choose_all (s, chosen, !any);
      return chosen;
    }
  if (best->copy && any)
    warn ("%s: %.*s has all the network's weights, and what is no moving average has not: it is taken", s->w->path,
          (int) best->first->prefix - 1, best->first->t->name);
  choose_group (s, chosen, best);
  return chosen;
}

/* Tensors in the dictionaries that CHOSEN come from are extra when no parameter has them. */
static void
find_extra (const struct search *s, const struct match *const *chosen)
{
  struct unwrapped off[WRAPPERS_MAX + 1];
  for (int p = 0; p < s->g->param_count; p++)
    {
      const struct match *x = chosen[p];
      if (!x || (p && chosen[p - 1] && chosen[p - 1]->prefix == x->prefix && base_of (chosen[p - 1]) == base_of (x)
                 && !memcmp (chosen[p - 1]->t->name, x->t->name, x->prefix)))
        continue;
      for (size_t i = 0; i < s->m->count; i++)
        {
          struct named *t = &s->m->list[i];
          const size_t base = base_of (x), tower = wrappers_tower (x->t->name, x->prefix);
          if (t->used || t->extra || !under (t, x->t->name, base) || strncmp (t->name, x->t->name, tower)
              || wrappers_buffer (t->name)
              || wrappers_no_weights (t->name + base, t->container - base))
            continue;
          t->extra = x->copy || !off[wrappers_off (t->name, off) - 1].copy;
        }
    }
}

struct matching
match_weights (const struct graph *g, struct weights *w, const struct weights_use *use)
{
  struct matching m = { .hint = "" };
  struct search s = { .g = g, .w = w, .m = &m };
  struct name_table names = match_table (g);
  match_select (w, use, &m);
  find_matches (&s, &names);
  find_groups (&s);
  const struct match **chosen = choose (&s);
  find_extra (&s, chosen);
  bool any = false, missing = false;
  m.of_param = NEW_ARRAY ((size_t) g->param_count, struct named *);
  for (int i = 0; i < g->param_count; i++)
    {
      m.of_param[i] = chosen[i] ? chosen[i]->t : NULL;
      any = any || chosen[i];
      missing = missing || (!chosen[i] && needed (g->params[i]));
    }
  if (missing)
    m.hint = match_hint (&names, w, &m);
  for (size_t i = 0; !any && !m.behind_words && i < m.count; i++)
    m.list[i].extra = !wrappers_buffer (m.list[i].name) && !wrappers_no_weights (m.list[i].name, m.list[i].container);
  return m;
}
