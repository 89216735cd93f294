#!/bin/sh
# Limits on the weights; tuning a small network from end to end, and its times used again.
. "$(dirname "$0")/lib.sh"

digits=$examples/digits/digits
cat >"$tmp/deep.yaml" <<'END'
name: deep
network: sequence
input-size: [16, 6, 9, 9]
layers:
  - { type: conv, name: a, filters: 32, kernel-size: 3, padding: 1 }
  - { type: relu, name: relu }
  - { type: conv, name: b, filters: 32, kernel-size: 3, padding: 1 }
  - { type: conv, name: c, filters: 48, kernel-size: 3, padding: 1, stride: 2 }
END

# checked WHAT DIR [ARGUMENT...]: it compiles, and every kernel is right.
checked () {
  what=$1 dir=$2
  shift 2
  if with_runtime "$dir" -O2 && quietly make -C "$dir" -j "$jobs" CC="$CC" && quietly "$RESCAST" verify "$dir" "$@"
  then pass; else fail "$what"; fi
}

# refused TEXT COMMAND...: one line with TEXT, status 1.
refused () {
  text=$1
  shift
  "$@" >"$tmp/output" 2>&1
  if [ $? -eq 1 ] && [ "$(wc -l <"$tmp/output")" -eq 1 ] && grep -qF -- "$text" "$tmp/output"; then pass; else
    cat "$tmp/output"
    fail "not refused in one line: $text"
  fi
}

# Limits: kept to, and kept by pack and verify.
least=$("$RESCAST" generate "$digits.yaml" --max-weights 1 -o "$tmp/none" 2>&1 | sed 's/.*take \([0-9]*\) bytes.*/\1/')
limit=$((least * 3 / 2))
refused "$((least - 1)) of --max-weights" \
  "$RESCAST" generate "$digits.yaml" --max-weights $((least - 1)) -o "$tmp/none"
if quietly "$RESCAST" generate "$digits.yaml" --max-weights "$least" -o "$tmp/least" \
  && [ "$(wc -c <"$tmp/least/digits.weights")" -eq $((least + 128)) ]
then pass; else fail "--max-weights $least"; fi
if quietly "$RESCAST" generate "$digits.yaml" -w "$digits.safetensors" -t c,avx2 --max-weights "$limit" \
  -o "$tmp/digits" && [ "$(wc -c <"$tmp/digits/digits.weights")" -le $((limit + 128)) ] \
  && cp -R "$tmp/digits" "$tmp/before" && quietly "$RESCAST" pack "$tmp/digits" -w "$digits.safetensors" \
  && quietly diff -r "$tmp/digits" "$tmp/before"
then checked "--max-weights $limit" "$tmp/digits"; else fail "--max-weights $limit"; fi
rm -rf "$tmp/digits" && cp -R "$tmp/before" "$tmp/digits"

# The folder is what generate writes with the times, if it was changed at all; pack leaves it so.
if MAKEFLAGS="CC=$(printf %s "$CC" | sed 's/ /\\ /g')" TMPDIR=$tmp \
  "$RESCAST" tune "$tmp/digits" -w "$digits.safetensors" --wisdom "$tmp/w.json" --threads 1 >"$tmp/said" 2>&1 \
  && grep -q 'winograd 4x4 .* ms' "$tmp/said" && [ ! -e "$tmp"/rescast-tune.* ]
then pass; else cat "$tmp/said"; fail "tune"; fi
for i in 1 2; do
  quietly "$RESCAST" generate "$digits.yaml" -w "$digits.safetensors" -t c,avx2 --wisdom "$tmp/w.json" \
    --max-weights "$limit" -o "$tmp/again$i" || fail "generate --wisdom"
done
if quietly diff -r "$tmp/again1" "$tmp/again2"; then pass; else fail "the same times give other files"; fi
if grep -q 'generated again' "$tmp/said"; then expected=$tmp/again1; else expected=$tmp/before; fi
if quietly diff -r "$tmp/digits" "$expected"; then pass; else fail "the tuned folder is another one"; fi
if quietly "$RESCAST" pack "$tmp/again1" -w "$digits.safetensors" && quietly diff -r "$tmp/again1" "$tmp/again2"
then pass; else fail "pack after --wisdom"; fi
checked "digits, tuned" "$tmp/again1" -w "$digits.safetensors"

# Every way to compute a layer is right, whatever was the fastest here.
if quietly "$RESCAST" generate "$tmp/deep.yaml" -o "$tmp/deep" \
  && cp "$tmp/w.json" "$tmp/deep.json" \
  && quietly "$RESCAST" tune "$tmp/deep" --wisdom "$tmp/deep.json" --threads 1 \
  && [ "$(wc -l <"$tmp/deep.json")" -gt "$(wc -l <"$tmp/w.json")" ]
then pass; else fail "tune without weights"; fi
for choice in 'direct blocks-first' 'direct strips-first' 'winograd 2x2x2' 'winograd 4x2x2' 'winograd 2x4x4' \
  'winograd 4x4x4'; do
  sed "/\"$choice\":/s/\"choice\": \"[^\"]*\"/\"choice\": \"$choice\"/" "$tmp/deep.json" >"$tmp/one.json"
  if quietly "$RESCAST" generate "$tmp/deep.yaml" --wisdom "$tmp/one.json" -o "$tmp/one" \
    && grep -q "\"choice\": \"$choice\"" "$tmp/one/deep.json"
  then checked "$choice" "$tmp/one"; else fail "generate with $choice"; fi
done

# Interrupted, it leaves nothing behind.
if command -v timeout >/dev/null; then
  mkdir "$tmp/parent"
  TMPDIR=$tmp/parent timeout --preserve-status 1 "$RESCAST" tune "$tmp/deep" >"$tmp/said" 2>&1
  status=$?
  if [ $status -eq 143 ] && [ ! -e "$tmp"/parent/rescast-tune.* ]; then pass; else
    cat "$tmp/said"
    fail "interrupted"
  fi
fi

refused "no manifest" "$RESCAST" tune "$examples/digits"
refused "-w" "$RESCAST" tune "$tmp/digits"
refused "are not the weights" "$RESCAST" tune "$tmp/digits" -w "$examples/volumes/volumes.safetensors"
refused "without a weights file" "$RESCAST" tune "$tmp/deep" -w "$digits.safetensors"
refused "none.json" "$RESCAST" generate "$digits.yaml" --wisdom "$tmp/none.json" -o "$tmp/none"
refused "wisdom/none.json" "$RESCAST" generate "$digits.yaml" --wisdom none -o "$tmp/none"
sed 's/"version": "/&0/' "$tmp/deep/deep.json" >"$tmp/other" && cp "$tmp/other" "$tmp/deep/deep.json"
refused "generate it again" "$RESCAST" tune "$tmp/deep"
MAKEFLAGS=CC=false refused "make of deep failed" "$RESCAST" tune "$tmp/one"
finish
