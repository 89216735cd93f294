/* No guard: included for each group, whose name and fields it puts into a list. */
#define PLAN_ROW_OF(s) { #s, s##_fields },
#define PLAN_ROW(s) PLAN_ROW_OF (s)
PLAN_ROW (PLAN_STRUCT)
#undef PLAN_ROW
#undef PLAN_ROW_OF
#undef PLAN_STRUCT
#undef PLAN_FILE
