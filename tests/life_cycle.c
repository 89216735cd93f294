/* The life cycle of a generated network, NAME digits: every function before init, after a failed one, after free, with null
 * pointers and with values out of range. C11 and C++: `life_cycle DIR [COMMAND]`. Memory begins with bytes that are no zeros.
 * COMMAND replaces the weights' file by another one, while it is mapped. */
#include <limits.h>
#include <stdlib.h>

#include "digits.h"
#include "life_cycle.h"

ALIGNED static unsigned char arena[digits_ARENA_BYTES + 64], image[digits_WEIGHTS_BYTES + 64];
static float input[digits_INPUT_FLOATS], expected[digits_OUTPUT_FLOATS], output[digits_OUTPUT_FLOATS];
static struct rescast_weights weights;

/* NET is not ready: nothing runs, nothing crashes. */
static void
check_not_ready (struct digits *net)
{
  int calls = 0;
  struct rescast_elements e = ZEROS;
  CHECK (digits_run (net, input, output) == RESCAST_EINVAL);
  CHECK (digits_run_elements (net, NULL, output) == RESCAST_EINVAL);
  e.data = input;
  CHECK (digits_run_elements (net, &e, output) == RESCAST_EINVAL);
  CHECK (!digits_input (net));
  digits_set_hook (net, hook, &calls);
  CHECK (digits_run (net, input, output) == RESCAST_EINVAL);
  CHECK (calls == 0);
  digits_set_hook (net, NULL, NULL);
  digits_free (net);
  digits_free (net);
  CHECK (digits_run (net, input, output) == RESCAST_EINVAL);
}

/* init fails with ERROR whatever was in its memory, and leaves zeros. */
static void
check_fails (int line, int error, const struct rescast_weights *w, void *memory, size_t bytes,
             const struct rescast_config *config)
{
  struct digits net;
  spoil (&net, sizeof net);
  int got = digits_init (&net, w, memory, bytes, config);
  if (got != error)
    printf ("line %d: error %d: %s\n", line, got, rescast_strerror (got));
  check (got == error, "another error", line);
  check (all_zeros (&net, sizeof net), "the context is not zeros", line);
  check_not_ready (&net);
}
#define FAILS(...) check_fails (__LINE__, __VA_ARGS__)

static void
check_weights (const char *path)
{
  struct rescast_weights w;
  struct rescast_weights_header *h = (struct rescast_weights_header *) (void *) image;
  CHECK (digits_weights_map (NULL, path) == RESCAST_EINVAL);
  CHECK (digits_weights_init (NULL, image, digits_WEIGHTS_BYTES) == RESCAST_EINVAL);
  spoil (&w, sizeof w);
  CHECK (digits_weights_map (&w, NULL) == RESCAST_EINVAL && all_zeros (&w, sizeof w));
  spoil (&w, sizeof w);
  CHECK (digits_weights_map (&w, "none/of/that/name") == RESCAST_EOPEN && all_zeros (&w, sizeof w));
  spoil (&w, sizeof w);
  CHECK (digits_weights_map (&w, "/dev/null") == RESCAST_EFORMAT && all_zeros (&w, sizeof w));
  rescast_weights_unmap (&w);
  rescast_weights_unmap (NULL);
  CHECK (rescast_weights_check (NULL) == RESCAST_EINVAL && rescast_weights_check (&w) == RESCAST_EINVAL);
  spoil (&w, sizeof w);
  CHECK (digits_weights_init (&w, NULL, digits_WEIGHTS_BYTES) == RESCAST_EINVAL && all_zeros (&w, sizeof w));
  CHECK (digits_weights_init (&w, image + 4, digits_WEIGHTS_BYTES) == RESCAST_EINVAL);
  for (size_t bytes = 0; bytes < digits_WEIGHTS_BYTES; bytes += bytes < 144 ? 1 : 1021)
    {
      spoil (&w, sizeof w);
      CHECK (digits_weights_init (&w, image, bytes) == RESCAST_EFORMAT && all_zeros (&w, sizeof w));
    }
  for (size_t i = 0; i < sizeof h->reserved; i++)
    {
      ((unsigned char *) h->reserved)[i] = 1;
      CHECK (digits_weights_init (&w, image, digits_WEIGHTS_BYTES) == RESCAST_EFORMAT);
      ((unsigned char *) h->reserved)[i] = 0;
    }
  CHECK (digits_weights_init (&w, image, digits_WEIGHTS_BYTES) == RESCAST_OK && rescast_weights_check (&w) == RESCAST_OK);
  rescast_weights_unmap (&w);
  CHECK (all_zeros (&w, sizeof w));
  rescast_weights_unmap (&w);
}

