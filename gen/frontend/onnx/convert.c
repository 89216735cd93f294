/* The whole model: which nodes are needed, what the input is, and each node by the operators' tables. */
#include "convert.h"

#include <inttypes.h>
#include <string.h>

#include "graph/shape.h"
#include "nodes.h"

enum
{
  MAX_CHANNELS = 65536 /* of the input */
};

static const struct operator* const operators[]
    = { operators_of_convolutions, operators_of_pools,      operators_of_elements, operators_of_two,
        operators_of_channels,     operators_of_layer_norm, operators_of_products, operators_of_shapes,
        operators_of_resizing,     operators_of_moves,      operators_of_pads,     operators_written };

/* ---- the network's input ---- */

/* The graph's input that is no initializer. */
static const struct onnx_value_info *
find_input (struct conversion *c)
{
  const struct onnx_graph *g = &c->model->graph;
  const struct onnx_value_info *found = NULL;
  for (size_t i = 0; i < g->input_count; i++)
    {
      const struct onnx_value_info *in = &g->inputs[i];
      const struct value *v = value_of (c, in->name);
      if (v->constant || !v->uses)
        continue;
      if (found)
        convert_refuse (c, "has the inputs %s and %s; allowed: one", weights_shown (found->name),
                        weights_shown (in->name));
      found = in;
    }
  if (!found)
    convert_refuse (c, "has no input that its output depends on; allowed: one");
  return found;
}

/* All that reads NAME turns (N, H, W, C) into (N, C, H, W)? Then the network's input has the channels first. */
static bool
channels_last (const struct conversion *c, const char *name, int rank)
{
  bool any = false;
  for (size_t i = 0; i < c->node_count; i++)
    for (size_t k = 0; k < c->nodes[i]->nin; k++)
      {
        const struct onnx_attribute *a = onnx_attribute (c->nodes[i], "perm");
        if (strcmp (c->nodes[i]->in[k], name))
          continue;
        any = true;
        if (strcmp (c->nodes[i]->op, "Transpose") || !a || a->kind != ONNX_KIND_INTS || a->count != (size_t) rank
            || a->ints[0] != 0 || a->ints[1] != rank - 1)
          return false;
        for (int d = 2; d < rank; d++)
          if (a->ints[d] != d - 1)
            return false;
      }
  return any;
}

/* The input's axes: N, C and those of a map; as many of them as there are. */
static void
set_axes (struct conversion *c, struct value *v, const struct conversion_request *r, int rank)
{
  const bool batch = !r->no_batch && rank > 1;
  const int axes = rank - batch;
  const bool last = batch && axes > 2 && axes < 5 && channels_last (c, v->name, rank);
  c->channels_last = last;
  v->layer = "input";
  v->rank = rank;
  v->map = axes > 3 ? 3 : 2;
  for (int a = 0; a < rank; a++)
    {
      const int i = a + !batch;
      v->axis[a] = !last || i == 0 ? i : a == rank - 1 ? 1 : i + 1;
      if (axes == 2 && v->axis[a] == 2)
        v->axis[a] = 3;
    }
}

/* As many elements as a sequence's input may have: products of its extents are made below. */
static void
check_count (const struct conversion *c, const struct value *v)
{
  double count = 1;
  for (int a = 0; a < v->rank; a++)
    count *= (double) v->shape[a];
  if (count > INT32_MAX)
    convert_refuse (c, "its input %s has %.0f elements; allowed: fewer than 2^31", weights_shown (v->name), count);
}

/* The extents that the model leaves open come from the request. */
static void
set_input (struct conversion *c, const struct conversion_request *r)
{
  const struct onnx_value_info *in = find_input (c);
  struct value *v = value_of (c, in->name);
  const int rank = in->rank >= 0 ? in->rank : r->input_size ? r->input_rank + 1 : -1;
  if (in->type && in->type != ONNX_FLOAT && in->type != ONNX_DOUBLE && in->type != ONNX_FLOAT16
      && in->type != ONNX_BFLOAT16)
    convert_refuse (c, "its input %s is of %s; allowed: floats", weights_shown (in->name), onnx_type_name (in->type));
  if (rank < 0)
    convert_refuse (c, "its input %s does not tell its axes; allowed: (N, C, H, W) for instance, or --set "
                    "input-size=[C, H, W]", weights_shown (in->name));
  set_axes (c, v, r, rank);
  const bool sized = r->input_size && r->input_rank == 1 + v->map && rank - (v->axis[0] == 0) <= 4;
  for (int a = 0; a < rank; a++)
    {
      v->shape[a] = in->rank >= 0 ? in->shape[a] : -1;
      if (v->axis[a] == 0)
        v->shape[a] = v->shape[a] < 0 ? 1 : v->shape[a];
      else if (sized)
        v->shape[a] = r->input_size[v->axis[a] - 1];
      if (v->shape[a] < 0)
        convert_refuse (c, "its input %s leaves axis %d open (%s); allowed: --set input-size=[C, H, W] with its "
                        "extents", weights_shown (in->name), a,
                        in->rank >= 0 && in->symbol[a] ? weights_shown (in->symbol[a]) : "no name");
      const int most = v->axis[a] < 2 ? MAX_CHANNELS : SHAPE_MAX_EXTENT;
      if (v->shape[a] < 1 || v->shape[a] > most)
        convert_refuse (c, "its input %s has the extent %" PRId64 "; allowed: 1 to %d", weights_shown (in->name),
                        v->shape[a], most);
    }
  /* What is asked for is a sample's: in a second reading the first axis is not to become another one. */
  if (r->no_batch && !r->batch_given && v->shape[0] != in->shape[0])
    convert_refuse (c, "its input %s has another first extent; allowed: the model's", weights_shown (in->name));
  check_count (c, v);
  c->batch = value_extent (v, 0);
  c->input = rank - (v->axis[0] == 0) > 4 ? view_input (c, v) : v;
  if (c->reading)
    c->reading->fixed = rank > 1 && in->rank >= 0 && in->shape[0] >= 0;
}

