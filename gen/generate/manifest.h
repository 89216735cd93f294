/* NAME.json: what was generated, from what, and why. */
#ifndef RESCAST_GENERATE_MANIFEST_H
#define RESCAST_GENERATE_MANIFEST_H

#include <jansson.h>

#include "backend/targets.h"
#include "base/output_dir.h"
#include "emit/emit.h"
#include "graph/bind.h"
#include "frontend/frontend.h"

/* WEIGHTS NULL: the initialisers'. FILES, a list of all files of the output or NULL, is taken over. */
void manifest_write (const struct emission *e, const struct source *source, const struct weights *w, json_t *files,
                     const char *path);
json_t *files_json (const struct names *files);
/* Under which key a manifest has BACKEND's part in precision P, unless it is the folder's first one. */
const char *manifest_key (const struct backend *backend, enum precision p);
/* The files of the output DIR by its manifest MANIFEST, the name of a file in it; none if it has none. */
struct names manifest_files (const char *dir, const char *manifest);

/* The network for some of the targets, planned; G NULL: there is no such part. */
struct manifest_part
{
  struct graph *g;
  struct kernels *kernels;
  int64_t weight_bytes;
};

/* What a generated folder was made from. */
struct manifest
{
  json_t *json; /* the file; NULL behind manifest_read */
  struct graph *g; /* of the host's best target */
  struct kernels *kernels; /* manifest_plan */
  struct source *source;
  struct targets targets;
  enum precision precision; /* of the device's part */
  int64_t weight_bytes; /* manifest_plan */
  struct manifest_part further[PRECISION_COUNT - 1]; /* the host's in other precisions: manifest_plan */
  int further_count;
  struct manifest_part device; /* manifest_plan */
  bool embed;
  struct limits limits;
};
/* The graph as built, without parameters. DIR is this process' until it ends (output_dir_use). Fatal when it holds no
 * manifest of this version's. */
struct manifest manifest_build (const char *dir);
/* All passes, once the parameters have values. False when the layout is not the one that was generated. */
bool manifest_plan (const char *dir, struct manifest *m);
/* Both: the graph after all passes, ready to unpack its weights file; its parameters have the shapes that were packed
 * and the value 0. */
struct manifest manifest_read (const char *dir);
/* The same with its JSON, which the caller gives up. */
struct manifest manifest_whole (const char *dir);

/* For verify: the graphs after all passes, NULL behind the last: the host's, then a device's; and as built with the
 * parameters of the file WEIGHTS. */
struct graph *const *manifest_planned (const char *dir, const char *manifest);
struct graph *manifest_unfolded (const char *dir, const char *manifest, const char *weights,
                                 const struct weights_use *use);

#endif
