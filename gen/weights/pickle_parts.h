/* The machine's parts, for its groups of opcodes alone. */
#ifndef RESCAST_WEIGHTS_PICKLE_PARTS_H
#define RESCAST_WEIGHTS_PICKLE_PARTS_H

#include "pickle.h"

/* ---- pickle_stack.c ---- */

/* The next BYTES of the program; fatal when it ends before. */
const unsigned char *pickle_take (struct pickle *p, uint64_t bytes);
uint64_t pickle_take_le (struct pickle *p, int bytes);
/* A line's *N bytes without its end, and a line that is a small decimal number. */
const char *pickle_take_line (struct pickle *p, size_t *n);
uint64_t pickle_take_decimal (struct pickle *p);

/* The stack. The values above the last mark belong to whoever takes the mark. */
void pickle_push (struct pickle *p, struct pickle_value *v);
struct pickle_value *pickle_pop (struct pickle *p);
struct pickle_value *pickle_top (struct pickle *p);
/* Height of the last mark, which is taken: the values from there on are the caller's to remove. */
size_t pickle_pop_mark (struct pickle *p);
/* What stands on the stack from FROM on becomes one value of that KIND. */
void pickle_collect (struct pickle *p, size_t from, enum pickle_kind kind);

/* ---- pickle_scalars.c, pickle_objects.c ---- */

/* Groups of opcodes: false when OP is none of theirs. */
bool pickle_op_scalar (struct pickle *p, int op);
bool pickle_op_object (struct pickle *p, int op);

#endif
