/* The pool: a team of threads that takes the shares of one phase after another.
 *
 * Each phase has N shares. A thread claims a share before it runs it: first those of its own stretch, so that it finds
 * in its caches what it wrote before; then, where others sleep or are late, whatever nobody has claimed. So no phase
 * waits for a thread that has no processor, unless that thread lost it in the middle of a share. The last to arrive of
 * those that ran a share, which a tree of counters tells, opens the next phase by changing the team's turn: all others
 * wait for that one word, in a bounded spin and then asleep.
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

/* Owners that are awake claim their shares within this time; then others may. */
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

/* A share of the open phase TURN has been run. Is it the last one? */
static bool
arrive (struct rescast_team *team, int share)
{
  struct team_counter *level = team->counter;
  for (int members = team->shares, i = share; members > 1; i /= TEAM_FAN_IN)
    {
      int first = i / TEAM_FAN_IN * TEAM_FAN_IN, here = members - first < TEAM_FAN_IN ? members - first : TEAM_FAN_IN;
      atomic_uint *arrived = &level[i / TEAM_FAN_IN].arrived;
      if (atomic_fetch_add_explicit (arrived, 1, memory_order_acq_rel) + 1 < (unsigned) here)
        return false;
      atomic_store_explicit (arrived, 0, memory_order_relaxed); /* the next phase's have to see the turn before */
      members = (members + TEAM_FAN_IN - 1) / TEAM_FAN_IN;
      level += members;
    }
  return true;
}

/* Open the next phase, or end the job. */
static void
advance (struct rescast_team *team, int t, size_t turn)
{
  bool more = (turn - team->base) / TURN_NEXT < (size_t) team->last;
  atomic_store (&team->turn, turn - TURN_OPEN + TURN_NEXT + (more ? TURN_OPEN : 0));
  if (!more)
    team_wake (team, 0);
  else if (atomic_load (&team->sleepers))
    wake_some (team, t);
}

/* Run the share I of the phase TURN unless somebody else does. What belongs to the job is read after the claim: before
 * it the job may have ended. */
static bool
take (struct rescast_team *team, int t, size_t turn, int i)
{
  size_t before = turn - TURN_NEXT;
  if (atomic_load_explicit (&team->share[i].claimed, memory_order_relaxed) != before
      || !atomic_compare_exchange_strong_explicit (&team->share[i].claimed, &before, turn, memory_order_relaxed,
                                                   memory_order_relaxed))
    return false;
  team->task (team->arg, (int) ((turn - team->base) / TURN_NEXT), i, team->shares, t == 0);
  if (arrive (team, i))
    advance (team, t, turn);
  return true;
}

/* The first share of the stretch of thread T. */
static int
stretch (const struct rescast_team *team, int t)
{
  return (int) ((int64_t) team->shares * t / team->threads);
}

/* Shares of the other threads, from the end of theirs on. Was there any? */
static bool
take_others (struct rescast_team *team, int t, size_t turn)
{
  int first = stretch (team, t), count = team->shares - (stretch (team, t + 1) - first);
  bool any = false;
  for (int i = 1; i <= count; i++)
    any |= take (team, t, turn, (first + team->shares - i) % team->shares);
  return any;
}

static void
take_shares (struct rescast_team *team, int t, size_t turn)
{
  for (int i = stretch (team, t); i < stretch (team, t + 1); i++)
    take (team, t, turn, i);
  if (team->shares > team->threads || atomic_load_explicit (&team->sleepers, memory_order_relaxed))
    take_others (team, t, turn);
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
  if (seen & TURN_OPEN && take_others (team, t, seen))
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
run_job (struct rescast_team *team, int first, int last, rescast_task *task, void *arg)
{
  size_t turn = atomic_load_explicit (&team->turn, memory_order_acquire);
  team->task = task;
  team->arg = arg;
  team->base = (turn | TURN_OPEN) - (size_t) first * TURN_NEXT;
  team->last = last;
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
  l->task (l->arg, l->phase, t, l->n, t == 0);
}

void
rescast_pool_run (struct rescast_pool *pool, int first, int last, rescast_task *task, void *arg)
{
  if (first > last)
    return;
  if (pool->team)
    {
      run_job (pool->team, first, last, task, arg);
      return;
    }
  struct loop l = { task, arg, first, pool->threads > 1 ? pool->threads : 1 };
  for (; l.phase <= last; l.phase++)
    if (pool->parallel_for)
      pool->parallel_for (pool->user, l.n, run_share, &l);
    else
      run_share (&l, 0);
}
