/* The globals of PyTorch's pickles that mean something, what calling them makes, and persistent ids, which are
 * storages. */
#include "torch_parts.h"

#include <string.h>

enum what
{
  IS_DICT,
  IS_SIZE,
  IS_TENSOR_1, /* before PyTorch 0.4 */
  IS_TENSOR_2,
  IS_PARAMETER,
  IS_SUBCLASS,
  IS_FILE, /* a storage saved as a file of its own, as pickle.dump has them */
  IS_STORAGE
};

enum
{
  NOT_READ = -1 /* in place of a type of elements */
};

static const struct known
{
  const char *module, *name;
  enum what what;
  int dtype, size; /* of a storage: enum dtype, or NOT_READ and the bytes of an element */
} globals[] = {
  { "collections", "OrderedDict", IS_DICT, 0, 0 },
  { "torch", "Size", IS_SIZE, 0, 0 },
  { "torch._utils", "_rebuild_tensor", IS_TENSOR_1, 0, 0 },
  { "torch._utils", "_rebuild_tensor_v2", IS_TENSOR_2, 0, 0 },
  { "torch._utils", "_rebuild_parameter", IS_PARAMETER, 0, 0 },
  { "torch._utils", "_rebuild_parameter_with_state", IS_PARAMETER, 0, 0 },
  { "torch._tensor", "_rebuild_from_type_v2", IS_SUBCLASS, 0, 0 },
  { "torch.storage", "_load_from_bytes", IS_FILE, 0, 0 },
  { "torch", "HalfStorage", IS_STORAGE, DTYPE_F16, 0 },
  { "torch", "BFloat16Storage", IS_STORAGE, DTYPE_BF16, 0 },
  { "torch", "FloatStorage", IS_STORAGE, DTYPE_F32, 0 },
  { "torch", "DoubleStorage", IS_STORAGE, DTYPE_F64, 0 },
  { "torch", "CharStorage", IS_STORAGE, DTYPE_I8, 0 },
  { "torch", "ByteStorage", IS_STORAGE, DTYPE_U8, 0 },
  { "torch", "ShortStorage", IS_STORAGE, DTYPE_I16, 0 },
  { "torch", "IntStorage", IS_STORAGE, DTYPE_I32, 0 },
  { "torch", "LongStorage", IS_STORAGE, DTYPE_I64, 0 },
  { "torch", "BoolStorage", IS_STORAGE, DTYPE_BOOL, 0 },
  { "torch", "ComplexFloatStorage", IS_STORAGE, NOT_READ, 8 },
  { "torch", "ComplexDoubleStorage", IS_STORAGE, NOT_READ, 16 },
  { "torch", "QInt8Storage", IS_STORAGE, NOT_READ, 1 },
  { "torch", "QUInt8Storage", IS_STORAGE, NOT_READ, 1 },
  { "torch", "QInt32Storage", IS_STORAGE, NOT_READ, 4 },
  { "torch.storage", "UntypedStorage", IS_STORAGE, NOT_READ, 1 },
  { "torch.storage", "_UntypedStorage", IS_STORAGE, NOT_READ, 1 },
};

static bool
same (const char *s, size_t n, const char *t)
{
  return n == strlen (t) && !memcmp (s, t, n);
}

