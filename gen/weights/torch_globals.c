/* The globals a PyTorch pickle may name, what calling them makes, and its persistent ids, which are storages. */
#include "pickle.h"

#include <string.h>

enum what
{
  IS_DICT,
  IS_SIZE,
  IS_TENSOR_1, /* before PyTorch 0.4 */
  IS_TENSOR_2,
  IS_PARAMETER,
  IS_STORAGE
};

struct pickle_global
{
  const char *module, *name;
  enum what what;
  enum dtype dtype;
};

static const struct pickle_global globals[] = {
  { "collections", "OrderedDict", IS_DICT, 0 },
  { "torch", "Size", IS_SIZE, 0 },
  { "torch._utils", "_rebuild_tensor", IS_TENSOR_1, 0 },
  { "torch._utils", "_rebuild_tensor_v2", IS_TENSOR_2, 0 },
  { "torch._utils", "_rebuild_parameter", IS_PARAMETER, 0 },
  { "torch", "HalfStorage", IS_STORAGE, DTYPE_F16 },
  { "torch", "BFloat16Storage", IS_STORAGE, DTYPE_BF16 },
  { "torch", "FloatStorage", IS_STORAGE, DTYPE_F32 },
  { "torch", "DoubleStorage", IS_STORAGE, DTYPE_F64 },
  { "torch", "CharStorage", IS_STORAGE, DTYPE_I8 },
  { "torch", "ByteStorage", IS_STORAGE, DTYPE_U8 },
  { "torch", "ShortStorage", IS_STORAGE, DTYPE_I16 },
  { "torch", "IntStorage", IS_STORAGE, DTYPE_I32 },
  { "torch", "LongStorage", IS_STORAGE, DTYPE_I64 },
  { "torch", "BoolStorage", IS_STORAGE, DTYPE_BOOL },
};

static bool
same (const char *s, size_t n, const char *t)
{
  return n == strlen (t) && !memcmp (s, t, n);
}

static const struct pickle_global *
find_global (const struct pickle *p, const char *module, size_t m, const char *name, size_t n)
{
  for (size_t i = 0; i < sizeof globals / sizeof *globals; i++)
    if (same (module, m, globals[i].module) && same (name, n, globals[i].name))
      return &globals[i];
  weights_bad (p->f, "refuses %s.%s: only tensors in containers are read", weights_show (module, m),
               weights_show (name, n));
}

/* A tuple of whole numbers, none negative. */
static bool
is_extents (const struct pickle_value *v)
{
  if (v->kind != PICKLE_TUPLE)
    return false;
  for (size_t i = 0; i < v->items.n; i++)
    if (v->items.v[i]->kind != PICKLE_INT || v->items.v[i]->i < 0)
      return false;
  return true;
}

/* _rebuild_tensor (storage, offset, size, stride), and _v2 with requires_grad, hooks[, metadata] behind: AT_LEAST
 * to AT_MOST arguments. */
static struct pickle_value *
call_tensor (struct pickle *p, const struct pickle_value *args, size_t at_least, size_t at_most)
{
  struct pickle_value *const *a = args->items.v;
  if (args->items.n < at_least || args->items.n > at_most || a[0]->kind != PICKLE_STORAGE || a[1]->kind != PICKLE_INT
      || a[1]->i < 0 || !is_extents (a[2]) || !is_extents (a[3]))
    pickle_bad (p, "a tensor is no (storage, offset, size, stride, requires_grad, hooks)");
  if (a[2]->items.n > WEIGHT_MAX_RANK || a[3]->items.n != a[2]->items.n)
    weights_bad (p->f, "a tensor has rank %zu and %zu strides; a rank of up to %d with as many strides is allowed",
                 a[2]->items.n, a[3]->items.n, WEIGHT_MAX_RANK);
  struct pickle_value *v = pickle_make (p, PICKLE_TENSOR);
  pickle_append (p, v, a, 4);
  return v;
}

