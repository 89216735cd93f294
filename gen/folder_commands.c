/* The commands whose argument is a generated folder, one short function each. */
#include "folder_commands.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "arguments.h"
#include "base/data_dir.h"
#include "compare/compare.h"
#include "generate/manifest.h"
#include "generate/repack.h"
#include "report/report.h"
#include "tune/tune.h"
#include "verify/verify.h"

int
run_pack (int argc, char **argv)
{
  static const struct option longs[] = { WEIGHTS_LONG_OPTIONS, { NULL, 0, NULL, 0 } };
  struct weights_arguments weights = { .path = NULL };
  for (int c; (c = getopt_long (argc, argv, ":w:", longs, NULL)) != -1;)
    if (!weights_argument (&weights, c, optarg))
      bad_option (c, argv);
  const char *dir = only_argument (argc, argv, "generated folder");
  if (!weights.path)
    usage ("pack needs -w WEIGHTS");
  repack (dir, weights.path, &weights.use);
  return 0;
}

int
run_verify (int argc, char **argv)
{
  static const struct option longs[] = { { "junit", required_argument, NULL, 'j' },
                                         RUN_LONG_OPTIONS,
                                         { "non-finite", no_argument, NULL, 'n' },
                                         { NULL, 0, NULL, 0 } };
  struct weights_arguments weights = { .path = NULL };
  struct verify_options o = { .planned = manifest_planned, .unfolded = manifest_unfolded };
  for (int c; (c = getopt_long (argc, argv, ":w:v", longs, NULL)) != -1;)
    if (weights_argument (&weights, c, optarg) || run_argument (&o, c, optarg))
      continue;
    else if (c == 'n')
      o.non_finite = true;
    else if (c == 'j')
      o.junit = optarg;
    else
      bad_option (c, argv);
  weights_arguments_check (&weights, NULL);
  o.weights = weights.path;
  o.use = weights.use;
  o.dir = only_argument (argc, argv, "generated folder");
  return verify_run (&o);
}

int
run_compare (int argc, char **argv)
{
  static const struct option longs[]
      = { { "onnx", required_argument, NULL, 'o' }, RUN_LONG_OPTIONS, { NULL, 0, NULL, 0 } };
  struct compare_options o = { .run = { .planned = manifest_planned, .unfolded = manifest_unfolded } };
  struct weights_arguments weights = { .path = NULL };
  for (int c; (c = getopt_long (argc, argv, ":w:v", longs, NULL)) != -1;)
    if (weights_argument (&weights, c, optarg) || run_argument (&o.run, c, optarg))
      continue;
    else if (c == 'o')
      o.onnx = optarg;
    else
      bad_option (c, argv);
  weights_arguments_check (&weights, NULL);
  o.run.weights = weights.path;
  o.run.use = weights.use;
  o.run.dir = only_argument (argc, argv, "generated folder");
  if (!o.onnx == !o.run.reference)
    usage ("compare needs one of --onnx F and --reference F.npz");
  return compare_run (&o);
}

/* "cpu", "all", or a device's name, "cuda" or, of several, "cuda:N" */
static void
device_value (const char *s, struct tune_options *o)
{
  const size_t length = strcspn (s, ":");
  const bool all = !strcmp (s, "all");
  o->cpu = all || !strcmp (s, "cpu");
  o->device = all ? device_backends[0] : NULL;
  o->gpu = 0;
  for (int i = 0; !o->cpu && device_backends[i]; i++)
    if (strlen (device_backends[i]->name) == length && !strncmp (s, device_backends[i]->name, length))
      o->device = device_backends[i];
  const char *number = s[length] ? s + length + 1 : "0";
  char *end;
  long gpu = strtol (number, &end, 10);
  if ((!o->cpu && !o->device) || *number < '0' || *number > '9' || *end || gpu > 1023)
    usage ("--device %s: must be cpu, cuda, cuda:N or all", s);
  o->gpu = (int) gpu;
}

int
run_tune (int argc, char **argv)
{
  static const struct option longs[] = { { "wisdom", required_argument, NULL, 'i' },
                                         { "threads", required_argument, NULL, 't' },
                                         { "device", required_argument, NULL, 'd' },
                                         { "tiles", required_argument, NULL, 'l' },
                                         { "seconds", required_argument, NULL, 's' },
                                         WEIGHTS_LONG_OPTIONS,
                                         { NULL, 0, NULL, 0 } };
  struct weights_arguments weights = { .path = NULL };
  struct tune_options o = { .cpu = true, .device = device_backends[0], .seconds = 120 };
  for (int c; (c = getopt_long (argc, argv, ":w:", longs, NULL)) != -1;)
    if (weights_argument (&weights, c, optarg))
      continue;
    else if (c == 'i')
      o.wisdom = optarg;
    else if (c == 't')
      o.threads = (int) number_value ("--threads", optarg, 1, 256);
    else if (c == 'd')
      device_value (optarg, &o);
    else if (c == 'l')
      o.tiles = optarg;
    else if (c == 's')
      o.seconds = number_value ("--seconds", optarg, 1, 86400);
    else
      bad_option (c, argv);
  if (o.tiles && !o.device)
    usage ("--tiles %s: is of GPUs; --device cpu leaves them out", o.tiles);
  if (o.wisdom && data_is_name (o.wisdom))
    usage ("--wisdom %s: names a table that comes with rescast; give a file, such as ./%s.json", o.wisdom, o.wisdom);
  weights_arguments_check (&weights, NULL);
  o.weights = weights.path;
  o.use = weights.use;
  o.dir = only_argument (argc, argv, "generated folder");
  return tune (&o);
}

int
run_report (int argc, char **argv)
{
  static const struct option longs[] = { { "times", required_argument, NULL, 't' },
                                         { "junit", required_argument, NULL, 'j' },
                                         { "verify", no_argument, NULL, 'v' },
                                         { "seconds", required_argument, NULL, 's' },
                                         { "threads", required_argument, NULL, 'n' },
                                         { "peak", required_argument, NULL, 'p' },
                                         { "bandwidth", required_argument, NULL, 'b' },
                                         { NULL, 0, NULL, 0 } };
  struct report_options o = { .seconds = 5 };
  struct sets times = { .count = 0 };
  bool seconds = false;
  for (int c; (c = getopt_long (argc, argv, ":o:", longs, NULL)) != -1;)
    if (c == 'o')
      o.page = optarg;
    else if (c == 't')
      add_repeated (&times, "--times", optarg);
    else if (c == 'j')
      o.junit = optarg;
    else if (c == 'v')
      o.verify = true;
    else if (c == 's')
      {
        o.seconds = number_value ("--seconds", optarg, 0, 86400);
        seconds = true;
      }
    else if (c == 'n')
      o.threads = (int) number_value ("--threads", optarg, 1, 256);
    else if (c == 'p')
      o.peak = number_value ("--peak", optarg, 1e-3, 1e9);
    else if (c == 'b')
      o.bandwidth = number_value ("--bandwidth", optarg, 1e-3, 1e9);
    else
      bad_option (c, argv);
  o.dir = only_argument (argc, argv, "generated folder");
  o.times = times.list;
  o.times_count = times.count;
  if (o.junit && o.verify)
    usage ("--junit %s: has verify's results already; leave out one of it and --verify", o.junit);
  if (seconds && times.count)
    usage ("--times %s: has the times; --seconds is for measuring them", times.list[0]);
  if (o.threads && !o.verify && (times.count || o.seconds <= 0))
    usage ("--threads: nothing is run; it goes with --verify, or with times that are measured");
  return report_run (&o);
}
