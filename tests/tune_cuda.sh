#!/bin/sh
# Tuning the GPU's tiles without a GPU: what is said where there is none, and the whole of it with a driver and an NVRTC that
# compute nothing (tests/cuda_stub.c) but take a time for each kernel.
. "$(dirname "$0")/lib.sh"
digits=$examples/digits/digits

# Products of one name with sums of two lengths.
cat >"$tmp/net.yaml" <<END
name: net
network: sequence
input-size: [8, 6, 6]
batch: 2
layers:
- {type: conv, name: a, filters: 32, kernel-size: 1}
- {type: conv, name: b, filters: 16, kernel-size: 1}
- {type: conv, name: c, filters: 16, kernel-size: 3, padding: 1}
- {type: conv, name: d, filters: 16, kernel-size: 1, input: a}
- {type: add, name: e, input: [c, d]}
- {type: conv, name: f, filters: 1024, kernel-size: 1}
- {type: conv, name: g, filters: 16, kernel-size: 1}
- {type: conv, name: h, filters: 16, kernel-size: 3, padding: 1}
- {type: conv, name: i, filters: 16, kernel-size: 1, input: f}
- {type: add, name: j, input: [h, i]}
END
cat >"$tmp/first.tiles" <<END
# the last line is too much for one of two products
fp16 2 * 16x32 1x1x4 3 1 2 mma
fp16 0 conv3x3_and_1x1_16x6x6 16x32 1x1x4 4 4 2 mma
END

# said STATUS TEXT COMMAND...: one line with TEXT.
said () {
  expected=$1 text=$2
  shift 2
  "$@" >"$tmp/output" 2>&1
  if [ $? -eq "$expected" ] && [ "$(wc -l <"$tmp/output")" -eq 1 ] && grep -qF -- "$text" "$tmp/output"; then pass; else
    cat "$tmp/output"
    fail "not said in one line: $text"
  fi
}
gen () { quietly "$RESCAST" generate "$@"; }
without_gpu () { CUDA_VISIBLE_DEVICES= "$@"; }

gen "$tmp/net.yaml" -t cuda --precision fp16 --tiles "$tmp/first.tiles" -o "$tmp/net" || fail "net is not generated"
gen "$tmp/net.yaml" -t cuda -o "$tmp/fp32" || fail "fp32 is not generated"
gen "$tmp/net.yaml" -o "$tmp/cpu" || fail "without cuda"
gen "$digits.yaml" -w "$digits.safetensors" -t cuda --precision bf16 -o "$tmp/digits" || fail "digits is not generated"

# ---- without a GPU, and wrong arguments ----
said 1 "$tmp/net: " without_gpu "$RESCAST" tune "$tmp/net" --device cuda
said 1 "NVIDIA driver" without_gpu "$RESCAST" tune "$tmp/net" --device cuda
said 1 "no tiles for $tmp/none.tiles" without_gpu "$RESCAST" tune "$tmp/net" --tiles "$tmp/none.tiles"
said 1 "fp32" "$RESCAST" tune "$tmp/fp32" --device cuda
said 1 "target cuda" "$RESCAST" tune "$tmp/cpu" --device cuda
for device in gpu cuda: cuda:x cuda:-1 cuda:1x CPU; do
  said 2 "must be cpu, cuda, cuda:N or all" "$RESCAST" tune "$tmp/net" --device "$device"
done
said 2 "leaves them out" "$RESCAST" tune "$tmp/net" --device cpu --tiles "$tmp/none.tiles"
said 2 "--seconds" "$RESCAST" tune "$tmp/net" --seconds 0
if [ -e "$tmp/none.tiles" ]; then fail "a file of tiles without tiles"; else pass; fi

# ---- with the stub ----
mkdir "$tmp/stub" "$tmp/parent"
stub=$tmp/stub/libcuda.so.1
quietly $CC -std=gnu11 -Wall -Wextra -Werror -shared -fPIC -o "$stub" "$RESCAST_SRCDIR/tests/cuda_stub.c" || fail "the stub"
with_stub () { TMPDIR=$tmp/parent LD_LIBRARY_PATH=$tmp/stub RESCAST_NVRTC=${nvrtc:-$stub} "$@"; }
nothing_left () { if [ -z "$(ls "$tmp/parent")" ]; then pass; else fail "left: $(ls "$tmp/parent")"; fi; }
said 1 "no CUDA device 1: the driver finds 1" with_stub "$RESCAST" tune "$tmp/net" --device cuda:1
said 1 "give it with -w" with_stub "$RESCAST" tune "$tmp/digits" --device cuda
printf 'fp16 1 * 48x32 1x1x1 4 1 2 mma\n' >"$tmp/bad.tiles"
said 1 "$tmp/bad.tiles:1:1: no such tile" with_stub "$RESCAST" tune "$tmp/net" --device cuda --tiles "$tmp/bad.tiles"

