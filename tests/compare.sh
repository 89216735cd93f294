#!/bin/sh
# rescast compare: a network beside ONNX models of it, right ones and wrong ones. The causes are planted in test_compare.c; here is what
# a person sees.
. "$(dirname "$0")/lib.sh"

# model FILE EPS STRIDES [PREFIX [MEAN]]: a convolution, a normalisation and a head; PREFIX: of names.
model () {
  "$RESCAST_BUILDDIR/tests/onnx_file" "$1" <<END || fail "onnx_file"
input x batch 3 9 9
values mean 8 : ${5-1} 2 1 2 1 2 1 2
float ${4-}stem.weight 8 3 3 3
values m 8 : 1 2 1 2 1 2 1 2
values v 8 : 0.5 0.25 0.5 0.25 2 1 2 1
float ${4-}fc.weight 4 8
float ${4-}fc.bias 4
node Conv x ${4-}stem.weight > ${4-}c : strides=$3 pads=1,1,1,1
node BatchNormalization ${4-}c m m mean v > ${4-}d : epsilon=$2
node Relu ${4-}d > ${4-}e
node GlobalAveragePool ${4-}e > ${4-}g
node Flatten ${4-}g > ${4-}h
node Gemm ${4-}h ${4-}fc.weight ${4-}fc.bias > ${4-}y : transB=1
output ${4-}y
END
}
model "$tmp/net.onnx" 0.00001 2,2
model "$tmp/renamed.onnx" 0.00001 2,2 other.
model "$tmp/eps.onnx" 0.01 2,2
model "$tmp/other.onnx" 0.00001 2,2 "" 3
model "$tmp/stride.onnx" 0.00001 1,1 other.

if quietly "$RESCAST" generate "$tmp/net.onnx" -t c -o "$tmp/net" && with_runtime "$tmp/net" -O1 \
  && quietly make -s -C "$tmp/net" CC="$CC" CFLAGS=-O1; then pass; else fail "generate and make"; fi

# said STATUS TEXT ARGUMENT...: compare says one line that has TEXT in it.
said () {
  status=$1 text=$2
  shift 2
  "$RESCAST" compare "$tmp/net" "$@" >"$tmp/said" 2>&1
  if [ $? -eq "$status" ] && grep -qF -- "$text" "$tmp/said"; then pass; else fail "compare $*: $(cat "$tmp/said")"; fi
}
said 0 "and none differs" --onnx "$tmp/net.onnx"
said 0 "and none differs" --onnx "$tmp/net.onnx" -w "$tmp/net.onnx"
said 0 "and none differs" --onnx "$tmp/renamed.onnx" -w "$tmp/net.onnx"
said 1 "the cause is looked for when -w gives the weights" --onnx "$tmp/eps.onnx"
said 1 "(batch-norm), by a relative L2 difference of" --onnx "$tmp/eps.onnx" -w "$tmp/net.onnx"
said 1 "the likely cause (eps): eps is 0.01 there, 1e-05 here" --onnx "$tmp/eps.onnx" -w "$tmp/net.onnx"
said 1 "the likely cause (stride): the stride is [1, 1] there, [2, 2] here" --onnx "$tmp/stride.onnx" -w "$tmp/net.onnx"
said 2 "compare needs one of --onnx F and --reference F.npz"
said 1 "no ONNX model" --onnx "$tmp/net/net.json"
said 1 "No such file or directory" --onnx "$tmp/none.onnx"
# Other weights than the folder's are told apart from other options.
if quietly "$RESCAST" pack "$tmp/net" -w "$tmp/other.onnx"; then
  said 1 "differs from the network that it was generated from" --onnx "$tmp/net.onnx" -w "$tmp/net.onnx"
else
  fail "pack"
fi
finish
