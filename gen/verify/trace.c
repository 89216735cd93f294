/* One ordinary run of the library, with a look at every layer's output. */
#include "trace.h"

#include <stdlib.h>
#include <string.h>

#include "backend/backend.h"
#include "verify_internal.h"

/* Memory of a run. */
struct tracing
{
  struct trace *t;
  const struct library *lib;
  const struct verify_options *o;
  struct guarded arena, context, input, output;
};

static void
take_output (struct tracing *r, int layer)
{
  const struct graph *g = r->t->g;
  const struct node *n = &g->nodes[layer];
  float *output = (float *) (void *) r->output.data;
  const struct view v = n->op == OP_OUTPUT ? view_of_array (g, &g->tensors[n->out].shape, output)
                                           : view_of_tensor (g, n->out, r->arena.data);
  free (r->t->value[n->out]);
  r->t->value[n->out] = view_read (&v);
}

static void
run_child (struct tracing *r)
{
  const struct rescast_info *info = r->lib->info;
  struct work w = { .lib = r->lib,
                    .threads = r->o->threads,
                    .arena = &r->arena,
                    .context = &r->context,
                    .input = &r->input,
                    .output = &r->output };
  struct process p = process_start (worker_run_layers, &w);
  double limit = limit_of_start (r->o, library_backend (r->lib));
  bool ended = false;
  struct message m;
  while (!ended && process_next (&p, limit, &m))
    {
      m.text[sizeof m.text - 1] = 0;
      const bool layer = m.kind == MESSAGE_BEFORE || m.kind == MESSAGE_AFTER;
      ended = !layer && (m.kind != MESSAGE_READY || m.error);
      if (ended && m.error)
        r->t->failure = mem_strdup (m.text);
      if (layer && (m.layer < 0 || m.layer >= r->t->g->node_count))
        break;
      if (m.kind == MESSAGE_AFTER)
        take_output (r, m.layer);
      limit = limit_of_layer (r->o, layer ? info->layers[m.layer].macs : 0);
      if (layer)
        process_go_on (&p);
    }
  process_stop (&p);
  if (!ended)
    r->t->failure = process_end_text (&p, NULL, 0);
}

/* One batch for the network, prepared and as it was. */
static void
fill_input (struct tracing *r, const struct weights *reference)
{
  struct trace *t = r->t;
  const size_t count = r->input.bytes / sizeof (float);
  float *x = (float *) (void *) r->input.data;
  t->input = heap_array (count + 1, sizeof *t->input);
  t->raw = heap_array (count + 1, sizeof *t->raw);
  struct random random = random_seed (r->o->seed, "verify network");
  for (size_t i = 0; !reference && i < count; i++)
    t->raw[i] = x[i] = (float) (2 * random_uniform (&random) - 1);
  if (reference)
    verify_first_batch (r->lib->info, r->o->reference, reference, x, t->raw);
  for (size_t i = 0; i < count; i++)
    t->input[i] = (double) x[i];
}

struct trace *
trace_run (const struct verify_options *options, const struct weights *reference)
{
  struct verify_options o = *options;
  struct library *lib = NEW (struct library);
  o.threads = o.threads < 1 ? 1 : o.threads;
  library_find (lib, o.dir);
  const char *why = library_build (lib);
  if (!why)
    why = library_open (lib, NULL, limit_of_start (&o, host_backend));
  const struct graph *g = why ? NULL : verify_graph (lib, o.planned (lib->dir, lib->manifest), &why);
  if (why)
    fatal ("%s", why);
  struct trace *t = NEW (struct trace);
  *t = (struct trace){ .name = lib->name,
                       .target = lib->target,
                       .dir = lib->dir,
                       .manifest = lib->manifest,
                       .g = g,
                       .tolerance = verify_tolerance (&o, g),
                       .value = heap_array ((size_t) g->tensor_count + 1, sizeof (double *)) };
  const size_t batch = (size_t) g->batch * sizeof (float);
  const struct shape *in = &g->tensors[g->nodes[0].out].shape,
                     *out = &g->tensors[g->nodes[g->node_count - 1].out].shape;
  struct tracing r = { .t = t,
                       .lib = lib,
                       .o = &o,
                       .arena = guarded_new (lib->info->arena_bytes, 64),
                       .context = guarded_new (lib->context_bytes, 64),
                       .input = guarded_new (batch * (size_t) shape_count (in), sizeof (float)),
                       .output = guarded_new (batch * (size_t) shape_count (out), sizeof (float)) };
  fill_input (&r, reference);
  run_child (&r);
  guarded_free (&r.arena);
  guarded_free (&r.context);
  guarded_free (&r.input);
  guarded_free (&r.output);
  library_close (lib);
  return t;
}

void
trace_free (struct trace *t)
{
  for (int i = 0; i < t->g->tensor_count; i++)
    free (t->value[i]);
  free (t->value);
  free (t->input);
  free (t->raw);
}
