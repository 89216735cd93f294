/* The tensors in the object that torch.save was given: a dictionary of them, or one with others in it.
 *
 * All are listed under dotted names; their elements are read when they are asked for (weights_load): the optimizer's
 * half of a checkpoint never is. Tensors are views of storages: offset, size, stride. Those in C order are used where
 * they lie; others are copied. */
#include "torch_parts.h"

#include <stdio.h>
#include <string.h>

enum
{
  MAX_NESTING = 64, /* deeper containers have no tensors of a network's */
  MAX_VISITS = 4 << 20, /* places seen while flattening: containers that share others can be walked without end */
  MAX_KEYS = 16 /* of the object, for messages */
};

/* Whether all COUNT elements lie one after the other; and no index leaves the storage, or fatal. */
static bool
check_strides (const struct torch *t, const struct weight *w, size_t offset, const int64_t *stride, size_t limit)
{
  size_t last = offset, run = 1;
  bool contiguous = true;
  for (int i = w->rank - 1; i >= 0; i--)
    {
      size_t step;
      if (w->shape[i] > 1 && stride[i] != (int64_t) run)
        contiguous = false;
      run *= (size_t) w->shape[i];
      if (!mul_size ((size_t) w->shape[i] - 1, (size_t) stride[i], &step) || !add_size (last, step, &last))
        last = SIZE_MAX;
      if (last >= limit)
        break;
    }
  if (last >= limit)
    weights_bad (t->f, "tensor %s reaches beyond its storage; the storage's %zu elements are allowed", w->name, limit);
  return contiguous;
}

/* Read T's elements: f->load. */
static void
load_tensor (struct weights_file *f, struct weight *w)
{
  struct torch *t = f->reader;
  const struct pickle_value *v = w->source, *strides = v->items.v[3];
  const struct pickle_storage *s = v->items.v[0]->storage;
  int64_t stride[WEIGHT_MAX_RANK] = { 0 };
  for (int i = 0; i < w->rank; i++)
    stride[i] = strides->items.v[i]->i;
  size_t offset = (size_t) v->items.v[1]->i;
  w->data = "";
  if (w->count == 0)
    return;
  bool contiguous = check_strides (t, w, offset, stride, s->view_count);
  const unsigned char *data = torch_storage (t, s) + offset * s->size;
  w->data = data;
  if (contiguous)
    return;
  unsigned char *copy = weights_block (t->f, w->count * s->size);
  weights_gather (copy, data, s->size, w->rank, w->shape, stride);
  w->data = copy;
}

/* The name's first CONTAINER bytes are the containers'. */
static void
add_tensor (struct torch *t, const char *name, size_t n, size_t container, const struct pickle_value *v)
{
  const struct pickle_value *sizes = v->items.v[2]; /* checked when the tensor was made */
  int64_t shape[WEIGHT_MAX_RANK] = { 0 };
  for (size_t i = 0; i < sizes->items.n; i++)
    shape[i] = sizes->items.v[i]->i;
  size_t bytes;
  struct weight *w = weights_add (t->f, name, n, v->items.v[0]->storage->dtype, (int) sizes->items.n, shape, &bytes);
  w->source = v;
  w->container = container;
}

/* The text of a dictionary's key or a list's place; false: a key that is in no tensor's name. */
static bool
part_of_name (const struct pickle_value *key, size_t place, char number[24], struct text *part)
{
  *part = (struct text){ number, 0, 0 };
  if (key && key->kind == PICKLE_STRING)
    *part = (struct text){ (char *) key->text.s, key->text.n, 0 };
  else if (!key || key->kind == PICKLE_INT)
    part->n = (size_t) snprintf (number, 24, "%lld", key ? (long long) key->i : (long long) place);
  else
    return false;
  return true;
}

static bool
is_dict (const struct pickle_value *v)
{
  return v->kind == PICKLE_DICT || (v->kind == PICKLE_OBJECT && v->items.n);
}

static bool
is_container (struct pickle_value *v)
{
  return is_dict (v) || v->kind == PICKLE_LIST || v->kind == PICKLE_TUPLE || torch_module (v);
}

/* Where a container is: the N bytes of its name, and of those what leads to the dictionary, or outermost module, that
 * its tensors count as being in. */
struct place
{
  char *name; /* with room for more */
  size_t n, base;
  bool in_module;
  int nesting;
};

static void flatten (struct torch *t, const struct place *at, struct pickle_value *v);

/* Count PLACES more. */
static void
visit (struct torch *t, size_t places)
{
  t->visits += places;
  if (t->visits > MAX_VISITS)
    weights_bad (t->f, "its containers have more than %d places; no more are allowed", MAX_VISITS);
}

