/* The main of a program of unit tests. */
#ifndef RESCAST_TESTS_RUN_SUITES_H
#define RESCAST_TESTS_RUN_SUITES_H

#include <check.h>
#include <stddef.h>

/* Run what CK_RUN_SUITE and CK_RUN_CASE choose of COUNT suites; CK_VERBOSITY works as usual. Check's last line counts the tests.
 * Returns the program's exit status. */
int run_suites (Suite *(*const *suites) (void), size_t count);

#endif
