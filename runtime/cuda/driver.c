/* libcuda: loaded once, when it is first asked for. */
#include "driver.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>

static struct cuda_driver driver;
static int state; /* of loading: an error */
static char reason[256]; /* why it failed */
static pthread_once_t once = PTHREAD_ONCE_INIT;

static _Thread_local char message[1024];

const char *
rescast_cuda_message (void)
{
  return message;
}

int
cuda_fail (int error, const char *fmt, ...)
{
  va_list args;
  va_start (args, fmt);
  vsnprintf (message, sizeof message, fmt, args);
  va_end (args);
  return error;
}

int
cuda_error (const struct cuda_driver *d, cuda_result result, const char *what)
{
  const char *words = NULL;
  if (!result)
    return RESCAST_OK;
  d->error_string (result, &words);
  return cuda_fail (result == CUDA_OUT_OF_MEMORY ? RESCAST_EMEMORY : RESCAST_ECUDA, "%s: %s", what,
                    words ? words : "an error without a name");
}

int
cuda_enter (const struct cuda_driver *d, void *context)
{
  return cuda_error (d, d->context_push (context), "the context on the GPU");
}

void
cuda_leave (const struct cuda_driver *d)
{
  void *context;
  d->context_pop (&context);
}

/* ISO C has no cast from an object's pointer to a function's; POSIX promises that this works. */
static void *
find_all (void *library)
{
  const char *missing = NULL;
#define FUNCTION(member, symbol, parameters) \
  if (!(*(void **) &driver.member = dlsym (library, symbol))) \
    missing = symbol;
  CUDA_FUNCTIONS
#undef FUNCTION
  if (missing)
    snprintf (reason, sizeof reason, "the NVIDIA driver is too old: it has no %s", missing);
  return missing ? NULL : library;
}

static void
load (void)
{
  void *library = dlopen ("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
  state = RESCAST_EDRIVER;
  if (!library)
    snprintf (reason, sizeof reason, "no NVIDIA driver: libcuda.so.1 cannot be loaded");
  if (!library || !find_all (library))
    return;
  cuda_result result = driver.init (0);
  const char *words = NULL;
  if (result)
    driver.error_string (result, &words);
  if (result)
    snprintf (reason, sizeof reason, "the NVIDIA driver finds no GPU: %s", words ? words : "an error without a name");
  else
    state = RESCAST_OK;
}

int
cuda_driver_open (const struct cuda_driver **d)
{
  pthread_once (&once, load);
  *d = &driver;
  return state ? cuda_fail (state, "%s", reason) : RESCAST_OK;
}
