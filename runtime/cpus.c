/* The processors that this process may use, as Linux tells in /sys and /proc; elsewhere their number alone. */
#if defined __linux__ && !defined _GNU_SOURCE
#define _GNU_SOURCE /* sched_getaffinity */
#elif defined __APPLE__ && !defined _DARWIN_C_SOURCE
#define _DARWIN_C_SOURCE /* _SC_NPROCESSORS_ONLN */
#endif
#include "cpus.h"

#ifdef _WIN32
#include <windows.h>
#else
#include <sched.h>
#include <unistd.h>
#endif
#ifdef __APPLE__
#include <sys/sysctl.h>
#endif
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Multiply-adds that a layer, on the average, has to give each core before the cores of a second NUMA node are used:
 * some 10 us of a core's work, ten times what passing a tensor on and waiting for each other cost between nodes. */
#define NODE_MACS ((double) (1 << 20))
/* … and before a thread more is used at all: about 1 us of a core's work, what the end of a layer costs. */
#define THREAD_MACS ((double) (1 << 16))

/* Nodes of higher numbers count as node 0. */
#define NODES_MAX 256

#define BITS (8 * sizeof (unsigned long))

/* ---- masks ---- */

static bool
has (const struct cpus_mask *m, unsigned cpu)
{
  return cpu < CPUS_MAX && m->bits[cpu / BITS] >> cpu % BITS & 1;
}

static void
add (struct cpus_mask *m, unsigned cpu)
{
  if (cpu < CPUS_MAX)
    m->bits[cpu / BITS] |= 1ul << cpu % BITS;
}

int
cpus_get_mask (struct cpus_mask *mask)
{
  memset (mask, 0, sizeof *mask);
#ifdef __linux__
  return sched_getaffinity (0, sizeof *mask, (cpu_set_t *) (void *) mask) == 0;
#else
  return 0;
#endif
}

int
cpus_set_mask (const struct cpus_mask *mask)
{
#ifdef __linux__
  return sched_setaffinity (0, sizeof *mask, (const cpu_set_t *) (const void *) mask) == 0;
#else
  (void) mask;
  return 0;
#endif
}

int
cpus_pin_mask (struct cpus_mask *mask, const struct cpus *c, int pin, int core)
{
  memset (mask, 0, sizeof *mask);
#ifdef __linux__
  if (core < 0 || core >= c->count)
    return 0;
  for (int i = 0; i < c->count; i++)
    if (i == core || (pin == RESCAST_PIN_NODE && c->node[i] == c->node[core]))
      add (mask, c->cpu[i]);
  return 1;
#else
  (void) c, (void) pin, (void) core;
  return 0;
#endif
}

/* How many CPUs the system has, where it has no masks. */
static int
system_count (void)
{
#ifdef _WIN32
  SYSTEM_INFO system;
  GetSystemInfo (&system);
  long n = (long) system.dwNumberOfProcessors;
#else
  long n = sysconf (_SC_NPROCESSORS_ONLN);
#endif
  return n < 1 ? 1 : n > CPUS_MAX ? CPUS_MAX : (int) n;
}

int
rescast_cpu_count (void)
{
  struct cpus_mask mask;
  int n = 0;
  for (unsigned i = 0; cpus_get_mask (&mask) && i < CPUS_MAX; i++)
    n += has (&mask, i);
  return n ? n : system_count ();
}

/* ---- the system's files ---- */

/* The first bytes of a file, ended by a 0; false, and "", where there is none. */
static bool
read_text (char *text, size_t bytes, const char *root, const char *path)
{
  char name[4096];
  *text = 0;
  if (snprintf (name, sizeof name, "%s%s", root ? root : "", path) >= (int) sizeof name)
    return false;
  FILE *f = fopen (name, "r");
  if (!f)
    return false;
  text[fread (text, 1, bytes - 1, f)] = 0;
  fclose (f);
  return true;
}

/* A list such as 0-3,8 in the file; false where there is none. */
static bool
read_list (struct cpus_mask *m, const char *root, const char *path)
{
  char text[8192];
  memset (m, 0, sizeof *m);
  if (!read_text (text, sizeof text, root, path))
    return false;
  for (char *p = text; *p >= '0' && *p <= '9'; p += *p == ',')
    {
      unsigned long first = strtoul (p, &p, 10), last = *p == '-' ? strtoul (p + 1, &p, 10) : first;
      for (; first <= last && first < CPUS_MAX; first++)
        add (m, (unsigned) first);
    }
  return true;
}

