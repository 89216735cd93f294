/* `rescast compare`: the two networks' values, and what is said of them. */
#include "compare.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "frontend/frontend.h"
#include "parts.h"
#include "verify/trace.h"

#define SECONDS 120.0 /* of the search for a cause, where none are given */

/* What values of the network as it was built, which are doubles, may differ by: from a framework's, which computes in
 * floats, and from a model's, whose weights may have been folded to floats. */
#define FLOATS 1e-5
#define DOUBLES 1e-6

/* One comparison. */
struct comparison
{
  const struct compare_options *o;
  const struct trace *trace;
  const char *of; /* the other engine's file */
  struct known_list known;
};

/* ONNX's values on the network's own input, all in double. */
static void
take_model (struct comparison *c)
{
  const struct graph *own = c->trace->g, *g = source_model (c->o->onnx, own);
  const struct shape *a = &own->tensors[own->nodes[0].out].shape, *b = &g->tensors[g->nodes[0].out].shape;
  if (g->batch != own->batch || shape_count (a) != shape_count (b))
    fatal ("%s: its input is %s, batch %lld; the network's, %s, batch %lld, is allowed", c->o->onnx, shape_text (b),
           (long long) g->batch, shape_text (a), (long long) own->batch);
  known_of_graph (&c->known, g, c->trace->input);
}

static void
print_layers (const struct comparison *c, const struct graph *g, double *const *values, const struct agreement *a)
{
  for (int i = 0; i < g->node_count; i++)
    {
      const struct node *n = &g->nodes[i];
      if (n->dead || n->op == OP_OUTPUT || !values[n->out])
        continue;
      const char *named = a->named[i] ? mem_printf (", relative L2 %.2g from the one of its name", a->error[i]) : "";
      printf ("%s: %-32s %s%s\n", c->trace->name, n->name,
              a->agrees[i] ? "agrees"
              : a->good[i] ? "has no counterpart, and what follows agrees"
              : a->differs ? "differs, or has no counterpart"
                           : "has no counterpart",
              named);
    }
}

static const char *
agree_text (int count)
{
  return count == 1 ? "1 layer agrees" : mem_printf ("%d layers agree", count);
}

static void
print_first (const struct comparison *c, const struct graph *g, const struct agreement *a, int node)
{
  const struct node *n = &g->nodes[node];
  const char *how = a->named[node]   ? mem_printf (", by a relative L2 difference of %.3g", a->error[node])
                    : a->told > node ? mem_printf (", or one behind it up to %s: %s has none of that name between them",
                                                   g->tensors[g->nodes[a->told].out].name, c->of)
                                     : "";
  printf ("%s: the first layer that differs is %s (%s)%s; %s\n", c->trace->name, n->covers ? n->covers : n->name,
          node_op_name (n), how, agree_text (a->agreeing));
}

/* The library beside the network that it was generated from: what differs there is the code, not the options. */
static bool
print_code (const struct comparison *c, const struct graph *g, double *const *values)
{
  const struct graph *planned = c->trace->g;
  for (int i = 0; i < planned->node_count; i++)
    {
      const struct node *n = &planned->nodes[i];
      const char *name = planned->tensors[n->out].name;
      for (int k = 0; k < g->node_count && c->trace->value[n->out]; k++)
        {
          const struct tensor *t = &g->tensors[g->nodes[k].out];
          if (g->nodes[k].dead || strcmp (t->name, name) || !shape_equal (&t->shape, &planned->tensors[n->out].shape))
            continue;
          double error = known_error (c->trace->value[n->out], values[g->nodes[k].out],
                                      (size_t) (g->batch * shape_count (&t->shape)));
          if (error <= c->trace->tolerance)
            continue;
          printf ("%s: the generated code for %s differs from the network that it was generated from, by a relative L2 "
                  "difference of %.3g: rescast verify %s tells more\n",
                  c->trace->name, name, error, c->trace->dir);
          return true;
        }
    }
  return false;
}

