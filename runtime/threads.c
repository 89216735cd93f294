/* The pool: a team of threads that takes the shares of one phase after another.
 *
 * Each thread has a share of each phase, so that it finds in its caches what it wrote before. It claims half of what is
 * left of it at a time; a thread that has nothing left claims half of what the one with most has left, or, after a
 * moment, of what one that sleeps has not begun. So no phase waits for a thread that is slower than the others, or has
 * no processor, for longer than for what it has claimed. A tree of counters tells who ends a phase; that thread opens
 * the next one by changing the team's turn: all others wait for that one word, in a bounded spin and then asleep.
 *
 * Why no wake-up is lost: a sleeper counts itself, marks itself asleep and looks at the turn once more; who changes the
 * turn looks at count and marks afterwards. All of these are sequentially consistent, so that one sees the other.
 * Nobody has to be awake for a phase to end but the thread that opened it, and the end of the last phase wakes the
 * caller. */
#if defined __linux__ && !defined _GNU_SOURCE
#define _GNU_SOURCE /* syscall */
#endif
#include "team.h"

#include <stdbool.h>
#include <time.h>

/* Owners that are awake begin with their shares within this time; then others may. */
#define LATE_NS 2000
/* A thread's spin is halved, down to this, each time that it waited for more than three times the longest one, and is
 * whole again after other waits. */
#define SHORT_SPIN_NS 3000
/* Each waking thread wakes so many more. */
#define WAKES 4

static int64_t
now_ns (void)
{
  struct timespec t;
  clock_gettime (CLOCK_MONOTONIC, &t);
  return (int64_t) t.tv_sec * 1000000000 + t.tv_nsec;
}

static inline void
relax (void)
{
#if defined __x86_64__ || defined __i386__
  __builtin_ia32_pause ();
#elif defined __aarch64__
  __asm__ volatile ("yield");
#endif
}

/* ---- sleeping and waking ---- */

bool
team_wake (struct rescast_team *team, int t)
{
  struct park *p = &team->thread[t].park;
  if (!atomic_load (&p->asleep) || !atomic_exchange (&p->asleep, 0))
    return false;
  atomic_fetch_sub (&team->sleepers, 1);
  park_wake (p);
  return true;
}

/* Wake some threads for an open phase, each of which wakes some more. */
static void
wake_some (struct rescast_team *team, int t)
{
  for (int i = 1, woken = 0; i < team->threads && woken < WAKES && atomic_load (&team->sleepers); i++)
    woken += team_wake (team, (t + i) % team->threads);
}

/* Sleep until the turn is not SEEN. */
static void
sleep_through (struct rescast_team *team, int t, size_t seen)
{
  struct park *p = &team->thread[t].park;
  atomic_fetch_add (&team->sleepers, 1);
  atomic_store (&p->asleep, 1);
  if (atomic_load (&team->turn) == seen)
    park_sleep (p);
  else if (atomic_exchange (&p->asleep, 0)) /* else somebody is waking us, who has counted that */
    atomic_fetch_sub (&team->sleepers, 1);
}

/* ---- phases ---- */

/* How many parts are claimed at a time in PHASE, at least, so that there are no more pieces than the job allows. Where
 * there are more shares than threads: one share. */
static int
least_of (const struct rescast_team *team, int phase)
{
  if (team->shares > team->threads)
    return 1;
  int pieces = team->pieces ? team->pieces[phase] : 0;
  int least = pieces ? (RESCAST_PARTS * team->shares + pieces - 1) / pieces : RESCAST_PARTS;
  return least < RESCAST_PARTS ? least : RESCAST_PARTS;
}

/* COUNT parts, or shares, of queue V have been run. Was that the last of the phase? */
static bool
arrive (struct rescast_team *team, int v, unsigned count)
{
  struct team_queue *q = &team->queue[v];
  if (atomic_fetch_add_explicit (&q->done, count, memory_order_acq_rel) + count < (unsigned) q->length)
    return false;
  atomic_store_explicit (&q->done, 0, memory_order_relaxed); /* the next phase's have to see the turn before */
  struct team_counter *level = team->counter;
  for (int members = team->threads, i = v; members > 1; i /= TEAM_FAN_IN)
    {
      int first = i / TEAM_FAN_IN * TEAM_FAN_IN, here = members - first < TEAM_FAN_IN ? members - first : TEAM_FAN_IN;
      atomic_uint *arrived = &level[i / TEAM_FAN_IN].arrived;
      if (atomic_fetch_add_explicit (arrived, 1, memory_order_acq_rel) + 1 < (unsigned) here)
        return false;
      atomic_store_explicit (arrived, 0, memory_order_relaxed);
      members = (members + TEAM_FAN_IN - 1) / TEAM_FAN_IN;
      level += members;
    }
  return true;
}

