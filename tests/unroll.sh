#!/bin/sh
# generate --unroll-budget: the objects keep within it, verify agrees, and what is in the code cannot be packed.
. "$(dirname "$0")/lib.sh"

digits=$examples/digits/digits
case $(uname -m) in
  x86_64) targets=c,avx2 ;;
  *) targets=c ;;
esac

# code_bytes DIR TARGET: of the kernels' objects, constants included.
code_bytes () { size "$1"/digits_"$2"_*.o | awk 'NR > 1 { sum += $1 } END { print sum }'; }

for budget in 0 32k 200k; do
  if ! build "$tmp/$budget" "$digits.yaml" -w "$digits.safetensors" -t $targets --unroll-budget $budget; then
    fail "$budget: does not build"
    continue
  fi
  if quietly "$RESCAST" verify "$tmp/$budget" -w "$digits.safetensors"; then pass; else fail "$budget: verify"; fi
  if quietly "$RESCAST" generate "$digits.yaml" -w "$digits.safetensors" -t $targets --unroll-budget $budget \
      -o "$tmp/again" && cp -R "$tmp/$budget" "$tmp/clean" && quietly make -C "$tmp/clean" clean \
    && rm -rf "$tmp/clean/runtime" "$tmp/again/runtime" && quietly diff -r "$tmp/clean" "$tmp/again"
  then pass; else fail "$budget: two runs differ"; fi
  rm -rf "$tmp/again" "$tmp/clean"
done
for target in $(echo $targets | tr , ' '); do
  bytes=$(code_bytes "$tmp/200k" $target)
  if [ "$bytes" -gt 0 ] && [ "$bytes" -le 204800 ]; then pass; else fail "$target: $bytes bytes with 200k"; fi
done

# The estimates: within 10 % for gcc 12, whose objects they were fitted to, within a third for another compiler.
case $(cc -dumpfullversion 2>/dev/null):$(cc --version 2>/dev/null) in
  12.*:*clang*) within=33 ;;
  12.*) within=10 ;;
  *) within=33 ;;
esac
case $(uname -m) in
  x86_64) all=avx512,avx2,c ;;
  *) all=c within=50 ;;
esac
# The third has layers that several threads share.
for options in "$examples/digits/digits.yaml" "$examples/volumes/volumes.yaml" "$examples/networks/resnet20-cifar10.yaml"; do
  net=$(sed -n 's/^name: //p' "$options") weights=${options%.yaml}.safetensors
  if [ -f "$weights" ]; then weights="-w $weights"; else weights=; fi
  quietly "$RESCAST" generate "$options" $weights -t $all -o "$tmp/size_$net"
  quietly make -C "$tmp/size_$net" -j "$jobs" "lib$net.a"
  for target in $(echo $all | tr , ' '); do
    bytes=$(size "$tmp/size_$net"/"$net"_"$target"_*.o | awk 'NR > 1 { sum += $1 } END { print sum }')
    estimate=$(sed -n "/\"unroll\": {/,/^ }/p" "$tmp/size_$net/$net.json" | sed -n "/^  \"$target\"/,/^  }/p" \
      | sed -n 's/^   "code_bytes": \([0-9]*\),.*/\1/p')
    if [ $((bytes * 100)) -le $((estimate * (100 + within))) ] && [ $((estimate * 100)) -le $((bytes * (100 + within))) ]; then
      pass
    else
      fail "$net, $target: $bytes bytes, $estimate were expected"
    fi
  done
done

# Everything written out: a network of few weights, one that reads every kind of straight-line kernel.
cat >"$tmp/tiny.yaml" <<END
name: tiny
network: resnet
block: basic
layers: [1]
num-filters: [20]
input-size: [3, 12, 12]
num-classes: 5
initial-stride: 2
initial-filter-size: 3
END
cat >"$tmp/groups.yaml" <<END
name: groups
network: sequence
input-size: [20, 5, 6]
layers:
- {type: conv, filters: 40, kernel-size: 3, padding: same, groups: 20}
- {type: prelu}
- {type: conv, filters: 64, kernel-size: 3, stride: 2, padding: same, groups: 2}
- {type: conv, filters: 24, kernel-size: 3, stride: 2, padding: same, groups: 2}
- {type: linear, features: 7}
END
for net in tiny groups; do
  if build "$tmp/max_$net" "$tmp/$net.yaml" -t $targets --unroll-budget max --set batch=2 \
    && quietly "$RESCAST" verify "$tmp/max_$net" && quietly "$RESCAST" verify "$tmp/max_$net" --threads 3; then
    pass
  else
    fail "$net: max"
  fi
  if ls "$tmp/max_$net" | grep -q "_straight[0-9]*_conv"; then pass; else fail "$net: nothing is written out"; fi
done

# refused TEXT COMMAND...: status 1, one line that has TEXT.
refused () {
  text=$1
  shift
  "$@" >"$tmp/said" 2>&1
  status=$?
  if [ $status -eq 1 ] && [ "$(wc -l <"$tmp/said")" -eq 1 ] && grep -qF -- "$text" "$tmp/said"; then
    pass
  else
    cat "$tmp/said"
    fail "$text: not refused in one line"
  fi
}
refused "has its weights in the code (--unroll-budget max): generate it again" \
  "$RESCAST" pack "$tmp/max_tiny" -w "$digits.safetensors"
refused "at most 64 MiB are allowed" \
  "$RESCAST" generate "$examples/networks/resnet18.yaml" --unroll-budget max -o "$tmp/large"
if [ -e "$tmp/large" ]; then fail "a folder was left"; else pass; fi
finish
