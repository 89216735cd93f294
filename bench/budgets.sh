#!/bin/sh
# What `rescast summary -t` prints, in bytes, and what gcc and the linker make of it: bench/budgets.sh [OPTIONS.yaml...];
# default: 41 networks. Status 1: weights or RAM are others, code is off by more than a tenth, or a run takes more stack.
# KEEP=DIR keeps what was measured, so that a later call only prints again.
set -e
here=$(cd "$(dirname "$0")/.." && pwd)
export LC_ALL=C
: "${RESCAST:=$here/rescast}" "${RESCAST_DATADIR:=$here}" "${TARGETS:=c avx2 avx512}" "${JOBS:=2}" "${CC:=cc}"
shared=${RESCAST_SHARED:-$here/../shared}
# Compilers' caches keep no graphs of calls.
CCACHE_DISABLE=1
export RESCAST_DATADIR CCACHE_DISABLE
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
keep=${KEEP:-$tmp/keep}
mkdir -p "$keep"

# The longest chain of calls from $1_run on one thread, in bytes of stack, by gcc's graphs of calls: NAME_run, the pool's
# run, a share, the deepest kernel, whose memory for other threads is left out. Then that kernel's alone, and its name.
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
        if (n ~ "^" network "_(c|avx2|avx512)_[^:.]*$") {
          if ((d = deepest (n)) > most) { most = d; which = n }
        } else if (n ~ "^" network "[.]c:run_share" && own[n] > share) share = own[n]
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
    code=$(size "lib$name.a" \
      | awk 'NR == FNR { linked[$1] = 1; next } $6 in linked { sum += $1 } END { print sum }' linked -)
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
printf '%-28s %-7s %12s %12s %11s %11s %9s %9s %6s %7s %7s %6s\n' network target weights linked RAM linked code linked \
  ratio stack gcc ratio
for options; do
  for target in $TARGETS; do
    key=$keep/$(echo "${options%.yaml}" | tr -c 'a-zA-Z0-9_\n-' _).$target
    if ! [ -s "$key" ]; then
      rm -rf "$tmp/net"
      if ! "$RESCAST" generate "$options" -t "$target" -o "$tmp/net" >"$tmp/said" 2>&1; then
        cat "$tmp/said" >&2
        exit 1
      fi
      measure "$tmp/net" "$target" >"$key.new" && mv "$key.new" "$key"
    fi
    name=$(basename "$options" .yaml)
    [ "$name" != options ] || name=$(basename "$(dirname "$options")")
    "$RESCAST" summary "$options" -t "$target" | tr -d , \
      | awk -v target="$target" '$1 == target && NF == 6 { print $3, $5, $4, $6 }' >"$tmp/told"
    echo "$name $target $(cat "$tmp/told" "$key" | tr '\n' ' ')" | awk '{
      printf "%-28s %-7s %12d %12d %11d %11d %9d %9d %6.3f %7d %7d %6.3f\n", $1, $2, $3, $7, $4, $8 + $9, $5, $10, \
        $5 / $10, $6, $11, $6 / $11 }'
  done
done | tee "$tmp/table"
awk '
  { other += $3 != $4 || $5 != $6; n++
    off = $9 > 1 ? $9 - 1 : 1 - $9
    if (off > most) { most = off; code = $1 " " $2 " " $9 }
    if (!stack || $12 < least) { least = $12; stack = $1 " " $2 " " $12 } }
  END { printf "%d programs; other weights or RAM: %d; furthest code: %s; least room of the stack: %s\n", n, other, code, \
          stack
        exit other > 0 || most > .1 || least < 1 }' "$tmp/table"
