/* The child process that reads an HDF5 file: all arrays of numbers in its groups. Links that lead elsewhere are not
 * followed. */
#include "config.h"
#include "keras.h"

#ifdef HAVE_HDF5

#define H5_USE_18_API 1
#include <hdf5.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum
{
  MOST_NESTING = 24,
  MOST_OBJECTS = 262144 /* groups may hold each other */
};

struct walk
{
  int to;
  char path[WEIGHTS_MAX_NAME];
  size_t n;
  int nesting, objects;
};

static _Noreturn void
bad (const struct walk *w, const char *what)
{
  struct weights_child_record r = { .kind = WEIGHTS_CHILD_ERROR, .bytes = strlen (what) };
  weights_child_write (w->to, &r, sizeof r);
  weights_child_write (w->to, what, (size_t) r.bytes);
  _exit (1);
}

/* How numbers of TYPE are handed over; false: it is none. */
static bool
number_type (hid_t type, hid_t *memory, enum dtype *dtype)
{
  const H5T_class_t class = H5Tget_class (type);
  const size_t size = H5Tget_size (type);
  if (class == H5T_FLOAT)
    {
      *memory = size > 4 ? H5T_NATIVE_DOUBLE : H5T_NATIVE_FLOAT;
      *dtype = size > 4 ? DTYPE_F64 : DTYPE_F32;
    }
  else if (class == H5T_INTEGER)
    {
      *memory = H5T_NATIVE_LLONG;
      *dtype = DTYPE_I64;
    }
  return class == H5T_FLOAT || class == H5T_INTEGER;
}

static void
put_array (struct walk *w, hid_t set)
{
  hsize_t extents[H5S_MAX_RANK];
  hid_t space = H5Dget_space (set), type = H5Dget_type (set), memory;
  enum dtype dtype;
  const int rank = H5Sget_simple_extent_ndims (space);
  if (space < 0 || type < 0 || rank < 0 || !number_type (type, &memory, &dtype))
    return;
  if (rank > WEIGHT_MAX_RANK)
    bad (w, "an array has more than 8 axes; no more are allowed");
  struct weights_child_record r = {
    .kind = WEIGHTS_CHILD_TENSOR, .dtype = (uint32_t) dtype, .rank = (uint32_t) rank, .name_bytes = (uint32_t) w->n
  };
  size_t bytes = dtype_bytes (dtype);
  H5Sget_simple_extent_dims (space, extents, NULL);
  for (int i = 0; i < rank; i++)
    {
      if (extents[i] > INT64_MAX || (extents[i] && bytes > (size_t) INT64_MAX / (size_t) extents[i]))
        bad (w, "an array's size does not fit");
      r.shape[i] = (int64_t) extents[i];
      bytes *= (size_t) extents[i];
    }
  void *data = malloc (bytes + 1);
  if (!data || (bytes && H5Dread (set, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) < 0))
    bad (w, "a damaged HDF5 file: an array in it can't be read, or not within the memory allowed");
  r.bytes = bytes;
  weights_child_write (w->to, &r, sizeof r);
  weights_child_write (w->to, w->path, w->n);
  weights_child_write (w->to, data, bytes);
  free (data);
  H5Tclose (type);
  H5Sclose (space);
}

static herr_t
visit (hid_t group, const char *name, const H5L_info_t *info, void *walk)
{
  struct walk *w = walk;
  const size_t before = w->n, n = strlen (name);
  if (info->type != H5L_TYPE_HARD)
    return 0;
  if (++w->objects > MOST_OBJECTS || w->nesting == MOST_NESTING)
    bad (w, "a damaged HDF5 file: its groups are too many, or too deep");
  if (before + n + 1 >= sizeof w->path)
    bad (w, "an array's name is too long");
  if (before)
    w->path[w->n++] = '/';
  memcpy (w->path + w->n, name, n);
  w->n += n;
  hid_t object = H5Oopen (group, name, H5P_DEFAULT);
  if (object < 0)
    bad (w, "a damaged HDF5 file: an object in it can't be opened");
  w->nesting++;
  if (H5Iget_type (object) == H5I_DATASET)
    put_array (w, object);
  else if (H5Iget_type (object) == H5I_GROUP && H5Literate (object, H5_INDEX_NAME, H5_ITER_NATIVE, NULL, visit, w) < 0)
    bad (w, "a damaged HDF5 file: a group in it can't be read");
  w->nesting--;
  H5Oclose (object);
  w->n = before;
  return 0;
}

void
weights_keras_child (const struct weights_file *f, const void *arg, int to)
{
  const struct keras_image *image = arg;
  struct walk w = { .to = to };
  (void) f;
  hid_t access = H5Pcreate (H5P_FILE_ACCESS);
  if (access < 0 || H5Pset_fapl_core (access, 1 << 16, 0) < 0
      || H5Pset_file_image (access, (void *) image->data, image->bytes) < 0)
    bad (&w, "HDF5's library can't be used");
  hid_t file = H5Fopen ("image", H5F_ACC_RDONLY, access);
  if (file < 0)
    bad (&w, "a damaged HDF5 file: its header can't be read");
  /* Nothing is opened from here on, whatever the file links to. */
  setrlimit (RLIMIT_NOFILE, &(struct rlimit){ 0, 0 });
  if (H5Literate (file, H5_INDEX_NAME, H5_ITER_NATIVE, NULL, visit, &w) < 0)
    bad (&w, "a damaged HDF5 file: its groups can't be read");
  weights_child_write (to, &(struct weights_child_record){ .kind = WEIGHTS_CHILD_END },
                       sizeof (struct weights_child_record));
  _exit (0);
}

#endif
