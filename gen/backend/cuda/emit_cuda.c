/* The GPU's files: kernels, tables of launches, what links them in. */
#include "emit_cuda.h"

#include <inttypes.h>
#include <string.h>

#include "cuda_kernel.h"
#include "emit/layout_c.h"
#include "emit/neutral_c.h"
#include "emit/params.h"
#include "emit/verbatim.h"

const char *
cuda_function (const struct emission *e, const struct kernel *k)
{
  return mem_printf ("%s_cuda_%s", e->g->name, k->function);
}

static const struct cuda_kernel *
kernel_at (const struct emission *e, int i)
{
  return cuda_kernel_of (e->kernels->list[i]);
}

static bool
uses_maps (const struct emission *e)
{
  bool some = false;
  for (int i = 0; i < e->kernels->count; i++)
    some |= kernel_at (e, i)->maps != NULL;
  return some;
}

/* Has it a first layer that is a kernel of its own on compute capability 9? */
static bool
has_stem (const struct emission *e)
{
  bool has = false;
  for (int i = 0; i < e->kernels->count; i++)
    {
      const struct plan_family *f = e->kernels->list[i]->family;
      has |= f == &cuda_conv_stem_family || f == &cuda_conv_stem_pool_family;
    }
  return has;
}

/* All kernels in one text, which NVRTC compiles in one go. */
struct text
cuda_source (const struct emission *e)
{
  const char *file = mem_printf ("%s.cu", e->g->name);
  struct text t = { 0 }, plain = { 0 }, laid_out = { 0 };
  struct params head = params_common (e);
  params_activation_words (&head, e->g);
  params_add (&head, "PRECISION", precision_name (e->g->precision));
  emit_text (&t, file, "cuda/head.m4", head.list, head.count);
  if (e->g->precision != PRECISION_FP32)
    emit_text (&t, file, "cuda/mma_head.m4", head.list, head.count);
  if (uses_maps (e) || has_stem (e))
    emit_text (&t, file, "cuda/sm90_head.m4", head.list, head.count);
  if (uses_maps (e))
    emit_text (&t, file, "cuda/tma_head.m4", head.list, head.count);
  if (has_stem (e))
    emit_text (&t, file, "cuda/stem_head.m4", head.list, head.count);
  for (int i = 0; i < e->kernels->count; i++)
    {
      const struct kernel *k = e->kernels->list[i];
      struct params p = params_common (e);
      params_verbatim (&p, "FUNCTION", cuda_function (e, k));
      params_purpose (&p, k->purpose);
      plan_params (k->family, k->plan, params_give, &p);
      text_add (&t, "\n");
      emit_text (&t, file, mem_printf ("%s.m4", k->family->template), p.list, p.count);
    }
  neutral_c (&t, &plain);
  layout_c (&plain, &laid_out);
  return laid_out;
}

static void
emit_kernels (const struct emission *e)
{
  struct text t = cuda_source (e);
  file_write (mem_printf ("%s/%s.cu", e->dir, e->g->name), t.s, t.n);
}

static int
kernel_index (const struct emission *e, const struct kernel *k)
{
  int i = 0;
  while (e->kernels->list[i] != k)
    i++;
  return i;
}

/* Where tensor T is: bytes from the arena's start, or one of the two that are not in it. */
static int64_t
place (const struct emission *e, int t)
{
  if (t < 0)
    return RESCAST_CUDA_NONE;
  if (t == e->g->nodes[e->g->node_count - 1].out)
    return RESCAST_CUDA_CALLER;
  return (int64_t) e->g->tensors[t].offset;
}

static const char *
place_text (int64_t place)
{
  return place == RESCAST_CUDA_NONE     ? "RESCAST_CUDA_NONE"
         : place == RESCAST_CUDA_CALLER ? "RESCAST_CUDA_CALLER"
                                        : mem_printf ("%" PRId64, place);
}

/* The place of K's first map among them, -1 for none. */
static int
first_map (const struct emission *e, const struct cuda_kernel *k)
{
  int at = 0;
  for (int i = 0; kernel_at (e, i) != k; i++)
    at += kernel_at (e, i)->maps ? MAPS : 0;
  return k->maps ? at : -1;
}

static struct rescast_cuda_shape
launch_shape_of (const struct launch_shape *s)
{
  return (struct rescast_cuda_shape){ { (unsigned) s->grid[0], (unsigned) s->grid[1], (unsigned) s->grid[2] },
                                      (unsigned) s->threads,
                                      (unsigned) s->shared };
}

struct rescast_cuda_launch
cuda_launch_of (const struct emission *e, int node)
{
  const struct node *n = &e->g->nodes[node];
  const struct cuda_kernel *k = cuda_kernel_of (n->kernel);
  return (struct rescast_cuda_launch){
    .kernel = kernel_index (e, n->kernel),
    .map = first_map (e, k),
    .shape = { launch_shape_of (&k->shape[ON_HOPPER]), launch_shape_of (&k->shape[ELSEWHERE]) },
    .dependent = true,
    .x = n->nin ? place (e, n->in[0]) : RESCAST_CUDA_CALLER,
    .residual = place (e, emit_residual (n)),
    .w = n->w_offset,
    .y = place (e, n->out),
  };
}

