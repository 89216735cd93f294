/* The second file of the suite "passes". */
#ifndef RESCAST_TESTS_TEST_PASSES_H
#define RESCAST_TESTS_TEST_PASSES_H

#include <check.h>

TCase *passes_planning (void);

#endif
