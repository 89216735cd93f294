/* The command line: one short function per subcommand. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arguments.h"
#include "base/program.h"
#include "config.h"
#include "folder_commands.h"
#include "generate/budget.h"
#include "generate/generate.h"
#include "generate/pipeline.h"
#include "generate/import.h"
#include "backend/code_budget.h"
#include "frontend/frontend.h"
#include "pack/pack.h"
#include "show/plot.h"
#include "show/summary.h"

static const char usage_text[]
    = "usage: rescast generate OPTIONS.yaml|MODEL.onnx|CHECKPOINT [-w WEIGHTS] [--weights-key KEY]\n"
      "                        [--ignore PATTERN]... [-o DIR] [-t TARGET[:P],...] [--precision P] [--set KEY=VALUE]\n"
      "                        [--output-tensor NAME] [--embed] [--exact] [--keep-tensors]\n"
      "                        [--max-ram BYTES] [--max-weights BYTES] [--max-code BYTES]\n"
      "                        [--max-stack BYTES] [--unroll-budget BYTES|max]\n"
      "                        [--wisdom FILE|NAME]... [--tiles FILE] [-d]\n"
      "       rescast import   MODEL.onnx|CHECKPOINT -o DIR [--weights-key KEY] [--ignore PATTERN]...\n"
      "                        [--set KEY=VALUE] [--output-tensor NAME]\n"
      "       rescast summary  OPTIONS.yaml|MODEL.onnx|CHECKPOINT [--weights-key KEY] [--ignore PATTERN]...\n"
      "                        [--json|--table] [-t TARGET[:P],...] [--precision P] [--exact]\n"
      "                        [--unroll-budget BYTES|max] [--set KEY=VALUE]\n"
      "       rescast plot     OPTIONS.yaml|MODEL.onnx|CHECKPOINT -o FILE.svg [--weights-key KEY]\n"
      "                        [--ignore PATTERN]... [--full] [--set KEY=VALUE]\n"
      "       rescast pack     DIR -w WEIGHTS [--weights-key KEY] [--ignore PATTERN]...\n"
      "       rescast verify   DIR [-w WEIGHTS [--weights-key KEY] [--ignore PATTERN]...] [--reference F.npz]\n"
      "                        [--junit F] [--threads N] [--seed S] [--tolerance T]\n"
      "                        [--seconds S] [--non-finite] [-v]\n"
      "       rescast compare  DIR --onnx F|--reference F.npz [-w WEIGHTS [--weights-key KEY] [--ignore PATTERN]...]\n"
      "                        [--threads N] [--seed S] [--tolerance T] [--seconds S] [-v]\n"
      "       rescast tune     DIR [-w WEIGHTS [--weights-key KEY] [--ignore PATTERN]...]\n"
      "                        [--device cpu|cuda[:N]|all] [--wisdom FILE] [--threads N] [--tiles FILE] [--seconds S]\n"
      "       rescast report   DIR [-o FILE.html] [--seconds S|--times FILE...] [--threads N]\n"
      "                        [--verify|--junit FILE] [--peak GMACS] [--bandwidth GBS]\n"
      "       rescast options  [NETWORK]\n"
      "       rescast --version | --help\n";

static int
print_help (void)
{
  const struct targets all = targets_all ();
  fputs (usage_text, stdout);
  puts ("targets:");
  for (int i = 0; i < all.count; i++)
    printf ("       %-11s %s\n", all.list[i].name, all.list[i].description);
  return ferror (stdout) != 0;
}

/* Of -t LIST, NULL for none, and --precision P, PRECISION_COUNT for none: targets that the list names without a
 * precision compute in P; some of them must have it. */
static struct targets
targets_of_options (const char *list, enum precision p)
{
  const struct targets all = targets_all ();
  struct targets t = list ? targets_parse (list) : targets_usual (p == PRECISION_COUNT ? PRECISION_FP32 : p);
  struct text with = { 0 };
  if (t.wrong)
    usage ("-t %s: %s", list, t.wrong);
  if (p == PRECISION_COUNT || targets_compute_in (&t, p))
    return t;
  for (int i = 0; i < all.count; i++)
    if (all.list[i].precisions >> p & 1)
      text_printf (&with, "%s%s", with.n ? ", " : "", all.list[i].name);
  usage ("--precision %s: is of the targets %s; give one of them with -t", precision_name (p), with.s);
}

