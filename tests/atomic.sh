#!/bin/sh
# An output folder is entirely old or entirely new, whenever a process is killed, interrupted or fails, and with several
# processes at once; where it is neither, everything refuses it. People's files in it stay. RESCAST_LONG=1 tries every call of
# generate's that changes files, 200 kills at random moments and 100 pairs; without it a part of them.
. "$(dirname "$0")/lib.sh"

digits=$examples/digits/digits
if [ -n "${RESCAST_LONG:-}" ]; then step=1 kills=100 pairs=50; else step=23 kills=5 pairs=3; fi

# ---- two outputs of one network ----

cat >"$tmp/small.yaml" <<'END'
name: small
network: sequence
input-size: [1, 4, 4]
layers: [{type: relu, name: a}, {type: max-pool, name: b, kernel-size: 2, stride: 2}]
END
limit= # a command before it
generate_small () { # a or b, DIR
  case $1 in
    a) $limit "$RESCAST" generate "$tmp/small.yaml" -o "$2" ;;
    b) $limit "$RESCAST" generate "$tmp/small.yaml" -o "$2" --set 'input-size=[1, 6, 6]' ;;
  esac
}
generate_digits () {
  case $1 in
    a) $limit "$RESCAST" generate "$digits.yaml" -w "$digits.safetensors" -o "$2" ;;
    b) $limit "$RESCAST" generate "$digits.yaml" --set seed=7 --exact -o "$2" ;;
  esac
}
for network in small digits; do
  for which in a b; do
    quietly generate_$network $which "$tmp/whole/$network/$which" || fail "$network $which"
  done
done

# What people and make put into the folder DIR: other files, sources of their own, objects, folders, links.
add_files () {
  mkdir -p "$1/mine/deep" "$1/.git" "$1/runtime/notes" && echo 1 >"$1/mine/deep/data" && echo 2 >"$1/.git/HEAD" \
    && echo 3 >"$1/runtime/notes/x.txt" && echo 4 >"$1/mine.c" && echo 5 >"$1/runtime/mine.h" && echo 6 >"$1/mine.o" \
    && ln -s ../elsewhere "$1/mine/link" && mkdir "$1/mine/empty" && chmod 555 "$1/mine/deep"
}
has_files () {
  (cd "$1" && set -- mine/deep/data .git/HEAD runtime/notes/x.txt mine.c runtime/mine.h mine.o && [ "$(cat "$@" | tr -d '\n')" = 123456 ] \
    && [ "$(readlink mine/link)" = ../elsewhere ] && [ -d mine/empty ] && [ ! -w mine/deep -o "$(id -u)" -eq 0 ])
}

# state NETWORK DIR: a, b, refused or mixed; lost where a file of the user's is.
state () {
  has_files "$2" || { echo lost; return; }
  [ ! -e "$2/rescast-incomplete" ] || { echo refused; return; }
  for which in a b; do
    if diff -r -x 'mine*' -x .git -x notes -x .rescast-new "$2" "$tmp/whole/$1/$which" >/dev/null; then
      echo $which
      return
    fi
  done
  echo mixed
}

# counted STATE: the states that were seen, for the report.
seen_a=0 seen_b=0 seen_refused=0
counted () {
  case $1 in
    a) seen_a=$((seen_a + 1)) ;;
    b) seen_b=$((seen_b + 1)) ;;
    refused) seen_refused=$((seen_refused + 1)) ;;
  esac
}
report () {
  printf '%s: %d times the first, %d times the second, %d times refused\n' "$1" "$seen_a" "$seen_b" "$seen_refused"
  seen_a=0 seen_b=0 seen_refused=0
}

# only DIR...: nothing else lies beside them.
only () {
  only_at=$(dirname "$1")
  [ "$(ls -A "$only_at" | sort | tr '\n' ' ')" = "$(for d; do basename "$d"; done | sort | tr '\n' ' ')" ]
}

# ---- every call that changes files: killed, interrupted, failing ----

