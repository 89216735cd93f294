/* Weights in NumPy's .npz, a zip archive of .npy arrays, a tensor's name being its entry's without the suffix; and a
 * .npy file alone, whose one tensor has no name.
 *
 * An array is unpacked only after its own header and the archive's directory agree on its size. */
#include "file.h"

#include <string.h>

enum
{
  MAX_HEADER = 65536 /* bytes; NumPy itself stops at 10000 */
};

/* What a .npy header says, and the cursor that reads it. */
struct npy
{
  struct weights_file *f;
  const char *name; /* of the array, for messages */
  const struct weights_entry *entry; /* in the archive, or NULL for a file of its own, */
  size_t taken;                      /* … of which this much was read */
  bool no_number;                    /* text: skipped */
  const char *at, *end;
  enum dtype dtype;
  bool swap, fortran;
  int rank;
  int64_t shape[WEIGHT_MAX_RANK];
};

static _Noreturn void
bad_header (const struct npy *h, const char *what)
{
  weights_bad (h->f, "%s: %s; {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)} is allowed", h->name, what);
}

static void
skip_space (struct npy *h)
{
  while (h->at < h->end && (*h->at == ' ' || *h->at == '\n' || *h->at == '\t' || *h->at == '\r'))
    h->at++;
}

/* True, and past it, when S comes next. */
static bool
accept (struct npy *h, const char *s)
{
  size_t n = strlen (s);
  skip_space (h);
  if ((size_t) (h->end - h->at) < n || memcmp (h->at, s, n))
    return false;
  h->at += n;
  return true;
}

/* After an item of a list that CLOSE ends: a comma, or the end itself, which is left. */
static bool
more_or_end (struct npy *h, char close)
{
  return accept (h, ",") || (h->at < h->end && *h->at == close);
}

static void
parse_string (struct npy *h, char *out, size_t cap)
{
  skip_space (h);
  char quote = h->at < h->end ? *h->at : 0;
  if (quote != '\'' && quote != '"')
    bad_header (h, "the .npy header lacks a quoted string where one belongs");
  const char *s = h->at + 1;
  const char *close = memchr (s, quote, (size_t) (h->end - s));
  if (!close || (size_t) (close - s) >= cap)
    bad_header (h, "a string of the .npy header is too long or has no end");
  memcpy (out, s, (size_t) (close - s));
  out[close - s] = 0;
  h->at = close + 1;
}

/* 'U13', 'S5': texts, such as labels, that stand beside tensors. */
static bool
is_text (const char *code)
{
  return (*code == 'U' || *code == 'S') && code[1] >= '0' && code[1] <= '9';
}

static void
parse_descr (struct npy *h)
{
  static const struct
  {
    const char *code;
    enum dtype dtype;
  } known[] = { { "f2", DTYPE_F16 }, { "f4", DTYPE_F32 }, { "f8", DTYPE_F64 }, { "i1", DTYPE_I8 },  { "u1", DTYPE_U8 },
                { "i2", DTYPE_I16 }, { "i4", DTYPE_I32 }, { "i8", DTYPE_I64 }, { "b1", DTYPE_BOOL } };
  char s[16];
  skip_space (h);
  if (h->at < h->end && *h->at == '[')
    bad_header (h, "a structured array");
  parse_string (h, s, sizeof s);
  const char *code = s + (s[0] == '<' || s[0] == '>' || s[0] == '|');
  for (size_t i = 0; i < sizeof known / sizeof *known; i++)
    if (!strcmp (code, known[i].code) && (s[0] != '|' || dtype_bytes (known[i].dtype) == 1))
      {
        h->dtype = known[i].dtype;
        h->swap = s[0] == '>' && dtype_bytes (h->dtype) > 1;
        return;
      }
  if ((h->no_number = h->entry && is_text (code)))
    return;
  weights_bad (h->f, "%s: descr '%s'; f2 f4 f8 i1 u1 i2 i4 i8 b1 after < or > (or | for one byte) are allowed", h->name,
               weights_show (s, strlen (s)));
}

static void
parse_shape (struct npy *h)
{
  if (!accept (h, "("))
    bad_header (h, "the .npy header's shape is no tuple");
  while (!accept (h, ")"))
    {
      int64_t n = 0;
      const char *start = h->at;
      for (; h->at < h->end && *h->at >= '0' && *h->at <= '9'; h->at++)
        if (__builtin_mul_overflow (n, 10, &n) || __builtin_add_overflow (n, *h->at - '0', &n))
          bad_header (h, "an extent of the .npy header's shape is too large");
      if (h->at == start)
        bad_header (h, "the .npy header's shape has something that is no extent");
      if (h->rank == WEIGHT_MAX_RANK)
        weights_bad (h->f, "%s: rank above %d; up to %d is allowed", h->name, WEIGHT_MAX_RANK, WEIGHT_MAX_RANK);
      h->shape[h->rank++] = n;
      accept (h, "L"); /* Python 2 wrote long numbers so */
      if (!more_or_end (h, ')'))
        bad_header (h, "the .npy header's shape lacks a comma");
    }
}

