/* Child processes: a socket to the parent for messages, a pipe for what the library prints, a limit of time. */
#include "base/program.h"
#include "verify_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "base/lock.h"
#include "base/status.h"

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0
#endif

void
process_follow (pid_t parent, int signal)
{
#ifdef __linux__
  prctl (PR_SET_PDEATHSIG, signal);
#else
  (void) signal;
#endif
  if (getppid () != parent) /* it ended before that */
    _exit (PROCESS_LOST);
}

/* The child's side: its output into the pipe, no core files, and the work. */
static _Noreturn void
become_child (void (*work) (void *arg, int socket), void *arg, pid_t parent, int socket, int output)
{
  process_follow (parent, SIGKILL);
  lock_release (0); /* the parent keeps them; what a kernel starts and leaves behind shall not */
  signal (SIGPIPE, SIG_DFL); /* a parent that is gone ends the child where it is not told so */
  setrlimit (RLIMIT_CORE, &(struct rlimit){ 0, 0 });
  dup2 (output, STDOUT_FILENO);
  dup2 (output, STDERR_FILENO);
  close (output);
  work (arg, socket);
  _exit (0);
}

struct process
process_start (void (*work) (void *arg, int socket), void *arg)
{
  int sockets[2], output[2];
  struct process p = { .alive = true };
  pid_t parent = getpid ();
  if (socketpair (AF_UNIX, SOCK_STREAM, 0, sockets) || pipe (output))
    fatal ("no child process: %s", strerror (errno));
  fflush (NULL);
  p.pid = fork ();
  if (p.pid < 0)
    fatal ("no child process: %s", strerror (errno));
  if (p.pid == 0)
    {
      close (sockets[0]);
      close (output[0]);
      become_child (work, arg, parent, sockets[1], output[1]);
    }
  close (sockets[1]);
  close (output[1]);
#ifdef SO_NOSIGPIPE
  setsockopt (sockets[0], SOL_SOCKET, SO_NOSIGPIPE, &(int){ 1 }, sizeof (int));
#endif
  p.socket = sockets[0];
  p.output = output[0];
  fcntl (p.output, F_SETFL, O_NONBLOCK);
  return p;
}

bool
process_send (int socket, const void *data, size_t bytes)
{
  for (const char *p = data; bytes;)
    {
      ssize_t n = send (socket, p, bytes, MSG_NOSIGNAL);
      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return false;
      p += n;
      bytes -= (size_t) n;
    }
  return true;
}

bool
process_receive (int socket, void *data, size_t bytes)
{
  for (char *p = data; bytes;)
    {
      ssize_t n = recv (socket, p, bytes, 0);
      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return false;
      p += n;
      bytes -= (size_t) n;
    }
  return true;
}

/* Keep the beginning of what the library prints, let the rest go. False: nothing more will come. */
static bool
drain (struct process *p)
{
  char buffer[65536]; /* what a pipe holds: a kernel that prints without end is read once, and its time goes on */
  ssize_t n = read (p->output, buffer, sizeof buffer);
  if (n <= 0)
    return n < 0 && (errno == EAGAIN || errno == EINTR);
  size_t room = sizeof p->said - 1 - p->said_bytes, kept = (size_t) n < room ? (size_t) n : room;
  memcpy (p->said + p->said_bytes, buffer, kept);
  p->said_bytes += kept;
  return true;
}

/* Collect the child's status. One that does not end by itself after closing its socket is killed. */
static void
reap (struct process *p)
{
  pid_t got;
  for (int i = 0; i < 100 && (got = waitpid (p->pid, &p->status, WNOHANG)) == 0; i++)
    nanosleep (&(struct timespec){ .tv_nsec = 10000000 }, NULL);
  if (got == 0)
    {
      p->senseless = !p->late;
      kill (p->pid, SIGKILL);
      while ((got = waitpid (p->pid, &p->status, 0)) < 0 && errno == EINTR)
        continue;
    }
  drain (p);
  close (p->socket);
  close (p->output);
  p->alive = false;
}

void
process_stop (struct process *p)
{
  if (!p->alive)
    return;
  kill (p->pid, SIGKILL);
  reap (p);
}

