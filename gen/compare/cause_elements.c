/* What may be otherwise with activations and sums, and layers that are not there at all. */
#include "parts.h"

#include <stdlib.h>
#include <string.h>

/* Activations with the parameters that frameworks have as a default, and others in common use. */
static const struct
{
  enum activation_id id;
  double a, b;
} activations[] = {
  { ACT_RELU, 0, 0 },          { ACT_LEAKY_RELU, 0.01, 0 }, { ACT_LEAKY_RELU, 0.1, 0 }, { ACT_LEAKY_RELU, 0.2, 0 },
  { ACT_LEAKY_RELU, 0.3, 0 },  { ACT_ELU, 1, 0 },           { ACT_SIGMOID, 0, 0 },      { ACT_TANH, 0, 0 },
  { ACT_SILU, 0, 0 },          { ACT_GELU, 0, 0 },          { ACT_GELU_TANH, 0, 0 },    { ACT_SOFTPLUS, 1, 20 },
  { ACT_HARD_SIGMOID, 0, 0 },  { ACT_HARD_SWISH, 0, 0 },    { ACT_RELU6, 0, 0 },        { ACT_MISH, 0, 0 },
  { ACT_LEAKY_RELU, 0.25, 0 },
};
enum
{
  ACTIVATIONS = sizeof activations / sizeof *activations
};

enum attempt
cause_activation (struct trial *t, int variant)
{
  struct node *n = trial_node (t);
  const struct activation before = n->ep.act;
  if (n->op != OP_ACTIVATION || variant >= ACTIVATIONS)
    return ATTEMPT_END;
  n->ep.act = activation_with (activations[variant].id, activations[variant].a, activations[variant].b);
  if (n->ep.act.id == before.id && n->ep.act.a == before.a && n->ep.act.b == before.b)
    return ATTEMPT_SKIP;
  t->what = mem_printf ("the activation is %s there, %s here", activation_text (&n->ep.act), activation_text (&before));
  return ATTEMPT_TRY;
}

/* N becomes a layer that does nothing. */
static void
leave_out (struct node *n)
{
  n->op = OP_IDENTITY;
  n->nin = 1;
  n->ep = (struct epilogue){ .residual = -1 };
  n->weight = n->bias = n->mean = n->variance = NULL;
}

/* The activation behind a sum stands in front of it, on one of the paths. */
enum attempt
cause_activation_place (struct trial *t, int variant)
{
  const struct node *n = trial_node (t);
  if (n->op != OP_ADD || variant >= n->nin)
    return ATTEMPT_END;
  for (int i = t->node + 1; i < t->g.node_count; i++)
    {
      struct node *behind = &t->g.nodes[i];
      if (behind->dead || !node_reads (behind, n->out) || behind->op != OP_ACTIVATION)
        continue;
      const struct activation act = behind->ep.act;
      struct node *sum = trial_node (t);
      const int64_t count = t->base->batch * shape_count (trial_in (t));
      const int path = sum->in[variant];
      int *in = NEW_ARRAY ((size_t) sum->nin, int);
      memcpy (in, sum->in, (size_t) sum->nin * sizeof *in);
      in[variant] = in[0]; /* the first one is the array of our own */
      in[0] = path;
      sum->in = in;
      t->in = heap_array ((size_t) count + 1, sizeof *t->in);
      for (int64_t k = 0; k < count; k++)
        t->in[k] = activation_value (&act, 1, t->ours[path][k]);
      leave_out (behind);
      t->what = mem_printf ("%s is applied in front of the sum there, to %s", activation_name (&act),
                            t->base->tensors[path].name);
      return activation_has_slope (&act) ? ATTEMPT_SKIP : ATTEMPT_TRY;
    }
  return ATTEMPT_END;
}

enum attempt
cause_residual (struct trial *t, int variant)
{
  struct node *n = trial_node (t);
  if (n->op != OP_ADD || variant >= n->nin || n->nin < 2)
    return ATTEMPT_END;
  int *in = NEW_ARRAY ((size_t) n->nin, int), kept = 0;
  for (int i = 0; i < n->nin; i++)
    if (i != variant)
      in[kept++] = n->in[i];
  t->what = mem_printf ("%s is not added there", t->base->tensors[n->in[variant]].name);
  n->in = in;
  n->nin = kept;
  return ATTEMPT_TRY;
}

enum attempt
cause_left_out (struct trial *t, int variant)
{
  struct node *n = trial_node (t);
  const struct shape *out = &t->base->tensors[n->out].shape;
  if (!n->nin || n->op == OP_ADD || variant || !shape_equal (out, trial_in (t)))
    return ATTEMPT_END;
  t->what = mem_printf ("there is no %s there", node_op_name (n));
  leave_out (n);
  return ATTEMPT_TRY;
}
