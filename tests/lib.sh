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
# What precompile.sh made, if it was run.
precompiled=$RESCAST_BUILDDIR/tests/precompiled
if [ -e "$precompiled/system.h" ]; then
  CPPFLAGS="-I$precompiled -include system.h"
  export CPPFLAGS
fi
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

# deadly SIGNAL: programs end by it. Who started the test may have it ignored: nohup does, and shells do for what is behind &.
deadly () { { ! sh -c "kill -s $1 \$\$"; } 2>/dev/null || { echo "SIG$1 is ignored here: left out"; return 1; }; }

# quietly COMMAND...: its output is shown only when it fails.
quietly () {
  "$@" >"$tmp/output" 2>&1 && return 0
  tail -n 20 "$tmp/output"
  return 1
}

# first_layers FOLDER: options files of networks that are a first layer alone, as kernels for GPUs differ: whole and in several
# tiles, in 2-D with a pool and without, in 3-D.
first_layer () {
  printf 'network: sequence\nname: net\ninput-size: %s\nlayers:\n- {type: conv, name: a, %s}\n- {type: relu, name: b}\n' "$2" "$3" >"$1"
  [ -z "$4" ] || printf -- '- {type: max-pool, name: c, kernel-size: 3, stride: 2, padding: %s}\n' "$4" >>"$1"
  printf -- '- {type: global-average-pool, name: d}\n' >>"$1"
}
first_layers () {
  mkdir -p "$1"
  first_layer "$1/pooled.yaml" "[3, 224, 224]" "filters: 64, kernel-size: 7, stride: 2, padding: 3" 1
  first_layer "$1/odd_pooled.yaml" "[3, 97, 129]" "filters: 72, kernel-size: 5, stride: 2, padding: same" same
  first_layer "$1/flat.yaml" "[3, 97, 129]" "filters: 24, kernel-size: 3, stride: [1, 2], padding: 1" ""
  first_layer "$1/deep.yaml" "[3, 9, 112, 112]" "filters: 64, kernel-size: 7, stride: 2, padding: 3" ""
  first_layer "$1/odd_deep.yaml" "[1, 11, 45, 57]" "filters: 72, kernel-size: [3, 5, 7], stride: [1, 2, 2], padding: same" ""
}

# with_runtime DIR LEVEL: what make would compile in DIR/runtime with CFLAGS=LEVEL is copied, where it was compiled before from
# the same sources; make compiles runtime/cuda, and what other flags or another compiler were used for.
with_runtime () {
  if diff -r -x '*.o' -x cuda "$precompiled/$2/runtime" "$1/runtime" >/dev/null 2>&1; then
    cp -p "$precompiled/$2/.compile" "$precompiled/$2/.link" "$1" && (cd "$precompiled/$2" && find runtime -name '*.o') \
      | while read -r object; do cp "$precompiled/$2/$object" "$1/$object"; done
  fi
}

# build DIR OPTIONS [ARGUMENT...]: generate into DIR and compile.
build () {
  build_dir=$1
  shift
  quietly "$RESCAST" generate "$@" -o "$build_dir" && with_runtime "$build_dir" -O2 && quietly make -C "$build_dir" -j "$jobs" CC="$CC"
}
