/* Memory, text and errors of the generator.
 *
 * The generator is a program that runs once: all small allocations come from one arena that is freed in one
 * call at the end, and an error in the user's input prints one line and ends the program. */
#ifndef RESCAST_BASE_UTIL_H
#define RESCAST_BASE_UTIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PRINTF(fmt, args) __attribute__ ((format (printf, fmt, args)))

/* A place in a file of the user's. line 0: the whole file; col 0: the whole line. */
struct loc
{
  const char *file;
  int line, col;
};

/* Print `rescast: WHAT` (or `rescast: FILE:LINE:COL: WHAT`) and exit with status 1. No trailing newline in FMT. */
_Noreturn void fatal (const char *fmt, ...) PRINTF (1, 2);
_Noreturn void fatal_at (struct loc loc, const char *fmt, ...) PRINTF (2, 3);

/* Print `rescast: warning: WHAT` and go on; and `rescast: WHAT`, of what is as it should be. */
void warn (const char *fmt, ...) PRINTF (1, 2);
void note (const char *fmt, ...) PRINTF (1, 2);

/* Keep some memory and descriptors, until a fatal error or mem_free_all, for what handlers at exit do. */
void fatal_reserve (void);

/* Zeroed memory of the generator's arena; fatal when there is none left. Freed by mem_free_all alone. */
void *mem_alloc (size_t bytes);
void *mem_array (size_t count, size_t size); /* fatal when COUNT * SIZE overflows */
char *mem_strdup (const char *s);
char *mem_strndup (const char *s, size_t n);
char *mem_printf (const char *fmt, ...) PRINTF (1, 2);
void mem_free_all (void);
/* COUNT elements of SIZE bytes, zeroed, which the caller frees; fatal when there is no memory for them. For arrays as
 * large as a network's tensors, too large to stay in the arena. */
void *heap_array (size_t count, size_t size);
#define NEW(type) ((type *) mem_alloc (sizeof (type)))
#define NEW_ARRAY(count, type) ((type *) mem_array (count, sizeof (type)))

/* Products of untrusted extents: false on overflow, and then *OUT is untouched. */
bool mul_size (size_t a, size_t b, size_t *out);
bool add_size (size_t a, size_t b, size_t *out);

/* Text that grows. {0} is empty; s is always terminated once anything was added. In the arena. */
struct text
{
  char *s;
  size_t n, cap;
};
void text_add (struct text *t, const char *s);
void text_addn (struct text *t, const char *s, size_t n);
void text_printf (struct text *t, const char *fmt, ...) PRINTF (2, 3);

/* "(64, 3, 7, 7)". In the arena. */
char *dims_text (int rank, const int64_t *shape);

/* A whole file, read into malloc'ed memory with a terminating 0, or fatal with a line that names it.
 * At most MAX bytes. The caller frees. */
char *file_read (const char *path, size_t max, size_t *bytes);
/* The names in a folder but . and .., as they come, in the arena; NULL with errno where it cannot be read to its
 * end. */
const char **folder_names (const char *path, size_t *count);
/* Write a whole file or fatal. */
void file_write (const char *path, const void *data, size_t bytes);

/* 64-bit FNV-1a, continued from H (start with HASH_START). */
#define HASH_START UINT64_C (0xcbf29ce484222325)
uint64_t hash_bytes (uint64_t h, const void *data, size_t bytes);

/* The name among COUNT candidates that looks most like S, or NULL: for "did you mean". */
const char *nearest_name (const char *s, const char *const *names, size_t count);

static inline int64_t
ceil_div (int64_t a, int64_t b)
{
  return (a + b - 1) / b;
}

static inline int64_t
round_up (int64_t a, int64_t b)
{
  return ceil_div (a, b) * b;
}

/* The length of the UTF-8 character at P with LEFT bytes to go, 0 when it is none; *C is its code point. */
size_t utf8_decode (const char *p, size_t left, uint32_t *c);

/* The median of the N numbers X, which it sorts. */
double median (double *x, int n);

#endif
