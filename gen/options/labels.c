/* Labels, and names for symbols. */
#include "keys.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The file's path, seen from the options file's folder. */
static const char *
labels_path (const struct options *o)
{
  const char *slash = strrchr (o->path, '/');
  if (*o->labels_file == '/' || !slash)
    return o->labels_file;
  return mem_printf ("%.*s/%s", (int) (slash - o->path), o->path, o->labels_file);
}

/* The line at S without its end; fatal when it is no label. */
static const char *
label (const char *path, int line, const char *s, size_t n)
{
  struct loc loc = { path, line, 0 };
  uint32_t c;
  if (n && s[n - 1] == '\r')
    n--;
  if (!n || n > 1024)
    fatal_at (loc, "a label of %zu bytes; allowed: 1 to 1024", n);
  for (size_t i = 0, k; i < n; i += k)
    {
      k = utf8_decode (s + i, n - i, &c);
      if (!k || (c < 0x20 && c != '\t') || c == 0x7f)
        fatal_at ((struct loc){ path, line, (int) i + 1 }, "byte 0x%02x in a label; allowed: UTF-8 text",
                  (unsigned char) s[i]);
    }
  return mem_strndup (s, n);
}

void
read_labels (struct options *o)
{
  size_t bytes, lines = 0;
  if (!o->labels_file)
    return;
  o->labels_loc = option_loc (o, "labels");
  const char *path = labels_path (o);
  FILE *f = fopen (path, "rb"); /* for an error that tells where the name stands */
  if (!f || (getc (f) == EOF && ferror (f)))
    fatal_at (o->labels_loc, "labels: %s: %s; allowed: a text file", yaml_quote (path), strerror (errno));
  fclose (f);
  char *text = file_read (path, MAX_LABELS_BYTES, &bytes), *p = text, *end = text + bytes;
  if (bytes >= 3 && !memcmp (p, "\xef\xbb\xbf", 3))
    p += 3;
  while (end > p && (end[-1] == '\n' || end[-1] == '\r')) /* blank last lines */
    end--;
  for (const char *q = p; q < end; q++)
    lines += *q == '\n';
  lines += end > p;
  if (o->num_classes ? lines != (size_t) o->num_classes : !lines)
    fatal_at (o->labels_loc, "labels: %s has %zu lines; allowed: one for each of the %s classes", yaml_quote (path),
              lines, o->num_classes ? mem_printf ("%lld", (long long) o->num_classes) : "network's");
  o->labels = NEW_ARRAY (lines, const char *);
  for (; o->label_count < lines; o->label_count++)
    {
      char *newline = memchr (p, '\n', (size_t) (end - p)), *stop = newline ? newline : end;
      o->labels[o->label_count] = label (path, (int) o->label_count + 1, p, (size_t) (stop - p));
      p = stop + 1;
    }
  free (text);
}

/* Words that C or C++ keep for themselves, macros of libc, files and targets of the generated folder, and headers that
 * NAME.h would be taken for. */
static const char reserved[]
    = " auto break case char const continue default do double else enum extern float for goto if inline int long "
      "register restrict return short signed sizeof static struct switch typedef union unsigned void volatile while "
      "asm bool catch class delete explicit export false friend mutable namespace new nullptr operator private "
      "protected public template this throw true try typeid typename using virtual wchar_t alignas alignof constexpr "
      "decltype noexcept thread_local and or not xor compl bitand bitor typeof concept requires "
      "errno stdin stdout stderr assert NULL EOF I complex linux unix "
      "rescast runtime Makefile all clean install check "
      "ctype dirent errno fcntl inttypes jpeglib limits math png pthread setjmp signal stdatomic stdint stdio stdlib "
      "string time unistd zlib ";

const char *
name_problem (const char *name)
{
  static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
  size_t n = strlen (name);
  if (!n || n > 63)
    return n ? "too long" : "empty";
  if (name[strspn (name, letters)] || isdigit ((unsigned char) *name))
    return "no C identifier";
  if (*name == '_' || !strncmp (name, "rescast_", 8) || !strncmp (name, "m4_", 3)
      || strstr (reserved, mem_printf (" %s ", name)))
    return "reserved";
  /* as the templates' parameters and macros are */
  if (!strpbrk (name, "abcdefghijklmnopqrstuvwxyz"))
    return "all capitals";
  return NULL;
}

char *
default_name (const char *path)
{
  const char *slash = strrchr (path, '/'), *stem = slash ? slash + 1 : path, *dot = strrchr (stem, '.');
  size_t n = dot && dot > stem ? (size_t) (dot - stem) : strlen (stem);
  char *name = mem_strndup (stem, n < 59 ? n : 59);
  for (char *p = name; *p; p++)
    if (!isalnum ((unsigned char) *p))
      *p = '_';
  return name_problem (name) ? mem_printf ("net_%s", name) : name;
}
