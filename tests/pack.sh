#!/bin/sh
# New weights for code that was generated before: what pack leaves is what generate writes.
. "$(dirname "$0")/lib.sh"

digits=$examples/digits/digits
volumes=$examples/volumes/volumes

# refused WHAT TEXT... -- COMMAND...: status 1, one line that has each TEXT, and $folder as it was.
refused () {
  what=$1
  shift
  : >"$tmp/texts"
  while [ "$1" != -- ]; do
    printf '%s\n' "$1" >>"$tmp/texts"
    shift
  done
  shift
  rm -rf "$tmp/before"
  cp -R "$folder" "$tmp/before"
  "$@" >"$tmp/output" 2>&1
  status=$?
  if [ "$status" -ne 1 ] || [ "$(wc -l <"$tmp/output")" -ne 1 ]; then
    cat "$tmp/output"
    fail "$what: not refused in one line"
    return
  fi
  while read -r text; do
    grep -qF -- "$text" "$tmp/output" || { cat "$tmp/output"; fail "$what: does not say $text"; return; }
  done <"$tmp/texts"
  if quietly diff -r "$tmp/before" "$folder"; then pass; else fail "$what: the folder has changed"; fi
}

# same WHAT OPTIONS WEIGHTS [ARGUMENT...]: the initialisers' weights, then pack; generate at once.
same () {
  what=$1 options=$2 weights=$3
  shift 3
  if quietly "$RESCAST" generate "$options" "$@" -o "$tmp/packed" \
    && quietly "$RESCAST" generate "$options" -w "$weights" "$@" -o "$tmp/fresh" \
    && "$RESCAST" pack "$tmp/packed" -w "$weights" >"$tmp/said" 2>&1 && [ ! -s "$tmp/said" ] \
    && quietly diff -r "$tmp/packed" "$tmp/fresh"; then
    pass
  else
    fail "$what: pack and generate differ"
  fi
  rm -rf "$tmp/packed" "$tmp/fresh"
}
same digits "$digits.yaml" "$digits.safetensors"
same volumes "$volumes.yaml" "$volumes.safetensors"
same "digits, every tensor kept" "$digits.yaml" "$digits.safetensors" --keep-tensors
same "digits, embedded" "$digits.yaml" "$digits.safetensors" --embed --set batch=2
same "digits, eps and resize" "$digits.yaml" "$digits.safetensors" --set eps=0.01 --set resize=9 --set interpolation=box

# The program takes the new weights, and what came out of make stays.
folder=$tmp/net
if build "$folder" "$volumes.yaml" && quietly "$RESCAST" pack "$folder" -w "$volumes.safetensors" \
  && build "$tmp/fresh" "$volumes.yaml" -w "$volumes.safetensors" \
  && quietly "$folder/volumes" --output "$tmp/a.npy" "$examples/volumes/cube_a.npy" \
  && quietly "$tmp/fresh/volumes" --output "$tmp/b.npy" "$examples/volumes/cube_a.npy" \
  && cmp -s "$tmp/a.npy" "$tmp/b.npy"
then pass; else fail "the program's output after pack"; fi

refused "another network's" "do not fit" "missing:" "not of this network:" \
  -- "$RESCAST" pack "$folder" -w "$digits.safetensors"
quietly "$RESCAST" generate "$volumes.yaml" --set "num-filters=[8, 16, 64]" -o "$tmp/wide" || fail "64 filters"
folder=$tmp/wide
refused "another shape" "stack3_block1_conv1.bias is (32), not (64)" \
  -- "$RESCAST" pack "$folder" -w "$volumes.safetensors"
refused "no weights" nothing -- "$RESCAST" pack "$folder" -w "$tmp/nothing"
folder=$examples/volumes
refused "no generated folder" "no manifest" -- "$RESCAST" pack "$folder" -w "$volumes.safetensors"

# Statistics per element need other code than statistics per channel.
if command -v python3 >/dev/null; then
  cat >"$tmp/per_element.py" <<'END'
import json, struct, sys
raw = open(sys.argv[1], "rb").read()
n = struct.unpack("<Q", raw[:8])[0]
head, data, out = json.loads(raw[8:8 + n]), raw[8 + n:], b""
for name, t in head.items():
    begin, end = t["data_offsets"]
    value = data[begin:end]
    if name == "input.mean":
        t["shape"] = [1, 24, 24, 24]
        value *= 24 ** 3
    t["data_offsets"] = [len(out), len(out) + len(value)]
    out += value
text = json.dumps(head).encode()
open(sys.argv[2], "wb").write(struct.pack("<Q", len(text)) + text + out)
END
  python3 "$tmp/per_element.py" "$volumes.safetensors" "$tmp/elements.safetensors" || fail "per_element.py"
  folder=$tmp/net
  refused "statistics per element" "need other code" "input.mean is (1, 24, 24, 24) in these weights" "for (1)" \
    -- "$RESCAST" pack "$folder" -w "$tmp/elements.safetensors"
  quietly "$RESCAST" generate "$volumes.yaml" -w "$tmp/elements.safetensors" -o "$tmp/elements" || fail "per element"
  folder=$tmp/elements
  refused "statistics per channel" "input.mean is (1) in these weights" \
    -- "$RESCAST" pack "$folder" -w "$volumes.safetensors"
  if quietly "$RESCAST" pack "$folder" -w "$tmp/elements.safetensors"; then pass; else fail "per element, again"; fi
fi

# A folder of another version's.
folder=$tmp/net
sed -i.old 's/"version": "/&0/' "$folder/volumes.json" && rm "$folder/volumes.json.old"
refused "another version" "generate it again" -- "$RESCAST" pack "$folder" -w "$volumes.safetensors"
finish