static void
check_init (void)
{
  struct rescast_weights none, other = weights, damaged;
  memset (&none, 0, sizeof none);
  CHECK (digits_init (NULL, &weights, arena, digits_ARENA_BYTES, NULL) == RESCAST_EINVAL);
  FAILS (RESCAST_EINVAL, NULL, arena, digits_ARENA_BYTES, NULL);
  FAILS (RESCAST_EINVAL, &none, arena, digits_ARENA_BYTES, NULL);
  FAILS (RESCAST_EINVAL, &weights, NULL, digits_ARENA_BYTES, NULL);
  FAILS (RESCAST_EARENA, &weights, arena, digits_ARENA_BYTES - 1, NULL);
  FAILS (RESCAST_EARENA, &weights, arena, 0, NULL);
  FAILS (RESCAST_EARENA, &weights, arena + 4, digits_ARENA_BYTES, NULL);
  other.data_bytes -= 4;
  FAILS (RESCAST_EFORMAT, &other, arena, digits_ARENA_BYTES, NULL);
  other = weights;
  other.section.layout ^= 1;
  FAILS (RESCAST_EMATCH, &other, arena, digits_ARENA_BYTES, NULL);
  CHECK (digits_weights_init (&damaged, image, digits_WEIGHTS_BYTES) == RESCAST_OK);
  const size_t last = (size_t) (damaged.section.offset + damaged.section.bytes) - 1;
  image[last] ^= 1;
  for (int threads = 0; threads < 4; threads++)
    {
      struct rescast_config config;
      memset (&config, 0, sizeof config);
      config.check = 1;
      config.threads = threads;
      FAILS (RESCAST_EHASH, &damaged, arena, digits_ARENA_BYTES, &config);
    }
  image[last] ^= 1;
  /* Nobody looks at the GPU's section. */
  CHECK (last < digits_WEIGHTS_BYTES - 1);
  image[digits_WEIGHTS_BYTES - 1] ^= 1;
  CHECK (rescast_weights_check (&damaged) == RESCAST_OK);
  image[digits_WEIGHTS_BYTES - 1] ^= 1;
}

static void
one_by_one (void *user, int n, void (*body) (void *arg, int i), void *arg)
{
  (void) user;
  for (int i = 0; i < n; i++)
    body (arg, i);
}

static void
check_config (void)
{
  static const int threads[] = { -1, INT_MIN, RESCAST_MAX_THREADS + 1, INT_MAX };
  static const char *const targets[] = { "", "d", "cc", "CUDA", "avx1024" };
  struct rescast_config config;
  struct digits net;
  for (size_t i = 0; i < sizeof threads / sizeof *threads; i++)
    {
      memset (&config, 0, sizeof config);
      config.threads = threads[i];
      FAILS (RESCAST_EINVAL, &weights, arena, digits_ARENA_BYTES, &config);
      config.parallel_for = one_by_one;
      if (threads[i] < 0)
        FAILS (RESCAST_EINVAL, &weights, arena, digits_ARENA_BYTES, &config);
    }
  for (size_t i = 0; i < sizeof targets / sizeof *targets; i++)
    {
      memset (&config, 0, sizeof config);
      config.target = targets[i];
      FAILS (RESCAST_EINVAL, &weights, arena, digits_ARENA_BYTES, &config);
    }
  memset (&config, 0, sizeof config);
  config.device = -1; /* of GPUs alone */
  config.check = INT_MIN;
  spoil (&net, sizeof net);
  CHECK (digits_init (&net, &weights, arena, digits_ARENA_BYTES, &config) == RESCAST_OK);
  digits_free (&net);
}

