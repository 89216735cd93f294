/* The writer of .npy arrays: float32, C order, under a temporary name until it is whole. */
#include "cli.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What a signal has to remove. */
static char *volatile pending[CLI_MAX_TENSORS + 1];

/* Put NEW where OLD is. */
static void
replace_pending (const char *old, char *new)
{
  size_t i = 0;
  while (i < CLI_MAX_TENSORS && pending[i] != old)
    i++;
  pending[i] = new;
}

static void
interrupted (int signal_number)
{
  for (size_t i = 0; i <= CLI_MAX_TENSORS; i++)
    if (pending[i])
      unlink (pending[i]);
  signal (signal_number, SIG_DFL);
  raise (signal_number);
}

static bool
write_header (struct cli_array_out *a, uint64_t n, const struct cli_shape *shape)
{
  char text[256];
  uint64_t extent[5] = { n };
  memcpy (extent + 1, shape->extent, sizeof *extent * (size_t) shape->rank);
  int at = snprintf (text, sizeof text, "{'descr': '<f4', 'fortran_order': False, 'shape': ");
  cli_shape_text (text + at, sizeof text - (size_t) at, extent, shape->rank + 1);
  strcat (text, ", }");
  /* Magic, length, text and a newline make a multiple of 64 bytes. */
  size_t used = strlen (text), whole = (10 + used + 1 + 63) / 64 * 64;
  unsigned char head[10] = { 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0 };
  head[8] = (unsigned char) ((whole - 10) & 255);
  head[9] = (unsigned char) ((whole - 10) >> 8);
  fwrite (head, 1, 10, a->file);
  fprintf (a->file, "%s%*s\n", text, (int) (whole - 10 - used - 1), "");
  return !ferror (a->file) || cli_fail (a->path, "cannot be written: %s", strerror (errno));
}

bool
cli_array_create (struct cli_array_out *a, const char *path, uint64_t n, const struct cli_shape *shape)
{
  struct stat st;
  *a = (struct cli_array_out){ .path = path };
  /* Renaming over a device would replace it. */
  if (stat (path, &st) == 0 && !S_ISREG (st.st_mode))
    return cli_fail (path, "not a regular file; --output writes one");
  size_t bytes = strlen (path) + 8;
  char *name = malloc (bytes);
  if (!name)
    return cli_fail (path, "out of memory");
  snprintf (name, bytes, "%s.XXXXXX", path);
  int fd = cli_temporary (name);
  if (fd < 0)
    {
      free (name);
      return cli_fail (path, "cannot be written: %s", strerror (errno));
    }
  a->temporary = name;
  replace_pending (NULL, name);
  cli_catch_signals (interrupted);
  a->file = fdopen (fd, "wb");
  if (!a->file)
    {
      close (fd);
      cli_fail (path, "cannot be written: %s", strerror (errno));
      cli_array_abandon (a);
      return false;
    }
  if (write_header (a, n, shape))
    return true;
  cli_array_abandon (a);
  return false;
}

/* Little-endian on every machine, so that equal outputs are equal files. */
static bool
write_floats (const float *values, size_t count, FILE *file)
{
  if (*(const unsigned char *) &(const uint16_t){ 1 })
    return fwrite (values, sizeof *values, count, file) == count;
  for (size_t i = 0; i < count; i++)
    {
      unsigned char from[4];
      memcpy (from, values + i, 4);
      const unsigned char to[4] = { from[3], from[2], from[1], from[0] };
      if (fwrite (to, 4, 1, file) != 1)
        return false;
    }
  return true;
}

bool
cli_array_write (struct cli_array_out *a, const float *values, size_t count)
{
  return write_floats (values, count, a->file)
         || cli_fail (a->path, "cannot be written: %s", strerror (errno));
}

bool
cli_array_end (struct cli_array_out *a)
{
  bool ok = !ferror (a->file);
  ok = fclose (a->file) == 0 && ok;
  a->file = NULL;
  return ok || cli_fail (a->path, "cannot be written: %s", strerror (errno));
}

bool
cli_array_commit (struct cli_array_out *a)
{
  if (!cli_rename (a->temporary, a->path))
    return cli_fail (a->path, "cannot be written: %s", strerror (errno));
  replace_pending (a->temporary, NULL);
  free (a->temporary);
  a->temporary = NULL;
  return true;
}

void
cli_array_abandon (struct cli_array_out *a)
{
  if (!a->temporary)
    return;
  if (a->file)
    fclose (a->file);
  unlink (a->temporary);
  replace_pending (a->temporary, NULL);
  free (a->temporary);
  *a = (struct cli_array_out){ 0 };
}
