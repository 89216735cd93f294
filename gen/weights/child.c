/* A child process that reads a file, and what is taken from it. */
#include "child.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define SPARE_MEMORY ((size_t) 256 << 20) /* of the child, beside the tensors: both libraries' tables and buffers */
#define LEAST_SECONDS 4                   /* of its processor time */
#define BYTES_PER_SECOND ((size_t) 4 << 20)

static void
limit (int resource, rlim_t most)
{
  struct rlimit now;
  if (getrlimit (resource, &now) == 0 && now.rlim_max != RLIM_INFINITY && now.rlim_max < most)
    most = now.rlim_max;
  setrlimit (resource, &(struct rlimit){ most, most });
}

/* Bytes of address space that this process takes already: a sanitizer reserves terabytes. */
static size_t
address_space (void)
{
  unsigned long pages = 0;
  FILE *f = fopen ("/proc/self/statm", "r");
  if (f && fscanf (f, "%lu", &pages) != 1)
    pages = 0;
  if (f)
    fclose (f);
  return (size_t) pages * (size_t) sysconf (_SC_PAGESIZE);
}

void
weights_child_write (int to, const void *data, size_t bytes)
{
  for (const char *p = data; bytes;)
    {
      ssize_t n = write (to, p, bytes);
      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        _exit (1);
      p += n;
      bytes -= (size_t) n;
    }
}

static _Noreturn void
become_child (const struct weights_file *f, const struct weights_child *c, int to)
{
  /* Neither library's complaints, nor a sanitizer's, are for the user. */
  if (!freopen ("/dev/null", "w", stderr))
    _exit (2);
  signal (SIGPIPE, SIG_DFL); /* the parent has seen enough */
  limit (RLIMIT_CORE, 0);
  limit (RLIMIT_FSIZE, 0);
  limit (RLIMIT_CPU, LEAST_SECONDS + f->bytes / BYTES_PER_SECOND);
#ifdef RLIMIT_AS
  limit (RLIMIT_AS, (rlim_t) address_space () + f->budget + c->memory + SPARE_MEMORY);
#endif
  c->work (f, c->arg, to);
  _exit (0);
}

struct reader
{
  struct weights_file *f;
  const struct weights_child *c;
  int from;
  pid_t child;
};

/* The child ended before its last record. */
static _Noreturn void
bad_end (const struct reader *r)
{
  int status = 0;
  kill (r->child, SIGKILL); /* one that broke the protocol may still be there */
  while (waitpid (r->child, &status, 0) < 0 && errno == EINTR)
    continue;
  if (WIFSIGNALED (status) && WTERMSIG (status) == SIGXCPU)
    weights_bad (r->f, "a damaged %s: reading it takes too long", r->c->kind);
  weights_bad (r->f,
               "a damaged %s: it can't be read to its end, or not within the memory that a file of %zu "
               "bytes is allowed",
               r->c->kind, r->f->bytes);
}

static void
take (const struct reader *r, void *to, size_t bytes)
{
  for (unsigned char *p = to; bytes;)
    {
      ssize_t n = read (r->from, p, bytes < WEIGHTS_SMALL ? bytes : WEIGHTS_SMALL);
      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        bad_end (r);
      p += n;
      bytes -= (size_t) n;
    }
}

static _Noreturn void
read_error (const struct reader *r, size_t bytes)
{
  char text[WEIGHTS_CHILD_TEXT + 1] = "";
  if (bytes > WEIGHTS_CHILD_TEXT)
    bad_end (r);
  take (r, text, bytes);
  for (size_t i = 0; i < bytes; i++) /* names of the file's are in it */
    if (text[i] < ' ' || text[i] > '~')
      text[i] = '?';
  weights_bad (r->f, "%s", text);
}

static void
read_tensor (const struct reader *r, const struct weights_child_record *x)
{
  char name[WEIGHTS_MAX_NAME];
  size_t bytes;
  if (x->dtype > DTYPE_BOOL || x->name_bytes > sizeof name || x->rank > WEIGHT_MAX_RANK)
    bad_end (r);
  take (r, name, x->name_bytes);
  struct weight *t = weights_add (r->f, name, x->name_bytes, (enum dtype) x->dtype, (int) x->rank, x->shape, &bytes);
  if (bytes != x->bytes)
    bad_end (r);
  void *data = weights_block (r->f, bytes);
  take (r, data, bytes);
  if (!*(const char *) &(const uint16_t){ 1 }) /* this machine's byte order comes, little-endian goes */
    weights_swap (data, t->count, dtype_bytes (t->dtype));
  t->data = data;
  r->c->taken (r->f, t);
}

void
weights_run_child (struct weights_file *f, const struct weights_child *c)
{
  int ends[2];
  fflush (NULL);
  if (pipe (ends))
    weights_bad (f, "%s", strerror (errno));
  struct reader r = { .f = f, .c = c, .from = ends[0], .child = fork () };
  if (r.child < 0)
    weights_bad (f, "%s", strerror (errno));
  if (r.child == 0)
    {
      close (ends[0]);
      become_child (f, c, ends[1]);
    }
  close (ends[1]);
  struct weights_child_record x;
  for (take (&r, &x, sizeof x); x.kind == WEIGHTS_CHILD_TENSOR; take (&r, &x, sizeof x))
    read_tensor (&r, &x);
  if (x.kind == WEIGHTS_CHILD_ERROR)
    read_error (&r, x.bytes < SIZE_MAX ? (size_t) x.bytes : SIZE_MAX);
  if (x.kind != WEIGHTS_CHILD_END)
    bad_end (&r);
  close (r.from);
  while (waitpid (r.child, NULL, 0) < 0 && errno == EINTR)
    continue;
}
