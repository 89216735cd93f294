/* Which files a network consists of, and what their templates are told. */
#include "network.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "../../runtime/rescast.h"
#include "backend/backend.h"
#include "base/data_dir.h"
#include "config.h"
#include "emit/verbatim.h"
#include "frontend/options/keys.h"
#include "pack/pack.h"
#include "steps.h"
#include "windows.h"

/* Static memory for the function that is the network in one call; with more, a library's addresses would not do. */
#define ONE_CALL_MOST ((size_t) 64 << 20)

/* The expression for a tensor of node N; the caller's arrays stand at both ends. */
static const char *
tensor_expression (const struct emission *e, int t)
{
  if (t < 0)
    return "NULL";
  if (t == e->g->nodes[e->g->node_count - 1].out)
    return "net->output";
  return mem_printf ("a%s", plus ((int64_t) e->g->tensors[t].offset));
}

int
emit_residual (const struct node *n)
{
  return n->nin > 1 ? n->in[1] : n->ep.residual;
}

char *
emit_kernel_list (const struct emission *part)
{
  struct text t = { 0 };
  for (int i = 0; i < part->kernels->count; i++)
    {
      const struct kernel *k = part->kernels->list[i];
      text_printf (&t, "%s(<|%s|>)", k->staged_from ? "STAGED_KERNEL" : k->scratch_bytes ? "SCRATCH_KERNEL" : "KERNEL",
                   k->function);
    }
  return t.s;
}

/* The arguments for the scratch memory of node N: what all threads share in stages, else the caller's own. */
static const char *
scratch_arguments (const struct node *n)
{
  if (!n->scratch_bytes)
    return "";
  return mem_printf ("own ? own : %scaller ? a%s : NULL, %s", n->kernel->staged_from ? "stage || " : "",
                     plus ((int64_t) n->scratch_offset), n->kernel->staged_from ? "stage, " : "");
}

/* One call per node: NODE (index, comment, function, x, residual, w, y, scratch). */
static char *
node_calls (const struct emission *e)
{
  struct text t = { 0 };
  for (int i = 0; i < e->g->node_count; i++)
    {
      const struct node *n = &e->g->nodes[i];
      text_printf (&t, "NODE(<|%d|>, <|%s: (%s)|>, <|%s|>, <|%s|>, <|%s|>, <|w%s|>, <|%s|>, <|%s|>)", i,
                   verbatim_comment (n->covers), shape_text (&e->g->tensors[n->out].shape), n->kernel->function,
                   n->nin ? tensor_expression (e, n->in[0]) : "net->input", tensor_expression (e, emit_residual (n)),
                   plus (n->w_offset), tensor_expression (e, n->out),
                   scratch_arguments (n));
    }
  return t.s;
}

static char *
layer_table (const struct emission *e)
{
  struct text t = { 0 };
  const struct graph *g = e->g;
  int output = g->nodes[g->node_count - 1].out;
  for (int i = 0; i < g->node_count; i++)
    {
      const struct node *n = &g->nodes[i];
      text_printf (&t, "LAYER(<|%s|>, <|%s|>, <|%s|>, <|%d, %d, %d, %.17g|>)\n", verbatim_string (n->covers),
                   op_name (n->op),
                   n->kernel->function, n->nin ? n->in[0] : -1, emit_residual (n),
                   n->out == output ? -1 : n->out, n->macs * (double) g->batch);
    }
  return t.s;
}

static const char *
layout_constant (enum layout layout)
{
  static const char *const names[] = { [LAYOUT_PLANAR] = "RESCAST_PLANAR",
                                       [LAYOUT_BLOCKED] = "RESCAST_BLOCKED",
                                       [LAYOUT_CHANNELS_LAST] = "RESCAST_CHANNELS_LAST" };
  return names[layout];
}

static char *
tensor_table (const struct emission *e)
{
  struct text x = { 0 };
  for (int i = 0; i < e->g->tensor_count - 1; i++)
    {
      const struct tensor *t = &e->g->tensors[i];
      const struct tensor_format *f = &t->format;
      const int64_t *d = t->shape.dim;
      text_printf (&x, "  { %s, %d, %" PRId64 ", %" PRId64 ", %" PRId64 ", %" PRId64 ", %" PRId64
                   ", %s, %s, %d, { %d, %d, %d }, { %d, %d, %d }, %zu, %zu },\n", verbatim_string (t->name),
                   t->shape.rank, e->g->batch, t->shape.c, d[0], d[1], d[2], element_type (f->element)->constant,
                   layout_constant (f->layout), f->block, f->halo_lo[0], f->halo_lo[1], f->halo_lo[2], f->halo_hi[0],
                   f->halo_hi[1], f->halo_hi[2], t->offset, t->bytes);
    }
  return x.s;
}

static const char *
label_list (const struct emission *e)
{
  struct text t = { 0 };
  text_add (&t, "");
  for (size_t i = 0; i < e->label_count; i++)
    text_printf (&t, "  %s,\n", verbatim_string (e->labels[i]));
  return t.s ? t.s : "";
}

