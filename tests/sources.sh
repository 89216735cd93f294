#!/bin/sh
# Makefile.am names every file of the checkout that must be built, installed or distributed.
. "$(dirname "$0")/lib.sh"

cd "$RESCAST_SRCDIR" || exit 99
for f in gen/*.c gen/*/*.[ch] gen/*/*/*.[ch] gen/*/*.def gen/*/*/*.def templates/*.* templates/*/* runtime/*.[ch] runtime/*/*.[ch] tests/*.[chm] tests/*.sh tests/*.py tests/*.cu \
  tests/*.awk examples/*/* bench/*.* bench/results/* docs/* wisdom/*; do
  if [ ! -f "$f" ] || grep -qF " $f" Makefile.am; then pass; else fail "$f is not in Makefile.am"; fi
done
finish