/* Code without loops is in fp32: weights of other precisions would have to be widened there as well. */
static void
unroll_check (const struct generate_options *o)
{
  if (o->unroll_budget != CODE_BUDGET_MAX)
    return;
  for (int i = 0; i < o->targets.count; i++)
    if (o->targets.list[i].cpu && o->targets.list[i].precision != PRECISION_FP32)
      usage ("--unroll-budget max: writes out code in fp32, and %s computes in %s; give a number of bytes",
             o->targets.list[i].name, precision_name (o->targets.list[i].precision));
}

static int
run_generate (int argc, char **argv)
{
  static const struct option longs[] = { { "precision", required_argument, NULL, 'p' },
                                         { "embed", no_argument, NULL, 'e' },
                                         { "keep-tensors", no_argument, NULL, 'k' },
                                         { "exact", no_argument, NULL, 'x' },
                                         { "max-ram", required_argument, NULL, 'r' },
                                         { "max-weights", required_argument, NULL, 'm' },
                                         { "max-code", required_argument, NULL, 'c' },
                                         { "max-stack", required_argument, NULL, 's' },
                                         { "unroll-budget", required_argument, NULL, 'u' },
                                         { "wisdom", required_argument, NULL, 'i' },
                                         { "tiles", required_argument, NULL, 'l' },
                                         MODEL_LONG_OPTIONS,
                                         { NULL, 0, NULL, 0 } };
  struct model_arguments model = { .weights = { .path = NULL } };
  struct generate_options o = { .unroll_budget = CODE_BUDGET_DEFAULT };
  struct sets wisdom = { .count = 0 };
  const char *targets = NULL;
  enum precision precision = PRECISION_COUNT; /* none was given */
  for (int c; (c = getopt_long (argc, argv, ":w:o:t:d", longs, NULL)) != -1;)
    if (model_argument (&model, c, optarg))
      continue;
    else if (c == 'o')
      o.dir = optarg;
    else if (c == 't')
      targets = optarg;
    else if (c == 'd')
      o.dump = true;
    else if (c == 'e')
      o.embed = true;
    else if (c == 'k')
      o.keep_tensors = true;
    else if (c == 'x')
      o.exact = true;
    else if (c == 'r')
      o.limits.max_ram = bytes_value ("--max-ram", optarg);
    else if (c == 'm')
      o.limits.max_weights = bytes_value ("--max-weights", optarg);
    else if (c == 'c')
      o.limits.max_code = bytes_value ("--max-code", optarg);
    else if (c == 's')
      o.limits.max_stack = bytes_value ("--max-stack", optarg);
    else if (c == 'u')
      o.unroll_budget = unroll_value (optarg);
    else if (c == 'i')
      add_repeated (&wisdom, "--wisdom", optarg);
    else if (c == 'l')
      o.tiles = optarg;
    else if (c == 'p')
      precision = precision_value (optarg);
    else
      bad_option (c, argv);
  o.targets = targets_of_options (targets, precision);
  unroll_check (&o);
  o.weights = model.weights.path;
  o.use = model.weights.use;
  o.path = only_argument (argc, argv, "options file");
  weights_arguments_check (&model.weights, o.path);
  o.set = model.sets.list;
  o.set_count = model.sets.count;
  o.wisdom = wisdom.list;
  o.wisdom_count = wisdom.count;
  generate (&o);
  return 0;
}

static int
run_import (int argc, char **argv)
{
  static const struct option longs[] = { MODEL_LONG_OPTIONS, { NULL, 0, NULL, 0 } };
  struct model_arguments model = { .weights = { .path = NULL } };
  const char *dir = NULL;
  for (int c; (c = getopt_long (argc, argv, ":o:", longs, NULL)) != -1;)
    if (model_argument (&model, c, optarg))
      continue;
    else if (c == 'o')
      dir = optarg;
    else
      bad_option (c, argv);
  const char *path = only_argument (argc, argv, "model");
  if (!dir)
    usage ("import needs -o DIR");
  weights_arguments_check (&model.weights, path);
  import_model (path, dir, model.sets.list, model.sets.count, &model.weights.use);
  return 0;
}