/* ---- cores and nodes ---- */

/* What is told of a CPU. */
struct place
{
  uint16_t rank; /* among the hyper-threads of its core that may be used: 0, 1, … */
  uint16_t node;
};

static void
find_nodes (struct place *place, const char *root)
{
  struct cpus_mask nodes, list;
  char path[96];
  if (!read_list (&nodes, root, "/sys/devices/system/node/online"))
    return;
  for (unsigned node = 0; node < NODES_MAX; node++)
    {
      snprintf (path, sizeof path, "/sys/devices/system/node/node%u/cpulist", node);
      if (has (&nodes, node) && read_list (&list, root, path))
        for (unsigned i = 0; i < CPUS_MAX; i++)
          if (has (&list, i))
            place[i].node = (uint16_t) node;
    }
}

static void
find_hyper_threads (struct place *place, const struct cpus_mask *mask, const char *root)
{
  struct cpus_mask done, list;
  char path[96];
  memset (&done, 0, sizeof done);
  for (unsigned cpu = 0; cpu < CPUS_MAX; cpu++)
    {
      snprintf (path, sizeof path, "/sys/devices/system/cpu/cpu%u/topology/thread_siblings_list", cpu);
      if (!has (mask, cpu) || has (&done, cpu) || !read_list (&list, root, path))
        continue;
      uint16_t rank = 0;
      for (unsigned i = cpu; i < CPUS_MAX; i++)
        if (has (&list, i) && has (mask, i) && !has (&done, i))
          {
            place[i].rank = rank++;
            add (&done, i);
          }
    }
}

/* Cores of NODE. */
static int
count_cores (const struct place *place, const struct cpus_mask *mask, int node)
{
  int n = 0;
  for (unsigned i = 0; i < CPUS_MAX; i++)
    n += has (mask, i) && place[i].rank == 0 && place[i].node == node;
  return n;
}

/* Nodes by falling number of cores; their number. */
static int
order_nodes (uint16_t *nodes, const struct place *place, const struct cpus_mask *mask)
{
  int cores[NODES_MAX], count = 0;
  for (unsigned i = 0; i < CPUS_MAX; i++)
    {
      int k = 0;
      while (has (mask, i) && k < count && nodes[k] != place[i].node)
        k++;
      if (!has (mask, i) || k < count)
        continue;
      int n = count_cores (place, mask, place[i].node);
      for (k = count++; k > 0 && cores[k - 1] < n; k--)
        {
          cores[k] = cores[k - 1];
          nodes[k] = nodes[k - 1];
        }
      cores[k] = n;
      nodes[k] = place[i].node;
    }
  return count;
}

static void
order_cpus (struct cpus *c, const struct place *place, const struct cpus_mask *mask)
{
  uint16_t nodes[NODES_MAX];
  int node_count = order_nodes (nodes, place, mask), all = 0;
  for (unsigned i = 0; i < CPUS_MAX; i++)
    all += has (mask, i);
  for (int rank = 0; c->count < all; rank++)
    {
      for (int k = 0; k < node_count; k++)
        for (unsigned i = 0; i < CPUS_MAX; i++)
          if (has (mask, i) && place[i].rank == rank && place[i].node == nodes[k])
            {
              c->cpu[c->count] = (uint16_t) i;
              c->node[c->count++] = nodes[k];
            }
      c->cores = rank ? c->cores : c->count;
    }
  c->node_cores = count_cores (place, mask, nodes[0]);
}

void
cpus_read (struct cpus *c, const char *root)
{
  struct place place[CPUS_MAX];
  struct cpus_mask mask;
  memset (c, 0, sizeof *c);
  memset (place, 0, sizeof place);
  bool known = root ? read_list (&mask, root, "/affinity") : cpus_get_mask (&mask);
  for (unsigned i = 0; !known && i < (unsigned) system_count (); i++)
    add (&mask, i);
  find_nodes (place, root);
  find_hyper_threads (place, &mask, root);
  order_cpus (c, place, &mask);
#ifdef __APPLE__
  int cores;
  size_t bytes = sizeof cores;
  if (sysctlbyname ("hw.physicalcpu", &cores, &bytes, NULL, 0) == 0 && cores > 0 && cores < c->count)
    c->cores = c->node_cores = cores;
#endif
}

