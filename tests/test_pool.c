/* The pool on real threads, and what the machine's files say of its processors, planted here. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "../runtime/cpus.h"
#include "../runtime/team.h"

#include <check.h>
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

Suite *pool_suite (void);

#define COUNT(a) (sizeof (a) / sizeof *(a))

static double
seconds (clockid_t clock)
{
  struct timespec t;
  clock_gettime (clock, &t);
  return (double) t.tv_sec + 1e-9 * (double) t.tv_nsec;
}

static void
sleep_ms (long ms)
{
  struct timespec t = { ms / 1000, ms % 1000 * 1000000 };
  while (nanosleep (&t, &t) != 0 && errno == EINTR)
    ;
}

/* ---- jobs ---- */

struct job
{
  struct rescast_pool pool;
  int done[2][RESCAST_PARTS * RESCAST_MAX_THREADS]; /* phases that each part ran in, of even and odd number; phases
                                                     * alone order them */
  int first, bad;
  pthread_t caller;
};

/* All parts of the phase before have run, and what they wrote is seen. */
static void
run_share (void *arg, int phase, struct rescast_part t, int n, int caller)
{
  struct job *j = arg;
  int *done = j->done[phase % 2], *before = j->done[(phase + 1) % 2], k = phase - j->first;
  for (int i = 0; i < RESCAST_PARTS * n && k > 0; i += 7)
    if (before[(t.from + i) % (RESCAST_PARTS * n)] != (k + 1) / 2)
      j->bad = 1;
  for (int i = t.from; i < t.to; i++)
    if (done[i]++ != k / 2)
      j->bad = 1;
  if (!caller != !pthread_equal (pthread_self (), j->caller))
    j->bad = 1;
}

/* Phases are cut finely, coarsely and not at all. */
static void
run_phases (struct job *j, int runs, int phases)
{
  static unsigned short pieces[1000];
  for (int i = 0; i < (int) COUNT (pieces); i++)
    pieces[i] = (unsigned short) (i % 5 == 0 ? 0 : i % 2 ? 60000 : i);
  j->caller = pthread_self ();
  for (int i = 0; i < runs; i++)
    {
      memset (j->done, 0, sizeof j->done);
      j->first = i;
      rescast_pool_run (&j->pool, i, i + phases - 1, i % 3 ? pieces : NULL, run_share, j);
      for (int t = 0; t < RESCAST_PARTS * j->pool.threads; t++)
        ck_assert_int_eq (j->done[0][t] + j->done[1][t], phases);
      ck_assert_int_eq (j->bad, 0);
    }
}

/* SHARES on exactly so many THREADS, whatever the machine has. */
static void
pool_of (int shares, int threads, int runs, int phases)
{
  static struct job j;
  struct team_options options = { .shares = shares, .threads = threads };
  memset (&j, 0, sizeof j);
  ck_assert_int_eq (team_start (&j.pool, &options), RESCAST_OK);
  ck_assert_int_eq (j.pool.threads, shares);
  run_phases (&j, runs, phases);
  rescast_pool_free (&j.pool);
  ck_assert_ptr_null (j.pool.team);
}

START_TEST (pool_sizes)
{
  static const int sizes[][4]
      = { { 1, 1, 100, 10 }, { 2, 2, 500, 10 },  { 3, 3, 200, 10 },  { 5, 5, 100, 9 },  { 7, 2, 200, 7 },
          { 16, 5, 50, 10 }, { 17, 17, 50, 10 }, { 64, 64, 10, 10 }, { 255, 3, 20, 5 }, { 3, 1, 50, 10 } };
  for (size_t i = 0; i < COUNT (sizes); i++)
    pool_of (sizes[i][0], sizes[i][1], sizes[i][2], sizes[i][3]);
  for (int i = 0; i < 50; i++)
    pool_of (5, 5, 0, 0); /* freed before the workers have run */
}
END_TEST

START_TEST (pool_many_threads)
{
  double start = seconds (CLOCK_MONOTONIC);
  pool_of (RESCAST_MAX_THREADS, RESCAST_MAX_THREADS, 10, 40);
  pool_of (16, 16, 100, 40);
  /* A bound on threads that hang, not on their speed: a busy machine may take long. */
  ck_assert_double_lt (seconds (CLOCK_MONOTONIC) - start, 600);
}
END_TEST

