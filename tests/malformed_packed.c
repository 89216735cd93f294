/* malformed_packed NAME.weights DIR: copies of a generated weights file with one section, each damaged in one way, which
 * its name tells. The network's program must refuse every one of them. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../runtime/rescast.h"

static const char *folder;
static unsigned char *good, *bad;
static size_t size;

/* The damaged copy. */
static struct rescast_weights_header *header;
static struct rescast_weights_section *section;

static void
save_bytes (const char *name, size_t bytes)
{
  char path[4096];
  snprintf (path, sizeof path, "%s/%s", folder, name);
  FILE *f = fopen (path, "wb");
  if (!f || fwrite (bad, 1, bytes, f) != bytes || fclose (f) != 0)
    {
      perror (path);
      exit (1);
    }
  memcpy (bad, good, size);
  memset (bad + size, 0, size);
}

static void
save (const char *name)
{
  save_bytes (name, size);
}

static void
damaged_headers (void)
{
  header->magic[7] = 'X';
  save ("magic");
  header->abi = RESCAST_ABI - 1;
  save ("abi_older");
  header->abi = UINT32_MAX;
  save ("abi_none");
  header->header = 0;
  save ("header_size");
  header->section = 128;
  save ("entry_size");
  static const uint32_t counts[] = { 0, 2, RESCAST_MAX_SECTIONS, RESCAST_MAX_SECTIONS + 1, 1u << 26, UINT32_MAX };
  for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
    {
      char name[32];
      header->sections = counts[i];
      snprintf (name, sizeof name, "sections_%u", (unsigned) counts[i]);
      save (name);
    }
  header->reserved[4] = 1;
  save ("header_reserved");
}

static void
damaged_entries (void)
{
  memset (section->order, 'a', sizeof section->order);
  save ("name_without_end");
  section->order[0] = 0;
  save ("name_empty");
  section->order[sizeof section->order - 1] = 'a';
  save ("name_behind_its_end");
  section->layout ^= 1;
  save ("another_layout");
  section->offset = 0;
  save ("offset_in_header");
  section->offset += 64;
  save ("offset_with_a_gap");
  section->offset += 4;
  save ("offset_not_aligned");
  section->offset = UINT64_MAX - 63;
  save ("offset_overflows");
  section->bytes += 64;
  save ("bytes_behind_the_end");
  section->bytes -= 64;
  save ("bytes_before_the_end");
  section->bytes = UINT64_MAX;
  save ("bytes_most");
  section->bytes = 0 - section->offset;
  save ("bytes_overflow");
  section->word = 3;
  save ("word_3");
  section->word = 1u << 31;
  save ("word_most");
  section->reserved = 1;
  save ("entry_reserved");
  section->hash ^= 1;
  save ("hash");
  bad[size - 1] ^= 1;
  save ("data");
}

/* Two entries, with the data behind them. */
static void
damaged_tables (void)
{
  struct rescast_weights_section second = { .order = "other", .layout = section->layout ^ 1, .word = 1 };
  for (int kind = 0; kind < 3; kind++)
    {
      static const char *const names[] = { "layout_twice", "sections_overlap", "second_behind_the_end" };
      header->sections = 2;
      section->offset += 64;
      second.offset = (section->offset + section->bytes + 63) / 64 * 64;
      second.bytes = 0;
      if (kind == 0)
        second.layout = section->layout;
      else if (kind == 1)
        second.offset = section->offset;
      else
        second.bytes = 64;
      memcpy (section + 1, &second, sizeof second);
      second.layout = section->layout ^ 1;
      save_bytes (names[kind], (size_t) (section->offset + section->bytes + 63) / 64 * 64);
    }
}

int
main (int argc, char **argv)
{
  if (argc != 3)
    return 2;
  folder = argv[2];
  FILE *f = fopen (argv[1], "rb");
  if (!f || fseek (f, 0, SEEK_END) || ftell (f) < 256)
    return 2;
  size = (size_t) ftell (f);
  rewind (f);
  good = malloc (size);
  bad = calloc (2, size);
  if (!good || !bad || fread (good, 1, size, f) != size)
    return 2;
  fclose (f);
  memcpy (bad, good, size);
  header = (struct rescast_weights_header *) (void *) bad;
  section = (struct rescast_weights_section *) (void *) (bad + sizeof *header);
  damaged_headers ();
  damaged_entries ();
  damaged_tables ();
  static const size_t ends[] = { 0, 1, 63, 64, 127, 128, 192 };
  for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
    {
      char name[32];
      snprintf (name, sizeof name, "ends_at_%zu", ends[i]);
      save_bytes (name, ends[i]);
    }
  save_bytes ("longer", size + 1);
  free (good);
  free (bad);
  return 0;
}
