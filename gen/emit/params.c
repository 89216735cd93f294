#include "params.h"

#include "backend/backend.h"

#include <ctype.h>
#include <inttypes.h>

#include "backend/kernel.h"
#include "config.h"
#include "verbatim.h"

void
params_add (struct params *p, const char *name, const char *value)
{
  if (p->count == (int) (sizeof p->list / sizeof *p->list))
    fatal ("internal error: too many template parameters");
  p->list[p->count++] = (struct macro){ name, value };
}

void
params_verbatim (struct params *p, const char *name, const char *value)
{
  params_add (p, name, verbatim (value));
}

void
params_int (struct params *p, const char *name, int64_t v)
{
  params_add (p, name, mem_printf ("%" PRId64, v));
}

char *
params_upper (const char *s)
{
  char *u = mem_strdup (s);
  for (char *c = u; *c; c++)
    if (*c >= 'a' && *c <= 'z')
      *c = (char) (*c - 'a' + 'A');
  return u;
}

struct params
params_common (const struct emission *e)
{
  struct params p = { .count = 0 };
  params_verbatim (&p, "NETWORK_NAME", e->g->name);
  params_add (&p, "VERSION", PACKAGE_VERSION);
  return p;
}

void
params_purpose (struct params *p, const char *purpose)
{
  enum
  {
    COLUMNS = 112 /* of 120, less the signs of the comment */
  };
  const char *line = purpose, *blank = NULL;
  struct text t = { 0 };
  for (const char *c = purpose; *c; c++)
    {
      if (*c == ' ')
        blank = c;
      if (c - line < COLUMNS || !blank)
        continue;
      text_addn (&t, line, (size_t) (blank - line));
      text_add (&t, "\n   ");
      line = blank + 1;
      blank = NULL;
    }
  text_add (&t, line);
  params_add (p, "PURPOSE", t.s);
}

void
params_give (void *params, const char *name, const char *value)
{
  params_add (params, name, value);
}

void
params_activation_words (struct params *p, const struct graph *g)
{
  struct text t = { 0 };
  text_add (&t, "");
  for (int i = 0; i < g->node_count; i++)
    {
      const struct node *n = &g->nodes[i];
      if (n->ep.act.id != ACT_NONE)
        text_printf (&t, "%s ", backend_of (g)->activation (&n->ep.act, "", ""));
      for (int k = 0; n->gate && k < 2; k++)
        text_printf (&t, "%s ",
                     backend_of (g)->activation (k ? &n->gate->expand.ep.act : &n->gate->reduce.ep.act, "", ""));
      if (n->kernel->channel_mask_at >= 0)
        text_add (&t, "vpositive ");
      if (n->op == OP_SOFTMAX)
        text_add (&t, n->logarithm ? "vexp vlog " : "vexp ");
      if (n->op == OP_POWER)
        text_add (&t, "vpow ");
      if (n->op == OP_UPSAMPLE && !n->nearest && g->tensors[n->out].format.element == ELEMENT_BF16)
        text_add (&t, "vproduct ");
    }
  for (char *c = t.s; *c; c++)
    if (!isalnum ((unsigned char) *c) && *c != '_')
      *c = ' ';
  params_add (p, "ACTIVATION_WORDS", t.s);
}

const char *
plus (int64_t offset)
{
  return offset ? mem_printf (" + %" PRId64, offset) : "";
}
