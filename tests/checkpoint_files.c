/* checkpoint_files DIR: checkpoints of one small network as training programs write them, for tests/checkpoints.sh.
 *
 * NAME.pth, with NAME.args, options that the command line gets, and NAME.says: "plain" or "other", the weights that must come
 * of it, or a part of the line that refuses it. The network: a convolution c of 1 channel to 2 by 1x1, a batch normalisation b,
 * a global average pool and a linear layer l of 2 classes. */
#include "checkpoint_files.h"
#include "pickled_objects.h"

const struct checkpoint_tensor checkpoint_tensors[TENSORS] = {
  { "c.weight", 4, { 2, 1, 1, 1 }, { 0.5, -2 } },
  { "c.bias", 1, { 2 }, { 0.25, 1 } },
  { "b.weight", 1, { 2 }, { 1.5, 0.75 } },
  { "b.bias", 1, { 2 }, { 0.125, -0.5 } },
  { "b.running_mean", 1, { 2 }, { 0.5, 0.25 } },
  { "b.running_var", 1, { 2 }, { 1, 0 } },
  { "l.weight", 2, { 2, 2 }, { 1, 2, 3, -4 } },
  { "l.bias", 1, { 2 }, { 0, 0.5 } },
};

int64_t
checkpoint_count (int i)
{
  int64_t n = 1;
  for (int a = 0; i < TENSORS && a < checkpoint_tensors[i].rank; a++)
    n *= checkpoint_tensors[i].shape[a];
  return n;
}

static void
put_tensor (struct bytes *b, int i, int storage, const char *type, int legacy)
{
  static const int64_t strides[][4] = { { 0 }, { 1 }, { 2, 1 }, { 0 }, { 1, 1, 1, 1 } };
  char key[12];
  snprintf (key, sizeof key, "%d", storage);
  if (i < TENSORS)
    pk_tensor (b, type, key, checkpoint_count (i), 0, checkpoint_tensors[i].rank, checkpoint_tensors[i].shape,
               strides[checkpoint_tensors[i].rank], legacy);
  else
    pk_tensor (b, type, key, 1, 0, 0, NULL, NULL, legacy);
}

/* SPEC's object. {KEY=VALUE …} is a dictionary; in one, $PREFIX stands for all tensors with PREFIX before their names,
 * %PREFIX for tensors of other values, &PREFIX for the same values in storages of their own. A value is a dictionary
 * too, which <KEY=…} makes one of an unknown class, or # for a number, * for a scalar tensor, +NAME for the tensor of
 * that name, @LETTER for pk_object. Ends of words are spaces and }. */
static const char *put_value (struct bytes *b, const char *s, int legacy);

static size_t
word (const char *s, char *to)
{
  size_t n = strcspn (s, " }=");
  memcpy (to, s, n);
  to[n] = 0;
  return n;
}

static const char *
put_items (struct bytes *b, const char *s, int legacy)
{
  char text[128], key[160];
  for (; *s != '}'; s += *s == ' ')
    if (strchr ("$%&", *s))
      {
        int kind = *s;
        s += 1 + word (s + 1, text);
        for (int i = 0; i < TENSORS; i++)
          {
            snprintf (key, sizeof key, "%s%s", text, checkpoint_tensors[i].name);
            pk_str (b, key);
            put_tensor (b, i, i + (kind == '%' ? OTHER : kind == '&' ? EQUAL : 0), "FloatStorage", legacy);
          }
      }
    else
      {
        s += word (s, text) + 1;
        pk_str (b, text);
        s = put_value (b, s, legacy);
      }
  return s + 1;
}

static const char *
put_value (struct bytes *b, const char *s, int legacy)
{
  char text[128];
  switch (*s)
    {
    case '{':
      b_str (b, "}(");
      s = put_items (b, s + 1, legacy);
      b_str (b, "u");
      return s;
    case '<': /* a dictionary of an unknown class */
      b_str (b, "cmodule\nDict\n)R(");
      s = put_items (b, s + 1, legacy);
      b_str (b, "u");
      return s;
    case '#':
      b_str (b, "K\7");
      return s + 1;
    case '*':
      put_tensor (b, TENSORS, SCALAR, "FloatStorage", legacy);
      return s + 1;
    case '+':
      s += 1 + word (s + 1, text);
      for (int i = 0; i < TENSORS; i++)
        if (!strcmp (checkpoint_tensors[i].name, text))
          put_tensor (b, i, i, "FloatStorage", legacy);
      return s;
    case '@':
      pk_object (b, s[1]);
      return s + 2;
    default:
      abort ();
    }
}

