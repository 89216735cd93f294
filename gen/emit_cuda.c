/* The GPU's files: kernels, tables of launches, what links them in. */
#include <inttypes.h>

#include "emit_cuda.h"
#include "emit_parts.h"
#include "layout_c.h"

const char *
cuda_function (const struct emission *e, const struct kernel *k)
{
  return mem_printf ("%s_cuda_%s", e->g->name, k->function);
}

/* All kernels in one text, which NVRTC compiles in one go. */
struct text
cuda_source (const struct emission *e)
{
  const char *file = mem_printf ("%s.cu", e->g->name);
  struct text t = { 0 }, laid_out = { 0 };
  struct params head = params_common (e);
  params_add (&head, "PRECISION", precision_name (e->g->precision));
  emit_text (&t, file, "cuda_head.m4", head.list, head.count);
  if (e->g->precision != PRECISION_FP32)
    emit_text (&t, file, "cuda_mma_head.m4", head.list, head.count);
  for (int i = 0; i < e->kernels->count; i++)
    {
      const struct kernel *k = e->kernels->list[i];
      struct params p = params_common (e);
      params_add (&p, "FUNCTION", cuda_function (e, k));
      params_add (&p, "PURPOSE", k->purpose);
      for (int j = 0; j < k->param_count; j++)
        params_add (&p, k->params[j].name, k->params[j].value);
      text_add (&t, "\n");
      emit_text (&t, file, mem_printf ("%s.m4", k->stem), p.list, p.count);
    }
  layout_c (&t, &laid_out);
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
  return place == RESCAST_CUDA_NONE ? "RESCAST_CUDA_NONE" : place == RESCAST_CUDA_CALLER ? "RESCAST_CUDA_CALLER"
         : mem_printf ("%" PRId64, place);
}

struct rescast_cuda_launch
cuda_launch_of (const struct emission *e, int node)
{
  const struct node *n = &e->g->nodes[node];
  const struct kernel *k = n->kernel;
  return (struct rescast_cuda_launch){
    .kernel = kernel_index (e, k), .grid = { (unsigned) k->grid[0], (unsigned) k->grid[1], (unsigned) k->grid[2] },
    .threads = (unsigned) k->threads, .shared = { (unsigned) k->shared, (unsigned) k->shared_elsewhere },
    .dependent = k->dependent, .x = n->nin ? place (e, n->in[0]) : RESCAST_CUDA_CALLER,
    .residual = place (e, emit_residual (n)), .w = n->w_offset, .y = place (e, n->out),
  };
}

/* LAUNCH(comment, kernel, blocks, threads, x, residual, w, y) for each node. */
static char *
launches (const struct emission *e)
{
  struct text t = { 0 };
  for (int i = 0; i < e->g->node_count; i++)
    {
      const struct node *n = &e->g->nodes[i];
      const struct rescast_cuda_launch l = cuda_launch_of (e, i);
      text_printf (&t, "LAUNCH(<|%s: (%s)|>, <|%d|>, <|%u, %u, %u|>, <|%u, { %u, %u }, %d|>, <|%s|>, <|%s|>, <|%" PRId64 "|>, <|%s|>)\n",
                   n->covers, shape_text (&e->g->tensors[n->out].shape), l.kernel, l.grid[0], l.grid[1], l.grid[2], l.threads,
                   l.shared[0], l.shared[1], l.dependent, place_text (l.x), place_text (l.residual), l.w, place_text (l.y));
    }
  return t.s;
}

void
emit_cuda (const struct emission *e)
{
  static const struct { const char *template, *suffix; } files[] = {
    { "cuda_network_h.m4", "_cuda.h" }, { "cuda_network_c.m4", "_cuda.c" }, { "cuda_source_s.m4", "_cuda_source.S" },
  };
  emit_kernels (e);
  for (size_t i = 0; i < sizeof files / sizeof *files; i++)
    {
      struct params p = params_network (e, files[i].template);
      params_add (&p, "LAUNCHES", launches (e));
      emit_file (e->dir, mem_printf ("%s%s", e->g->name, files[i].suffix), files[i].template, p.list, p.count);
    }
}
