/* Machine code for the GPU that is there: by NVRTC, which is loaded when it is needed, kept in a folder for the next
 * start. A file appears there whole: it is written under another name first, so that any number of processes may start
 * at once. */
#include "driver.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_CODE ((size_t) 1 << 30)

/* In front of the code. */
struct cache_header
{
  char magic[8]; /* RESCUBIN */
  uint64_t key, bytes, hash;
};

struct nvrtc
{
  int (*create) (void **, const char *, const char *, int, const char *const *, const char *const *);
  int (*compile) (void *, int, const char *const *);
  int (*code_size) (void *, size_t *);
  int (*code) (void *, char *);
  int (*log_size) (void *, size_t *);
  int (*log) (void *, char *);
  int (*destroy) (void **);
};

/* One compilation. */
struct job
{
  const struct rescast_cuda_network *network;
  char arch[40]; /* the option */
  uint64_t key;
  char path[4096]; /* in the cache; "": there is none */
};

static uint64_t
hash_text (uint64_t h, const char *s)
{
  for (; *s; s++)
    h = (h ^ (unsigned char) *s) * UINT64_C (0x100000001b3);
  return (h ^ 0xff) * UINT64_C (0x100000001b3);
}

/* $RESCAST_CACHE, $XDG_CACHE_HOME/rescast or ~/.cache/rescast, made where it is missing. */
static int
cache_folder (char *path, size_t bytes)
{
  static const struct { const char *variable, *rest; } places[] = {
    { "RESCAST_CACHE", "" }, { "XDG_CACHE_HOME", "/rescast" }, { "HOME", "/.cache/rescast" },
  };
  for (size_t i = 0; i < sizeof places / sizeof *places; i++)
    {
      const char *base = getenv (places[i].variable);
      if (!base || !*base || snprintf (path, bytes, "%s%s", base, places[i].rest) >= (int) bytes)
        continue;
      for (char *p = path + 1; (p = strchr (p, '/')); *p++ = '/')
        {
          *p = 0;
          mkdir (path, 0777); /* where this fails the last one does */
        }
      return mkdir (path, 0777) == 0 || errno == EEXIST;
    }
  return 0;
}

static void
describe (struct job *job, const struct rescast_cuda_network *network, int major, int minor)
{
  char folder[3900];
  job->network = network;
  snprintf (job->arch, sizeof job->arch, "--gpu-architecture=sm_%d%d%s", major, minor, major >= 9 ? "a" : "");
  job->key = hash_text (hash_text (UINT64_C (0xcbf29ce484222325), network->source), job->arch);
  job->path[0] = 0;
  if (cache_folder (folder, sizeof folder))
    snprintf (job->path, sizeof job->path, "%s/%.60s-%016llx.cubin", folder, network->info->name,
              (unsigned long long) job->key);
}

/* The code in the cache, or NULL. */
static void *
read_cache (const struct job *job)
{
  struct cache_header h;
  FILE *f = job->path[0] ? fopen (job->path, "rb") : NULL;
  char *code = NULL;
  if (f && fread (&h, sizeof h, 1, f) == 1 && !memcmp (h.magic, "RESCUBIN", 8) && h.key == job->key && h.bytes
      && h.bytes < MAX_CODE)
    code = malloc (h.bytes);
  if (code && (fread (code, h.bytes, 1, f) != 1 || rescast_hash (code, h.bytes, 1) != h.hash))
    {
      free (code);
      code = NULL;
    }
  if (f)
    fclose (f);
  return code;
}

/* A cache that cannot be written costs time at the next start, no more. */
static void
write_cache (const struct job *job, const void *code, size_t bytes)
{
  struct cache_header h = { "RESCUBIN", job->key, bytes, rescast_hash (code, bytes, 1) };
  char temporary[sizeof job->path + 8];
  if (!job->path[0])
    return;
  snprintf (temporary, sizeof temporary, "%s.XXXXXX", job->path);
  int fd = mkstemp (temporary);
  FILE *f = fd < 0 ? NULL : fdopen (fd, "wb");
  int written = f && fwrite (&h, sizeof h, 1, f) == 1 && fwrite (code, bytes, 1, f) == 1;
  if (f)
    written = fclose (f) == 0 && written;
  else if (fd >= 0)
    close (fd);
  if (fd >= 0 && (!written || rename (temporary, job->path)))
    unlink (temporary);
}