static struct bytes
floats (int i, double plus)
{
  struct bytes b = { 0 };
  for (int64_t k = 0; k < checkpoint_count (i); k++)
    {
      float x = (float) ((i < TENSORS ? checkpoint_tensors[i].value[k] : 1) + plus);
      uint32_t bits;
      memcpy (&bits, &x, sizeof bits);
      b_le (&b, bits, 4);
    }
  return b;
}

void
checkpoint_put (const char *folder, const char *name, const char *suffix, struct bytes b)
{
  char path[4096];
  if ((size_t) snprintf (path, sizeof path, "%s/%s%s", folder, name, suffix) >= sizeof path)
    exit (1);
  b_write (&b, path);
}

struct bytes
checkpoint_text (const char *s)
{
  struct bytes b = { 0 };
  b_str (&b, s);
  return b;
}

static void
put_zip (const char *folder, const char *name, struct bytes object)
{
  struct zip_out z = { 0 };
  struct zip_spec s = zip_stored ("x/data.pkl", object);
  zip_add (&z, &s);
  for (int set = 0; set < 4; set++)
    for (int i = 0; i < TENSORS; i++)
      {
        char entry[24];
        snprintf (entry, sizeof entry, "x/data/%d", i + set * OTHER);
        s = zip_stored (entry, set == 2 ? floats (TENSORS, 0) : floats (i, set == 1));
        zip_add (&z, &s);
      }
  checkpoint_put (folder, name, ".pth", zip_end (&z));
}

/* The legacy format, of an object that names all the plain tensors' storages and no others. */
static void
put_legacy (const char *folder, const char *name, struct bytes object)
{
  struct bytes b = pt_legacy (object);
  b_str (&b, "\x80\x02](");
  for (int i = 0; i < TENSORS; i++)
    pk_str (&b, (char[]){ (char) ('0' + i), 0 });
  b_str (&b, "e.");
  for (int i = 0; i < TENSORS; i++)
    {
      struct bytes d = floats (i, 0);
      b_le (&b, (uint64_t) checkpoint_count (i), 8);
      b_add (&b, d.p, d.n);
    }
  checkpoint_put (folder, name, ".pth", b);
}

struct checkpoint
{
  const char *name, *spec, *says, *args;
};

#define OPTIMIZER "optimizer={state={0={step=# exp_avg=*}} param_groups={0={lr=#}}}"

