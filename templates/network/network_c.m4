m4_define(<|N|>, <|NETWORK_NAME|>)m4_dnl
m4_dnl NODE(INDEX, COMMENT, FUNCTION, X, RESIDUAL, W, Y)
m4_define(<|NODE|>, <|
    case $1:
      /* $2 */
      k->$3 ($4, $5, $6, $7, $8t, n);
      break;
|>)m4_dnl
m4_dnl GUARDED(TEXT): TEXT, which is of the target ISA, where it is compiled
m4_define(<|GUARDED|>, <|m4_ifelse(m4_indir(GUARD_<||>ISA), <||>, <|$1|>, <|#ifdef HAS_<||>ISA
$1<||>#endif
|>)|>)m4_dnl
m4_dnl GUARDS: "defined HAS_…" for each target with a guard; ANYWHERE: 1 when there is one without
m4_define(<|GUARDS|>, <||>)m4_define(<|ANYWHERE|>, 0)m4_dnl
FOREACH(<|ISA|>, <|TARGETS|>, <|m4_ifelse(m4_indir(GUARD_<||>ISA), <||>, <|m4_define(<|ANYWHERE|>, 1)|>,
  <|m4_define(<|GUARDS|>, m4_ifelse(GUARDS, <||>, <||>, <|GUARDS || |>)defined HAS_<||>ISA)|>)|>)m4_dnl
m4_dnl LAYER(NAME, OPERATOR, FUNCTION, THE REST)
m4_define(<|LAYER|>, <|  { $1, "$2", "N<||>_<||>ISA<||>_$3", $4 },|>)m4_dnl
BANNER
#include "N.h"

#include "N<||>_kernels.h"

#define HASH UINT64_C (LAYOUT_HASH)

m4_ifelse(GUARDS, <||>, <||>, m4_dnl
<|COMMENT(<|The targets that the compiler's m4_dnl
machine may have. A Makefile defines WITHOUT_ and the name of one whose flags the
   compiler refuses.|>)
FOREACH(<|ISA|>, <|TARGETS|>, <|m4_ifelse(m4_indir(GUARD_<||>ISA), <||>, <||>, m4_dnl
<|#if (m4_indir(GUARD_<||>ISA)) && !defined WITHOUT_<||>ISA
#define HAS_<||>ISA
#endif
|>)|>)IF(ANYWHERE, <||>, <|#if !(GUARDS)
#error "the compiler's machine has none of the targets TARGETS: generate the folder with the target c, too"
#endif
|>)
|>)m4_dnl
IF(LABEL_COUNT, <|static const char *const labels[] = {
LABELS};
|>)
IF(HAS_MEAN, <|static const float mean[] = { INPUT_MEAN };
|>)m4_dnl
IF(HAS_STD, <|static const float std[] = { INPUT_STD };
|>)m4_dnl

/* name, operator, function, tensors: input, residual, output, multiply-adds */
FOREACH(<|ISA|>, <|TARGETS|>, <|GUARDED(<|static const struct rescast_layer layers_<||>ISA<||>[] = {
LAYER_TABLE};
|>)|>)
/* name, axes, N, C, D, H, W, element, layout, block of channels, halo before and after, place and bytes in the arena */
static const struct rescast_tensor tensors[] = {
TENSOR_TABLE};

static const char *const target_names[] = {
FOREACH(<|ISA|>, <|TARGETS|>, <|GUARDED(<|  "ISA",
|>)|>)  NULL
};

FOREACH(<|ISA|>, <|TARGETS|>, <|GUARDED(<|static const struct rescast_info info_<||>ISA = {
  .abi = RESCAST_ABI,
  .name = "N",
  .version = "VERSION",
  .target = "ISA",
  .targets = target_names,
  .batch = BATCH,
  .input_rank = INPUT_RANK,
  .output_rank = OUTPUT_RANK,
  .input_shape = { INPUT_SHAPE },
  .output_shape = { OUTPUT_SHAPE },
  .arena_bytes = N<||>_ARENA_BYTES,
  .weights_bytes = N<||>_WEIGHTS_BYTES,
  .weights_data_bytes = WEIGHTS_DATA_BYTES,
  .network = HASH,
  .output_is_probability = PROBABILITIES,
  IF(LIMIT_AT, <|.outlier_limit_at = LIMIT_AT,|>)
  IF(INPUT_MEANS, <|.input_means = INPUT_MEANS,|>)
  IF(INPUT_STDS, <|.input_stds = INPUT_STDS,|>)
  .scale = INPUT_SCALE,
  IF(RESIZE_H, <|.resize = { RESIZE_H, RESIZE_W },|>)
  m4_ifelse(INTERPOLATION, <||>, <||>, <|.interpolation = RESCAST_<||>INTERPOLATION,|>)
  IF(HAS_MEAN, <|.mean = mean,|>)
  IF(HAS_STD, <|.std = std,|>)
  IF(LABEL_COUNT, <|.labels = labels,|>)
  .label_count = LABEL_COUNT,
  .layers = layers_<||>ISA,
  .layer_count = LAYER_COUNT,
  .tensors = tensors,
  .tensor_count = TENSOR_COUNT,
};

|>)|>)m4_dnl

