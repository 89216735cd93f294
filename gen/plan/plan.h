/* Plans: what a kernel's template is expanded with, as typed numbers.
 *
 * Each family of kernels, a template, has a .def file here with a line for each of its parameters:
 *
 *   INT (member, NAME, ORDER or CODE, "documentation")        a whole number
 *   REAL, WORD                                                a number; a word
 *   TABLE                                                     rows of numbers, those with fractions rounded to
 *                                                             float: the initialiser of a C array
 *   GROUP (member, group, PREFIX, "documentation")            the parameters of group/GROUP.def, as PREFIX_NAME, or
 * with the name in place of PREFIX's *: "*_D" for TAPS_D
 *
 * From these lines come the family's struct, the definitions that m4 gets, the equality of two kernels, the hash of the
 * layout of weights (ORDER: where a weight stands depends on the parameter; CODE: the code alone does) and the table of
 * parameters in templates/README.md. A plan is filled in once, by a backend, and only read afterwards. */
#ifndef RESCAST_PLAN_PLAN_H
#define RESCAST_PLAN_PLAN_H

#include "base/util.h"

enum plan_kind
{
  PLAN_INT,   /* int64_t */
  PLAN_REAL,  /* double */
  PLAN_WORD,  /* const char *: letters, digits and underscores, or C in which m4 finds nothing but $1, $2 */
  PLAN_TABLE, /* struct plan_table */
  PLAN_GROUP  /* a struct of further fields */
};

enum plan_use
{
  PLAN_CODE,
  PLAN_ORDER
};

/* ROWS rows of INTS whole numbers, then REALS numbers: row after row in I and in R. */
struct plan_table
{
  int64_t rows;
  int ints, reals;
  const int64_t *i;
  const double *r;
};

struct plan_field
{
  enum plan_kind kind;
  const char *name; /* of the macro; of a group: what its fields' names begin with, or "" */
  size_t offset;    /* in the struct */
  enum plan_use use;
  const char *doc;
  const struct plan_field *group; /* up to a field without a documentation */
  const char *group_name;
};

struct plan_family
{
  const char *name;     /* a C identifier: cpu_pool */
  const char *template; /* in templates/, without .m4: cpu/pool */
  size_t bytes;         /* of its struct */
  const struct plan_field *fields; /* up to one without a documentation */
};

/* All families; NULL behind the last one. */
extern const struct plan_family *const plan_families[];

/* An empty plan of F. */
void *plan_new (const struct plan_family *f);
/* Are the parameters of A and B, plans of F, the same? */
bool plan_equal (const struct plan_family *f, const void *a, const void *b);
/* H with those parameters of PLAN that the order of weights depends on. */
uint64_t plan_hash (uint64_t h, const struct plan_family *f, const void *plan);
/* GIVE each parameter of PLAN as m4 gets it. */
void plan_params (const struct plan_family *f, const void *plan,
                  void (*give) (void *to, const char *name, const char *value), void *to);
/* The part of templates/README.md about parameters: a table for each group, then one for each family. */
char *plan_documentation (void);

/* A table of ROWS rows with room for its numbers, which the caller fills in. */
struct plan_table plan_table_new (int64_t rows, int ints, int reals);

#endif
