/* From a folder to a page. */
#include "parts.h"

#include <stdlib.h>
#include <string.h>

#include "base/program.h"
#include "base/replace.h"
#include "verify/verify.h"

/* The targets and their precision. */
static char *
title_of (const struct part *p)
{
  struct text t = { 0 };
  for (const struct kernels *ks = p->kernels; ks; ks = ks->next)
    text_printf (&t, "%s%s", t.n ? ", " : "", ks->target_name);
  text_printf (&t, " in %s", precision_name (p->g->precision));
  return t.s;
}

static void
add_part (struct report *r, const struct graph *g, const struct kernels *ks, int64_t weight_bytes)
{
  struct part *p = &r->parts[r->part_count++];
  *p = (struct part){ .g = g, .kernels = ks, .weight_bytes = weight_bytes };
  p->title = title_of (p);
}

static void
read_folder (struct report *r, const char *dir)
{
  r->m = manifest_whole (dir);
  r->layers = source_build (r->m.source);
  add_part (r, r->m.g, r->m.kernels, r->m.weight_bytes);
  for (int i = 0; i < r->m.further_count; i++)
    add_part (r, r->m.further[i].g, r->m.further[i].kernels, r->m.further[i].weight_bytes);
  if (r->m.device.g)
    add_part (r, r->m.device.g, r->m.device.kernels, r->m.device.weight_bytes);
}

/* What verify found, one more. */
static void
add_check (void *checks, const char *layer, const char *failure)
{
  struct checks *c = checks;
  if (c->count == c->cap)
    {
      c->cap = c->cap ? 2 * c->cap : 64;
      struct check *grown = NEW_ARRAY ((size_t) c->cap, struct check);
      if (c->count)
        memcpy (grown, c->list, (size_t) c->count * sizeof *grown);
      c->list = grown;
    }
  c->list[c->count++] = (struct check){ layer, failure };
  c->failures += failure != NULL;
}

/* Its exit status; its checks into R. */
static int
verify_folder (struct report *r)
{
  struct checks *c = NEW (struct checks);
  const struct verify_options o = { .dir = r->o->dir, .threads = r->o->threads, .planned = manifest_planned,
                                    .unfolded = manifest_unfolded, .found = add_check, .user = c };
  r->checks = c;
  return verify_run (&o);
}

int
report_run (const struct report_options *o)
{
  struct report r = { .o = o };
  int status = 0;
  read_folder (&r, o->dir);
  if (o->junit)
    r.checks = checks_read (o->junit);
  else if (o->verify)
    status = verify_folder (&r);
  times_gather (&r);
  const char *page = page_text (&r), *path = o->page ? o->page : mem_printf ("%s/%s.html", o->dir, r.layers->name);
  file_write (replace_begin (path), page, strlen (page));
  program_flush ();
  replace_commit ();
  json_decref (r.m.json);
  return status;
}
