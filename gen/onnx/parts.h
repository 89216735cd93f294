/* What the files that read a model share. Only this folder includes this. */
#ifndef RESCAST_ONNX_PARTS_H
#define RESCAST_ONNX_PARTS_H

#include "model.h"

enum
{
  ONNX_MAX_NODES = 65536 /* and tensors, and inputs of one node */
};

/* How many fields NUMBER message W has; fatal where they are more than MOST. */
size_t onnx_count (const struct wire_file *f, struct wire w, uint32_t number, size_t most);
/* The texts, nodes and attributes in the fields NUMBER of W. */
const char **onnx_read_texts (struct wire_file *f, struct wire w, uint32_t number, size_t *count);
struct onnx_node *onnx_read_nodes (struct wire_file *f, struct wire w, uint32_t number, size_t *count);
struct onnx_attribute *onnx_read_attributes (struct wire_file *f, struct wire w, uint32_t number, size_t *count);

#endif