START_TEST (pool_refuses)
{
  struct rescast_pool p;
  static const int bad[] = { 0, -1, RESCAST_MAX_THREADS + 1 };
  for (size_t i = 0; i < COUNT (bad); i++)
    ck_assert_int_eq (rescast_pool_init (&p, bad[i], 0), RESCAST_EINVAL);
  const struct rescast_config configs[] = { { .threads = 2, .pin = 3 },
                                            { .threads = 2, .pin = -1 },
                                            { .threads = 2, .first_core = -1 },
                                            { .threads = 2, .pin = RESCAST_PIN_CORE, .first_core = 5000 } };
  for (size_t i = 0; i < COUNT (configs); i++)
    ck_assert_int_eq (rescast_pool_start (&p, &configs[i], 0), RESCAST_EINVAL);
}
END_TEST

/* As many threads as CPUs at most, and all shares. */
START_TEST (pool_of_the_api)
{
  static struct job j;
  ck_assert_int_eq (rescast_pool_init (&j.pool, 32, 0), RESCAST_OK);
  ck_assert_int_eq (j.pool.threads, 32);
  ck_assert_int_le (j.pool.team->threads, rescast_cpu_count ());
  run_phases (&j, 50, 10);
  rescast_pool_free (&j.pool);
}
END_TEST

/* ---- a thread that does not go on ---- */

struct stall
{
  bool caller;             /* does the caller stall? Else another thread does */
  atomic_int begun, done;  /* the thread that stalls; parts that have been run */
  int parts;               /* that it runs */
  bool late;
};

/* The first piece of the thread that stalls ends after everything else; nobody ends anything before it has begun. */
static void
stall_share (void *arg, int phase, struct rescast_part t, int n, int caller)
{
  struct stall *s = arg;
  double start = seconds (CLOCK_MONOTONIC);
  bool stalls = !caller == !s->caller && (s->caller || !atomic_exchange (&s->begun, 1));
  int wanted = stalls ? RESCAST_PARTS * n - (t.to - t.from) : 0;
  (void) phase;
  if (stalls)
    s->parts = t.to - t.from;
  if (s->caller && caller)
    atomic_store (&s->begun, 1);
  while (!s->late && (!atomic_load (&s->begun) || atomic_load (&s->done) < wanted))
    {
      sleep_ms (1);
      s->late = seconds (CLOCK_MONOTONIC) - start > 60;
    }
  atomic_fetch_add (&s->done, t.to - t.from);
}

static void
stall (int shares, int threads, bool caller, unsigned short pieces, int parts)
{
  struct rescast_pool pool = { 0 };
  struct team_options options = { .shares = shares, .threads = threads };
  ck_assert_int_eq (team_start (&pool, &options), RESCAST_OK);
  for (int i = 0; i < 3; i++)
    {
      struct stall s = { .caller = caller };
      rescast_pool_run (&pool, 0, 0, &pieces, stall_share, &s);
      ck_assert_msg (!s.late, "%d shares, %d threads: what a thread has not claimed is left to it", shares, threads);
      ck_assert_int_eq (s.done, RESCAST_PARTS * shares);
      ck_assert_int_eq (s.parts, parts);
    }
  rescast_pool_free (&pool);
}

START_TEST (pool_stalled)
{
  for (int caller = 0; caller < 2; caller++)
    {
      stall (2, 2, caller, 60000, RESCAST_PARTS / 2);
      stall (2, 2, caller, 10, RESCAST_PARTS / 2);
      stall (4, 4, caller, 16, RESCAST_PARTS / 2);
      stall (2, 2, caller, 0, RESCAST_PARTS);
      stall (3, 3, caller, 3, RESCAST_PARTS);
      stall (7, 2, caller, 60000, RESCAST_PARTS);
    }
}
END_TEST

/* ---- several at once ---- */

static void
run_inner (void *arg, int phase, struct rescast_part t, int n, int caller)
{
  struct job *inner = arg;
  (void) phase, (void) n, (void) caller;
  run_phases (&inner[t.from / RESCAST_PARTS], 3, 5);
}