# What tune leaves is what generate makes of the file of tiles, which keeps what it had of others; pack leaves it so.
cat >"$tmp/tuned.tiles" <<END
# kept
fp16 1 conv3x3_64x56x56_relu 64x32 2x2x1 8 1 2 wgmma
fp16 2 conv1x1_8x6x6_32 64x32 2x2x1 8 1 2 wgmma
END
cp -R "$tmp/net" "$tmp/before"
if with_stub "$RESCAST" tune "$tmp/net" --device cuda --tiles "$tmp/tuned.tiles" >"$tmp/said" 2>&1 && grep -q "generated again" "$tmp/said" \
  && grep -q "^  conv3x3_and_1x1_16x6x6 .* 2 x .* us before .* us after " "$tmp/said" && ! cmp -s "$tmp/net/net.cu" "$tmp/before/net.cu" \
  && cmp -s "$tmp/net/net.weights" "$tmp/before/net.weights"; then pass; else cat "$tmp/said"; fail "tune"; fi
nothing_left
if [ "$(sed 2q "$tmp/tuned.tiles" | grep -c 'kept\|56x56_relu 64x32')" -eq 2 ] && [ "$(grep -c ' conv1x1_8x6x6_32 ' "$tmp/tuned.tiles")" -eq 1 ]; then
  pass
else
  cat "$tmp/tuned.tiles"
  fail "the file of tiles"
fi
gen "$tmp/net.yaml" -t cuda --precision fp16 --tiles "$tmp/tuned.tiles" -o "$tmp/again" || fail "generate with the file"
if diff -r "$tmp/net" "$tmp/again" >"$tmp/output"; then pass; else head -n 5 "$tmp/output"; fail "generate with the file makes another folder"; fi
# Tuned once more, nothing is faster.
cp "$tmp/tuned.tiles" "$tmp/same.tiles"
if with_stub "$RESCAST" tune "$tmp/net" --device cuda --tiles "$tmp/same.tiles" >"$tmp/said" 2>&1 && grep -q "kept: no tiles are faster" "$tmp/said" \
  && quietly diff -r "$tmp/net" "$tmp/again" && quietly diff "$tmp/same.tiles" "$tmp/tuned.tiles"
then pass; else cat "$tmp/said"; fail "tuned again"; fi
nothing_left

# Tuning for the CPU keeps them.
if with_stub "$RESCAST" tune "$tmp/net" --threads 1 >"$tmp/said" 2>&1 && grep -q "kept: no tiles are faster" "$tmp/said" \
  && grep -q "^  direct .* ms  before" "$tmp/said" && quietly cmp "$tmp/net/net.cu" "$tmp/again/net.cu"
then pass; else cat "$tmp/said"; fail "tuned for all"; fi

# With weights from a file.
if with_stub "$RESCAST" tune "$tmp/digits" -w "$digits.safetensors" --device cuda --tiles "$tmp/digits.tiles" >"$tmp/said" 2>&1 \
  && grep -q "generated again" "$tmp/said" && gen "$digits.yaml" -w "$digits.safetensors" -t cuda --precision bf16 --tiles "$tmp/digits.tiles" -o "$tmp/same" \
  && quietly diff -r "$tmp/digits" "$tmp/same" && quietly "$RESCAST" pack "$tmp/digits" -w "$digits.safetensors" \
  && quietly diff -r "$tmp/digits" "$tmp/same"
then pass; else cat "$tmp/said"; fail "tune with weights"; fi

# What does not compile: some of the candidates, all of them.
cp -R "$tmp/before" "$tmp/some" && cp -R "$tmp/before" "$tmp/all"
if CUDA_STUB_REFUSES=m64n64k16 with_stub "$RESCAST" tune "$tmp/some" --device cuda >"$tmp/said" 2>&1 && grep -q "generated again" "$tmp/said" \
  && grep -q "tiles are left out: NVRTC refuses .* the stub refuses it" "$tmp/said" && ! grep -q m64n64k16 "$tmp/some/net.cu"
then pass; else cat "$tmp/said"; fail "some do not compile"; fi
CUDA_STUB_REFUSES=__global__ said 1 "the stub refuses it" with_stub "$RESCAST" tune "$tmp/all" --device cuda
nvrtc=/nowhere said 1 "no NVRTC" with_stub "$RESCAST" tune "$tmp/all" --device cuda
if quietly diff -r "$tmp/all" "$tmp/before"; then pass; else fail "a folder that was not tuned is another one"; fi
nothing_left

# Little time: fewer candidates.
if with_stub "$RESCAST" tune "$tmp/all" --device cuda --seconds 1 >"$tmp/said" 2>&1; then pass; else cat "$tmp/said"; fail "one second"; fi
if command -v timeout >/dev/null; then
  gen "$examples/networks/resnet18.yaml" -t cuda --precision fp16 -o "$tmp/large" || fail "resnet18 is not generated"
  with_stub timeout --preserve-status 2 "$RESCAST" tune "$tmp/large" --device cuda >"$tmp/said" 2>&1
  if [ $? -eq 143 ]; then pass; else cat "$tmp/said"; fail "interrupted"; fi
  nothing_left
fi
finish
