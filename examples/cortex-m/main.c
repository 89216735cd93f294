/* An image's class by a network on a Cortex-M without an operating system: no C library, weights in flash.
   The Makefile includes NAME.h and defines NETWORK as NAME. */
#include "board.h"

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_ (a, b)
#define NET(member) JOIN (NETWORK, member)

extern const unsigned char image[], image_end[];

static _Alignas (64) unsigned char arena[NET (_ARENA_BYTES)];
static struct NETWORK net;
static float scores[NET (_OUTPUT_FLOATS)];

static void
print_number (uint64_t n)
{
  char text[21], *p = text + sizeof text - 1;
  *p = 0;
  do
    *--p = (char) ('0' + n % 10);
  while (n /= 10);
  board_print (p);
}

/* The pixels of the image: 8 bits, what the network reads. NULL: it is another one. */
static const unsigned char *
pixels (void)
{
  static const int shape[] = NET (_INPUT_SHAPE);
  const int expected[] = { shape[4], shape[3], 255 };
  const unsigned char *p = image + 2;
  if (image_end - image < 2 || image[0] != 'P' || image[1] != (shape[1] == 3 ? '6' : '5'))
    return 0;
  for (int i = 0; i < 3; i++)
    {
      int n = 0;
      for (; p < image_end && *p <= ' '; p++)
        ;
      for (; p < image_end && *p >= '0' && *p <= '9' && n < 10000; p++)
        n = 10 * n + *p - '0';
      if (n != expected[i])
        return 0;
    }
  return image_end - p == 1 + NET (_INPUT_FLOATS) ? p + 1 : 0;
}

static int
run (void)
{
  struct rescast_weights weights;
  size_t bytes;
  const void *file = NET (_weights_embedded) (&bytes);
  const struct rescast_elements elements
    = { .data = pixels (), .element = RESCAST_UINT8, .layout = RESCAST_CHANNELS_LAST, .prepare = 1 };
  int error = NET (_weights_init) (&weights, file, bytes);
  if (!error)
    error = NET (_init) (&net, &weights, arena, sizeof arena, 0);
  const uint64_t start = board_ticks ();
  if (!error)
    error = NET (_run_elements) (&net, &elements, scores);
  const uint64_t ticks = board_ticks () - start;
  if (error)
    return error;
  int best = 0;
  for (int i = 1; i < NET (_OUTPUT_FLOATS); i++)
    best = scores[i] > scores[best] ? i : best;
  print_number (ticks);
  board_print (" ticks\n");
  print_number (board_stack_bytes ());
  board_print (" bytes of stack\n");
  if (NET (_info) ()->labels)
    board_print (NET (_info) ()->labels[best]);
  else
    print_number ((uint64_t) best);
  board_print ("\n");
  return RESCAST_OK;
}

int
main (void)
{
  const int error = run ();
  if (error)
    {
      board_print (rescast_strerror (error));
      board_print ("\n");
    }
  return error != RESCAST_OK;
}
