#!/bin/sh
# What `rescast summary -t` prints and what the linker makes: bench/budgets.sh [NETWORK...]; default: 40 networks.
# KEEP=DIR keeps what was measured, so that a later call only prints again.
set -e
here=$(cd "$(dirname "$0")/.." && pwd)
: "${RESCAST:=$here/rescast}" "${RESCAST_DATADIR:=$here}" "${TARGETS:=c avx2 avx512}" "${JOBS:=2}" "${CC:=cc}"
shared=${RESCAST_SHARED:-$here/../shared}
# Compilers' caches keep no graphs of calls.
CCACHE_DISABLE=1
export RESCAST_DATADIR CCACHE_DISABLE
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
keep=${KEEP:-$tmp/keep}
mkdir -p "$keep"

# The longest chain of calls from $1_run on one thread, in bytes of stack, by gcc's graphs of calls: NAME_run, the pool's run, a
# share, the deepest kernel, whose memory for other threads is left out. Then that kernel's alone, and its name.
stack_of () {
  network=$1
  shift
  awk -v network="$network" '
    /^node:/ {
      split ($0, q, "\"")
      if (match (q[4], /[0-9]+ bytes \(/)) own[q[2]] = substr (q[4], RSTART, RLENGTH) + 0
    }
    /^edge:/ { split ($0, q, "\""); to[q[2], ++degree[q[2]]] = q[4] }
    function deepest (n,   i, most, d) {
      if (n in done) return done[n]
      done[n] = most = 0
      for (i = 1; i <= degree[n]; i++)
        if (to[n, i] !~ /share_on_stack/ && (d = deepest (to[n, i])) > most) most = d
      return done[n] = own[n] + most
    }
    END {
      for (n in own)
        if (n ~ "^" network "_(c|avx2|avx512)_[^:.]*$" && (d = deepest (n)) > most) { most = d; which = n }
        else if (n ~ "^" network "[.]c:run_share" && own[n] > share) share = own[n]
      print own[network "_run"] + own["rescast_pool_run"] + share + most, most + 0, which
    }' "$@"
}

# measure DIR TARGET: weights, arena and context, code, stack, the deepest kernel's stack and name.
measure () {
  dir=$1
  name=$(basename "$(ls "$dir"/*.weights)" .weights)
  make -s -j"$JOBS" -C "$dir" CC="$CC" CFLAGS='-O2 -fcallgraph-info=su' "lib$name.a" >/dev/null
  cat >"$dir/probe.c" <<END
#include <stdio.h>
#include "$name.h"
static _Alignas (64) unsigned char arena[${name}_ARENA_BYTES];
static float input[${name}_INPUT_FLOATS], output[${name}_OUTPUT_FLOATS];
static struct $name net;
int
main (int argc, char **argv)
{
  struct rescast_weights weights;
  if (argc == 1)
    return printf ("%zu %zu\n", sizeof arena, sizeof net) < 0;
  return ${name}_weights_map (&weights, argv[1]) || ${name}_init (&net, &weights, arena, sizeof arena, NULL)
         || ${name}_run (&net, input, output);
}
END
  (
    cd "$dir"
    $CC -O2 -std=gnu11 -I. probe.c "lib$name.a" -lm -pthread -Wl,-Map=map -o probe
    sed -n "s/^lib$name\\.a(\\([^)]*\\.o\\)).*/\\1/p" map | sort -u >linked
    code=$(size "lib$name.a" | awk 'NR == FNR { linked[$1] = 1; next } $6 in linked { sum += $1 } END { print sum }' linked -)
    kernels=$(size "${name}_$2"_*.o | awk 'NR > 1 { sum += $1 } END { print sum }')
    network=$(size "$name.o" | awk 'NR > 1 { print $1 }')
    layers=$(grep -c '^    case [0-9]*:' "$name.c")
    echo "$(wc -c <"$name.weights") $(./probe) $code $(stack_of "$name" ./*.ci runtime/*.ci) $kernels $network $layers"
  )
}

if [ $# -eq 0 ]; then
  set -- "$here/examples/digits/digits.yaml" "$here/examples/volumes/volumes.yaml" "$shared"/golden/*/*.yaml \
    "$shared"/models/*/*.yaml "$here"/examples/networks/*.yaml
fi
for options; do
  for target in $TARGETS; do
    key=$keep/$(echo "${options%.yaml}" | tr -c 'a-zA-Z0-9_\n-' _).$target
    if ! [ -s "$key" ]; then
      rm -rf "$tmp/net"
      "$RESCAST" generate "$options" -t "$target" -o "$tmp/net" >/dev/null 2>&1 || { echo "$options: not generated" >&2; continue; }
      measure "$tmp/net" "$target" >"$key.new" && mv "$key.new" "$key"
    fi
    [ -z "$VERBOSE" ] || echo "$options $target $(cat "$key")"
  done
done