static const struct checkpoint checkpoints[] = {
  { "plain", "{$}", "plain", NULL },
  { "other", "{%}", "other", NULL },
  { "imagenet_example", "{epoch=# arch=# state_dict={$module.} best_acc1=* " OPTIMIZER " scheduler={milestones=@C}}", "plain",
    NULL },
  { "torchvision_reference", "{model={$} " OPTIMIZER " lr_scheduler={milestones=@C} epoch=# args=@N model_ema={%module. "
    "n_averaged=*} scaler={scale=#}}", "plain", NULL },
  { "timm", "{epoch=# arch=# state_dict={$} " OPTIMIZER " args=@N state_dict_ema={%} metric=@R}", "plain", NULL },
  { "timm_ema", "{state_dict={$} state_dict_ema={%}}", "other", "--weights-key state_dict_ema" },
  { "lightning", "{state_dict={$model.} callbacks={ModelCheckpoint={best_model_score=*}} loops={x={y=#}} hyper_parameters=<lr=#}}",
    "plain", NULL },
  { "lightning_ema", "{state_dict={$model. %ema_model.}}", "plain", NULL },
  { "compiled", "{$_orig_mod.}", "plain", NULL },
  { "compiled_parallel", "{state_dict={$module._orig_mod.}}", "plain", NULL },
  { "compiled_in_lightning", "{state_dict={$model._orig_mod.module.}}", "plain", NULL },
  { "averaged", "{n_averaged=* $module.}", "plain", NULL },
  { "fsdp_inside", "{c._fsdp_wrapped_module.weight=+c.weight c._orig_mod.bias=+c.bias b.weight=+b.weight b.bias=+b.bias "
    "b.running_mean=+b.running_mean b.running_var=+b.running_var l._checkpoint_wrapped_module.weight=+l.weight l.bias=+l.bias}",
    "plain", NULL },
  { "nnunet", "{network_weights={$} optimizer_state={state={0=*}} _best_ema=@R init_args={a=@N}}", "plain", NULL },
  { "moco", "{state_dict={$module.encoder_q. %module.encoder_k. module.queue=* module.queue_ptr=*}}", "plain", NULL },
  { "backbone_and_head", "{meta=@N state_dict={backbone.c.weight=+c.weight backbone.c.bias=+c.bias backbone.b.weight=+b.weight "
    "backbone.b.bias=+b.bias backbone.b.running_mean=+b.running_mean backbone.b.running_var=+b.running_var "
    "head.l.weight=+l.weight head.l.bias=+l.bias}}", "plain", NULL },
  { "tower_for_images", "{$visual. transformer.weight=* logit_scale=*}", "plain", NULL },
  { "dictionaries_of_layers", "{c={weight=+c.weight bias=+c.bias} b={weight=+b.weight bias=+b.bias running_mean=+b.running_mean "
    "running_var=+b.running_var} l={weight=+l.weight bias=+l.bias}}", "plain", NULL },
  { "dictionary_of_a_class", "{state_dict=<$}}", "plain", NULL },
  { "beside_an_optimizer", "{$ " OPTIMIZER "}", "plain", NULL },
  { "key_before_root", "{% state_dict={$}}", "plain", NULL },
  { "twice_the_same", "{$ $module.}", "plain", NULL },
  { "twice_equal", "{model={$} net={&}}", "plain", NULL },
  { "only_an_average", "{ema={$module. n_averaged=*}}", "plain", NULL },
  { "in_many_words", "{state={model={state_dict={$net.module.backbone.}}}}", "plain", NULL },
  { "words_of_programs", "{model_weights={$cnn.} params_ema={%}}", "plain", NULL },
  { "cycle", "{state_dict={$} y=@Y}", "plain", NULL },
  { "counters", "{$ c._extra_state=* total_ops=* c.total_params=* b.num_batches_tracked=*}", "plain", NULL },
  { "student_chosen", "{student={$module.backbone.} teacher={%backbone.}}", "plain", "--weights-key student" },
  { "teacher_chosen", "{student={$module.backbone.} teacher={%backbone.}}", "other", "--weights-key teacher" },
  { "prefix_given", "{state_dict={$zebra.}}", "plain", "--weights-key state_dict.zebra" },
  { "inner_prefix_given", "{state_dict={$zebra.}}", "plain", "--weights-key zebra" },
  { "ignored", "{$ extra.weight=* extra.bias=*}", "plain", "--ignore extra" },
  { "ignored_by_patterns", "{state_dict={$module. module.extra.weight=* another=*}}", "plain", "--ignore extra.* --ignore an*" },
  { "ignored_of_two", "{$ %module.}", "plain", "--ignore module" },
  { "objects", "{state_dict={$} r=@R s=@S n=@N x=@X i=@I o=@O e=@E p=@P c=@C f=@F d=@D t=@T m=@M}", "plain", NULL },
  { "objects_among_tensors", "{$ r=@R s=@S n=@N x=@X i=@I o=@O c=@C}", "plain", NULL },

  { "students_differ", "{student={$module.backbone.} teacher={%backbone.}}",
    "--weights-key teacher.backbone or --weights-key student.module.backbone says which", NULL },
  { "words_of_one_length_differ", "{student={$} teacher={%}}", "--weights-key student or --weights-key teacher says which", NULL },
  { "keys_differ", "{model={$} net={%}}", "--weights-key net or --weights-key model says which", NULL },
  { "prefixes_differ", "{$ %module.}", "c.weight may be c.weight or module.c.weight, and they differ", NULL },
  { "unknown_prefix", "{epoch=# state_dict={$zebra.}}", "behind words that --weights-key state_dict.zebra takes off; the file has "
    "the keys epoch, state_dict", NULL },
  { "unknown_keys", "{G={$} D={%}}", "--weights-key D or --weights-key G", NULL },
  { "unknown_names", "{zebra.a=* zebra.b=*}", "all names in the file begin with zebra.", NULL },
  { "unknown_key_given", "{state_dict={$}}", "the file has the keys state_dict; one of the names is state_dict.c.weight",
    "--weights-key model" },
  { "extra", "{$ extra=*}", "not of this network: extra () (--ignore PATTERN passes over", NULL },
  { "wanted_is_array", "{c.weight=@R c.bias=+c.bias b.running_mean=+b.running_mean b.running_var=+b.running_var l.weight=+l.weight}",
    "c.weight is made by numpy.core.multiarray.scalar, which is not read", NULL },
  { "wanted_is_call", "{c.weight=@S c.bias=+c.bias b.running_mean=+b.running_mean b.running_var=+b.running_var l.weight=+l.weight}",
    "c.weight is made by os.system, which is not read", NULL },
  { "optional_is_call", "{c.weight=+c.weight c.bias=@S b.running_mean=+b.running_mean b.running_var=+b.running_var "
    "l.weight=+l.weight}", "c.bias is made by os.system, which is not read", NULL },
  { "wanted_is_negated", "{c.weight=+c.weight c.bias=@V b.running_mean=+b.running_mean b.running_var=+b.running_var "
    "l.weight=+l.weight}", "c.bias is made by torch._neg_view, which is not read", NULL },
  { "module_in_a_dictionary", "{epoch=# model=@N}", "; model is an object that argparse.Namespace makes, which is not read: save its "
    "state_dict ()", NULL },
  { "whole_module", "@N", "what was saved is an object that argparse.Namespace makes, which is not read; save its state_dict ()", NULL },
  { "empty", "{}", "missing: c.weight (2, 1, 1, 1)", NULL },
};

