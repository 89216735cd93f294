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
m4_dnl COLLECT_GUARDS(TARGET, …): "defined HAS_…" of each target with a guard into GUARDS; ANYWHERE: 1 when there is
m4_dnl one without
m4_define(<|COLLECT_GUARDS|>, <|FOREACH(<|ISA|>, <|$@|>, <|m4_ifelse(m4_indir(GUARD_<||>ISA), <||>,
  <|m4_define(<|ANYWHERE|>, 1)|>,
  <|m4_define(<|GUARDS|>, m4_ifelse(GUARDS, <||>, <||>, <|GUARDS || |>)defined HAS_<||>ISA)|>)|>)|>)m4_dnl
m4_define(<|GUARDS|>, <||>)m4_define(<|ANYWHERE|>, 0)COLLECT_GUARDS(TARGETS)m4_dnl
m4_dnl The folder's parts, each for the targets of one precision: PART is one's name, OF(NAME) its NAME. What a folder
m4_dnl of one part calls X is PART_OF(X) in general. PART_GUARDED(TEXT): TEXT where one of the part's targets is
m4_dnl compiled; OF_TARGETS(TEXT): TEXT for each ISA of each part's that is.
m4_define(<|OF|>, <|m4_indir($1_<||>PART)|>)m4_dnl
m4_define(<|PART_OF|>, <|$1<||>IF(PART_COUNT > 1, <|_<||>PART|>)|>)m4_dnl
m4_define(<|PART_GUARDED|>, m4_dnl
<|m4_pushdef(<|GUARDS|>, <||>)m4_pushdef(<|ANYWHERE|>, m4_eval(PART_COUNT == 1))m4_dnl
COLLECT_GUARDS(OF(<|TARGETS|>))m4_dnl
IF(ANYWHERE, <|$1|>, <|#if GUARDS
$1<||>#endif
|>)m4_popdef(<|GUARDS|>, <|ANYWHERE|>)|>)m4_dnl
m4_define(<|OF_TARGETS|>, <|FOREACH(<|PART|>, <|PARTS|>, <|FOREACH(<|ISA|>, <|OF(<|TARGETS|>)|>, m4_dnl
<|GUARDED(<|$1|>)|>)|>)|>)m4_dnl
m4_dnl LAYER(NAME, OPERATOR, FUNCTION, THE REST)
m4_define(<|LAYER|>, <|  { $1, "$2", "N<||>_<||>ISA<||>_$3", $4 },|>)m4_dnl
BANNER
IF(ONE_CALL, <|#define N<||>_WITHOUT_CALL COMMENT(<|names of this file's own may be the network's|>)
|>)m4_dnl
#include "N.h"

#include "N<||>_kernels.h"

FOREACH(<|PART|>, <|PARTS|>, <|#define PART_OF(<|HASH|>) UINT64_C (OF(<|LAYOUT_HASH|>))
|>)
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
OF_TARGETS(<|static const struct rescast_layer layers_<||>ISA<||>[] = {
OF(<|LAYER_TABLE|>)};
IF(MOST_STEPS, <||>, <|COMMENT(<|Into how many pieces each layer's work may be cut; 0: threads' shares are run whole.|>)
static const unsigned short pieces_<||>ISA<||>[] = { m4_indir(PIECES_<||>ISA) };
|>)|>)
IF(MOST_STEPS, <|COMMENT(<|A step: a layer, or one of the stages, from 1 on, in which many threads run it.|>)
struct N<||>_step
{
  short layer, stage;
  short threads;         COMMENT(<|a layer is run in stages by so many or more; 0: it has none|>)
  unsigned short pieces; COMMENT(<|into which the step's work may be cut; 0: threads' shares are run whole|>)
};

OF_TARGETS(<|static const struct N<||>_step steps_<||>ISA<||>[] = { m4_indir(STEPS_<||>ISA) };
|>)
|>)m4_dnl
/* name, axes, N, C, D, H, W, element, layout, block of channels, halo before and after, place and bytes in the arena */
FOREACH(<|PART|>, <|PARTS|>, <|PART_GUARDED(<|static const struct rescast_tensor PART_OF(tensors)[] = {
OF(<|TENSOR_TABLE|>)};

|>)|>)m4_dnl
static const char *const target_names[] = {
FOREACH(<|ISA|>, <|TARGETS|>, <|GUARDED(<|  "ISA",
|>)|>)  NULL
};

