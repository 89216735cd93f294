/* The weights file: header, table of sections, data. runtime/rescast.h describes it, runtime/weights.c reads it. */
#include "weights_file.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../../runtime/rescast.h"
#include "backend/backend.h"
#include "pack.h"

#define SECTION_ALIGNMENT 64

static int64_t
table_end (int count)
{
  return (int64_t) (sizeof (struct rescast_weights_header) + (size_t) count * sizeof (struct rescast_weights_section));
}

int64_t
weights_file_bytes (const int64_t *bytes, int count)
{
  int64_t end = table_end (count);
  for (int i = 0; i < count; i++)
    end = round_up (end, SECTION_ALIGNMENT) + bytes[i];
  return end;
}

/* The bytes of each number in the packed weights of G, or 0: they differ. Vectors behind the weights are floats;
 * weights of 16 bits are numbers of 32 bits, two in each (weight_get). */
static uint32_t
word_bytes (const struct graph *g)
{
  for (int i = 0; i < g->node_count; i++)
    {
      const struct kernel *k = g->nodes[i].kernel;
      if (k->order->move && element_bytes (order_element (k->order, g)) < (int) sizeof (uint16_t))
        return 0;
    }
  return sizeof (float);
}

static struct rescast_weights_section
entry_of (const struct section *s, int64_t offset)
{
  struct rescast_weights_section e = { .layout = pack_layout_hash (s->g), .offset = (uint64_t) offset,
                                       .bytes = (uint64_t) s->bytes, .word = word_bytes (s->g) };
  const char *order = backend_of (s->g)->section_order (s->g);
  assert (strlen (order) < sizeof e.order);
  memcpy (e.order, order, strlen (order));
  e.hash = rescast_hash (s->data, e.bytes, e.word);
  return e;
}

/* N bytes, behind zeros up to OFFSET. */
static bool
put (FILE *f, int64_t *at, int64_t offset, const void *data, size_t n)
{
  static const char zeros[SECTION_ALIGNMENT];
  size_t gap = (size_t) (offset - *at);
  *at = offset + (int64_t) n;
  return fwrite (zeros, 1, gap, f) == gap && fwrite (data, 1, n, f) == n;
}

void
weights_file_write (const struct section *sections, int count, const char *path)
{
  struct rescast_weights_header h = { .magic = "RESCAST",
                                      .abi = RESCAST_ABI,
                                      .header = sizeof h,
                                      .sections = (uint32_t) count,
                                      .section = sizeof (struct rescast_weights_section) };
  struct rescast_weights_section table[RESCAST_MAX_SECTIONS];
  int64_t end = table_end (count), at = 0;
  assert (count <= RESCAST_MAX_SECTIONS);
  for (int i = 0; i < count; i++)
    {
      table[i] = entry_of (&sections[i], round_up (end, SECTION_ALIGNMENT));
      end = (int64_t) (table[i].offset + table[i].bytes);
    }
  FILE *f = fopen (path, "wb");
  bool written = f && put (f, &at, 0, &h, sizeof h) && put (f, &at, at, table, (size_t) count * sizeof *table);
  for (int i = 0; i < count && written; i++)
    written = put (f, &at, (int64_t) table[i].offset, sections[i].data, (size_t) sections[i].bytes);
  if (!written || fclose (f))
    fatal ("%s: cannot be written: %s", path, strerror (errno));
}
