/* Activations: what is known of each stands in its row of activations.def, and everybody asks here. */
#ifndef RESCAST_GRAPH_ACTIVATION_H
#define RESCAST_GRAPH_ACTIVATION_H

#include <stdbool.h>

enum activation_id
{
  ACT_NONE, /* y = x */
#define PARAMETER(key, fallback, least, rule)
#define NO_PARAMETER
#define ACTIVATION(id, ...) ACT_##id,
#include "activations.def"
  ACT_COUNT
};

/* An activation with its parameters, which are floats' values. prelu's slopes are none of them: each channel has its
 * own, an argument below; others do not look at it. */
struct activation
{
  enum activation_id id;
  double a, b;
};

/* Bytes of a CPU kernel's object code beyond relu's: for each vector of results, and once. */
struct activation_code
{
  double inlined, outside;
};

/* ID with the values A and B as floats. */
struct activation activation_with (enum activation_id id, double a, double b);
/* "relu"; "none" without one. */
const char *activation_name (const struct activation *act);
/* The key of a layer that gives parameter I, 0 or 1: "negative-slope"; NULL: there is none. */
const char *activation_key (const struct activation *act, int i);
/* "leaky_relu", for names of functions. */
const char *activation_word (const struct activation *act);
/* "clip, min 0, max 6": the name and the parameters. */
const char *activation_text (const struct activation *act);
struct activation_code activation_code (const struct activation *act);
/* Each channel has a slope of its own. */
bool activation_has_slope (const struct activation *act);
/* y in double. */
double activation_value (const struct activation *act, double slope, double x);
/* y of 0 is 0: the channels that pad a block may be computed like the others. */
bool activation_keeps_zero (const struct activation *act);
/* A larger x never has a smaller y. */
bool activation_is_monotone (const struct activation *act);
/* No y is below 0. */
bool activation_is_never_negative (const struct activation *act);
/* A small error of X becomes at most so many times as large. */
double activation_steepest (const struct activation *act, double slope, double x);
/* … whatever x is: a sum that errs by its last digit may go in front of it. */
bool activation_is_gentle (const struct activation *act);
/* How far from Y generated code may be when its x is right. */
double activation_error (const struct activation *act, double y);

/* y as generated code has it: an expression of X and SLOPE, which are C expressions themselves. */
char *activation_vector (const struct activation *act, const char *x, const char *slope);
char *activation_device (const struct activation *act, const char *x, const char *slope);
/* … of two elements in one unsigned int; nothing where there is no such expression. */
char *activation_device_pair (const struct activation *act, const char *x);

#endif