static const char *
shape_of_launch (const struct rescast_cuda_shape *s)
{
  return mem_printf ("{ { %u, %u, %u }, %u, %u }", s->grid[0], s->grid[1], s->grid[2], s->threads, s->shared);
}

static struct rescast_cuda_map
map_of (const struct tensor_map *m)
{
  struct rescast_cuda_map map = { .rank = m->rank, .box = { (unsigned) m->channels, (unsigned) m->pixels } };
  for (int i = 0; i < 5; i++)
    map.extent[i] = (uint64_t) m->extent[i];
  for (int a = 0; a < AXES; a++)
    {
      map.lower[a] = (int) m->lower[a];
      map.upper[a] = (int) m->upper[a];
      map.stride[a] = (int) m->stride[a];
    }
  return map;
}

int
cuda_maps_of (const struct emission *e, struct rescast_cuda_map *list)
{
  int count = 0;
  for (int i = 0; i < e->kernels->count; i++)
    for (int j = 0; kernel_at (e, i)->maps && j < MAPS; j++)
      list[count++] = map_of (&kernel_at (e, i)->maps[j]);
  return count;
}

static const char *
map_text (const struct tensor_map *m)
{
  if (!m->rank)
    return "{ 0 }";
  return mem_printf ("{ %d, { %" PRId64 ", %" PRId64 ", %" PRId64 ", %" PRId64 ", %" PRId64 " }, { %" PRId64
                     ", %" PRId64 " }, "
                     "{ %" PRId64 ", %" PRId64 ", %" PRId64 " }, { %" PRId64 ", %" PRId64 ", %" PRId64 " }, { %" PRId64
                     ", %" PRId64 ", %" PRId64 " } }",
                     m->rank, m->extent[0], m->extent[1], m->extent[2], m->extent[3], m->extent[4], m->channels,
                     m->pixels, m->lower[0], m->lower[1], m->lower[2], m->upper[0], m->upper[1], m->upper[2],
                     m->stride[0], m->stride[1], m->stride[2]);
}

/* MAP(comment, map) for each kernel that has them. */
static char *
maps (const struct emission *e)
{
  static const char *const what[MAPS] = { "x", "residual", "w", "y" };
  struct text t = { 0 };
  text_add (&t, "");
  for (int i = 0; i < e->kernels->count; i++)
    for (int j = 0; kernel_at (e, i)->maps && j < MAPS; j++)
      text_printf (&t, "MAP(<|%s: %s|>, <|%s|>)\n", e->kernels->list[i]->function, what[j],
                   map_text (&kernel_at (e, i)->maps[j]));
  return t.s;
}

/* LAUNCH(comment, kernel, maps, launch on each generation, does it wait by itself, x, residual, w, y) for each node. */
static char *
launches (const struct emission *e)
{
  struct text t = { 0 };
  for (int i = 0; i < e->g->node_count; i++)
    {
      const struct node *n = &e->g->nodes[i];
      const struct rescast_cuda_launch l = cuda_launch_of (e, i);
      text_printf (
          &t, "LAUNCH(<|%s: (%s)|>, <|%d|>, <|%d|>, <|%s, %s|>, <|%d|>, <|%s|>, <|%s|>, <|%" PRId64 "|>, <|%s|>)\n",
          verbatim_comment (n->covers), shape_text (&e->g->tensors[n->out].shape), l.kernel, l.map,
          shape_of_launch (&l.shape[ON_HOPPER]), shape_of_launch (&l.shape[ELSEWHERE]), l.dependent, place_text (l.x),
          place_text (l.residual), l.w, place_text (l.y));
    }
  return t.s;
}

bool
cuda_last_copies (const struct graph *g)
{
  const struct node *last = &g->nodes[g->node_count - 1], *before = last - 1;
  int t = last->in[0];
  return g->tensors[t].format.element == ELEMENT_F32 && shape_pixels (&g->tensors[t].shape) == 1 && g->node_count > 2
         && before->out == t && graph_uses (g, t) == 1;
}

void
emit_cuda (const struct emission *e)
{
  static const struct
  {
    const char *template, *suffix;
  } files[] = {
    { "cuda/network_h.m4", "_cuda.h" },
    { "cuda/network_c.m4", "_cuda.c" },
    { "cuda/source_s.m4", "_cuda_source.S" },
  };
  emit_kernels (e);
  for (size_t i = 0; i < sizeof files / sizeof *files; i++)
    {
      struct params p = params_network (e);
      params_add (&p, "LAUNCHES", launches (e));
      params_int (&p, "LAST_COPIES", cuda_last_copies (e->g));
      params_int (&p, "HAS_MAPS", uses_maps (e));
      params_add (&p, "TENSOR_MAPS", maps (e));
      emit_file (e->dir, mem_printf ("%s%s", e->g->name, files[i].suffix), files[i].template, p.list, p.count);
    }
}
