/* All layers, in one child process after another: one that ends within a layer is followed by one that begins behind
 * it. */
#include "verify_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/terminal.h"

/* One child's run. */
struct attempt
{
  struct layers *l;
  struct process p;
  int first, next; /* layers: the first that is to run, and what the next child is to begin with */
  int running;     /* the one that is running, or -1 */
  int done;        /* the last one that has run; FIRST - 1: none */
  bool ready;      /* the network is initialised */
  bool ended;      /* … and nothing more is to be done */
  enum layers_end end;
};

static void
blame (struct layers *l, int i, const char *why)
{
  struct outcome *o = &l->outcomes[i];
  o->ran = o->error = true;
  o->failure = o->failure ? mem_printf ("%s; then %s", o->failure, why) : why;
}

/* Something beside the layers failed, in one of the library's functions: that ends it all. */
static void
give_up (struct attempt *a, const char *where, const char *why)
{
  a->end = LAYERS_FAILED;
  a->l->where = where;
  a->l->failure = why;
  a->next = a->l->g->node_count;
}

static void
took_ready (struct attempt *a, const struct message *m)
{
  a->ready = true;
  if (!m->error)
    return;
  a->ended = true;
  give_up (a, "init", mem_strdup (m->text));
  if (error_not_here (m->error))
    a->end = LAYERS_NOT_HERE;
}

static void
took_before (struct attempt *a, const struct message *m)
{
  struct outcome *o = &a->l->outcomes[m->layer];
  a->running = m->layer;
  o->kernel = mem_strdup (m->text);
  if (m->error && !o->failure)
    o->failure = "its arena is not the one that was given";
  layer_before (a->l, m->layer);
  process_go_on (&a->p);
}

static void
took_after (struct attempt *a)
{
  progress_show ("verifying layer", a->running, a->l->g->node_count);
  layer_after (a->l, a->running);
  a->done = a->running;
  a->running = -1;
  process_go_on (&a->p);
}

/* NAME_run returned, with an error perhaps: a GPU's, for one, of the layer that was running. */
static void
took_end (struct attempt *a, const struct message *m)
{
  a->ended = true;
  a->next = a->l->g->node_count;
  if (m->error && a->running >= 0)
    {
      blame (a->l, a->running, mem_strdup (m->text));
      layer_undo (a->l, a->running);
      a->next = a->running + 1;
    }
  else if (m->error)
    give_up (a, "run", mem_strdup (m->text));
}

/* A message from the child. False: it makes no sense. */
static bool
take (struct attempt *a, struct message *m)
{
  m->text[sizeof m->text - 1] = 0;
  if (m->kind == MESSAGE_READY && !a->ready)
    took_ready (a, m);
  else if (m->kind == MESSAGE_BEFORE && a->ready && a->running < 0 && m->layer > a->done
           && m->layer < a->l->g->node_count)
    took_before (a, m);
  else if (m->kind == MESSAGE_AFTER && a->running >= 0 && m->layer == a->running)
    took_after (a);
  else if (m->kind == MESSAGE_ENDED && a->ready)
    took_end (a, m);
  else
    return false;
  return true;
}

/* The time that the child may take for what it does now. */
static double
seconds (const struct attempt *a)
{
  const struct layers *l = a->l;
  if (!a->ready)
    return limit_of_start (l->options, library_backend (l->lib));
  return limit_of_layer (l->options, a->running < 0 ? 0 : l->lib->info->layers[a->running].macs);
}

/* The child ended before the network did: find what to blame, and what to go on with. */
static void
took_death (struct attempt *a)
{
  struct layers *l = a->l;
  if (a->running >= 0)
    {
      blame (l, a->running, layer_end_text (l, a->running, &a->p));
      layer_undo (l, a->running);
      a->next = a->running + 1;
    }
  else if (a->done >= a->first)
    {
      blame (l, a->done, mem_printf ("behind it, %s; it or a layer in front of it overwrote memory that is not its own",
                                     process_end_text (&a->p, NULL, 0)));
      a->next = a->done + 1;
    }
  else
    give_up (a, a->ready ? "run" : "init", process_end_text (&a->p, NULL, 0));
}

/* Run the layers from FIRST on in a child. Returns the layer to go on with in another one. */
static int
run_from (struct layers *l, struct work *w, int first, enum layers_end *end)
{
  w->first = first;
  struct attempt a
      = { .l = l, .p = process_start (worker_run_layers, w), .first = first, .running = -1, .done = first - 1 };
  struct message m;
  while (!a.ended && process_next (&a.p, seconds (&a), &m))
    if (!take (&a, &m))
      {
        a.p.senseless = true;
        break;
      }
  process_stop (&a.p);
  if (a.ended || l->options->verbose)
    process_pass_on (&a.p);
  if (!a.ended)
    took_death (&a);
  *end = a.end;
  return a.next;
}

enum layers_end
layers_run (struct layers *l)
{
  struct work w = { .lib = l->lib, .threads = l->options->threads, .arena = &l->arena, .context = &l->context,
                    .input = &l->input, .output = &l->output };
  enum layers_end end = LAYERS_RUN;
  for (int i = 0; i < l->g->node_count; i++)
    if (l->g->nodes[i].scratch_bytes > w.stack_bytes)
      w.stack_bytes = l->g->nodes[i].scratch_bytes;
  l->random = random_seed (l->options->seed, "verify");
  l->snapshot = heap_array (l->arena.bytes + 1, 1);
  l->input_copy = heap_array (l->input.bytes + 1, 1);
  for (int first = 0; first < l->g->node_count && end == LAYERS_RUN;)
    first = run_from (l, &w, first, &end);
  progress_clear ();
  layer_release (l);
  free (l->snapshot);
  free (l->input_copy);
  return end;
}
