/* The life cycle of models, contexts and hosts on a GPU, with the driver of tests/cuda_stub.c, each of whose calls fails once:
 * `life_cycle_cuda DIR`, of the network digits. C11 and C++. Memory begins with bytes that are no zeros. */
#include <dlfcn.h>
#include <limits.h>

#include "digits_cuda.h"
#include "life_cycle.h"

static struct rescast_weights weights;
static float input[64], output[10];
static char device[512]; /* memory of the stub's GPU, which nobody touches */
static void (*fail_at) (long number);
static long (*calls) (void);

static void
check_net_not_ready (struct digits_cuda *net)
{
  const struct rescast_cuda_context *context = net ? &net->context : NULL;
  CHECK (digits_run_cuda (net, device, device, NULL) == RESCAST_EINVAL);
  for (int layer = -1; layer < 2; layer++)
    CHECK (rescast_cuda_run_layer (context, layer, device, device, NULL) == RESCAST_EINVAL);
  digits_cuda_free (net);
  digits_cuda_free (net);
}

static void
check_host_not_ready (struct rescast_cuda_host *host)
{
  float ms[4];
  double bytes[64];
  struct rescast_limits limits;
  int count = 0;
  CHECK (rescast_cuda_host_run (host, input, output) == RESCAST_EINVAL);
  CHECK (rescast_cuda_time (host, RESCAST_WHOLE_RUN, 4, ms) == RESCAST_EINVAL);
  CHECK (rescast_cuda_limits (host, &limits, bytes) == RESCAST_EINVAL);
  rescast_cuda_host_set_hook (host, hook, &count);
  CHECK (rescast_cuda_host_run (host, input, output) == RESCAST_EINVAL);
  CHECK (rescast_cuda_host_run_from (host, 1, input, output) == RESCAST_EINVAL && count == 0);
  rescast_cuda_host_free (host);
  rescast_cuda_host_free (host);
}

static void
load_fails (int line, int error, const struct rescast_weights *w, int number)
{
  struct rescast_cuda_model model;
  struct digits_cuda net;
  spoil (&model, sizeof model);
  spoil (&net, sizeof net);
  check (digits_cuda_load (&model, w, number) == error, "another error of load", line);
  check (*rescast_cuda_message () != 0, "no words", line);
  check (all_zeros (&model, sizeof model), "the model is not zeros", line);
  check (digits_cuda_init (&net, &model, NULL) == RESCAST_EINVAL, "init with it", line);
  check (all_zeros (&net, sizeof net), "the context is not zeros", line);
  rescast_cuda_unload (&model);
}
#define LOAD_FAILS(...) load_fails (__LINE__, __VA_ARGS__)

static void
check_load (void)
{
  struct rescast_weights none = ZEROS, other = weights;
  rescast_cuda_unload (NULL);
  CHECK (digits_cuda_load (NULL, &weights, 0) == RESCAST_EINVAL);
  LOAD_FAILS (RESCAST_EINVAL, NULL, 0);
  LOAD_FAILS (RESCAST_EINVAL, &none, 0);
  LOAD_FAILS (RESCAST_EDEVICE, &weights, -1);
  LOAD_FAILS (RESCAST_EDEVICE, &weights, INT_MIN);
  LOAD_FAILS (RESCAST_EDEVICE, &weights, 1);
  other.data_bytes -= 4;
  LOAD_FAILS (RESCAST_EFORMAT, &other, 0);
  other = weights;
  other.section.layout ^= 1;
  LOAD_FAILS (RESCAST_EMATCH, &other, 0);
}

static void
check_contexts (void)
{
  struct rescast_cuda_model model, no_model = ZEROS;
  struct digits_cuda net, zeros = ZEROS;
  check_net_not_ready (NULL);
  check_net_not_ready (&zeros);
  spoil (&model, sizeof model);
  CHECK (digits_cuda_load (&model, &weights, 0) == RESCAST_OK);
  CHECK (digits_cuda_init (NULL, &model, NULL) == RESCAST_EINVAL);
  spoil (&net, sizeof net);
  CHECK (digits_cuda_init (&net, NULL, NULL) == RESCAST_EINVAL && all_zeros (&net, sizeof net));
  CHECK (digits_cuda_init (&net, &no_model, NULL) == RESCAST_EINVAL);
  spoil (&net, sizeof net);
  CHECK (digits_cuda_init (&net, &model, device + 1) == RESCAST_EARENA && all_zeros (&net, sizeof net));
  check_net_not_ready (&net);
  for (int round = 0; round < 3; round++)
    {
      spoil (&net, sizeof net);
      CHECK (digits_cuda_init (&net, &model, round == 1 ? device + (512 - (uintptr_t) device % 256) % 256 : NULL) == RESCAST_OK);
      CHECK (digits_run_cuda (&net, NULL, device, NULL) == RESCAST_EINVAL);
      CHECK (digits_run_cuda (&net, device, NULL, NULL) == RESCAST_EINVAL);
      CHECK (digits_run_cuda (&net, device, device, NULL) == RESCAST_OK);
      CHECK (rescast_cuda_run_layer (&net.context, 0, device, device, NULL) == RESCAST_OK);
      CHECK (rescast_cuda_run_layer (&net.context, INT_MAX, device, device, NULL) == RESCAST_EINVAL);
      digits_cuda_free (&net);
      CHECK (all_zeros (&net, sizeof net));
      check_net_not_ready (&net);
    }
  rescast_cuda_unload (&model);
  CHECK (all_zeros (&model, sizeof model));
  rescast_cuda_unload (&model);
  CHECK (digits_cuda_init (&net, &model, NULL) == RESCAST_EINVAL);
}

