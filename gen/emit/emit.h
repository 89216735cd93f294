/* From templates and parameters to files. The only part that knows m4. */
#ifndef RESCAST_EMIT_H
#define RESCAST_EMIT_H

#include "graph/graph.h"
#include "backend/kernel.h"

/* Of the command line, in bytes; 0: none. */
struct limits
{
  uint64_t max_ram, max_weights, max_code, max_stack;
};

/* What emission needs besides the graph. */
struct emission
{
  const struct graph *g;
  const struct kernels *kernels; /* of each target */
  const char *dir;      /* where to write; exists */
  int64_t weight_bytes; /* packed: the data of its section of the weights file, … */
  int64_t file_bytes;   /* … and the whole file */
  const float *weights; /* packed, for straight-line code */
  bool embed;           /* link the weights in */
  const char **labels;  /* or NULL */
  size_t label_count;
  double scale;         /* of the classifier's input: (x / scale - mean) / std */
  const double *mean, *std; /* one per channel, or NULL */
  int64_t resize[2];    /* of images, as struct rescast_info has it */
  const char *interpolation; /* NULL where the input is no image */
  struct limits limits; /* for the manifest */
  const struct emission *next;   /* the same network in another precision, for other targets of the host's, or NULL */
  const struct emission *device; /* … and for a device, or NULL */
};

/* What a template is told: m4 replaces NAME by VALUE. */
struct macro
{
  const char *name, *value;
};

/* A template expanded: DIR/FILE from templates/TEMPLATE with the COUNT parameters. Fatal when m4 fails or leaves
 * anything unexpanded. */
void emit_file (const char *dir, const char *file, const char *template, const struct macro *params,
                int count);
/* The same, added to OUT, the text of what will be FILE. */
void emit_text (struct text *out, const char *file, const char *template, const struct macro *params, int count);

#endif
