m4_define(<|N|>, <|NETWORK_NAME|>)m4_dnl
BANNER
/* The classifier program: the network behind the runtime's command line. */
#include "N.h"

static struct N net;
IF(EMBED, <|
extern const unsigned char N<||>_weights_image[], N<||>_weights_image_end[];
|>)
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

int
main (int argc, char **argv)
{
  const struct rescast_network network = {
    .info = N<||>_info (),
    .context = &net,
    IF(EMBED, <|.embedded = N<||>_weights_image,
    .embedded_bytes = (size_t) (N<||>_weights_image_end - N<||>_weights_image),|>)
    .weights_map = N<||>_weights_map,
    .weights_init = N<||>_weights_init,
    .init = init,
    .input = input,
    .run = run,
    .set_hook = set_hook,
    .free = free_network,
  };
  return rescast_main (&network, argc, argv);
}
