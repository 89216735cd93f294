/* m4, $M4's if there is one: parameters in on its standard input, C out of its standard output. */
#include "emit.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/data_dir.h"
#include "base/program.h"
#include "layout_c.h"
#include "verbatim.h"

#ifndef M4
#define M4 "m4"
#endif

static void
read_all (int fd, struct text *out)
{
  char buffer[65536];
  ssize_t n;
  while ((n = read (fd, buffer, sizeof buffer)) != 0)
    if (n > 0)
      text_addn (out, buffer, (size_t) n);
    else if (errno != EINTR)
      fatal ("cannot read from m4: %s", strerror (errno));
}

/* m4's program text: the parameters go through a file, since a pipe that is written before it is read would block. */
static FILE *
parameter_file (const char *template, const struct macro *params, int count)
{
  struct text t = { 0 };
  text_add (&t, "m4_divert(-1)\n");
  text_printf (&t, "m4_define(<|TEMPLATE|>, <|%s|>)\n", template);
  for (int i = 0; i < count; i++)
    text_printf (&t, "m4_define(<|%s|>, <|%s|>)\n", params[i].name, params[i].value);
  text_add (&t, "m4_divert(0)m4_dnl\n");
  return scratch_file (t.s);
}

static void
run_m4 (const char *template, FILE *input, struct text *out)
{
  int fds[2];
  /* m4 must not keep its output's other end open, or it would wait for ever when we are killed. */
  if (pipe (fds) || fcntl (fds[0], F_SETFD, FD_CLOEXEC))
    fatal ("cannot run m4: %s", strerror (errno));
  char *include = mem_printf ("-I%s/templates", data_dir ()), *name = mem_strdup (template);
  const char *given = getenv ("M4"), *program = given && *given ? given : M4;
  char *m4 = mem_strdup (program), prefix[] = "-P", warnings[] = "-E", base[] = "base.m4", input_name[] = "-";
  char *argv[] = { m4, prefix, warnings, include, base, input_name, name, NULL };
  FILE *err = scratch_file ("");
  pid_t pid;
  int error = program_start (&pid, argv, fileno (input), fds[1], fileno (err));
  close (fds[1]);
  if (error)
    fatal ("cannot run %s: %s", m4, strerror (error));
  read_all (fds[0], out);
  close (fds[0]);
  int status = program_wait (pid, m4);
  char *said = scratch_text (err);
  said[strcspn (said, "\n")] = 0;
  if (status)
    fatal ("m4 failed on the template %s: %s", template, *said ? said : "it does not say why");
}

/* Expansion leaves lines of blanks where a construct expanded to nothing: drop them, and all but one of several empty
 * lines. */
static void
tidy (const struct text *in, struct text *out)
{
  bool empty_before = true;
  for (const char *line = in->s, *end; line && *line; line = end)
    {
      const char *newline = strchr (line, '\n');
      end = newline ? newline + 1 : line + strlen (line);
      size_t n = (size_t) (end - line) - (newline != NULL), full = n;
      while (n && (line[n - 1] == ' ' || line[n - 1] == '\t'))
        n--;
      if (n == 0 && (full || empty_before))
        continue;
      empty_before = n == 0;
      text_addn (out, line, n);
      text_add (out, "\n");
    }
}

/* Is WHAT in TEXT, in which the user's own is still hidden, and m4_ not inside a longer word, such as
 * group_norm4_8x8? */
static bool
leaves (const char *text, const char *what)
{
  for (const char *p = text; (p = strstr (p, what)); p++)
    if (p == text || *what != 'm' || (!isalnum ((unsigned char) p[-1]) && p[-1] != '_'))
      return true;
  return false;
}

void
emit_text (struct text *out, const char *file, const char *template, const struct macro *params, int count)
{
  struct text raw = { 0 }, clean = { 0 };
  FILE *input = parameter_file (template, params, count);
  run_m4 (template, input, &raw);
  fclose (input);
  tidy (&raw, &clean);
  static const char *const leftovers[] = { "m4_", "<|", "|>" };
  for (size_t i = 0; i < sizeof leftovers / sizeof *leftovers; i++)
    if (!clean.n || leaves (clean.s, leftovers[i]))
      fatal ("internal error: the template %s leaves %s in %s", template, leftovers[i], file);
  if (!verbatim_decode (&clean, out))
    fatal ("internal error: the template %s takes a name apart in %s", template, file);
}

void
emit_file (const char *dir, const char *file, const char *template, const struct macro *params, int count)
{
  struct text clean = { 0 }, laid_out = { 0 };
  size_t n = strlen (file);
  emit_text (&clean, file, template, params, count);
  if (n > 2 && file[n - 2] == '.' && strchr ("ch", file[n - 1]))
    layout_c (&clean, &laid_out);
  else
    laid_out = clean;
  file_write (mem_printf ("%s/%s", dir, file), laid_out.s, laid_out.n);
}
