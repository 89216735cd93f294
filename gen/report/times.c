/* How long the layers take: what the folder's program says of them, now or in a file. */
#include "parts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/program.h"
#include "base/status.h"
#include "base/terminal.h"

#define MOST_BYTES ((size_t) 64 << 20)
#define MOST_RUNS 1000.0

static double
number (const json_t *o, const char *key)
{
  const double v = json_number_value (json_object_get (o, key));
  return isfinite (v) && v > 0 ? v : 0;
}

static const char *
string (const json_t *o, const char *key)
{
  const char *s = json_string_value (json_object_get (o, key));
  return s ? s : "";
}

/* Is LAYER what KS's program calls layer I of P? */
static bool
is_layer (const struct part *p, const struct kernels *ks, int i, const json_t *layer)
{
  const struct node *n = &p->g->nodes[i];
  return !strcmp (string (layer, "name"), n->covers)
         && !strcmp (string (layer, "kernel"),
                     mem_printf ("%s_%s_%s", p->g->name, ks->target_name, n->kernel->function));
}

/* The times of a profile LAYERS for P's target KS; NULL: they are of another one. */
static struct times *
times_of (const struct part *p, const struct kernels *ks, const json_t *layers)
{
  const int count = p->g->node_count;
  if (json_array_size (layers) != (size_t) count)
    return NULL;
  struct times *t = NEW (struct times);
  *t = (struct times){ .kernels = ks, .layer = NEW_ARRAY ((size_t) count, double) };
  t->limit = json_object_get (json_array_get (layers, 0), "limit_ms") ? NEW_ARRAY ((size_t) count, double) : NULL;
  for (int i = 0; i < count; i++)
    {
      const json_t *layer = json_array_get (layers, (size_t) i);
      if (!is_layer (p, ks, i, layer))
        return NULL;
      t->sum += t->layer[i] = number (layer, "ms");
      if (t->limit)
        t->limit[i] = number (layer, "limit_ms");
    }
  return t;
}

/* Give the part that J, what a program printed, is of its times; false: it is of none. FROM: the file, or NULL. */
static bool
take (struct report *r, const json_t *j, const char *from)
{
  const json_t *profile = json_object_get (j, "profile"), *bench = json_object_get (j, "bench");
  for (int i = 0; i < r->part_count; i++)
    for (const struct kernels *ks = r->parts[i].kernels; ks; ks = ks->next)
      {
        struct times *t = times_of (&r->parts[i], ks, json_object_get (profile, "layers"));
        if (!t)
          continue;
        t->from = from;
        t->runs = (int) number (profile, "runs");
        t->threads = (int) number (bench, "threads");
        t->median = number (bench, "median_ms");
        r->parts[i].times = t;
        return true;
      }
  return false;
}

static void
read_file (struct report *r, const char *path)
{
  size_t bytes;
  char *text = file_read (path, MOST_BYTES, &bytes);
  json_error_t error;
  json_t *j = json_loadb (text, bytes, 0, &error);
  if (!j)
    fatal_at ((struct loc){ path, error.line, error.column },
              "is no JSON: %s; allowed: what %s/%s --bench RUNS --profile --json prints", error.text, r->o->dir,
              r->layers->name);
  if (!json_object_get (json_object_get (j, "profile"), "layers"))
    fatal ("%s: has no profile; allowed: what %s/%s --bench RUNS --profile --json prints", path, r->o->dir,
           r->layers->name);
  if (!take (r, j, path))
    fatal ("%s: its layers are not those of %s: it is of another network, or of a folder that was generated otherwise",
           path, r->o->dir);
  json_decref (j);
}

/* ---- measuring ---- */

/* The first line of S, or what STATUS means. */
static const char *
reason (const char *s, int status)
{
  const char *line = mem_strndup (s, strcspn (s, "\n"));
  return *line ? line : status_text (status);
}

/* What the program prints of RUNS runs on P's machine; NULL: *WHY. */
static json_t *
run_program (const struct report *r, const struct part *p, int runs, bool profile, const char **why)
{
  char *path = mem_printf ("%s/%s", r->o->dir, r->layers->name);
  char bench[] = "--bench", json[] = "--json", device[] = "--device", threads[] = "--threads", layers[] = "--profile";
  char *argv[10] = { path, bench, mem_printf ("%d", runs), json };
  int n = 4;
  if (profile)
    argv[n++] = layers;
  if (backend_of (p->g)->name)
    {
      argv[n++] = device;
      argv[n++] = mem_strdup (backend_of (p->g)->name);
    }
  else if (r->o->threads)
    {
      argv[n++] = threads;
      argv[n++] = mem_printf ("%d", r->o->threads);
    }
  FILE *out = scratch_file (""), *err = scratch_file ("");
  pid_t pid;
  const int error = program_start (&pid, argv, -1, fileno (out), fileno (err));
  if (error)
    {
      *why = mem_printf ("%s cannot be run: %s", path, strerror (error));
      return NULL;
    }
  const int status = program_wait (pid, path);
  const char *text = scratch_text (out), *said = scratch_text (err);
  json_t *j = WIFEXITED (status) && !WEXITSTATUS (status) ? json_loads (text, 0, NULL) : NULL;
  if (!j)
    *why = mem_printf ("%s failed: %s", path, reason (said, status));
  return j;
}

/* One run tells how many take the seconds: half of them without the profile, half with it. */
static const char *
measure (struct report *r, struct part *p)
{
  const char *why = NULL;
  json_t *once = run_program (r, p, 1, false, &why);
  if (!once)
    return why;
  const double ms = number (json_object_get (once, "bench"), "median_ms");
  json_decref (once);
  double runs = ms > 0 ? r->o->seconds * 500 / ms : 1;
  runs = runs < 1 ? 1 : runs > MOST_RUNS ? MOST_RUNS : runs;
  json_t *j = run_program (r, p, (int) runs, true, &why);
  if (!j)
    return why;
  if (!take (r, j, NULL))
    why = mem_printf ("%s/%s has other layers than the folder's sources: make it again", r->o->dir, r->layers->name);
  else if (!p->times)
    why = "the program ran another part of the folder, the best that this machine has";
  json_decref (j);
  return why;
}

void
times_gather (struct report *r)
{
  const char *path = mem_printf ("%s/%s", r->o->dir, r->layers->name);
  for (size_t i = 0; i < r->o->times_count; i++)
    read_file (r, r->o->times[i]);
  for (int i = 0; i < r->part_count; i++)
    {
      struct part *p = &r->parts[i];
      if (p->times)
        continue;
      if (r->o->times_count)
        p->why = "no file of --times has them";
      else if (r->o->seconds <= 0)
        p->why = "--seconds 0 leaves them out";
      else if (access (path, X_OK))
        p->why = mem_printf ("%s is not built", path);
      else
        {
          progress_show ("measuring part", i, r->part_count + 1);
          const char *why = measure (r, p);
          progress_clear ();
          p->why = p->times ? NULL : why;
        }
    }
}
