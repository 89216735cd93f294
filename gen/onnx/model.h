/* An ONNX model as its file has it: nodes in order, tensors where they lie in the mapped file.
 *
 * Source: the messages of onnx.proto3, IR versions 3 to 13. What says nothing about inference (documentation, training,
 * metadata, shapes that an exporter worked out) is passed over. */
#ifndef RESCAST_ONNX_MODEL_H
#define RESCAST_ONNX_MODEL_H

#include "weights/weights.h"
#include "wire.h"

/* TensorProto.DataType, as far as anything here asks for it. */
enum onnx_type
{
  ONNX_FLOAT = 1,
  ONNX_UINT8 = 2,
  ONNX_INT8 = 3,
  ONNX_UINT16 = 4,
  ONNX_INT16 = 5,
  ONNX_INT32 = 6,
  ONNX_INT64 = 7,
  ONNX_STRING = 8,
  ONNX_BOOL = 9,
  ONNX_FLOAT16 = 10,
  ONNX_DOUBLE = 11,
  ONNX_UINT32 = 12,
  ONNX_UINT64 = 13,
  ONNX_BFLOAT16 = 16
};

/* "float16", or "type 23" for what has no name here. */
const char *onnx_type_name (int64_t type);

/* AttributeProto.AttributeType. */
enum onnx_kind
{
  ONNX_KIND_UNKNOWN = 0,
  ONNX_KIND_FLOAT = 1,
  ONNX_KIND_INT = 2,
  ONNX_KIND_TEXT = 3,
  ONNX_KIND_TENSOR = 4,
  ONNX_KIND_GRAPH = 5,
  ONNX_KIND_FLOATS = 6,
  ONNX_KIND_INTS = 7,
  ONNX_KIND_TEXTS = 8
};

struct onnx_attribute
{
  const char *name;
  enum onnx_kind kind;
  double f;
  int64_t i;
  const char *s;
  const struct weight *tensor;
  const double *floats;
  const int64_t *ints;
  size_t count;            /* of floats or ints */
  const char *of_function; /* within a function: takes the value of the call's attribute of this name; or NULL */
};

struct onnx_node
{
  const char *name, *op, *domain; /* domain "": ONNX's own operators */
  const char **in, **out;         /* "" stands for an input or output that is left out */
  size_t nin, nout;
  struct onnx_attribute *attributes;
  size_t attribute_count;
  const unsigned char *at; /* in the file */
};

enum
{
  ONNX_MAX_RANK = WEIGHT_MAX_RANK
};

/* An input or output of the graph. */
struct onnx_value_info
{
  const char *name;
  int64_t type;                      /* 0: not given */
  int rank;                          /* -1: not given */
  int64_t shape[ONNX_MAX_RANK];      /* -1: symbolic */
  const char *symbol[ONNX_MAX_RANK]; /* its name, or NULL */
};

struct onnx_graph
{
  struct onnx_node *nodes;
  size_t node_count;
  struct weight *tensors; /* initializers */
  size_t tensor_count;
  struct onnx_value_info *inputs, *outputs;
  size_t input_count, output_count;
};

struct onnx_function
{
  const char *domain, *name;
  const char **in, **out;
  size_t nin, nout;
  struct onnx_node *nodes;
  size_t node_count;
  /* Attributes that a call may leave out, with the values that they have then. */
  struct onnx_attribute *defaults;
  size_t default_count;
};

struct onnx_model
{
  struct wire_file file;
  const char *producer; /* "pytorch 2.4.0", or "" */
  int64_t ir_version;
  int64_t opset; /* of ONNX's own operators */
  struct onnx_graph graph;
  struct onnx_function *functions;
  size_t function_count;
  uint64_t hash; /* of the file's bytes */
};

/* May BYTES bytes be an ONNX model's first? */
bool onnx_is_model (const char *head, size_t bytes);
/* Map and read PATH; fatal where it is no model that can be read. Files of external data are mapped as they are needed.
 * All of it lives as long as the program. */
struct onnx_model *onnx_open (const char *path);
/* The same of BYTES bytes of DATA, which PATH stands for. */
struct onnx_model *onnx_read (const char *path, const unsigned char *data, size_t bytes);

/* The tensor in MESSAGE; its elements stay in the file where they can. */
struct weight onnx_tensor (struct wire_file *f, struct wire message);

/* The attribute NAME of a node, or NULL. */
const struct onnx_attribute *onnx_attribute (const struct onnx_node *n, const char *name);

#endif
