/* The processors that this process may use: cores, hyper-threads, NUMA nodes, and how much of their time is its own. */
#ifndef RESCAST_CPUS_H
#define RESCAST_CPUS_H

#include "rescast.h"

#include <stdint.h>

#define CPUS_MAX 4096 /* of higher numbers nothing is known */

struct cpus
{
  int count;      /* CPUs that the calling thread may run on, 1 or more */
  int cores;      /* physical ones that these belong to */
  int node_cores; /* those of the NUMA node that has the most */
  /* The CPUs in the order in which threads are pinned to them: one of each core, node by node, the node with the most
   * cores first; then, in the same order, the second hyper-threads of the cores, and so on. */
  uint16_t cpu[CPUS_MAX];
  uint16_t node[CPUS_MAX]; /* of cpu[i] */
};

/* ROOT: a folder that has sys and proc as the machine's root has them, and a file affinity, a list of CPUs such as
 * 0-3,8, in place of the calling thread's own mask; tests plant one. NULL: the machine's. */
void cpus_read (struct cpus *c, const char *root);
/* So many CPUs' whole time the control groups of the process allow it, rounded down but 1 or more; 0: any number's. */
int cpus_quota (const char *root);
/* rescast_config_fit for a machine of these CPUs and that quota. */
void cpus_fit (struct rescast_config *config, const struct rescast_info *info, const struct cpus *c, int quota);

/* The CPUs that the calling thread may run on. */
struct cpus_mask
{
  unsigned long bits[CPUS_MAX / (8 * sizeof (unsigned long))];
};
/* False where the system has no masks, or refuses. */
int cpus_get_mask (struct cpus_mask *mask);
int cpus_set_mask (const struct cpus_mask *mask);
/* What PIN and a core's number in struct cpus's order mean; false: this machine has no such core, or no masks. */
int cpus_pin_mask (struct cpus_mask *mask, const struct cpus *c, int pin, int core);

#endif
