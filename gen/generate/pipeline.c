#include "pipeline.h"

#include "backend/backend.h"
#include "passes/compose_channels.h"
#include "passes/dead_taps.h"
#include "passes/fold_bn.h"
#include "passes/fuse.h"
#include "passes/fuse_gates.h"
#include "passes/join_channels.h"
#include "passes/merge_shortcuts.h"
#include "passes/plan_memory.h"
#include "passes/split_adds.h"

static void
run_early_passes (struct graph *g, bool dump)
{
  static const struct { const char *name; void (*run) (struct graph *); } passes[] = {
    { "split additions", split_adds },
    { "dead taps", dead_taps },
    { "fold batch normalisation", fold_bn },
    { "fuse", fuse },
    { "fuse gates", fuse_gates },
    { "merge shortcuts", merge_shortcuts },
    { "compose channels", compose_channels },
    { "join channels", join_channels },
  };
  if (dump)
    graph_dump (g, stdout, "built");
  for (size_t i = 0; i < sizeof passes / sizeof *passes; i++)
    {
      passes[i].run (g);
      if (dump)
        graph_dump (g, stdout, passes[i].name);
    }
}

struct kernels *
run_passes (struct graph *g, struct targets t, bool dump)
{
  const struct backend *b = backend_of (g);
  const char *whose = b->name ? mem_printf (" for %s", b->name)
                      : g->precision != PRECISION_FP32 ? mem_printf (" in %s", precision_name (g->precision)) : "";
  run_early_passes (g, dump);
  struct kernels *ks = b->select (g, &t);
  if (dump)
    graph_dump (g, stdout, mem_printf ("select%s", whose));
  plan_memory (g);
  if (dump)
    graph_dump (g, stdout, mem_printf ("plan memory%s", whose));
  return ks;
}

struct graph *
further_graph (const struct source *source, const struct graph *from, const struct backend *backend, enum precision p,
               const struct targets *targets, struct kernels **kernels, bool dump)
{
  struct graph *g = source_build (source);
  g->backend = backend == host_backend ? NULL : backend;
  g->precision = p;
  g->weights_path = from->weights_path;
  g->exact = from->exact;
  g->tiles = from->tiles;
  g->keep_tensors = from->keep_tensors;
  g->choosing = from->choosing;
  g->unroll_budget = from->unroll_budget;
  g->unroll_least = from->unroll_least;
  g->staged_from = from->staged_from;
  g->straight = from->straight;
  for (int i = 0; i < g->param_count; i++)
    g->params[i]->value = from->params[i]->value;
  *kernels = run_passes (g, *targets, dump);
  return g;
}
