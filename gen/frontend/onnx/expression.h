/* Functions of one number, as an ONNX graph spells them out in several nodes. */
#ifndef RESCAST_FRONTEND_ONNX_EXPRESSION_H
#define RESCAST_FRONTEND_ONNX_EXPRESSION_H

#include "graph/activation.h"

enum expression_op
{
  EXPRESSION_X,
  EXPRESSION_NUMBER, /* p */
  EXPRESSION_ADD,
  EXPRESSION_SUB,
  EXPRESSION_MUL,
  EXPRESSION_DIV,
  EXPRESSION_POW,
  EXPRESSION_MIN,
  EXPRESSION_MAX,
  EXPRESSION_NEG,
  EXPRESSION_ABS,
  EXPRESSION_EXP,
  EXPRESSION_LOG,
  EXPRESSION_SQRT,
  EXPRESSION_ERF,
  EXPRESSION_TANH,
  EXPRESSION_SIGMOID,
  EXPRESSION_RELU,
  EXPRESSION_SOFTPLUS,
  EXPRESSION_LEAKY_RELU,   /* p: the slope */
  EXPRESSION_ELU,          /* p: alpha */
  EXPRESSION_CLIP,         /* from p to q */
  /* What is true or false is 1 or 0. */
  EXPRESSION_LESS,
  EXPRESSION_LESS_EQUAL,
  EXPRESSION_EQUAL,
  EXPRESSION_AND,
  EXPRESSION_OR,
  EXPRESSION_NOT,
  EXPRESSION_WHERE /* b where a is true, else c */
};

struct expression
{
  enum expression_op op;
  const struct expression *a, *b, *c; /* NULL where the operator has none */
  double p, q;
  int size; /* how many operators, numbers and x it has */
};

const struct expression *expression_new (enum expression_op op, const struct expression *a, const struct expression *b);
const struct expression *expression_number (double p);
const struct expression *expression_where (const struct expression *a, const struct expression *b,
                                           const struct expression *c);
/* A from LOW to HIGH. */
const struct expression *expression_clip (const struct expression *a, double low, double high);
/* With parameters. */
const struct expression *expression_with (enum expression_op op, const struct expression *a, double p, double q);
double expression_at (const struct expression *e, double x);
/* The activation that E is, by its values; false: none of them. */
bool expression_activation (const struct expression *e, struct activation *act);
/* … or that times a number, of those whose value of 1 is 1. */
bool expression_scaled (const struct expression *e, struct activation *act, double *scale);
/* Is E = scale * A + bias, with numbers? *A: NULL for x itself. */
bool expression_affine (const struct expression *e, const struct expression **a, double *scale, double *bias);
/* The type of the layer that joins two others as OP does: "add"; NULL: there is none. */
const char *expression_layer_type (enum expression_op op);
/* The expression's operators, for messages: "div (mul (x, …), 6)". */
const char *expression_text (const struct expression *e);

#endif
