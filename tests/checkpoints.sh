#!/bin/sh
# Checkpoints as training programs write them, and weights with values that nothing can be computed with: each gives the weights
# of the plain file or is refused in one line that says why.
. "$(dirname "$0")/lib.sh"

cat >"$tmp/q.yaml" <<END
name: q
network: sequence
input-size: [1, 4, 4]
layers:
  - {type: conv, name: c, filters: 2, kernel-size: 1}
  - {type: batch-norm, name: b}
  - {type: global-average-pool}
  - {type: linear, name: l, features: 2}
END
mkdir -p "$tmp/files/resnet" "$tmp/files/two"
quietly "$RESCAST_BUILDDIR/tests/checkpoint_files" "$tmp/files" || fail "checkpoint_files"

# generated OPTIONS FILE DIR [ARGUMENT...]: generate, with what it says in $tmp/said.
generated () {
  generated_options=$1 generated_file=$2 generated_dir=$3
  shift 3
  rm -rf "$generated_dir"
  (set -f; exec "$RESCAST" generate "$generated_options" -w "$generated_file" -o "$generated_dir" "$@") >"$tmp/said" 2>&1
}

# refused NAME PART: the last generate failed with one line that has PART in it, and left nothing.
refused () {
  if [ "$status" -eq 1 ] && [ "$(wc -l <"$tmp/said")" -eq 1 ] && grep -qF -- "$2" "$tmp/said" && [ ! -e "$tmp/net" ]; then
    pass
  else
    fail "$1: exit status $status, '$(head -c 600 "$tmp/said")' is not one line with '$2'"
  fi
}

for kind in plain other; do
  generated "$tmp/q.yaml" "$tmp/files/$kind.pth" "$tmp/$kind" || fail "$kind: $(cat "$tmp/said")"
done
if cmp -s "$tmp/plain/q.weights" "$tmp/other/q.weights"; then fail "plain and other are the same"; else pass; fi