/* ---- control groups ---- */

/* The quota in the group PATH under BASE, as cpus_quota gives it. */
static int
group_quota (const char *root, const char *base, const char *path, bool v1)
{
  char name[4096], text[64], *end;
  double quota, period = 0;
  if (snprintf (name, sizeof name, "%s%s/%s", base, path, v1 ? "cpu.cfs_quota_us" : "cpu.max") >= (int) sizeof name
      || !read_text (text, sizeof text, root, name))
    return 0;
  quota = strtod (text, &end);
  if (end == text || quota <= 0) /* max, or -1 */
    return 0;
  if (!v1)
    period = strtod (end, NULL);
  else if (snprintf (name, sizeof name, "%s%s/cpu.cfs_period_us", base, path) < (int) sizeof name
           && read_text (text, sizeof text, root, name))
    period = strtod (text, NULL);
  if (period <= 0 || quota / period >= CPUS_MAX)
    return 0;
  return quota < period ? 1 : (int) (quota / period);
}

/* The least quota of the group PATH and those around it. PATH is spoilt. A container sees its own group as the root,
 * and the path may be that of the machine around it. */
static int
least_quota (const char *root, const char *base, char *path, bool v1)
{
  int least = 0;
  for (;;)
    {
      char *slash = strrchr (path, '/');
      if (slash && !slash[1]) /* the root */
        *slash = 0;
      int quota = group_quota (root, base, path, v1);
      least = quota && (!least || quota < least) ? quota : least;
      if (!(slash = strrchr (path, '/')))
        return least;
      *slash = 0;
    }
}

/* Has the comma-separated list the controller cpu? */
static bool
has_cpu (const char *list)
{
  for (; list; list = strchr (list, ',') ? strchr (list, ',') + 1 : NULL)
    if (strncmp (list, "cpu", 3) == 0 && (list[3] == ',' || list[3] == 0))
      return true;
  return false;
}

int
cpus_quota (const char *root)
{
  char text[8192], *next = text;
  int least = 0;
  if (!read_text (text, sizeof text, root, "/proc/self/cgroup"))
    return 0;
  while (next && *next) /* number:controllers:path */
    {
      char *line = next, *controllers = strchr (line, ':'), *path = controllers ? strchr (controllers + 1, ':') : NULL;
      next = strchr (line, '\n');
      if (next)
        *next++ = 0;
      if (!path || (next && path > next))
        continue;
      *path++ = 0;
      bool v1 = *++controllers != 0;
      if (v1 && !has_cpu (controllers))
        continue;
      int quota = least_quota (root, v1 ? "/sys/fs/cgroup/cpu" : "/sys/fs/cgroup", path, v1);
      least = quota && (!least || quota < least) ? quota : least;
    }
  return least;
}

/* ---- what suits a network ---- */

void
cpus_fit (struct rescast_config *config, const struct rescast_info *info, const struct cpus *c, int quota)
{
  int cores = c->cores;
  double macs = 0;
  for (int i = 0; info && i < info->layer_count; i++)
    macs += info->layers[i].macs / info->layer_count; /* the mean */
  if (info && c->node_cores < cores && macs / cores < NODE_MACS)
    {
      cores = c->node_cores;
      config->pin = config->pin ? config->pin : RESCAST_PIN_NODE;
    }
  if (info && macs / cores < THREAD_MACS)
    cores = macs < 2 * THREAD_MACS ? 1 : (int) (macs / THREAD_MACS);
  cores = quota && quota < cores ? quota : cores;
  config->threads = cores < RESCAST_MAX_THREADS ? cores : RESCAST_MAX_THREADS;
}

void
rescast_config_fit (struct rescast_config *config, const struct rescast_info *info)
{
  struct cpus c;
  if (!config)
    return;
  cpus_read (&c, NULL);
  cpus_fit (config, info, &c, cpus_quota (NULL));
}

int
rescast_pin_thread (int pin, int core)
{
  struct cpus c;
  struct cpus_mask mask;
  cpus_read (&c, NULL);
  return cpus_pin_mask (&mask, &c, pin, core) && cpus_set_mask (&mask) ? RESCAST_OK : RESCAST_EINVAL;
}
