/* Runs the suites of check_list.h; Check's last line counts them. CK_VERBOSITY and CK_RUN_SUITE work as usual. */
#include <check.h>
#include <stdlib.h>

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
  SRunner *runner = srunner_create (NULL);
  for (size_t i = 0; i < sizeof suites / sizeof *suites; i++)
    srunner_add_suite (runner, suites[i]());
  srunner_run_all (runner, CK_ENV);
  int failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
