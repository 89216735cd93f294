/* Things by name: values of a graph, names of layers. */
#ifndef RESCAST_FRONTEND_ONNX_TABLES_H
#define RESCAST_FRONTEND_ONNX_TABLES_H

#include <stddef.h>

/* For COUNT names, and as many as come. */
struct table_of_names *table_new (size_t count);
/* Where the thing called NAME is kept, NULL at first. NAME is kept, not copied. It holds until the next call. */
void **table_slot (struct table_of_names *t, const char *name);

#endif
