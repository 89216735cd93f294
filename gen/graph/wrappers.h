/* What training programs put around the names of a network's tensors.
 *
 * A name in a checkpoint is words joined with dots: keys of dictionaries (state_dict), wrappers of modules (module,
 * _orig_mod), the attribute that holds the network (model, backbone), and then the name that the network knows. */
#ifndef RESCAST_GRAPH_WRAPPERS_H
#define RESCAST_GRAPH_WRAPPERS_H

#include <stdbool.h>
#include <stddef.h>

enum
{
  WRAPPERS_MAX = 16 /* words that come off a name, at most */
};

/* What is left of a name when a number of words came off. */
struct unwrapped
{
  const char *rest;
  bool copy; /* one of the words stands for a second set of the weights: a moving average, a momentum encoder */
};

/* All that NAME may mean: itself, then one known word off after the other. Returns how many, at least 1. */
int wrappers_off (const char *name, struct unwrapped list[WRAPPERS_MAX + 1]);
/* NAME without the words that wrappers put anywhere in it; of its first *CONTAINER bytes so many stay. */
const char *wrappers_inside (const char *name, size_t *container);
/* NAME is a buffer that has no part in inference: num_batches_tracked and the like. */
bool wrappers_buffer (const char *name);
/* One of the N bytes' words at PATH is a key of something else than weights: optimizer, lr_scheduler, … */
bool wrappers_no_weights (const char *path, size_t n);
/* How many of PATH's N bytes lead to a tower for images, as CLIP has one beside that for texts; 0: it is in none. */
size_t wrappers_tower (const char *path, size_t n);
/* PATTERN, as a shell has them, is for NAME: for all of it, for what is left when known words came off, or for a
 * leading part of one of these up to a dot. */
bool wrappers_match (const char *pattern, const char *name);

#endif
