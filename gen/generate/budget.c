/* Budgets: a plan's weights, memory, code and stack, and what may be changed where they are too large. */
#include "budget.h"

#include <inttypes.h>
#include <string.h>

#include "../../runtime/rescast.h"
#include "backend/backend.h"
#include "backend/code_budget.h"
#include "backend/decision.h"
#include "base/data_dir.h"
#include "pack/pack.h"
#include "pack/weights_file.h"
#include "pipeline.h"
#include "steps.h"

/* What every program that calls NAME_run links beside kernels, by gcc 12 -O2 for x86-64: docs/budgets.md. */
#define RUNTIME_CODE 17370
#define CPU_CODE 750      /* what asks the CPU for its instructions, of targets that not every one has */
#define NETWORK_CODE 1900 /* the network's file without its layers, … */
#define LAYER_CODE 35     /* … and of each one its call and names' ends */
/* What kernels take, in percent of what --unroll-budget counts: its models were fitted to smaller objects. */
#define KERNEL_PERCENT 107

/* struct NAME of the generated header: seven pointers, a pool and, where layers have stages, their steps. */
int64_t
context_bytes (const struct graph *g)
{
  const struct emission part = { .g = g };
  const int64_t steps = steps_most (&part), plain = (int64_t) (7 * sizeof (void *) + sizeof (struct rescast_pool));
  if (!steps_staged (&part))
    return plain;
  return round_up (plain + (int64_t) sizeof (int) + 3 * (int64_t) sizeof (short) * steps, (int64_t) sizeof (void *));
}

/* The names and the calls of layers, and the labels, are in the network's object. */
static int64_t
network_code (const struct source *source, const struct graph *g, const struct kernels *ks)
{
  int64_t bytes = NETWORK_CODE;
  const size_t prefix = strlen (g->name) + strlen (ks->target_name) + 2;
  for (int i = 0; i < g->node_count; i++)
    bytes += LAYER_CODE + (int64_t) strlen (g->nodes[i].name);
  for (int i = 0; i < ks->count; i++)
    bytes += (int64_t) (prefix + strlen (ks->list[i]->function) + 1);
  for (size_t i = 0; i < source->label_count; i++)
    bytes += (int64_t) strlen (source->labels[i]) + 1;
  return bytes;
}

/* The row of targets_all for the target NAME in precision P. */
static struct backend_target
target_row (const char *name, enum precision p)
{
  const struct targets all = targets_all ();
  int i = 0;
  while (i < all.count - 1 && strcmp (all.list[i].name, name))
    i++;
  struct backend_target t = all.list[i];
  t.precision = p;
  return t;
}

static int64_t
kernels_code (const struct kernels *ks)
{
  int64_t bytes = 0;
  for (int i = 0; i < ks->count; i++)
    bytes += ks->list[i]->code_bytes;
  return bytes * KERNEL_PERCENT / 100;
}

static struct needs
needs_of (const struct source *source, const struct graph *g, const struct kernels *ks, int64_t weight_bytes)
{
  const struct backend *b = backend_of (g);
  const char *name = b->name ? b->name : ks->target_name;
  struct needs n = { .target = target_name_in (name, g->precision),
                     .weights = weights_file_bytes (&weight_bytes, 1),
                     .packed = weight_bytes,
                     .arena = (int64_t) g->arena_bytes,
                     .code = -1, .stack = -1, .unknown = b->code_unknown };
  if (n.unknown)
    return n;
  n.context = context_bytes (g);
  n.code = RUNTIME_CODE + network_code (source, g, ks) + kernels_code (ks);
  if (!target_row (name, g->precision).portable)
    n.code += CPU_CODE;
  n.stack = b->stack_bytes (g, ks);
  return n;
}

/* LIKE's network for target T alone. */
static struct needs
needs_alone (const struct source *source, const struct graph *like, const struct backend_target *t)
{
  const struct targets one = { .list = { *t }, .count = 1 };
  struct kernels *ks;
  struct graph *g = further_graph (source, like, t->backend, t->precision, &one, &ks, false);
  return needs_of (source, g, ks, pack_plan (g));
}

int
needs_of_targets (const struct source *source, const struct graph *like, const struct targets *targets,
                  struct needs list[NEEDS_MOST])
{
  const struct backend *device = targets_device (targets);
  struct graph with = *like;
  if (device && device->tiles)
    with.tiles = device->tiles_read (mem_printf ("%s/%s", data_dir (), device->tiles));
  for (int i = 0; i < targets->count; i++)
    list[i] = needs_alone (source, &with, &targets->list[i]);
  return targets->count;
}

/* Which limit, and by which option it was given; the first that N breaks, or NULL. */
static const char *
broken (const struct needs *n, const struct limits *l, int64_t *bytes, uint64_t *most)
{
  const struct { const char *option; uint64_t most; int64_t bytes; } list[] = {
    { "--max-ram", l->max_ram, n->arena + n->context },
    { "--max-weights", l->max_weights, n->packed },
    { "--max-code", l->max_code, n->code },
    { "--max-stack", l->max_stack, n->stack },
  };
  for (size_t i = 0; i < sizeof list / sizeof *list; i++)
    if (list[i].most && list[i].bytes > 0 && (uint64_t) list[i].bytes > list[i].most)
      {
        *bytes = list[i].bytes;
        *most = list[i].most;
        return list[i].option;
      }
  return NULL;
}

