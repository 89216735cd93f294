#!/bin/sh
# Candidates that crash in rescast tune are named and left out, whichever layers have them; the others are timed.
. "$(dirname "$0")/lib.sh"

cat >"$tmp/deep.yaml" <<'END'
name: deep
network: sequence
input-size: [16, 9, 9]
layers:
  - { type: conv, name: first, filters: 32, kernel-size: 3, padding: 1 }
  - { type: relu, name: relu }
  - { type: conv, name: second, filters: 32, kernel-size: 3, padding: 1 }
END
mkdir "$tmp/data" && cp -R "$RESCAST_DATADIR/templates" "$RESCAST_DATADIR/runtime" "$RESCAST_DATADIR/wisdom" "$tmp/data"
template=$tmp/data/templates/cpu/conv_winograd.m4
cp "$template" "$tmp/template"
RESCAST_DATADIR=$tmp/data && export RESCAST_DATADIR
TMPDIR=$tmp && export TMPDIR
quietly "$RESCAST" generate "$tmp/deep.yaml" -o "$tmp/deep" && grep -q '"choice": "winograd 2x2"' "$tmp/deep/deep.json" \
  || { fail "deep is not computed by winograd 2x2"; finish; exit; }
cp -R "$tmp/deep" "$tmp/before"

# crashing CODE: Winograd's F(4 x 4) does CODE
crashing () { awk -v code="$1" '{ print } /^transform_input / { getline; print; print "m4_ifelse(WINO, 4, <|" code "|>)m4_dnl" }' "$tmp/template" >"$template"; }

# tuned EXPECTED...: tune succeeds and its output has these lines
tuned () {
  MAKEFLAGS="CC=$(printf %s "$CC" | sed 's/ /\\ /g') CFLAGS=-O1" "$RESCAST" tune "$tmp/deep" --threads 1 --wisdom "$tmp/w.json" \
    >"$tmp/said" 2>"$tmp/err"
  status=$?
  for line; do grep -q "^$line$" "$tmp/said" || status="$status, no line $line"; done
  if [ "$status" = 0 ] && [ ! -s "$tmp/err" ] && ! grep -q 'winograd 4x4 .* ms' "$tmp/said" && grep -q 'winograd 2x2 .* ms' "$tmp/said" \
    && ! grep -q '4x4' "$tmp/w.json"; then
    pass
  else
    fail "status $status: $(cat "$tmp/said" "$tmp/err")"
  fi
  rm -rf "$tmp/deep" "$tmp/w.json" && cp -R "$tmp/before" "$tmp/deep"
}
crashing '__builtin_trap ();'
tuned 'first: winograd 4x4 is left out: signal [0-9]* (.*)' 'second: winograd 4x4 is left out: signal [0-9]* (.*)'
# only where the result is not passed through ReLU: the second of the layers
crashing 'if (!strstr (__FILE__, "relu")) exit (3);'
sed 's/^HEAD$/HEAD\nextern void exit (int);/' "$template" >"$tmp/head" && cp "$tmp/head" "$template"
MAKEFLAGS="CC=$(printf %s "$CC" | sed 's/ /\\ /g') CFLAGS=-O1" "$RESCAST" tune "$tmp/deep" --threads 1 >"$tmp/said" 2>"$tmp/err"
if [ $? -eq 0 ] && grep -q '^second: winograd 4x4 is left out: exit status 3$' "$tmp/said" \
  && [ "$(grep -c 'left out' "$tmp/said")" -eq 1 ] && [ "$(grep -c 'winograd 4x4 .* ms' "$tmp/said")" -eq 1 ]; then
  pass
else
  fail "one of two: $(cat "$tmp/said" "$tmp/err")"
fi

# The network as it is crashes: one line, and nothing changes.
rm -rf "$tmp/deep" && cp -R "$tmp/before" "$tmp/deep"
crashing ';' && sed '/^transform_input /{n;s/^{$/{\n__builtin_trap ();/;}' "$tmp/template" >"$template"
"$RESCAST" tune "$tmp/deep" --threads 1 >"$tmp/said" 2>&1
if [ $? -eq 1 ] && [ "$(wc -l <"$tmp/said")" -eq 1 ] && grep -q '^rescast: the program deep failed: signal' "$tmp/said" \
  && quietly diff -r "$tmp/before" "$tmp/deep"; then
  pass
else
  fail "the network itself: $(cat "$tmp/said")"
fi
if ls "$tmp"/rescast-tune.* >/dev/null 2>&1; then fail "a temporary folder is left"; else pass; fi
finish
