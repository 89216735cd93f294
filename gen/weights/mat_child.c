/* The child process that reads a .mat file: a struct array `layers` whose fields are a layer's Name and its
 * properties as MATLAB calls them, empty where a layer has none (examples/matlab/save_weights.m writes it). */
#include "mat.h"

#include <matio.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define MAX_LAYERS 65536
#define MAX_NAME 1000 /* of a layer, in bytes; less than WEIGHTS_MAX_NAME by the suffix */

static const struct
{
  const char *field, *suffix;
} properties[] = {
  { "Weights", "weight" },           { "Bias", "bias" },
  { "Scale", "weight" },             { "Offset", "bias" },
  { "TrainedMean", "running_mean" }, { "TrainedVariance", "running_var" },
  { "Alpha", "weight" },             { "Mean", "mean" },
  { "StandardDeviation", "std" },
};
enum
{
  PROPERTIES = sizeof properties / sizeof *properties,
  INPUT_PROPERTY = 7 /* from here on: of the input layer, which is called "input" here whatever its name */
};

/* matio does not look whether what it reads could be read: of an array that a failed read cuts short it hands over what
 * happened to be in memory. So all is read twice, the first time only for a sum, which the second has to come to. */
static bool summing;
static uint64_t sum;

static void
put (int to, const void *data, size_t bytes)
{
  for (size_t i = 0; i < bytes; i++)
    sum = (sum ^ ((const unsigned char *) data)[i]) * 0x100000001b3u;
  if (!summing)
    weights_child_write (to, data, bytes);
}

__attribute__ ((format (printf, 2, 3))) static _Noreturn void
bad (int to, const char *fmt, ...)
{
  char text[WEIGHTS_CHILD_TEXT];
  va_list args;
  va_start (args, fmt);
  vsnprintf (text, sizeof text, fmt, args);
  va_end (args);
  summing = false;
  struct weights_child_record r = { .kind = WEIGHTS_CHILD_ERROR, .bytes = strlen (text) };
  put (to, &r, sizeof r);
  put (to, text, (size_t) r.bytes);
  _exit (1);
}

static const char *
class_name (enum matio_classes c)
{
  static const char *const names[]
      = { [MAT_C_CELL] = "cell",     [MAT_C_STRUCT] = "struct",     [MAT_C_OBJECT] = "object", [MAT_C_CHAR] = "char",
          [MAT_C_SPARSE] = "sparse", [MAT_C_DOUBLE] = "double",     [MAT_C_SINGLE] = "single", [MAT_C_INT8] = "int8",
          [MAT_C_UINT8] = "uint8",   [MAT_C_INT16] = "int16",       [MAT_C_UINT16] = "uint16", [MAT_C_INT32] = "int32",
          [MAT_C_UINT32] = "uint32", [MAT_C_INT64] = "int64",       [MAT_C_UINT64] = "uint64",
          [MAT_C_FUNCTION] = "function", [MAT_C_OPAQUE] = "opaque (an object)" };
  const char *name = (unsigned) c < sizeof names / sizeof *names ? names[c] : NULL;
  return name ? name : "unknown";
}

/* The product of V's extents, or false where there is none that fits. */
static bool
count_of (const matvar_t *v, size_t *count)
{
  if (v->rank < 1 || !v->dims)
    return false;
  *count = 1;
  for (int i = 0; i < v->rank; i++)
    if (v->dims[i] == 0)
      {
        *count = 0;
        return true;
      }
  for (int i = 0; i < v->rank; i++)
    if (v->dims[i] > INT64_MAX / 8 / *count)
      return false;
    else
      *count *= v->dims[i];
  return true;
}

static bool
empty (const matvar_t *v)
{
  size_t count;
  return !v || v->class_type == MAT_C_EMPTY || (count_of (v, &count) && count == 0);
}

