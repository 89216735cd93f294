#!/bin/sh
# Everything that needs a GPU. Not part of `make check`.
#
#   tests/device.sh                   build all networks, run them
#   tests/device.sh --build FOLDER    build them into FOLDER, for another machine
#   tests/device.sh --run FOLDER      run what was built: needs the programs there, python3 and a GPU
#
# RESCAST_SMS: the architectures to compile for; RESCAST_PRECISIONS: what to test of fp32 tf32 fp16 bf16; RESCAST_BENCH:
# names in examples/networks whose time is told.
# Networks: the published cases, cases in the folders that $RESCAST_CASES names (of reference/cases.py or
# tests/random_graphs.py), the demos. Each one's output is compared with PyTorch's and with the CPU's, every kernel with
# the naive reference (rescast verify), and 100 runs with each other; code comes from nvcc and from NVRTC. Networks of small
# integers (tests/integers.py) must give the CPU's output bit by bit. In fp32 a network's folder has its name, in other
# precisions NAME_PRECISION. rescast tune is run on copies of the networks tune_*, whose kernels must be right afterwards; its
# report and tiles stay in FOLDER as tune_*.said and tune_*.tiles. Where the machine has no compiler, build once more with these
# files in FOLDER: they are taken, and the next run verifies them. RESCAST_TUNE_SECONDS: for each, 60 without it.
. "$(dirname "$0")/lib.sh"
mode=${1:-all} folder=${2:-$tmp/device}
limit=${RESCAST_LIMIT:-33554432} # bytes of weights: larger cases are left out
precisions=${RESCAST_PRECISIONS:-fp32 tf32 fp16 bf16}

# build PRECISION NAME OPTIONS [WEIGHTS INPUT [OUTPUT]]
build () {
  name=$2 dir=$folder/$2
  [ "$1" = fp32 ] || name=$2_$1 dir=$folder/$2_$1
  {
    tiles=$dir.tiles
    [ -f "$tiles" ] || tiles=
    "$RESCAST" generate "$3" ${4:+-w "$4"} ${tiles:+--tiles "$tiles"} -t cuda --precision "$1" $exact -o "$dir" \
      && make -C "$dir" CC="$CC" SMS="${RESCAST_SMS:-80 90a 120}" && rm -rf "$dir"/*.o "$dir"/runtime/*.o \
      && { [ $# -lt 5 ] || cp "$5" "$dir/input.npy"; } && { [ $# -lt 6 ] || cp "$6" "$dir/expected.npy"; }
  } >"$dir.log" 2>&1 || echo "$name is not built: $(tail -n 1 "$dir.log")" >>"$folder/failed"
}

# one NAME OPTIONS …: in each precision, in the background.
one () {
  mkdir -p "$folder" && : >>"$folder/failed"
  for precision in $precisions; do
    build $precision "$@" &
    started=$((started + 1))
    [ $((started % jobs)) -ne 0 ] || wait
  done
}

build_all () {
  started=0 exact=
  for case in "$shared"/golden/*/ $(for c in ${RESCAST_CASES:-}; do echo "$c"/*/; done); do
    [ -f "$case/weights.safetensors" ] && [ "$(stat -c %s "$case/weights.safetensors")" -le "$limit" ] || continue
    one "$(basename "$case")" "$case/options.yaml" "$case/weights.safetensors" "$case/input.npy" "$case/output.npy"
  done
  one volumes "$examples/volumes/volumes.yaml" "$examples/volumes/volumes.safetensors" "$examples/volumes/ball_a.npy"
  one digits "$examples/digits/digits.yaml" "$examples/digits/digits.safetensors"
  # batches for which the tensor cores' tiles are large
  for arch in "resnet18 [96, 96] 24" "resnet50 [64, 64] 32" "resnext50_32x4d [64, 64] 8"; do
    name=tiles_${arch%% *} rest=${arch#* }
    printf 'name: net\nnetwork: resnet\narch: %s\ninput-size: %s\nbatch: %s\nnum-classes: 10\n' "${arch%% *}" "${rest% *}" "${rest##* }" >"$tmp/$name.yaml"
    one "$name" "$tmp/$name.yaml"
  done
  # for rescast tune: few layers of many kinds, at one sample and at many
  for net in "resnet18 [96, 96] 1" "resnet18 [64, 64] 16"; do
    name=tune_${net##* } rest=${net#* }
    printf 'name: net\nnetwork: resnet\narch: %s\ninput-size: %s\nbatch: %s\nnum-classes: 10\n' "${net%% *}" "${rest% *}" "${rest##* }" >"$tmp/$name.yaml"
    one "$name" "$tmp/$name.yaml"
    cp "$tmp/$name.yaml" "$folder" # tune's tiles are given to generate
  done
  for net in ${RESCAST_BENCH:-}; do one "bench_$net" "$examples/networks/$net.yaml"; done
  exact=--exact
  python3 "$(dirname "$0")/integers.py" "$tmp/integers"
  for case in "$tmp"/integers/*/; do
    one "$(basename "$case")" "$case/options.yaml" "$case/weights.safetensors" "$case/input.npy"
  done
  wait
  cp "$RESCAST" "$compare" "$(command -v m4)" "$folder"
  while read -r line; do fail "$line"; done <"$folder/failed"
}

# The network's own name is its program's.
program_of () { basename "$(ls "$1"/*_cuda.weights)" _cuda.weights; }

precision_of () { sed -n 's/^ "precision": "\(.*\)",$/\1/p' "$1/$(program_of "$1").json"; }

# The relative L2 error that a precision may have.
limit_of () {
  case $1 in
    fp32) echo 1e-5 ;;
    tf32) echo 2e-3 ;;
    fp16) echo 5e-3 ;;
    bf16) echo 3e-2 ;;
  esac
}

