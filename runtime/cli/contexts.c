/* Several contexts of a network at once. They share its weights; each has an arena, threads and a thread that drives
 * it. All run until the slowest has made its runs, so that each is timed beside the others from its first run to its
 * last; what the faster ones run beyond theirs counts for the throughput alone. */
#include "cli.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define WARM_UP 3

struct contexts
{
  const struct cli_model *model;
  const struct cli_options *options;
  const float *input;
  size_t input_count, output_count;
  int runs; /* of each that are timed */
  pthread_mutex_t mutex;
  pthread_cond_t all_ready;
  int ready, failed; /* both under the mutex */
  double start, end;
  atomic_int left; /* contexts that have not made their runs */
};

struct context
{
  struct contexts *all;
  int number;
  pthread_t thread;
  bool created; /* the thread was */
  bool started; /* network->init succeeded */
  void *memory; /* the context itself; number 0 has the model's, and its arena */
  void *arena;
  float *output, *ms;
  size_t done; /* runs that ended before the end */
  int error;
};

static bool
run (struct context *c)
{
  const struct rescast_network *network = c->all->model->network;
  float *input = network->input (c->memory);
  memcpy (input, c->all->input, c->all->input_count * sizeof *input);
  double start = cli_now ();
  c->error = network->run (c->memory, input, c->output);
  if (c->done < (size_t) c->all->runs)
    c->ms[c->done] = (float) (1e3 * (cli_now () - start));
  return !c->error;
}

/* One context is ready, or never will be. Under the mutex. */
static void
count (struct contexts *all, bool failed)
{
  all->failed += failed;
  if (++all->ready < all->options->contexts)
    return;
  all->start = cli_now ();
  pthread_cond_broadcast (&all->all_ready);
}

/* Wait until all contexts are ready; false: one of them never will be. */
static bool
meet (struct contexts *all, bool failed)
{
  pthread_mutex_lock (&all->mutex);
  count (all, failed);
  while (all->ready < all->options->contexts)
    pthread_cond_wait (&all->all_ready, &all->mutex);
  bool ok = !all->failed;
  pthread_mutex_unlock (&all->mutex);
  return ok;
}

static void *
drive (void *context)
{
  struct context *c = context;
  struct contexts *all = c->all;
  const struct cli_options *o = all->options;
  if (o->pin)
    c->error = rescast_pin_thread (o->pin, c->number * o->threads);
  for (int i = 0; i < WARM_UP && !c->error; i++)
    run (c);
  if (!meet (all, c->error != 0))
    return NULL;
  while (atomic_load (&all->left) > 0 && run (c))
    {
      if (atomic_load (&all->left) > 0)
        c->done++;
      if (c->done == (size_t) all->runs && atomic_fetch_sub (&all->left, 1) == 1)
        all->end = cli_now ();
    }
  if (c->error) /* the others need not go on */
    atomic_store (&all->left, 0);
  return NULL;
}

/* False, all having been said. */
static bool
prepare (struct context *c)
{
  const struct cli_model *m = c->all->model;
  const struct cli_options *o = c->all->options;
  c->output = malloc (c->all->output_count * sizeof *c->output);
  c->ms = calloc ((size_t) c->all->runs, sizeof *c->ms);
  c->memory = c->number ? calloc (1, m->network->context_bytes) : m->network->context;
  c->arena = c->number ? rescast_arena_alloc (m->arena_bytes) : m->arena;
  if (!c->output || !c->ms || !c->memory || !c->arena)
    return cli_fail (NULL, "out of memory for %d contexts", o->contexts);
  if (c->number)
    c->error = cli_context_init (m, o, c->memory, c->arena, c->number);
  c->started = c->number && !c->error;
  return !c->error || cli_fail (NULL, "context %d: %s", c->number, rescast_strerror (c->error));
}

static void
release (struct context *c)
{
  const struct cli_model *m = c->all->model;
  if (c->started)
    m->network->free (c->memory);
  if (c->number)
    {
      free (c->memory);
      rescast_arena_free (c->arena, m->arena_bytes);
    }
  free (c->output);
  free (c->ms);
}

/* Start the threads and wait for their end. */
static bool
run_all (struct contexts *all, struct context *list)
{
  const int n = all->options->contexts;
  bool ok = true;
  for (int i = 0; ok && i < n; i++)
    ok = list[i].created = pthread_create (&list[i].thread, NULL, drive, &list[i]) == 0;
  pthread_mutex_lock (&all->mutex);
  for (int i = 0; !ok && i < n; i++)
    if (!list[i].created)
      count (all, true);
  pthread_mutex_unlock (&all->mutex);
  for (int i = 0; i < n; i++)
    if (list[i].created)
      pthread_join (list[i].thread, NULL);
  if (!ok)
    return cli_fail (NULL, "%s", rescast_strerror (RESCAST_ETHREAD));
  for (int i = 0; i < n; i++)
    if (list[i].error)
      return cli_fail (NULL, "context %d: %s", i, rescast_strerror (list[i].error));
  return true;
}

/* What all of them took. */
static bool
sum_up (const struct contexts *all, const struct context *list, struct cli_times *times)
{
  const int n = all->options->contexts;
  size_t runs = (size_t) all->runs, done = 0;
  float *ms = malloc ((size_t) n * runs * sizeof *ms);
  if (!ms)
    return cli_fail (NULL, "out of memory");
  for (int i = 0; i < n; i++)
    {
      memcpy (ms + (size_t) i * runs, list[i].ms, runs * sizeof *ms);
      done += list[i].done;
    }
  *times = cli_times_of (ms, n * all->runs);
  times->runs = all->runs;
  times->contexts = n;
  times->per_second = (double) done * all->model->network->info->batch / (all->end - all->start);
  free (ms);
  return true;
}

bool
cli_contexts_bench (const struct cli_model *m, const struct cli_options *o, const float *input, size_t input_count,
                    size_t output_count, struct cli_times *times)
{
  struct contexts all = {
    .model = m, .options = o, .input = input, .input_count = input_count, .output_count = output_count, .runs = o->bench
  };
  struct context list[RESCAST_MAX_THREADS];
  memset (list, 0, sizeof list);
  atomic_init (&all.left, o->contexts);
  if (pthread_mutex_init (&all.mutex, NULL) != 0 || pthread_cond_init (&all.all_ready, NULL) != 0)
    return cli_fail (NULL, "%s", rescast_strerror (RESCAST_ETHREAD));
  bool ok = true;
  for (int i = 0; i < o->contexts; i++)
    {
      list[i].all = &all;
      list[i].number = i;
    }
  for (int i = 0; ok && i < o->contexts; i++)
    ok = prepare (&list[i]);
  ok = ok && run_all (&all, list) && sum_up (&all, list, times);
  for (int i = 0; i < o->contexts; i++)
    release (&list[i]);
  pthread_cond_destroy (&all.all_ready);
  pthread_mutex_destroy (&all.mutex);
  return ok;
}
