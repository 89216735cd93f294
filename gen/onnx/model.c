/* Models and graphs out of their messages. Each message is gone through twice: first counted, then read. */
#include "parts.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum
{
  MAX_OPSET = 28,
  MIN_OPSET = 6,
  /* Of the arena, for a model of whatever size: names, nodes, lists. The largest published networks take a tenth. */
  BUDGET = 32 << 20
};

/* ---- inputs and outputs ---- */

/* The message in field NUMBER of W, the last one; empty where there is none. */
static struct wire
inner (const struct wire_file *f, struct wire w, uint32_t number, bool *there)
{
  struct wire found = { w.end, w.end };
  struct field field;
  *there = false;
  while (wire_next (f, &w, &field))
    if (field.number == number)
      {
        found = wire_message (f, &field);
        *there = true;
      }
  return found;
}

static void
read_extent (struct wire_file *f, struct wire w, struct onnx_value_info *v)
{
  enum
  {
    VALUE = 1,
    SYMBOL = 2
  };
  struct field field;
  int64_t *extent = &v->shape[v->rank];
  *extent = -1;
  while (wire_next (f, &w, &field))
    if (field.number == VALUE)
      *extent = wire_int (f, &field) > 0 ? wire_int (f, &field) : -1;
    else if (field.number == SYMBOL)
      v->symbol[v->rank] = wire_text (f, &field);
}

static struct onnx_value_info
read_value_info (struct wire_file *f, struct wire w)
{
  enum
  {
    NAME = 1,
    TYPE = 2,
    TENSOR_TYPE = 1,
    ELEMENT = 1,
    SHAPE = 2,
    EXTENT = 1
  };
  struct onnx_value_info v = { .name = "", .rank = -1 };
  struct field field;
  bool there;
  for (struct wire all = w; wire_next (f, &all, &field);)
    if (field.number == NAME)
      v.name = wire_text (f, &field);
  struct wire type = inner (f, inner (f, w, TYPE, &there), TENSOR_TYPE, &there);
  for (struct wire all = type; wire_next (f, &all, &field);)
    if (field.number == ELEMENT)
      v.type = wire_int (f, &field);
  struct wire shape = inner (f, type, SHAPE, &there);
  if (!there)
    return v;
  v.rank = 0;
  while (wire_next (f, &shape, &field))
    {
      if (field.number != EXTENT)
        continue;
      if (v.rank == ONNX_MAX_RANK)
        wire_bad (f, field.at, "%s has more than %d axes; allowed: fewer", weights_shown (v.name), ONNX_MAX_RANK);
      read_extent (f, wire_message (f, &field), &v);
      v.rank++;
    }
  return v;
}

static struct onnx_value_info *
read_value_infos (struct wire_file *f, struct wire w, uint32_t number, size_t *count)
{
  struct field field;
  size_t n = *count = onnx_count (f, w, number, ONNX_MAX_NODES);
  struct onnx_value_info *list = WIRE_ARRAY (f, n, struct onnx_value_info), *next = list;
  while (wire_next (f, &w, &field))
    if (field.number == number)
      *next++ = read_value_info (f, wire_message (f, &field));
  return list;
}

/* ---- graphs, functions, the model ---- */

static struct onnx_graph
read_graph (struct wire_file *f, struct wire w)
{
  enum
  {
    NODE = 1,
    TENSOR = 5,
    INPUT = 11,
    OUTPUT = 12,
    SPARSE = 15
  };
  struct onnx_graph g = { 0 };
  struct field field;
  if (onnx_count (f, w, SPARSE, 1))
    wire_bad (f, w.at, "has sparse initializers; allowed: dense ones");
  g.nodes = onnx_read_nodes (f, w, NODE, &g.node_count);
  g.inputs = read_value_infos (f, w, INPUT, &g.input_count);
  g.outputs = read_value_infos (f, w, OUTPUT, &g.output_count);
  g.tensor_count = onnx_count (f, w, TENSOR, ONNX_MAX_NODES);
  g.tensors = WIRE_ARRAY (f, g.tensor_count, struct weight);
  for (size_t i = 0; wire_next (f, &w, &field);)
    if (field.number == TENSOR)
      g.tensors[i++] = onnx_tensor (f, wire_message (f, &field));
  return g;
}