/* Open the next phase, or end the job. */
static void
advance (struct rescast_team *team, int t, size_t turn)
{
  int phase = (int) ((turn - team->base) / TURN_NEXT);
  bool more = phase < team->last;
  if (more)
    atomic_store_explicit (&team->least, least_of (team, phase + 1), memory_order_relaxed);
  atomic_store (&team->turn, turn - TURN_OPEN + TURN_NEXT + (more ? TURN_OPEN : 0));
  if (!more)
    team_wake (team, 0);
  else if (atomic_load (&team->sleepers))
    wake_some (team, t);
}

/* What is left of queue Q in the phase TURN when its counter is CLAIMED: everything, if that is of the phase before;
 * nothing, if it is of a later one. */
static int
left_of (const struct team_queue *q, size_t claimed, size_t turn)
{
  const size_t start = turn / TURN_NEXT * QUEUE_SIZE, count = claimed - start;
  if (count < QUEUE_SIZE)
    return q->length - (int) count;
  return count + QUEUE_SIZE < QUEUE_SIZE ? q->length : 0;
}

/* How many of LEFT to claim. */
static int
half_of (int left, int least)
{
  return left / 2 > least ? left / 2 : left < 2 * least ? left : least;
}

/* Claim something of queue V for the phase TURN and run it. False: there is nothing left. LEAST is of this phase
 * if the claim succeeds, and what belongs to the job is read behind it: without a claim the job may have ended. */
static bool
take (struct rescast_team *team, int t, size_t turn, int v)
{
  struct team_queue *q = &team->queue[v];
  const int least = atomic_load_explicit (&team->least, memory_order_relaxed);
  size_t claimed = atomic_load_explicit (&q->claimed, memory_order_relaxed), next;
  int left, count;
  do
    {
      left = left_of (q, claimed, turn);
      if (left == 0)
        return false;
      count = team->shares > team->threads ? 1 : half_of (left, least);
      next = turn / TURN_NEXT * QUEUE_SIZE + (size_t) (q->length - left + count);
    }
  while (
      !atomic_compare_exchange_weak_explicit (&q->claimed, &claimed, next, memory_order_relaxed, memory_order_relaxed));
  const int from = q->first + q->length - left, each = team->shares > team->threads ? RESCAST_PARTS : 1;
  const struct rescast_part part = { each * from, each * (from + count) };
  team->task (team->arg, (int) ((turn - team->base) / TURN_NEXT), part, team->shares, t == 0);
  if (arrive (team, v, (unsigned) count))
    advance (team, t, turn);
  return true;
}

/* The thread that has most left, looked for from V on; -1: none has anything. EVERY: also those that have not begun. */
static int
slowest (const struct rescast_team *team, int v, size_t turn, bool every)
{
  int most = 0, found = -1;
  for (int i = 0; i < team->threads; i++, v++)
    {
      v = v < team->threads ? v : 0;
      const struct team_queue *q = &team->queue[v];
      int left = left_of (q, atomic_load_explicit (&q->claimed, memory_order_relaxed), turn);
      if (left > most && (every || left < q->length))
        {
          most = left;
          found = v;
          if (left == q->length)
            break;
        }
    }
  return found;
}

/* What other threads have left. Was there any? */
static bool
take_others (struct rescast_team *team, int t, size_t turn, bool every)
{
  bool any = false;
  for (int v = t; (v = slowest (team, v, turn, every)) >= 0;)
    any |= take (team, t, turn, v);
  return any;
}

static void
take_shares (struct rescast_team *team, int t, size_t turn)
{
  while (take (team, t, turn, t))
    ;
  bool asleep = atomic_load_explicit (&team->sleepers, memory_order_relaxed);
  if (asleep || team->shares > team->threads
      || atomic_load_explicit (&team->least, memory_order_relaxed) < RESCAST_PARTS)
    take_others (team, t, turn, asleep);
}

