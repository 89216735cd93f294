/* The pool's protocol under thousands of schedules: runtime/threads.c itself, its atomic operations, its clock and its
 * sleep replaced, runs on coroutines, of which a seeded generator chooses one before every operation. A share that runs
 * twice or in another phase, a job that ends too early and a thread that nobody wakes are found in any of them, and
 * each schedule can be run again by its seed. Memory is sequentially consistent here; ThreadSanitizer looks at the
 * rest. */
#include <stdatomic.h>

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <ucontext.h>

Suite *schedules_suite (void);

#define MAX_THREADS 4
#define MAX_SHARES 7
#define STACK (64 * 1024)

/* ---- coroutines ---- */

struct coroutine
{
  ucontext_t context;
  void (*run) (int t);
  const void *bed; /* the park that it sleeps at; NULL: it can run */
  int done;
};

static struct coroutine coroutine[MAX_THREADS];
static ucontext_t scheduler;
static char stacks[MAX_THREADS][STACK];
static int current, coroutines;
static unsigned stay; /* a coroutine goes on at once in this many of 256 cases */
static uint32_t state;
static int64_t clock_ns;

static uint32_t
draw (uint32_t n)
{
  state ^= state << 13;
  state ^= state >> 17;
  state ^= state << 5;
  return (uint32_t) ((uint64_t) state * n >> 32);
}

static void
step (void)
{
  if (draw (256) >= stay)
    swapcontext (&coroutine[current].context, &scheduler);
}

static void
enter (void)
{
  int t = current;
  coroutine[t].run (t);
  coroutine[t].done = 1;
  swapcontext (&coroutine[t].context, &scheduler);
}

/* Until all are done: true; false: all that are left sleep. */
static int
schedule (void)
{
  for (;;)
    {
      int ready[MAX_THREADS], n = 0, left = 0;
      for (int t = 0; t < coroutines; t++)
        {
          left += !coroutine[t].done;
          if (!coroutine[t].done && !coroutine[t].bed)
            ready[n++] = t;
        }
      if (!n)
        return !left;
      current = ready[draw ((uint32_t) n)];
      swapcontext (&scheduler, &coroutine[current].context);
    }
}

/* Time goes on in leaps, so that spins end early or late. */
static int
leap (struct timespec *t)
{
  static const int64_t leaps[] = { 100, 3000, 60000, 1000000 };
  clock_ns += leaps[draw (4)];
  t->tv_sec = (time_t) (clock_ns / 1000000000);
  t->tv_nsec = (long) (clock_ns % 1000000000);
  return 0;
}

/* ---- threads.c on them ---- */

#undef atomic_load
#undef atomic_load_explicit
#undef atomic_store
#undef atomic_store_explicit
#undef atomic_exchange
#undef atomic_fetch_add
#undef atomic_fetch_add_explicit
#undef atomic_fetch_sub
#undef atomic_compare_exchange_weak_explicit
#define atomic_load(p) (step (), *(p))
#define atomic_load_explicit(p, order) (step (), *(p))
#define atomic_store(p, v) (step (), *(p) = (v))
#define atomic_store_explicit(p, v, order) (step (), *(p) = (v))
#define atomic_exchange(p, v) (step (), exchange (p, v))
#define atomic_fetch_add(p, v) (step (), add (p, v))
#define atomic_fetch_add_explicit(p, v, order) (step (), add (p, v))
#define atomic_fetch_sub(p, v) (step (), add (p, -(v)))
#define atomic_compare_exchange_weak_explicit(p, e, v, yes, no) (step (), compare_exchange (p, e, v))
#define clock_gettime(which, t) leap (t)
#define team_wake scheduled_team_wake
#define team_work scheduled_team_work
#define rescast_team_run scheduled_team_run
#define park_sleep scheduled_sleep
#define park_wake scheduled_wake
#define RESCAST_PARK_H

struct park
{
  atomic_uint asleep;
};

static unsigned
exchange (atomic_uint *p, unsigned v)
{
  unsigned old = *p;
  *p = v;
  return old;
}

static unsigned
add (atomic_uint *p, int v)
{
  unsigned old = *p;
  *p = old + (unsigned) v;
  return old;
}

static int
compare_exchange (atomic_size_t *p, size_t *expected, size_t v)
{
  size_t old = *p;
  int equal = old == *expected;
  *p = equal ? v : old;
  *expected = old;
  return equal;
}

static void
scheduled_sleep (struct park *p)
{
  while (atomic_load (&p->asleep))
    {
      coroutine[current].bed = p; /* nothing comes between the look at asleep and this */
      swapcontext (&coroutine[current].context, &scheduler);
    }
}

static void
scheduled_wake (struct park *p)
{
  step ();
  for (int t = 0; t < coroutines; t++)
    if (coroutine[t].bed == p)
      coroutine[t].bed = NULL;
}

#include "../runtime/threads.c"

/* ---- jobs ---- */

