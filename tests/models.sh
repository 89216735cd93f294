#!/bin/sh
# Networks trained by others: ResNet-20 on CIFAR-10, as PyTorch saved it, on six real images; the MLPerf Tiny ResNet-8 and
# two 3-D SSRNs as layer graphs, whole and layer by layer.
. "$(dirname "$0")/lib.sh"
model=$shared/models/resnet20-cifar10
[ -d "$model" ] || skip "no trained models: $shared/models (RESCAST_SHARED names another folder)"

net=$tmp/resnet20_cifar10
if ! build "$net" "$examples/networks/resnet20-cifar10.yaml" -w "$model/resnet20-12fca82f.th"; then
  fail "resnet20-cifar10 is not generated"
  finish
  exit
fi

i=0
for name in chelsea_face chelsea_left chelsea_right chelsea_tight coffee rocket; do
  message=failed
  if quietly "$net/resnet20_cifar10" --output "$tmp/y.npy" "$shared/inputs/${name}_32.png" \
    && message=$("$compare" "$tmp/y.npy" "$model/reference.npz:logits[$i]" 1e-5); then
    pass
  else
    fail "$name: logits differ"
  fi
  printf '%s: %s\n' "$name" "$message"
  i=$((i + 1))
done

# The cat is a cat: the best class of the JSON report.
top=$("$net/resnet20_cifar10" -k 1 --json "$shared/inputs/chelsea_face_32.png" | tr -d ' \n')
case $top in
  *'"label":"cat"'*) pass ;;
  *) fail "chelsea_face is no cat: $top" ;;
esac
p=$(printf '%s' "$top" | sed -n 's/.*"probability":\([0-9.e-]*\).*/\1/p')
if awk -v p="${p:-0}" 'BEGIN { exit !(p > 0.99) }'; then pass; else fail "cat with probability ${p:-none}"; fi

# against NAME OPTIONS WEIGHTS REFERENCE
against () {
  if build "$tmp/$1" "$2" -w "$3" && quietly "$RESCAST" verify "$tmp/$1" -w "$3" --reference "$4"; then
    pass
  else
    fail "$1 differs from its reference"
  fi
}
models=$shared/models
against resnet8 "$models/mlperf-tiny-resnet8/options.yaml" "$models/mlperf-tiny-resnet8/resnet8.safetensors" \
  "$models/mlperf-tiny-resnet8/reference.npz"
for net in indian_pines pavia_u; do
  against $net "$models/ssrn-3d/$net.yaml" "$models/ssrn-3d/$net.safetensors" "$models/ssrn-3d/${net}_reference.npz"
done
finish
