/* What programs that embed networks rely on, for digits whose weights are embedded: `embedding`. Inputs of all element types and
 * orders give what floats give; contexts share a pool, which may be freed first; times; versions; the function digits. */
#include "digits.h"

#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(condition) check (condition, #condition, __LINE__)
#define CONTEXTS 6

static int failed;
static struct rescast_weights weights;
static _Alignas (64) unsigned char arena[CONTEXTS][digits_ARENA_BYTES];
static float input[digits_INPUT_FLOATS], expected[digits_OUTPUT_FLOATS], output[digits_OUTPUT_FLOATS];

static void
check (int condition, const char *text, int line)
{
  if (!condition)
    {
      printf ("embedding.c:%d: %s\n", line, text);
      failed = 1;
    }
}

/* Numbers that every element type has: 0 … 63. */
static float
number (int i)
{
  return (float) (i * 37 % 64);
}

/* INPUT as elements of a type: N, H, W with STEP elements from pixel to pixel. */
static void
fill (void *to, int element, int step)
{
  for (int i = 0; i < digits_INPUT_FLOATS; i++)
    {
      const float f = input[i];
      uint32_t bits;
      memcpy (&bits, &f, sizeof bits);
      const uint16_t half = (uint16_t) (f == 0 ? 0 : ((bits >> 23) - 112) << 10 | (bits >> 13 & 1023));
      const uint16_t brain = (uint16_t) (bits >> 16);
      const int at = i * step;
      switch (element)
        {
        case RESCAST_FLOAT32:
          ((float *) to)[at] = f;
          break;
        case RESCAST_FLOAT16:
          ((uint16_t *) to)[at] = half;
          break;
        case RESCAST_BFLOAT16:
          ((uint16_t *) to)[at] = brain;
          break;
        case RESCAST_INT8:
        case RESCAST_UINT8:
          ((uint8_t *) to)[at] = (uint8_t) f;
          break;
        case RESCAST_INT32:
          ((int32_t *) to)[at] = (int32_t) f;
          break;
        case RESCAST_FLOAT64:
          ((double *) to)[at] = f;
          break;
        default:
          ((uint16_t *) to)[at] = (uint16_t) f;
        }
    }
}

static int
same (void)
{
  int equal = memcmp (output, expected, sizeof output) == 0;
  memset (output, 0, sizeof output);
  return equal;
}

static void
check_elements (struct digits *net)
{
  static double memory[3 * digits_INPUT_FLOATS];
  static const int sizes[] = { 4, 2, 2, 1, 1, 4, 2, 2, 8 };
  struct rescast_elements e = { .data = memory };
  for (e.element = RESCAST_FLOAT32; e.element <= RESCAST_FLOAT64; e.element++)
    for (int step = 1; step <= 3; step += 2)
      {
        const ptrdiff_t size = sizes[e.element] * step, strides[] = { 0, 0, 0, 8 * size, size };
        fill (memory, e.element, step);
        e.strides = step > 1 ? strides : NULL;
        for (e.layout = RESCAST_PLANAR; e.layout <= RESCAST_CHANNELS_LAST; e.layout += 2)
          CHECK (digits_run_elements (net, &e, output) == RESCAST_OK && same ());
      }
  /* from the last pixel of the last row on, and not aligned */
  unsigned char *bytes = (unsigned char *) memory;
  const ptrdiff_t backwards[] = { 0, 0, 0, -32, -4 };
  for (int i = 0; i < digits_INPUT_FLOATS; i++)
    memcpy (bytes + 1 + 4 * (digits_INPUT_FLOATS - 1 - i), &input[i], sizeof *input);
  e = (struct rescast_elements){ .data = bytes + 1 + 4 * (digits_INPUT_FLOATS - 1), .strides = backwards };
  CHECK (digits_run_elements (net, &e, output) == RESCAST_OK && same ());
}

static void
check_prepared (struct digits *net)
{
  static unsigned char bytes[digits_INPUT_FLOATS];
  static float prepared[digits_INPUT_FLOATS], other[digits_OUTPUT_FLOATS];
  const struct rescast_info *info = digits_info ();
  struct rescast_elements e = { .data = bytes, .element = RESCAST_UINT8, .prepare = 1 };
  fill (bytes, RESCAST_UINT8, 1);
  for (int i = 0; i < digits_INPUT_FLOATS; i++)
    prepared[i]
        = (float) (input[i] * (1 / (info->scale * (double) info->std[0])) - info->mean[0] / (double) info->std[0]);
  CHECK (digits_run (net, prepared, other) == RESCAST_OK);
  CHECK (digits_run_elements (net, &e, output) == RESCAST_OK);
  for (int i = 0; i < digits_OUTPUT_FLOATS; i++)
    CHECK (output[i] - other[i] < 1e-4F && other[i] - output[i] < 1e-4F);
}

static void
check_refused (struct digits *net)
{
  struct digits none;
  memset (&none, 0, sizeof none);
  struct rescast_elements e = { .data = input };
  CHECK (digits_run_elements (NULL, &e, output) == RESCAST_EINVAL);
  CHECK (digits_run_elements (&none, &e, output) == RESCAST_EINVAL);
  CHECK (digits_run_elements (net, NULL, output) == RESCAST_EINVAL);
  CHECK (digits_run_elements (net, &e, NULL) == RESCAST_EINVAL);
  e.data = NULL;
  CHECK (digits_run_elements (net, &e, output) == RESCAST_EINVAL);
  e = (struct rescast_elements){ .data = input, .element = RESCAST_FLOAT64 + 1 };
  CHECK (digits_run_elements (net, &e, output) == RESCAST_EINVAL);
  e.element = -1;
  CHECK (digits_run_elements (net, &e, output) == RESCAST_EINVAL);
  e = (struct rescast_elements){ .data = input, .layout = RESCAST_BLOCKED };
  CHECK (digits_run_elements (net, &e, output) == RESCAST_EINVAL);
}