OF_TARGETS(<|static const struct rescast_info info_<||>ISA = {
  .abi = RESCAST_ABI,
  .name = "N",
  .version = "VERSION",
  .target = "ISA",
  .targets = target_names,
  .precision = "PART",
  .batch = BATCH,
  .input_rank = INPUT_RANK,
  .output_rank = OUTPUT_RANK,
  .input_shape = { INPUT_SHAPE },
  .output_shape = { OUTPUT_SHAPE },
  .arena_bytes = IF(PART_COUNT > 1, <|OF(<|ARENA_BYTES|>)|>, <|N<||>_ARENA_BYTES|>),
  .weights_bytes = N<||>_WEIGHTS_BYTES,
  .weights_data_bytes = OF(<|WEIGHTS_DATA_BYTES|>),
  .network = PART_OF(<|HASH|>),
  .output_is_probability = PROBABILITIES,
  IF(OF(<|LIMIT_AT|>), <|.outlier_limit_at = OF(<|LIMIT_AT|>),|>)
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
  .layer_count = OF(<|LAYER_COUNT|>),
  .tensors = PART_OF(tensors),
  .tensor_count = OF(<|TENSOR_COUNT|>),
};

|>)m4_dnl

/* One target's functions. */
m4_pushdef(<|KERNEL|>, <|  kernel *$1;
|>)m4_pushdef(<|SCRATCH_KERNEL|>, <|  scratch_kernel *$1;
|>)m4_pushdef(<|STAGED_KERNEL|>, <|  staged_kernel *$1;
|>)FOREACH(<|PART|>, <|PARTS|>, <|PART_GUARDED(<|struct PART_OF(N<||>_kernels)
{
OF(<|KERNEL_LIST|>)};

|>)|>)m4_popdef(<|KERNEL|>, <|SCRATCH_KERNEL|>, <|STAGED_KERNEL|>)m4_dnl
m4_define(<|KERNEL|>, <|  N<||>_<||>ISA<||>_$1,
|>)m4_define(<|SCRATCH_KERNEL|>, m4_defn(<|KERNEL|>))m4_define(<|STAGED_KERNEL|>, m4_defn(<|KERNEL|>))m4_dnl
OF_TARGETS(<|static const struct PART_OF(N<||>_kernels) kernels_<||>ISA = {
OF(<|KERNEL_LIST|>)};

|>)m4_dnl
FOREACH(<|PART|>, <|PARTS|>, <|PART_GUARDED(<|static rescast_task PART_OF(run_share);
|>)|>)
m4_dnl Has a target instructions that some CPUs have and gain nothing by?
m4_define(<|HAS_GAINS|>, <|m4_eval(0<||>FOREACH(<|ISA|>, <|TARGETS|>, m4_dnl
<|m4_ifelse(m4_indir(GAINS_<||>ISA), NULL, <||>, <| + 1|>)|>) > 0)|>)m4_dnl
COMMENT(<|A target; fits NULL: any CPU has it. run: parts of a IF(MOST_STEPS, step, layer) of its network, m4_dnl
whose input has its place in the arena at
   input_at; m4_dnl
IF(MOST_STEPS, <|step: all that there are, and how many|>, <|pieces: of each layer|>).|>)
struct N<||>_target
{
  const struct rescast_info *info;
  int (*fits) (void);
  IF(HAS_GAINS, <|int (*gains) (void); COMMENT(<|does this CPU gain by it? NULL: every one does|>)
  |>)const void *kernels;
  IF(MOST_STEPS, <|const struct N<||>_step *step;
  int steps;|>, <|const unsigned short *pieces;|>)
  rescast_task *run;
  size_t input_at;
};

