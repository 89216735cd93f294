/* Entries of zip archives, for .npz and PyTorch's files, through libzip.
 *
 * Nothing is trusted that the archive says of itself: the directory's size is bounded before libzip reads it, the
 * declared sizes before anything is unpacked, and an entry has to end, checksum included, where it said it would. */
#include "file.h"

#include <stdlib.h>
#include <string.h>
#include <zip.h>

bool
weights_is_zip (const struct weights_file *f)
{
  return f->bytes >= 4 && (!memcmp (f->data, "PK\3\4", 4) || !memcmp (f->data, "PK\5\6", 4));
}

/* Every "end of central directory" that libzip might find: the last 64 KiB, with the 64-bit one where its locator
 * stands in front. */
static void
check_directory (const struct weights_file *f)
{
  const unsigned char *p = f->data;
  size_t least = f->bytes > 65536 + 22 ? f->bytes - 65536 - 22 : 0;
  for (size_t i = f->bytes; i-- > least;)
    {
      if (f->bytes - i < 22 || memcmp (p + i, "PK\5\6", 4))
        continue;
      uint64_t bytes = weights_le (p + i + 12, 4);
      if (i >= 20 && !memcmp (p + i - 20, "PK\6\7", 4))
        {
          uint64_t at = weights_le (p + i - 12, 8);
          if (at < f->bytes && f->bytes - at >= 56)
            bytes = weights_le (p + at + 40, 8);
        }
      if (bytes > WEIGHTS_MAX_DIRECTORY && bytes <= f->bytes)
        weights_bad (f, "the zip directory takes %llu bytes; %d are allowed", (unsigned long long) bytes,
                     WEIGHTS_MAX_DIRECTORY);
    }
}

static int
compare_entries (const void *a, const void *b)
{
  return strcmp ((*(struct weights_entry *const *) a)->name, (*(struct weights_entry *const *) b)->name);
}

static void
read_entry (struct weights_file *f, struct weights_entry *e, uint64_t i)
{
  const zip_uint64_t need
      = ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD | ZIP_STAT_ENCRYPTION_METHOD;
  zip_stat_t st;
  if (zip_stat_index (f->zip, i, ZIP_FL_ENC_RAW, &st) || (st.valid & need) != need)
    weights_bad (f, "entry %llu of the zip directory can't be read; a whole directory is allowed",
                 (unsigned long long) i);
  const char *shown = weights_show (st.name, strlen (st.name));
  if (st.encryption_method != ZIP_EM_NONE)
    weights_bad (f, "%s is encrypted; plain entries are allowed", shown);
  if (st.comp_method != ZIP_CM_STORE && st.comp_method != ZIP_CM_DEFLATE)
    weights_bad (f, "%s is compressed by method %d; stored and deflated entries are allowed", shown, st.comp_method);
  if (st.comp_size > f->bytes)
    weights_bad (f, "%s takes %llu bytes; the file has only %zu", shown, (unsigned long long) st.comp_size, f->bytes);
  *e = (struct weights_entry){ mem_strdup (st.name), i, st.size };
}

void
weights_zip_open (struct weights_file *f)
{
  check_directory (f);
  zip_error_t e;
  zip_error_init (&e);
  zip_source_t *source = zip_source_buffer_create (f->data, f->bytes, 0, &e);
  if (source)
    f->zip = zip_open_from_source (source, ZIP_RDONLY, &e);
  if (!f->zip)
    {
      const char *why = zip_error_strerror (&e);
      why = weights_show (why, strlen (why));
      zip_source_free (source);
      zip_error_fini (&e);
      weights_bad (f, "the zip archive: %s; a whole archive is allowed", why);
    }
  zip_error_fini (&e);
  zip_int64_t n = zip_get_num_entries (f->zip, 0);
  if (n < 0)
    weights_bad (f, "the zip directory can't be read; a whole directory is allowed");
  f->entry_count = (size_t) n;
  f->entries = NEW_ARRAY (f->entry_count, struct weights_entry);
  f->by_name = NEW_ARRAY (f->entry_count, struct weights_entry *);
  size_t total = 0;
  for (size_t i = 0; i < f->entry_count; i++)
    {
      read_entry (f, &f->entries[i], i);
      f->by_name[i] = &f->entries[i];
      if (!add_size (total, f->entries[i].bytes, &total))
        total = SIZE_MAX;
    }
  if (total > f->budget) /* one entry or many, which may share their packed bytes: before anything is unpacked */
    weights_bad (f, "the archive of %zu bytes unpacks to %zu; %zu are allowed", f->bytes, total, f->budget);
  if (f->entry_count)
    qsort (f->by_name, f->entry_count, sizeof *f->by_name, compare_entries);
  for (size_t i = 1; i < f->entry_count; i++)
    if (!strcmp (f->by_name[i - 1]->name, f->by_name[i]->name))
      weights_bad (f, "two entries are named %s; a name is allowed once",
                   weights_show (f->by_name[i]->name, strlen (f->by_name[i]->name)));
}

void
weights_zip_close (struct weights_file *f)
{
  zip_discard (f->zip);
  f->zip = NULL;
}

const struct weights_entry *
weights_zip_find (const struct weights_file *f, const char *name)
{
  struct weights_entry key = { .name = name }, *p = &key;
  struct weights_entry **found
      = !f->entry_count ? NULL : bsearch (&p, f->by_name, f->entry_count, sizeof p, compare_entries);
  return found ? *found : NULL;
}

void
weights_zip_start (struct weights_file *f, const struct weights_entry *e)
{
  f->open = zip_fopen_index (f->zip, e->index, 0);
  if (!f->open)
    {
      const char *why = zip_strerror (f->zip);
      weights_bad (f, "%s: %s; a whole entry is allowed", weights_show (e->name, strlen (e->name)),
                   weights_show (why, strlen (why)));
    }
}

static _Noreturn void
bad_entry (const struct weights_file *f, const struct weights_entry *e, zip_int64_t got)
{
  const char *why = got < 0 ? zip_file_strerror (f->open) : got ? "longer than declared" : "shorter than declared";
  weights_bad (f, "%s: %s; an entry of its declared %llu bytes is allowed", weights_show (e->name, strlen (e->name)),
               weights_show (why, strlen (why)), (unsigned long long) e->bytes);
}

void
weights_zip_read (struct weights_file *f, const struct weights_entry *e, void *to, size_t bytes)
{
  for (unsigned char *p = to; bytes;)
    {
      /* In pieces: libzip's buffers take 64-bit lengths, zlib's only 32. */
      size_t piece = bytes < WEIGHTS_SMALL ? bytes : WEIGHTS_SMALL;
      zip_int64_t got = zip_fread (f->open, p, piece);
      if (got <= 0)
        bad_entry (f, e, got);
      p += got;
      bytes -= (size_t) got;
    }
}

void
weights_zip_end (struct weights_file *f, const struct weights_entry *e)
{
  unsigned char more;
  zip_int64_t got = zip_fread (f->open, &more, 1); /* at the end libzip compares the checksum */
  if (got)
    bad_entry (f, e, got);
  zip_fclose (f->open);
  f->open = NULL;
}

void
weights_zip_skip (struct weights_file *f)
{
  zip_fclose (f->open);
  f->open = NULL;
}