# at N HOW COMMAND...: the command with what STOP_HOW says at its Nth call.
at () {
  at_n=$1 at_how=$2
  shift 2
  (export STOP_AT="$at_n" STOP_HOW="$at_how" LD_PRELOAD="$tmp/stop_at.so" && exec "$@") >"$tmp/said" 2>&1
}
# each_call MODE HOW STATUS [STEP]
each_call () {
  mode=$1 how=$2 status=$3
  dir=$tmp/calls/$mode$how/small
  mkdir -p "$tmp/calls/$mode$how"
  [ "$mode" = exchange ] && unset RESCAST_IN_PLACE || export RESCAST_IN_PLACE=1
  quietly generate_small a "$dir" && add_files "$dir" || fail "$mode $how: the first output"
  STOP_COUNT=$tmp/count at 0 0 "$RESCAST" generate "$tmp/small.yaml" -o "$dir" --set 'input-size=[1, 6, 6]' || fail "$mode: counting"
  calls=$(cat "$tmp/count")
  quietly generate_small a "$dir" || fail "$mode $how: back"
  n=$step
  while [ "$n" -le "$calls" ]; do
    { at "$n" "$how" "$RESCAST" generate "$tmp/small.yaml" -o "$dir" --set 'input-size=[1, 6, 6]'; } 2>/dev/null
    ended=$?
    is=$(state small "$dir")
    counted "$is"
    case $how:$is in
      *:lost | *:mixed) fail "$mode, $how at call $n of $calls: $is" ;;
      fail:b) if [ "$ended" -eq 0 ]; then pass; else fail "$mode, failing call $n: new, with status $ended"; fi ;;
      fail:*) if [ "$ended" -eq 1 ] && [ "$(wc -l <"$tmp/said")" -eq 1 ]; then pass; else cat "$tmp/said"; fail "$mode, failing call $n: $is, with status $ended"; fi ;;
      9:*) if [ "$ended" -eq "$status" ]; then pass; else fail "$mode, killed at call $n: status $ended"; fi ;;
      *:refused) fail "$mode, signal $how at call $n: refused" ;;
      *) if [ "$ended" -eq "$status" ] && only "$dir" && [ ! -e "$dir/.rescast-new" ]; then pass; else ls -A "$dir/.."; fail "$mode, signal $how at call $n: status $ended, or something is left"; fi ;;
    esac
    # whatever is left, the next one removes it
    if quietly generate_small a "$dir" && [ "$(state small "$dir")" = a ] && only "$dir" && [ ! -e "$dir/.rescast-new" ]; then pass; else
      ls -A "$dir" "$dir/.."; fail "$mode, $how at call $n: generating it again"; fi
    n=$((n + step))
  done
  report "$mode, at each call: $how"
  unset RESCAST_IN_PLACE
}
if $CC -std=c11 -D_GNU_SOURCE -shared -fPIC -o "$tmp/stop_at.so" "$RESCAST_SRCDIR/tests/stop_at.c" -ldl >/dev/null 2>&1 \
  && STOP_COUNT=$tmp/count at 0 0 "$RESCAST" --version && [ -s "$tmp/count" ]; then
  for mode in exchange place; do
    each_call $mode 9 137
    each_call $mode fail 1
    each_call $mode 15 143
  done
  for signal in "HUP 1" "INT 2" "QUIT 3" "PIPE 13"; do
    [ $step -eq 1 ] && step=10
    deadly "${signal% *}" || continue
    each_call exchange "${signal#* }" $((128 + ${signal#* }))
  done
else
  echo "calls are not counted: no preloading here"
fi

# ---- random moments ----

began=$(date +%s%N)
quietly generate_digits a "$tmp/time/digits" || fail "timing"
taken=$((($(date +%s%N) - began) / 1000000))
seed=1
# moment: a time in seconds, up to a little more than an output takes
next_moment () {
  seed=$(((seed * 1103515245 + 12345) % 2147483648))
  moment=$(awk "BEGIN { printf \"%.3f\", $seed / 2147483648 * $taken * 1.2 / 1000 }")
}

for mode in exchange place; do
  [ "$mode" = exchange ] || export RESCAST_IN_PLACE=1
  dir=$tmp/kills/$mode/digits next=b i=0
  quietly generate_digits a "$dir" && add_files "$dir" || fail "the output to kill over"
  while [ $i -lt $kills ]; do
    i=$((i + 1))
    next_moment
    limit="timeout -s $([ $((i % 3)) -eq 0 ] && echo TERM || echo KILL) $moment"
    { generate_digits $next "$dir" >"$tmp/said" 2>&1; } 2>/dev/null
    is=$(state digits "$dir")
    counted "$is"
    case $mode:$is in
      *:a) next=b; pass ;;
      *:b) next=a; pass ;;
      place:refused) pass ;;
      *) fail "$mode, kill $i after $moment s: $is" ;;
    esac
  done
  limit=
  if quietly generate_digits a "$dir" && [ "$(state digits "$dir")" = a ] && only "$dir"; then pass; else fail "$mode: after the kills"; fi
  report "$mode, $kills kills at random moments"
  unset RESCAST_IN_PLACE
done

# Two at once, of which one waits: the folder is one's or the other's, and new every second time.
for mode in exchange place; do
  [ "$mode" = exchange ] || export RESCAST_IN_PLACE=1
  dir=$tmp/pairs/$mode/digits i=0
  while [ $i -lt $pairs ]; do
    i=$((i + 1))
    [ $((i % 2)) -eq 0 ] || rm -rf "$tmp/pairs/$mode"
    [ $((i % 3)) -ne 0 ] || quietly generate_digits a "$dir"
    generate_digits a "$dir" >"$tmp/first" 2>&1 &
    generate_digits b "$dir" >"$tmp/second" 2>&1
    second=$?
    wait $! && [ $second -eq 0 ] || { cat "$tmp/first" "$tmp/second"; fail "$mode, pair $i: not both succeed"; }
    add_files "$dir" 2>/dev/null
    is=$(state digits "$dir")
    counted "$is"
    case $is in
      a | b) if only "$dir"; then pass; else ls -A "$dir/.."; fail "$mode, pair $i leaves something"; fi ;;
      *) fail "$mode, pair $i: $is" ;;
    esac
  done
  report "$mode, $pairs pairs"
  unset RESCAST_IN_PLACE
done

finish
