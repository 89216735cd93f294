/* Runs the suites of check_list.h. */
#include "run_suites.h"

#define SUITE(name) Suite *name##_suite (void);
#include "check_list.h"
#undef SUITE

int
main (void)
{
  static Suite *(*const suites[]) (void) = {
#define SUITE(name) name##_suite,
#include "check_list.h"
#undef SUITE
  };
  return run_suites (suites, sizeof suites / sizeof *suites);
}
