/* The least time that a layer could take: its multiply-adds at the peak rate, or each byte that it reads or writes
 * moved once, whichever takes longer. */
#include "parts.h"

/* The kernels whose rates count: of the target that was measured, or else of the best one. */
static const struct kernels *
kernels_of (const struct part *p)
{
  return p->times ? p->times->kernels : p->kernels;
}

static int
threads_of (const struct part *p)
{
  return p->times && p->times->threads > 0 ? p->times->threads : 1;
}

/* False: nothing is known. */
static bool
rates_of (const struct report *r, const struct part *p, struct rates *rates)
{
  const struct backend *b = backend_of (p->g);
  if (!b->rates)
    return false;
  *rates = b->rates (kernels_of (p));
  if (r->o->peak > 0)
    rates->macs = r->o->peak;
  if (r->o->bandwidth > 0)
    rates->tensors = rates->weights = r->o->bandwidth;
  return rates->macs > 0;
}

/* N's kernel of the target that counts: all targets have them in the same order. */
static const struct kernel *
kernel_for (const struct part *p, const struct node *n)
{
  for (int i = 0; i < p->kernels->count; i++)
    if (p->kernels->list[i] == n->kernel)
      return kernels_of (p)->list[i];
  return n->kernel;
}

static double
dense_bytes (const struct graph *g, int tensor)
{
  return (double) format_bytes (&format_dense, &g->tensors[tensor].shape, g->batch);
}

static double
tensor_bytes (const struct graph *g, int tensor)
{
  return (double) format_bytes (&g->tensors[tensor].format, &g->tensors[tensor].shape, g->batch);
}

/* Bytes of maps that N reads and writes; the network's input and output are dense arrays. */
static double
moved (const struct graph *g, const struct node *n)
{
  double bytes = n->op == OP_OUTPUT ? dense_bytes (g, n->out) : tensor_bytes (g, n->out);
  if (n->op == OP_INPUT)
    bytes += dense_bytes (g, n->out);
  for (int k = 0; k < n->nin; k++)
    bytes += tensor_bytes (g, n->in[k]);
  return n->ep.residual < 0 ? bytes : bytes + tensor_bytes (g, n->ep.residual);
}

struct limit
limit_of (const struct report *r, const struct part *p, int node)
{
  const struct node *n = &p->g->nodes[node];
  struct rates rates;
  if (p->times && p->times->limit)
    return (struct limit){ .ms = p->times->limit[node] };
  if (!rates_of (r, p, &rates))
    return (struct limit){ 0 };
  const struct kernel *k = kernel_for (p, n);
  const double threads = threads_of (p) * 1e6; /* of nanoseconds to milliseconds */
  const double maps = moved (p->g, n), weights = (double) k->total_bytes;
  const double compute = kernel_executed_macs (k) * (double) p->g->batch / rates.macs / threads;
  const double move = maps + weights > rates.kept ? (maps / rates.tensors + weights / rates.weights) / threads : 0;
  return move > compute ? (struct limit){ move, true } : (struct limit){ compute, false };
}

char *
limit_words (const struct report *r, const struct part *p)
{
  struct rates rates;
  if (p->times && p->times->limit)
    return mem_strdup ("A layer's limit is what the profile says: its multiply-adds at the rate that the device's "
                       "maker states, or each byte moved once at the rate of a copy that was measured there, "
                       "whichever takes longer.");
  if (!rates_of (r, p, &rates))
    return mem_strdup ("Limits of a device are known where it is: its program's profile has them.");
  const int threads = threads_of (p);
  return mem_printf (
    "A layer's limit is the larger of two times: the multiply-adds that its kernel executes at %.4g·10⁹ a second, and "
    "each byte moved once, maps at %.4g GB/s and weights at %.4g GB/s%s. These are rates of one thread%s, %s of the "
    "target %s%s. A CPU that is faster than that exceeds them; <code>--peak</code> and <code>--bandwidth</code> give "
    "its own.",
    rates.macs, rates.tensors, rates.weights,
    rates.kept > 0 ? mem_printf (", where they are more than the %s that a cache keeps", bytes_words (rates.kept)) : "",
    threads > 1 ? mem_printf (", taken %d times", threads) : "",
    r->o->peak > 0 && r->o->bandwidth > 0 ? "as given on the command line, in place of those"
                                          : "from the model of costs",
    kernels_of (p)->target_name, r->o->peak > 0 || r->o->bandwidth > 0 ? " (or as given)" : "");
}
