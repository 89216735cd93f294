#!/bin/sh
# Everything that needs a GPU. Not part of `make check`.
#
#   tests/device.sh                   build all networks, run them
#   tests/device.sh --build FOLDER    build them into FOLDER and FOLDER.tar.xz, for another machine
#   tests/device.sh --run FOLDER      run what was built, a folder or a .tar.xz: needs python3 and a GPU
#
# RESCAST_SMS: the architectures to compile for; RESCAST_PRECISIONS: what to test of fp32 tf32 fp16 bf16; RESCAST_BENCH:
# names in examples/networks whose time is told; RESCAST_RUNS: how often each network runs; RESCAST_JOBS: networks at once;
# RESCAST_PARTS: of networks, programs, sanitizer and faults; RESCAST_ONLY: the networks whose names match this expression.
# Networks: the published cases, the demos, cases in the folders that $RESCAST_CASES names (of reference/cases.py or
# tests/random_graphs.py), and, for each number in $RESCAST_SEEDS, $RESCAST_SEED_CASES random ones of cases.py, whose data
# --run makes again, for which it needs PyTorch. Each one's output is compared with PyTorch's and with the CPU's, every kernel
# with the naive reference (rescast verify), and its runs with each other (tests/cuda_repeat.c); code comes from nvcc and from
# NVRTC. Networks of small integers (tests/integers.py) must give the CPU's output bit by bit; those called numbers_* get NaN and
# infinities, and have them where the CPU has. At the end planted faults must be
# noticed (tests/device_faults.sh). In fp32 a network's folder has its name, in other precisions NAME_PRECISION.
# rescast tune is run on copies of the networks tune_*, whose kernels must be right afterwards; its report and tiles stay in FOLDER
# as tune_*.said and tune_*.tiles. Where the machine has no compiler, build once more with these files in FOLDER: they are taken,
# and the next run verifies them. RESCAST_TUNE_SECONDS: for each, 60 without it.
. "$(dirname "$0")/lib.sh"
tests=$RESCAST_SRCDIR/tests
mode=${1:-all} folder=${2:-$tmp/device}
limit=${RESCAST_LIMIT:-33554432} # bytes of weights that are carried: larger cases are left out
precisions=${RESCAST_PRECISIONS:-fp32 tf32 fp16 bf16}
seed_cases=${RESCAST_SEED_CASES:-12}
runs=${RESCAST_RUNS:-100}
. "$tests/device_build.sh"
. "$tests/device_faults.sh"

# The network's own name is its program's.
program_of () { basename "$(ls "$1"/*.weights)" .weights; }

precision_of () { sed -n 's/^  "precision": "\(.*\)",$/\1/p' "$1/$(program_of "$1").json"; }

# The relative L2 error that a precision may have.
limit_of () {
  case $1 in
    fp32) echo 1e-5 ;;
    tf32) echo 2e-3 ;;
    fp16) echo 5e-3 ;;
    bf16) echo 3e-2 ;;
  esac
}

