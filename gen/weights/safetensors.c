/* Weights in safetensors: 8 bytes of header length, a JSON header, the tensors' bytes in one piece.
 *
 *   { "NAME": { "dtype": "F32", "shape": [64, 3, 7, 7], "data_offsets": [BEGIN, END] }, …, "__metadata__": {…} }
 *
 * Offsets count from the header's end. As in the format's own reader, the tensors must tile the rest of the file:
 * no overlap, no gap. Tensors are used where they lie in the mapped file. */
#include "file.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define MAX_HEADER 100000000 /* bytes; the format's own limit */

bool
weights_is_safetensors (const struct weights_file *f)
{
  return f->bytes >= 9 && f->data[8] == '{';
}

static enum dtype
parse_dtype (const struct weights_file *f, const char *name, const json_t *j)
{
  const char *s = json_string_value (j);
  if (s)
    for (enum dtype d = DTYPE_F16; d <= DTYPE_BOOL; d++)
      if (!strcmp (s, dtype_name (d)))
        return d;
  weights_bad (f, "tensor %s: dtype %s; F16, BF16, F32, F64, I8 to I64, U8 to U64 and BOOL are allowed", name,
               s ? weights_show (s, strlen (s)) : "is no string");
}

/* An array of at most MAX integers of 0 or more; its length. */
static int
parse_sizes (const struct weights_file *f, const char *name, const char *key, const json_t *j, size_t max, int64_t *out)
{
  if (!json_is_array (j) || json_array_size (j) > max)
    weights_bad (f, "tensor %s: %s is no list of at most %zu numbers; such a list is allowed", name, key, max);
  size_t n = json_array_size (j);
  for (size_t i = 0; i < n; i++)
    {
      const json_t *v = json_array_get (j, i);
      if (!json_is_integer (v) || json_integer_value (v) < 0)
        weights_bad (f, "tensor %s: %s has a value that is no whole number of 0 or more; such are allowed", name, key);
      out[i] = json_integer_value (v);
    }
  return (int) n;
}

struct range
{
  size_t begin, end;
  const char *name;
};

static int
compare_ranges (const void *a, const void *b)
{
  const struct range *x = a, *y = b;
  if (x->begin != y->begin)
    return x->begin < y->begin ? -1 : 1;
  return x->end < y->end ? -1 : x->end > y->end;
}

static void
check_tiling (const struct weights_file *f, struct range *r, size_t n, size_t bytes)
{
  size_t end = 0;
  if (n)
    qsort (r, n, sizeof *r, compare_ranges);
  for (size_t i = 0; i < n; i++)
    {
      if (r[i].begin != end)
        weights_bad (f, "tensor %s %s byte %zu of the data; tensors without overlap or gap are allowed",
                     weights_show (r[i].name, strlen (r[i].name)),
                     r[i].begin < end ? "overlaps another before" : "leaves a gap at", end);
      end = r[i].end;
    }
  if (end != bytes)
    weights_bad (f, "%zu bytes of data after the last tensor; none are allowed", bytes - end);
}

static struct range
read_tensor (struct weights_file *f, const char *name, const json_t *j, const unsigned char *data, size_t bytes)
{
  const char *shown = weights_show (name, strlen (name));
  int64_t shape[WEIGHT_MAX_RANK], at[2];
  if (!json_is_object (j))
    weights_bad (f, "tensor %s is no object; {dtype, shape, data_offsets} is allowed", shown);
  enum dtype dtype = parse_dtype (f, shown, json_object_get (j, "dtype"));
  int rank = parse_sizes (f, shown, "shape", json_object_get (j, "shape"), WEIGHT_MAX_RANK, shape);
  if (parse_sizes (f, shown, "data_offsets", json_object_get (j, "data_offsets"), 2, at) != 2)
    weights_bad (f, "tensor %s: data_offsets is no [begin, end]; such a pair is allowed", shown);
  if (at[0] > at[1] || (uint64_t) at[1] > bytes)
    weights_bad (f, "tensor %s: data_offsets [%lld, %lld]; 0 to %zu in order is allowed", shown, (long long) at[0],
                 (long long) at[1], bytes);
  size_t need;
  struct weight *t = weights_add (f, name, strlen (name), dtype, rank, shape, &need);
  if (need != (size_t) (at[1] - at[0]))
    weights_bad (f, "tensor %s: data_offsets span %lld bytes; %zu are needed by its shape and dtype", shown,
                 (long long) (at[1] - at[0]), need);
  t->data = data + at[0];
  return (struct range){ (size_t) at[0], (size_t) at[1], t->name };
}

void
weights_read_safetensors (struct weights_file *f)
{
  uint64_t n = weights_le (f->data, 8);
  if (n > MAX_HEADER || n > f->bytes - 8)
    weights_bad (f, "the header's length is %llu; at most %zu is allowed here", (unsigned long long) n,
                 f->bytes - 8 < MAX_HEADER ? f->bytes - 8 : (size_t) MAX_HEADER);
  const char *header = (const char *) f->data + 8;
  const unsigned char *data = f->data + 8 + n;
  size_t bytes = f->bytes - 8 - (size_t) n, count = 0;
  weights_json (f, "the header", "{name: {dtype, shape, data_offsets}}", header, (size_t) n);
  struct range *ranges = NEW_ARRAY (json_object_size (f->json), struct range);
  const char *name;
  json_t *j;
  json_object_foreach (f->json, name, j)
  {
    if (strcmp (name, "__metadata__"))
      ranges[count++] = read_tensor (f, name, j, data, bytes);
  }
  check_tiling (f, ranges, count, bytes);
  json_decref (f->json);
  f->json = NULL;
}
