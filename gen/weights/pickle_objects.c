/* The unpickler's globals, calls and persistent ids: what is known is made, all else becomes an inert object. */
#include "pickle_parts.h"

#include <string.h>

const char *
pickle_global_text (const struct pickle_global *g)
{
  return mem_printf ("%s.%s", weights_show (g->module, g->module_bytes), weights_show (g->name, g->name_bytes));
}

bool
pickle_global_is (const struct pickle_global *g, const char *module, const char *name)
{
  return g->module_bytes == strlen (module) && !memcmp (g->module, module, g->module_bytes)
         && g->name_bytes == strlen (name) && !memcmp (g->name, name, g->name_bytes);
}

struct pickle_value *
pickle_object (struct pickle *p, const struct pickle_global *maker)
{
  struct pickle_value *v = pickle_make (p, PICKLE_OBJECT);
  v->maker = maker;
  return v;
}

static struct pickle_value *
new_global (struct pickle *p, const char *module, size_t m, const char *name, size_t n)
{
  struct pickle_value *v = pickle_make (p, PICKLE_GLOBAL);
  struct pickle_global *g = NEW (struct pickle_global);
  *g = (struct pickle_global){ .module = module, .name = name, .module_bytes = m, .name_bytes = n };
  g->meaning = p->meaning->find (g);
  v->global = g;
  return v;
}

/* A global named by two lines. */
static struct pickle_value *
global_of_lines (struct pickle *p)
{
  size_t m, n;
  const char *module = pickle_take_line (p, &m);
  const char *name = pickle_take_line (p, &n);
  return new_global (p, module, m, name, n);
}

static struct pickle_value *
global_of_stack (struct pickle *p)
{
  const struct pickle_value *name = pickle_pop (p), *module = pickle_pop (p);
  if (module->kind != PICKLE_STRING || name->kind != PICKLE_STRING)
    pickle_bad (p, "a global's name is no string");
  return new_global (p, module->text.s, module->text.n, name->text.s, name->text.n);
}

/* FUNCTION (*ARGS), as data. */
static void
push_call (struct pickle *p, const struct pickle_value *function, struct pickle_value *args)
{
  if (args->kind != PICKLE_TUPLE)
    pickle_bad (p, "a call's arguments are no tuple");
  if (function->kind == PICKLE_OBJECT)
    pickle_push (p, pickle_object (p, function->maker));
  else if (function->kind != PICKLE_GLOBAL)
    pickle_bad (p, "a call of what is no function");
  else if (function->global->meaning == PICKLE_UNKNOWN)
    {
      pickle_push (p, pickle_object (p, function->global));
      pickle_top (p)->args = args;
    }
  else
    pickle_push (p, p->meaning->call (p, function->global, args));
}

/* Protocols 0 and 1: the arguments stand on the stack from FROM on; FUNCTION is behind the mark with OBJ. */
static void
push_instance (struct pickle *p, size_t from, const struct pickle_value *function)
{
  pickle_collect (p, from, PICKLE_TUPLE);
  struct pickle_value *args = pickle_pop (p);
  push_call (p, function, args);
}

static bool
op_call (struct pickle *p, int op)
{
  struct pickle_value *function, *args;
  switch (op)
    {
    case 'R':
    case 0x81: /* NEWOBJ: for classes without arguments of their own the same */
      args = pickle_pop (p);
      function = pickle_pop (p);
      push_call (p, function, args);
      return true;
    case 0x92: /* NEWOBJ_EX: with arguments by name, which nothing that is known takes */
      pickle_pop (p);
      args = pickle_pop (p);
      function = pickle_pop (p);
      push_call (p, function, args);
      return true;
    case 'i': /* INST */
      function = global_of_lines (p);
      push_instance (p, pickle_pop_mark (p), function);
      return true;
    case 'o': /* OBJ */
      {
        size_t from = pickle_pop_mark (p);
        if (p->depth == from)
          pickle_bad (p, "an object has no class");
        function = p->stack[from];
        push_instance (p, from + 1, function);
        args = pickle_pop (p);
        p->depth = from;
        pickle_push (p, args);
        return true;
      }
    default:
      return false;
    }
}

/* BUILD: an object's attributes. Those of what is known, _metadata of a state_dict among them, play no role. */
static void
set_attributes (struct pickle *p)
{
  struct pickle_value *state = pickle_pop (p);
  switch (pickle_top (p)->kind)
    {
    case PICKLE_OBJECT:
      pickle_top (p)->state = state;
      break;
    case PICKLE_NONE:
    case PICKLE_BOOL:
    case PICKLE_INT:
    case PICKLE_LONG:
    case PICKLE_FLOAT:
    case PICKLE_STRING:
      pickle_bad (p, "attributes are set on a number or a text");
    default:
      break;
    }
}

bool
pickle_op_object (struct pickle *p, int op)
{
  static const struct pickle_global extension = { "copyreg", "extension", 7, 9, PICKLE_UNKNOWN };
  static const struct pickle_global id = { "persistent", "id", 10, 2, PICKLE_UNKNOWN };
  size_t n;
  switch (op)
    {
    case 'c':
      pickle_push (p, global_of_lines (p));
      return true;
    case 0x93: /* STACK_GLOBAL */
      pickle_push (p, global_of_stack (p));
      return true;
    case 0x82: /* EXT1, EXT2, EXT4: a number stands for a global */
    case 0x83:
    case 0x84:
      pickle_take (p, op == 0x82 ? 1 : op == 0x83 ? 2 : 4);
      pickle_push (p, pickle_object (p, &extension));
      return true;
    case 'b':
      set_attributes (p);
      return true;
    case 'P': /* PERSID: torch.save can't write storages' ids so */
      pickle_take_line (p, &n);
      pickle_push (p, pickle_object (p, &id));
      return true;
    case 'Q':
      pickle_push (p, p->meaning->persistent (p, pickle_pop (p)));
      return true;
    default:
      return op_call (p, op);
    }
}
