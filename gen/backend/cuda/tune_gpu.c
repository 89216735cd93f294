/* Which GPU there is. A child asks: once a process has started the driver its children cannot use it, and NVRTC, which
 * runs in children, may want to. */
#include "tune_variants.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/program.h"

struct answer
{
  int major, minor;
  char why[1024]; /* "": there is one */
};

static struct answer
ask (int gpu)
{
  struct answer a = { .major = 0 };
  const struct cuda_driver *d;
  int count = 0, handle;
  if (cuda_driver_open (&d))
    snprintf (a.why, sizeof a.why, "%s", rescast_cuda_message ());
  else if (d->device_count (&count) || gpu >= count || d->device_get (&handle, gpu))
    snprintf (a.why, sizeof a.why, "there is no CUDA device %d: the driver finds %d", gpu, count);
  else if (d->device_attribute (&a.major, CUDA_COMPUTE_MAJOR, handle)
           || d->device_attribute (&a.minor, CUDA_COMPUTE_MINOR, handle))
    snprintf (a.why, sizeof a.why, "CUDA device %d does not say what it can compute", gpu);
  return a;
}

const char *
tune_cuda_gpu (int gpu, int *major, int *minor)
{
  struct answer a = { .why = "the NVIDIA driver does not start" };
  int fds[2];
  pid_t pid = pipe (fds) ? -1 : fork ();
  if (pid < 0)
    fatal ("no process to ask for a GPU in: %s", strerror (errno));
  if (!pid)
    {
      a = ask (gpu);
      _exit (write (fds[1], &a, sizeof a) != (ssize_t) sizeof a);
    }
  close (fds[1]);
  /* what is shorter than a pipe's buffer comes in one piece; nothing comes of a child that crashed */
  ssize_t n;
  while ((n = read (fds[0], &a, sizeof a)) < 0 && errno == EINTR)
    continue;
  close (fds[0]);
  program_wait (pid, "the process that asks for a GPU");
  if (n && n != (ssize_t) sizeof a)
    fatal ("no answer of the NVIDIA driver");
  *major = a.major;
  *minor = a.minor;
  return a.why[0] ? mem_strdup (a.why) : NULL;
}