/* Contexts that run on the threads of another one. */
START_TEST (pool_nested)
{
  static struct job inner[3];
  struct rescast_pool outer = { 0 };
  struct team_options options = { .shares = 3, .threads = 3 };
  memset (inner, 0, sizeof inner);
  for (int i = 0; i < 3; i++)
    ck_assert_int_eq (team_start (&inner[i].pool, &options), RESCAST_OK);
  ck_assert_int_eq (team_start (&outer, &options), RESCAST_OK);
  for (int i = 0; i < 20; i++)
    rescast_pool_run (&outer, 0, 2, NULL, run_inner, inner);
  rescast_pool_free (&outer);
  for (int i = 0; i < 3; i++)
    rescast_pool_free (&inner[i].pool);
}
END_TEST

/* ---- signals and sleep ---- */

static volatile sig_atomic_t alarms, elsewhere;
static pthread_t main_thread;

static void
on_alarm (int number)
{
  (void) number;
  alarms++;
  elsewhere += !pthread_equal (pthread_self (), main_thread);
}

/* The caller sleeps and works through a storm of signals; the pool's threads get none. */
START_TEST (pool_signals)
{
  struct sigaction action = { .sa_handler = on_alarm };
  struct itimerval often = { { 0, 500 }, { 0, 500 } }, never = { { 0, 0 }, { 0, 0 } };
  main_thread = pthread_self ();
  sigemptyset (&action.sa_mask);
  ck_assert_int_eq (sigaction (SIGALRM, &action, NULL), 0);
  ck_assert_int_eq (setitimer (ITIMER_REAL, &often, NULL), 0);
  for (double end = seconds (CLOCK_MONOTONIC) + 0.3; seconds (CLOCK_MONOTONIC) < end;)
    pool_of (4, 4, 20, 10);
  setitimer (ITIMER_REAL, &never, NULL);
  ck_assert_int_gt (alarms, 10);
  ck_assert_int_eq (elsewhere, 0);
}
END_TEST

/* Threads that have nothing to do take no time; the next job finds them. */
START_TEST (pool_sleeps)
{
  static struct job j;
  struct team_options options = { .shares = 8, .threads = 8 };
  ck_assert_int_eq (team_start (&j.pool, &options), RESCAST_OK);
  run_phases (&j, 10, 10);
  sleep_ms (100);
  double used = seconds (CLOCK_PROCESS_CPUTIME_ID);
  sleep_ms (300);
  used = seconds (CLOCK_PROCESS_CPUTIME_ID) - used;
  ck_assert_double_lt (used, 0.02);
  ck_assert_uint_eq (atomic_load (&j.pool.team->sleepers), 7);
  run_phases (&j, 10, 10);
  rescast_pool_free (&j.pool);
}
END_TEST

/* ---- pinning ---- */

#ifdef __linux__
static void
look_where (void *arg, int phase, struct rescast_part t, int n, int caller)
{
  struct cpus_mask *masks = arg;
  (void) phase, (void) n;
  if (!caller)
    cpus_get_mask (&masks[t.from / RESCAST_PARTS]);
  sleep_ms (20);
}

START_TEST (pool_pinned)
{
  static struct cpus c;
  struct cpus_mask before, after, wanted, masks[2];
  struct rescast_pool p;
  cpus_read (&c, NULL);
  ck_assert_int_eq (c.count, rescast_cpu_count ());
  if (c.count < 2)
    return;
  cpus_get_mask (&before);
  ck_assert_int_eq (rescast_pool_start (&p, &(struct rescast_config){ .threads = 2, .pin = RESCAST_PIN_CORE }, 0),
                    RESCAST_OK);
  cpus_get_mask (&after);
  ck_assert_mem_eq (&before, &after, sizeof before);
  memset (masks, 0, sizeof masks);
  rescast_pool_run (&p, 0, 0, NULL, look_where, masks);
  ck_assert (cpus_pin_mask (&wanted, &c, RESCAST_PIN_CORE, 1));
  ck_assert (memcmp (&masks[1], &wanted, sizeof wanted) == 0 || memcmp (&masks[0], &wanted, sizeof wanted) == 0);
  rescast_pool_free (&p);
  ck_assert_int_eq (rescast_pin_thread (RESCAST_PIN_CORE, c.count), RESCAST_EINVAL);
  ck_assert_int_eq (rescast_pin_thread (RESCAST_PIN_CORE, 0), RESCAST_OK);
  cpus_get_mask (&after);
  ck_assert (cpus_pin_mask (&wanted, &c, RESCAST_PIN_CORE, 0) && memcmp (&after, &wanted, sizeof after) == 0);
  cpus_set_mask (&before);
}
END_TEST
#endif

