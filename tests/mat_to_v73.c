/* mat_to_v73 FROM TO: the variables of a .mat file, written again as version 7.3, which Octave can't write. */
#include <matio.h>
#include <stdio.h>

int
main (int argc, char **argv)
{
  mat_t *from = argc == 3 ? Mat_Open (argv[1], MAT_ACC_RDONLY) : NULL;
  mat_t *to = from ? Mat_CreateVer (argv[2], NULL, MAT_FT_MAT73) : NULL;
  if (!to)
    {
      fprintf (stderr, "usage: %s FROM TO\n", argv[0]);
      return 2;
    }
  int error = 0;
  for (matvar_t *v; !error && (v = Mat_VarReadNext (from)) != NULL; Mat_VarFree (v))
    error = Mat_VarWrite (to, v, MAT_COMPRESSION_ZLIB);
  Mat_Close (from);
  return Mat_Close (to) || error;
}
