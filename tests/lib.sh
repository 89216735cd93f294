# What the shell tests share. `make check` sets RESCAST, RESCAST_SRCDIR, RESCAST_BUILDDIR, RESCAST_DATADIR and CC;
# without them the checkout that this file lies in is taken, so that each test also runs by hand.
set -u
RESCAST_SRCDIR=${RESCAST_SRCDIR:-$(cd "$(dirname "$0")/.." && pwd)}
RESCAST_BUILDDIR=${RESCAST_BUILDDIR:-$RESCAST_SRCDIR}
RESCAST=${RESCAST:-$RESCAST_BUILDDIR/rescast}
RESCAST_DATADIR=${RESCAST_DATADIR:-$RESCAST_SRCDIR}
export RESCAST_DATADIR
shared=${RESCAST_SHARED:-$RESCAST_SRCDIR/../shared}
examples=$RESCAST_SRCDIR/examples
compare=$RESCAST_BUILDDIR/tests/npy_compare
CC=${CC:-cc}
# The jobs of an outer make are not ours.
unset MAKEFLAGS MAKELEVEL MFLAGS MAKEOVERRIDES
jobs=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1)

tmp=$(mktemp -d "${TMPDIR:-/tmp}/rescast-test.XXXXXX") || exit 99
trap 'rm -rf "$tmp"' EXIT
trap 'exit 99' HUP INT TERM

passed=0 failed=0
pass () { passed=$((passed + 1)); }
fail () { failed=$((failed + 1)); printf 'FAIL: %s\n' "$*"; }
skip () { printf 'SKIP: %s\n' "$*"; exit 77; }

# The last line of every test; its status is the test's. Nothing tested is a failure.
finish () {
  printf '%s: %d passed, %d failed\n' "$(basename "$0" .sh)" "$passed" "$failed"
  [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
}

# quietly COMMAND...: its output is shown only when it fails.
quietly () {
  "$@" >"$tmp/output" 2>&1 && return 0
  tail -n 20 "$tmp/output"
  return 1
}

# build DIR OPTIONS [ARGUMENT...]: generate into DIR and compile.
build () {
  build_dir=$1
  shift
  quietly "$RESCAST" generate "$@" -o "$build_dir" && quietly make -C "$build_dir" -j "$jobs" CC="$CC"
}