static void
check_times (struct digits *net)
{
  const int layers = digits_info ()->layer_count;
  double *seconds = calloc ((size_t) layers, sizeof *seconds), sum = 0;
  struct rescast_times times = { .seconds = seconds, .layers = seconds ? layers - 1 : 0 };
  digits_set_hook (net, rescast_times_hook, &times);
  for (int i = 0; i < 3; i++)
    CHECK (digits_run (net, input, output) == RESCAST_OK && same ());
  digits_set_hook (net, NULL, NULL);
  for (int i = 0; seconds && i < layers; i++)
    {
      CHECK (seconds[i] >= 0 && seconds[i] < 100);
      sum += seconds[i];
    }
  CHECK (times.runs == 3 && sum > 0 && seconds && seconds[layers - 1] == 0);
  free (seconds);
}

/* One thread's context, which outlives the pool. */
static struct rescast_pool pool;
static struct digits nets[CONTEXTS];

static void *
run_often (void *arg)
{
  const int k = *(const int *) arg;
  const struct rescast_elements e = { .data = input };
  float scores[digits_OUTPUT_FLOATS];
  int wrong = 0;
  for (int i = 0; i < 200; i++)
    {
      memset (scores, 0, sizeof scores);
      wrong += (i % 2 ? digits_run (&nets[k], input, scores) : digits_run_elements (&nets[k], &e, scores)) != 0;
      wrong += memcmp (scores, expected, sizeof scores) != 0;
    }
  digits_free (&nets[k]);
  return wrong ? arg : NULL;
}

static void
check_pool (int threads)
{
  struct rescast_config config = { .threads = threads };
  pthread_t thread[CONTEXTS];
  int number[CONTEXTS];
  CHECK (rescast_pool_start (&pool, &config, digits_STACK_BYTES) == RESCAST_OK);
  config = (struct rescast_config){ .threads = -1, .pool = &pool }; /* threads are not looked at */
  for (int k = 0; k < CONTEXTS; k++)
    CHECK (digits_init (&nets[k], &weights, arena[k], sizeof arena[k], &config) == RESCAST_OK);
  rescast_pool_free (&pool); /* the contexts still have its threads */
  for (int k = 0; k < CONTEXTS; k++)
    {
      number[k] = k;
      CHECK (pthread_create (&thread[k], NULL, run_often, &number[k]) == 0);
    }
  for (int k = 0; k < CONTEXTS; k++)
    {
      void *wrong;
      CHECK (pthread_join (thread[k], &wrong) == 0 && !wrong);
    }
}

static void
check_pool_refused (void)
{
  struct rescast_pool none;
  struct rescast_config config = { .threads = 2 }, shared = { .pool = &pool };
  memset (&none, 0, sizeof none);
  CHECK (rescast_pool_start (&pool, &config, digits_STACK_BYTES - 1) == RESCAST_OK);
  CHECK (digits_init (&nets[0], &weights, arena[0], sizeof arena[0], &shared) == RESCAST_EINVAL);
  rescast_pool_free (&pool);
  shared.pool = &none;
  CHECK (digits_init (&nets[0], &weights, arena[0], sizeof arena[0], &shared) == RESCAST_EINVAL);
  CHECK (rescast_pool_start (&none, &shared, 0) == RESCAST_EINVAL);
}

static void *
call (void *wrong)
{
  float scores[digits_OUTPUT_FLOATS];
  for (int i = 0; i < 50; i++)
    if (digits (input, scores) || memcmp (scores, expected, sizeof scores))
      return wrong;
  return NULL;
}

static void
check_call (void)
{
  pthread_t thread[4];
  void *wrong;
  for (int i = 0; i < 4; i++)
    CHECK (pthread_create (&thread[i], NULL, call, &failed) == 0);
  for (int i = 0; i < 4; i++)
    CHECK (pthread_join (thread[i], &wrong) == 0 && !wrong);
  CHECK (digits (NULL, output) == RESCAST_EINVAL && digits (input, NULL) == RESCAST_EINVAL);
}

int
main (void)
{
  struct digits net;
  size_t bytes = 0;
  const void *image = digits_weights_embedded (&bytes);
  CHECK (digits_weights_embedded (NULL) == image && bytes == digits_WEIGHTS_BYTES);
  CHECK (digits_weights_init (&weights, image, bytes) == RESCAST_OK);
  CHECK (rescast_abi () == RESCAST_ABI && strcmp (digits_version (), digits_info ()->version) == 0);
  for (int i = 0; i < digits_INPUT_FLOATS; i++)
    input[i] = number (i);
  CHECK (digits_init (&net, &weights, arena[0], sizeof arena[0], NULL) == RESCAST_OK);
  CHECK (digits_run (&net, input, expected) == RESCAST_OK);
  check_elements (&net);
  check_refused (&net);
  check_prepared (&net);
  check_times (&net);
  digits_free (&net);
  check_pool (1);
  check_pool (3);
  check_pool_refused ();
  check_call ();
  rescast_weights_unmap (&weights);
  return failed;
}