/* A row of characters as UTF-8; their number of bytes. */
static size_t
read_name (int to, const matvar_t *v, size_t layer, char *name)
{
  size_t count, n = 0;
  bool text = v && v->class_type == MAT_C_CHAR && count_of (v, &count) && (v->data_size == 1 || v->data_size == 2)
              && v->rank == 2 && v->dims[0] == 1;
  if (!text || count > MAX_NAME / 3)
    bad (to, "layers(%zu).Name: %s; a row of 1 to %d characters is allowed", layer + 1,
         !v       ? "missing"
         : text   ? "too long"
         : !*v->dims ? "empty"
                  : "no text",
         MAX_NAME / 3);
  if (count == 0)
    bad (to, "layers(%zu).Name is empty; a layer's name is needed", layer + 1);
  if (!v->data || v->nbytes < count * (size_t) v->data_size)
    bad (to, "layers(%zu).Name: truncated", layer + 1);
  for (size_t i = 0; i < count; i++)
    {
      uint16_t c = ((const uint8_t *) v->data)[i];
      if (v->data_size == 2)
        memcpy (&c, (const char *) v->data + 2 * i, 2);
      if (c < 0x80 || v->data_size == 1)
        name[n++] = (char) c;
      else
        {
          if (c >= 0x800)
            name[n++] = (char) (0xe0 | c >> 12);
          name[n++] = (char) (c >= 0x800 ? 0x80 | (c >> 6 & 0x3f) : 0xc0 | c >> 6);
          name[n++] = (char) (0x80 | (c & 0x3f));
        }
    }
  return n;
}

/* Bytes of one element, 0 where the class holds no real numbers. */
static size_t
element_bytes (enum matio_classes c)
{
  switch (c)
    {
    case MAT_C_DOUBLE:
    case MAT_C_INT64:
    case MAT_C_UINT64:
      return 8;
    case MAT_C_SINGLE:
    case MAT_C_INT32:
    case MAT_C_UINT32:
      return 4;
    case MAT_C_INT16:
    case MAT_C_UINT16:
      return 2;
    case MAT_C_INT8:
    case MAT_C_UINT8:
      return 1;
    default:
      return 0;
    }
}

#define ELEMENT(type) (double) ((const type *) data)[i]

static double
integer_at (enum matio_classes c, const void *data, size_t i)
{
  switch (c)
    {
    case MAT_C_INT64:
      return ELEMENT (int64_t);
    case MAT_C_UINT64:
      return ELEMENT (uint64_t);
    case MAT_C_INT32:
      return ELEMENT (int32_t);
    case MAT_C_UINT32:
      return ELEMENT (uint32_t);
    case MAT_C_INT16:
      return ELEMENT (int16_t);
    case MAT_C_UINT16:
      return ELEMENT (uint16_t);
    case MAT_C_INT8:
      return ELEMENT (int8_t);
    default:
      return ELEMENT (uint8_t);
    }
}

/* Singles and doubles as they are, integers as doubles. */
static void
put_elements (int to, const matvar_t *v, size_t count)
{
  double chunk[1024];
  if (v->class_type == MAT_C_SINGLE || v->class_type == MAT_C_DOUBLE)
    {
      put (to, v->data, count * element_bytes (v->class_type));
      return;
    }
  for (size_t at = 0; at < count;)
    {
      size_t n = 0;
      for (; n < sizeof chunk / sizeof *chunk && at < count; n++, at++)
        chunk[n] = integer_at (v->class_type, v->data, at);
      put (to, chunk, n * sizeof *chunk);
    }
}

