/* Questions to plans, answered from the tables of their fields. */
#include "plan.h"

#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include "families.h"

#define PLAN_PASS "pass_fields.h"
#include "groups.def"
#include "families.def"
#undef PLAN_PASS

const struct plan_family *const plan_families[] = {
#define PLAN_PASS "pass_list.h"
#include "families.def"
#undef PLAN_PASS
  NULL
};

void *
plan_new (const struct plan_family *f)
{
  return NEW_ARRAY (f->bytes, char);
}

struct plan_table
plan_table_new (int64_t rows, int ints, int reals)
{
  return (struct plan_table){ rows, ints, reals, NEW_ARRAY ((size_t) (rows * ints) + 1, int64_t),
                              NEW_ARRAY ((size_t) (rows * reals) + 1, double) };
}

static bool
tables_equal (const struct plan_table *a, const struct plan_table *b)
{
  return a->rows == b->rows && a->ints == b->ints && a->reals == b->reals
         && (!a->ints || !memcmp (a->i, b->i, (size_t) (a->rows * a->ints) * sizeof *a->i))
         && (!a->reals || !memcmp (a->r, b->r, (size_t) (a->rows * a->reals) * sizeof *a->r));
}

static bool
fields_equal (const struct plan_field *fields, const char *a, const char *b)
{
  for (const struct plan_field *f = fields; f->doc; f++)
    {
      const void *x = a + f->offset, *y = b + f->offset;
      bool same = false;
      switch (f->kind)
        {
        case PLAN_INT:
          same = *(const int64_t *) x == *(const int64_t *) y;
          break;
        case PLAN_REAL:
          same = !memcmp (x, y, sizeof (double));
          break;
        case PLAN_WORD:
          same = !strcmp (*(const char *const *) x, *(const char *const *) y);
          break;
        case PLAN_TABLE:
          same = tables_equal (x, y);
          break;
        case PLAN_GROUP:
          same = fields_equal (f->group, x, y);
          break;
        }
      if (!same)
        return false;
    }
  return true;
}

bool
plan_equal (const struct plan_family *f, const void *a, const void *b)
{
  return fields_equal (f->fields, a, b);
}

static uint64_t
hash_fields (uint64_t h, const struct plan_field *fields, const char *plan)
{
  for (const struct plan_field *f = fields; f->doc; f++)
    {
      const void *x = plan + f->offset;
      if (f->kind == PLAN_GROUP)
        h = hash_fields (h, f->group, x);
      if (f->kind == PLAN_GROUP || f->use != PLAN_ORDER)
        continue;
      const struct plan_table *t = x;
      h = hash_bytes (h, f->name, strlen (f->name) + 1);
      if (f->kind == PLAN_WORD)
        h = hash_bytes (h, *(const char *const *) x, strlen (*(const char *const *) x) + 1);
      else if (f->kind == PLAN_TABLE)
        h = hash_bytes (hash_bytes (h, t->i, (size_t) (t->rows * t->ints) * sizeof *t->i), t->r,
                        (size_t) (t->rows * t->reals) * sizeof *t->r);
      else
        h = hash_bytes (h, x, 8); /* int64_t or double */
    }
  return h;
}

uint64_t
plan_hash (uint64_t h, const struct plan_family *f, const void *plan)
{
  return hash_fields (h, f->fields, plan);
}

/* ---- what m4 gets ---- */

static void
row_text (struct text *t, const struct plan_table *table, int64_t row)
{
  bool braces = table->ints + table->reals > 1;
  text_add (t, braces ? "{ " : "");
  for (int j = 0; j < table->ints; j++)
    text_printf (t, "%s%" PRId64, j ? ", " : "", table->i[row * table->ints + j]);
  for (int j = 0; j < table->reals; j++)
    text_printf (t, "%s%.9g", j || table->ints ? ", " : "", (double) (float) table->r[row * table->reals + j]);
  text_add (t, braces ? " }" : "");
}

/* Four rows of several numbers to a line. */
static char *
table_text (const struct plan_table *table)
{
  struct text t = { 0 };
  bool broken = table->ints + table->reals > 2;
  text_add (&t, "");
  for (int64_t row = 0; row < table->rows; row++)
    {
      text_add (&t, !row ? "" : broken && row % 4 == 0 ? ",\n  " : ", ");
      row_text (&t, table, row);
    }
  return t.s;
}

static char *
value_text (const struct plan_field *f, const void *x)
{
  switch (f->kind)
    {
    case PLAN_INT:
      return mem_printf ("%" PRId64, *(const int64_t *) x);
    case PLAN_REAL:
      return mem_printf ("%.9g", *(const double *) x);
    case PLAN_WORD:
      return mem_strdup (*(const char *const *) x);
    case PLAN_TABLE:
      return table_text (x);
    default:
      return NULL;
    }
}

static const char *
name_of (const char *prefix, const char *name)
{
  const char *star = strchr (prefix, '*');
  if (star && *name)
    return mem_printf ("%.*s%s%s", (int) (star - prefix), prefix, name, star + 1);
  return !*prefix ? name : !*name ? prefix : mem_printf ("%s_%s", prefix, name);
}

static void
give_fields (const struct plan_field *fields, const char *prefix, const char *plan,
             void (*give) (void *to, const char *name, const char *value), void *to)
{
  for (const struct plan_field *f = fields; f->doc; f++)
    if (f->kind == PLAN_GROUP)
      give_fields (f->group, name_of (prefix, f->name), plan + f->offset, give, to);
    else
      give (to, name_of (prefix, f->name), value_text (f, plan + f->offset));
}

void
plan_params (const struct plan_family *f, const void *plan,
             void (*give) (void *to, const char *name, const char *value), void *to)
{
  give_fields (f->fields, "", plan, give, to);
}

/* ---- templates/README.md ---- */

/* The groups as they are told apart in documents. */
static const struct
{
  const char *name; /* plan_tensor */
  const struct plan_field *fields;
} groups[] = {
#define PLAN_PASS "pass_groups.h"
#include "groups.def"
#undef PLAN_PASS
};

static void
document_fields (struct text *t, const struct plan_field *fields)
{
  text_add (t, "| parameter | meaning |\n|---|---|\n");
  for (const struct plan_field *f = fields; f->doc; f++)
    if (f->kind != PLAN_GROUP)
      text_printf (t, "| `%s` | %s |\n", f->name, f->doc);
    else
      text_printf (t, "| %s [%s](#%s) | %s |\n",
                   !*f->name               ? ""
                   : strchr (f->name, '*') ? mem_printf ("`%s`,", f->name)
                                           : mem_printf ("`%s_*`,", f->name),
                   f->group_name, f->group_name, f->doc);
}

char *
plan_documentation (void)
{
  struct text t = { 0 };
  for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
    {
      text_printf (&t, "#### %s\n\n", groups[i].name + strlen ("plan_"));
      document_fields (&t, groups[i].fields);
      text_add (&t, "\n");
    }
  for (int i = 0; plan_families[i]; i++)
    {
      text_printf (&t, "#### %s.m4\n\n", plan_families[i]->template);
      document_fields (&t, plan_families[i]->fields);
      text_add (&t, "\n");
    }
  return t.s;
}
