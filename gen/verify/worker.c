/* What runs in a child process: the library is loaded, the network initialised and run. The parent fills inputs and
 * looks at results in memory that both share, so that whatever a kernel overwrites elsewhere, the parent's data stay
 * right. */
#include "backend/backend.h"
#include "verify_internal.h"

#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <ucontext.h>
#include <unistd.h>

/* The socket of this child, for its signal handler. */
static int socket_of_faults;

/* Was the access that faulted a write? From what the processor tells of a page fault. */
static enum access
access_of (const void *context)
{
#if defined __linux__ && (defined __x86_64__ || defined __i386__)
  const ucontext_t *c = context;
  return c->uc_mcontext.gregs[REG_ERR] & 2 ? ACCESS_WRITE : ACCESS_READ;
#else
  (void) context;
  return ACCESS_UNKNOWN;
#endif
}

/* Tell the parent where the fault was, and let the signal end the process. */
static void
tell_fault (int number, siginfo_t *info, void *context)
{
  struct message m;
  memset (&m, 0, sizeof m);
  m.kind = MESSAGE_FAULT;
  m.fault = (struct fault){ .signal = number, .code = info->si_code, .access = access_of (context),
                            .address = (uintptr_t) info->si_addr };
  process_send (socket_of_faults, &m, sizeof m);
  signal (number, SIG_DFL);
  raise (number); /* pending until this returns */
}

/* On a stack of its own: a kernel may have used up the thread's. */
static void
watch_faults (int socket)
{
  static const int signals[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP };
  static unsigned char stack[65536];
  struct sigaction action = { .sa_sigaction = tell_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK };
  socket_of_faults = socket;
  sigaltstack (&(stack_t){ .ss_sp = stack, .ss_size = sizeof stack }, NULL);
  for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
    sigaction (signals[i], &action, NULL);
}

static void
tell (int socket, const struct message *m)
{
  if (!process_send (socket, m, sizeof *m))
    _exit (PROCESS_LOST);
}

static void
tell_end (int socket, int kind, int error, const char *text)
{
  struct message m = { .kind = kind, .error = error };
  snprintf (m.text, sizeof m.text, "%s", text);
  tell (socket, &m);
}

void
worker_refuse (int socket, int error, const char *fmt, ...)
{
  char text[sizeof ((struct message *) 0)->text];
  va_list args;
  va_start (args, fmt);
  vsnprintf (text, sizeof text, fmt, args);
  va_end (args);
  tell_end (socket, MESSAGE_READY, error, text);
  _exit (0);
}

void
worker_ready (int socket)
{
  tell_end (socket, MESSAGE_READY, 0, "");
}

/* ISO C has no cast from an object's pointer to a function's; POSIX promises that this works. */
#define FIND(member, ...) *(void **) &f.member = find (lib, handle, socket, __VA_ARGS__)

static void *find (const struct library *lib, void *handle, int socket, const char *fmt, ...) PRINTF (4, 5);

static void *
find (const struct library *lib, void *handle, int socket, const char *fmt, ...)
{
  char name[512];
  va_list args;
  va_start (args, fmt);
  vsnprintf (name, sizeof name, fmt, args);
  va_end (args);
  void *p = dlsym (handle, name);
  if (!p)
    worker_refuse (socket, 1, "%s: no function %s; generate the network again", lib->path, name);
  return p;
}

struct functions
worker_load (const struct library *lib, int socket)
{
  struct functions f = { .message = NULL };
  const char *n = lib->name, *device = lib->device ? lib->device->name : NULL;
  const char *part = device ? mem_printf ("%s_", device) : "", *host = device ? mem_printf ("%s_host_", device) : "";
  watch_faults (socket);
  void *handle = dlopen (lib->path, RTLD_NOW | RTLD_LOCAL);
  if (!handle)
    worker_refuse (socket, 1, "%s", dlerror ());
  FIND (info, "%s_%sinfo", n, part);
  FIND (context_bytes, "%s_%s", n, device ? mem_printf ("%sbytes", host) : "context_bytes");
  if (!device)
    FIND (info_of, "%s_info_of", n);
  FIND (init, "%s_%sinit", n, host);
  const char *prefix = device ? mem_printf ("rescast_%s_host", device) : n;
  FIND (run, "%s_run", prefix);
  FIND (set_hook, "%s_set_hook", prefix);
  FIND (free, "%s_free", prefix);
  if (device)
    {
      FIND (run_from, "rescast_%s_host_run_from", device);
      FIND (message, "rescast_%s_message", device);
    }
  return f;
}

static const char *
error_text (const struct functions *f, int error)
{
  return f->message ? f->message () : rescast_strerror (error);
}

/* What the hook and the parallel loop below need. */
struct running
{
  const struct work *w;
  int socket, layer;
};

