/* The network on the GPU, made of values that emission would have written: each product's functions and launches are
 * those of the variant whose candidate is in use. */
#include "tune_variants.h"

#include <stdlib.h>
#include <string.h>

#include "graph/init.h"
#include "pack/pack.h"

/* Shared memory that a block may have without further words. */
#define SHARED_EVERYWHERE (48 * 1024)

/* All variants' tensor maps in one list. */
static void
collect_maps (struct cuda_tuning *t)
{
  size_t most = 0;
  int count = 0;
  for (int i = 0; i < t->variant_count; i++)
    most += (size_t) t->variants[i].all.kernels->count * MAPS;
  t->maps = NEW_ARRAY (most + 1, struct rescast_cuda_map);
  for (int i = 0; i < t->variant_count; i++)
    {
      t->variants[i].first_map = count;
      count += cuda_maps_of (&t->variants[i].all, t->maps + count);
    }
  t->map_count = count;
}

static struct rescast_cuda_launch
launch_of (const struct cuda_variant *v, int node)
{
  struct rescast_cuda_launch l = cuda_launch_of (&v->all, node);
  if (l.map >= 0)
    l.map += v->first_map;
  return l;
}

static void
describe (struct cuda_tuning *t)
{
  struct cuda_variant *v = &t->variants[0];
  const struct graph *g = v->all.g;
  const struct tensor *in = &g->tensors[g->nodes[0].out], *out = &g->tensors[g->nodes[g->node_count - 1].out];
  const char **names = NEW_ARRAY ((size_t) v->all.kernels->count, const char *);
  for (int i = 0; i < v->all.kernels->count; i++)
    names[i] = cuda_function (&v->all, v->all.kernels->list[i]);
  collect_maps (t);
  t->launches = NEW_ARRAY ((size_t) g->node_count, struct rescast_cuda_launch);
  for (int i = 0; i < g->node_count; i++)
    t->launches[i] = launch_of (v, i);
  t->info = (struct rescast_info){ .abi = RESCAST_ABI,
                                   .name = g->name,
                                   .target = "cuda",
                                   .precision = precision_name (g->precision),
                                   .batch = (int) g->batch,
                                   .arena_bytes = g->arena_bytes,
                                   .network = pack_layout_hash (g),
                                   .layer_count = g->node_count };
  t->info.weights_data_bytes = (size_t) v->all.weight_bytes;
  t->network = (struct rescast_cuda_network){
    .info = &t->info,
    .kernels = names,
    .kernel_count = v->all.kernels->count,
    .launches = t->launches,
    .launch_count = g->node_count,
    .maps = t->map_count ? t->maps : NULL,
    .last_copies = cuda_last_copies (g),
    .marker = mem_printf ("%s_cuda_is_for_sm_90a", g->name),
    .source = v->source,
    .input_bytes = (size_t) (g->batch * shape_count (&in->shape)) * sizeof (float),
    .output_bytes = (size_t) (g->batch * shape_count (&out->shape)) * sizeof (float),
  };
}

/* The launches of the kernel NUMBER in V ask for that much shared memory. */
static bool
allow_shared (const struct cuda_tuning *t, const struct cuda_variant *v, int number)
{
  const struct cuda_kernel *k = cuda_kernel_of (v->all.kernels->list[number]);
  int bytes = k->shape[t->host.model.hopper ? ON_HOPPER : ELSEWHERE].shared;
  return bytes <= SHARED_EVERYWHERE
         || !t->driver->function_attribute (v->functions[number], CUDA_FUNCTION_SHARED, bytes);
}

/* Functions of the variant's part; of a candidate that the GPU refuses there is none. */
static void
find_functions (struct cuda_tuning *t, struct cuda_variant *v)
{
  for (int i = 0; i < v->part.kernels->count; i++)
    {
      int number = 0;
      while (v->all.kernels->list[number] != v->part.kernels->list[i])
        number++;
      if (t->driver->module_function (&v->functions[number], v->module,
                                      cuda_function (&v->all, v->all.kernels->list[number]))
          || !allow_shared (t, v, number))
        v->functions[number] = NULL;
    }
}

static void
load_variant (struct cuda_tuning *t, struct cuda_variant *v)
{
  struct rescast_cuda_network network = { .info = &t->info, .source = v->source };
  void *code;
  if (!v->source || cuda_compile (&network, t->major, t->minor, &code))
    return;
  if (t->driver->module_load (&v->module, code))
    v->module = NULL;
  else
    find_functions (t, v);
  free (code);
}

static int
upload_input (struct cuda_tuning *t)
{
  struct random random = random_seed (1, "tune");
  size_t count = t->network.input_bytes / sizeof (float);
  for (size_t i = 0; i < count; i++)
    t->host.input[i] = (float) random_normal (&random);
  return cuda_error (t->driver, t->driver->to_device (t->host.device_input, t->host.input, t->network.input_bytes),
                     "copying the input");
}

