/* The manifest tells how the code was made; the same passes on other weights must lead to the same layout. */
#include "repack.h"

#include <stdlib.h>

#include "backend/backend.h"
#include "base/output_dir.h"
#include "graph/bind.h"
#include "generate.h"
#include "manifest.h"
#include "pack/pack.h"

/* How the weights W and the code differ in the parameter P, whose shape the code knows as KNOWN; or NULL. */
static const char *
difference (const struct param *p, const json_t *known)
{
  const struct weight *w = p->value;
  int64_t shape[WEIGHT_MAX_RANK] = { 0 }, count = 1;
  int rank = (int) json_array_size (known);
  for (int a = 0; a < rank && a < WEIGHT_MAX_RANK; a++)
    count *= shape[a] = json_integer_value (json_array_get (known, (size_t) a));
  if (!w && !known)
    return NULL;
  if (!w)
    return mem_printf ("%s %s is missing from these weights; the code was generated with it", p->name,
                       dims_text (rank, shape));
  if (!known)
    return mem_printf ("%s %s is in these weights; the code was generated without it", p->name,
                       dims_text (w->rank, w->shape));
  /* a scalar and a vector of one are packed alike */
  if (w->count == (size_t) count && (w->rank == rank || w->rank + rank == 1))
    return NULL;
  return mem_printf ("%s is %s in these weights, and the code was generated for %s", p->name,
                     dims_text (w->rank, w->shape), dims_text (rank, shape));
}

static void
check_layout (const char *dir, const char *weights, const struct manifest *m)
{
  const json_t *known = json_object_get (m->json, "params");
  struct text t = { 0 };
  for (int i = 0; i < m->g->param_count; i++)
    {
      const struct param *p = m->g->params[i];
      const char *what = difference (p, json_object_get (known, p->name));
      if (what)
        text_printf (&t, "%s%s", t.n ? "; " : "", what);
    }
  if (t.n)
    fatal ("%s: these weights need other code than %s has: %s; generate it again", weights, dir, t.s);
}

static struct emission
emission_of (const struct manifest_part *p)
{
  return (struct emission){ .g = p->g, .kernels = p->kernels, .weight_bytes = p->weight_bytes };
}

void
repack (const char *dir, const char *path, const struct weights_use *use)
{
  struct manifest m = manifest_build (dir);
  if (m.g->straight)
    fatal ("%s: has its weights in the code (--unroll-budget max): generate it again with -w %s", dir, path);
  struct weights *weights = source_weights (path, m.g);
  bind_weights (m.g, weights, use);
  check_layout (dir, path, &m);
  if (!manifest_plan (dir, &m))
    fatal ("%s: these weights need other code than %s has; generate it again", path, dir);
  json_t *files = json_incref (json_object_get (m.json, "files")); /* the same code, so the same list */
  json_decref (m.json);
  const char *manifest = mem_printf ("%s.json", m.g->name), *to = output_dir_begin (dir, manifest);
  struct emission device = emission_of (&m.device), further[PRECISION_COUNT];
  struct emission e = { .g = m.g,
                        .kernels = m.kernels,
                        .embed = m.embed,
                        .limits = m.limits,
                        .weight_bytes = m.weight_bytes,
                        .next = m.further_count ? further : NULL,
                        .device = m.device.g ? &device : NULL };
  for (int i = 0; i < m.further_count; i++)
    {
      further[i] = emission_of (&m.further[i]);
      further[i].next = i + 1 < m.further_count ? &further[i + 1] : NULL;
    }
  e.file_bytes = generate_weights_bytes (&e);
  generate_weights (&e, pack_weights (m.g, m.weight_bytes), to);
  manifest_write (&e, m.source, weights, files, mem_printf ("%s/%s", to, manifest));
  output_dir_commit (&(struct names){ 0 }); /* all else stays */
  weights_close (weights);
}
