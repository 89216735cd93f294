/* The order of a gate's weights: of each product [out block][input][16 outputs], then its biases. */
#include "orders.h"

#include "weights.h"

/* The linear layer N of INPUTS inputs, from number AT on; DENSE: (O, I), then O biases, or NULL. The number behind. */
static int64_t
move_product (const struct weight_move *p, const struct node *n, int64_t inputs, double *dense, int64_t at)
{
  const int64_t outputs = n->shape_hint.c, block = graph_block (p->g), padded = round_up (outputs, block);
  for (int64_t o = 0; o < outputs; o++)
    for (int64_t i = 0; i <= inputs; i++)
      {
        const bool bias = i == inputs;
        const int64_t from = bias ? outputs * inputs + o : o * inputs + i;
        const int64_t to = at + (bias ? padded * inputs + o : (o / block * inputs + i) * block + o % block);
        if (dense)
          dense[from] = weight_get (p, to);
        else if (bias)
          weight_put (p, to, n->ep.bias ? n->ep.bias[o] : 0);
        else
          weight_put (p, to, scaled_weight (n, from, o));
      }
  return at + padded * (inputs + 1);
}

void
gate_weights (const struct weight_move *p)
{
  const struct gate *gate = p->n->gate;
  const int64_t features = p->g->tensors[p->n->in[1]].shape.c;
  const int64_t at = move_product (p, &gate->reduce, features, p->dense, 0);
  move_product (p, &gate->expand, gate->reduce.shape_hint.c, p->second, at);
}
