/* Between the two formats of PyTorch's files (torch.c), storages (torch_storage.c) and the tensors in the object that
 * was saved (torch_tensors.c). */
#ifndef RESCAST_WEIGHTS_TORCH_PARTS_H
#define RESCAST_WEIGHTS_TORCH_PARTS_H

#include "pickle.h"

struct torch
{
  struct weights_file *f;
  struct pickle *p;
  const char *folder; /* "NAME/" of the zip's entries; NULL: legacy */
  bool swap;
  size_t visits; /* torch_tensors.c: places seen so far */
};

/* The elements that S stands for; read from the archive when they are asked for first. */
const unsigned char *torch_storage (struct torch *t, const struct pickle_storage *s);
/* The object in BYTES, a file of the legacy format within P's. */
struct pickle_value *torch_inner (struct pickle *p, const struct pickle_value *bytes);
/* V, an object, is an array of NumPy's whose elements can be read: it becomes a tensor. */
bool torch_array (struct torch *t, struct pickle_value *v);
/* What the members of a torch.nn.Module are in, or of a TorchScript module. NULL: V is none. */
struct pickle_value *torch_module (struct pickle_value *v);
/* A module's buffer of that name is not in its state_dict (). */
bool torch_not_saved (const struct pickle_value *members, const struct pickle_value *name);
/* List the tensors in V, the object that was saved, and make them what weights_load reads. */
void torch_list (struct torch *t, struct pickle_value *v);

#endif