static struct
{
  struct rescast_team team;
  struct team_thread thread[MAX_THREADS];
  struct team_queue queue[MAX_THREADS];
  struct team_counter counter[MAX_THREADS];
} made;

static struct
{
  int jobs, first, last, phase, runs; /* parts of this phase that have been begun */
  int inside, bad;
} job;

static void
task (void *arg, int phase, struct rescast_part t, int n, int caller)
{
  (void) arg;
  job.bad |= n != made.team.shares || t.from < 0 || t.from >= t.to || t.to > RESCAST_PARTS * n || phase < job.first
             || phase > job.last || caller != (current == 0);
  job.inside++;
  if (phase != job.phase)
    {
      job.bad |= phase != job.phase + 1 || job.runs != RESCAST_PARTS * n || job.inside != 1;
      job.phase = phase;
      job.runs = 0;
    }
  static int ran[RESCAST_PARTS * MAX_SHARES];
  if (job.runs == 0)
    memset (ran, 0, sizeof ran);
  job.runs += t.to - t.from;
  for (int i = t.from; i < t.to; i++)
    job.bad |= ran[i]++;
  for (uint32_t i = draw (4); i; i--)
    step ();
  job.inside--;
}

static void
caller (int t)
{
  (void) t;
  for (int i = 0; i < job.jobs; i++)
    {
      static const unsigned short some[][5] = { { 0, 1000, 0, 9, 30 }, { 60, 8, 1000, 0, 50 } };
      job.first = (int) draw (3);
      job.last = job.first + (int) draw (3);
      job.phase = job.first - 1;
      job.runs = RESCAST_PARTS * made.team.shares;
      scheduled_team_run (&made.team, job.first, job.last, draw (4) ? some[draw (2)] : NULL, task, NULL);
      job.bad |= job.phase != job.last || job.runs != RESCAST_PARTS * made.team.shares || job.inside;
      for (uint32_t k = draw (40); k; k--)
        step ();
    }
  made.team.turn |= TURN_STOP;
  for (int k = 1; k < made.team.threads; k++)
    scheduled_team_wake (&made.team, k);
}

static void
worker (int t)
{
  scheduled_team_work (&made.team.thread[t]);
}

static void
make_team (int shares, int threads)
{
  memset (&made, 0, sizeof made);
  made.team.thread = made.thread;
  made.team.queue = made.queue;
  made.team.counter = made.counter;
  made.team.shares = shares;
  made.team.threads = threads;
  made.team.turn = TURN_NEXT;
  for (int t = 0; t < threads; t++)
    {
      made.queue[t].first = shares == threads ? RESCAST_PARTS * t : shares * t / threads;
      made.queue[t].length = shares == threads ? RESCAST_PARTS : shares * (t + 1) / threads - made.queue[t].first;
      made.thread[t].team = &made.team;
      made.thread[t].number = t;
      made.thread[t].spin_ns[0] = TEAM_IDLE_SPIN_NS;
      made.thread[t].spin_ns[1] = TEAM_SPIN_NS;
    }
}

static void
try_schedule (uint32_t seed)
{
  static const unsigned stays[] = { 0, 128, 224, 248 };
  state = seed * 2654435761u + 1;
  draw (2);
  coroutines = 2 + (int) draw (MAX_THREADS - 1);
  stay = stays[draw (4)];
  make_team (coroutines + (int) draw ((uint32_t) (MAX_SHARES - coroutines + 1)) * (int) draw (2), coroutines);
  memset (&job, 0, sizeof job);
  job.jobs = 1 + (int) draw (3);
  for (int t = 0; t < coroutines; t++)
    {
      struct coroutine *c = &coroutine[t];
      *c = (struct coroutine){ .run = t ? worker : caller };
      getcontext (&c->context);
      c->context.uc_stack.ss_sp = stacks[t];
      c->context.uc_stack.ss_size = STACK;
      makecontext (&c->context, enter, 0);
    }
  ck_assert_msg (schedule (), "schedule %u: a thread sleeps for ever", seed);
  ck_assert_msg (!job.bad, "schedule %u: a share ran twice, not at all, or out of its phase", seed);
  ck_assert_msg (made.team.sleepers == 0, "schedule %u: %u sleepers are counted at the end", seed, made.team.sleepers);
}

START_TEST (schedules)
{
  const char *one = getenv ("SCHEDULE"), *many = getenv ("SCHEDULES");
  if (one)
    try_schedule ((uint32_t) strtoul (one, NULL, 10));
  for (uint32_t seed = 1; !one && seed <= (many ? strtoul (many, NULL, 10) : 4000); seed++)
    try_schedule (seed);
}
END_TEST

Suite *
schedules_suite (void)
{
  Suite *s = suite_create ("schedules");
  TCase *t = tcase_create ("schedules");
  tcase_set_timeout (t, 3600);
  tcase_add_test (t, schedules);
  suite_add_tcase (s, t);
  return s;
}
