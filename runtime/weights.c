/* Weights: one section of a file, mapped read-only, checked before the first use, used in place.
 *
 * A weights file is little-endian. A big-endian machine takes a private copy of its section and swaps the bytes there.
 */
#include "rescast.h"

#include <string.h>

#include "pages.h"

#define ALIGNMENT 64

_Static_assert (sizeof (struct rescast_weights_header) == ALIGNMENT, "the header is 64 bytes in the file");
_Static_assert (sizeof (struct rescast_weights_section) == ALIGNMENT, "and so is an entry of the table");

/* The data of a section that has none. */
static const _Alignas (ALIGNMENT) unsigned char nothing[ALIGNMENT];

#if defined __BYTE_ORDER__ && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define BIG_ENDIAN_HOST 1

/* Numbers of SIZE bytes each, in the other byte order. */
static void
swap (void *data, size_t bytes, size_t size)
{
  unsigned char *p = data;
  for (size_t at = 0; at + size <= bytes; at += size, p += size)
    for (size_t i = 0; i < size / 2; i++)
      {
        unsigned char low = p[i];
        p[i] = p[size - 1 - i];
        p[size - 1 - i] = low;
      }
}
#else
#define BIG_ENDIAN_HOST 0

static void
swap (void *data, size_t bytes, size_t size)
{
  (void) data;
  (void) bytes;
  (void) size;
}
#endif

static void
swap_header (struct rescast_weights_header *h)
{
  swap (&h->abi, sizeof h->abi, sizeof h->abi);
  swap (&h->header, sizeof h->header, sizeof h->header);
  swap (&h->sections, sizeof h->sections, sizeof h->sections);
  swap (&h->section, sizeof h->section, sizeof h->section);
}

static void
swap_section (struct rescast_weights_section *s)
{
  swap (&s->layout, sizeof s->layout, sizeof s->layout);
  swap (&s->offset, sizeof s->offset, sizeof s->offset);
  swap (&s->bytes, sizeof s->bytes, sizeof s->bytes);
  swap (&s->hash, sizeof s->hash, sizeof s->hash);
  swap (&s->word, sizeof s->word, sizeof s->word);
}

/* Where bytes come from: a file, or memory where FILE is NULL. */
struct image
{
  const struct rescast_file *file;
  const unsigned char *memory;
  uint64_t bytes;
};

static int
read_image (const struct image *image, uint64_t offset, void *to, size_t bytes)
{
  if (offset > image->bytes || bytes > image->bytes - offset)
    return RESCAST_EFORMAT;
  if (image->file)
    return rescast_file_read (image->file, offset, to, bytes);
  memcpy (to, image->memory + offset, bytes);
  return RESCAST_OK;
}

static int
check_header (const struct rescast_weights_header *h)
{
  if (memcmp (h->magic, "RESCAST", 8) != 0)
    return RESCAST_EFORMAT;
  if (h->abi != RESCAST_ABI)
    return RESCAST_EVERSION;
  if (h->header != sizeof *h || h->section != sizeof (struct rescast_weights_section) || h->sections < 1
      || h->sections > RESCAST_MAX_SECTIONS)
    return RESCAST_EFORMAT;
  for (size_t i = 0; i < sizeof h->reserved / sizeof *h->reserved; i++)
    if (h->reserved[i])
      return RESCAST_EFORMAT;
  return RESCAST_OK;
}

/* Is it one or more printable characters, then zeros, at least one? */
static int
is_name (const char *s, size_t size)
{
  size_t n = 0;
  while (n < size && s[n] > ' ' && s[n] < 0x7f)
    n++;
  if (n == 0 || n == size)
    return 0;
  while (n < size && !s[n])
    n++;
  return n == size;
}

/* An entry of the table, of a file of BYTES, whose data cannot begin before *END, the end of what lies in front; then
   *END is its own. */