static int
run_summary (int argc, char **argv)
{
  static const struct option longs[] = { { "json", no_argument, NULL, 'j' },
                                         { "table", no_argument, NULL, 'b' },
                                         { "precision", required_argument, NULL, 'p' },
                                         { "exact", no_argument, NULL, 'x' },
                                         { "unroll-budget", required_argument, NULL, 'u' },
                                         MODEL_LONG_OPTIONS,
                                         { NULL, 0, NULL, 0 } };
  enum summary_format format = SUMMARY_TEXT;
  enum precision precision = PRECISION_COUNT; /* none was given */
  struct generate_options o = { .unroll_budget = CODE_BUDGET_DEFAULT };
  const char *targets = NULL;
  struct model_arguments model = { .weights = { .path = NULL } };
  for (int c; (c = getopt_long (argc, argv, ":t:", longs, NULL)) != -1;)
    if (model_argument (&model, c, optarg))
      continue;
    else if (c == 'j')
      format = SUMMARY_JSON;
    else if (c == 'b')
      format = SUMMARY_TABLE;
    else if (c == 't')
      targets = optarg;
    else if (c == 'x')
      o.exact = true;
    else if (c == 'u')
      o.unroll_budget = unroll_value (optarg);
    else if (c == 'p')
      precision = precision_value (optarg);
    else
      bad_option (c, argv);
  if (!targets && precision != PRECISION_COUNT && !backend_has (host_backend, precision))
    usage ("--precision %s: memory is told of CPUs, which do not compute in it", precision_name (precision));
  o.targets = targets_of_options (targets, precision);
  unroll_check (&o);
  o.path = only_argument (argc, argv, "options file");
  weights_arguments_check (&model.weights, o.path);
  const struct source *source = source_read (o.path, model.sets.list, model.sets.count, &model.weights.use);
  struct summary s = { .layers = source_build (source), .network = source->network, .planned = source_build (source) };
  for (int i = 0; i < s.planned->param_count; i++)
    bind_zeros (s.planned->params[i]);
  s.planned->precision = targets_precision (&o.targets, host_backend);
  s.planned->exact = o.exact;
  code_budget_set (s.planned, o.unroll_budget);
  if (targets)
    s.count = needs_of_targets (source, s.planned, &o.targets, s.needs);
  run_passes (s.planned, o.targets, false);
  s.weights_bytes = pack_plan (s.planned);
  summary_print (&s, format);
  return 0;
}

static int
run_plot (int argc, char **argv)
{
  static const struct option longs[] = { { "full", no_argument, NULL, 'f' }, MODEL_LONG_OPTIONS, { NULL, 0, NULL, 0 } };
  const char *picture = NULL;
  bool full = false;
  struct model_arguments model = { .weights = { .path = NULL } };
  for (int c; (c = getopt_long (argc, argv, ":o:", longs, NULL)) != -1;)
    if (model_argument (&model, c, optarg))
      continue;
    else if (c == 'o')
      picture = optarg;
    else if (c == 'f')
      full = true;
    else
      bad_option (c, argv);
  const char *path = only_argument (argc, argv, "options file");
  if (!picture)
    usage ("plot needs -o FILE.svg");
  weights_arguments_check (&model.weights, path);
  plot (source_build (source_read (path, model.sets.list, model.sets.count, &model.weights.use)), picture, full);
  return 0;
}

static int
run_options (int argc, char **argv)
{
  if (argc > 2)
    usage ("options takes at most one network");
  options_frontend_print (argc == 2 ? argv[1] : NULL);
  return 0;
}

static int
run (int argc, char **argv)
{
  static const struct { const char *name; int (*run) (int, char **);
  } commands[] = {
    { "generate", run_generate }, { "import", run_import }, { "summary", run_summary }, { "plot", run_plot },
    { "pack", run_pack },         { "verify", run_verify }, { "options", run_options }, { "tune", run_tune },
    { "compare", run_compare },   { "report", run_report },
  };
  if (argc < 2)
    usage ("a command is missing");
  if (strcmp (argv[1], "--version") == 0)
    return puts ("rescast " PACKAGE_VERSION) < 0;
  if (strcmp (argv[1], "--help") == 0 || strcmp (argv[1], "help") == 0)
    return print_help ();
  for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
    if (strcmp (argv[1], commands[i].name) == 0)
      return commands[i].run (argc - 1, argv + 1);
  usage ("%s is not a command", argv[1]);
}

int
main (int argc, char **argv)
{
  opterr = 0;
  program_begin ();
  int status = run (argc, argv);
  program_flush ();
  mem_free_all ();
  return status;
}
