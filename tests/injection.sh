#!/bin/bash
# Calls that fail, one by one: whatever fails, a command ends with status 0 and the right output, or with status 1, one line
# on standard error and nothing left behind.
#
# INJECTION=long takes every call, which takes an hour; else it is POINTS calls of each kind, spread over all. CASES and KINDS,
# where given, are patterns of the cases and kinds to take.
. "$(dirname "$0")/lib.sh"

POINTS=${POINTS:-3}
[ "${INJECTION:-}" = long ] && POINTS=1000000000
CASES=${CASES:-*} KINDS=${KINDS:-*}

$CC -shared -fPIC -O1 -o "$tmp/inject.so" "$RESCAST_SRCDIR/tests/inject.c" -ldl -lpthread 2>"$tmp/output" \
  || skip "calls are made to fail with a library for glibc, which does not compile here"

# A kind of calls and how it fails.
ways="malloc:once malloc:lasting open:once read:once read:eintr read:short write:once write:lasting write:eintr write:short
      close:once name:once map:once process:once process:eintr stat:once thread:once"

# inject KIND:K:HOW COMMAND...: in the folder now, with the output in files beside it; its status.
inject () {
  local what=$1
  shift
  : >"$tmp/log"
  timeout 60 env INJECT="$what" INJECT_LOG="$tmp/log" LD_PRELOAD="$tmp/inject.so" "$@" >"$tmp/out" 2>"$tmp/err" <"$stdin"
}

# Times differ from run to run.
same_output () {
  if [ -n "$times" ]; then
    cmp -s <(sed 's/[0-9][0-9.e+-]*/N/g; s/  */ /g' "$1") <(sed 's/[0-9][0-9.e+-]*/N/g; s/  */ /g' "$2")
  else
    cmp -s "$1" "$2"
  fi
}

same_folder () {
  diff -rq "$1" "$2" >"$tmp/diff" 2>&1
}

# What is wrong with a run that ended with STATUS, or nothing.
judge () {
  if [ "$1" -eq 0 ]; then
    same_output "$tmp/right.out" "$tmp/out" || { echo "status 0 and wrong output"; return; }
    cmp -s "$tmp/right.err" "$tmp/err" || { echo "status 0 and other messages: $(head -c 300 "$tmp/err")"; return; }
    same_folder "$tmp/after" "$tmp/work" || echo "status 0 and wrong files: $(head -n 2 "$tmp/diff")"
  elif [ "$1" -eq 1 ]; then
    [ "$(wc -l <"$tmp/err")" -eq 1 ] && grep -q '^rescast: ' "$tmp/err" || { echo "status 1 and not one line: $(head -c 300 "$tmp/err")"; return; }
    same_folder "$tmp/before" "$tmp/work" && return
    # What cannot be removed stays.
    case $(cat "$tmp/log") in remove | unlink | rmdir) return ;; esac
    echo "status 1 and files left: $(head -n 2 "$tmp/diff")"
  else
    echo "status $1: $(head -c 300 "$tmp/err")"
  fi
}

runs=0 refused=0
# try NAME COMMAND...: in a copy of the folder $tmp/before.
try () {
  local name=$1 way calls step k status what
  shift
  # shellcheck disable=SC2254
  case $name in $CASES) ;; *) return ;; esac
  rm -rf "$tmp/work" "$tmp/after"
  cp -a "$tmp/before" "$tmp/work"
  (cd "$tmp/work" && inject malloc:0:once "$@") || { fail "$name: $(cat "$tmp/err")"; return; }
  cp "$tmp/out" "$tmp/right.out"
  cp "$tmp/err" "$tmp/right.err"
  cp -a "$tmp/work" "$tmp/after"
  for way in $ways; do
    # shellcheck disable=SC2254
    case $way in $KINDS) ;; *) continue ;; esac
    rm -rf "$tmp/work"
    cp -a "$tmp/before" "$tmp/work"
    (cd "$tmp/work" && inject "${way%:*}:0:once" "$@")
    calls=$(cat "$tmp/log")
    step=$(((calls + POINTS - 1) / POINTS))
    [ "$step" -gt 0 ] || continue
    for ((k = 1; k <= calls; k += step)); do
      rm -rf "$tmp/work"
      cp -a "$tmp/before" "$tmp/work"
      (cd "$tmp/work" && inject "${way%:*}:$k:${way#*:}" "$@")
      status=$?
      runs=$((runs + 1))
      [ "$status" -eq 1 ] && refused=$((refused + 1))
      what=$(judge "$status")
      if [ -z "$what" ]; then
        pass
      else
        fail "$name, $way $k of $calls ($(cat "$tmp/log")): $what"
      fi
    done
  done
}

before () {
  rm -rf "$tmp/before"
  mkdir "$tmp/before"
}

stdin=/dev/null times=
digits=$examples/digits
before
try generate "$RESCAST" generate "$digits/digits.yaml" -w "$digits/digits.safetensors" -o d

printf '%d runs, %d refused\n' "$runs" "$refused"
finish