/* Ready, run, freed, and once more in the same memory. */
static void
check_runs (int threads, rescast_parallel_for *loop)
{
  struct digits net;
  struct rescast_config config;
  memset (&config, 0, sizeof config);
  config.threads = threads;
  config.parallel_for = loop;
  spoil (&net, sizeof net);
  for (int round = 0; round < 3; round++)
    {
      int calls = 0;
      CHECK (digits_init (&net, &weights, arena, digits_ARENA_BYTES, &config) == RESCAST_OK);
      CHECK (digits_run (&net, NULL, output) == RESCAST_EINVAL && digits_run (&net, input, NULL) == RESCAST_EINVAL);
      CHECK (digits_input (&net) >= (float *) (void *) arena);
      memset (output, 0, sizeof output);
      digits_set_hook (&net, hook, &calls);
      CHECK (digits_run (&net, input, output) == RESCAST_OK);
      CHECK (calls == 2 * digits_info ()->layer_count);
      digits_set_hook (&net, NULL, NULL);
      CHECK (digits_run (&net, input, output) == RESCAST_OK && calls == 2 * digits_info ()->layer_count);
      CHECK (!memcmp (output, expected, sizeof output));
      digits_set_hook (&net, hook, &calls); /* init forgets it */
      digits_free (&net);
      CHECK (all_zeros (&net, sizeof net));
      check_not_ready (&net);
    }
}

static void
count (void *arg, int phase, struct rescast_part t, int n, int caller)
{
  int *calls = (int *) arg;
  CHECK (phase == *calls && t.from == 0 && t.to == RESCAST_PARTS && n == 1 && caller);
  ++*calls;
}

static void
check_pool (void)
{
  struct rescast_pool pool = ZEROS;
  int calls = 0;
  static const int threads[] = { 0, -1, INT_MIN, RESCAST_MAX_THREADS + 1, INT_MAX };
  for (size_t i = 0; i <= sizeof threads / sizeof *threads; i++)
    {
      /* of zeros: the caller alone */
      calls = 0;
      rescast_pool_run (&pool, 0, 1, NULL, count, &calls);
      CHECK (rescast_weights_check_shared (&weights, &pool) == RESCAST_OK);
      CHECK (calls == 2);
      rescast_pool_free (&pool);
      rescast_pool_free (&pool);
      spoil (&pool, sizeof pool);
      if (i < sizeof threads / sizeof *threads)
        CHECK (rescast_pool_init (&pool, threads[i], 0) == RESCAST_EINVAL);
      else
        CHECK (rescast_pool_init (&pool, 2, SIZE_MAX) == RESCAST_EINVAL);
    }
#if SIZE_MAX > UINT32_MAX && !defined NO_HUGE_STACKS
  /* a thread that cannot be started: no address space for its stack */
  if (rescast_cpu_count () > 1)
    CHECK (rescast_pool_init (&pool, 3, (size_t) 1 << 60) == RESCAST_ETHREAD && all_zeros (&pool, sizeof pool));
#endif
  CHECK (rescast_pool_init (NULL, 1, 0) == RESCAST_EINVAL && rescast_pool_start (NULL, NULL, 0) == RESCAST_EINVAL);
  CHECK (rescast_pool_init (&pool, 3, 0) == RESCAST_OK);
  rescast_pool_free (&pool);
  CHECK (all_zeros (&pool, sizeof pool));
  rescast_pool_free (&pool);
  rescast_pool_free (NULL);
}

/* Two contexts of a pool, which is freed before them, between them or after them, and one that is given a pool of zeros. */
static void
check_shared_pool (int threads)
{
  ALIGNED static unsigned char second_arena[digits_ARENA_BYTES];
  struct rescast_config config = ZEROS;
  config.threads = threads;
  for (int when = 0; when < 3; when++)
    {
      struct rescast_pool pool;
      struct rescast_config shared = ZEROS;
      struct digits first, second;
      spoil (&pool, sizeof pool);
      CHECK (rescast_pool_start (&pool, &config, digits_STACK_BYTES) == RESCAST_OK);
      shared.pool = &pool;
      shared.check = 1;
      CHECK (digits_init (&first, &weights, arena, digits_ARENA_BYTES, &shared) == RESCAST_OK);
      CHECK (digits_init (&second, &weights, second_arena, digits_ARENA_BYTES, &shared) == RESCAST_OK);
      if (when == 0)
        rescast_pool_free (&pool);
      CHECK (digits_run (&first, input, output) == RESCAST_OK && !memcmp (output, expected, sizeof output));
      digits_free (&first);
      digits_free (&first);
      if (when == 1)
        rescast_pool_free (&pool);
      memset (output, 0, sizeof output);
      CHECK (digits_run (&second, input, output) == RESCAST_OK && !memcmp (output, expected, sizeof output));
      digits_free (&second);
      rescast_pool_free (&pool);
      rescast_pool_free (&pool);
      CHECK (all_zeros (&pool, sizeof pool));
      FAILS (RESCAST_EINVAL, &weights, arena, digits_ARENA_BYTES, &shared);
      CHECK (rescast_pool_start (&pool, &shared, 0) == RESCAST_EINVAL);
    }
}

