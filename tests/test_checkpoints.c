/* 200 checkpoints of one small network, in the forms that training programs write: each is read to the same values, or
 * refused with the right reason. RESCAST_LONG=1: 4000. What a form consists of is drawn: the file's format, keys and
 * wrappers around the names, types and layouts of elements, objects and other tensors beside the network's, and what is
 * wrong with it. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "folder.h"
#include "frontend/frontend.h"
#include "graph/bind.h"
#include "graph/init.h"
#include "pickled_objects.h"

enum
{
  FORMS = 200,
  TENSORS = 8,
  OTHER = 10 /* more in a storage's key: other values */
};

static const char options[] = "network: sequence\ninput-size: [1, 4, 4]\nlayers:\n"
                              "- {type: conv, name: c, filters: 2, kernel-size: 1}\n- {type: batch-norm, name: b}\n"
                              "- {type: global-average-pool}\n- {type: linear, name: l, features: 2}\n";

static const struct
{
  const char *layer, *name;
  int rank;
  int64_t shape[4], count;
  double value[4];
} tensors[TENSORS] = {
  { "c", "weight", 4, { 2, 1, 1, 1 }, 2, { 0.5, -2 } }, { "c", "bias", 1, { 2 }, 2, { 0.25, 1 } },
  { "b", "weight", 1, { 2 }, 2, { 1.5, 0.75 } },        { "b", "bias", 1, { 2 }, 2, { 0.125, -0.5 } },
  { "b", "running_mean", 1, { 2 }, 2, { 0.5, 0.25 } },  { "b", "running_var", 1, { 2 }, 2, { 1, 2 } },
  { "l", "weight", 2, { 2, 2 }, 4, { 1, 2, 3, -4 } },   { "l", "bias", 1, { 2 }, 2, { 0, 0.5 } },
};

/* ---- a form ---- */

enum kind
{
  ZIP,
  LEGACY,
  ARRAYS, /* pickle.dump, of NumPy's */
  MODULE, /* saved whole */
  SAFE,
  SHARDS,
  KINDS
};

enum fault
{
  NONE,
  OBJECT, /* in a tensor's place */
  MISSING,
  SHAPE,
  EXTRA,  /* a tensor beside them */
  DIFFER, /* two sets of values under names of equal right */
  WORDS,  /* in front of the names, that nobody knows */
  FAULTS
};

enum beside
{
  NOTHING,
  TRAINING, /* epoch, optimizer, … */
  AVERAGE,  /* a moving average of other values */
  AGAIN,    /* the same values under another key */
  ASKED,    /* two sets of values, of which --weights-key takes one */
  BESIDES
};

struct form
{
  enum kind kind;
  enum fault fault;
  enum beside beside;
  const char *key, *prefix; /* of the dictionary, NULL: the outermost; and of each name */
  int type, object;
  bool strided, shared, codecs;
};

static const struct
{
  const char *storage, *safe, *numpy;
  int bytes;
} types[] = { { "FloatStorage", "F32", "f4", 4 },
              { "HalfStorage", "F16", "f2", 2 },
              { "DoubleStorage", "F64", "f8", 8 },
              { "BFloat16Storage", "BF16", NULL, 2 } };

static const char *const keys[]
    = { "state_dict", "model",       "net",       "model_state_dict", "params",  "module",  "network",
        "weights",    "model_state", "generator", "backbone",         "student", "encoder", "checkpoint" };
static const char *const prefixes[]
    = { "module.",  "_orig_mod.", "model.",   "backbone.", "encoder.",         "net.",
        "network.", "student.",   "teacher.", "trunk.",    "_forward_module.", "pl_module." };

static int
draw (struct random *r, int count)
{
  return (int) (count * random_uniform (r));
}

static struct form
draw_form (int i)
{
  struct random r = random_seed (18, mem_printf ("form %d", i));
  struct text prefix = { 0 };
  struct form f = { .kind = (enum kind) (i % KINDS), .fault = NONE, .beside = NOTHING, .type = draw (&r, 4) };
  text_add (&prefix, "");
  for (int n = draw (&r, 4); n > 0; n--)
    text_add (&prefix, prefixes[draw (&r, sizeof prefixes / sizeof *prefixes)]);
  f.prefix = prefix.s;
  f.key = draw (&r, 4) ? keys[draw (&r, sizeof keys / sizeof *keys)] : NULL;
  f.fault = draw (&r, 3) ? NONE : (enum fault) (1 + draw (&r, FAULTS - 1));
  f.beside = (enum beside) draw (&r, BESIDES);
  f.object = "RSNXIOEPCFDTMY"[draw (&r, 14)];
  f.strided = draw (&r, 2);
  f.shared = draw (&r, 2);
  f.codecs = draw (&r, 2);
  if (f.kind == ARRAYS && !types[f.type].numpy)
    f.type = 0;
  if (f.kind == SAFE || f.kind == SHARDS || f.kind == MODULE) /* no place for these */
    f.fault = f.fault == OBJECT ? MISSING : f.fault;
  if (f.fault == DIFFER)
    f.beside = NOTHING;
  if (f.fault == WORDS)
    f.prefix = "zebra.";
  return f;
}

