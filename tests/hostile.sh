#!/bin/sh
# Options with hostile and ordinary values: refused with a place, or C that compiles. RESCAST_HOSTILE is how many (2000 take
# twenty minutes), RESCAST_HOSTILE_FIRST the first of them.
. "$(dirname "$0")/lib.sh"

if [ -z "${CXX+set}" ]; then
  CXX=
  for c in c++ g++ clang++; do
    if command -v $c >/dev/null 2>&1; then CXX=$c; break; fi
  done
fi
[ -n "$CXX" ] || echo "no C++ compiler: headers are not tried"
export RESCAST CC CXX
if "$RESCAST_BUILDDIR/tests/hostile_options" "$tmp" "${RESCAST_HOSTILE_FIRST:-1}" "${RESCAST_HOSTILE:-60}"; then
  pass
else
  fail "hostile options"
fi
finish
