/* Memory, text and errors of the generator. */
#include "util.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "terminal.h"

enum
{
  RESERVED_BYTES = 256 << 10,
  RESERVED_FILES = 4 /* a temporary folder has as many levels */
};

/* Names come from outside: a newline or an escape sequence in one must not break the line or the terminal. */
static void
put_clean (const char *s)
{
  for (; *s; s++)
    fputc ((unsigned char) *s < 32 || *s == 127 ? '?' : *s, stderr);
}

static void
report (const char *kind, enum colour colour, struct loc loc, const char *fmt, va_list args)
{
  char text[16384]; /* there may be no memory left */
  fflush (stdout);
  progress_clear ();
  const bool plain = colour == COLOUR_NONE;
  fprintf (stderr, "%srescast:%s %s", plain ? "" : colour_of (stderr, colour),
           plain ? "" : colour_of (stderr, COLOUR_NONE), kind);
  if (loc.file)
    {
      put_clean (loc.file);
      if (loc.line)
        fprintf (stderr, ":%d", loc.line);
      if (loc.line && loc.col)
        fprintf (stderr, ":%d", loc.col);
      fputs (": ", stderr);
    }
  vsnprintf (text, sizeof text, fmt, args);
  put_clean (text);
  fputc ('\n', stderr);
}

static void *reserve;
static int reserved[RESERVED_FILES];

/* Memory and open files may be what the program has run out of, and the handlers at exit need some. */
static void
give_reserve (void)
{
  free (reserve);
  for (int i = 0; reserve && i < RESERVED_FILES; i++)
    close (reserved[i]);
  reserve = NULL;
}

static _Noreturn void
give_up (void)
{
  give_reserve ();
  exit (1);
}

void
fatal (const char *fmt, ...)
{
  va_list args;
  va_start (args, fmt);
  report ("", COLOUR_BAD, (struct loc){ 0 }, fmt, args);
  va_end (args);
  give_up ();
}

void
fatal_at (struct loc loc, const char *fmt, ...)
{
  va_list args;
  va_start (args, fmt);
  report ("", COLOUR_BAD, loc, fmt, args);
  va_end (args);
  give_up ();
}

void
fatal_reserve (void)
{
  for (int i = 0; i < RESERVED_FILES; i++)
    if ((reserved[i] = open ("/dev/null", O_RDONLY | O_CLOEXEC)) < 0)
      fatal ("/dev/null: %s", strerror (errno));
  if (!(reserve = malloc (RESERVED_BYTES)))
    fatal ("out of memory");
}

void
warn (const char *fmt, ...)
{
  va_list args;
  va_start (args, fmt);
  report ("warning: ", COLOUR_WARNING, (struct loc){ 0 }, fmt, args);
  va_end (args);
}

void
note (const char *fmt, ...)
{
  va_list args;
  va_start (args, fmt);
  report ("", COLOUR_NONE, (struct loc){ 0 }, fmt, args);
  va_end (args);
}

/* The arena: chunks in a list, bumped. A chunk never moves, so pointers stay good. */
struct chunk
{
  struct chunk *next;
  size_t used, bytes;
  _Alignas (max_align_t) unsigned char data[];
};

static struct chunk *chunks;

void *
mem_alloc (size_t bytes)
{
  const size_t align = _Alignof (max_align_t);
  if (bytes > SIZE_MAX - align - sizeof (struct chunk))
    fatal ("out of memory");
  bytes = (bytes + align - 1) / align * align;
  if (!chunks || chunks->bytes - chunks->used < bytes)
    {
      size_t size = bytes > 65536 ? bytes : 65536;
      struct chunk *c = calloc (1, sizeof *c + size);
      if (!c)
        fatal ("out of memory (%zu bytes)", bytes);
      c->bytes = size;
      c->next = chunks;
      chunks = c;
    }
  void *p = chunks->data + chunks->used;
  chunks->used += bytes;
  return p;
}

void *
mem_array (size_t count, size_t size)
{
  size_t bytes;
  if (!mul_size (count, size, &bytes))
    fatal ("out of memory (%zu elements of %zu bytes)", count, size);
  return mem_alloc (bytes);
}

void *
heap_array (size_t count, size_t size)
{
  size_t bytes;
  void *p = mul_size (count, size, &bytes) ? calloc (count ? count : 1, size) : NULL;
  if (!p)
    fatal ("out of memory (%zu elements of %zu bytes)", count, size);
  return p;
}

void
mem_free_all (void)
{
  give_reserve ();
  while (chunks)
    {
      struct chunk *next = chunks->next;
      free (chunks);
      chunks = next;
    }
}

char *
mem_strndup (const char *s, size_t n)
{
  char *p = mem_alloc (n + 1);
  memcpy (p, s, n);
  return p;
}

char *
mem_strdup (const char *s)
{
  return mem_strndup (s, strlen (s));
}

