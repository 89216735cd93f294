#!/bin/sh
# Inputs with a large value: verify holds every kernel by Winograd or Strassen to the bound of its tiles, and would notice; the
# classifier program warns once of an input beyond the limit that follows from it, and of no other.
. "$(dirname "$0")/lib.sh"

# layers NAME SIZE LAYER...: an options file.
layers () {
  file=$tmp/$1.yaml
  printf 'name: net\nnetwork: sequence\ninput-size: %s\nlayers:\n' "$2" >"$file"
  shift 2
  for layer; do printf -- '- {name: %s}\n' "$layer" >>"$file"; done
}
layers planes "[3, 44, 36]" "a, type: conv, filters: 32, kernel-size: 7, stride: 2, padding: 3" "b, type: relu" \
  "c, type: max-pool, kernel-size: 3, stride: 2, padding: 1" "d, type: conv, filters: 40, kernel-size: 3, padding: 1" \
  "e, type: prelu" "f, type: max-pool, kernel-size: 4, stride: 4" "g, type: conv, filters: 48, kernel-size: 3, padding: 1"
layers stem "[3, 30, 41]" "a, type: conv, filters: 24, kernel-size: 5, stride: 2, padding: 2"
layers volume "[2, 14, 26, 22]" "a, type: conv, filters: 16, kernel-size: 7, stride: 2, padding: 3" "b, type: relu" \
  "c, type: conv, filters: 24, kernel-size: 3, padding: 1" "d, type: transposed-conv-3d, num-filters: 16, filter-size: 4, stride: 2"
layers pairs "[512, 13, 13]" "a, type: conv, filters: 512, kernel-size: 1"

# ---- verify ----

# bounded NET KERNEL...: all layers of these kernels, and not a hundred times below the bound.
bounded () {
  net=$1
  shift
  if ! quietly "$RESCAST" generate "$tmp/$net.yaml" -o "$tmp/$net" \
    || ! quietly "$RESCAST" verify "$tmp/$net" -v --junit "$tmp/$net.xml"; then
    fail "$net"
    return
  fi
  for kernel; do
    worst=$(sed -n "s/^ *[0-9]* .* [a-z0-9]*_$kernel[^ ]*  *\([0-9.]*\)  .*, outliers\$/\1/p" "$tmp/output" | sort -g | tail -n 1)
    if awk -v w="${worst:-0}" 'BEGIN { exit !(w > 0.005 && w <= 1) }'; then
      pass
    else
      fail "$net: $kernel with large values: ${worst:-not tested} of the bound"
    fi
    echo "$net: $kernel: ${worst:-} of the bound"
  done
  if grep -q 'name="[a-g+]*, outliers"/>' "$tmp/$net.xml"; then pass; else fail "$net: not in the JUnit report"; fi
}
bounded planes stem7x7s2_winograd3x3 winograd4x4 winograd2x2
bounded stem stem5x5s2_winograd4x4
bounded volume stem7x7x7s2_winograd3x3x3 winograd deconv4x4x4s2_winograd
bounded pairs strassen

# A coefficient that is right to four digits: with inputs from -1 to 1 it may pass, with a million it does not.
sed 's/0\.70710678118654752F/0.70712F/' "$tmp/planes/net_c_winograd4x4_32x11x9_40_prelu.c" >"$tmp/spoilt.c"
cp "$tmp/spoilt.c" "$tmp/planes/net_c_winograd4x4_32x11x9_40_prelu.c"
if "$RESCAST" verify "$tmp/planes" --junit "$tmp/planes.xml" >"$tmp/output" 2>&1; then
  fail "verify takes a spoilt transform"
elif grep -q 'd+e, outliers (conv, net_c_winograd4x4.*with inputs of up to 1e6: at (' "$tmp/output" \
  && grep -A 1 'name="d+e, outliers">' "$tmp/planes.xml" | grep -q '<failure message="with inputs of up to 1e6'; then
  pass
else
  fail "verify of a spoilt transform: $(cat "$tmp/output")"
fi

# ---- the program ----

# numbers FILE COUNT [AT VALUE]: 16-bit numbers from -50 to 50, and a VALUE.
numbers () {
  awk -v n="$2" -v at="${3:--1}" -v value="${4:-0}" 'BEGIN {
    for (i = 0; i < n; i++) {
      x = i == at ? value : (i * 7919 + 13) % 101 - 50
      x = x < 0 ? x + 65536 : x
      printf "\\%03o\\%03o", x % 256, int (x / 256)
    }
  }' >"$tmp/text"
  printf "$(cat "$tmp/text")" >"$1"
}
# says FILE... : what the program writes to standard error is $says, a pattern, in one line; or nothing.
says () {
  "$program" --type i16 "$@" >"$tmp/stdout" 2>"$tmp/stderr"
  status=$?
  if [ $status -ne 0 ]; then
    fail "$*: status $status, $(cat "$tmp/stderr")"
  elif [ -z "$says" ] && [ ! -s "$tmp/stderr" ]; then
    pass
  elif [ -n "$says" ] && [ "$(wc -l <"$tmp/stderr")" -eq 1 ] && grep -q "$says" "$tmp/stderr"; then
    pass
  else
    fail "$*: $(cat "$tmp/stderr")"
  fi
}
layers one "[16, 12, 12]" "a, type: conv, filters: 32, kernel-size: 3, padding: 1"
numbers "$tmp/ordinary.raw" 2304
numbers "$tmp/sentinel.raw" 2304 1500 -32768
numbers "$tmp/late.raw" 4608 4607 32767
build "$tmp/one" "$tmp/one.yaml" || fail "one is not generated"
program=$tmp/one/net
says="" says "$tmp/ordinary.raw"
says="sentinel.raw: warning: the value -32768 at (10, 5, 0) is .* times .* rescast generate --exact" says "$tmp/sentinel.raw"
says="sentinel.raw: warning: " says --json "$tmp/ordinary.raw" "$tmp/sentinel.raw" "$tmp/sentinel.raw"
case $(cat "$tmp/stdout") in '{'*'}') pass ;; *) fail "--json: $(cat "$tmp/stdout")" ;; esac
says="late.raw: warning: sample 1: the value 32767 at (15, 11, 11)" says "$tmp/late.raw"

# An infinity, as a float in bytes: little-endian, before zeros.
head -c 9212 /dev/zero >"$tmp/inf.raw"
printf '\000\000\200\177' >>"$tmp/inf.raw"
says="inf.raw: warning: the value inf at (15, 11, 11) makes outputs NaN" says --type f32 "$tmp/inf.raw"

# Other weights, another limit; none without tiles.
limit () { sed -n 's/.*; above \([0-9.e+]*\) times.*/\1/p' "$tmp/stderr"; }
says="warning" says "$tmp/sentinel.raw"
before=$(limit)
quietly "$RESCAST" generate "$tmp/one.yaml" --set seed=5 -o "$tmp/other" && cp "$tmp/other/net.weights" "$tmp/one/net.weights"
says="warning" says "$tmp/sentinel.raw"
after=$(limit)
if [ "$before" != "$after" ] && [ -n "$after" ]; then pass; else fail "the limit does not follow the weights: $before, $after"; fi
build "$tmp/exact" "$tmp/one.yaml" --exact || fail "exact is not generated"
program=$tmp/exact/net
says="" says "$tmp/sentinel.raw"
says="" says --type f32 "$tmp/inf.raw"
finish
