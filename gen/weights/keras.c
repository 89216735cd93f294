/* Weights of Keras: .h5, of weights alone or of a whole model, and .keras, a zip archive of a model's config.json and
 * model.weights.h5.
 *
 * HDF5's library reads them in a child process, as MATLAB's files are read (mat.c). Every array of numbers is a tensor;
 * the optimizer's are left out. */
#include "config.h"
#include "keras.h"

#include <jansson.h>
#include <string.h>

static const char weights_entry[] = "model.weights.h5", config_entry[] = "config.json";

bool
weights_is_hdf5 (const struct weights_file *f)
{
  return f->bytes > 8 && !memcmp (f->data, "\211HDF\r\n\032\n", 8);
}

bool
weights_is_keras (const struct weights_file *f)
{
  return weights_zip_find (f, weights_entry) && weights_zip_find (f, config_entry);
}

/* T gets its name here, or is left out. */
static void
taken (struct weights_file *f, struct weight *t)
{
  const char *name = keras_name (f->reader, t->name, t->rank);
  t->keras = true;
  if (name)
    t->name = name;
  else
    f->w.count--;
}

static void
read_image (struct weights_file *f, const struct keras_image *image)
{
#ifdef HAVE_HDF5
  const struct weights_child child
      = { .kind = "HDF5 file", .work = weights_keras_child, .arg = image, .memory = image->bytes, .taken = taken };
  weights_run_child (f, &child);
  f->reader = NULL;
#else
  (void) image, (void) taken;
  weights_bad (f, "a file of HDF5, whose library this rescast was built without; .safetensors, .npz, .pt, .pth and .th "
                  "are allowed");
#endif
}

void
weights_read_hdf5 (struct weights_file *f)
{
  read_image (f, &(struct keras_image){ f->data, f->bytes });
}

static struct keras_image
unpack (struct weights_file *f, const char *name)
{
  const struct weights_entry *e = weights_zip_find (f, name);
  if (e->bytes > f->budget)
    weights_bad (f, "%s has %llu bytes; %zu are allowed", name, (unsigned long long) e->bytes, f->budget);
  void *data = weights_block (f, (size_t) e->bytes);
  weights_zip_start (f, e);
  weights_zip_read (f, e, data, (size_t) e->bytes);
  weights_zip_end (f, e);
  return (struct keras_image){ data, (size_t) e->bytes };
}

void
weights_read_keras (struct weights_file *f)
{
  struct keras_image config = unpack (f, config_entry), weights = unpack (f, weights_entry);
  weights_json (f, config_entry, "{config: {layers: …}}", config.data, config.bytes);
  f->reader = keras_layers_of (f);
  json_decref (f->json);
  f->json = NULL;
  weights_drop (f, (void *) config.data);
  read_image (f, &weights);
  weights_drop (f, (void *) weights.data);
}
