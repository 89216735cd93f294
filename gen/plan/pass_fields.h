/* No guard: included for each group and family, whose table of fields it defines. */
#define PLAN_PASTE_OF(a, b) a##b
#define PLAN_PASTE(a, b) PLAN_PASTE_OF (a, b)
#define PLAN_STRING_OF(s) #s
#define PLAN_STRING(s) PLAN_STRING_OF (s)
#define FIELD(kind, member, name, use, doc) { kind, name, offsetof (struct PLAN_STRUCT, member), use, doc, NULL, NULL },
#define INT(member, name, use, doc) FIELD (PLAN_INT, member, #name, PLAN_##use, doc)
#define REAL(member, name, use, doc) FIELD (PLAN_REAL, member, #name, PLAN_##use, doc)
#define WORD(member, name, use, doc) FIELD (PLAN_WORD, member, #name, PLAN_##use, doc)
#define TABLE(member, name, use, doc) FIELD (PLAN_TABLE, member, #name, PLAN_##use, doc)
#define GROUP(member, group, prefix, doc) \
  { PLAN_GROUP, prefix, offsetof (struct PLAN_STRUCT, member), PLAN_CODE, doc, plan_##group##_fields, #group },
static const struct plan_field PLAN_PASTE (PLAN_STRUCT, _fields)[] = {
#include PLAN_FILE
  { 0 }
};
#undef FIELD
#undef INT
#undef REAL
#undef WORD
#undef TABLE
#undef GROUP
#ifdef PLAN_TEMPLATE
const struct plan_family PLAN_PASTE (PLAN_STRUCT, _family) = {
  PLAN_STRING (PLAN_STRUCT), PLAN_TEMPLATE, sizeof (struct PLAN_STRUCT), PLAN_PASTE (PLAN_STRUCT, _fields)
};
#undef PLAN_TEMPLATE
#endif
#undef PLAN_PASTE
#undef PLAN_PASTE_OF
#undef PLAN_STRING
#undef PLAN_STRING_OF
#undef PLAN_STRUCT
#undef PLAN_FILE