/* Tell the parent of a layer, and wait until it has filled its inputs or seen its output. */
static void
stop_at_layer (void *user, const struct rescast_info *info, int layer, int after, void *arena)
{
  struct running *r = user;
  struct message m = { .kind = after ? MESSAGE_AFTER : MESSAGE_BEFORE, .layer = layer,
                       .error = arena != r->w->arena->data };
  char go_on;
  r->layer = layer;
  if (layer < r->w->first)
    return;
  snprintf (m.text, sizeof m.text, "%s", info->layers[layer].kernel);
  tell (r->socket, &m);
  if (!process_receive (r->socket, &go_on, 1))
    _exit (PROCESS_LOST);
}

struct share
{
  void (*body) (void *arg, int i);
  void *arg;
  int i;
};

static void *
run_share (void *share)
{
  const struct share *s = share;
  s->body (s->arg, s->i);
  return NULL;
}

/* A parallel loop for rescast_config: each share of a layer on a thread of its own, nothing of the layers that are left
 * out. */
static void
run_shares (void *user, int n, void (*body) (void *arg, int i), void *arg)
{
  const struct running *r = user;
  pthread_t threads[RESCAST_MAX_THREADS];
  struct share shares[RESCAST_MAX_THREADS];
  pthread_attr_t attr;
  size_t stack = 0;
  int started = 1;
  if (r->layer < r->w->first)
    return;
  pthread_attr_init (&attr);
  pthread_attr_getstacksize (&attr, &stack);
  pthread_attr_setstacksize (&attr, stack + (r->w->stack_bytes + 65535) / 65536 * 65536);
  for (; started < n; started++)
    {
      shares[started] = (struct share){ body, arg, started };
      if (pthread_create (&threads[started], &attr, run_share, &shares[started]))
        break;
    }
  body (arg, 0);
  for (int i = started; i < n; i++) /* no more threads are to be had */
    body (arg, i);
  for (int i = 1; i < started; i++)
    pthread_join (threads[i], NULL);
  pthread_attr_destroy (&attr);
}

/* Initialise the network, or tell the parent why that cannot be. */
static void
initialise (const struct work *w, const struct functions *f, const struct rescast_config *config, int socket)
{
  int error = f->init (w->context->data, &w->lib->weights, w->arena->data, w->arena->bytes, config);
  if (error)
    worker_refuse (socket, error, "%s", error_text (f, error));
  worker_ready (socket);
}

void
worker_run_layers (void *work, int socket)
{
  const struct work *w = work;
  struct running r = { .w = w, .socket = socket };
  struct rescast_config config = { .threads = w->threads, .target = w->lib->target };
  struct functions f = worker_load (w->lib, socket);
  if (w->first && !w->lib->device)
    {
      config.parallel_for = run_shares;
      config.user = &r;
    }
  initialise (w, &f, &config, socket);
  f.set_hook (w->context->data, stop_at_layer, &r);
  const float *input = (const float *) (const void *) w->input->data;
  float *output = (float *) (void *) w->output->data;
  int error = w->first && f.run_from ? f.run_from (w->context->data, w->first, input, output)
                                     : f.run (w->context->data, input, output);
  const char *text = error ? error_text (&f, error) : "";
  if (!error)
    f.free (w->context->data);
  tell_end (socket, MESSAGE_ENDED, error, text);
}

/* A hook that keeps the number of the running layer, to name it when it ends this process. */
static void
keep_layer (void *user, const struct rescast_info *info, int layer, int after, void *arena)
{
  (void) info, (void) arena;
  *(volatile int *) user = after ? -1 : layer;
}

void
worker_run_network (void *work, int socket)
{
  const struct work *w = work;
  struct rescast_config config = { .threads = w->threads, .target = w->lib->target };
  struct functions f = worker_load (w->lib, socket);
  float *x = (float *) (void *) w->input->data, *y = (float *) (void *) w->output->data;
  size_t batch = (size_t) w->lib->info->batch;
  size_t in = w->input->bytes / sizeof *x / batch, out = w->output->bytes / sizeof *y / batch;
  int error = 0;
  initialise (w, &f, &config, socket);
  if (w->layer)
    f.set_hook (w->context->data, keep_layer, w->layer);
  for (size_t i = 0; i < w->samples && !error; i += batch)
    {
      size_t n = w->samples - i < batch ? w->samples - i : batch;
      memset (x, 0, batch * in * sizeof *x); /* what is missing in the last batch */
      memcpy (x, w->x + i * in, n * in * sizeof *x);
      error = f.run (w->context->data, x, y);
      memcpy (w->result + i * out, y, n * out * sizeof *y);
      tell (socket, &(struct message){ .kind = MESSAGE_BATCH });
    }
  const char *text = error ? error_text (&f, error) : "";
  if (!error)
    f.free (w->context->data);
  tell_end (socket, MESSAGE_ENDED, error, text);
}
