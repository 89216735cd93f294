#!/bin/sh
# What nvcc makes of the tensor cores' kernels for sm_90a, read without a GPU. A product that is not fenced from the copies in
# front of it gives right results on most days, and one that ptxas serialises is only slow: neither shows in outputs.
# Each check is itself checked by a planted fault.
. "$(dirname "$0")/lib.sh"
command -v nvcc >/dev/null 2>&1 || skip "no nvcc"

# The disassembler is no part of every toolkit; Triton brings one.
find_disassembler () {
  toolkit=$(cd "$(dirname "$(readlink -f "$(command -v nvcc)")")" && pwd)
  triton=$(python3 -c 'import importlib.util as u; print(u.find_spec("triton").submodule_search_locations[0])' 2>/dev/null)
  for f in "${RESCAST_NVDISASM:-}" "$(command -v nvdisasm)" "$toolkit/nvdisasm" "$triton/backends/nvidia/bin/nvdisasm"; do
    [ -x "$f" ] && { echo "$f"; return; }
  done
}
nvdisasm=$(find_disassembler)
[ -n "$nvdisasm" ] || echo "no nvdisasm (RESCAST_NVDISASM names it): SASS is left out"

compile () { nvcc -O3 --std=c++17 -arch=sm_90a "$@" >"$tmp/output" 2>&1; }

# fenced SOURCE: copies and stores into shared memory are fenced from products.
fenced () { compile -ptx -o "$tmp/net.ptx" "$1" && awk -f "$RESCAST_SRCDIR/tests/ptx_fences.awk" "$tmp/net.ptx" >"$tmp/output"; }

# quick SOURCE: ptxas leaves the products asynchronous, and keeps everything in registers.
quick () {
  compile -Werror all-warnings -Xptxas -v -cubin -o "$tmp/net.cubin" "$1" || return 1
  if grep -E 'C75[0-9][0-9]|[^0-9][1-9][0-9]* bytes (stack frame|spill)' "$tmp/output" >"$tmp/slow"; then return 1; fi
}

# multiplies SOURCE: … by wgmma, without local memory, says the disassembly of what `quick` made.
multiplies () {
  "$nvdisasm" -c "$tmp/net.cubin" >"$tmp/sass" && grep -q '[^A-Z]HGMMA[. ]' "$tmp/sass" \
    && ! grep -E '[^A-Z](LDL|STL)[. ]' "$tmp/sass" >"$tmp/slow"
}

# tiles of a batch are larger, and registers fewer
printf 'network: resnet\narch: resnet18\ninput-size: [96, 96]\nbatch: 24\nnum-classes: 10\n' >"$tmp/large.yaml"
for options in "$examples"/networks/resnet18.yaml "$examples"/networks/resnet3d-14.yaml "$tmp/large.yaml"; do
  for precision in fp16 bf16; do
    [ $precision$options = "bf16$examples/networks/resnet3d-14.yaml" ] && continue # nothing new
    name="$(basename "$options" .yaml) in $precision" net=$tmp/$(basename "$options" .yaml)_$precision
    quietly "$RESCAST" generate "$options" -t cuda --precision $precision --set name=net -o "$net" || { fail "$name is not generated"; continue; }
    if fenced "$net/net.cu"; then pass; else fail "$name: $(head -n 3 "$tmp/output")"; fi
    : >"$tmp/slow"
    if quick "$net/net.cu"; then pass; else fail "$name: $(head -n 3 "$tmp/slow" "$tmp/output")"; fi
    [ -n "$nvdisasm" ] || continue
    if multiplies; then pass; else fail "$name: $(head -n 3 "$tmp/slow"), $(grep -c HGMMA "$tmp/sass") HGMMA"; fi
  done
done