static void
put_checkpoint (const char *folder, const struct checkpoint *c, const char *spec, const char *suffix)
{
  char name[80];
  snprintf (name, sizeof name, "%s%s", c->name, suffix);
  struct bytes b = { 0 };
  pk_begin (&b);
  put_value (&b, spec, 0);
  b_str (&b, ".");
  put_zip (folder, name, b);
  checkpoint_put (folder, name, ".says", checkpoint_text (c->says));
  checkpoint_put (folder, name, ".args", checkpoint_text (c->args ? c->args : ""));
}

/* A checkpoint for every key under which programs write a network and every word that wrappers put before its names; under
 * the first key also for every two of these words, in either order. */
static void
put_wrapped (const char *folder)
{
  static const char *const keys[] = { "state_dict", "model", "net", "model_state_dict", "params", "module", "model_ema",
                                      "state_dict_ema" };
  static const char *const words[] = { "", "module.", "_orig_mod.", "model.", "backbone.", "encoder." };
  const size_t count = sizeof words / sizeof *words;
  char name[80], spec[160];
  for (size_t k = 0; k < sizeof keys / sizeof *keys; k++)
    for (size_t i = 1; i < count; i++)
      for (size_t j = 0; j < (k == 0 ? count : 1); j++)
        {
          const struct checkpoint c = { name, spec, "plain", NULL };
          if (i == j)
            continue;
          snprintf (name, sizeof name, "wrapped_%s_%s%s", keys[k], words[j], words[i]);
          snprintf (spec, sizeof spec, "{epoch=# %s={$%s%s} " OPTIMIZER "}", keys[k], words[j], words[i]);
          put_checkpoint (folder, &c, spec, "");
        }
}

/* Protocol 1 in both formats, and the legacy format's other things: views of storages, sizes of unknown types. */
static void
put_old (const char *folder)
{
  static const struct checkpoint c = { "legacy", NULL, "plain", NULL };
  struct bytes b = { 0 };
  b_str (&b, "}(");
  put_items (&b, "$module.}", 1);
  b_str (&b, "u.");
  put_checkpoint (folder, &c, "{$}", "_zip");
  put_legacy (folder, "legacy", b);
  checkpoint_put (folder, "legacy", ".says", checkpoint_text ("plain"));
  checkpoint_put (folder, "legacy", ".args", checkpoint_text (""));
}

int
main (int argc, char **argv)
{
  if (argc != 2)
    {
      fputs ("usage: checkpoint_files DIR\n", stderr);
      return 2;
    }
  for (size_t i = 0; i < sizeof checkpoints / sizeof *checkpoints; i++)
    put_checkpoint (argv[1], &checkpoints[i], checkpoints[i].spec, "");
  put_wrapped (argv[1]);
  put_old (argv[1]);
  checkpoint_values (argv[1]);
  return 0;
}
