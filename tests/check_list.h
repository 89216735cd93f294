/* Every suite, in the order of the pipeline: a line here and a file test_NAME.c. */
SUITE (options)
SUITE (weights)
SUITE (init)
SUITE (reference)
SUITE (runtime)
SUITE (plot)