char *
mem_printf (const char *fmt, ...)
{
  va_list args, again;
  va_start (args, fmt);
  va_copy (again, args);
  int n = vsnprintf (NULL, 0, fmt, args);
  char *p = mem_alloc ((size_t) n + 1);
  if (n < 0 || vsnprintf (p, (size_t) n + 1, fmt, again) != n)
    fatal ("out of memory");
  va_end (again);
  va_end (args);
  return p;
}

bool
mul_size (size_t a, size_t b, size_t *out)
{
  size_t r;
  if (__builtin_mul_overflow (a, b, &r))
    return false;
  *out = r;
  return true;
}

bool
add_size (size_t a, size_t b, size_t *out)
{
  size_t r;
  if (__builtin_add_overflow (a, b, &r))
    return false;
  *out = r;
  return true;
}

void
text_addn (struct text *t, const char *s, size_t n)
{
  if (t->n + n + 1 > t->cap)
    {
      size_t cap = t->cap ? t->cap : 256;
      while (cap < t->n + n + 1)
        cap *= 2;
      char *grown = mem_alloc (cap);
      if (t->n)
        memcpy (grown, t->s, t->n);
      t->s = grown;
      t->cap = cap;
    }
  memcpy (t->s + t->n, s, n);
  t->n += n;
  t->s[t->n] = 0;
}

void
text_add (struct text *t, const char *s)
{
  text_addn (t, s, strlen (s));
}

void
text_printf (struct text *t, const char *fmt, ...)
{
  va_list args, again;
  va_start (args, fmt);
  va_copy (again, args);
  int n = vsnprintf (NULL, 0, fmt, args);
  char small[256];
  char *p = n < (int) sizeof small ? small : mem_alloc ((size_t) n + 1);
  if (n < 0 || vsnprintf (p, (size_t) n + 1, fmt, again) != n)
    fatal ("out of memory");
  va_end (again);
  va_end (args);
  text_addn (t, p, (size_t) n);
}

char *
dims_text (int rank, const int64_t *shape)
{
  struct text t = { 0 };
  text_add (&t, "(");
  for (int i = 0; i < rank; i++)
    text_printf (&t, "%s%" PRId64, i ? ", " : "", shape[i]);
  text_add (&t, ")");
  return t.s;
}

char *
file_read (const char *path, size_t max, size_t *bytes)
{
  FILE *f = fopen (path, "rb");
  if (!f)
    fatal ("%s: %s", path, strerror (errno));
  size_t n = 0, cap = 65536;
  char *p = malloc (cap + 1);
  while (p)
    {
      n += fread (p + n, 1, cap - n, f);
      if (n < cap || n > max)
        break;
      cap *= 2;
      char *grown = realloc (p, cap + 1);
      if (!grown)
        free (p);
      p = grown;
    }
  if (!p)
    fatal ("%s: out of memory", path);
  if (ferror (f))
    fatal ("%s: cannot be read: %s", path, strerror (errno));
  fclose (f);
  if (n > max)
    fatal ("%s: the file has more than %zu bytes", path, max);
  p[n] = 0;
  *bytes = n;
  return p;
}

const char **
folder_names (const char *path, size_t *count)
{
  const char **names = NULL;
  size_t n = 0, cap = 0;
  DIR *d = opendir (path);
  if (!d)
    return NULL;
  for (struct dirent *e; errno = 0, (e = readdir (d));)
    {
      if (!strcmp (e->d_name, ".") || !strcmp (e->d_name, ".."))
        continue;
      if (n == cap)
        {
          const char **grown = NEW_ARRAY (cap = 2 * cap + 64, const char *);
          if (n)
            memcpy (grown, names, n * sizeof *grown);
          names = grown;
        }
      names[n++] = mem_strdup (e->d_name);
    }
  int error = errno;
  closedir (d);
  errno = error;
  *count = n;
  return error ? NULL : names ? names : NEW (const char *);
}

void
file_write (const char *path, const void *data, size_t bytes)
{
  FILE *f = fopen (path, "wb");
  if (!f)
    fatal ("%s: %s", path, strerror (errno));
  if (fwrite (data, 1, bytes, f) != bytes || fclose (f))
    fatal ("%s: %s", path, strerror (errno));
}

uint64_t
hash_bytes (uint64_t h, const void *data, size_t bytes)
{
  const unsigned char *p = data;
  for (size_t i = 0; i < bytes; i++)
    h = (h ^ p[i]) * UINT64_C (0x100000001b3);
  return h;
}

static int
compare_doubles (const void *a, const void *b)
{
  const double *x = a, *y = b;
  return (*x > *y) - (*x < *y);
}

double
median (double *x, int n)
{
  qsort (x, (size_t) n, sizeof *x, compare_doubles);
  return (x[(n - 1) / 2] + x[n / 2]) / 2;
}
