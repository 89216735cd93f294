/* No guard: included for each family, whose address it puts into a list. */
#define PLAN_ADDRESS_OF(s) &s##_family
#define PLAN_ADDRESS(s) PLAN_ADDRESS_OF (s)
PLAN_ADDRESS (PLAN_STRUCT),
#undef PLAN_ADDRESS
#undef PLAN_ADDRESS_OF
#undef PLAN_STRUCT
#undef PLAN_TEMPLATE
#undef PLAN_FILE