/* The literal of the float that V becomes: nine digits of V itself could be those of its neighbour. 0 has no sign: -0
 * is an integer in C. */
static const char *
float_text (double v)
{
  return mem_printf ("%.9g", (double) (float) v + 0.0);
}

static const char *
float_list (const double *v, int64_t n)
{
  struct text t = { 0 };
  for (int64_t i = 0; v && i < n; i++)
    text_printf (&t, "%s%s", i ? ", " : "", float_text (v[i]));
  return v ? t.s : "";
}

/* "3, 224, 224" and "3][224][224" of a shape. */
static void
add_shape (struct params *p, const char *prefix, const struct shape *s, int64_t batch)
{
  params_add (p, mem_printf ("%s_SHAPE", prefix), mem_printf ("%" PRId64 ", %" PRId64 ", %" PRId64 ", %" PRId64, s->c,
                                                       s->dim[0], s->dim[1], s->dim[2]));
  params_add (p, mem_printf ("%s_SHAPE_TEXT", prefix), shape_text (s));
  params_int (p, mem_printf ("%s_RANK", prefix), s->rank);
  params_int (p, mem_printf ("%s_FLOATS", prefix), batch * shape_count (s));
}

/* What a thread's stack must hold beside the usual. */
static int64_t
most_scratch (const struct emission *e)
{
  int64_t most = 0;
  for (const struct emission *part = e; part; part = part->next)
    for (const struct kernels *ks = part->kernels; ks; ks = ks->next)
      for (int i = 0; i < ks->count; i++)
        if (ks->list[i]->scratch_bytes > most)
          most = ks->list[i]->scratch_bytes;
  return most;
}

/* How many numbers the input layer's parameter P has as packed. */
static int64_t
input_numbers (const struct param *p)
{
  return p && p->value ? (int64_t) p->value->count : 0;
}

/* What differs from part to part of a folder, in macros whose names end with SUFFIX. */
static void
add_part (struct params *p, const char *suffix, const struct emission *part)
{
  const struct graph *g = part->g;
  const struct { const char *name; int64_t value; } numbers[] = {
    { "ARENA_BYTES", (int64_t) g->arena_bytes }, { "WEIGHTS_DATA_BYTES", part->weight_bytes },
    { "INPUT_AT", (int64_t) g->input_offset },   { "LIMIT_AT", g->limit_offset },
    { "LAYER_COUNT", g->node_count },            { "TENSOR_COUNT", g->tensor_count - 1 },
    { "STAGED", steps_staged (part) },
  };
  const struct { const char *name, *value; } texts[] = {
    { "KERNEL_LIST", emit_kernel_list (part) }, { "LAYOUT_HASH", mem_printf ("0x%016" PRIx64, pack_layout_hash (g)) },
    { "NODES", node_calls (part) },        { "LAYER_TABLE", layer_table (part) },
    { "TENSOR_TABLE", tensor_table (part) }, { "PRECISION_NAME", precision_name (g->precision) },
  };
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
    params_int (p, mem_printf ("%s%s", numbers[i].name, suffix), numbers[i].value);
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
    params_add (p, mem_printf ("%s%s", texts[i].name, suffix), texts[i].value);
}

/* Has the library a function of the network's name? */
static bool
one_call (const struct emission *e)
{
  bool small = true;
  for (const struct emission *part = e; part; part = part->next)
    small &= part->g->arena_bytes <= ONE_CALL_MOST;
  return e->embed && small && !name_is_function (e->g->name);
}

/* The host's parts, called by their precisions, and what all have room for; a device has no more than one part. */
static void
add_parts (struct params *p, const struct emission *e)
{
  struct text names = { 0 };
  size_t arena = 0;
  int64_t steps = 0;
  bool staged = false;
  int count = 0;
  for (const struct emission *part = e; part; part = part->next, count++)
    {
      const char *name = precision_name (part->g->precision);
      text_printf (&names, "%s%s", names.n ? ", " : "", name);
      add_part (p, mem_printf ("_%s", name), part);
      arena = part->g->arena_bytes > arena ? part->g->arena_bytes : arena;
      steps = steps_most (part) > steps ? steps_most (part) : steps;
      staged |= steps_staged (part);
    }
  params_add (p, "PARTS", names.s);
  params_int (p, "PART_COUNT", count);
  params_int (p, "ARENA_BYTES", (int64_t) arena);
  params_int (p, "ONE_CALL", one_call (e));
  params_int (p, "MOST_STEPS", staged ? steps : 0);
}

