/* Which tensors of a file are a network's parameters, told by their names. */
#ifndef RESCAST_GRAPH_MATCH_H
#define RESCAST_GRAPH_MATCH_H

#include "bind.h"

/* A tensor of the file as it is looked at: its name without --weights-key's words and without those inside it. */
struct named
{
  const struct weight *tensor;
  const char *name;
  size_t container;   /* bytes of NAME, as in struct weight */
  bool used;          /* a parameter's value, or a second name of one */
  bool extra;         /* beside the parameters, and none of them */
};

struct matching
{
  struct named *list; /* the tensors that are neither ignored nor outside of the key */
  size_t count;
  bool key_found; /* some name has --weights-key's words */
  struct named **of_param; /* for each parameter of the graph; NULL: not there */
  bool behind_words;  /* most of the network's names stand behind words that did not come off */
  const char *hint;   /* for a message when parameters are missing: "; ...", or "" */
};

/* Fatal when a parameter's value is not certain: two sets of weights that differ, or two tensors for one name. */
struct matching match_weights (const struct graph *g, struct weights *w, const struct weights_use *use);
/* W's tensors that USE leaves, under the names by which they are looked at; of several with one name the first. */
const struct weights *match_names (const struct weights *w, const struct weights_use *use);
/* The last layer's weight and bias, when they are not there under their names: the one pair of extra tensors of their
 * shapes, NAME.weight and NAME.bias, whatever NAME is. */
void match_head (const struct graph *g, struct matching *m);

#endif
