/* An image's class by the network digits, from C: an installed library, no copy of the image.
   cc classify.c $(pkg-config --cflags --libs digits) -o classify
   ./classify $(pkg-config --variable=weights digits) three.pgm */
#include "digits.h"

#include <stdio.h>
#include <stdlib.h>

static const int shape[] = digits_INPUT_SHAPE;

/* The pixels of a binary PGM file, or NULL; what it says must be what the network reads. */
static unsigned char *
read_image (const char *path)
{
  const int height = shape[3], width = shape[4];
  int w, h, most;
  FILE *f = fopen (path, "rb");
  unsigned char *pixels = f ? malloc (digits_INPUT_FLOATS) : NULL;
  int good = pixels && fscanf (f, "P5 %d %d %d", &w, &h, &most) == 3 && w == width && h == height && most == 255
             && fgetc (f) != EOF && fread (pixels, 1, digits_INPUT_FLOATS, f) == digits_INPUT_FLOATS;
  if (f)
    fclose (f);
  if (good)
    return pixels;
  free (pixels);
  return NULL;
}

/* The class of PIXELS and the times of the layers, printed. */
static int
classify (struct digits *net, const unsigned char *pixels)
{
  float scores[digits_OUTPUT_FLOATS] = { 0 };
  const struct rescast_info *info = digits_info ();
  const struct rescast_elements image = { .data = pixels, .element = RESCAST_UINT8, .prepare = 1 };
  double *seconds = calloc ((size_t) info->layer_count, sizeof *seconds);
  struct rescast_times times = { .seconds = seconds, .layers = seconds ? info->layer_count : 0 };
  digits_set_hook (net, rescast_times_hook, &times);
  int error = digits_run_elements (net, &image, scores), best = 0;
  for (int i = 1; i < digits_OUTPUT_FLOATS; i++)
    best = scores[i] > scores[best] ? i : best;
  if (!error)
    printf ("%s\n", info->labels[best]);
  for (int i = 0; !error && i < times.layers; i++)
    fprintf (stderr, "%8.1f us  %s\n", 1e6 * seconds[i], info->layers[i].name);
  free (seconds);
  return error;
}

int
main (int argc, char **argv)
{
  static _Alignas (64) unsigned char arena[digits_ARENA_BYTES];
  struct rescast_weights weights;
  struct digits net;
  if (argc != 3 || rescast_abi () != RESCAST_ABI)
    {
      fprintf (stderr, "%s\n", argc != 3 ? "classify WEIGHTS IMAGE.pgm" : "libdigits is of another ABI than digits.h");
      return 2;
    }
  unsigned char *pixels = read_image (argv[2]);
  if (!pixels)
    {
      fprintf (stderr, "%s: not a PGM file of %d x %d pixels\n", argv[2], shape[4], shape[3]);
      return 1;
    }
  int error = digits_weights_map (&weights, argv[1]);
  if (!error)
    error = digits_init (&net, &weights, arena, sizeof arena, NULL);
  if (!error)
    {
      error = classify (&net, pixels);
      digits_free (&net);
    }
  if (error)
    fprintf (stderr, "%s: %s\n", argv[1], rescast_strerror (error));
  rescast_weights_unmap (&weights); /* zeros after an error, of which nothing is unmapped */
  free (pixels);
  return error != 0;
}
