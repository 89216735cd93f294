/* No guard: included for each group and family, whose struct it declares. */
#define INT(member, name, use, doc) int64_t member;
#define REAL(member, name, use, doc) double member;
#define WORD(member, name, use, doc) const char *member;
#define TABLE(member, name, use, doc) struct plan_table member;
#define GROUP(member, group, prefix, doc) struct plan_##group member;
struct PLAN_STRUCT
{
#include PLAN_FILE
};
#undef INT
#undef REAL
#undef WORD
#undef TABLE
#undef GROUP
#ifdef PLAN_TEMPLATE
#define PLAN_NAME_OF(s) s##_family
#define PLAN_NAME(s) PLAN_NAME_OF (s)
extern const struct plan_family PLAN_NAME (PLAN_STRUCT);
#undef PLAN_NAME
#undef PLAN_NAME_OF
#undef PLAN_TEMPLATE
#endif
#undef PLAN_STRUCT
#undef PLAN_FILE