/* Does LIKE fit for T? Then TEXT is the change that does it. */
static const char *
fitting (const struct source *source, const struct graph *like, struct backend_target t, const struct limits *l,
         const char *text)
{
  int64_t bytes;
  uint64_t most;
  const struct needs n = needs_alone (source, like, &t);
  if (broken (&n, l, &bytes, &most) || (l->max_stack && n.stack < 0))
    return NULL;
  return mem_printf ("%s makes it fit: weights %" PRId64 ", RAM %" PRId64 ", code about %" PRId64 "%s",
                     text, n.weights, n.arena + n.context, n.code,
                     n.stack < 0 ? "" : mem_printf (", stack %" PRId64 " at most", n.stack));
}

/* One change of options, or two, that makes target NAME fit, whose code beside kernels takes OTHERS bytes; NULL:
 * none of those that are tried. */
static const char *
change (const struct source *source, const struct graph *g, const char *name, int64_t others,
        const struct limits *l)
{
  const struct backend_target t = target_row (name, g->precision);
  struct choosing how = { .refused_later = true, .max_weights = (int64_t) l->max_weights };
  struct graph like = *g, exact;
  const char *text = NULL;
  const int64_t left = l->max_code ? ((int64_t) l->max_code - others) * 100 / KERNEL_PERCENT : g->unroll_budget;
  like.choosing = &how;
  if (l->max_code && left >= 0 && left < g->unroll_budget)
    {
      code_budget_set (&like, left);
      text = fitting (source, &like, t, l, mem_printf ("--unroll-budget %" PRId64, left));
    }
  exact = like;
  exact.exact = true;
  if (!text && !g->exact)
    text = fitting (source, &exact, t, l,
                    like.unroll_budget == g->unroll_budget ? "--exact"
                                                           : mem_printf ("--exact --unroll-budget %" PRId64, left));
  for (enum precision p = 0; !text && p < PRECISION_COUNT; p++)
    if (p != g->precision && t.precisions >> p & 1)
      text = fitting (source, &like, target_row (name, p), l, mem_printf ("-t %s:%s", name, precision_name (p)));
  const struct targets all = targets_all ();
  for (int i = 0; !text && i < all.count; i++)
    {
      const struct backend_target *o = &all.list[i];
      if (o->backend == t.backend && strcmp (o->name, name) && o->precisions >> g->precision & 1)
        text = fitting (source, &like, target_row (o->name, g->precision), l, mem_printf ("-t %s", o->name));
    }
  return text;
}

/* What of the network, planned for target N, is more than OPTION's MOST. */
static char *
complaint (const struct graph *g, const struct needs *n, const char *option, int64_t bytes, uint64_t most)
{
  const char *in = g->precision == PRECISION_FP32 ? "" : mem_printf (" in %s", precision_name (g->precision));
  if (!strcmp (option, "--max-ram"))
    return mem_printf ("the network's arena of %" PRId64 " bytes%s and context of %" PRId64
                       " are more than the %" PRIu64 " of --max-ram", n->arena, in, n->context, most);
  if (!strcmp (option, "--max-weights"))
    return mem_printf ("the network's packed weights%s take %" PRId64 " bytes at least, more than the %" PRIu64
                       " of --max-weights", in, bytes, most);
  if (!strcmp (option, "--max-code"))
    return mem_printf ("the code for %s takes about %" PRId64 " bytes, more than the %" PRIu64 " of --max-code",
                       n->target, bytes, most);
  return mem_printf ("a run for %s takes up to %" PRId64 " bytes of stack, more than the %" PRIu64 " of --max-stack",
                     n->target, bytes, most);
}

void
limits_check (const struct source *source, const struct graph *g, const struct kernels *ks, int64_t weight_bytes,
              const struct limits *limits)
{
  for (; ks; ks = ks->next)
    {
      int64_t bytes;
      uint64_t most;
      const struct needs n = needs_of (source, g, ks, weight_bytes);
      if (limits->max_stack && n.stack < 0)
        fatal ("%s: --max-stack: the stack of kernels for %s is not known; allowed: targets in fp32 "
               "without --unroll-budget max", g->path, n.target);
      const char *option = broken (&n, limits, &bytes, &most);
      if (!option)
        continue;
      const char *how = change (source, g, ks->target_name, n.code - kernels_code (ks), limits);
      fatal ("%s: %s; %s", g->path, complaint (g, &n, option, bytes, most),
             how ? how : "no other precision or target, --exact or --unroll-budget makes it fit: a smaller network "
                         "is needed");
    }
}

bool
limits_fit (const struct source *source, const struct graph *g, const struct kernels *ks, int64_t weight_bytes,
            const struct limits *limits)
{
  int64_t bytes;
  uint64_t most;
  for (; ks; ks = ks->next)
    {
      const struct needs n = needs_of (source, g, ks, weight_bytes);
      if (broken (&n, limits, &bytes, &most))
        return false;
    }
  return true;
}

void
limits_check_targets (const struct targets *targets, const struct limits *limits, const char *path)
{
  for (int i = 0; i < targets->count; i++)
    {
      const struct backend_target *t = &targets->list[i];
      if (t->backend->code_unknown && (limits->max_code || limits->max_stack))
        fatal ("%s: %s: is not for the target %s: %s; leave it or that target out", path,
               limits->max_code ? "--max-code" : "--max-stack", t->name, t->backend->code_unknown);
    }
}