/* ---- bytes ---- */

/* The bits of X, which all types hold exactly, in elements of TYPE. */
static void
put_element (struct bytes *b, double x, int type)
{
  float f = (float) x;
  uint32_t bits;
  uint64_t wide;
  memcpy (&bits, &f, 4);
  memcpy (&wide, &x, 8);
  const uint32_t half = x == 0 ? 0 : (bits >> 31) << 15 | ((bits >> 23 & 255) - 112) << 10 | (bits >> 13 & 1023);
  b_le (b, type == 0 ? bits : type == 1 ? half : type == 2 ? wide : bits >> 16, types[type].bytes);
}

/* Tensor I's elements, as they lie in a file: a matrix by columns where it is STRIDED. */
static struct bytes
elements (const struct form *f, int i, bool other, bool strided)
{
  struct bytes b = { 0 };
  for (int k = 0; k < tensors[i].count; k++)
    {
      const int from = strided && i == 6 ? k % 2 * 2 + k / 2 : k;
      put_element (&b, tensors[i].value[from] + (other ? 0.25 : 0), f->type);
    }
  return b;
}

static int64_t
place_of (int i)
{
  int64_t n = 0;
  for (int k = 0; k < i; k++)
    n += tensors[k].count;
  return n;
}

static void
put_array (struct bytes *b, const struct form *f, int i, bool other)
{
  const struct bytes data = elements (f, i, other, f->strided);
  b_str (b, "cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(");
  pk_int (b, 0);
  b_str (b, "tC\1btR(K\1");
  pk_ints (b, tensors[i].rank, tensors[i].shape);
  b_str (b, "cnumpy\ndtype\n(");
  pk_str (b, types[f->type].numpy);
  b_str (b, "\x89\x88tR(K\3X\1");
  b_add (b, "\0\0\0<NNNJ\377\377\377\377J\377\377\377\377", 17);
  b_add (b, "K\0tb", 4);
  b_str (b, f->strided && i == 6 ? "\x88" : "\x89"); /* Fortran's order */
  if (f->codecs)
    {
      struct bytes text = { 0 };
      for (size_t k = 0; k < data.n; k++)
        if (data.p[k] < 0x80)
          b_add (&text, data.p + k, 1);
        else
          b_add (&text, (const unsigned char[]){ (unsigned char) (0xc0 | data.p[k] >> 6), (data.p[k] & 0x3f) | 0x80 },
                 2);
      b_str (b, "c_codecs\nencode\n(X");
      b_le (b, text.n, 4);
      b_add (b, text.p, text.n);
      pk_str (b, "latin1");
      b_str (b, "tR");
    }
  else
    {
      b_str (b, "B");
      b_le (b, data.n, 4);
      b_add (b, data.p, data.n);
    }
  b_str (b, "tb");
}

static void
put_tensor (struct bytes *b, const struct form *f, int i, bool other)
{
  static const int64_t usual[][4] = { { 0 }, { 1 }, { 2, 1 }, { 0 }, { 1, 1, 1, 1 } }, columns[] = { 1, 2 };
  static const int64_t wrong[] = { 2, 1 };
  const int64_t *stride = f->strided && i == 6 ? columns : usual[tensors[i].rank];
  const bool spoilt = f->fault == SHAPE && i == 6;
  const int64_t *shape = spoilt ? wrong : tensors[i].shape;
  const bool shared = f->shared && !other && f->kind == ZIP;
  if (f->kind == ARRAYS)
    put_array (b, f, i, other);
  else if (shared)
    pk_tensor (b, types[f->type].storage, "all", place_of (TENSORS), place_of (i), tensors[i].rank, shape, stride, 0);
  else
    pk_tensor (b, types[f->type].storage, mem_printf ("%d", i + other * OTHER), tensors[i].count, 0, tensors[i].rank,
               shape, stride, f->kind == LEGACY);
}

static bool
left_out (const struct form *f, int i)
{
  return f->fault == MISSING && i == 0;
}