/* One target's functions; fits NULL: any CPU runs them. */
struct N<||>_target
{
  const struct rescast_info *info;
  int (*fits) (void);
m4_pushdef(<|KERNEL|>, <|  kernel *$1;
|>)m4_pushdef(<|SCRATCH_KERNEL|>, <|  scratch_kernel *$1;
|>)KERNEL_LIST<||>m4_popdef(<|KERNEL|>, <|SCRATCH_KERNEL|>)m4_dnl
};

m4_define(<|KERNEL|>, <|    N<||>_<||>ISA<||>_$1,
|>)m4_define(<|SCRATCH_KERNEL|>, m4_defn(<|KERNEL|>))m4_dnl
/* The best first. */
static const struct N<||>_target targets[] = {
FOREACH(<|ISA|>, <|TARGETS|>, <|GUARDED(<|  {
    &info_<||>ISA, m4_indir(DETECT_<||>ISA),
KERNEL_LIST  },
|>)|>)};

/* The best target called NAME (NULL: any) that this CPU has, or NULL. *KNOWN: there is one of that name. */
static const struct N<||>_target *
find_target (const char *name, int *known)
{
  *known = 0;
  for (size_t i = 0; i < sizeof targets / sizeof *targets; i++)
    if (!name || strcmp (name, targets[i].info->target) == 0)
      {
        *known = 1;
        if (!targets[i].fits || targets[i].fits ())
          return &targets[i];
      }
  return NULL;
}

/* Of the target that init chooses; of the best one, when this CPU has none of them. */
const struct rescast_info *
N<||>_info (void)
{
  int known;
  const struct N<||>_target *target = find_target (NULL, &known);
  return target ? target->info : targets[0].info;
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
  if (!net)
    return RESCAST_EINVAL;
  memset (net, 0, sizeof *net);
  if (!weights || !weights->data || !arena)
    return RESCAST_EINVAL;
  if (weights->section.layout != HASH)
    return RESCAST_EMATCH;
  if (weights->data_bytes != WEIGHTS_DATA_BYTES)
    return RESCAST_EFORMAT;
  if (arena_bytes < N<||>_ARENA_BYTES || (uintptr_t) arena % 64)
    return RESCAST_EARENA;
  int known;
  const struct N<||>_target *target = find_target (config ? config->target : NULL, &known);
  if (!target)
    return known ? RESCAST_ECPU : RESCAST_EINVAL;
  int error = rescast_pool_start (&net->pool, config, N<||>_STACK_BYTES);
  if (!error && config && config->check)
    error = rescast_weights_check_shared (weights, &net->pool);
  if (error)
    {
      N<||>_free (net);
      return error;
    }
  net->target = target;
  net->weights = weights->data;
  net->arena = arena;
  return RESCAST_OK;
}

void
N<||>_free (struct N *net)
{
  if (!net)
    return;
  rescast_pool_free (&net->pool);
  memset (net, 0, sizeof *net);
}

float *
N<||>_input (struct N *net)
{
  return net && net->target ? (float *) (void *) m4_dnl
IF(INPUT_AT, <|(net->arena + INPUT_AT)|>, <|net->arena|>) : NULL;
}

void
N<||>_set_hook (struct N *net, rescast_hook *hook, void *user)
{
  if (!net)
    return;
  net->hook = hook;
  net->hook_user = user;
}

/* Share t of n of a layer; a: the arena, w: the packed weights, in bytes. On the thread that called run kernels have
   scratch memory in the arena, on others they take it from the stack. */
static void
run_share (void *context, int layer, int t, int n, int caller)
{
  struct N *net = context;
  const struct N<||>_target *const k = net->target;
  unsigned char *const a = net->arena;
  const unsigned char *const w = net->weights;
  IF(m4_index(m4_defn(<|NODES|>), <|caller|>) < 0, <|(void) caller;|>)
  switch (layer)
    {NODES
    }
}

/* Each layer between two calls of the hook. */
static void
run_hooked (struct N *net)
{
  for (int layer = 0; layer < LAYER_COUNT; layer++)
    {
      net->hook (net->hook_user, net->target->info, layer, 0, net->arena);
      rescast_pool_run (&net->pool, layer, layer, run_share, net);
      net->hook (net->hook_user, net->target->info, layer, 1, net->arena);
    }
}

int
N<||>_run (struct N *net, const float *input, float *output)
{
  if (!net || !net->target || !input || !output)
    return RESCAST_EINVAL;
  net->input = input;
  net->output = output;
  if (net->hook)
    run_hooked (net);
  else
    rescast_pool_run (&net->pool, 0, m4_decr(LAYER_COUNT), run_share, net);
  return RESCAST_OK;
}
