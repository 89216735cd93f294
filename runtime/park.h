/* A place for one thread to sleep until another one wakes it: a futex on Linux, else a condition. Functions that are
 * inline here have no symbols; the structure is the runtime's own. */
#ifndef RESCAST_PARK_H
#define RESCAST_PARK_H

#include <stdatomic.h>

#ifdef __linux__
#include <sys/syscall.h>
#include <unistd.h>
#if defined SYS_futex && !defined RESCAST_WITHOUT_FUTEX
#define PARK_CALL SYS_futex
#elif defined SYS_futex_time64 && !defined RESCAST_WITHOUT_FUTEX /* 32-bit machines that have no other one */
#define PARK_CALL SYS_futex_time64
#endif
#endif
#ifdef PARK_CALL
/* As <linux/futex.h> has them, which a libc may come without. */
#define PARK_WAIT 128 /* FUTEX_WAIT_PRIVATE */
#define PARK_WAKE 129 /* FUTEX_WAKE_PRIVATE */
#else
#include <pthread.h>
#endif

struct park
{
  atomic_uint asleep; /* 1: its thread sleeps or is about to; whoever makes it 0 has to wake the thread */
#ifndef PARK_CALL
  pthread_mutex_t mutex;
  pthread_cond_t wake;
#endif
};

/* 0, or -1: the system refuses. */
static inline int
park_init (struct park *p)
{
  atomic_init (&p->asleep, 0);
#ifndef PARK_CALL
  if (pthread_mutex_init (&p->mutex, NULL) != 0)
    return -1;
  if (pthread_cond_init (&p->wake, NULL) != 0)
    {
      pthread_mutex_destroy (&p->mutex);
      return -1;
    }
#endif
  return 0;
}

static inline void
park_destroy (struct park *p)
{
#ifndef PARK_CALL
  pthread_cond_destroy (&p->wake);
  pthread_mutex_destroy (&p->mutex);
#else
  (void) p;
#endif
}

/* Sleep until asleep, which the caller made 1, is 0. */
static inline void
park_sleep (struct park *p)
{
#ifdef PARK_CALL
  /* Returns at once where asleep is no longer 1; also for signals and for the wake-up of an earlier sleep. */
  while (atomic_load (&p->asleep))
    syscall (PARK_CALL, (void *) &p->asleep, PARK_WAIT, 1, (void *) 0, (void *) 0, 0);
#else
  pthread_mutex_lock (&p->mutex);
  while (atomic_load (&p->asleep))
    pthread_cond_wait (&p->wake, &p->mutex);
  pthread_mutex_unlock (&p->mutex);
#endif
}

/* Wake the thread that sleeps here, asleep being 0. */
static inline void
park_wake (struct park *p)
{
#ifdef PARK_CALL
  syscall (PARK_CALL, (void *) &p->asleep, PARK_WAKE, 1, (void *) 0, (void *) 0, 0);
#else
  /* The mutex: the sleeper is either before its look at asleep or inside the wait. */
  pthread_mutex_lock (&p->mutex);
  pthread_cond_signal (&p->wake);
  pthread_mutex_unlock (&p->mutex);
#endif
}

#endif
