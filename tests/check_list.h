/* Every suite, in the order of the pipeline: a line here and a file test_NAME.c. */
SUITE (options)
SUITE (weights)
SUITE (sequence)
SUITE (init)
SUITE (reference)
SUITE (runtime)
