#!/bin/sh
# What summary tells of each target before anything is compiled is what is linked, and what does not fit is refused.
. "$(dirname "$0")/lib.sh"

digits=$examples/digits/digits.yaml

# ---- told and linked: gcc's graphs of calls ----
targets=c
case $(uname -m) in x86_64) targets="c avx2 avx512" ;; esac
echo 'int f (void) { return 0; }' >"$tmp/f.c"
if (cd "$tmp" && CCACHE_DISABLE=1 $CC -fcallgraph-info=su -c f.c && [ -e f.ci ]) >/dev/null 2>&1 && command -v size >/dev/null 2>&1; then
  if TARGETS=$targets JOBS=$jobs CC=$CC RESCAST=$RESCAST KEEP=$tmp/keep sh "$RESCAST_SRCDIR/bench/budgets.sh" "$digits" \
    "$examples/networks/transposed-conv3d.yaml" >"$tmp/table" 2>&1 && grep -q 'other weights or RAM: 0;' "$tmp/table"; then
    pass
  else
    fail "bench/budgets.sh: $(cat "$tmp/table")"
  fi
else
  echo "no graphs of calls: what is linked is left out"
fi

# told FIELD TARGET [ARGUMENT...]
told () {
  field=$1 target=$2
  shift 2
  "$RESCAST" summary "$digits" -t "$target" --json "$@" | sed -n '/"targets"/,$p' | sed -n "/\"target\": \"$target\"/,/}/s/.*\"$field\": \([0-9a-z]*\).*/\1/p"
}

# ---- a GPU's weights and arena; its kernels' code and stack are not known ----
quietly "$RESCAST" generate "$digits" -t cuda -o "$tmp/cuda" || fail "generate -t cuda"
made () { sed -n '/^ "cuda": {/,$p' "$tmp/cuda/digits.json" | sed -n "s/^  \"$1\": \([0-9]*\),/\1/p"; }
[ "$(told arena_bytes cuda)" = "$(made arena_bytes)" ] && pass || fail "cuda: the arena is not as told"
[ "$(told weights_bytes cuda)" = $(($(made weights_bytes) + 128)) ] && pass || fail "cuda: weights are not as told"
[ "$(told code_bytes cuda)$(told stack_bytes cuda)" = nullnull ] && pass || fail "cuda: code or stack is told"
if "$RESCAST" summary "$digits" -t cuda | grep -q '^cuda: no code and stack: its compiler makes other code'; then pass; else fail "cuda: no reason"; fi

# ---- refusals: one line, status 1, nothing written ----
# refused TEXT ARGUMENT...
refused () {
  text=$1
  shift
  "$RESCAST" generate "$digits" "$@" -o "$tmp/none" >"$tmp/out" 2>&1
  status=$?
  if [ $status -eq 1 ] && [ "$(wc -l <"$tmp/out")" -eq 1 ] && grep -q -e "$text" "$tmp/out" && ! [ -e "$tmp/none" ]; then
    pass
  else
    fail "generate $*: status $status: $(cat "$tmp/out")"
  fi
}
# fits ARGUMENT...
fits () {
  if quietly "$RESCAST" generate "$digits" "$@" -o "$tmp/fits"; then pass; else fail "generate $*"; fi
  rm -rf "$tmp/fits"
}
ram=$(told ram_bytes c) code=$(told code_bytes c) stack=$(told stack_bytes c)
fits --max-ram "$ram" --max-code "$code" --max-stack "$stack"
refused 'arena of 38720 bytes and context of [0-9]* are more than the [0-9]* of --max-ram; --exact makes it fit: weights ' --max-ram $((ram - 1))
refused 'of --max-ram; no other precision or target, --exact or --unroll-budget makes it fit: a smaller network is needed$' --max-ram 64
refused 'code for c takes about [0-9]* bytes, more than the [0-9]* of --max-code; --unroll-budget [0-9]* makes it fit' --max-code $((code - 1))
fits --max-code $((code - 1)) --unroll-budget "$(sed 's/.*--unroll-budget \([0-9]*\) .*/\1/' "$tmp/out")"
refused 'of --max-code; no other precision' --max-code 1k
refused 'a run for c takes up to [0-9]* bytes of stack, more than the [0-9]* of --max-stack; --exact makes it fit' --max-stack $((stack - 1))
refused 'take [0-9]* bytes at least, more than the [0-9]* of --max-weights; -t c:bf16 makes it fit' --max-weights 250k
refused 'take [0-9]* bytes at least, more than the [0-9]* of --max-weights; no other' --max-weights 1k
refused '--max-code: is not for the target cuda: its compiler makes other code' -t c,cuda --max-code 1M
refused '--max-stack: is not for the target cuda: its compiler makes other code' -t cuda --max-stack 1M
refused '--max-stack: the stack of kernels for c:bf16 is not known; allowed: ' -t c:bf16 --max-stack 1M
"$RESCAST" generate "$digits" --max-code x -o "$tmp/none" 2>"$tmp/out"
if [ $? -eq 2 ] && grep -q 'must be a positive number of bytes' "$tmp/out"; then pass; else fail "--max-code x"; fi

# ---- docs/budgets.md: its commands ----
mkdir "$tmp/page" "$tmp/page/bin" && ln -s "$examples" "$tmp/page" && ln -s "$RESCAST" "$tmp/page/bin"
sed -n 's/^    rescast /rescast /p' "$RESCAST_SRCDIR/docs/budgets.md" >"$tmp/commands"
[ -s "$tmp/commands" ] || fail "docs/budgets.md has no commands"
while read -r command; do
  if (cd "$tmp/page" && PATH=$tmp/page/bin:$PATH sh -c "$command") >"$tmp/out" 2>&1 </dev/null; then
    pass
  else
    message=$(sed 's/[0-9][0-9,]*/N/g' "$tmp/out")
    # a refusal is shown with its line
    if sed 's/[0-9][0-9,]*/N/g' "$RESCAST_SRCDIR/docs/budgets.md" | tr -s ' \n' ' ' | grep -qF "$message"; then pass; else
      fail "docs/budgets.md: $command: $message"; fi
  fi
done <"$tmp/commands"
finish