/* The end of one network lies behind the other's. */
static bool
print_ends (const struct comparison *c, const struct graph *g, double *const *values, const struct agreement *a)
{
  const struct node *last = graph_producer (g, g->nodes[g->node_count - 1].in[0]);
  const size_t count = (size_t) (g->batch * shape_count (&g->tensors[last->out].shape));
  const int at = (int) (last - g->nodes);
  double error;
  if (a->agrees[at])
    printf ("%s: all layers agree up to the last, %s, and %s goes on behind it: a softmax, perhaps, that the options "
            "lack\n",
            c->trace->name, last->name, c->of);
  else if (last->nin && values[last->in[0]] && known_like (&c->known, values[last->in[0]], count, false, &error)
           && c->known.output >= 0 && c->known.list[c->known.output].taken)
    printf ("%s: all layers agree up to %s, the last but one, with which %s ends: it has no %s\n", c->trace->name,
            g->tensors[last->in[0]].name, c->of, node_op_name (last));
  else
    return false;
  return true;
}

static void
print_cause (const struct comparison *c, const struct graph *g, double *const *values, const struct agreement *a)
{
  const double seconds = c->o->run.seconds > 0 ? c->o->run.seconds : SECONDS;
  const struct finding f = find_cause (g, values, c->trace->raw, &c->known, a, seconds);
  if (f.node < 0)
    {
      print_first (c, g, a, a->first);
      printf ("%s: no cause was found%s\n", c->trace->name,
              f.late ? mem_printf (" within %g seconds; --seconds gives it more", seconds) : "");
      return;
    }
  print_first (c, g, a, f.node);
  printf ("%s: the likely cause (%s): %s; with that, %.2g is left\n", c->trace->name, f.cause, f.what, f.error);
}

/* What there is to say when the values are those of G, the network as it was built or, where that is not BUILT, the
 * library's. Returns the exit status. */
static int
conclude (struct comparison *c, const struct graph *g, double *const *values, bool built)
{
  const struct agreement a = agreement_of (g, values, &c->known);
  if (c->o->run.verbose)
    print_layers (c, g, values, &a);
  if (!a.differs && !a.agreeing)
    fatal ("%s: none of its %d tensors is a layer's of %s, by its values or its name", c->of, c->known.count,
           c->trace->name);
  if (!a.differs)
    {
      printf ("%s: %s with %s, and none differs\n", c->trace->name, agree_text (a.agreeing), c->of);
      return 0;
    }
  if (a.told < 0 && print_ends (c, g, values, &a))
    return 1;
  if (a.first < 0)
    printf ("%s: all layers agree, and the output of %s is another one\n", c->trace->name, c->of);
  else if (built)
    print_cause (c, g, values, &a);
  else
    {
      print_first (c, g, &a, a.first);
      printf ("%s: the cause is looked for when -w gives the weights\n", c->trace->name);
    }
  return 1;
}

/* The network as it was built, with its weights, and the library beside it. */
static int
compare_built (struct comparison *c)
{
  const struct verify_options *o = &c->o->run;
  const struct graph *g = o->unfolded (c->trace->dir, c->trace->manifest, o->weights, &o->use);
  double **values = reference_values (g, c->trace->input);
  const bool code = print_code (c, g, values);
  const int status = conclude (c, g, values, true);
  for (int i = 0; i < g->tensor_count; i++)
    free (values[i]);
  free (values);
  return code ? 1 : status;
}

int
compare_run (const struct compare_options *o)
{
  struct weights *arrays = o->run.reference ? weights_open (o->run.reference) : NULL;
  struct trace *t = trace_run (&o->run, arrays);
  struct comparison c = { .o = o, .trace = t, .of = arrays ? o->run.reference : o->onnx, .known = { .output = -1 } };
  c.known.tolerance = t->tolerance;
  if (o->run.weights && o->run.tolerance == 0)
    c.known.tolerance = arrays ? FLOATS : DOUBLES;
  if (t->failure)
    printf ("%s: %s: it does not run to its end: %s; rescast verify %s tells more\n", t->name, t->target, t->failure,
            t->dir);
  if (arrays)
    known_of_arrays (&c.known, arrays, t->g->batch);
  else
    take_model (&c);
  int status = o->run.weights ? compare_built (&c) : conclude (&c, t->g, t->value, false);
  if (t->failure)
    status = 1;
  for (int i = 0; i < c.known.count; i++)
    free ((void *) c.known.list[i].value);
  trace_free (t);
  if (arrays)
    weights_close (arrays);
  return status;
}