/* The best first. */
m4_define(<|TARGET_ROW|>, <|GUARDED(<|  { &info_<||>ISA, m4_indir(DETECT_<||>ISA), m4_dnl
IF(HAS_GAINS, <|m4_indir(GAINS_<||>ISA), |>)&kernels_<||>ISA, m4_dnl
IF(MOST_STEPS, <|steps_<||>ISA, sizeof steps_<||>ISA / sizeof *steps_<||>ISA|>, <|pieces_<||>ISA|>), m4_dnl
PART_OF(run_share), OF(<|INPUT_AT|>) },
|>)|>)m4_dnl
m4_define(<|ROW_OF_PART|>, <|FOREACH(<|PART|>, <|PARTS|>, <|FOREACH(<|OTHER|>, <|OF(<|TARGETS|>)|>, m4_dnl
<|m4_ifelse(OTHER, ISA, <|TARGET_ROW|>)|>)|>)|>)m4_dnl
static const struct N<||>_target targets[] = {
FOREACH(<|ISA|>, <|TARGETS|>, <|ROW_OF_PART|>)};

#define TARGETS_END (targets + sizeof targets / sizeof *targets)

static int
fits (const struct N<||>_target *t)
{
  return !t->fits || t->fits ();
}

IF(HAS_GAINS, <|COMMENT(<|In the place of T, where this CPU does not gain by it, the next target of the same network.|>)
static const struct N<||>_target *
faster (const struct N<||>_target *t)
{
  if (!t->gains || t->gains ())
    return t;
  for (const struct N<||>_target *next = t + 1; next < TARGETS_END; next++)
    if (next->info->network == t->info->network && fits (next))
      return next;
  return t;
}

|>)m4_dnl
/* The best target called NAME (NULL: any) that this CPU has and whose weights have the layout NETWORK; or NULL, with an
   error in *ERROR. */
static const struct N<||>_target *
find_target (const char *name, uint64_t network, int *error)
{
  *error = name ? RESCAST_EINVAL : RESCAST_EMATCH;
  for (const struct N<||>_target *t = targets; t < TARGETS_END; t++)
    if (!name || strcmp (name, t->info->target) == 0)
      {
        if (t->info->network != network)
          *error = *error == RESCAST_ECPU ? *error : RESCAST_EMATCH;
        else if (fits (t))
          return IF(HAS_GAINS, <|name ? t : faster (t)|>, t);
        else
          *error = RESCAST_ECPU;
      }
  return NULL;
}

/* Of the target that init chooses; of the best one, when this CPU has none of them. */
const struct rescast_info *
N<||>_info (void)
{
  for (const struct N<||>_target *t = targets; t < TARGETS_END; t++)
    if (fits (t))
      return IF(HAS_GAINS, <|faster (t)|>, t)->info;
  return targets[0].info;
}

const struct rescast_info *
N<||>_info_of (const char *target)
{
  if (!target)
    return N<||>_info ();
  for (const struct N<||>_target *t = targets; t < TARGETS_END; t++)
    if (strcmp (target, t->info->target) == 0)
      return t->info;
  return NULL;
}

size_t
N<||>_context_bytes (void)
{
  return sizeof (struct N);
}

const char *
N<||>_version (void)
{
  return "VERSION";
}

int
N<||>_weights_map (struct rescast_weights *weights, const char *path)
{
  return N<||>_weights_map_for (weights, path, NULL);
}

int
N<||>_weights_map_for (struct rescast_weights *weights, const char *path, const struct rescast_config *config)
{
  const struct rescast_info *info = N<||>_info_of (config ? config->target : NULL);
  return rescast_weights_map (weights, info ? path : NULL, info ? info->network : 0);
}

int
N<||>_weights_init (struct rescast_weights *weights, const void *image, size_t bytes)
{
  return N<||>_weights_init_for (weights, image, bytes, NULL);
}

int
N<||>_weights_init_for (struct rescast_weights *weights, const void *image, size_t bytes,
                      const struct rescast_config *config)
{
  const struct rescast_info *info = N<||>_info_of (config ? config->target : NULL);
  return rescast_weights_init (weights, info ? image : NULL, bytes, info ? info->network : 0);
}

