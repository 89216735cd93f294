#!/bin/sh
# ONNX models through the commands: what import writes generates the same as the model, and pack, verify and
# --output-tensor take models, too. What operators become is tested by test_onnx.c.
. "$(dirname "$0")/lib.sh"

model () { "$RESCAST_BUILDDIR/tests/onnx_file" "$1" || fail "onnx_file"; }

# A residual block in front of silu as exporters write it, an upsampling and a head.
model "$tmp/net.onnx" <<END
input x batch 3 h w
float stem.weight 16 3 5 5
float stem.bias 16
float a.weight 16 4 3 3
values m 16 : 1 2 1 2 1 2 1 2 1 2 1 2 1 2 1 2
float b.weight 24 16 1 1
float fc.weight 7 24
float fc.bias 7
node Conv x stem.weight stem.bias > s : strides=2,2 pads=2,2,2,2
node Relu s > r
node Conv r a.weight > c : pads=1,1,1,1 group=4
node BatchNormalization c m m m m > d
node Add d r > e
node Sigmoid e > f
node Mul e f > g
node MaxPool g > p : kernel_shape=3,3 strides=2,2 pads=1,1,1,1
node Conv p b.weight > q
node ReduceMean q > t : axes=2,3 keepdims=0
node Gemm t fc.weight fc.bias > u : transB=1
node Softmax u > y : axis=1
output y
END

size=input-size="[3, 21, 18]"
(cd "$tmp" && "$RESCAST" generate net.onnx -t c --set "$size" -o direct) >"$tmp/said" 2>&1
recognised='rescast: net.onnx: an ONNX model of test, opset 17, 11 layers from 12 nodes and 10 tensors'
if grep -qx "$recognised" "$tmp/said"; then pass; else
  cat "$tmp/said"
  fail "what is recognised"
fi

# Through files to be edited: the same code and the same weights.
if quietly "$RESCAST" import "$tmp/net.onnx" --set "$size" -o "$tmp/import" \
  && quietly "$RESCAST" generate "$tmp/import/net.yaml" -w "$tmp/import/net.safetensors" -t c -o "$tmp/edited" \
  && cmp "$tmp/direct/net.c" "$tmp/edited/net.c" && cmp "$tmp/direct/net.weights" "$tmp/edited/net.weights" \
  && cmp "$tmp/direct/net_c_conv5x5s2_3x21x18_16_relu.c" "$tmp/edited/net_c_conv5x5s2_3x21x18_16_relu.c"
then pass; else fail "import, then generate"; fi

# Options of people's stay as they are.
"$RESCAST" import "$tmp/import/net.yaml" -o "$tmp/again" >"$tmp/said" 2>&1
if [ $? -eq 1 ] && grep -q 'is a file of options' "$tmp/said" && [ ! -e "$tmp/again" ]
then pass; else fail "import of options"; fi

# What takes weights takes a model. Weights of the options' own initialisers first.
if quietly "$RESCAST" generate "$tmp/import/net.yaml" -t c -o "$tmp/packed" \
  && quietly "$RESCAST" pack "$tmp/packed" -w "$tmp/net.onnx" \
  && cmp "$tmp/packed/net.weights" "$tmp/direct/net.weights"
then pass; else fail "pack -w MODEL.onnx"; fi
if quietly make -s -C "$tmp/direct" CFLAGS=-O1 && quietly "$RESCAST" verify "$tmp/direct" -w "$tmp/net.onnx"
then pass; else fail "verify -w MODEL.onnx"; fi

# The same of a model whose first axis is one of the sample's, and one of whose input several axes are one.
model "$tmp/sample.onnx" <<END
input x 2 3 4 5
float w 5 7
node Concat x x > c : axis=0
node Transpose c > t : perm=1,2,0,3
node MatMul t w > y
output y
END
model "$tmp/axes.onnx" <<END
input x 2 3 2 2 4 5
float c.weight 4 6 3 3
node Transpose x > t : perm=0,3,1,5,2,4
ints s 4 : 2 6 10 4
node Reshape t s > r
node Conv r c.weight > y : pads=1,1,1,1
output y
END
for name in sample axes; do
  if quietly "$RESCAST" generate "$tmp/$name.onnx" -t c -o "$tmp/$name" && cp "$tmp/$name/$name.weights" "$tmp/first" \
    && quietly make -s -C "$tmp/$name" CFLAGS=-O1 && quietly "$RESCAST" verify "$tmp/$name" -w "$tmp/$name.onnx" \
    && quietly "$RESCAST" pack "$tmp/$name" -w "$tmp/$name.onnx" && cmp "$tmp/$name/$name.weights" "$tmp/first" \
    && quietly "$RESCAST" compare "$tmp/$name" --onnx "$tmp/$name.onnx" -w "$tmp/$name.onnx"
  then pass; else fail "$name"; fi
done

# A long signal, of an odd length, the kernels beside the reference.
model "$tmp/signal.onnx" <<END
input x 1 2 1 1000003
float stem.weight 16 2 1 10
float c.weight 8 16 1 3
node MaxPool x > p : kernel_shape=1,20 pads=0,10,0,10 dilations=1,3
node Conv p stem.weight > s : strides=1,5 pads=0,3,0,4
node Relu s > r
node Conv r c.weight > y : strides=1,2 pads=0,1,0,1
output y
END
if quietly "$RESCAST" generate "$tmp/signal.onnx" -t c -o "$tmp/signal" \
  && quietly make -s -C "$tmp/signal" CFLAGS=-O1 && quietly "$RESCAST" verify "$tmp/signal" -w "$tmp/signal.onnx"
then pass; else fail "a long signal"; fi

# A value inside of the network as its output; the text of what is not there.
if quietly "$RESCAST" generate "$tmp/net.onnx" -t c --set "$size" --output-tensor t -o "$tmp/features" \
  && "$RESCAST" summary "$tmp/import/net.yaml" >/dev/null && grep -q 'net_OUTPUT_SHAPE.*24' "$tmp/features/net.h"
then pass; else fail "--output-tensor"; fi
"$RESCAST" generate "$tmp/net.onnx" --set "$size" --output-tensor nothing -o "$tmp/nothing" >"$tmp/said" 2>&1
if [ $? -eq 1 ] && grep -q 'no node makes nothing' "$tmp/said"; then pass; else fail "--output-tensor nothing"; fi

finish
