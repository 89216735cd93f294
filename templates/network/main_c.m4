m4_define(<|N|>, <|NETWORK_NAME|>)m4_dnl
BANNER
/* The classifier program: the network behind the runtime's command line. */
IF(ONE_CALL, <|#define N<||>_WITHOUT_CALL COMMENT(<|names of this file's own may be the network's|>)
|>)m4_dnl
#include "N.h"
IF(WITH_CUDA, <|#include "N<||>_cuda.h"|>)

static struct N net;

static int
init (void *context, const struct rescast_weights *weights, void *arena, size_t arena_bytes,
      const struct rescast_config *config)
{
  return N<||>_init (context, weights, arena, arena_bytes, config);
}

static float *
input (void *context)
{
  return N<||>_input (context);
}

static int
run (void *context, const float *in, float *out)
{
  return N<||>_run (context, in, out);
}

static void
set_hook (void *context, rescast_hook *hook, void *user)
{
  N<||>_set_hook (context, hook, user);
}

static void
free_network (void *context)
{
  N<||>_free (context);
}

IF(WITH_CUDA, <|/* The same on a GPU. */
static struct rescast_cuda_host host;

static int
cuda_weights_map (struct rescast_weights *weights, const char *path, const struct rescast_config *config)
{
  (void) config;
  return N<||>_cuda_weights_map (weights, path);
}

static int
cuda_weights_init (struct rescast_weights *weights, const void *image, size_t bytes,
                   const struct rescast_config *config)
{
  (void) config;
  return N<||>_cuda_weights_init (weights, image, bytes);
}

static int
cuda_init (void *context, const struct rescast_weights *weights, void *arena, size_t arena_bytes,
           const struct rescast_config *config)
{
  return N<||>_cuda_host_init (context, weights, arena, arena_bytes, config);
}

static float *
cuda_input (void *context)
{
  return ((struct rescast_cuda_host *) context)->input;
}

static int
cuda_run (void *context, const float *in, float *out)
{
  return rescast_cuda_host_run (context, in, out);
}

static void
cuda_set_hook (void *context, rescast_hook *hook, void *user)
{
  rescast_cuda_host_set_hook (context, hook, user);
}

static int
cuda_time (void *context, int part, int runs, float *ms)
{
  return rescast_cuda_time (context, part, runs, ms);
}

static int
cuda_limits (void *context, struct rescast_limits *limits, double *weights_bytes)
{
  return rescast_cuda_limits (context, limits, weights_bytes);
}

static void
cuda_free (void *context)
{
  rescast_cuda_host_free (context);
}

|>)m4_dnl
IF(WITH_WINDOWS, <|static const struct rescast_windows_functions windows = {
  .init = N<||>_windows_init,
  .begin = rescast_windows_begin,
  .run = rescast_windows_run,
};

|>)m4_dnl
int
main (int argc, char **argv)
{
IF(EMBED, <|  size_t embedded_bytes;
  const void *embedded = N<||>_weights_embedded (&embedded_bytes);
|>)m4_dnl
IF(WITH_CUDA, <|  const struct rescast_network cuda = {
    .info = N<||>_cuda_info (),
    .context = &host,
    .context_bytes = sizeof host,
    IF(EMBED, <|.embedded = embedded,
    .embedded_bytes = embedded_bytes,|>)
    .weights_map = cuda_weights_map,
    .weights_init = cuda_weights_init,
    .init = cuda_init,
    .input = cuda_input,
    .run = cuda_run,
    .set_hook = cuda_set_hook,
    .free = cuda_free,
    .message = rescast_cuda_message,
    .time = cuda_time,
    .limits = cuda_limits,
    IF(WITH_WINDOWS, <|.windows = &windows,|>)
  };
|>)m4_dnl
  const struct rescast_network network = {
    .info = N<||>_info (),
    .info_of = N<||>_info_of,
    .context = &net,
    .context_bytes = sizeof net,
    IF(EMBED, <|.embedded = embedded,
    .embedded_bytes = embedded_bytes,|>)
    .weights_map = N<||>_weights_map_for,
    .weights_init = N<||>_weights_init_for,
    .init = init,
    .input = input,
    .run = run,
    .set_hook = set_hook,
    .free = free_network,
    IF(WITH_CUDA, <|.cuda = &cuda,|>)
    IF(WITH_WINDOWS, <|.windows = &windows,|>)
  };
  return rescast_main (&network, argc, argv);
}