/* Wait until the child's socket has something, or kill the child when SECONDS, of which the time goes off, are over. */
static void
wait_readable (struct process *p, double *seconds)
{
  struct pollfd fds[2] = { { .fd = p->socket, .events = POLLIN }, { .fd = p->output, .events = POLLIN } };
  for (double last = program_seconds (); !fds[0].revents;)
    {
      if (poll (fds, 2, 250) < 0)
        fds[0].revents = 0;
      else if (fds[1].revents && !drain (p))
        fds[1].fd = -1;
      /* A step counts for half a second at most: while a terminal stops both processes nothing is late. */
      double step = program_seconds () - last;
      last += step;
      *seconds -= step < 0.5 ? step : 0.5;
      if (*seconds < 0 && !fds[0].revents)
        {
          p->late = true;
          kill (p->pid, SIGKILL);
          *seconds = 3600; /* until the socket closes */
        }
    }
}

bool
process_next (struct process *p, double seconds, struct message *m)
{
  size_t got = 0; /* bytes of a message: what a kernel writes there may be less than one */
  p->limit = seconds;
  while (p->alive)
    {
      wait_readable (p, &seconds);
      ssize_t n = recv (p->socket, (char *) m + got, sizeof *m - got, 0);
      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        {
          reap (p);
          break;
        }
      got = (got + (size_t) n) % sizeof *m;
      if (got)
        continue;
      if (m->kind != MESSAGE_FAULT)
        return true;
      p->fault = m->fault;
    }
  return false;
}

void
process_go_on (struct process *p)
{
  process_send (p->socket, "", 1); /* a child that is gone is noticed by process_next */
}

/* The line of the library's output that says most about its end: the first that is not empty. */
static const char *
first_line (struct process *p)
{
  char *line = p->said + strspn (p->said, "\n ");
  line[strcspn (line, "\n")] = 0;
  for (char *c = line; *c; c++)
    if ((unsigned char) *c < ' ' || *c == 0x7f)
      *c = '?';
  return line;
}

void
process_pass_on (const struct process *p)
{
  fwrite (p->said, 1, p->said_bytes, stderr);
}

/* "reading 4 bytes before its input x": the zone nearest to the address. */
static const char *
place_text (const struct fault *f, const struct zone *zones, int count)
{
  const char *doing = f->access == ACCESS_READ ? "reading" : f->access == ACCESS_WRITE ? "writing" : "touching";
  const struct zone *nearest = NULL;
  uintptr_t least = UINTPTR_MAX;
  for (int i = 0; i < count; i++)
    {
      uintptr_t first = (uintptr_t) zones[i].start, end = first + zones[i].bytes;
      uintptr_t distance = f->address < first ? first - f->address : f->address < end ? 0 : f->address - end + 1;
      if (guarded_near (zones[i].in, f->address) && distance < least)
        {
          least = distance;
          nearest = &zones[i];
        }
    }
  if (!nearest)
    return mem_printf ("%s address 0x%llx", doing, (unsigned long long) f->address);
  uintptr_t first = (uintptr_t) nearest->start;
  if (!least)
    return mem_printf ("%s byte %llu of %s", doing, (unsigned long long) (f->address - first), nearest->name);
  return mem_printf ("%s %llu byte%s %s %s", doing, (unsigned long long) least, least == 1 ? "" : "s",
                     f->address < first ? "before" : "behind the end of", nearest->name);
}

/* What a signal's code and address add to its number. */
static const char *
fault_text (const struct fault *f, int number, const struct zone *zones, int count)
{
  if (f->signal != number || f->code <= 0) /* sent by a process: no address */
    return "";
  if (number == SIGFPE)
    return f->code == FPE_INTDIV ? ", a division by zero" : "";
  if (number == SIGBUS && f->code == BUS_ADRALN)
    return ", an address that is not aligned";
  if (number != SIGSEGV && number != SIGBUS)
    return "";
#ifdef SI_KERNEL
  if (f->code == SI_KERNEL) /* x86's general protection */
    return ", an address that is not aligned to its vector or that cannot be";
#endif
  return mem_printf (", %s", place_text (f, zones, count));
}

const char *
process_end_text (struct process *p, const struct zone *zones, int count)
{
  struct text t = { 0 };
  if (p->late)
    text_printf (&t, "it did not return within %.3g s", p->limit);
  else if (p->senseless || (WIFEXITED (p->status) && WEXITSTATUS (p->status) == PROCESS_LOST))
    text_add (&t, "it overwrote memory or closed files of the process that it ran in");
  else if (WIFSIGNALED (p->status))
    text_printf (&t, "%s%s", status_text (p->status),
                 fault_text (&p->fault, WTERMSIG (p->status), zones, count));
  else
    text_printf (&t, "it ended the process that it ran in, with %s", status_text (p->status));
  const char *said = first_line (p);
  if (*said)
    text_printf (&t, ": %s", said);
  return t.s;
}