# Weights and input of the case that a network was made for, or weights of its manifest's shapes.
give_weights () {
  case=$(cat "$1/case") weights=$folder/cases/$case/weights.safetensors
  touch "$1"/lib*.so # newer than its headers wherever it was copied to
  [ "$case" != seeded ] || { weights=$tmp/seeded.safetensors && python3 "$tests/seeded_weights.py" "$1"/*.json "$weights"; }
  quietly "$RESCAST" pack "$1" -w "$weights" || return 1
  for f in input output; do
    [ ! -f "$folder/cases/$case/$f.npy" ] || cp "$folder/cases/$case/$f.npy" "$1/$f.npy"
  done
  rm -f "$tmp/seeded.safetensors"
}

run_one () {
  name=$(basename "$1")
  if ! give_weights "$1"; then
    fail "$name: no weights: $(tail -n 1 "$tmp/output")"
    return
  fi
  program=$1/$(program_of "$1") precision=$(precision_of "$1")
  if [ -f "$1/input.npy" ]; then compare_outputs "$1"; fi
  if "$RESCAST" verify "$1" --non-finite >"$tmp/output" 2>&1 && grep -q 'cuda: .* agree' "$tmp/output"; then
    pass
    grep 'cuda: ' "$tmp/output"
  else
    fail "$name: verify"
    tail -n 4 "$tmp/output"
  fi
  if message=$(timeout 300 "$folder/cuda_repeat" "$1"/lib*.so "$runs" "$1/input.npy"); then pass; else fail "$name: repeated: $message"; fi
}

compare_outputs () {
  if ! "$program" --device cuda --output "$tmp/gpu.npy" "$1/input.npy" >"$tmp/output" 2>&1; then
    fail "$name: $(tail -n 1 "$tmp/output")"
    return
  fi
  if [ -f "$1/output.npy" ]; then
    if message=$("$compare" "$tmp/gpu.npy" "$1/output.npy" "$(limit_of $precision)"); then pass; else fail "$name: $message"; fi
    echo "$name: $message"
  fi
  "$program" --device cpu --output "$tmp/cpu.npy" "$1/input.npy" >/dev/null 2>&1
  difference=$(limit_of $precision)
  [ $precision = fp32 ] && difference=2e-5 # both err
  case $name in integers_*_bf16) ;; integers_*) difference=0 ;; esac
  if message=$("$compare" "$tmp/gpu.npy" "$tmp/cpu.npy" $difference); then pass; else fail "$name: GPU and CPU: $message"; fi
  if RESCAST_NO_BINARY=1 "$program" --device cuda --output "$tmp/nvrtc.npy" "$1/input.npy" >"$tmp/output" 2>&1 \
    && message=$("$compare" "$tmp/gpu.npy" "$tmp/nvrtc.npy" "$(limit_of $precision)"); then
    pass
  else
    fail "$name: NVRTC: $message $(tail -n 1 "$tmp/output")"
  fi
}

# What --build named and did not carry.
make_seeds () {
  while read -r seed number; do
    quietly python3 "$folder/cases.py" gen --seed "$seed" --n "$number" --out "$folder/cases" || fail "the cases of seed $seed"
  done <"$folder/seeds"
}

# Several at once: one's programs start while another's compute. Each counts for itself, in its last line.
each_network () {
  ls "$folder" | while read -r name; do [ ! -f "$folder/$name/case" ] || echo "$name"; done | grep -E -- "${RESCAST_ONLY:-.}" >"$tmp/networks"
  xargs -P "${RESCAST_JOBS:-$((jobs / 2 + 1))}" -I{} sh "$0" --network "$folder" {} <"$tmp/networks" >"$tmp/results" 2>&1
  grep -v '^device: ' "$tmp/results"
  passed=$((passed + $(sed -n 's/^device: \([0-9]*\) passed.*/+ \1/p' "$tmp/results" | tr -d '\n' | sed 's/^$/0/')))
  failed=$((failed + $(grep -c '^FAIL' "$tmp/results")))
  if [ "$(wc -l <"$tmp/networks")" -eq "$(grep -c '^device: ' "$tmp/results")" ]; then pass; else fail "a network's test did not end"; fi
}

# Networks of parts that do not test each.
ready () { [ -f "$(echo "$1"/*.weights)" ] || give_weights "$1" || fail "${1##*/}: no weights: $(tail -n 1 "$tmp/output")"; }

# tune_one FOLDER: a copy is tuned; its new kernels are right, and a file of its tiles gives the same sources.
tune_one () {
  name=$(basename "$1") options=${1%_*}.yaml precision=$(precision_of "$1")
  [ "$precision" != fp32 ] || return 0
  said=$folder/$name.said tiles=$folder/$name.tiles copy=$tmp/$name
  rm -rf "$tiles" "$copy" "$tmp/generated" && cp -R "$1" "$copy"
  if ! "$RESCAST" tune "$copy" --device cuda --tiles "$tiles" --seconds "${RESCAST_TUNE_SECONDS:-60}" >"$said" 2>&1; then
    fail "$name: tune: $(tail -n 1 "$said")"
    return
  fi
  echo "$name: $(grep 'ms before' "$said")"
  if "$RESCAST" generate "$options" -t cuda --precision "$precision" --tiles "$tiles" -o "$tmp/generated" >"$tmp/output" 2>&1 \
    && cmp "$tmp/generated/net.cu" "$copy/net.cu" && cmp "$tmp/generated/net_cuda.c" "$copy/net_cuda.c"; then pass; else
    fail "$name: its tiles give other sources"
  fi
  # verify needs the library anew; its kernels come from NVRTC
  { command -v make && command -v "${CC%% *}"; } >/dev/null 2>&1 || { echo "$name: no make or compiler: verify is left out"; return; }
  if make -C "$copy" NVCC= CC="$CC" libnet.so >"$tmp/output" 2>&1 && "$RESCAST" verify "$copy" >"$tmp/output" 2>&1 \
    && grep -q 'cuda: .* agree' "$tmp/output"; then pass; else
    tail -n 4 "$tmp/output"
    fail "$name: verify after tune"
  fi
}

run_programs () {
  for precision in $precisions; do
    net=$folder/volumes_$precision
    [ $precision = fp32 ] && net=$folder/volumes
    ready "$net"
    if "$net/volumes" --device cuda --profile --tensor fc="$tmp/fc.npy" "$net/input.npy" >/dev/null \
      && "$net/volumes" --device cpu --tensor fc="$tmp/fc_cpu.npy" "$net/input.npy" >/dev/null \
      && "$compare" "$tmp/fc.npy" "$tmp/fc_cpu.npy" "$(limit_of $precision)"; then
      pass
    else
      fail "--tensor on the GPU in $precision"
    fi
  done
  for net in "$folder"/tune_*/; do
    tune_one "${net%/}"
  done
  net=$folder/volumes
  [ -d "$net" ] || net=$folder/volumes_${precisions##* }
  program=$net/volumes
  if "$program" --device auto --bench 20 | grep -q "on a GPU"; then pass; else fail "auto takes no GPU"; fi
  if "$program" --device cuda:77 "$net/input.npy" 2>&1 | grep -q "no CUDA device 77"; then pass; else fail "device 77"; fi
  # several processes start with an empty cache
  rm -rf "$RESCAST_CACHE"
  for i in 1 2 3 4; do
    { RESCAST_NO_BINARY=1 "$program" --device cuda "$net/input.npy" >/dev/null 2>&1 || echo failed; } >"$tmp/start.$i" &
  done
  wait
  if [ -z "$(cat "$tmp"/start.?)" ] && [ "$(ls "$RESCAST_CACHE" | wc -l)" -eq 1 ]; then pass; else fail "four starts at once"; fi
  if [ -f "$folder/digits/libdigits.a" ] && command -v nvcc >/dev/null 2>&1; then
    ready "$folder/digits"
    if quietly nvcc -std=c++17 -I"$folder/digits" -o "$tmp/api" "$tests/cuda_api.cu" "$folder/digits/libdigits.a" \
      -Xcompiler -pthread && (cd "$folder/digits" && "$tmp/api"); then pass; else fail "the library"; fi
  fi
  for net in "$folder"/bench_*/; do
    [ -d "$net" ] || continue
    ready "${net%/}"
    echo "$(basename "$net"):" && "$net/$(program_of "$net")" --device cuda --no-check --bench 100
    python3 "$RESCAST_SRCDIR/bench/gpu_start.py" "$net"
  done
}

sanitize () {
  command -v compute-sanitizer >/dev/null 2>&1 || { echo "no compute-sanitizer: left out"; return; }
  for net in volumes volumes_fp16 transposed_conv_3d_crop bottleneck_3d_null bottleneck_3d_null_bf16 ${RESCAST_SANITIZE:-}; do
    [ -d "$folder/$net" ] || continue
    ready "$folder/$net"
    for tool in memcheck initcheck racecheck synccheck; do
      if quietly compute-sanitizer --tool $tool --error-exitcode 9 "$folder/$net/$(program_of "$folder/$net")" --device cuda \
        "$folder/$net/input.npy"; then pass; else fail "$net: $tool"; fi
    done
  done
}

run_all () {
  RESCAST_CACHE=$tmp/cache && export RESCAST_CACHE
  for part in ${RESCAST_PARTS:-networks programs sanitizer faults}; do
    case $part in
      networks) make_seeds && each_network ;;
      programs) run_programs ;;
      sanitizer) sanitize ;;
      faults) run_faults ;;
      *) fail "RESCAST_PARTS: $part" ;;
    esac
  done
}

# The folder, or what its archive holds.
unpack () {
  case $folder in *.tar.xz) ;; *) return ;; esac
  mkdir "$tmp/unpacked" && python3 -c 'import sys, tarfile; tarfile.open (sys.argv[1]).extractall (sys.argv[2])' "$folder" "$tmp/unpacked" || exit 99
  folder=$tmp/unpacked
}

pack_up () {
  tar -C "$folder" -cf - . | xz -9 -T1 >"$folder.tar.xz"
  echo "built: $(ls "$folder"/*/case | wc -l) networks, $(du -sm "$folder" | cut -f 1) MiB, $folder.tar.xz: $(($(stat -c %s "$folder.tar.xz") / 1048576)) MiB"
}

if [ "$mode" != --run ] && [ "$mode" != --network ]; then
  [ -x "$compare" ] || quietly make -C "$RESCAST_BUILDDIR" tests/npy_compare
  build_all
fi
if [ "$mode" = --build ]; then
  pack_up
  [ "$failed" -eq 0 ]
  exit
fi
unpack
RESCAST=$folder/rescast compare=$folder/npy_compare
if [ "$mode" = --network ]; then
  run_one "$folder/$3"
  finish
  exit
fi
run_all
finish