static struct onnx_function
read_function (struct wire_file *f, struct wire w)
{
  enum
  {
    NAME = 1,
    INPUT = 4,
    OUTPUT = 5,
    NODE = 7,
    DOMAIN = 10,
    DEFAULT = 11
  };
  struct onnx_function fn = { .domain = "", .name = "" };
  struct field field;
  for (struct wire all = w; wire_next (f, &all, &field);)
    if (field.number == NAME)
      fn.name = wire_text (f, &field);
    else if (field.number == DOMAIN)
      fn.domain = wire_text (f, &field);
  fn.in = onnx_read_texts (f, w, INPUT, &fn.nin);
  fn.out = onnx_read_texts (f, w, OUTPUT, &fn.nout);
  fn.nodes = onnx_read_nodes (f, w, NODE, &fn.node_count);
  fn.defaults = onnx_read_attributes (f, w, DEFAULT, &fn.default_count);
  return fn;
}

/* The version of the operators of ONNX's own domain in an opset's message; 0: it is of another domain. */
static int64_t
read_opset (struct wire_file *f, struct wire w)
{
  enum
  {
    DOMAIN = 1,
    VERSION = 2
  };
  struct field field;
  const char *domain = "";
  int64_t version = 0;
  while (wire_next (f, &w, &field))
    if (field.number == DOMAIN)
      domain = wire_text (f, &field);
    else if (field.number == VERSION)
      version = wire_int (f, &field);
  return !*domain || !strcmp (domain, "ai.onnx") ? version : 0;
}

static void
read_model (struct onnx_model *m)
{
  enum
  {
    IR_VERSION = 1,
    PRODUCER = 2,
    PRODUCER_VERSION = 3,
    GRAPH = 7,
    OPSET = 8,
    FUNCTION = 25
  };
  struct wire_file *f = &m->file;
  const struct wire all = { f->data, f->data + f->bytes };
  struct wire graph = { 0 };
  struct field field;
  const char *version = "";
  for (struct wire w = all; wire_next (f, &w, &field);)
    switch (field.number)
      {
      case IR_VERSION:
        m->ir_version = wire_int (f, &field);
        break;
      case PRODUCER:
        m->producer = wire_text (f, &field);
        break;
      case PRODUCER_VERSION:
        version = wire_text (f, &field);
        break;
      case GRAPH:
        graph = wire_message (f, &field);
        break;
      case OPSET:
        {
          int64_t opset = read_opset (f, wire_message (f, &field));
          m->opset = opset ? opset : m->opset;
          break;
        }
      }
  m->producer = *version ? mem_printf ("%s %s", m->producer, version) : m->producer;
  if (!graph.at)
    wire_bad (f, NULL, "has no graph; allowed: an ONNX model with one");
  if (m->opset < MIN_OPSET || m->opset > MAX_OPSET)
    wire_bad (f, NULL, "has operators of opset %lld; allowed: %d to %d", (long long) m->opset, MIN_OPSET, MAX_OPSET);
  m->graph = read_graph (f, graph);
  m->function_count = onnx_count (f, all, FUNCTION, 4096);
  m->functions = WIRE_ARRAY (f, m->function_count, struct onnx_function);
  size_t i = 0;
  for (struct wire w = all; wire_next (f, &w, &field);)
    if (field.number == FUNCTION)
      m->functions[i++] = read_function (f, wire_message (f, &field));
}

bool
onnx_is_model (const char *head, size_t bytes)
{
  /* A model begins with its IR version in practice; all its fields have numbers of at most 26, and text has no byte
   * below 9 for the first field. */
  struct wire w = { (const unsigned char *) head, (const unsigned char *) head + bytes };
  struct field field;
  bool broken;
  if (bytes < 2 || head[0] != 8 || (unsigned char) head[1] > 64)
    return false;
  while (wire_look (&w, &field, &broken))
    if (field.number > 26)
      return false;
  return !broken || w.at == w.end;
}

struct onnx_model *
onnx_read (const char *path, const unsigned char *data, size_t bytes)
{
  struct onnx_model *m = NEW (struct onnx_model);
  m->file = (struct wire_file){ .path = mem_strdup (path), .data = data, .bytes = bytes, .budget = BUDGET };
  m->producer = "";
  m->hash = weights_hash (data, bytes);
  read_model (m);
  return m;
}

struct onnx_model *
onnx_open (const char *path)
{
  struct stat st;
  const struct wire_file f = { .path = path };
  int fd = open (path, O_RDONLY | O_CLOEXEC);
  if (fd < 0 || fstat (fd, &st))
    wire_bad (&f, NULL, "%s", strerror (errno));
  if (!S_ISREG (st.st_mode) || st.st_size <= 0 || (uintmax_t) st.st_size > PTRDIFF_MAX)
    wire_bad (&f, NULL, "is no file with anything in it; an ONNX model is allowed");
  void *p = mmap (NULL, (size_t) st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
  if (p == MAP_FAILED)
    wire_bad (&f, NULL, "%s", strerror (errno));
  close (fd);
  return onnx_read (path, p, (size_t) st.st_size);
}