static const char *
words_of (int error)
{
  const char *words = rescast_cuda_message ();
  return *words ? mem_strdup (words) : rescast_strerror (error);
}

const char *
cuda_network_open (struct cuda_tuning *t)
{
  struct rescast_config config = { .device = t->o->gpu };
  const char *path = mem_printf ("%s/%s.weights", t->o->dir, tuned_graph (t)->name);
  describe (t);
  int error = rescast_weights_map (&t->packed, path, t->info.network);
  if (error)
    fatal ("%s: %s", path, rescast_strerror (error));
  error = rescast_cuda_host_init (&t->host, &t->network, &t->packed, NULL, 0, &config);
  if (error)
    return words_of (error);
  t->driver->context_push (t->host.model.context);
  for (int i = 0; i < t->variants[0].all.kernels->count; i++)
    t->variants[0].functions[i] = t->host.model.functions[i];
  for (int i = 1; i < t->variant_count; i++)
    load_variant (t, &t->variants[i]);
  error = upload_input (t);
  return error ? words_of (error) : NULL;
}

void
cuda_network_close (struct cuda_tuning *t)
{
  for (int i = 1; i < t->variant_count; i++)
    if (t->variants[i].module)
      t->driver->module_unload (t->variants[i].module);
  t->driver->context_pop (&(void *){ NULL });
  rescast_cuda_host_free (&t->host);
  rescast_weights_unmap (&t->packed);
}

/* What a context keeps of its launches is made anew, in the same memory. */
static void
renew_context (struct cuda_tuning *t)
{
  struct rescast_cuda_context *c = &t->host.context;
  const int owned = c->owned;
  free (c->maps);
  int error = rescast_cuda_context_init (c, &t->host.model, (void *) (uintptr_t) c->arena);
  if (error)
    fatal ("%s: %s", t->o->dir, words_of (error));
  c->owned = owned;
}

void
cuda_network_use (struct cuda_tuning *t, struct tuned_product *p, int c)
{
  const struct cuda_variant *v = &t->variants[c];
  const struct graph *g = tuned_graph (t);
  for (int i = 0; i < p->kernel_count; i++)
    {
      const int k = p->kernels[i];
      t->host.model.functions[k] = v->functions[k];
      for (int n = 0; n < g->node_count; n++)
        if (t->launches[n].kernel == k)
          t->launches[n] = launch_of (v, n);
    }
  p->now = c;
  renew_context (t);
}

static int
compare (const void *a, const void *b)
{
  const float *x = a, *y = b;
  return (*x > *y) - (*x < *y);
}

/* Whose fault an error of launch PART may be. */
static const char *
tiles_in_use (const struct cuda_tuning *t, int part)
{
  struct text text = { 0 };
  for (int i = 0; i < t->product_count; i++)
    for (int j = 0; j < t->products[i].kernel_count; j++)
      if (t->products[i].now && t->products[i].first[j] == part)
        text_printf (&text, "; %s has the tile %s", t->products[i].name,
                     mma_tile_text (&t->products[i].list[t->products[i].now]));
  return text.n ? text.s : "";
}

/* A launch that fails leaves a context with which nothing more can be done. */
double
cuda_network_time (struct cuda_tuning *t, int part, int runs)
{
  float *ms = NEW_ARRAY ((size_t) runs, float);
  int error = rescast_cuda_time (&t->host, part, runs, ms);
  if (error)
    fatal ("%s: %s%s", t->o->dir, words_of (error), tiles_in_use (t, part));
  qsort (ms, (size_t) runs, sizeof *ms, compare);
  return 1e3 * ((double) ms[(runs - 1) / 2] + (double) ms[runs / 2]) / 2;
}

float *
cuda_network_output (struct cuda_tuning *t, int64_t *count)
{
  struct rescast_cuda_host *h = &t->host;
  float *output = heap_array (t->network.output_bytes / sizeof (float), sizeof (float));
  *count = (int64_t) (t->network.output_bytes / sizeof (float));
  int error = rescast_cuda_run (&h->context, (void *) (uintptr_t) h->device_input,
                                (void *) (uintptr_t) h->device_output, (struct CUstream_st *) h->stream);
  if (!error)
    error = cuda_error (t->driver,
                        t->driver->to_host_async (h->output, h->device_output, t->network.output_bytes, h->stream),
                        "copying the output");
  if (!error)
    error = cuda_error (t->driver, t->driver->stream_wait (h->stream), "running the network");
  if (error)
    fatal ("%s: %s", t->o->dir, words_of (error));
  memcpy (output, h->output, t->network.output_bytes);
  return output;
}