/* ---- planted machines ---- */

static char root[] = "/tmp/rescast-pool-XXXXXX";

static void
plant (const char *path, const char *text)
{
  char name[512];
  snprintf (name, sizeof name, "%s/%s", root, path);
  for (char *p = name + strlen (root) + 1; (p = strchr (p, '/')); *p++ = '/')
    {
      *p = 0;
      mkdir (name, 0777);
    }
  FILE *f = fopen (name, "w");
  ck_assert_ptr_nonnull (f);
  fputs (text, f);
  fclose (f);
}

static void
setup (void)
{
  strcpy (root + sizeof root - 7, "XXXXXX");
  ck_assert_ptr_nonnull (mkdtemp (root));
}

static void
teardown (void)
{
  char command[128];
  snprintf (command, sizeof command, "rm -rf '%s'", root);
  ck_assert_int_eq (system (command), 0);
}

/* NODES nodes of CORES cores; the second hyper-threads have the CPUs' upper half, as Linux numbers them. */
static void
plant_machine (int nodes, int cores, const char *affinity)
{
  char path[128], text[128];
  int all = nodes * cores;
  plant ("affinity", affinity);
  snprintf (text, sizeof text, "0-%d\n", nodes - 1);
  plant ("sys/devices/system/node/online", text);
  for (int i = 0; i < nodes; i++)
    {
      snprintf (path, sizeof path, "sys/devices/system/node/node%d/cpulist", i);
      snprintf (text, sizeof text, "%d-%d,%d-%d\n", i * cores, (i + 1) * cores - 1, all + i * cores,
                all + (i + 1) * cores - 1);
      plant (path, text);
    }
  for (int i = 0; i < 2 * all; i++)
    {
      snprintf (path, sizeof path, "sys/devices/system/cpu/cpu%d/topology/thread_siblings_list", i);
      snprintf (text, sizeof text, "%d,%d\n", i % all, i % all + all);
      plant (path, text);
    }
}

static struct cpus planted;

static void
check_order (const int *cpus, size_t count)
{
  ck_assert_int_eq (planted.count, (int) count);
  for (size_t i = 0; i < count; i++)
    ck_assert_int_eq (planted.cpu[i], cpus[i]);
}

START_TEST (machine_of_two_nodes)
{
  plant_machine (2, 4, "0-15\n");
  cpus_read (&planted, root);
  ck_assert_int_eq (planted.cores, 8);
  ck_assert_int_eq (planted.node_cores, 4);
  static const int all[] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 };
  check_order (all, COUNT (all));
#ifdef __linux__
  struct cpus_mask mask;
  ck_assert (cpus_pin_mask (&mask, &planted, RESCAST_PIN_NODE, 4));
  ck_assert_uint_eq (mask.bits[0], 0xf0f0);
  ck_assert (cpus_pin_mask (&mask, &planted, RESCAST_PIN_CORE, 4));
  ck_assert_uint_eq (mask.bits[0], 0x10);
  ck_assert (!cpus_pin_mask (&mask, &planted, RESCAST_PIN_CORE, 16));
#endif
}
END_TEST

/* taskset left one core of node 0, its second hyper-thread, and three of node 1, one of which with both. */
START_TEST (machine_with_a_mask)
{
  plant_machine (2, 4, "8,4-5,7,13");
  cpus_read (&planted, root);
  ck_assert_int_eq (planted.cores, 4);
  ck_assert_int_eq (planted.node_cores, 3);
  static const int order[] = { 4, 5, 7, 8, 13 };
  check_order (order, COUNT (order));
}
END_TEST

/* Neither topology nor nodes, as in some sandboxes. */
START_TEST (machine_without_files)
{
  plant ("affinity", "2-4");
  cpus_read (&planted, root);
  ck_assert_int_eq (planted.cores, 3);
  ck_assert_int_eq (planted.node_cores, 3);
  static const int order[] = { 2, 3, 4 };
  check_order (order, COUNT (order));
}
END_TEST

