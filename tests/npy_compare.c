/* npy_compare ACTUAL EXPECTED TOLERANCE: compare two arrays as reference/cases.py does.
 *
 * An array is FILE.npy, or FILE.npz:NAME, and may end in [I]: the I-th element along the first axis, which stays as
 * an axis of extent 1. Prints the relative L2 distance of what is finite; exit status 0 when it is within TOLERANCE, ACTUAL has
 * NaN and infinities where EXPECTED has them and the shapes are equal, 1 when not, 2 when something can't be read.
 * Little-endian files in C order. */
#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zip.h>

enum
{
  MAX_RANK = 8
};

struct array
{
  int rank;
  size_t shape[MAX_RANK], count;
  double *v;
};

static _Noreturn void die (const char *fmt, ...) __attribute__ ((format (printf, 1, 2)));

static void
die (const char *fmt, ...)
{
  va_list args;
  va_start (args, fmt);
  fputs ("npy_compare: ", stderr);
  vfprintf (stderr, fmt, args);
  fputc ('\n', stderr);
  va_end (args);
  exit (2);
}

static unsigned char *
grow (unsigned char *p, size_t n)
{
  p = realloc (p, n);
  if (!p)
    die ("out of memory");
  return p;
}

static unsigned char *
read_file (const char *path, size_t *bytes)
{
  FILE *f = fopen (path, "rb");
  if (!f)
    die ("can't open %s", path);
  unsigned char *p = NULL;
  size_t n = 0, cap = 0;
  do
    {
      cap = cap ? 2 * cap : 65536;
      p = grow (p, cap);
      n += fread (p + n, 1, cap - n, f);
    }
  while (n == cap);
  fclose (f);
  *bytes = n;
  return p;
}

static unsigned char *
read_member (const char *path, const char *name, size_t *bytes)
{
  char member[256];
  snprintf (member, sizeof member, "%s.npy", name);
  zip_t *z = zip_open (path, ZIP_RDONLY, NULL);
  zip_stat_t st;
  if (!z || zip_stat (z, member, 0, &st))
    die ("%s has no array %s", path, name);
  unsigned char *p = grow (NULL, st.size + 1);
  zip_file_t *f = zip_fopen (z, member, 0);
  if (!f || zip_fread (f, p, st.size) != (zip_int64_t) st.size)
    die ("%s:%s can't be read", path, name);
  zip_fclose (f);
  zip_discard (z);
  *bytes = st.size;
  return p;
}

/* Element I of DATA, whose type DESCR names as NumPy does ("<f4"). */
static double
element (const char *descr, const unsigned char *data, size_t i)
{
  float f4;
  double f8;
  int32_t i4;
  int64_t i8;
  if (!strcmp (descr, "<f4"))
    return memcpy (&f4, data + 4 * i, 4), (double) f4;
  if (!strcmp (descr, "<f8"))
    return memcpy (&f8, data + 8 * i, 8), f8;
  if (!strcmp (descr, "<i4"))
    return memcpy (&i4, data + 4 * i, 4), (double) i4;
  if (!strcmp (descr, "<i8"))
    return memcpy (&i8, data + 8 * i, 8), (double) i8;
  return data[i];
}

/* The value behind 'KEY': in the header's dictionary. */
static const char *
entry (const char *header, const char *key, const char *what)
{
  const char *p = strstr (header, key);
  if (!p)
    die ("%s: no %s in the header", what, key);
  p += strlen (key);
  return p + strspn (p, " :");
}

static struct array
parse (const unsigned char *p, size_t bytes, const char *what)
{
  if (bytes < 12 || memcmp (p, "\x93NUMPY", 6))
    die ("%s is no .npy array", what);
  size_t at = p[6] == 1 ? 10 : 12;
  size_t n = (size_t) p[8] | (size_t) p[9] << 8;
  if (p[6] != 1)
    n |= (size_t) p[10] << 16 | (size_t) p[11] << 24;
  if (n > bytes - at)
    die ("%s: cut off", what);
  char *header = (char *) grow (NULL, n + 1), descr[4] = "";
  memcpy (header, p + at, n);
  header[n] = 0;
  if (sscanf (entry (header, "'descr'", what), "'%3[^']'", descr) != 1 || strlen (descr) != 3
      || !strstr ("<f4 <f8 <i4 <i8 |u1", descr))
    die ("%s: an element type that is not read here", what);
  if (strncmp (entry (header, "'fortran_order'", what), "False", 5))
    die ("%s: not in C order", what);
  struct array a = { .count = 1 };
  char *s = strchr (entry (header, "'shape'", what), '(');
  while (s && *++s != ')')
    {
      char *end;
      size_t extent = strtoull (s, &end, 10);
      if (end == s || a.rank == MAX_RANK)
        die ("%s: the shape can't be read", what);
      a.shape[a.rank++] = extent;
      a.count *= extent;
      s = end + strspn (end, ", ") - 1;
    }
  if ((bytes - at - n) / (size_t) (descr[2] - '0') < a.count)
    die ("%s: cut off", what);
  a.v = (double *) grow (NULL, a.count * sizeof *a.v + 1);
  for (size_t i = 0; i < a.count; i++)
    a.v[i] = element (descr, p + at + n, i);
  free (header);
  return a;
}

/* Keep the I-th slice along the first axis. */
static void
slice (struct array *a, size_t i, const char *what)
{
  if (!a->rank || i >= a->shape[0])
    die ("%s: no such slice", what);
  a->count /= a->shape[0];
  a->shape[0] = 1;
  memmove (a->v, a->v + i * a->count, a->count * sizeof *a->v);
}

static struct array
load (const char *what)
{
  char *path = strdup (what);
  if (!path)
    die ("out of memory");
  char *index = strrchr (path, '[');
  if (index)
    *index++ = 0;
  char *name = strstr (path, ".npz:");
  size_t bytes;
  unsigned char *p;
  if (name)
    {
      name[4] = 0;
      p = read_member (path, name + 5, &bytes);
    }
  else
    p = read_file (path, &bytes);
  struct array a = parse (p, bytes, what);
  if (index)
    slice (&a, strtoull (index, NULL, 10), what);
  free (p);
  free (path);
  return a;
}

int
main (int argc, char **argv)
{
  if (argc != 4)
    die ("ACTUAL EXPECTED TOLERANCE");
  struct array a = load (argv[1]), b = load (argv[2]);
  double tolerance = strtod (argv[3], NULL), difference = 0, norm = 0;
  int ok = a.rank == b.rank && !memcmp (a.shape, b.shape, (size_t) a.rank * sizeof *a.shape);
  if (!ok)
    printf ("shapes differ\n");
  else
    {
      for (size_t i = 0; i < a.count; i++)
        {
          if (isnan (b.v[i]) ? isnan (a.v[i]) : isinf (b.v[i]) && a.v[i] == b.v[i])
            continue;
          difference += (a.v[i] - b.v[i]) * (a.v[i] - b.v[i]);
          norm += b.v[i] * b.v[i];
        }
      double relative = sqrt (difference) / (sqrt (norm) + 1e-30);
      ok = isfinite (relative) && relative <= tolerance; /* another element that is not finite makes it so */
      printf ("relative L2 %.2e\n", relative);
    }
  free (a.v);
  free (b.v);
  return !ok;
}
