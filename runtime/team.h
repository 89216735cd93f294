/* The team of threads behind a pool: what threads.c, which runs jobs, and team.c, which starts and stops it, share, and
 * what tests look at. */
#ifndef RESCAST_TEAM_H
#define RESCAST_TEAM_H

#include "rescast.h"

#include "park.h"

#include <pthread.h>
#include <stdbool.h>

/* Two cache lines, which processors load together, so that a line has nothing of its neighbours. */
#define TEAM_LINE 128
/* How many arrive at one counter. */
#define TEAM_FAN_IN 4
/* How long to spin: in a phase, longer than threads with equal shares of a layer wait for each other and about what it
 * costs until all of a team that slept are awake; after a job, as long as a caller takes to bring the next input. */
#define TEAM_SPIN_NS 100000
#define TEAM_IDLE_SPIN_NS 200000

/* A turn: the number of the phase that is or was open, times 4, and these. Equal numbers are 2^30 phases apart where
 * a size_t has 32 bits. */
#define TURN_OPEN 1 /* shares can be claimed; else the team is idle and the number is that of the next phase */
#define TURN_STOP 2
#define TURN_NEXT 4

struct team_thread
{
  _Alignas(TEAM_LINE) struct park park;
  int64_t spin_ns[2]; /* how long to spin at present while the team is idle and in a phase; this thread's own */
  struct rescast_team *team;
  pthread_t handle;
  int number; /* 0: the caller */
};

/* What one thread claims first, the others when they have nothing left: the parts of its share, or, where there are
 * more shares than threads, some shares. */
struct team_queue
{
  /* The number of the phase for which something of it was claimed last, times QUEUE_SIZE, and how much was. Where a
   * size_t has 32 bits, equal numbers are 2^23 phases apart. */
  _Alignas(TEAM_LINE) atomic_size_t claimed;
  atomic_uint done;
  int first, length; /* the first part or share, and how many there are */
};

#define QUEUE_SIZE 512

struct team_counter
{
  _Alignas(TEAM_LINE) atomic_uint arrived;
};

struct rescast_team
{
  /* What a phase begins with, in one line: who sees the turn has all of it. */
  _Alignas(TEAM_LINE) atomic_size_t turn;
  rescast_task *task;
  void *arg;
  const unsigned short *pieces;
  size_t base; /* turn of the phase 0, whether that is run or not */
  int last;    /* phase */
  atomic_int least; /* so many parts or shares are claimed at a time in the open phase, at least */
  _Alignas(TEAM_LINE) atomic_uint sleepers;
  _Alignas(TEAM_LINE) int shares;
  int threads;
  struct team_thread *thread;
  struct team_queue *queue; /* of each thread */
  struct team_counter *counter;
  void *scratch; /* the calling thread's */
  size_t stack_bytes; /* how much of it, and of each thread's stack, tasks may have */
  atomic_int users; /* pools that are names of this team: the last one's free stops it */
  pthread_mutex_t lock; /* whose holder's job runs */
  void *memory;  /* in which all of this is */
};

/* How a team is made. */
struct team_options
{
  int shares;  /* 1 … RESCAST_MAX_THREADS: n of every phase */
  int threads; /* 1 … shares: the caller and those that are started */
  size_t stack_bytes;
  int pin, first_core; /* the configuration's */
};

/* POOL is zeros before, and again after an error. */
int team_start (struct rescast_pool *pool, const struct team_options *options);
/* What threads that team_start makes do. */
void *team_work (void *thread);
/* Wake thread T, if it sleeps. */
bool team_wake (struct rescast_team *team, int t);

#endif
