#!/bin/sh
# The unit tests, by the program check_main; kernels.sh says why it has a script.
exec "${RESCAST_BUILDDIR:-$(dirname "$0")/..}/tests/check_main"
