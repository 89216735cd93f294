/* cuda_nvrtc FILE.cu MAJOR MINOR [FOLDER]: compiled by NVRTC as a generated program would at its start. Needs no GPU. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver.h"

int
main (int argc, char **argv)
{
  static char text[16 << 20];
  void *code = NULL;
  FILE *f = argc > 3 ? fopen (argv[1], "rb") : NULL;
  size_t bytes = f ? fread (text, 1, sizeof text - 1, f) : 0;
  if (!bytes)
    return fprintf (stderr, "usage: %s FILE.cu MAJOR MINOR\n", argv[0]), 2;
  fclose (f);
  const struct rescast_info info = { .name = "test" };
  const struct rescast_cuda_network network = { .info = &info, .source = text };
  int error = cuda_compile (&network, atoi (argv[2]), atoi (argv[3]), &code);
  if (error)
    fprintf (stderr, "%s: %s\n", argv[1], rescast_cuda_message ());
  else if (memcmp (code, "\177ELF", 4))
    error = fprintf (stderr, "%s: the code is no cubin\n", argv[1]);
  free (code);
  return error != 0;
}