static void
put_property (int to, const matvar_t *v, size_t layer, int p, const char *name, size_t name_bytes)
{
  struct weights_child_record r = { .kind = WEIGHTS_CHILD_TENSOR };
  const char *field = properties[p].field;
  size_t size = element_bytes (v->class_type), count;
  char text[MAX_NAME + 32];
  if (!size || v->isComplex)
    bad (to, "layers(%zu).%s: of class %s%s; real single, double and integers are allowed", layer + 1, field,
         class_name (v->class_type), v->isComplex ? ", complex" : "");
  if (v->rank > WEIGHT_MAX_RANK)
    bad (to, "layers(%zu).%s: %d axes; at most %d are allowed", layer + 1, field, v->rank, WEIGHT_MAX_RANK);
  if (!count_of (v, &count))
    bad (to, "layers(%zu).%s: its size does not fit", layer + 1, field);
  if (!v->data || (size_t) v->data_size != size || v->nbytes < count * size)
    bad (to, "layers(%zu).%s: truncated, or not within the memory allowed", layer + 1, field);
  if (p < INPUT_PROPERTY)
    snprintf (text, sizeof text, "%.*s.%s", (int) name_bytes, name, properties[p].suffix);
  else
    snprintf (text, sizeof text, "input.%s", properties[p].suffix);
  r.dtype = v->class_type == MAT_C_SINGLE ? DTYPE_F32 : DTYPE_F64;
  r.rank = (uint32_t) v->rank;
  for (int i = 0; i < v->rank; i++)
    r.shape[i] = (int64_t) v->dims[i];
  /* A NUL in the name: not the whole of it was printed, and the parent refuses it by name. */
  bool whole = p >= INPUT_PROPERTY || !memchr (name, 0, name_bytes);
  r.name_bytes = (uint32_t) (whole ? strlen (text) : name_bytes);
  r.bytes = count * (r.dtype == DTYPE_F32 ? 4 : 8);
  put (to, &r, sizeof r);
  put (to, whole ? text : name, r.name_bytes);
  put_elements (to, v, count);
}

static void
put_layer (int to, matvar_t *layers, size_t i)
{
  char name[MAX_NAME];
  size_t name_bytes = read_name (to, Mat_VarGetStructFieldByName (layers, "Name", i), i, name);
  for (int p = 0; p < PROPERTIES; p++)
    {
      const matvar_t *v = Mat_VarGetStructFieldByName (layers, properties[p].field, i);
      if (!empty (v))
        put_property (to, v, i, p, name, name_bytes);
    }
}

/* A field that is not known may hold weights that would be missed in silence. */
static void
check_fields (int to, const matvar_t *layers)
{
  unsigned n = Mat_VarGetNumberOfFields ((matvar_t *) layers);
  char *const *names = Mat_VarGetStructFieldnames (layers);
  for (unsigned i = 0; names && i < n; i++)
    {
      bool known = names[i] && !strcmp (names[i], "Name");
      for (int p = 0; names[i] && p < PROPERTIES; p++)
        known = known || !strcmp (names[i], properties[p].field);
      if (!known)
        bad (to, "layers has a field %.64s; Name, Weights, Bias, Scale, Offset, TrainedMean, TrainedVariance, Alpha, "
                 "Mean and StandardDeviation are allowed",
             names[i] ? names[i] : "without a name");
    }
}

static void
put_layers (int to, mat_t *mat)
{
  matvar_t *layers = Mat_VarRead (mat, "layers");
  if (!layers)
    bad (to, "no variable layers that can be read; a struct array with the fields Name, Weights, Bias, ... is needed, "
             "as save_weights.m writes it");
  size_t count;
  if (layers->class_type == MAT_C_STRUCT && (!count_of (layers, &count) || (!layers->data && count)))
    bad (to, "a damaged .mat file: layers has no fields that can be read");
  if (layers->class_type != MAT_C_STRUCT)
    bad (to, "layers is of class %s; a struct array with the fields Name, Weights, Bias, ... is needed",
         class_name (layers->class_type));
  if (count > MAX_LAYERS)
    bad (to, "layers has %zu elements; at most %d are allowed", count, MAX_LAYERS);
  check_fields (to, layers);
  for (size_t i = 0; i < count; i++)
    put_layer (to, layers, i);
  Mat_VarFree (layers);
}

void
weights_mat_child (const char *path, int to)
{
  mat_t *mat = Mat_Open (path, MAT_ACC_RDONLY);
  if (!mat)
    bad (to, "a damaged .mat file: its header can't be read");
  /* Nothing else is opened from here on, whatever an HDF5 file links to. */
  setrlimit (RLIMIT_NOFILE, &(struct rlimit){ 0, 0 });
  summing = true;
  put_layers (to, mat);
  uint64_t first = sum;
  summing = false;
  sum = 0;
  put_layers (to, mat);
  if (sum != first)
    bad (to, "reading it failed, or it changed meanwhile");
  put (to, &(struct weights_child_record){ .kind = WEIGHTS_CHILD_END }, sizeof (struct weights_child_record));
  Mat_Close (mat);
  _exit (0);
}
