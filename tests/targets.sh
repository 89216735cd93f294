#!/bin/sh
# Several targets in one folder: the same results, one weights file, and a CPU that has none of them is told.
. "$(dirname "$0")/lib.sh"
[ "$(uname -m)" = x86_64 ] || skip "targets beside c are for x86-64"
digits=$examples/digits/digits

# net DIR TARGETS: generated and compiled.
net () { build "$tmp/$1" "$digits.yaml" -w "$digits.safetensors" -t "$2"; }
# output NET TARGET: its scores of a sample into $tmp/NET_TARGET.npy.
output () { "$tmp/$1/digits" --target "$2" --output "$tmp/$1_$2.npy" "${digits%/*}/digit_3_a.png" >"$tmp/output" 2>&1; }

if net all avx512,c,avx2 && net plain c && output plain c; then pass; else fail "not generated"; fi
if cmp -s "$tmp/all/digits.weights" "$tmp/plain/digits.weights"; then pass; else fail "the weights depend on the target"; fi
for target in c avx2 avx512; do
  if output all $target; then
    if quietly "$compare" "$tmp/all_$target.npy" "$tmp/plain_c.npy" 1e-6; then pass; else fail "$target differs"; fi
  elif grep -q "this CPU lacks" "$tmp/output"; then
    echo "$target: left out, this CPU lacks it"
  else
    cat "$tmp/output"
    fail "$target does not run"
  fi
done
if output all neon; then fail "an unknown target is taken"; else pass; fi

# A runtime that finds neither: the portable target is chosen, and without it there is none.
cat >"$tmp/cpu.c" <<END
#include "rescast.h"
int rescast_cpu_has_avx2 (void) { return 0; }
int rescast_cpu_has_avx512 (void) { return 0; }
int rescast_cpu_has_avx512bf16 (void) { return 0; }
int rescast_cpu_gains_by_avx512bf16 (void) { return 0; }
END
cp "$tmp/cpu.c" "$tmp/all/runtime/cpu.c"
quietly make -C "$tmp/all" CC="$CC"
case $("$tmp/all/digits" --version) in *"target c") pass ;; *) fail "c is not chosen" ;; esac
quietly "$RESCAST" generate "$digits.yaml" -t avx2 -o "$tmp/none" || fail "avx2 alone"
with_runtime "$tmp/none" -O2
cp "$tmp/cpu.c" "$tmp/none/runtime/cpu.c"
quietly make -C "$tmp/none" CC="$CC"
for target in "" "--target=avx2"; do
  "$tmp/none/digits" $target "${digits%/*}/digit_3_a.png" >"$tmp/output" 2>&1
  status=$?
  if [ $status -eq 1 ] && grep -q "this CPU lacks the instructions" "$tmp/output"; then pass; else fail "ECPU $target"; fi
done
"$RESCAST" verify "$tmp/none" >"$tmp/output" 2>&1
status=$?
if [ $status -eq 1 ] && grep -q "avx2: skipped" "$tmp/output"; then pass; else fail "verify without a target"; fi
finish
