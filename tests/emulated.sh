#!/bin/sh
# One folder for every CPU target, built by compilers for other machines and run under qemu-user: each target that the
# machine has gives the published results. Variables make it longer:
#   RESCAST_LONG=1        all published cases, not one a machine, in fp32 and in bf16
#   RESCAST_CASES=DIR     with these cases, too: DIR/*/{options.yaml,weights.safetensors,input.npy,output.npy}
#   RESCAST_MACHINE=NAME  on this machine alone, aarch64-linux-gnu for one
#   RESCAST_THERE=COMMAND a rescast built for that machine, and how to run it here: it verifies the folders of published
#                         cases, and in the long form those of the trained models, as well
. "$(dirname "$0")/lib.sh"
[ -d "$shared/golden" ] || skip "no golden cases: $shared/golden (RESCAST_SHARED names another folder)"
rows=$("$RESCAST" --help | sed -n '/^targets:/,$s/^  *\([a-z0-9_]\)/\1/p' | grep -v '^cuda ')

# in_precision PRECISION: what targets compute in, all that do; the error that is allowed.
in_precision () {
  precision=$1
  if [ "$1" = fp32 ]; then error=1e-5; else error=3e-2; fi
  targets=$(echo "$rows" | if [ "$1" = fp32 ]; then grep -v ' for bf16 alone'; else cat; fi | sed 's/ .*//')
  list=$(echo "$targets" | sed "s/\$/:$1/" | paste -s -d , -)
}
in_precision fp32

# try NAME OPTIONS WEIGHTS INPUT OUTPUT: built and run on the machine $machine, all targets that it has.
try () {
  folder=$tmp/$1 ran=
  rm -rf "$folder"
  if ! quietly "$RESCAST" generate "$2" -w "$3" -t "$list" -o "$folder" \
    || ! quietly make -C "$folder" -j "$jobs" CC="$machine-gcc"; then
    fail "$machine: $1 is not built"
    return
  fi
  name=$(basename "$(ls "$folder"/*.weights)" .weights)
  for target in $targets; do
    ls "$folder/${name}_${target}"_*.o >/dev/null 2>&1 || continue
    message=failed ran="$ran $target"
    if quietly timeout -s KILL 600 qemu-"$emulator" -L "/usr/$machine" "$folder/$name" --target "$target" \
        --threads "$threads" --output "$tmp/y.npy" "$4" \
      && message=$("$compare" "$tmp/y.npy" "$5" $error); then pass; else fail "$machine: $1, $target, $precision: $message"; fi
  done
  [ -n "$ran" ] || fail "$machine: $1 has no target"
  echo "$machine: $1: $precision:$ran: $message"
  [ -z "${RESCAST_THERE:-}" ] || verify "$1" "$folder"
  rm -rf "$folder"
}

# verify NAME FOLDER [ARGUMENT...]: every layer against the double reference, by the machine's own rescast.
verify () {
  verify_name=$1
  shift
  if timeout -s KILL 1200 $RESCAST_THERE verify "$@" >"$tmp/output" 2>&1; then
    pass
    sed -n 's/^.*layers agree.*/  &/p' "$tmp/output"
  else
    tail -n 5 "$tmp/output"
    fail "$machine: verify $verify_name"
  fi
}

golden () {
  allowed=$error
  # As on x86 (bf16.sh): the softmax of scores as large as 40 makes 3 in a hundred of a third of a percent.
  case $precision/$1 in bf16/*/resnet3d_after_add) error=4e-2 ;; esac
  try "$(basename "$1")" "$1/options.yaml" "$1/weights.safetensors" "$1/input.npy" "$1/output.npy"
  error=$allowed
}

# model NAME OPTIONS WEIGHTS REFERENCE: layers and the whole network verified.
model () {
  if quietly "$RESCAST" generate "$2" -w "$3" -t "$list" -o "$tmp/$1" \
    && quietly make -C "$tmp/$1" -j "$jobs" CC="$machine-gcc"; then
    verify "$1" "$tmp/$1" -w "$3" --reference "$4"
  else
    fail "$machine: $1 is not built"
  fi
  rm -rf "${tmp:?}/$1"
}

long () {
  for precision in fp32 bf16; do
    in_precision $precision
    for case in "$shared"/golden/*/; do golden "${case%/}"; done
    # Not verified: the emulator computes the reference's doubles in software, which takes minutes a network.
    there=${RESCAST_THERE:-} RESCAST_THERE=
    for case in ${RESCAST_CASES:+"$RESCAST_CASES"/*/}; do golden "${case%/}"; done
    RESCAST_THERE=$there
  done
  [ -n "${RESCAST_THERE:-}" ] && [ -d "$shared/models" ] || return
  m=$shared/models
  model resnet20_cifar10 "$examples/networks/resnet20-cifar10.yaml" "$m/resnet20-cifar10/resnet20-12fca82f.th" \
    "$m/resnet20-cifar10/reference.npz"
  model resnet8 "$m/mlperf-tiny-resnet8/options.yaml" "$m/mlperf-tiny-resnet8/resnet8.safetensors" \
    "$m/mlperf-tiny-resnet8/reference.npz"
  for net in indian_pines pavia_u; do
    model $net "$m/ssrn-3d/$net.yaml" "$m/ssrn-3d/$net.safetensors" "$m/ssrn-3d/${net}_reference.npz"
  done
}

while read -r machine emulator threads case; do
  [ "${RESCAST_MACHINE:-$machine}" = "$machine" ] || continue
  if ! command -v "$machine-gcc" >/dev/null || ! command -v "qemu-$emulator" >/dev/null; then
    echo "$machine: left out, there is no $machine-gcc or no qemu-$emulator"
    continue
  fi
  if [ -n "${RESCAST_LONG:-}" ]; then long; else golden "$shared/golden/$case"; fi
done <<END
aarch64-linux-gnu aarch64 2 resnet_grouped_dilated
s390x-linux-gnu s390x 2 transposed_conv_3d_crop
arm-linux-gnueabihf arm 2 bottleneck_3d_null
END
finish