static void
check_elements (void)
{
  struct rescast_elements e = ZEROS;
  CHECK (rescast_elements_read (output, NULL, digits_info (), NULL) == RESCAST_EINVAL);
  CHECK (rescast_elements_read (output, &e, digits_info (), NULL) == RESCAST_EINVAL);
  e.data = input;
  CHECK (rescast_elements_read (NULL, &e, digits_info (), NULL) == RESCAST_EINVAL);
  CHECK (rescast_elements_read (output, &e, NULL, NULL) == RESCAST_EINVAL);
  for (e.element = INT_MIN; e.element < 0; e.element += INT_MAX / 2)
    CHECK (rescast_elements_read (output, &e, digits_info (), NULL) == RESCAST_EINVAL);
  e.element = INT_MAX;
  CHECK (rescast_elements_read (output, &e, digits_info (), NULL) == RESCAST_EINVAL);
}

static void
check_others (void)
{
  static const int errors[] = { INT_MIN, -1, 0, 1, RESCAST_ECUDA, RESCAST_ECUDA + 1, INT_MAX };
  for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
    CHECK (rescast_strerror (errors[i]) && *rescast_strerror (errors[i]));
  CHECK (!rescast_arena_alloc (SIZE_MAX) && !rescast_arena_alloc (SIZE_MAX / 2));
  rescast_arena_free (NULL, 5);
  void *small = rescast_arena_alloc (0);
  CHECK (small);
  rescast_arena_free (small, 0);
  CHECK (digits_context_bytes () == sizeof (struct digits));
  CHECK (digits_info () && digits_info ()->abi == RESCAST_ABI && digits_info () == digits_info ());
  CHECK (rescast_abi () == RESCAST_ABI && !strcmp (digits_version (), digits_info ()->version));
}

/* A mapping keeps the old file. */
static void
check_replaced (const char *path, const char *command)
{
  struct rescast_weights other;
  struct digits net;
  CHECK (digits_init (&net, &weights, arena, digits_ARENA_BYTES, NULL) == RESCAST_OK);
  CHECK (system (command) == 0);
  CHECK (rescast_weights_check (&weights) == RESCAST_OK);
  CHECK (digits_run (&net, input, output) == RESCAST_OK && !memcmp (output, expected, sizeof output));
  digits_free (&net);
  CHECK (digits_weights_map (&other, path) == RESCAST_OK && rescast_weights_check (&other) == RESCAST_OK);
  CHECK (digits_init (&net, &other, arena, digits_ARENA_BYTES, NULL) == RESCAST_OK);
  CHECK (digits_run (&net, input, output) == RESCAST_OK && memcmp (output, expected, sizeof output));
  digits_free (&net);
  rescast_weights_unmap (&other);
}

int
main (int argc, char **argv)
{
  char path[4096];
  struct digits zeros = ZEROS, net;
  if (argc < 2)
    return 2;
  snprintf (path, sizeof path, "%s/digits.weights", argv[1]);
  for (size_t i = 0; i < digits_INPUT_FLOATS; i++)
    input[i] = (float) (i % 17);
  FILE *f = fopen (path, "rb");
  if (!f || fread (image, 1, digits_WEIGHTS_BYTES, f) != digits_WEIGHTS_BYTES)
    return 2;
  fclose (f);
  CHECK (digits_weights_map (&weights, path) == RESCAST_OK);
  CHECK (digits_init (&net, &weights, arena, digits_ARENA_BYTES, NULL) == RESCAST_OK);
  CHECK (digits_run (&net, input, expected) == RESCAST_OK);
  digits_free (&net);
  check_not_ready (&zeros);
  check_not_ready (NULL);
  check_weights (path);
  check_init ();
  check_config ();
  check_runs (0, NULL);
  check_runs (1, NULL);
  check_runs (3, NULL);
  check_runs (5, one_by_one);
  check_pool ();
  check_shared_pool (1);
  check_shared_pool (3);
  check_elements ();
  check_others ();
  if (argc > 2)
    check_replaced (path, argv[2]);
  rescast_weights_unmap (&weights);
  FAILS (RESCAST_EINVAL, &weights, arena, digits_ARENA_BYTES, NULL);
  return failures != 0;
}