/* ITEM, of the container AT, under PART. */
static void
flatten_item (struct torch *t, const struct place *at, const struct text *part, struct pickle_value *item)
{
  bool tensor = item->kind == PICKLE_TENSOR, object = item->kind == PICKLE_OBJECT && !is_container (item);
  size_t m = at->n;
  if (part->n > WEIGHTS_MAX_NAME - 1 || m + 1 > WEIGHTS_MAX_NAME - part->n)
    {
      if (tensor)
        weights_bad (t->f, "a tensor's name has more than %d bytes; no more are allowed", WEIGHTS_MAX_NAME);
      return;
    }
  if (m)
    at->name[m++] = '.';
  memcpy (at->name + m, part->s, part->n);
  size_t base = at->in_module ? at->base : m;
  if (tensor)
    add_tensor (t, at->name, m + part->n, base, item);
  else if (object && t->f->w.object_count < WEIGHTS_MAX_TENSORS)
    weights_add_object (t->f, weights_show (at->name, m + part->n), pickle_global_text (item->maker));
  else if (!object)
    flatten (t, &(struct place){ at->name, m + part->n, base, at->in_module, at->nesting + 1 }, item);
}

/* Tensors of a container, and of those in it, under dotted names. What is neither tensor nor container (an epoch, an
 * accuracy) is no weight. BUT: of which a module says what is not saved; or NULL. */
static void
flatten_items (struct torch *t, const struct place *at, struct pickle_value *v, const struct pickle_value *but)
{
  bool dict = is_dict (v);
  if (v->entered)
    return;
  v->entered = true;
  for (size_t i = 0; i + dict < v->items.n; i += 1 + dict)
    {
      struct pickle_value *item = v->items.v[i + dict];
      char number[24];
      struct text part;
      visit (t, 1);
      if (item->kind == PICKLE_OBJECT)
        torch_array (t, item);
      if ((item->kind == PICKLE_OBJECT || item->kind == PICKLE_TENSOR || is_container (item))
          && part_of_name (dict ? v->items.v[i] : NULL, i, number, &part)
          && !(but && torch_not_saved (but, v->items.v[i])))
        flatten_item (t, at, &part, item);
    }
  v->entered = false;
}

/* The same of a module, whose parameters, buffers and modules are as its state_dict () would name them. TorchScript has
 * them all as members. */
static void
flatten (struct torch *t, const struct place *at, struct pickle_value *v)
{
  static const char *const parts[] = { "_parameters", "_buffers", "_modules" };
  struct pickle_value *members = torch_module (v);
  if (at->nesting > MAX_NESTING || v->entered)
    return;
  if (!members)
    {
      flatten_items (t, at, v, NULL);
      return;
    }
  visit (t, members->items.n); /* which are looked through for each part */
  struct place in = *at;
  in.base = at->in_module ? at->base : at->n ? at->n + 1 : 0;
  in.in_module = true;
  v->entered = true;
  for (int i = 0; i < 3; i++)
    {
      struct pickle_value *part = pickle_item (members, parts[i]);
      if (part && is_dict (part))
        flatten_items (t, &in, part, members);
    }
  if (!pickle_item (members, "_modules"))
    flatten_items (t, &in, members, NULL);
  v->entered = false;
}

/* What a checkpoint has, for messages: the keys of a dictionary that holds more than tensors. */
static const char *
keys_text (const struct pickle_value *v)
{
  struct text t = { 0 };
  size_t count = 0;
  bool more = false;
  for (size_t i = 0; i + 1 < v->items.n; i += 2)
    {
      const struct pickle_value *key = v->items.v[i];
      char number[24];
      struct text part;
      const struct pickle_value *item = v->items.v[i + 1];
      more = more || (item->kind != PICKLE_TENSOR && (item->kind != PICKLE_OBJECT || is_dict (item)));
      if (part_of_name (key, i, number, &part) && count++ < MAX_KEYS)
        text_printf (&t, "%s%s", t.n ? ", " : "", weights_show (part.s, part.n));
    }
  if (count > MAX_KEYS)
    text_printf (&t, " and %zu more", count - MAX_KEYS);
  return more ? t.s : NULL;
}

void
torch_list (struct torch *t, struct pickle_value *v)
{
  char name[WEIGHTS_MAX_NAME + 1];
  if (v->kind == PICKLE_OBJECT && !is_container (v))
    weights_bad (
        t->f,
        "what was saved is an object that %s makes, which is not read; save its state_dict (), a dictionary of "
        "tensors",
        pickle_global_text (v->maker));
  if (!is_container (v))
    weights_bad (t->f, "what was saved is no dictionary of tensors; a state_dict is allowed");
  t->f->load = load_tensor;
  t->f->reader = t;
  if (is_dict (v))
    t->f->w.keys = keys_text (v);
  flatten (t, &(struct place){ .name = name }, v);
}