/* A dictionary's items: all tensors, PREFIX before their names. */
static void
put_items (struct bytes *b, const struct form *f, const char *prefix, bool other)
{
  for (int i = 0; i < TENSORS; i++)
    if (!left_out (f, i))
      {
        pk_str (b, mem_printf ("%s%s.%s", prefix, tensors[i].layer, tensors[i].name));
        if (f->fault == OBJECT && i == 0)
          pk_object (b, 'R');
        else
          put_tensor (b, f, i, other);
      }
  if (f->fault == EXTRA)
    {
      pk_str (b, mem_printf ("%sstranger", prefix));
      put_tensor (b, f, 1, other);
    }
}

static void
put_dict (struct bytes *b, const struct form *f, const char *key, const char *prefix, bool other)
{
  pk_str (b, key);
  b_str (b, "}(");
  put_items (b, f, prefix, other);
  b_str (b, "u");
}

/* What stands beside the network's tensors: names and what they are. */
static void
put_beside (struct bytes *b, const struct form *f)
{
  switch (f->beside)
    {
    case TRAINING:
      pk_str (b, "epoch");
      pk_int (b, 3);
      pk_str (b, "optimizer");
      b_str (b, "}(");
      pk_str (b, "state");
      b_str (b, "}(");
      pk_int (b, 0);
      b_str (b, "}(");
      pk_str (b, "exp_avg");
      put_tensor (b, f, 1, false);
      b_str (b, "uuu");
      pk_str (b, "args");
      pk_object (b, 'N');
      pk_str (b, "more");
      pk_object (b, f->object);
      break;
    case AVERAGE:
      put_dict (b, f, "model_ema", "module.", true);
      break;
    case AGAIN:
      put_dict (b, f, "learner", "", false);
      break;
    case ASKED:
      put_dict (b, f, "teacher_weights", "", true);
      break;
    default:
      break;
    }
  if (f->fault == DIFFER)
    put_dict (b, f, "learner", "", true);
}

/* A module of CLASS with its three dictionaries, of which LAYER's tensors are in the first two. */
static void
put_module (struct bytes *b, const struct form *f, const char *layer)
{
  b_str (b, "c__main__\nNet\n)\x81}(");
  for (int part = 0; part < 2; part++)
    {
      pk_str (b, part ? "_buffers" : "_parameters");
      b_str (b, "}(");
      for (int i = 0; layer && i < TENSORS; i++)
        if (!strcmp (tensors[i].layer, layer) && (strncmp (tensors[i].name, "run", 3) == 0) == part && !left_out (f, i))
          {
            pk_str (b, tensors[i].name);
            put_tensor (b, f, i, false);
          }
      if (part && !layer && f->fault == EXTRA)
        {
          pk_str (b, "stranger");
          put_tensor (b, f, 1, false);
        }
      b_str (b, "u");
    }
  pk_str (b, "_modules");
  b_str (b, "}(");
  for (int k = 0; !layer && k < 3; k++)
    {
      static const char *const layers[] = { "c", "b", "l" };
      pk_str (b, layers[k]);
      put_module (b, f, layers[k]);
    }
  b_str (b, "uub");
}

/* In modules that hold the network as FIRST's words. */
static void
put_wrapped (struct bytes *b, const struct form *f, const char *words)
{
  const size_t n = strcspn (words, ".");
  if (!*words)
    {
      put_module (b, f, NULL);
      return;
    }
  b_str (b, "c__main__\nWrapper\n)\x81}(");
  pk_str (b, "_parameters");
  b_str (b, "}");
  pk_str (b, "_modules");
  b_str (b, "}(");
  pk_str (b, mem_strndup (words, n));
  put_wrapped (b, f, words + n + (words[n] == '.'));
  b_str (b, "uub");
}

static struct bytes
object_of (const struct form *f)
{
  struct bytes b = { 0 };
  pk_begin (&b);
  if (f->kind == MODULE && !f->key)
    {
      put_wrapped (&b, f, f->prefix);
      b_str (&b, ".");
      return b;
    }
  b_str (&b, "}(");
  if (f->kind == MODULE)
    {
      pk_str (&b, f->key);
      put_wrapped (&b, f, f->prefix);
    }
  else if (f->key)
    put_dict (&b, f, f->key, f->prefix, false);
  else
    put_items (&b, f, f->prefix, false);
  put_beside (&b, f);
  b_str (&b, "u.");
  return b;
}

/* ---- files ---- */