IF(EMBED, <|extern const unsigned char N<||>_weights_image[], N<||>_weights_image_end[];

const void *
N<||>_weights_embedded (size_t *bytes)
{
  if (bytes)
    *bytes = (size_t) (N<||>_weights_image_end - N<||>_weights_image);
  return N<||>_weights_image;
}

|>)m4_dnl
IF(MOST_STEPS, <|COMMENT(<|The steps of a run on so many threads as NET has.|>)
static void
set_steps (struct N *net)
{
  const struct N<||>_step *s = net->target->step;
  for (const struct N<||>_step *end = s + net->target->steps; s < end; s++)
    if (!s->threads || (s->stage > 0) == (net->pool.threads >= s->threads))
      {
        net->step[net->steps].layer = s->layer;
        net->step[net->steps].stage = s->stage;
        net->pieces[net->steps++] = s->pieces;
      }
}

|>)m4_dnl
int
N<||>_init (struct N *net, const struct rescast_weights *weights, void *arena, size_t arena_bytes,
          const struct rescast_config *config)
{
  if (!net)
    return RESCAST_EINVAL;
  memset (net, 0, sizeof *net);
  if (!weights || !weights->data || !arena)
    return RESCAST_EINVAL;
  int error;
  const struct N<||>_target *target = find_target (config ? config->target : NULL, weights->section.layout, &error);
  if (!target)
    return error;
  if (weights->data_bytes != target->info->weights_data_bytes)
    return RESCAST_EFORMAT;
  if (arena_bytes < target->info->arena_bytes || (uintptr_t) arena % 64)
    return RESCAST_EARENA;
  error = rescast_pool_start (&net->pool, config, N<||>_STACK_BYTES);
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
  IF(MOST_STEPS, <|set_steps (net);|>)
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
  return net && net->target ? (float *) (void *) (net->arena + net->target->input_at) : NULL;
}

void
N<||>_set_hook (struct N *net, rescast_hook *hook, void *user)
{
  if (!net)
    return;
  net->hook = hook;
  net->hook_user = user;
}

FOREACH(<|PART|>, <|PARTS|>, m4_dnl
<|PART_GUARDED(<|COMMENT(<|The parts t of n threads' work in a IF(MOST_STEPS, step, layer)<||>m4_dnl
IF(PART_COUNT > 1, <| in PART|>); m4_dnl
a: the arena, w: the packed weights, in bytes.
   Scratch memory of kernels: of the thread that called run the pool's, which is in its caches alone, or else in the
   arena; of others on the stack<||>IF(OF(<|STAGED|>), <|; in stages all threads share what is in the arena|>).|>)
static void
PART_OF(run_share) (void *context, int IF(MOST_STEPS, step, layer), struct rescast_part t, int n, int caller)
{
  struct N *net = context;
  const struct PART_OF(N<||>_kernels) *const k = net->target->kernels;
  unsigned char *const a = net->arena;
  const unsigned char *const w = net->weights;
  IF(m4_index(m4_defn(<|NODES_|>PART), <|caller|>) < 0, <|(void) caller;|>)
  IF(OF(<|STAGED|>), <|const int stage = net->step[step].stage;|>)
  IF(m4_index(m4_defn(<|NODES_|>PART), <|caller|>) < 0, <||>, m4_dnl
<|void *const own = caller<||>IF(OF(<|STAGED|>), <| && !stage|>) ? net->pool.scratch : NULL;|>)
  switch (IF(MOST_STEPS, <|net->step[step].layer|>, layer))
    {OF(<|NODES|>)
    }
}

|>)|>)m4_dnl
/* Each layer between two calls of the hook. */
static void
run_hooked (struct N *net)
{
  for (int IF(MOST_STEPS, <|step = 0, next; step < net->steps; step = next|>, m4_dnl
<|layer = 0; layer < net->target->info->layer_count; layer++|>))
    {
      IF(MOST_STEPS, <|const int layer = net->step[step].layer;
      for (next = step + 1; next < net->steps && net->step[next].layer == layer; next++)
        ;|>)
      net->hook (net->hook_user, net->target->info, layer, 0, net->arena);
      rescast_pool_run (&net->pool, IF(MOST_STEPS, <|step, next - 1, net->pieces|>, m4_dnl
<|layer, layer, net->target->pieces|>), net->target->run, net);
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
    rescast_pool_run (&net->pool, 0, m4_dnl
IF(MOST_STEPS, <|net->steps - 1, net->pieces|>, m4_dnl
<|net->target->info->layer_count - 1, net->target->pieces|>), net->target->run, net);
  return RESCAST_OK;
}

int
N<||>_run_elements (struct N *net, const struct rescast_elements *e, float *output)
{
  if (!net || !net->target || !output)
    return RESCAST_EINVAL;
  float *input = N<||>_input (net);
  const int error = rescast_elements_read (input, e, net->target->info, &net->pool);
  return error ? error : N<||>_run (net, input, output);
}