/* A Python dictionary of exactly three keys, in any order. */
static void
parse_header (struct npy *h)
{
  int seen = 0;
  if (!accept (h, "{"))
    bad_header (h, "the .npy header is no dictionary");
  while (!accept (h, "}"))
    {
      char key[16];
      parse_string (h, key, sizeof key);
      int bit = !strcmp (key, "descr") ? 1 : !strcmp (key, "fortran_order") ? 2 : !strcmp (key, "shape") ? 4 : 0;
      if (!bit || seen & bit || !accept (h, ":"))
        bad_header (h, "the .npy header has an unknown or repeated key");
      seen |= bit;
      if (bit == 1)
        parse_descr (h);
      else if (bit == 4)
        parse_shape (h);
      else if (!(h->fortran = accept (h, "True")) && !accept (h, "False"))
        bad_header (h, "fortran_order is neither True nor False");
      if (!more_or_end (h, '}'))
        bad_header (h, "the .npy header lacks a comma");
    }
  skip_space (h);
  if (seen != 7 || h->at != h->end)
    bad_header (h, "the .npy header lacks a key or goes on after its end");
}

/* The next bytes of the array's file. */
static void
take (struct npy *h, void *to, size_t bytes)
{
  if (h->entry)
    weights_zip_read (h->f, h->entry, to, bytes);
  else
    memcpy (to, h->f->data + h->taken, bytes);
  h->taken += bytes;
}

/* The header of the array of TOTAL bytes, itself included; the bytes it takes. */
static size_t
read_header (struct npy *h, uint64_t total)
{
  unsigned char head[12];
  if (total < 10)
    bad_header (h, "too short for a .npy array");
  take (h, head, 10);
  if (memcmp (head, "\x93NUMPY", 6))
    bad_header (h, "no .npy array: its magic number is missing");
  if (head[6] < 1 || head[6] > 3 || head[7] != 0)
    weights_bad (h->f, "%s: .npy version %d.%d; 1.0, 2.0 and 3.0 are allowed", h->name, head[6], head[7]);
  size_t start = head[6] == 1 ? 10 : 12;
  if (total < start)
    bad_header (h, "too short for a .npy array");
  take (h, head + 10, start - 10);
  size_t n = (size_t) weights_le (head + 8, (int) start - 8);
  if (n > MAX_HEADER || n > total - start)
    weights_bad (h->f, "%s: the .npy header's length is %zu; at most %d and the entry's own length are allowed",
                 h->name, n, MAX_HEADER);
  char *text = mem_alloc (n + 1);
  take (h, text, n);
  h->at = text;
  h->end = text + n;
  parse_header (h);
  return start + n;
}

/* The data behind the header, in this machine's byte order and C order, as tensor NAME. */
static void
read_data (struct npy *h, const char *name, size_t name_bytes, uint64_t left)
{
  struct weights_file *f = h->f;
  size_t bytes, size = dtype_bytes (h->dtype);
  struct weight *t = weights_add (f, name, name_bytes, h->dtype, h->rank, h->shape, &bytes);
  if (left != bytes)
    weights_bad (f, "%s: %llu bytes of data; %zu are needed by its shape and dtype", h->name, (unsigned long long) left,
                 bytes);
  unsigned char *data = weights_block (f, bytes);
  take (h, data, bytes);
  if (h->swap)
    weights_swap (data, t->count, size);
  if (h->fortran && h->rank > 1 && t->count)
    {
      int64_t stride[WEIGHT_MAX_RANK] = { 1 };
      for (int i = 1; i < h->rank; i++)
        stride[i] = stride[i - 1] * h->shape[i - 1];
      unsigned char *c = weights_block (f, bytes);
      weights_gather (c, data, size, h->rank, h->shape, stride);
      weights_drop (f, data);
      data = c;
    }
  t->data = data;
}

static void
read_array (struct weights_file *f, const struct weights_entry *e)
{
  size_t n = strlen (e->name);
  struct npy h = { .f = f, .name = weights_show (e->name, n), .entry = e };
  if (n < 4 || strcmp (e->name + n - 4, ".npy"))
    weights_bad (f, "%s is in the archive; only .npy arrays (NumPy) or a data.pkl (PyTorch) are allowed", h.name);
  weights_zip_start (f, e);
  size_t start = read_header (&h, e->bytes);
  if (h.no_number)
    {
      weights_zip_skip (f);
      return;
    }
  read_data (&h, e->name, n - 4, e->bytes - start);
  weights_zip_end (f, e);
}

void
weights_read_npz (struct weights_file *f)
{
  for (size_t i = 0; i < f->entry_count; i++)
    read_array (f, &f->entries[i]);
}

bool
weights_is_npy (const struct weights_file *f)
{
  return f->bytes >= 6 && !memcmp (f->data, "\x93NUMPY", 6);
}

void
weights_read_npy (struct weights_file *f)
{
  struct npy h = { .f = f, .name = "the array" };
  size_t start = read_header (&h, f->bytes);
  read_data (&h, "array", 5, f->bytes - start);
}
