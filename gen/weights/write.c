/* Writing safetensors: the same layout as safetensors.c reads. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/util.h"
#include "weights.h"

/* TEXT as a JSON string: names of tensors are UTF-8 without control characters. */
static void
add_string (struct text *t, const char *s)
{
  text_add (t, "\"");
  for (; *s; s++)
    text_printf (t, *s == '"' || *s == '\\' ? "\\%c" : "%c", *s);
  text_add (t, "\"");
}

static char *
header_of (const struct weight *list, size_t count, size_t *length)
{
  struct text t = { 0 };
  size_t offset = 0;
  text_add (&t, "{");
  for (size_t i = 0; i < count; i++)
    {
      const size_t bytes = list[i].count * dtype_bytes (list[i].dtype);
      text_add (&t, i ? "," : "");
      add_string (&t, list[i].name);
      text_printf (&t, ":{\"dtype\":\"%s\",\"shape\":[", dtype_name (list[i].dtype));
      for (int a = 0; a < list[i].rank; a++)
        text_printf (&t, "%s%" PRId64, a ? "," : "", list[i].shape[a]);
      text_printf (&t, "],\"data_offsets\":[%zu,%zu]}", offset, offset + bytes);
      offset += bytes;
    }
  text_add (&t, "}");
  while (t.n % 8)
    text_add (&t, " "); /* so that the data is aligned */
  *length = t.n;
  return t.s;
}

void
weights_write (const char *path, const struct weight *list, size_t count)
{
  size_t length;
  const char *header = header_of (list, count, &length);
  unsigned char head[8];
  for (int i = 0; i < 8; i++)
    head[i] = (unsigned char) ((uint64_t) length >> 8 * i);
  FILE *f = fopen (path, "wb");
  bool good = f && fwrite (head, 1, sizeof head, f) == sizeof head && fwrite (header, 1, length, f) == length;
  for (size_t i = 0; good && i < count; i++)
    {
      const size_t bytes = list[i].count * dtype_bytes (list[i].dtype);
      good = fwrite (list[i].data, 1, bytes, f) == bytes;
    }
  if (f && fclose (f))
    good = false;
  if (!good)
    fatal ("%s: cannot be written", path);
}
