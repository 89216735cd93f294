#!/bin/sh
# Standard streams that are full, closed or read no further.
. "$(dirname "$0")/lib.sh"
[ -c /dev/full ] || skip "no /dev/full"

digits=$examples/digits
weights=$digits/digits.safetensors

# refuses STATUS NAME: with one line about standard output, which is in $tmp/err.
refuses () {
  if [ "$1" -eq 1 ] && [ "$(wc -l <"$tmp/err")" -eq 1 ] && grep -q '^rescast: standard output: cannot be written' "$tmp/err"; then
    pass
  else
    fail "$2: status $1: $(cat "$tmp/err")"
  fi
}

# Full, and closed: what cannot be printed is an error. Nothing else is left either: the folder OUT is.
unprinted () {
  "$@" >/dev/full 2>"$tmp/err"
  refuses $? "$* >/dev/full"
  "$@" >&- 2>"$tmp/err"
  refuses $? "$* >&-"
  if [ -n "$(ls -A "$tmp/out" 2>/dev/null)" ]; then
    fail "$*: leaves $(ls -A "$tmp/out")"
  fi
}

mkdir "$tmp/out"
for command in "summary $digits/digits.yaml" "summary --json $digits/digits.yaml" "summary --table $examples/networks/resnet34.yaml" \
  options "options sequence" --help help --version; do
  # shellcheck disable=SC2086
  unprinted "$RESCAST" $command
done
unprinted "$RESCAST" generate -d "$digits/digits.yaml" -o "$tmp/out/d"

if quietly "$RESCAST" generate "$digits/digits.yaml" -w "$weights" -o "$tmp/d" \
  && quietly make -C "$tmp/d" CC="$CC" CFLAGS=-O0 libdigits.so digits; then
  program=$tmp/d/digits image=$digits/digit_3_a.png
  unprinted "$RESCAST" verify "$tmp/d" -w "$weights" --junit "$tmp/out/junit.xml"
  unprinted "$program" "$image"
  unprinted "$program" --json "$image"
  unprinted "$program" --output "$tmp/out/f.npy" "$image"
  unprinted "$program" --json --tensor "relu=$tmp/out/f.npy" "$image"
  unprinted "$program" --bench 1 --profile
  unprinted "$program" --help
  unprinted "$program" --version

  # No file of ours takes a closed stream's place, and no message goes into one.
  "$RESCAST" generate "$digits/digits.yaml" -w "$weights" -o "$tmp/closed" <&- >&- 2>&-
  if [ $? -eq 0 ] && quietly diff -r --exclude=digits --exclude='*.[oa]' --exclude='*.so*' --exclude=.compile --exclude=.link "$tmp/d" "$tmp/closed"; then
    pass
  else
    fail "generate without standard streams"
  fi
  "$program" --output "$tmp/f.npy" "$image" >/dev/null
  for closed in "<&-" "2>&-" "<&- 2>&-"; do
    rm -f "$tmp/g.npy"
    eval '"$program" --output "$tmp/g.npy" "$image" >/dev/null' "$closed"
    if [ $? -eq 0 ] && cmp -s "$tmp/f.npy" "$tmp/g.npy"; then pass; else fail "the program with $closed"; fi
  done
  "$program" --output "$tmp/g.npy" "$tmp/none.png" <&- >&- 2>&-
  if [ $? -eq 1 ]; then pass; else fail "the program without standard streams and input"; fi
else
  fail "digits are not built"
fi

# Who reads no further is not told so; unless the caller wants errors, not signals.
"$RESCAST" options 2>"$tmp/err" | head -n 1 >/dev/null
if [ ! -s "$tmp/err" ]; then pass; else fail "options | head: $(cat "$tmp/err")"; fi
(
  trap '' PIPE
  { sleep 1; "$RESCAST" options; echo $? >"$tmp/status"; } 2>"$tmp/err" | :
)
refuses "$(cat "$tmp/status")" "options into a closed pipe"
finish