for f in "$tmp"/files/*.pth; do
  name=$(basename "$f" .pth)
  says=$(cat "$tmp/files/$name.says")
  set -f
  # shellcheck disable=SC2046 # words are what is wanted
  generated "$tmp/q.yaml" "$f" "$tmp/net" $(cat "$tmp/files/$name.args")
  status=$?
  set +f
  case $says in
    plain | other)
      if [ "$status" -eq 0 ] && [ ! -s "$tmp/said" ] && cmp -s "$tmp/net/q.weights" "$tmp/$says/q.weights"; then
        pass
      else
        fail "$name: exit status $status, not the weights of $says: $(head -c 600 "$tmp/said")"
      fi ;;
    *) refused "$name" "$says" ;;
  esac
done

for f in "$tmp"/files/*.safetensors; do
  name=$(basename "$f" .safetensors)
  says=$(cat "$tmp/files/$name.says")
  generated "$tmp/q.yaml" "$f" "$tmp/net"
  status=$?
  case $says in
    "") [ "$status" -eq 0 ] && [ ! -s "$tmp/said" ] && pass || fail "$name: exit status $status: $(head -c 600 "$tmp/said")" ;;
    warning*)
      if [ "$status" -eq 0 ] && [ "$(wc -l <"$tmp/said")" -eq 1 ] && grep -qF "rescast: $says" "$tmp/said"; then
        pass
      else
        fail "$name: exit status $status: $(head -c 600 "$tmp/said")"
      fi ;;
    *) refused "$name" "$says" ;;
  esac
done

# pack, verify and tune take the same options, and pack the same care.
net=$tmp/plain
if "$RESCAST" pack "$net" -w "$tmp/files/student_chosen.pth" --weights-key teacher >"$tmp/said" 2>&1 \
  && cmp -s "$net/q.weights" "$tmp/other/q.weights"; then pass; else fail "pack --weights-key: $(cat "$tmp/said")"; fi
if "$RESCAST" pack "$net" -w "$tmp/files/ignored.pth" --ignore 'ex*' >"$tmp/said" 2>&1; then pass; else fail "pack --ignore: $(cat "$tmp/said")"; fi
if "$RESCAST" pack "$net" -w "$tmp/files/nan_weight.safetensors" >"$tmp/said" 2>&1 || ! grep -q 'c.weight\[1, 0, 0, 0\]: nan' "$tmp/said"; then
  fail "pack of NaN: $(cat "$tmp/said")"
else
  pass
fi
for arguments in "pack $net --ignore x" "verify $net --weights-key x" "tune $net --ignore x" "generate $tmp/q.yaml --ignore x"; do
  # shellcheck disable=SC2086
  "$RESCAST" $arguments >"$tmp/said" 2>&1
  if [ $? -eq 2 ]; then pass; else fail "$arguments: $(cat "$tmp/said")"; fi
done
# A checkpoint that is the model takes them as well: of two networks in one file they choose.
many=$tmp/files/two/two.safetensors
"$RESCAST" import "$many" -o "$tmp/many" >"$tmp/said" 2>&1
if [ $? -eq 1 ] && grep -q 'may be a ResNet.*--weights-key student.*--weights-key teacher' "$tmp/said"; then pass; else fail "two: $(cat "$tmp/said")"; fi
if "$RESCAST" import "$many" --weights-key teacher -o "$tmp/many" >"$tmp/said" 2>&1 && grep -q 'num-classes: 5' "$tmp/many/two.yaml" \
  && "$RESCAST" summary "$many" --ignore 'teacher*' 2>&1 | grep -q '^fc  *linear  *3 '; then pass; else fail "one of two: $(cat "$tmp/said")"; fi
with_runtime "$net" -O1
if quietly make -s -C "$net" CC="$CC" CFLAGS=-O1; then
  if "$RESCAST" verify "$net" -w "$tmp/files/ignored.pth" --ignore extra >"$tmp/said" 2>&1; then pass; else fail "verify --ignore: $(cat "$tmp/said")"; fi
  if "$RESCAST" verify "$net" -w "$tmp/files/extra.pth" >"$tmp/said" 2>&1; then fail "verify takes what is extra"; else pass; fi
fi

# Elements of two bytes.
generated "$tmp/q.yaml" "$tmp/files/beyond_half.safetensors" "$tmp/net" -t cuda --precision fp16
status=$?
refused "fp16" "c.weight[0, 0, 0, 0]: 70000, multiplied by the batch normalisation's"
generated "$tmp/q.yaml" "$tmp/files/beyond_half.safetensors" "$tmp/net" -t cuda --precision bf16 && pass || fail "bf16: $(cat "$tmp/said")"

# Without -w one line says that weights are random, where any are.
printf 'name: q\nnetwork: sequence\ninput-size: [2, 4, 4]\nlayers: [{type: relu}]\n' >"$tmp/none.yaml"
"$RESCAST" generate "$tmp/q.yaml" -o "$tmp/random" --set seed=5 >"$tmp/said" 2>&1
if [ "$(wc -l <"$tmp/said")" -eq 1 ] && grep -q 'without -w the weights are random, drawn from seed 5$' "$tmp/said"; then
  pass
else
  fail "random: $(cat "$tmp/said")"
fi
"$RESCAST" generate "$tmp/none.yaml" -o "$tmp/none" >"$tmp/said" 2>&1 && [ ! -s "$tmp/said" ] && pass || fail "none: $(cat "$tmp/said")"

# A file without arrays is fine where there are no parameters.
for f in empty.pth none.npz none.safetensors; do
  generated "$tmp/none.yaml" "$tmp/files/$f" "$tmp/net" && pass || fail "$f: $(cat "$tmp/said")"
done

# A residual network's last layer and shortcuts by other names.
printf 'name: r\nnetwork: resnet\nblock: basic\nlayers: [1, 1]\nnum-filters: [4, 8]\ninput-size: [3, 8, 8]\nnum-classes: 3\n' >"$tmp/r.yaml"
generated "$tmp/r.yaml" "$tmp/files/resnet/plain.safetensors" "$tmp/r" || fail "resnet: $(cat "$tmp/said")"
for f in "$tmp"/files/resnet/*.safetensors; do
  name=$(basename "$f" .safetensors)
  generated "$tmp/r.yaml" "$f" "$tmp/net"
  status=$?
  case $name in
    refused_*) refused "resnet/$name" "fc.weight (3, 8)" ;;
    *) [ "$status" -eq 0 ] && cmp -s "$tmp/net/r.weights" "$tmp/r/r.weights" && pass || fail "resnet/$name: $(cat "$tmp/said")" ;;
  esac
done
# The same as PyTorch itself writes it, where it is.
for python in python3 /usr/bin/python3 none; do
  $python -c 'import torch' >/dev/null 2>&1 && break
done
if [ $python = none ]; then
  echo "no PyTorch: files that it writes are left out"
  finish
  exit
fi
mkdir "$tmp/torch"
quietly $python "$RESCAST_SRCDIR/tests/checkpoints.py" "$tmp/torch" || fail "checkpoints.py"
generated "$tmp/q.yaml" "$tmp/torch/plain.pth" "$tmp/plain" || fail "torch: $(cat "$tmp/said")"
for f in "$tmp"/torch/*.pth; do
  generated "$tmp/q.yaml" "$f" "$tmp/net"
  if [ ! -s "$tmp/said" ] && cmp -s "$tmp/net/q.weights" "$tmp/plain/q.weights"; then pass; else fail "$(basename "$f"): $(cat "$tmp/said")"; fi
done
finish
