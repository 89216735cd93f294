/* The parameters that a template is given. */
#ifndef RESCAST_EMIT_PARAMS_H
#define RESCAST_EMIT_PARAMS_H

#include "emit.h"

/* A list of parameters that grows. */
struct params
{
  struct macro list[256];
  int count;
};

/* A value that m4 expands; one that it must not look at, as all text of the user's; a number. */
void params_add (struct params *p, const char *name, const char *value);
/* params_add as plan_params wants it. */
void params_give (void *params, const char *name, const char *value);
void params_verbatim (struct params *p, const char *name, const char *value);
void params_int (struct params *p, const char *name, int64_t v);
/* PURPOSE: what a kernel computes, in lines that a comment has room for. */
void params_purpose (struct params *p, const char *purpose);
/* " + 1234", or nothing for 0. */
const char *plus (int64_t offset);
/* A name in capitals. */
char *params_upper (const char *s);
/* What every template may use. */
struct params params_common (const struct emission *e);

/* ACTIVATION_WORDS: all words of the activations' expressions, so that the heads have the functions that the network
 * uses and no others. */
void params_activation_words (struct params *p, const struct graph *g);

#endif