static int
check_section (const struct rescast_weights_section *s, uint64_t bytes, uint64_t *end)
{
  uint64_t offset = (*end + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  if (!is_name (s->order, sizeof s->order) || s->reserved || s->word > 8 || (s->word & (s->word - 1)))
    return RESCAST_EFORMAT;
  if (s->offset != offset || s->offset > bytes || s->bytes > bytes - s->offset || s->bytes > SIZE_MAX / 2)
    return RESCAST_EFORMAT;
  if (s->word && s->bytes % s->word)
    return RESCAST_EFORMAT;
  *end = s->offset + s->bytes;
  return RESCAST_OK;
}

/* The table behind the header H, all of which must be right; the section of NETWORK into *SECTION. One entry at a time
   is on the stack, of which small machines have few kilobytes. */
static int
read_table (const struct image *image, const struct rescast_weights_header *h, uint64_t network,
            struct rescast_weights_section *section)
{
  uint64_t layouts[RESCAST_MAX_SECTIONS], end = sizeof *h + h->sections * sizeof *section;
  struct rescast_weights_section s;
  int found = 0;
  for (uint32_t i = 0; i < h->sections; i++)
    {
      int error = read_image (image, sizeof *h + i * sizeof s, &s, sizeof s);
      if (error)
        return error;
      swap_section (&s);
      error = check_section (&s, image->bytes, &end);
      if (error)
        return error;
      layouts[i] = s.layout;
      for (uint32_t k = 0; k < i; k++)
        if (layouts[k] == s.layout)
          return RESCAST_EFORMAT;
      if (s.layout == network)
        {
          *section = s;
          found = 1;
        }
    }
  if (end != image->bytes)
    return RESCAST_EFORMAT;
  return found ? RESCAST_OK : RESCAST_EMATCH;
}

/* Header and table, all of which must be right; the section of NETWORK into *SECTION. */
static int
find_section (const struct image *image, uint64_t network, struct rescast_weights_section *section)
{
  struct rescast_weights_header h;
  int error = read_image (image, 0, &h, sizeof h);
  if (error)
    return error;
  swap_header (&h);
  error = check_header (&h);
  return error ? error : read_table (image, &h, network, section);
}

/* A big-endian machine's copy of the section. */
static int
copy_section (struct rescast_weights *w, const struct image *image, const struct rescast_weights_section *s)
{
  if (!s->word)
    return RESCAST_EORDER;
  size_t bytes = (size_t) s->bytes;
  void *copy = rescast_pages_alloc (bytes);
  if (!copy)
    return RESCAST_EOPEN;
  int error = read_image (image, s->offset, copy, bytes);
  if (error)
    {
      rescast_pages_free (copy, bytes);
      return error;
    }
  swap (copy, bytes, s->word);
  w->data = w->map = copy;
  w->map_bytes = bytes;
  return RESCAST_OK;
}

/* W becomes the section of NETWORK, or stays zeros. */
static int
use (struct rescast_weights *w, const struct image *image, uint64_t network)
{
  struct rescast_weights_section s;
  int error = find_section (image, network, &s);
  if (error)
    return error;
  if (!s.bytes)
    w->data = nothing;
  else if (BIG_ENDIAN_HOST)
    error = copy_section (w, image, &s);
  else if (image->file)
    w->data = rescast_file_map (image->file, s.offset, (size_t) s.bytes, &w->map, &w->map_bytes);
  else
    w->data = image->memory + s.offset;
  if (!w->data)
    {
      memset (w, 0, sizeof *w);
      return error ? error : RESCAST_EOPEN;
    }
  w->data_bytes = (size_t) s.bytes;
  w->section = s;
  return RESCAST_OK;
}

int
rescast_weights_init (struct rescast_weights *w, const void *image, size_t bytes, uint64_t network)
{
  if (!w)
    return RESCAST_EINVAL;
  memset (w, 0, sizeof *w);
  if (!image || (uintptr_t) image % ALIGNMENT)
    return RESCAST_EINVAL;
  return use (w, &(struct image){ .memory = image, .bytes = bytes }, network);
}

int
rescast_weights_map (struct rescast_weights *w, const char *path, uint64_t network)
{
  struct rescast_file file;
  if (!w)
    return RESCAST_EINVAL;
  memset (w, 0, sizeof *w);
  if (!path)
    return RESCAST_EINVAL;
  int error = rescast_file_open (&file, path);
  if (error)
    return error;
  error = use (w, &(struct image){ .file = &file, .bytes = file.bytes }, network);
  rescast_file_close (&file);
  return error;
}

int
rescast_weights_check (const struct rescast_weights *w)
{
  if (!w || !w->data)
    return RESCAST_EINVAL;
  return rescast_hash (w->data, w->data_bytes, w->section.word) == w->section.hash ? RESCAST_OK : RESCAST_EHASH;
}

void
rescast_weights_unmap (struct rescast_weights *w)
{
  if (!w)
    return;
  rescast_pages_free (w->map, w->map_bytes);
  memset (w, 0, sizeof *w);
}
