/* Arguments of the command line: their values, or one line and exit status 2. */
#ifndef RESCAST_ARGUMENTS_H
#define RESCAST_ARGUMENTS_H

#include "graph/bind.h"
#include "verify/verify.h"

/* `rescast: WHAT; see rescast --help`. */
_Noreturn void usage (const char *fmt, ...) PRINTF (1, 2);
/* getopt_long's answer to a wrong argument, as one line of ours. */
_Noreturn void bad_option (int c, char **argv);
/* What is left behind the options; there is to be one, WHAT. */
const char *only_argument (int argc, char **argv, const char *what);

/* The arguments of an option that may be repeated: --set's KEY=VALUE, --wisdom's files. */
struct sets
{
  const char *list[256];
  size_t count;
};
void add_repeated (struct sets *s, const char *option, const char *text);
void add_set (struct sets *s, const char *text);

uint64_t bytes_value (const char *option, const char *s);
int64_t unroll_value (const char *s);
enum precision precision_value (const char *s);
double number_value (const char *option, const char *s, double least, double most);

/* -w FILE, and what goes with it. */
struct weights_arguments
{
  const char *path;
  struct weights_use use;
  struct sets ignored;
};
enum
{
  WEIGHTS_KEY = 256, /* getopt_long's values of the long options: no letters of others */
  WEIGHTS_IGNORE
};
#define WEIGHTS_LONG_OPTIONS \
  { "weights-key", required_argument, NULL, WEIGHTS_KEY }, { "ignore", required_argument, NULL, WEIGHTS_IGNORE }
/* False: C is none of these options. */
bool weights_argument (struct weights_arguments *a, int c, const char *value);
/* None of them is of use without -w, but where the command's argument MODEL, NULL for none, is a file of weights. */
void weights_arguments_check (const struct weights_arguments *a, const char *model);

/* What says which network is meant, beside the file. */
struct model_arguments
{
  struct weights_arguments weights;
  struct sets sets; /* KEY=VALUE */
};
enum
{
  MODEL_SET = WEIGHTS_IGNORE + 1,
  MODEL_OUTPUT
};
#define MODEL_LONG_OPTIONS                                                                                             \
  { "set", required_argument, NULL, MODEL_SET }, { "output-tensor", required_argument, NULL, MODEL_OUTPUT },           \
      WEIGHTS_LONG_OPTIONS
bool model_argument (struct model_arguments *a, int c, const char *value);

/* How a generated network is run, for verify and compare. */
enum
{
  RUN_REFERENCE = MODEL_OUTPUT + 1,
  RUN_THREADS,
  RUN_SEED,
  RUN_TOLERANCE,
  RUN_SECONDS
};
#define RUN_LONG_OPTIONS                                                                                               \
  { "reference", required_argument, NULL, RUN_REFERENCE }, { "threads", required_argument, NULL, RUN_THREADS },        \
      { "seed", required_argument, NULL, RUN_SEED }, { "tolerance", required_argument, NULL, RUN_TOLERANCE },          \
      { "seconds", required_argument, NULL, RUN_SECONDS }, WEIGHTS_LONG_OPTIONS
/* These and -v. */
bool run_argument (struct verify_options *o, int c, const char *value);

#endif