static void
write_zip (const struct form *f, const char *path)
{
  struct zip_out z = { 0 };
  struct bytes all = { 0 };
  struct zip_spec s = zip_stored ("x/data.pkl", object_of (f));
  zip_add (&z, &s);
  for (int other = 0; other < 2; other++)
    for (int i = 0; i < TENSORS; i++)
      {
        const struct bytes data = elements (f, i, other, f->strided);
        s = zip_stored (mem_printf ("x/data/%d", i + other * OTHER), data);
        zip_add (&z, &s);
        if (!other)
          b_add (&all, data.p, data.n);
      }
  s = zip_stored ("x/data/all", all);
  zip_add (&z, &s);
  const struct bytes file = zip_end (&z);
  b_write (&file, path);
}

/* Every storage that the object names has to be in the list, and no other: the object names all of the network's, and
 * those of other values where there are such. */
static void
write_legacy (const struct form *f, const char *path)
{
  struct bytes b = pt_legacy (object_of (f));
  const bool others = f->beside == AVERAGE || f->beside == ASKED || f->fault == DIFFER;
  b_str (&b, "\x80\x02](");
  for (int other = 0; other <= others; other++)
    for (int i = 0; i < TENSORS; i++)
      if (!left_out (f, i) && !(f->fault == OBJECT && i == 0))
        pk_str (&b, mem_printf ("%d", i + other * OTHER));
  b_str (&b, "e.");
  for (int other = 0; other <= others; other++)
    for (int i = 0; i < TENSORS; i++)
      if (!left_out (f, i) && !(f->fault == OBJECT && i == 0))
        {
          const struct bytes data = elements (f, i, other, f->strided);
          b_le (&b, (uint64_t) tensors[i].count, 8);
          b_add (&b, data.p, data.n);
        }
  b_write (&b, path);
}

/* A safetensors file that grows. */
struct safe
{
  struct text header;
  struct bytes data;
};

static void
add_safe (struct safe *s, const struct form *f, int i, const char *name, bool other)
{
  const struct bytes data = elements (f, i, other, false);
  const bool spoilt = f->fault == SHAPE && i == 6;
  text_printf (&s->header, "%c\"%s\":{\"dtype\":\"%s\",\"shape\":[", s->header.n ? ',' : '{', name,
               types[f->type].safe);
  for (int a = 0; a < tensors[i].rank; a++)
    text_printf (&s->header, "%s%d", a ? "," : "", spoilt ? a ? 4 : 1 : (int) tensors[i].shape[a]);
  text_printf (&s->header, "],\"data_offsets\":[%zu,%zu]}", s->data.n, s->data.n + data.n);
  b_add (&s->data, data.p, data.n);
}

static void
add_set (struct safe *s, const struct form *f, const char *prefix, bool other)
{
  for (int i = 0; i < TENSORS; i++)
    if (!left_out (f, i))
      add_safe (s, f, i, mem_printf ("%s%s.%s", prefix, tensors[i].layer, tensors[i].name), other);
  if (f->fault == EXTRA)
    add_safe (s, f, 1, mem_printf ("%sstranger", prefix), other);
}

static void
write_safe (struct safe *s, const char *path)
{
  text_add (&s->header, "}");
  const struct bytes file = st_file (s->header.s, s->data.p, s->data.n);
  b_write (&file, path);
}

/* In safetensors there are no dictionaries: all is in the names. */
static void
write_names (const struct form *f, const char *path)
{
  struct safe s = { 0 };
  add_set (&s, f, f->prefix, false);
  if (f->beside == AVERAGE)
    add_set (&s, f, "model_ema.", true);
  if (f->beside == AGAIN)
    add_set (&s, f, "learner.", false);
  if (f->beside == ASKED)
    add_set (&s, f, "teacher_weights.", true);
  if (f->fault == DIFFER)
    add_set (&s, f, "learner.", true);
  write_safe (&s, path);
}

static void
write_shards (const struct form *f, const char *path)
{
  struct safe s[2] = { 0 };
  struct text index = { 0 };
  text_add (&index, "{\"metadata\": {\"total_size\": 1}, \"weight_map\": {");
  for (int i = 0, n = 0; i < TENSORS + (f->fault == EXTRA); i++)
    if (!left_out (f, i))
      {
        const char *name = i < TENSORS ? mem_printf ("%s%s.%s", f->prefix, tensors[i].layer, tensors[i].name)
                                       : mem_printf ("%sstranger", f->prefix);
        add_safe (&s[i % 2], f, i % TENSORS, name, false);
        text_printf (&index, "%s\"%s\": \"part-%d.safetensors\"", n++ ? ", " : "", name, i % 2);
      }
  text_add (&index, "}}");
  for (int i = 0; i < 2; i++)
    write_safe (&s[i], folder_path ("part-%d.safetensors", i));
  folder_write (path, index.s);
}