/* ---- waiting ---- */

/* The turn, once it is not SEEN or after NS. */
static size_t
spin (struct rescast_team *team, size_t seen, int64_t ns)
{
  int64_t end = 0, now;
  do
    {
      for (int i = 0; i < 16; i++)
        {
          size_t turn = atomic_load_explicit (&team->turn, memory_order_acquire);
          if (turn != seen)
            return turn;
          relax ();
        }
      now = now_ns ();
      end = end ? end : now + ns;
    }
  while (now < end);
  return seen;
}

/* After a wait of NS, the next spin of its kind: LONGEST if that is the order of what it would save. */
static void
adapt (int64_t *spin_ns, int64_t longest, int64_t ns)
{
  if (ns <= 3 * longest)
    *spin_ns = longest;
  else
    *spin_ns = *spin_ns / 2 > SHORT_SPIN_NS ? *spin_ns / 2 : SHORT_SPIN_NS;
}

/* The turn after SEEN; or SEEN, when there was something to do for it. */
static size_t
wait_turn (struct rescast_team *team, int t, size_t seen)
{
  size_t turn = spin (team, seen, LATE_NS);
  if (turn != seen)
    return turn;
  if (seen & TURN_OPEN && take_others (team, t, seen, true))
    return atomic_load_explicit (&team->turn, memory_order_acquire);
  int64_t *spin_ns = &team->thread[t].spin_ns[seen & TURN_OPEN], start = now_ns ();
  turn = spin (team, seen, *spin_ns);
  if (turn == seen)
    {
      sleep_through (team, t, seen);
      turn = atomic_load_explicit (&team->turn, memory_order_acquire);
      if (turn & TURN_OPEN && atomic_load (&team->sleepers))
        wake_some (team, t);
    }
  adapt (spin_ns, seen & TURN_OPEN ? TEAM_SPIN_NS : TEAM_IDLE_SPIN_NS, now_ns () - start);
  return turn;
}

/* Take part as thread T until the turn is END, or the team stops. */
static void
work_until (struct rescast_team *team, int t, size_t end)
{
  for (size_t turn = atomic_load_explicit (&team->turn, memory_order_acquire); turn != end && !(turn & TURN_STOP);)
    {
      if (turn & TURN_OPEN)
        take_shares (team, t, turn);
      turn = wait_turn (team, t, turn);
    }
}

void *
team_work (void *thread)
{
  const struct team_thread *me = thread;
  work_until (me->team, me->number, TURN_STOP);
  return NULL;
}

static void
run_job (struct rescast_team *team, int first, int last, const unsigned short *pieces, rescast_task *task, void *arg)
{
  size_t turn = atomic_load_explicit (&team->turn, memory_order_acquire);
  team->task = task;
  team->arg = arg;
  team->pieces = pieces;
  team->base = (turn | TURN_OPEN) - (size_t) first * TURN_NEXT;
  team->last = last;
  atomic_store_explicit (&team->least, least_of (team, first), memory_order_relaxed);
  atomic_store (&team->turn, turn | TURN_OPEN);
  if (atomic_load (&team->sleepers))
    wake_some (team, 0);
  work_until (team, 0, turn + ((size_t) (last - first) + 1) * TURN_NEXT);
}

/* What a share of the caller's parallel loop has to know. */
struct loop
{
  rescast_task *task;
  void *arg;
  int phase, n;
};

static void
run_share (void *arg, int t)
{
  const struct loop *l = arg;
  l->task (l->arg, l->phase, (struct rescast_part){ RESCAST_PARTS * t, RESCAST_PARTS * (t + 1) }, l->n, t == 0);
}

void
rescast_pool_run (struct rescast_pool *pool, int first, int last, const unsigned short *pieces, rescast_task *task,
                  void *arg)
{
  if (first > last)
    return;
  if (pool->team)
    {
      pthread_mutex_lock (&pool->team->lock);
      run_job (pool->team, first, last, pieces, task, arg);
      pthread_mutex_unlock (&pool->team->lock);
      return;
    }
  struct loop l = { task, arg, first, pool->threads > 1 ? pool->threads : 1 };
  for (; l.phase <= last; l.phase++)
    if (pool->parallel_for)
      pool->parallel_for (pool->user, l.n, run_share, &l);
    else
      run_share (&l, 0);
}
