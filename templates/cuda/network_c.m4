m4_define(<|N|>, <|NETWORK_NAME|>)m4_dnl
m4_dnl LAYER(NAME, OPERATOR, FUNCTION, THE REST)
m4_define(<|LAYER|>, <|  { $1, "$2", "N<||>_cuda_$3", $4 },|>)m4_dnl
m4_define(<|KERNEL|>, <|  "N<||>_cuda_$1",
|>)m4_define(<|SCRATCH_KERNEL|>, m4_defn(<|KERNEL|>))m4_dnl
m4_define(<|STAGED_KERNEL|>, m4_defn(<|KERNEL|>))m4_dnl
m4_dnl LAUNCH(COMMENT, KERNEL, MAPS, SHAPES, DEPENDENT, X, RESIDUAL, W, Y)
m4_define(<|LAUNCH|>, <|  /* $1 */
  { $2, $3, { $4 }, $5, $6, $7, $8, $9 },|>)
m4_define(<|MAP|>, <|  $2, /* $1 */|>)m4_dnl
BANNER
#include "N<||>_cuda.h"

#define HASH UINT64_C (LAYOUT_HASH)

IF(LABEL_COUNT, <|static const char *const labels[] = {
LABELS};
|>)
IF(HAS_MEAN, <|static const float mean[] = { INPUT_MEAN };
|>)m4_dnl
IF(HAS_STD, <|static const float std[] = { INPUT_STD };
|>)m4_dnl
/* name, operator, function, tensors: input, residual, output, multiply-adds */
static const struct rescast_layer layers[] = {
LAYER_TABLE};

/* name, axes, N, C, D, H, W, element, layout, block of channels, halo before and after, place and bytes in the arena */
static const struct rescast_tensor tensors[] = {
TENSOR_TABLE};

static const char *const target_names[] = { "cuda", NULL };

static const struct rescast_info info = {
  .abi = RESCAST_ABI,
  .name = "N",
  .version = "VERSION",
  .target = "cuda",
  .targets = target_names,
  .precision = "PRECISION_NAME",
  .batch = BATCH,
  .input_rank = INPUT_RANK,
  .output_rank = OUTPUT_RANK,
  .input_shape = { INPUT_SHAPE },
  .output_shape = { OUTPUT_SHAPE },
  .arena_bytes = N<||>_CUDA_ARENA_BYTES,
  .weights_bytes = N<||>_CUDA_WEIGHTS_BYTES,
  .weights_data_bytes = WEIGHTS_DATA_BYTES,
  .network = HASH,
  .output_is_probability = PROBABILITIES,
  .scale = INPUT_SCALE,
  IF(RESIZE_H, <|.resize = { RESIZE_H, RESIZE_W },|>)
  m4_ifelse(INTERPOLATION, <||>, <||>, <|.interpolation = RESCAST_<||>INTERPOLATION,|>)
  IF(HAS_MEAN, <|.mean = mean,|>)
  IF(HAS_STD, <|.std = std,|>)
  IF(LABEL_COUNT, <|.labels = labels,|>)
  .label_count = LABEL_COUNT,
  .layers = layers,
  .layer_count = LAYER_COUNT,
  .tensors = tensors,
  .tensor_count = TENSOR_COUNT,
};

static const char *const kernels[] = {
KERNEL_LIST};

IF(HAS_MAPS, <|/* Tensor maps of TMA: rank, extents from the channels on, channels and pixels of a tile; in im2col
   mode, along W, H and D, the window's first position, its last one counted from the end, and strides. Four for each
   kernel that uses TMA: of x, residual, w and y. */
static const struct rescast_cuda_map maps[] = {
TENSOR_MAPS};

|>)m4_dnl
/* kernel, its first map, { grid, threads, bytes of shared memory } on compute capability 9 and on others, does it wait
   for the kernel in front by itself, offsets in the arena of input and residual, of the weights, and of the output */
static const struct rescast_cuda_launch launches[] = {
LAUNCHES};

extern const char N<||>_cuda_source[];
extern const unsigned char N<||>_cuda_binary[], N<||>_cuda_binary_end[];

static const struct rescast_cuda_network network = {
  .info = &info,
  .kernels = kernels,
  .kernel_count = sizeof kernels / sizeof *kernels,
  .launches = launches,
  IF(HAS_MAPS, <|.maps = maps,|>)
  .last_copies = LAST_COPIES,
  .marker = "N<||>_cuda_is_for_sm_90a",
  .launch_count = sizeof launches / sizeof *launches,
  .source = N<||>_cuda_source,
  .binary = N<||>_cuda_binary,
  .binary_end = N<||>_cuda_binary_end,
  .input_bytes = sizeof (float)<||>BY(INPUT_FLOATS),
  .output_bytes = sizeof (float)<||>BY(OUTPUT_FLOATS),
};

const struct rescast_info *
N<||>_cuda_info (void)
{
  return &info;
}

int
N<||>_cuda_weights_map (struct rescast_weights *weights, const char *path)
{
  return rescast_weights_map (weights, path, HASH);
}

int
N<||>_cuda_weights_init (struct rescast_weights *weights, const void *image, size_t bytes)
{
  return rescast_weights_init (weights, image, bytes, HASH);
}

int
N<||>_cuda_load (struct rescast_cuda_model *model, const struct rescast_weights *weights, int device)
{
  return rescast_cuda_load (model, &network, weights, device);
}

int
N<||>_cuda_init (struct N<||>_cuda *net, const struct rescast_cuda_model *model, void *arena)
{
  return rescast_cuda_context_init (net ? &net->context : NULL,
                                    model && model->network == &network ? model : NULL, arena);
}

void
N<||>_cuda_free (struct N<||>_cuda *net)
{
  rescast_cuda_context_free (net ? &net->context : NULL);
}

int
N<||>_run_cuda (struct N<||>_cuda *net, const void *input, void *output, struct CUstream_st *stream)
{
  return rescast_cuda_run (net ? &net->context : NULL, input, output, stream);
}

size_t
N<||>_cuda_host_bytes (void)
{
  return sizeof (struct rescast_cuda_host);
}

int
N<||>_cuda_host_init (struct rescast_cuda_host *host, const struct rescast_weights *weights, void *arena,
                    size_t arena_bytes, const struct rescast_config *config)
{
  return rescast_cuda_host_init (host, &network, weights, arena, arena_bytes, config);
}