START_TEST (quotas)
{
  ck_assert_int_eq (cpus_quota (root), 0);
  plant ("proc/self/cgroup", "0::/a/b\n");
  ck_assert_int_eq (cpus_quota (root), 0);
  plant ("sys/fs/cgroup/a/b/cpu.max", "max 100000\n");
  ck_assert_int_eq (cpus_quota (root), 0);
  plant ("sys/fs/cgroup/a/cpu.max", "650000 100000\n");
  ck_assert_int_eq (cpus_quota (root), 6);
  plant ("sys/fs/cgroup/a/b/cpu.max", "350000 50000\n");
  ck_assert_int_eq (cpus_quota (root), 6);
  plant ("sys/fs/cgroup/cpu.max", "20000 100000\n"); /* a container's own group, seen as the root */
  ck_assert_int_eq (cpus_quota (root), 1);
  plant ("proc/self/cgroup", "12:cpuset:/x\n4:cpu,cpuacct:/docker/1\n1:name=systemd:/\n");
  ck_assert_int_eq (cpus_quota (root), 0);
  plant ("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n");
  plant ("sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
  ck_assert_int_eq (cpus_quota (root), 0);
  plant ("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "300000\n");
  ck_assert_int_eq (cpus_quota (root), 3);
  plant ("proc/self/cgroup", "nonsense\n\n3:\n");
  ck_assert_int_eq (cpus_quota (root), 0);
}
END_TEST

/* What suits a network of LAYERS layers of MACS: so many threads, and that pin. */
static void
fits (int layers, double macs, int threads, int pin)
{
  struct rescast_layer layer[4] = { { .macs = macs }, { .macs = macs }, { .macs = macs }, { .macs = macs } };
  struct rescast_info info = { .layers = layer, .layer_count = layers };
  struct rescast_config config = { .check = 1 };
  cpus_read (&planted, root);
  cpus_fit (&config, layers ? &info : NULL, &planted, cpus_quota (root));
  ck_assert_int_eq (config.threads, threads);
  ck_assert_int_eq (config.pin, pin);
  ck_assert_int_eq (config.check, 1);
}

START_TEST (threads_that_fit)
{
  const double pays = 8 * (1 << 20);
  plant_machine (2, 4, "0-15");
  fits (4, pays, 8, RESCAST_PIN_NONE);
  fits (4, pays - 1, 4, RESCAST_PIN_NODE);
  fits (0, 0, 8, RESCAST_PIN_NONE);
  plant ("affinity", "0-3,8-11"); /* one node's */
  fits (4, 1e6, 4, RESCAST_PIN_NONE);
  fits (4, 3.5 * (1 << 16), 3, RESCAST_PIN_NONE);
  fits (4, 1, 1, RESCAST_PIN_NONE);
  plant ("affinity", "0-15");
  plant ("proc/self/cgroup", "0::/\n");
  plant ("sys/fs/cgroup/cpu.max", "250000 100000\n");
  fits (4, pays, 2, RESCAST_PIN_NONE);
  fits (4, 1e6, 2, RESCAST_PIN_NODE);
  plant ("affinity", "0-2000");
  plant ("sys/fs/cgroup/cpu.max", "max 100000\n");
  fits (4, 1e12, RESCAST_MAX_THREADS, RESCAST_PIN_NONE);
}
END_TEST

Suite *
pool_suite (void)
{
  Suite *s = suite_create ("pool");
  TCase *t = tcase_create ("pool");
  tcase_set_timeout (t, 120);
  tcase_add_test (t, pool_sizes);
  tcase_add_test (t, pool_many_threads);
  tcase_add_test (t, pool_refuses);
  tcase_add_test (t, pool_of_the_api);
  tcase_add_test (t, pool_stalled);
  tcase_add_test (t, pool_nested);
  tcase_add_test (t, pool_signals);
  tcase_add_test (t, pool_sleeps);
#ifdef __linux__
  tcase_add_test (t, pool_pinned);
#endif
  suite_add_tcase (s, t);
  t = tcase_create ("machines");
  tcase_add_checked_fixture (t, setup, teardown);
  tcase_add_test (t, machine_of_two_nodes);
  tcase_add_test (t, machine_with_a_mask);
  tcase_add_test (t, machine_without_files);
  tcase_add_test (t, quotas);
  tcase_add_test (t, threads_that_fit);
  suite_add_tcase (s, t);
  return s;
}