int
convert_input_size (const struct conversion *c, int64_t size[ONNX_MAX_RANK])
{
  for (int i = 0; i < 1 + c->input->map; i++)
    size[i] = value_extent (c->input, 1 + i);
  return 1 + c->input->map;
}

/* ---- nodes ---- */

static bool
all_constant (struct conversion *c, const struct onnx_node *n)
{
  for (size_t i = 0; i < n->nin; i++)
    {
      const struct value *v = value_in (c, n, i);
      if (v && !v->constant)
        return false;
    }
  return true;
}

/* "Add, AveragePool, …" */
static const char *
all_operators (void)
{
  struct text t = { 0 };
  for (size_t k = 0; k < sizeof operators / sizeof *operators; k++)
    for (const struct operator* o = operators[k]; o->op; o++)
      text_printf (&t, "%s%s", t.n ? ", " : "", o->op);
  return t.s;
}

void
convert_node (struct conversion *c, const struct onnx_node *n)
{
  if (!*n->domain && strcmp (n->op, "Shape") && all_constant (c, n) && constant_node (c, n))
    return;
  for (size_t k = 0; !*n->domain && k < sizeof operators / sizeof *operators; k++)
    for (const struct operator* o = operators[k]; o->op; o++)
      if (!strcmp (o->op, n->op))
        {
          const bool several = !strcmp (n->op, "Split") || !strcmp (n->op, "LayerNormalization");
          for (size_t i = 1; i < n->nout && !several; i++)
            if (*n->out[i] && value_of (c, n->out[i])->uses)
              convert_bad (c, n, "its output %zu is read; allowed: the first one", i);
          o->convert (c, n);
          return;
        }
  convert_bad (c, n, "is of no operator that rescast has; allowed: %s", all_operators ());
}

static void
set_constants (struct conversion *c)
{
  const struct onnx_graph *g = &c->model->graph;
  for (size_t i = 0; i < g->tensor_count; i++)
    {
      struct value *v = value_of (c, mem_strdup (g->tensors[i].name));
      if (v->constant)
        convert_refuse (c, "two initializers are named %s; allowed: one", weights_shown (v->name));
      v->constant = &g->tensors[i];
    }
}

static struct conversion *
convert_as (const struct onnx_model *m, const struct conversion_request *r, struct reading *reading)
{
  struct conversion *c = NEW (struct conversion);
  const size_t names = m->graph.node_count + m->graph.tensor_count;
  *c = (struct conversion){ .model = m,
                            .reading = reading,
                            .values = table_new (names),
                            .names = table_new (m->graph.node_count),
                            .previous = "input",
                            .budget = (size_t) 24 << 20 };
  c->budget += m->file.bytes;
  set_constants (c);
  nodes_needed (c, r->output);
  set_input (c, r);
  for (c->at = 0; c->at < c->node_count; c->at++)
    if (c->nodes[c->at])
      convert_node (c, c->nodes[c->at]);
  struct value *out = value_of (c, c->output);
  if (out->constant || !out->layer)
    convert_refuse (c, "its output %s does not depend on its input; allowed: one that does", weights_shown (c->output));
  static const char *const nothing[] = { "" };
  const struct onnx_node last = { .name = "output", .op = "the output", .domain = "", .in = (const char **) nothing,
                                  .out = &c->output, .nout = 1 };
  if (!out->view && out->rank > 1 && c->channels_last && out->axis[out->rank - 1] == 1)
    layer_of (c, &last, out); /* the input has its channels first here, and so has the output */
  else
    out = view_output (c, &last, out);
  const char *layer = layer_of (c, &last, out);
  if (strcmp (layer, c->previous) || !c->layer_count)
    {
      /* A sequence's output is its last layer: a sum of one makes another layer that. */
      layer_begin (c, &last, "add", NULL, NULL);
      layer_key_text (c, "input", mem_printf ("[%s]", layer));
      layer_end (c);
    }
  c->reading = NULL;
  return c;
}

/* NULL where M is refused. No local of this function lives across the jump. */
static struct conversion *
try_to_convert (const struct onnx_model *m, const struct conversion_request *r, struct reading *reading)
{
  return setjmp (reading->refused) ? NULL : convert_as (m, r, reading);
}

struct conversion *
convert (const struct onnx_model *m, const struct conversion_request *r)
{
  struct reading with_batch = { .why = NULL }, without = { .why = NULL };
  struct conversion_request sample = *r;
  if (r->batch_given)
    return convert_as (m, r, NULL);
  struct conversion *c = try_to_convert (m, r, &with_batch);
  if (c)
    return c;
  sample.no_batch = true;
  if (with_batch.fixed && (c = try_to_convert (m, &sample, &without)))
    c->first_is_sample = true;
  else
    fatal ("%s: %s", m->file.path, with_batch.why);
  return c;
}
