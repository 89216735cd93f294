#!/bin/sh
# Every kernel against the reference, by the program check_kernels. It takes as long as many other tests together, so make must
# begin with it: behind the name of a program, whose own prerequisites it looks at, make would come to it last.
exec "${RESCAST_BUILDDIR:-$(dirname "$0")/..}/tests/check_kernels"
