/* The front end of ONNX models: a model becomes a `network: sequence` as text, with the tensors that its layers name.
 */
#include <inttypes.h>
#include <string.h>

#include "base/yaml.h"
#include "from_text.h"
#include "frontend/onnx/convert.h"

/* KEY=VALUE texts: those for the model, and the others, which are options. */
struct settings
{
  struct conversion_request request;
  const char **others;
  size_t count;
  bool has_size;
};

static void
read_input_size (struct settings *s, const char *value)
{
  static const char place[] = "--set input-size";
  const struct yaml *y = yaml_parse (place, value, strlen (value));
  int64_t *size = NEW_ARRAY (ONNX_MAX_RANK, int64_t);
  if (y->kind != YAML_LIST || y->count < 3 || y->count > 4)
    fatal_at (y->loc, "%s; allowed: [C, H, W] or [C, D, H, W]", yaml_show (y));
  for (size_t i = 0; i < y->count; i++)
    if (!yaml_int (&y->items[i], &size[i]) || size[i] < 1 || size[i] > INT32_MAX)
      fatal_at (y->items[i].loc, "%s; allowed: 1 to 2^31 - 1", yaml_show (&y->items[i]));
  s->request.input_size = size;
  s->request.input_rank = (int) y->count;
  s->has_size = true;
}

/* Is the input's first axis none of the batch? */
static bool
has_no_batch (const char *value)
{
  if (strcmp (value, "first") && strcmp (value, "none"))
    fatal ("--set batch-axis: %s; allowed: first, or none for an input without one", weights_shown (value));
  return !strcmp (value, "none");
}

static struct settings
read_settings (const char *const *set, size_t set_count)
{
  static const char output[] = "output-tensor=", size[] = "input-size=", batch[] = "batch-axis=";
  struct settings s = { .others = NEW_ARRAY (set_count, const char *) };
  for (size_t i = 0; i < set_count; i++)
    if (!strncmp (set[i], output, strlen (output)))
      s.request.output = set[i] + strlen (output);
    else if (!strncmp (set[i], size, strlen (size)))
      read_input_size (&s, set[i] + strlen (size));
    else if (!strncmp (set[i], batch, strlen (batch)))
      {
        s.request.no_batch = has_no_batch (set[i] + strlen (batch));
        s.request.batch_given = true;
      }
    else
      s.others[s.count++] = set[i];
  return s;
}

static char *
sequence_text (const struct conversion *c)
{
  struct text t = { 0 };
  int64_t size[ONNX_MAX_RANK];
  const int rank = convert_input_size (c, size);
  const char *producer = c->model->producer;
  text_printf (&t, "# An ONNX model%s%s, opset %" PRId64 "\nnetwork: sequence\n", *producer ? " of " : "",
               weights_shown (producer), c->model->opset);
  if (c->batch != 1)
    text_printf (&t, "batch: %" PRId64 "\n", c->batch);
  text_add (&t, "input-size: [");
  for (int i = 0; i < rank; i++)
    text_printf (&t, "%s%" PRId64, i ? ", " : "", size[i]);
  text_printf (&t, "]\nlayers:\n%s", c->layers.s);
  return t.s;
}

/* How an input of more axes than layers have is given. */
static const char *
merged_axes (const struct conversion *c)
{
  int64_t size[ONNX_MAX_RANK];
  const int rank = convert_input_size (c, size);
  return c->input_axes ? mem_printf (", the %d axes of its input as %s", c->input_axes, dims_text (rank, size)) : "";
}

static void
open_model (struct source *s, const char *text, size_t bytes, const char *const *set, size_t set_count)
{
  (void) text;
  (void) bytes;
  const struct settings settings = read_settings (set, set_count);
  const struct onnx_model *m = onnx_open (s->path);
  const struct conversion *c = convert (m, &settings.request);
  from_text_open (s, sequence_text (c), settings.others, settings.count);
  s->weights = weights_of_list (s->path, c->tensors, c->tensor_count, m->hash);
  s->recognised = mem_printf ("an ONNX model%s%s, opset %" PRId64 "%s%s, %zu layers from %zu nodes and %zu tensors",
                              *m->producer ? " of " : "", weights_shown (m->producer), m->opset,
                              c->first_is_sample ? ", its input's first axis one of the sample's" : "",
                              merged_axes (c), c->layer_count, c->node_count, c->tensor_count);
}

const struct frontend onnx_frontend = { .takes = onnx_is_model,
                                        .open = open_model,
                                        .build = from_text_build,
                                        .text = from_text_text,
                                        .readable = from_text_readable,
                                        .renames = true };