static void
host_fails (int line, int error, const struct rescast_weights *w, void *arena, size_t bytes, const struct rescast_config *config)
{
  struct rescast_cuda_host host;
  spoil (&host, sizeof host);
  check (digits_cuda_host_init (&host, w, arena, bytes, config) == error, "another error of host_init", line);
  check (all_zeros (&host, sizeof host), "the host is not zeros", line);
  check_host_not_ready (&host);
}
#define HOST_FAILS(...) host_fails (__LINE__, __VA_ARGS__)

static void
check_host (void)
{
  static float mirror[digits_CUDA_ARENA_BYTES / sizeof (float) + 1];
  struct rescast_weights none = ZEROS;
  struct rescast_cuda_host host, zeros = ZEROS;
  struct rescast_config config = ZEROS;
  check_host_not_ready (NULL);
  check_host_not_ready (&zeros);
  CHECK (digits_cuda_host_init (NULL, &weights, NULL, 0, NULL) == RESCAST_EINVAL);
  HOST_FAILS (RESCAST_EINVAL, NULL, NULL, 0, NULL);
  HOST_FAILS (RESCAST_EINVAL, &none, NULL, 0, NULL);
  HOST_FAILS (RESCAST_EARENA, &weights, mirror, digits_CUDA_ARENA_BYTES - 1, NULL);
  config.device = -1;
  HOST_FAILS (RESCAST_EDEVICE, &weights, NULL, 0, &config);
  config.check = 1;
  config.device = 0;
  for (int round = 0; round < 3; round++)
    {
      int count = 0;
      spoil (&host, sizeof host);
      CHECK (digits_cuda_host_init (&host, &weights, round ? mirror : NULL, digits_CUDA_ARENA_BYTES, &config) == RESCAST_OK);
      CHECK (rescast_cuda_host_run (&host, NULL, output) == RESCAST_EINVAL);
      CHECK (rescast_cuda_host_run (&host, input, NULL) == RESCAST_EINVAL);
      CHECK (rescast_cuda_host_run (&host, input, output) == RESCAST_OK);
      CHECK (rescast_cuda_host_run_from (&host, 1, input, output) == RESCAST_EINVAL);
      rescast_cuda_host_set_hook (&host, hook, &count);
      const int layers = digits_cuda_info ()->layer_count;
      CHECK (rescast_cuda_host_run (&host, input, output) == RESCAST_OK && count == 2 * layers);
      CHECK (rescast_cuda_host_run_from (&host, 3, input, output) == RESCAST_OK && count == 2 * layers + 2 * (layers - 3));
      CHECK (rescast_cuda_host_run_from (&host, -1, input, output) == RESCAST_EINVAL);
      CHECK (rescast_cuda_host_run_from (&host, layers + 1, input, output) == RESCAST_EINVAL);
      rescast_cuda_host_free (&host);
      CHECK (all_zeros (&host, sizeof host));
      check_host_not_ready (&host);
    }
}

/* Each call of the driver's fails once, in host_init and in a run. */
static void
check_each_call (void)
{
  struct rescast_cuda_host host;
  long number = 0;
  for (int done = 0; !done && !failures; number++)
    {
      spoil (&host, sizeof host);
      fail_at (number);
      int error = digits_cuda_host_init (&host, &weights, NULL, 0, NULL);
      done = calls () <= number; /* it did not come to that */
      if (error)
        {
          CHECK (!done && *rescast_cuda_message ());
          CHECK (all_zeros (&host, sizeof host));
          check_host_not_ready (&host);
          continue;
        }
      /* a function that no code for other GPUs has may be missing */
      fail_at (-1);
      CHECK (rescast_cuda_host_run (&host, input, output) == RESCAST_OK);
      for (long in_run = 0;; in_run++)
        {
          fail_at (in_run);
          int failed = rescast_cuda_host_run (&host, input, output);
          if (calls () <= in_run)
            break;
          CHECK (failed == RESCAST_ECUDA);
        }
      fail_at (-1);
      CHECK (rescast_cuda_host_run (&host, input, output) == RESCAST_OK);
      rescast_cuda_host_free (&host);
    }
  fail_at (-1);
  CHECK (number > 20);
}

int
main (int argc, char **argv)
{
  char path[4096];
  if (argc != 2)
    return 2;
  snprintf (path, sizeof path, "%s/digits.weights", argv[1]);
  void *stub = dlopen ("libcuda.so.1", RTLD_NOW);
  void *a = stub ? dlsym (stub, "cuda_stub_fail_at") : NULL, *b = stub ? dlsym (stub, "cuda_stub_calls") : NULL;
  if (!a || !b)
    return 2;
  memcpy (&fail_at, &a, sizeof a);
  memcpy (&calls, &b, sizeof b);
  CHECK (digits_cuda_weights_map (&weights, path) == RESCAST_OK);
  check_load ();
  check_contexts ();
  check_host ();
  check_each_call ();
  rescast_weights_unmap (&weights);
  LOAD_FAILS (RESCAST_EINVAL, &weights, 0);
  return failures != 0;
}