# planted SED: the source with a fault
net=$tmp/resnet18_fp16/net.cu
planted () {
  sed "$@" "$net" >"$tmp/fault.cu"
  ! cmp -s "$net" "$tmp/fault.cu" || fail "no place for $*"
}
planted 's/fence\.proxy\.async[^;]*;//'
if fenced "$tmp/fault.cu"; then fail "no fence is needed"; elif grep -q 'a product without a fence' "$tmp/output"; then pass; else fail "fences: $(cat "$tmp/output")"; fi
# … in front of the loop, where only what was copied ahead has arrived
planted -e '/fence\.proxy\.async/d' -e 's/^  float sum\[.*/&\n  asm volatile ("fence.proxy.async.shared::cta;" ::: "memory");/'
if fenced "$tmp/fault.cu"; then fail "one fence is enough"; elif grep -q 'a product without a fence' "$tmp/output"; then pass; else fail "fences: $(cat "$tmp/output")"; fi
# … sums that are touched while products are under way
planted -e 's/\\n wgmma\.wait_group\.sync\.aligned 1;//' -e 's/^ *barrier_wait (full_at + 8 \* stage, parity);/&\n      sum[0][0] += 1;/'
if quick "$tmp/fault.cu"; then fail "serialised products are not noticed"; elif grep -q C75 "$tmp/slow"; then pass; else fail "C75: $(cat "$tmp/output")"; fi
# … an array that is no register
planted 's/^ *float sum\[.*/&\n  volatile float slow[8];\n  slow[thread % 8] = 1;/'
if quick "$tmp/fault.cu"; then fail "local memory is not noticed"; elif grep -q 'stack frame' "$tmp/slow"; then pass; else fail "stack: $(cat "$tmp/output")"; fi
if [ -n "$nvdisasm" ]; then
  if multiplies || ! [ -s "$tmp/slow" ]; then fail "LDL and STL are not noticed"; else pass; fi
fi

# A kernel's inputs are no constants: ptxas reads those before griddepcontrol.wait, while the kernel in front writes them.
# Elements of 16 bits are loaded by themselves where channels are odd, and no weights are.
cat >"$tmp/odd.yaml" <<END
network: sequence
input-size: [5, 9, 8]
layers:
- {type: conv, name: a, filters: 3, kernel-size: 3, padding: same}
- {type: conv, name: b, filters: 7, kernel-size: 3, padding: same}
- {type: instance-norm, name: c}
- {type: conv, name: d, filters: 7, kernel-size: 1}
- {type: add, name: e, input: [d, b]}
END
constants () { compile -ptx -o "$tmp/net.ptx" "$1" && grep -q 'ld\.global\.nc\.[a-z0-9.]*16' "$tmp/net.ptx"; }
if quietly "$RESCAST" generate "$tmp/odd.yaml" -t cuda --precision fp16 --set name=net -o "$tmp/odd"; then
  if constants "$tmp/odd/net.cu"; then fail "inputs are read as constants"; else pass; fi
  net=$tmp/odd/net.cu
  planted 's/(const unsigned short \*x, /(const unsigned short *__restrict__ x, /'
  if constants "$tmp/fault.cu"; then pass; else fail "constants are not noticed"; fi
else
  fail "odd channels are not generated"
fi

# Maxima and ReLUs keep NaN: max.f32 and its like would give the other operand. Softmax alone may, where NaN gets into the sum.
for net in flat stem pooled deep; do
  case $net in
    flat) size='[8, 13, 11]' kernel='3, padding: 1' ;;
    stem) size='[3, 31, 33]' kernel='4, stride: 2, padding: 1' ;;
    pooled) size='[3, 61, 75]' kernel='7, stride: 2, padding: 3' ;;
    deep) size='[2, 9, 31, 29]' kernel='[3, 4, 4], stride: [1, 2, 2], padding: 1' ;;
  esac
  {
    printf 'network: sequence\ninput-size: %s\nlayers:\n- {type: conv, filters: 64, kernel-size: %s}\n- {type: relu}\n' "$size" "$kernel"
    [ $net = stem ] || echo '- {type: max-pool, kernel-size: 3, stride: 2, padding: 1}'
    printf -- '- {type: conv, filters: 64, kernel-size: 3}\n- {type: relu}\n'
  } >"$tmp/$net.yaml"
done
# forgetting PTX: its maxima that drop NaN
forgetting () { grep -E '[^a-z]max(\.ftz)?\.(f32|f16|f16x2|bf16|bf16x2)[^a-z0-9]' "$1"; }
for case in flat-fp32 flat-fp16 stem-bf16 pooled-fp16 pooled-tf32 deep-fp16; do
  net=$tmp/$case name=${case%-*} precision=${case#*-}
  if quietly "$RESCAST" generate "$tmp/$name.yaml" -t cuda --precision $precision --set name=net -o "$net" \
    && compile -ptx -o "$tmp/net.ptx" "$net/net.cu" && grep -q 'max\.NaN\.' "$tmp/net.ptx" && ! forgetting "$tmp/net.ptx"; then pass; else
    fail "$case: maxima without NaN"
  fi
done
net=$tmp/pooled-fp16/net.cu
planted 's/max\.NaN\./max./'
if compile -ptx -o "$tmp/net.ptx" "$tmp/fault.cu" && forgetting "$tmp/net.ptx" >/dev/null; then pass; else fail "maxima that drop NaN are not noticed"; fi
finish
