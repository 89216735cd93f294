m4_define(<|N|>, <|NETWORK_NAME|>)m4_dnl
m4_dnl NODE(INDEX, COMMENT, FUNCTION, X, RESIDUAL, W, Y)
m4_define(<|NODE|>, <|
  /* $2 */
  BEFORE ($1);
  $3 ($4, $5, $6, $7, $8t, n);
  AFTER ($1);
|>)m4_dnl
BANNER
#include "N.h"

#include "ISA_HEADER"

#define HASH UINT64_C (LAYOUT_HASH)

IF(LABEL_COUNT, <|static const char *const labels[] = {
LABELS};
|>)
m4_ifelse(INPUT_MEAN, <||>, <||>, <|static const float mean[] = { INPUT_MEAN };
|>)m4_dnl
m4_ifelse(INPUT_STD, <||>, <||>, <|static const float std[] = { INPUT_STD };
|>)m4_dnl

/* name, operator, function, tensors: input, residual, output, multiply-adds */
static const struct rescast_layer layers[] = {
LAYER_TABLE};

/* name, axes, N, C, D, H, W, layout, halo before and after, place in the arena */
static const struct rescast_tensor tensors[] = {
TENSOR_TABLE};

static const struct rescast_info info = {
  .abi = RESCAST_ABI,
  .name = "N",
  .version = "VERSION",
  .target = "TARGET",
  .batch = BATCH,
  .input_rank = INPUT_RANK,
  .output_rank = OUTPUT_RANK,
  .input_shape = { INPUT_SHAPE },
  .output_shape = { OUTPUT_SHAPE },
  .arena_bytes = N<||>_ARENA_BYTES,
  .weights_bytes = N<||>_WEIGHTS_BYTES,
  .network = HASH,
  .output_is_probability = PROBABILITIES,
  .scale = INPUT_SCALE,
  m4_ifelse(INPUT_MEAN, <||>, <||>, <|.mean = mean,|>)
  m4_ifelse(INPUT_STD, <||>, <||>, <|.std = std,|>)
  IF(LABEL_COUNT, <|.labels = labels,|>)
  .label_count = LABEL_COUNT,
  .layers = layers,
  .layer_count = LAYER_COUNT,
  .tensors = tensors,
  .tensor_count = TENSOR_COUNT,
};

const struct rescast_info *
N<||>_info (void)
{
  return &info;
}

size_t
N<||>_context_bytes (void)
{
  return sizeof (struct N);
}

int
N<||>_weights_map (struct rescast_weights *weights, const char *path)
{
  return rescast_weights_map (weights, path, HASH);
}

int
N<||>_weights_init (struct rescast_weights *weights, const void *image, size_t bytes)
{
  return rescast_weights_init (weights, image, bytes, HASH);
}

int
N<||>_init (struct N *net, const struct rescast_weights *weights, void *arena, size_t arena_bytes,
          const struct rescast_config *config)
{
  if (!net || !weights || !weights->data || !arena)
    return RESCAST_EINVAL;
  if (arena_bytes < N<||>_ARENA_BYTES || (uintptr_t) arena % 64)
    return RESCAST_EARENA;
  net->weights = weights->data;
  net->arena = arena;
  net->input = NULL;
  net->output = NULL;
  net->hook = NULL;
  net->hook_user = NULL;
  return rescast_pool_init (&net->pool, config && config->threads ? config->threads : 1, STACK_BYTES);
}

void
N<||>_free (struct N *net)
{
  rescast_pool_free (&net->pool);
}

float *
N<||>_input (struct N *net)
{
  return net->arena<||>IF(INPUT_AT, <| + INPUT_AT|>);
}

void
N<||>_set_hook (struct N *net, rescast_hook *hook, void *user)
{
  net->hook = hook;
  net->hook_user = user;
}

/* Every layer ends at a barrier. A hook runs on thread 0 while the others wait at the next one. */
static inline void
call_hook (struct N *net, int layer, int after, int t)
{
  if (!net->hook)
    return;
  if (t == 0)
    net->hook (net->hook_user, &info, layer, after, net->arena);
  rescast_barrier (&net->pool);
}

#define BEFORE(layer) call_hook (net, layer, 0, t)
#define AFTER(layer) (rescast_barrier (&net->pool), call_hook (net, layer, 1, t))

/* The network, layer by layer; a: the arena, w: the packed weights, t of n: this thread. */
static void
run_thread (void *context, int t, int n)
{
  struct N *net = context;
  float *const a = net->arena;
  const float *const w = net->weights;
NODES
}

int
N<||>_run (struct N *net, const float *input, float *output)
{
  if (!net || !input || !output)
    return RESCAST_EINVAL;
  net->input = input;
  net->output = output;
  rescast_pool_run (&net->pool, run_thread, net);
  return RESCAST_OK;
}