#define LOAD(member, symbol) (*(void **) &n->member = dlsym (library, symbol))

static int
open_nvrtc (struct nvrtc *n)
{
  static const char *const names[] = { "libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so.11.2", "libnvrtc.so",
                                       "/usr/local/cuda/lib64/libnvrtc.so" };
  const char *named = getenv ("RESCAST_NVRTC");
  void *library = named && *named ? dlopen (named, RTLD_NOW | RTLD_LOCAL) : NULL;
  for (size_t i = 0; !library && !(named && *named) && i < sizeof names / sizeof *names; i++)
    library = dlopen (names[i], RTLD_NOW | RTLD_LOCAL);
  return library && LOAD (create, "nvrtcCreateProgram")
         && LOAD (compile, "nvrtcCompileProgram") && LOAD (code_size, "nvrtcGetCUBINSize")
         && LOAD (code, "nvrtcGetCUBIN") && LOAD (log_size, "nvrtcGetProgramLogSize")
         && LOAD (log, "nvrtcGetProgramLog") && LOAD (destroy, "nvrtcDestroyProgram");
}

/* The first line of the compiler's log that names an error. */
static int
fail_with_log (const struct nvrtc *n, void *program, const char *arch)
{
  size_t bytes = 0;
  n->log_size (program, &bytes);
  char *log = bytes ? calloc (bytes + 1, 1) : NULL;
  if (log)
    n->log (program, log);
  const char *line = log && strstr (log, "error") ? strstr (log, "error") : log ? log : "";
  while (log && line > log && line[-1] != '\n')
    line--;
  cuda_fail (RESCAST_ECODE, "NVRTC refuses the network's code for %s: %.*s", arch, (int) strcspn (line, "\n"), line);
  free (log);
  return RESCAST_ECODE;
}

static int
compile (const struct nvrtc *n, const struct job *job, void **code, size_t *bytes)
{
  const char *const options[] = { job->arch, "--std=c++17" };
  void *program = NULL;
  if (n->create (&program, job->network->source, "network.cu", 0, NULL, NULL))
    return cuda_fail (RESCAST_ECODE, "NVRTC cannot be started");
  int error = RESCAST_OK;
  if (n->compile (program, sizeof options / sizeof *options, options))
    error = fail_with_log (n, program, job->arch);
  else if (n->code_size (program, bytes) || !*bytes || !(*code = malloc (*bytes)) || n->code (program, *code))
    error = cuda_fail (RESCAST_ECODE, "NVRTC gives no code for %s", job->arch);
  n->destroy (&program);
  return error;
}

int
cuda_compile (const struct rescast_cuda_network *network, int major, int minor, void **code)
{
  struct job job;
  struct nvrtc nvrtc;
  size_t bytes = 0;
  describe (&job, network, major, minor);
  *code = read_cache (&job);
  if (*code)
    return RESCAST_OK;
  if (!open_nvrtc (&nvrtc))
    return cuda_fail (RESCAST_ECODE,
                      "this program holds no code for the GPU's compute capability %d.%d, and no NVRTC that "
                      "could compile it is found (libnvrtc.so; RESCAST_NVRTC names it)",
                      major, minor);
  int error = compile (&nvrtc, &job, code, &bytes);
  if (!error)
    write_cache (&job, *code, bytes);
  else
    {
      free (*code);
      *code = NULL;
    }
  return error;
}

void
cuda_forget (const struct rescast_cuda_network *network, int major, int minor)
{
  struct job job;
  describe (&job, network, major, minor);
  if (job.path[0])
    unlink (job.path);
}
