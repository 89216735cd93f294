/* What of an inert object holds tensors: NumPy's arrays, and modules that were saved whole. Nothing of them is called:
 * they are read from what the pickle would have called their makers with and set in them. */
#include "torch_parts.h"

#include <string.h>

/* ---- NumPy's arrays ---- */

/* Where an array's parts are, in one of the two ways that NumPy pickles it. */
struct array
{
  struct pickle_value *bytes;
  const struct pickle_value *type, *shape;
  bool fortran; /* the first axis runs fastest */
};

static bool
find_array (const struct pickle_value *v, struct array *a)
{
  const struct pickle_value *args = v->args, *state = v->state;
  /* NumPy's core became _core with version 2 */
  const bool reconstructed = pickle_global_is (v->maker, "numpy.core.multiarray", "_reconstruct")
                             || pickle_global_is (v->maker, "numpy._core.multiarray", "_reconstruct");
  const bool from_buffer = pickle_global_is (v->maker, "numpy.core.numeric", "_frombuffer")
                           || pickle_global_is (v->maker, "numpy._core.numeric", "_frombuffer");
  if (reconstructed && state && state->kind == PICKLE_TUPLE && state->items.n == 5)
    {
      struct pickle_value *const *s = state->items.v;
      *a = (struct array){ s[4], s[2], s[1], s[3]->kind == PICKLE_BOOL && s[3]->i };
      return true;
    }
  if (from_buffer && args && args->items.n == 4)
    {
      struct pickle_value *const *s = args->items.v;
      *a = (struct array){ s[0], s[1], s[2], pickle_is (s[3], "F") };
      return true;
    }
  return false;
}

/* The type of elements that V, numpy.dtype ("f4", …) with the state (3, "<", …), stands for. */
static bool
element_type_of (const struct pickle_value *v, enum dtype *type)
{
  static const struct
  {
    const char *name;
    enum dtype type;
  } types[] = { { "f2", DTYPE_F16 }, { "f4", DTYPE_F32 }, { "f8", DTYPE_F64 }, { "i1", DTYPE_I8 },  { "u1", DTYPE_U8 },
                { "i2", DTYPE_I16 }, { "i4", DTYPE_I32 }, { "i8", DTYPE_I64 }, { "b1", DTYPE_BOOL } };
  const struct pickle_value *state = v->kind == PICKLE_OBJECT ? v->state : NULL;
  if (v->kind != PICKLE_OBJECT || !pickle_global_is (v->maker, "numpy", "dtype") || !v->args || !v->args->items.n)
    return false;
  if (state && state->kind == PICKLE_TUPLE && state->items.n > 1 && pickle_is (state->items.v[1], ">"))
    return false;
  for (size_t i = 0; i < sizeof types / sizeof *types; i++)
    if (pickle_is (v->args->items.v[0], types[i].name))
      {
        *type = types[i].type;
        return true;
      }
  return false;
}

/* Bytes between elements along each axis, in elements; 0 where there are none. */
static struct pickle_value *
strides_of (struct pickle *p, const struct array *a)
{
  const size_t rank = a->shape->items.n;
  struct pickle_value *tuple = pickle_make (p, PICKLE_TUPLE), *stride[WEIGHT_MAX_RANK];
  size_t step = 1;
  for (size_t i = 0; i < rank; i++)
    {
      const size_t axis = a->fortran ? i : rank - 1 - i;
      stride[axis] = pickle_make (p, PICKLE_INT);
      stride[axis]->i = step <= INT64_MAX ? (int64_t) step : 0;
      if (!mul_size (step, (size_t) a->shape->items.v[axis]->i, &step))
        step = SIZE_MAX;
    }
  pickle_append (p, tuple, stride, rank);
  return tuple;
}

bool
torch_array (struct torch *t, struct pickle_value *v)
{
  struct array a;
  enum dtype type;
  if (!find_array (v, &a) || !element_type_of (a.type, &type) || a.shape->kind != PICKLE_TUPLE
      || a.shape->items.n > WEIGHT_MAX_RANK || !pickle_bytes (t->p, a.bytes))
    return false;
  size_t count = 1;
  for (size_t i = 0; i < a.shape->items.n; i++)
    if (a.shape->items.v[i]->kind != PICKLE_INT || a.shape->items.v[i]->i < 0
        || !mul_size (count, (size_t) a.shape->items.v[i]->i, &count))
      return false;
  struct pickle_storage *s = NEW (struct pickle_storage);
  *s = (struct pickle_storage){ .key = "array", .key_bytes = 5, .dtype = type, .size = dtype_bytes (type) };
  s->count = s->view_count = a.bytes->text.n / s->size;
  s->root = s;
  s->data = (const unsigned char *) a.bytes->text.s;
  if (s->count != count)
    weights_bad (t->f, "an array has %zu bytes; %zu elements of %zu are needed", a.bytes->text.n, count, s->size);
  struct pickle_value *storage = pickle_make (t->p, PICKLE_STORAGE), *offset = pickle_make (t->p, PICKLE_INT);
  storage->storage = s;
  struct pickle_value *const items[] = { storage, offset, (struct pickle_value *) a.shape, strides_of (t->p, &a) };
  *v = (struct pickle_value){ .kind = PICKLE_TENSOR };
  pickle_append (t->p, v, items, 4);
  return true;
}

/* ---- modules ---- */

enum
{
  MOST_NOT_SAVED = 1024 /* buffers of a module that are not in its state_dict () */
};

static bool
has_members (const struct pickle_value *v)
{
  return v && pickle_item (v, "_parameters") && pickle_item (v, "_modules");
}

static struct pickle_value *
members_of (const struct pickle_value *v)
{
  static const char script[] = "__torch__";
  if (has_members (v->state))
    return v->state;
  if (v->maker->module_bytes >= strlen (script) && !memcmp (v->maker->module, script, strlen (script)) && v->state
      && v->state->kind == PICKLE_DICT)
    return v->state;
  if (v->args && v->args->items.n && has_members (v->args->items.v[0])) /* torch.fx's */
    return v->args->items.v[0];
  return NULL;
}

/* An object may be in many places, with many members: they are looked through once. */
struct pickle_value *
torch_module (struct pickle_value *v)
{
  if (v->kind != PICKLE_OBJECT)
    return NULL;
  if (!v->looked_at)
    v->members = members_of (v);
  v->looked_at = true;
  return v->members;
}

bool
torch_not_saved (const struct pickle_value *members, const struct pickle_value *name)
{
  const struct pickle_value *set = pickle_item (members, "_non_persistent_buffers_set");
  if (set && set->kind == PICKLE_OBJECT && set->args && set->args->items.n) /* set ([…]), of old protocols */
    set = set->args->items.v[0];
  if (!set || (set->kind != PICKLE_SET && set->kind != PICKLE_LIST) || name->kind != PICKLE_STRING
      || set->items.n > MOST_NOT_SAVED)
    return false;
  for (size_t i = 0; i < set->items.n; i++)
    if (set->items.v[i]->kind == PICKLE_STRING && set->items.v[i]->text.n == name->text.n
        && !memcmp (set->items.v[i]->text.s, name->text.s, name->text.n))
      return true;
  return false;
}
