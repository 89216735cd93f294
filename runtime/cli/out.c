/* What is printed: to standard output at once, or kept until all went well. Whatever cannot be printed or kept is
 * remembered, and said at the end. stdio's streams in memory would not do: theirs is no error when memory runs out. */
#include "cli.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool
cli_streams_open (void)
{
#ifndef _WIN32
  /* Read-only: what is printed to a stream that the caller closed is an error still. */
  for (int fd = 0; fd < 3; fd++)
    if (fcntl (fd, F_GETFD) < 0 && open ("/dev/null", O_RDONLY) != fd)
      return cli_fail ("/dev/null", "%s", strerror (errno));
#endif
  return true;
}

/* Room for BYTES more and a 0. */
static bool
grow (struct cli_out *o, size_t bytes)
{
  size_t room = o->room ? o->room : 4096;
  while (room <= SIZE_MAX / 2 && room - 1 < o->bytes + bytes)
    room *= 2;
  if (room == o->room)
    return true;
  char *text = realloc (o->text, room);
  if (!text)
    return false;
  o->text = text;
  o->room = room;
  return true;
}

void
cli_write (struct cli_out *o, const char *s, size_t bytes)
{
  if (o->failed)
    return;
  if (o->file)
    o->failed = fwrite (s, 1, bytes, o->file) != bytes;
  else if (!grow (o, bytes))
    o->failed = true;
  else
    {
      memcpy (o->text + o->bytes, s, bytes);
      o->bytes += bytes;
    }
  o->error = o->failed ? errno : 0;
}

void
cli_put (struct cli_out *o, const char *s)
{
  cli_write (o, s, strlen (s));
}

void
cli_print (struct cli_out *o, const char *fmt, ...)
{
  char text[512], *all = text;
  va_list args, again;
  va_start (args, fmt);
  va_copy (again, args);
  int n = vsnprintf (text, sizeof text, fmt, args);
  if (n >= (int) sizeof text)
    {
      all = malloc ((size_t) n + 1);
      n = all ? vsnprintf (all, (size_t) n + 1, fmt, again) : -1;
    }
  va_end (again);
  va_end (args);
  if (n < 0 && !o->failed)
    {
      o->failed = true;
      o->error = ENOMEM;
    }
  if (n > 0)
    cli_write (o, all, (size_t) n);
  if (all != text)
    free (all);
}

bool
cli_out_end (struct cli_out *o)
{
  if (!o->file && o->failed)
    return cli_fail (NULL, "out of memory");
  FILE *f = o->file ? o->file : stdout;
  if (!o->file && o->bytes && fwrite (o->text, 1, o->bytes, f) != o->bytes)
    o->failed = true;
  if (!o->failed && fflush (f) == 0)
    return true;
  return cli_fail ("standard output", "cannot be written: %s", strerror (o->error ? o->error : errno));
}
