/* What the files of compare share, and its tests use. */
#ifndef RESCAST_COMPARE_PARTS_H
#define RESCAST_COMPARE_PARTS_H

#include "graph/graph.h"
#include "reference/reference.h"

/* ---- known.c: the other engine's values ---- */

struct known
{
  const char *name;
  const char *shape;
  size_t count;
  const double *value; /* dense, channels first */
  double norm;
  bool constant; /* all values are equal: they agree with nothing */
  bool taken;    /* a layer agrees with it */
};

struct known_list
{
  struct known *list;
  int count, cap;
  int output;       /* the network's output; -1: not known */
  double tolerance; /* the relative L2 difference that counts as none */
};

/* Append VALUE, which is not copied. */
void known_add (struct known_list *k, const char *name, const char *shape, size_t count, const double *value);
/* All tensors of G, which are computed on INPUT. */
void known_of_graph (struct known_list *k, const struct graph *g, const double *input);
/* All arrays of W but its input: those that have BATCH samples or more, the first BATCH of them. Arrays of four and
 * five axes are there with the channels last, too. */
void known_of_arrays (struct known_list *k, const struct weights *w, int64_t batch);
/* The relative L2 difference between GOT and WANT; infinity where one is not finite. */
double known_error (const double *got, const double *want, size_t count);
/* The one that agrees with VALUE, and how well; FREE: of those that no layer agrees with. NULL: there is none. */
struct known *known_like (const struct known_list *k, const double *value, size_t count, bool free_ones, double *error);
/* The one of that name, words that programs put around names aside; NULL: there is none, or of another size. */
struct known *known_named (const struct known_list *k, const char *name, size_t count);

/* ---- agreement.c: which layers agree ---- */

/* Of each node of a graph. */
struct agreement
{
  bool *agrees;               /* with a known value */
  bool *good;                 /* … or a layer behind it does: it is computed otherwise there, to the same end */
  const struct known **named; /* the known value of its name */
  double *error;              /* from that one */
  int agreeing;
  bool differs; /* some known value cannot be had */
  int first;    /* of the layers that are not good; -1: none */
  int told;     /* the first such layer whose own known value differs; -1: none */
};

/* VALUES: of each tensor; those that are NULL are not looked at. Marks K's as taken. */
struct agreement agreement_of (const struct graph *g, double *const *values, struct known_list *k);

/* ---- trial.c: the network with one thing changed ---- */

struct trial
{
  const struct graph *base;
  double *const *ours; /* its values */
  const double *raw;   /* the input before it was prepared, or NULL */
  const struct known_list *known;

  struct graph g;            /* a copy, whose nodes may be changed … */
  int node;                  /* … from this one on */
  struct reference_params p; /* the node's parameters, to be changed */
  double *in;                /* in place of the values of its first input; or NULL */
  const char *what;          /* the change, in words */
};

void trial_begin (struct trial *t, int node);
/* Compute the node and what follows from it, until something agrees with a value that is known and that no layer had.
 * False: nothing does. */
bool trial_run (struct trial *t, double *error);
void trial_end (struct trial *t);
static inline struct node *
trial_node (struct trial *t)
{
  return &t->g.nodes[t->node];
}
static inline const struct shape *
trial_in (const struct trial *t)
{
  const struct node *n = &t->base->nodes[t->node];
  return &t->base->tensors[n->nin ? n->in[0] : n->out].shape;
}
/* The SCALE and SHIFT of each channel that make the known value X of what the node reads first. False: X is another
 * function of it, or equal to it. */
bool trial_affine (const struct trial *t, const struct known *x, double *scale, double *shift);
/* What the node reads first, as an array of its own to be changed. */
double *trial_own_input (struct trial *t);

/* ---- cause*.c: what may be otherwise ---- */

enum attempt
{
  ATTEMPT_TRY,
  ATTEMPT_SKIP, /* the variant says nothing new of this node */
  ATTEMPT_END   /* there are no more variants */
};

struct cause
{
  const char *name;
  enum attempt (*change) (struct trial *t, int variant);
};

/* In the order in which they are believed where several explain the same. The last one has no name. */
extern const struct cause cause_list[];

enum attempt cause_channels (struct trial *t, int variant), cause_preparation (struct trial *t, int variant),
    cause_input_axes (struct trial *t, int variant), cause_padding_side (struct trial *t, int variant),
    cause_padding (struct trial *t, int variant), cause_stride_place (struct trial *t, int variant),
    cause_stride (struct trial *t, int variant), cause_dilation (struct trial *t, int variant),
    cause_pool (struct trial *t, int variant), cause_count_padding (struct trial *t, int variant),
    cause_weight_axes (struct trial *t, int variant), cause_transposed (struct trial *t, int variant),
    cause_flatten (struct trial *t, int variant), cause_bias (struct trial *t, int variant),
    cause_eps (struct trial *t, int variant), cause_statistics (struct trial *t, int variant),
    cause_affine (struct trial *t, int variant), cause_norm_values (struct trial *t, int variant),
    cause_groups (struct trial *t, int variant), cause_activation (struct trial *t, int variant),
    cause_activation_place (struct trial *t, int variant), cause_residual (struct trial *t, int variant),
    cause_align_corners (struct trial *t, int variant), cause_left_out (struct trial *t, int variant);

/* ---- find.c: the search ---- */

struct finding
{
  int node;          /* -1: no cause was found */
  const char *cause; /* its name */
  const char *what;
  double error; /* that is left */
  bool late;    /* the time ended the search */
};

/* Why the layers from A->first on differ. G's values are OURS. */
struct finding find_cause (const struct graph *g, double *const *ours, const double *raw, const struct known_list *k,
                           const struct agreement *a, double seconds);

#endif