struct params
params_network (const struct emission *e)
{
  struct params p = params_common (e);
  const struct graph *g = e->g;
  const struct shape *in = &g->tensors[g->nodes[0].out].shape;
  if (g->backend)
    add_part (&p, "", e);
  else
    {
      host_backend->add_targets (&p, e);
      add_parts (&p, e);
    }
  params_int (&p, "BATCH", g->batch);
  add_shape (&p, "INPUT", in, g->batch);
  add_shape (&p, "OUTPUT", &g->tensors[g->nodes[g->node_count - 1].out].shape, g->batch);
  params_int (&p, "WEIGHTS_BYTES", e->file_bytes);
  params_int (&p, "PROBABILITIES", g->probabilities);
  params_int (&p, "INPUT_MEANS", input_numbers (g->nodes[0].mean));
  params_int (&p, "INPUT_STDS", input_numbers (g->nodes[0].variance));
  params_add (&p, "LABELS", label_list (e));
  params_int (&p, "LABEL_COUNT", (int64_t) e->label_count);
  params_add (&p, "INPUT_SCALE", float_text (e->scale));
  params_int (&p, "HAS_MEAN", e->mean != NULL);
  params_int (&p, "HAS_STD", e->std != NULL);
  params_verbatim (&p, "INPUT_MEAN", float_list (e->mean, in->c));
  params_verbatim (&p, "INPUT_STD", float_list (e->std, in->c));
  params_int (&p, "RESIZE_H", e->resize[0]);
  params_int (&p, "RESIZE_W", e->resize[1]);
  params_add (&p, "INTERPOLATION", e->interpolation ? params_upper (e->interpolation) : "");
  params_int (&p, "EMBED", e->embed);
  params_int (&p, "ABI", RESCAST_ABI);
  for (int i = 0; device_backends[i]; i++)
    params_int (&p, mem_printf ("WITH_%s", params_upper (device_backends[i]->name)),
                e->device && e->device->g->backend == device_backends[i]);
  params_int (&p, "STACK_BYTES", most_scratch (e));
  windows_params (&p, g);
  return p;
}

static void
emit_frame (const struct emission *e)
{
  static const struct { const char *template, *suffix; } files[] = {
    { "network/network_h.m4", ".h" },   { "network/kernels_h.m4", "_kernels.h" }, { "network/network_c.m4", ".c" },
    { "network/main_c.m4", "_main.c" }, { "network/pkgconfig.m4", ".pc" }, { "network/map.m4", ".map" },
    { "network/cmake_config.m4", "-config.cmake" }, { "network/cmake_version.m4", "-config-version.cmake" },
  };
  for (size_t i = 0; i < sizeof files / sizeof *files; i++)
    {
      struct params p = params_network (e);
      emit_file (e->dir, mem_printf ("%s%s", e->g->name, files[i].suffix), files[i].template, p.list, p.count);
    }
  static const struct { const char *template, *file; } builds[] = {
    { "network/makefile.m4", "Makefile" }, { "network/cmake.m4", "CMakeLists.txt" },
  };
  for (size_t i = 0; i < sizeof builds / sizeof *builds; i++)
    {
      struct params p = params_network (e);
      emit_file (e->dir, builds[i].file, builds[i].template, p.list, p.count);
    }
  if (e->embed)
    {
      struct params p = params_network (e);
      emit_file (e->dir, mem_printf ("%s_weights.S", e->g->name), "network/weights_s.m4", p.list, p.count);
    }
  if (windows_possible (e->g))
    {
      struct params p = params_network (e);
      emit_file (e->dir, mem_printf ("%s_windows.c", e->g->name), "network/windows_c.m4", p.list, p.count);
    }
  if (one_call (e))
    {
      struct params p = params_network (e);
      emit_file (e->dir, mem_printf ("%s_call.c", e->g->name), "network/call_c.m4", p.list, p.count);
    }
}

/* Copy the C files of FROM, but for one called WITHOUT, into TO, and the folders bare, cli and DEVICE. The last two may
 * be NULL. */
static void
copy_sources (const char *from, const char *to, const char *device, const char *without)
{
  if (mkdir (to, 0777) && errno != EEXIST)
    fatal ("%s: %s", to, strerror (errno));
  size_t count;
  const char **names = folder_names (from, &count);
  if (!names)
    fatal ("%s: %s (RESCAST_DATADIR names the folder that has templates and runtime)", from, strerror (errno));
  for (size_t i = 0; i < count; i++)
    {
      const char *name = names[i], *source = mem_printf ("%s/%s", from, name), *copy = mem_printf ("%s/%s", to, name);
      size_t n = strlen (name), bytes;
      struct stat st;
      if (name[0] == '.' || (without && strcmp (name, without) == 0))
        continue;
      if (stat (source, &st))
        fatal ("%s: %s", source, strerror (errno));
      if (S_ISDIR (st.st_mode)
          && (strcmp (name, "bare") == 0 || strcmp (name, "cli") == 0 || (device && strcmp (name, device) == 0)))
        copy_sources (source, copy, device, NULL);
      if (S_ISREG (st.st_mode) && n > 2 && name[n - 2] == '.' && strchr ("ch", name[n - 1]))
        {
          char *text = file_read (source, 1 << 20, &bytes);
          file_write (copy, text, bytes);
          free (text);
        }
    }
}

void
emit_network (const struct emission *e)
{
  for (const struct emission *part = e; part; part = part->next)
    host_backend->emit (part);
  emit_frame (e);
  copy_sources (mem_printf ("%s/runtime", data_dir ()), mem_printf ("%s/runtime", e->dir),
                e->device ? e->device->g->backend->name : NULL, windows_possible (e->g) ? NULL : "windows.c");
}
