/* The library of make freestanding, digits with its weights in it, in a program with a C library: `freestanding IMAGE.pgm` prints
 * the image's class. What needs threads or files is refused; a parallel loop of the caller's gives the same scores. */
#include "digits.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/bare/math.h"

#define CHECK(condition) check (condition, #condition, __LINE__)

static _Alignas (64) unsigned char arena[digits_ARENA_BYTES], copy[digits_WEIGHTS_BYTES];
static float scores[digits_OUTPUT_FLOATS];

static void
check (int condition, const char *text, int line)
{
  if (condition)
    return;
  fprintf (stderr, "freestanding.c:%d: %s\n", line, text);
  exit (1);
}

/* Square roots without an instruction are those that the CPU's has: every exponent; subnormal numbers, powers of 2, next to them. */
static void
check_roots (void)
{
  uint64_t random = 1;
  for (int i = 0; i < 200000; i++)
    {
      random = random * UINT64_C (6364136223846793005) + 1442695040888963407;
      uint64_t bits = random ^ random >> 29;
      bits = i % 8 == 0 ? bits & UINT64_C (0x800fffffffffffff) : i % 8 == 1 ? bits & UINT64_C (0xfff0000000000001) : bits;
      uint32_t bits_f = (uint32_t) (random >> 32);
      bits_f = i % 8 == 0 ? bits_f & 0x807fffff : i % 8 == 1 ? bits_f & 0xff800001 : bits_f;
      double d, own, root;
      float f, own_f, root_f;
      memcpy (&d, &bits, sizeof d);
      memcpy (&f, &bits_f, sizeof f);
      own = rescast_sqrt (d), root = sqrt (d);
      own_f = rescast_sqrtf (f), root_f = sqrtf (f);
      CHECK (root != root ? own != own : memcmp (&own, &root, sizeof own) == 0);
      CHECK (root_f != root_f ? own_f != own_f : memcmp (&own_f, &root_f, sizeof own_f) == 0);
    }
}

/* The last share first. */
static void
loop (void *user, int n, void (*body) (void *arg, int i), void *arg)
{
  int *calls = user;
  for (int i = n - 1; i >= 0; i--)
    body (arg, i);
  ++*calls;
}

static void
check_refused (const struct rescast_weights *weights)
{
  static const struct digits zeros;
  struct digits net;
  struct rescast_weights none;
  struct rescast_config threads = { .threads = 2 }, pinned = { .threads = 1, .pin = RESCAST_PIN_CORE };
  CHECK (digits_init (&net, weights, arena, sizeof arena, &threads) == RESCAST_ETHREAD);
  CHECK (memcmp (&net, &zeros, sizeof net) == 0);
  CHECK (digits_init (&net, weights, arena, sizeof arena, &pinned) == RESCAST_EINVAL);
  CHECK (digits_init (&net, weights, arena, sizeof arena - 1, NULL) == RESCAST_EARENA);
  CHECK (digits_weights_map (&none, "digits.weights") == RESCAST_EOPEN && !none.data);
}

/* Damaged weights are found where the configuration asks for it. */
static void
check_damage (const void *image, size_t bytes)
{
  struct rescast_weights weights;
  struct digits net;
  const struct rescast_config config = { .check = 1 };
  memcpy (copy, image, bytes);
  CHECK (digits_weights_init (&weights, copy, bytes) == RESCAST_OK);
  CHECK (digits_init (&net, &weights, arena, sizeof arena, &config) == RESCAST_OK);
  copy[bytes - 70] ^= 1;
  CHECK (digits_init (&net, &weights, arena, sizeof arena, &config) == RESCAST_EHASH);
  rescast_weights_unmap (&weights);
  CHECK (digits_weights_init (&weights, copy, bytes - 1) == RESCAST_EFORMAT && !weights.data);
  copy[0] ^= 1;
  CHECK (digits_weights_init (&weights, copy, bytes) == RESCAST_EFORMAT);
}

static void
run (const struct rescast_weights *weights, const unsigned char *pixels, const struct rescast_config *config)
{
  struct digits net;
  const struct rescast_elements elements = { .data = pixels, .element = RESCAST_UINT8, .prepare = 1 };
  float input[digits_INPUT_FLOATS], results[digits_RESULT_FLOATS], others[digits_OUTPUT_FLOATS];
  CHECK (digits_init (&net, weights, arena, sizeof arena, config) == RESCAST_OK);
  CHECK (digits_run_elements (&net, &elements, scores) == RESCAST_OK);
  CHECK (rescast_elements_read (input, &elements, digits_info (), NULL) == RESCAST_OK);
  CHECK (digits (input, others) == RESCAST_OK);
  CHECK (memcmp (scores, others, sizeof scores) == 0);
  /* An image three times as wide, of which each window is the same one. */
  const int extents[] = { 1, 8, 24 };
  const ptrdiff_t strides[] = { 0, 0, 0, 8, 1 };
  unsigned char wide[8 * 24];
  double sums[digits_OUTPUT_FLOATS];
  struct rescast_windows windows;
  struct rescast_elements three = { .data = wide, .element = RESCAST_UINT8, .prepare = 1 };
  const struct rescast_windowing apart = { .overlap = 0 };
  for (int i = 0; i < 8 * 24; i++)
    wide[i] = pixels[i / 24 * 8 + i % 8];
  CHECK (digits_windows_init (&windows, extents, &apart) == RESCAST_OK && windows.runs == 3);
  CHECK (rescast_windows_begin (&windows, &three, others, sums, sizeof sums) == RESCAST_OK);
  CHECK (digits_windows_run (&net, &windows, results) == RESCAST_OK);
  CHECK (memcmp (scores, others, sizeof scores) == 0);
  /* … and the image itself, by strides. */
  const int own[] = { 1, 8, 8 };
  three.data = pixels;
  three.strides = strides;
  CHECK (digits_windows_init (&windows, own, NULL) == RESCAST_OK && windows.runs == 1);
  CHECK (rescast_windows_begin (&windows, &three, others, sums, sizeof sums) == RESCAST_OK);
  CHECK (digits_windows_run (&net, &windows, results) == RESCAST_OK);
  CHECK (memcmp (scores, others, sizeof scores) == 0);
  digits_free (&net);
}

int
main (int argc, char **argv)
{
  unsigned char pixels[11 + digits_INPUT_FLOATS];
  FILE *f = argc == 2 ? fopen (argv[1], "rb") : NULL;
  CHECK (f && fread (pixels, 1, sizeof pixels, f) == sizeof pixels);
  fclose (f);

  check_roots ();
  size_t bytes;
  struct rescast_weights weights;
  const void *image = digits_weights_embedded (&bytes);
  CHECK (bytes == digits_WEIGHTS_BYTES && digits_weights_init (&weights, image, bytes) == RESCAST_OK);
  check_refused (&weights);
  check_damage (image, bytes);
  run (&weights, pixels + 11, NULL);
  int calls = 0, best = 0;
  const struct rescast_config config = { .threads = 3, .parallel_for = loop, .user = &calls, .check = 1 };
  run (&weights, pixels + 11, &config);
  CHECK (calls > digits_info ()->layer_count);
  for (int i = 1; i < digits_OUTPUT_FLOATS; i++)
    best = scores[i] > scores[best] ? i : best;
  puts (digits_info ()->labels[best]);
  return 0;
}