/* OrderedDict () or, from Python 2, OrderedDict ([[key, value], …]) */
static struct pickle_value *
call_dict (struct pickle *p, const struct pickle_value *args)
{
  struct pickle_value *v = pickle_make (p, PICKLE_DICT);
  if (args->items.n == 0)
    return v;
  const struct pickle_value *list = args->items.v[0];
  if (args->items.n != 1 || list->kind != PICKLE_LIST)
    pickle_bad (p, "an OrderedDict is made of what is no list");
  for (size_t i = 0; i < list->items.n; i++)
    {
      const struct pickle_value *pair = list->items.v[i];
      if ((pair->kind != PICKLE_LIST && pair->kind != PICKLE_TUPLE) || pair->items.n != 2)
        pickle_bad (p, "an OrderedDict is made of what are no pairs");
      pickle_append (p, v, pair->items.v, 2);
    }
  return v;
}

static struct pickle_value *
call (struct pickle *p, const struct pickle_value *function, struct pickle_value *args)
{
  if (function->kind != PICKLE_GLOBAL || args->kind != PICKLE_TUPLE)
    pickle_bad (p, "a call of what is no function");
  switch (function->global->what)
    {
    case IS_DICT:
      return call_dict (p, args);
    case IS_SIZE:
      if (args->items.n != 1 || (args->items.v[0]->kind != PICKLE_TUPLE && args->items.v[0]->kind != PICKLE_LIST))
        pickle_bad (p, "a torch.Size is made of what is no tuple");
      struct pickle_value *size = pickle_make (p, PICKLE_TUPLE);
      pickle_append (p, size, args->items.v[0]->items.v, args->items.v[0]->items.n);
      return size;
    case IS_TENSOR_1:
      return call_tensor (p, args, 4, 4);
    case IS_TENSOR_2:
      return call_tensor (p, args, 6, 7);
    case IS_PARAMETER:
      if (args->items.n != 3 || args->items.v[0]->kind != PICKLE_TENSOR)
        pickle_bad (p, "a parameter is made of what is no tensor");
      return args->items.v[0];
    case IS_STORAGE:
      break;
    }
  pickle_bad (p, "a call of a storage's type");
}

static bool
is_count (const struct pickle_value *v)
{
  return v->kind == PICKLE_INT && v->i >= 0;
}

/* ("storage", type, key, location, count) and, in the legacy format, None or (view's key, offset, count) */
static struct pickle_value *
persistent (struct pickle *p, const struct pickle_value *id)
{
  struct pickle_value *const *a = id->items.v;
  size_t n = id->kind == PICKLE_TUPLE ? id->items.n : 0;
  if (n && pickle_is (a[0], "module"))
    weights_bad (p->f, "a whole pickled module; its state_dict () is allowed");
  if (n < 5 || n > 6 || !pickle_is (a[0], "storage") || a[1]->kind != PICKLE_GLOBAL || a[1]->global->what != IS_STORAGE
      || a[2]->kind != PICKLE_STRING || a[3]->kind != PICKLE_STRING || !is_count (a[4]))
    pickle_bad (p, "a persistent id is no (storage, type, key, location, count)");
  struct pickle_storage *s = NEW (struct pickle_storage);
  *s = (struct pickle_storage){ .key = a[2]->text.s, .key_bytes = a[2]->text.n, .dtype = a[1]->global->dtype };
  s->count = s->view_count = (size_t) a[4]->i;
  if (s->count > PTRDIFF_MAX / dtype_bytes (s->dtype))
    pickle_bad (p, "a storage is larger than any memory");
  if (n == 6 && a[5]->kind != PICKLE_NONE)
    {
      struct pickle_value *const *view = a[5]->items.v;
      if (a[5]->kind != PICKLE_TUPLE || a[5]->items.n != 3 || !is_count (view[1]) || !is_count (view[2])
          || (size_t) view[1]->i > s->count || (size_t) view[2]->i > s->count - (size_t) view[1]->i)
        pickle_bad (p, "a storage's view is not within the storage");
      s->view_begin = (size_t) view[1]->i;
      s->view_count = (size_t) view[2]->i;
    }
  if (p->storage_count == p->storage_cap)
    {
      p->storage_cap = p->storage_cap ? 2 * p->storage_cap : 256;
      struct pickle_storage **grown = NEW_ARRAY (p->storage_cap, struct pickle_storage *);
      if (p->storage_count)
        memcpy (grown, p->storages, p->storage_count * sizeof *grown);
      p->storages = grown;
    }
  p->storages[p->storage_count++] = s;
  struct pickle_value *v = pickle_make (p, PICKLE_STORAGE);
  v->storage = s;
  return v;
}

const struct pickle_meaning torch_meaning = { find_global, call, persistent };
