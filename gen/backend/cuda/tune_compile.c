/* Variants of a network, compiled by NVRTC in child processes, since one compilation is one thread's work. What they
 * make is left in the cache, where the parent finds it by the same source. */
#include "tune_variants.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cuda.h"
#include "base/temporary.h"
#include "base/terminal.h"
#include "generate/generate.h"
#include "generate/pipeline.h"
#include "pack/pack.h"

/* Compiling may take this share of the time for all. */
#define COMPILING 0.5

/* A source's bytes at most. */
#define SOURCE_MOST ((size_t) 1 << 28)

struct cuda_variant
cuda_variant_plan (const struct cuda_tuning *t, int number, const struct measured_tiles *tiles)
{
  struct cuda_variant v = { .number = number };
  struct graph *from = tune_fresh (&t->m, t->m.g->choosing, t->m.g->precision);
  struct kernels *ks, *part = NEW (struct kernels);
  from->tiles = tiles;
  struct graph *g = further_graph (t->m.source, from, &cuda_backend, t->m.precision, &t->m.targets, &ks, false);
  v.all = (struct emission){ .g = g, .kernels = ks, .weight_bytes = pack_plan (g) };
  v.part = v.all;
  v.functions = NEW_ARRAY ((size_t) ks->count, void *);
  if (!number)
    return v;
  *part = *ks;
  part->count = 0;
  part->list = NEW_ARRAY ((size_t) ks->count, struct kernel *);
  for (int i = 0; i < t->product_count; i++)
    for (int j = 0; number < t->products[i].count && j < t->products[i].kernel_count; j++)
      part->list[part->count++] = ks->list[t->products[i].kernels[j]];
  v.part.kernels = part;
  return v;
}

/* Kernels are shared by what they are, whatever their tiles: their numbers mean the same in all variants. */
static bool
same_kernels (const struct kernels *a, const struct kernels *b)
{
  bool same = a->count == b->count;
  for (int i = 0; same && i < a->count; i++)
    same = !strcmp (a->list[i]->function, b->list[i]->function);
  return same;
}

static char *
source_path (const struct cuda_variant *v, const char *folder)
{
  return mem_printf ("%s/variant%d.cu", folder, v->number);
}

static char *
message_path (const struct cuda_variant *v, const char *folder)
{
  return mem_printf ("%s/variant%d.log", folder, v->number);
}

/* In a child: its exit status. */
static int
compile (const struct cuda_tuning *t, const struct cuda_variant *v, const char *folder)
{
  struct text source = cuda_source (&v->part);
  struct rescast_info info = { .name = v->all.g->name };
  struct rescast_cuda_network network = { .info = &info, .source = source.s };
  void *code;
  file_write (source_path (v, folder), source.s, source.n);
  if (!cuda_compile (&network, t->major, t->minor, &code))
    return 0;
  file_write (message_path (v, folder), rescast_cuda_message (), strlen (rescast_cuda_message ()));
  return 1;
}

/* What the parent has registered for its end, and its driver, are no child's to end. */
static void
leave (void)
{
  _exit (1);
}

static pid_t
start (const struct cuda_tuning *t, const struct cuda_variant *v, const char *folder)
{
  fflush (NULL);
  pid_t pid = fork ();
  if (pid < 0)
    fatal ("no process to compile in: %s", strerror (errno));
  if (pid)
    {
      temporary_child (pid);
      return pid;
    }
  atexit (leave);
  _exit (compile (t, v, folder));
}

static void
read_source (struct cuda_variant *v, const char *folder)
{
  size_t bytes;
  char *text = file_read (source_path (v, folder), SOURCE_MOST, &bytes);
  v->source = mem_strdup (text);
  free (text);
}

static const char *
read_message (const struct cuda_variant *v, const char *folder)
{
  const char *path = message_path (v, folder);
  size_t bytes;
  if (access (path, R_OK))
    return mem_printf ("compiling variant %d of the network ends without a word", v->number);
  char *text = file_read (path, SOURCE_MOST, &bytes), *words = mem_strdup (text);
  free (text);
  return words;
}

static void
stop_all (const pid_t *running, int count)
{
  for (int i = 0; i < count; i++)
    if (running[i] > 0)
      {
        kill (running[i], SIGTERM);
        waitpid (running[i], NULL, 0);
      }
}

/* Wait for one of the children RUNNING, a variant each; its number. */
static int
wait_for_one (pid_t *running, int count, bool *succeeded)
{
  for (;;)
    {
      int status = 0;
      pid_t pid = waitpid (-1, &status, 0);
      if (pid < 0)
        {
          int error = errno;
          stop_all (running, count);
          fatal ("compiling: %s", strerror (error));
        }
      for (int i = 0; i < count; i++)
        if (running[i] == pid)
          {
            running[i] = 0;
            temporary_child_ended (pid);
            *succeeded = WIFEXITED (status) && !WEXITSTATUS (status);
            return i;
          }
    }
}

static int
processes (void)
{
  long cpus = sysconf (_SC_NPROCESSORS_ONLN);
  return cpus > 0 ? (int) cpus : 1;
}

void
cuda_variants_compile (struct cuda_tuning *t, const char *folder, const char **why)
{
  const int most = processes (), count = t->variant_count;
  pid_t *running = NEW_ARRAY ((size_t) count, pid_t);
  int next = 0, working = 0, done = 0;
  bool succeeded;
  setenv ("RESCAST_CACHE", folder, 1);
  *why = NULL;
  while (next < count || working)
    {
      if (next < count && working < most && (next == 0 || tune_cuda_spent (t) < COMPILING))
        {
          working += same_kernels (t->variants[next].all.kernels, t->variants[0].all.kernels)
                     && (running[next] = start (t, &t->variants[next], folder)) > 0;
          next++;
          continue;
        }
      if (!working)
        break; /* no time for the others */
      int number = wait_for_one (running, count, &succeeded);
      working--;
      progress_show ("compiling", done++, count);
      if (succeeded)
        read_source (&t->variants[number], folder);
      else if (!*why || !number)
        *why = read_message (&t->variants[number], folder);
    }
  if (done < count)
    progress_show ("compiling", count - 1, count);
}