run_one () {
  name=$(basename "$1") program=$1/$(program_of "$1") precision=$(precision_of "$1")
  if ! "$program" --device cuda --output "$tmp/gpu.npy" "$1/input.npy" >"$tmp/output" 2>&1; then
    fail "$name: $(tail -n 1 "$tmp/output")"
    return
  fi
  if [ -f "$1/expected.npy" ]; then
    if message=$("$compare" "$tmp/gpu.npy" "$1/expected.npy" "$(limit_of $precision)"); then pass; else fail "$name: $message"; fi
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
  if "$RESCAST" verify "$1" >"$tmp/output" 2>&1 && grep -q 'cuda: .* agree' "$tmp/output"; then
    pass
    grep 'cuda: ' "$tmp/output"
  else
    fail "$name: verify"
    tail -n 4 "$tmp/output"
  fi
}

# A hundred runs give the same bytes.
run_often () {
  program=$1/$(program_of "$1") inputs=
  for i in 1 2 3 4 5 6 7 8 9 10; do inputs="$inputs $1/input.npy"; done
  inputs="$inputs $inputs $inputs $inputs $inputs $inputs $inputs $inputs $inputs $inputs"
  if "$program" --device cuda --output "$tmp/often.npy" $inputs >/dev/null 2>&1 \
    && python3 -c "
import sys
d = open('$tmp/often.npy', 'rb').read()
d = d[10 + d[8] + 256 * d[9]:]
n = len(d) // 100
sys.exit(any(d[i * n:i * n + n] != d[:n] for i in range(100)))"; then
    pass
  else
    fail "$(basename "$1"): 100 runs differ"
  fi
}

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

run_all () {
  [ -x "$folder/rescast" ] && RESCAST=$folder/rescast
  [ -x "$folder/npy_compare" ] && compare=$folder/npy_compare
  [ -x "$folder/m4" ] && M4=$folder/m4 && export M4
  RESCAST_CACHE=$tmp/cache && export RESCAST_CACHE
  for net in "$folder"/*/; do
    [ -f "$net/input.npy" ] && run_one "${net%/}"
  done
  for net in "$folder"/tiles_*/ "$folder"/tune_*/; do
    case $net in */tune_*) [ -f "${net%/}.tiles" ] || continue ;; esac
    if "$RESCAST" verify "$net" >"$tmp/output" 2>&1 && grep -q 'cuda: .* agree' "$tmp/output"; then pass; else fail "$net: verify"; fi
    grep 'cuda: ' "$tmp/output"
  done
  for net in "$folder"/*/; do
    [ -f "$net/input.npy" ] && run_often "${net%/}"
  done
  for precision in $precisions; do
    net=$folder/volumes_$precision
    [ $precision = fp32 ] && net=$folder/volumes
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
    if quietly nvcc -std=c++17 -I"$folder/digits" -o "$tmp/api" "$(dirname "$0")/cuda_api.cu" "$folder/digits/libdigits.a" \
      -Xcompiler -pthread && (cd "$folder/digits" && "$tmp/api"); then pass; else fail "the library"; fi
  fi
  for net in "$folder"/bench_*/; do
    [ -d "$net" ] || continue
    echo "$(basename "$net"):" && "$net/$(program_of "$net")" --device cuda --no-check --bench 100
  done
  sanitize
}

sanitize () {
  command -v compute-sanitizer >/dev/null 2>&1 || { echo "no compute-sanitizer: left out"; return; }
  for net in volumes volumes_fp16 transposed_conv_3d_crop bottleneck_3d_null bottleneck_3d_null_bf16 ${RESCAST_SANITIZE:-}; do
    [ -d "$folder/$net" ] || continue
    for tool in memcheck initcheck racecheck synccheck; do
      if quietly compute-sanitizer --tool $tool --error-exitcode 9 "$folder/$net/$(program_of "$folder/$net")" --device cuda \
        "$folder/$net/input.npy"; then pass; else fail "$net: $tool"; fi
    done
  done
}

[ "$mode" = --run ] || build_all
[ "$mode" = --build ] && { echo "built: $(ls "$folder" | wc -l)"; [ "$failed" -eq 0 ]; exit; }
run_all
finish