/* ---- reading ---- */

struct reading
{
  const char *path;
  struct weights_use use;
  const struct form *form;
};

static void
bind (void *reading)
{
  const struct reading *r = reading;
  struct graph *g = source_build (source_parse ("q.yaml", options));
  bind_weights (g, weights_list (r->path), &r->use);
  for (int i = 0; i < TENSORS; i++)
    for (int p = 0; p < g->param_count; p++)
      if (!strcmp (g->params[p]->name, mem_printf ("%s.%s", tensors[i].layer, tensors[i].name)))
        for (int k = 0; k < tensors[i].count; k++)
          if (weight_at (g->params[p]->value, (size_t) k) != tensors[i].value[k])
            fatal ("%s has another value", g->params[p]->name);
}

/* Why the form has to be refused; NULL: it has to be read. */
static const char *
reason (const struct form *f)
{
  static const char *const reasons[] = { [OBJECT] = "c.weight is made by numpy.core.multiarray.scalar",
                                         [MISSING] = "missing: c.weight",
                                         [SHAPE] = "wrong shape: ",
                                         [EXTRA] = "not of this network: ",
                                         [DIFFER] = "and they differ",
                                         [WORDS] = "takes off" };
  return reasons[f->fault];
}

static void
settle (struct form *f)
{
  const bool copies = f->beside == AVERAGE || f->beside == AGAIN || f->beside == ASKED;
  if (f->kind == SHARDS || (f->kind == MODULE && !f->key))
    f->beside = NOTHING;
  if ((f->kind == SHARDS || (f->kind == MODULE && !f->key)) && f->fault == DIFFER)
    f->fault = NONE;
  if (f->fault == SHAPE
      && (f->kind == ARRAYS || f->kind == MODULE)) /* the array is at odds with itself: another test's */
    f->fault = NONE;
  /* a copy beside what is missing or wrong is another question, and two whole sets of which one is the outermost
   * another one */
  if (copies && (f->fault != NONE || !f->key || (f->kind == SAFE && !*f->prefix)))
    f->beside = NOTHING;
  if (f->fault == DIFFER && f->kind != SAFE && !f->key)
    f->fault = NONE;
  if (f->fault == WORDS && f->kind == MODULE && !f->key)
    f->prefix = "zebra.";
}

START_TEST (forms)
{
  int kinds[KINDS] = { 0 }, refused = 0;
  const int count = getenv ("RESCAST_LONG") ? 20 * FORMS : FORMS;
  for (int i = 0; i < count; i++)
    {
      struct form f = draw_form (i);
      settle (&f);
      struct reading r = { folder_path (f.kind == SHARDS ? "w.index.json" : "w"), { 0 }, &f };
      if (f.kind == SAFE)
        write_names (&f, r.path);
      else if (f.kind == SHARDS)
        write_shards (&f, r.path);
      else if (f.kind == LEGACY)
        write_legacy (&f, r.path);
      else if (f.kind == ARRAYS)
        {
          const struct bytes b = object_of (&f);
          b_write (&b, r.path);
        }
      else
        write_zip (&f, r.path);
      if (f.beside == ASKED)
        r.use.key = f.kind == SAFE ? mem_strndup (f.prefix, strlen (f.prefix) - 1) : f.key;
      const struct child c = child_run (bind, &r);
      const char *why = reason (&f);
      const bool right = why ? c.status == 1 && strstr (c.err, why) : c.status == 0;
      ck_assert_msg (
          right, "form %d: kind %d, key %s, prefix %s, beside %d, fault %d, type %d, expected %s: status %d, %s", i,
          f.kind, f.key ? f.key : "none", f.prefix, f.beside, f.fault, f.type, why ? why : "values", c.status, c.err);
      kinds[f.kind]++;
      refused += why != NULL;
    }
  for (int k = 0; k < KINDS; k++)
    ck_assert_int_ge (kinds[k], FORMS / KINDS);
  ck_assert_int_ge (refused, FORMS / 10);
  printf ("checkpoints: %d forms, %d of them refused, all as they should be\n", count, refused);
}
END_TEST

Suite *checkpoints_suite (void);

Suite *
checkpoints_suite (void)
{
  Suite *s = suite_create ("checkpoints");
  TCase *c = tcase_create ("forms");
  tcase_add_unchecked_fixture (c, folder_make, folder_remove);
  tcase_set_timeout (c, 120);
  tcase_add_test (c, forms);
  suite_add_tcase (s, c);
  return s;
}