/* The place in the table. torch.cuda's storages are torch's on a GPU. */
static int
find_global (const struct pickle_global *g)
{
  for (size_t i = 0; i < sizeof globals / sizeof *globals; i++)
    if (same (g->name, g->name_bytes, globals[i].name)
        && (same (g->module, g->module_bytes, globals[i].module)
            || (globals[i].what == IS_STORAGE && same (g->module, g->module_bytes, "torch.cuda"))))
      return (int) i;
  return PICKLE_UNKNOWN;
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

/* Whether METADATA says that the elements are those of the storage with their signs turned (torch._neg_view). */
static bool
is_negated (const struct pickle_value *metadata)
{
  if (metadata->kind != PICKLE_DICT)
    return false;
  for (size_t i = 0; i + 1 < metadata->items.n; i += 2)
    {
      const struct pickle_value *v = metadata->items.v[i + 1];
      if (pickle_is (metadata->items.v[i], "neg") && !(v->kind == PICKLE_BOOL && !v->i))
        return true;
    }
  return false;
}

/* _rebuild_tensor (storage, offset, size, stride), and _v2 with requires_grad, hooks[, metadata] behind: AT_LEAST
 * to AT_MOST arguments. A tensor of a storage that is not read, or whose signs are turned, is an object. */
static struct pickle_value *
call_tensor (struct pickle *p, const struct pickle_value *args, size_t at_least, size_t at_most)
{
  static const struct pickle_global negated = { "torch", "_neg_view", 5, 9, PICKLE_UNKNOWN };
  struct pickle_value *const *a = args->items.v;
  if (args->items.n && a[0]->kind == PICKLE_OBJECT)
    return pickle_object (p, a[0]->maker);
  if (args->items.n < at_least || args->items.n > at_most || a[0]->kind != PICKLE_STORAGE || a[1]->kind != PICKLE_INT
      || a[1]->i < 0 || !is_extents (a[2]) || !is_extents (a[3]))
    pickle_bad (p, "a tensor is no (storage, offset, size, stride, requires_grad, hooks)");
  if (a[0]->storage->unread)
    return pickle_object (p, a[0]->storage->unread);
  if (args->items.n > 6 && is_negated (a[6]))
    return pickle_object (p, &negated);
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
call_size (struct pickle *p, const struct pickle_value *args)
{
  if (args->items.n != 1 || (args->items.v[0]->kind != PICKLE_TUPLE && args->items.v[0]->kind != PICKLE_LIST))
    pickle_bad (p, "a torch.Size is made of what is no tuple");
  struct pickle_value *size = pickle_make (p, PICKLE_TUPLE);
  pickle_append (p, size, args->items.v[0]->items.v, args->items.v[0]->items.n);
  return size;
}

/* _rebuild_parameter (tensor, requires_grad, hooks[, state]) */
static struct pickle_value *
call_parameter (struct pickle *p, const struct pickle_value *args)
{
  if (args->items.n < 3 || args->items.n > 4
      || (args->items.v[0]->kind != PICKLE_TENSOR && args->items.v[0]->kind != PICKLE_OBJECT))
    pickle_bad (p, "a parameter is made of what is no tensor");
  return args->items.v[0];
}

/* _rebuild_from_type_v2 (function, class, arguments, state): the tensor that function makes, in a class of its own. */
static struct pickle_value *
call_subclass (struct pickle *p, const struct pickle_value *args)
{
  struct pickle_value *const *a = args->items.v;
  if (args->items.n != 4 || a[0]->kind != PICKLE_GLOBAL || a[2]->kind != PICKLE_TUPLE)
    pickle_bad (p, "a tensor of a class of its own is no (function, class, arguments, state)");
  int meaning = a[0]->global->meaning;
  if (meaning >= 0 && globals[meaning].what == IS_TENSOR_2)
    return call_tensor (p, a[2], 6, 7);
  if (meaning >= 0 && globals[meaning].what == IS_PARAMETER)
    return call_parameter (p, a[2]);
  return pickle_object (p, a[0]->global);
}

static struct pickle_value *
call (struct pickle *p, const struct pickle_global *function, struct pickle_value *args)
{
  switch (globals[function->meaning].what)
    {
    case IS_DICT:
      return call_dict (p, args);
    case IS_SIZE:
      return call_size (p, args);
    case IS_TENSOR_1:
      return call_tensor (p, args, 4, 4);
    case IS_TENSOR_2:
      return call_tensor (p, args, 6, 7);
    case IS_PARAMETER:
      return call_parameter (p, args);
    case IS_SUBCLASS:
      return call_subclass (p, args);
    case IS_FILE:
      if (args->items.n == 1 && pickle_bytes (p, args->items.v[0]) && !p->is_inner)
        return torch_inner (p, args->items.v[0]);
      break;
    case IS_STORAGE:
      break;
    }
  return pickle_object (p, function); /* a storage that no persistent id names */
}

static bool
is_count (const struct pickle_value *v)
{
  return v->kind == PICKLE_INT && v->i >= 0;
}

static void
set_type (struct pickle_storage *s, const struct pickle_global *type)
{
  const struct known *k = type->meaning == PICKLE_UNKNOWN ? NULL : &globals[type->meaning];
  if (k && k->what == IS_STORAGE && k->dtype != NOT_READ)
    {
      s->dtype = (enum dtype) k->dtype;
      s->size = dtype_bytes (s->dtype);
      return;
    }
  s->unread = type;
  s->size = k ? (size_t) k->size : 0;
}

static void
add_storage (struct pickle *p, struct pickle_storage *s)
{
  if (p->storage_count == p->storage_cap)
    {
      p->storage_cap = p->storage_cap ? 2 * p->storage_cap : 256;
      struct pickle_storage **grown = NEW_ARRAY (p->storage_cap, struct pickle_storage *);
      if (p->storage_count)
        memcpy (grown, p->storages, p->storage_count * sizeof *grown);
      p->storages = grown;
    }
  p->storages[p->storage_count++] = s;
}

/* ("storage", type, key, location, count) and, in the legacy format, None or (view's key, offset, count). A storage of
 * a type that is not read keeps its place in the legacy format's list. */
static struct pickle_value *
persistent (struct pickle *p, const struct pickle_value *id)
{
  static const struct pickle_global unknown = { "persistent", "id", 10, 2, PICKLE_UNKNOWN };
  struct pickle_value *const *a = id->items.v;
  size_t n = id->kind == PICKLE_TUPLE ? id->items.n : 0;
  if (n >= 2 && pickle_is (a[0], "module")) /* the legacy format's ("module", class, its file, its source) */
    return (struct pickle_value *) a[1];
  if (n == 0 || !pickle_is (a[0], "storage"))
    return pickle_object (p, &unknown);
  if (n < 5 || n > 6 || a[1]->kind != PICKLE_GLOBAL || a[2]->kind != PICKLE_STRING || a[3]->kind != PICKLE_STRING
      || !is_count (a[4]))
    pickle_bad (p, "a persistent id is no (storage, type, key, location, count)");
  struct pickle_storage *s = NEW (struct pickle_storage);
  *s = (struct pickle_storage){ .key = a[2]->text.s, .key_bytes = a[2]->text.n };
  set_type (s, a[1]->global);
  s->count = s->view_count = (size_t) a[4]->i;
  if (s->size && s->count > PTRDIFF_MAX / s->size)
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
  add_storage (p, s);
  struct pickle_value *v = pickle_make (p, PICKLE_STORAGE);
  v->storage = s;
  return v;
}

const struct pickle_meaning torch_meaning = { find_global, call, persistent };
