#!/bin/sh
# Calls that fail, one by one: whatever fails, a command ends with status 0 and the right output, or with status 1, one line
# on standard error and nothing left behind.
#
# INJECTION=long takes every call, which takes an hour; else it is POINTS calls of each kind, spread over all. CASES and WAYS,
# where given, are patterns of the cases and the ways of failing to take.
. "$(dirname "$0")/lib.sh"

POINTS=${POINTS:-2}
[ "${INJECTION:-}" = long ] && POINTS=1000000000
CASES=${CASES:-*} WAYS=${WAYS:-*}

$CC -shared -fPIC -O1 -o "$tmp/inject.so" "$RESCAST_SRCDIR/tests/inject.c" -ldl -lpthread 2>"$tmp/output" \
  || skip "calls are made to fail with a library for glibc, which does not compile here"

# A kind of calls and how it fails.
ways="malloc:once malloc:lasting open:once read:once read:eintr read:short write:once write:lasting write:eintr write:short
      close:once name:once map:once process:once process:eintr stat:once thread:once"

# inject KIND:K:HOW COMMAND...: in $tmp/work, with the output in files beside it; its status.
inject () {
  what=$1
  shift
  : >"$tmp/log"
  (cd "$tmp/work" && timeout 60 env INJECT="$what" INJECT_LOG="$tmp/log" LD_PRELOAD="$tmp/inject.so" "$@") >"$tmp/out" 2>"$tmp/err"
  status=$?
  # libznz says this itself, beside what its caller says.
  sed -i '/^\*\* ERROR: znzopen failed to alloc/d' "$tmp/err"
  return "$status"
}

# Times differ from run to run.
same_output () {
  for same_f in "$1" "$2"; do
    [ -z "$times" ] || sed -i 's/[0-9][0-9.e+-]*/N/g; s/  */ /g' "$same_f"
  done
  cmp -s "$1" "$2"
}

# What could not be removed stays, and is named where it is more than an empty file.
same_folder () {
  diff -rq "$1" "$2" >"$tmp/diff" 2>&1 && return
  if grep -qv '^Only in [^:]*: .*[.]\(rescast-new\|......\)$' "$tmp/diff"; then return 1; fi
  case $(cat "$tmp/log") in
    remove | unlink | unlinkat | rmdir) ;;
    *) grep -q '^rescast: .*[.]rescast-new: ' "$tmp/err" ;;
  esac
}

# What is wrong with a run that ended with STATUS, or nothing.
judge () {
  if [ "$1" -eq 0 ]; then
    same_output "$tmp/right.out" "$tmp/out" || { echo "status 0 and wrong output"; return; }
    grep -v '^rescast: .*[.]rescast-new: ' "$tmp/err" | cmp -s "$tmp/right.err" - || { echo "status 0 and other messages: $(head -c 300 "$tmp/err")"; return; }
    same_folder "$tmp/after" "$tmp/work" || echo "status 0 and wrong files: $(head -n 2 "$tmp/diff")"
  elif [ "$1" -eq 1 ]; then
    if [ "$(wc -l <"$tmp/err")" -ne 1 ] || ! grep -q '^rescast: ' "$tmp/err"; then
      echo "status 1 and not one line: $(head -c 300 "$tmp/err")"
      return
    fi
    # A whole report says what failed.
    if tail -n 1 "$tmp/work/f.xml" 2>/dev/null | grep -q '^</testsuite>$'; then rm "$tmp/work/f.xml"; fi
    same_folder "$tmp/before" "$tmp/work" || echo "status 1 and files left: $(head -n 2 "$tmp/diff")"
  else
    echo "status $1: $(head -c 300 "$tmp/err")"
  fi
}

fresh () {
  rm -rf "$tmp/work"
  cp -a "$tmp/before" "$tmp/work"
}

runs=0 refused=0
# once NAME WAY K CALLS COMMAND...: the K-th of CALLS fails.
once () {
  once_call="$1, $2 $3 of $4"
  what=${2%:*}:$3:${2#*:}
  shift 4
  inject "$what" "$@"
  status=$?
  runs=$((runs + 1))
  [ "$status" -eq 1 ] && refused=$((refused + 1))
  what=$(judge "$status")
  if [ -z "$what" ]; then
    pass
  else
    fail "$once_call ($(cat "$tmp/log")): $what"
  fi
  # What was refused left nothing behind: the next finds the folder as this did.
  if [ "$status" -ne 1 ] || [ -n "$what" ]; then fresh; fi
}

# try NAME COMMAND...: in copies of the folder $tmp/before.
try () {
  name=$1
  shift
  case $name in $CASES) ;; *) return ;; esac
  rm -rf "$tmp/after"
  fresh
  inject malloc:0:once "$@" || { fail "$name: $(cat "$tmp/err")"; return; }
  cp "$tmp/out" "$tmp/right.out"
  cp "$tmp/err" "$tmp/right.err"
  mv "$tmp/work" "$tmp/after"
  for way in $ways; do
    case $way in $WAYS) ;; *) continue ;; esac
    fresh
    inject "${way%:*}:0:once" "$@"
    calls=$(cat "$tmp/log")
    fresh
    step=$(((calls + POINTS - 1) / POINTS))
    [ "$step" -gt 0 ] || continue
    k=$((1 + runs % step)) # not the same of every kind
    while [ "$k" -le "$calls" ]; do
      once "$name" "$way" "$k" "$calls" "$@"
      k=$((k + step))
    done
  done
}

# What a command finds in its folder: nothing yet.
before () {
  rm -rf "$tmp/before"
  mkdir "$tmp/before"
}

digits=$examples/digits times=
weights=$digits/digits.safetensors
cat >"$tmp/small.yaml" <<END
network: sequence
name: small
input-size: [1, 8, 8]
labels: labels.txt
layers:
- {type: conv, name: a, filters: 8, kernel-size: 3, padding: 1}
- {type: relu, name: b}
- {type: global-average-pool, name: c}
- {type: linear, name: d, features: 4}
END
printf 'a\nb\nc\nd\n' >"$tmp/labels.txt"
small=$tmp/small.yaml

# ---- rescast ----

before
try generate "$RESCAST" generate "$digits/digits.yaml" -w "$weights" -o d
try generate-all "$RESCAST" generate "$small" -t c,avx2,cuda --embed --keep-tensors --wisdom zen3 -d -o parent/d
try summary "$RESCAST" summary "$digits/digits.yaml"
try summary-json "$RESCAST" summary --json "$digits/digits.yaml"
try summary-table "$RESCAST" summary --table "$examples/networks/resnet34.yaml"
try options "$RESCAST" options
try help "$RESCAST" --help
try version "$RESCAST" --version

# Reads in the child that has matio read a .mat file of version 5, all in a row, as matio passes over those that fail.
cat >"$tmp/mat.yaml" <<END
network: sequence
name: mat
input-size: [1, 8, 8]
layers:
- {type: conv, name: a, filters: 8, kernel-size: 1}
- {type: global-average-pool, name: c}
- {type: linear, name: d, features: 2}
END
base64 -d <<END | gunzip >"$tmp/mat.mat"
H4sIAAAAAAACA/N1DPFxdFIw1TNQ8HUM0U3LzElVoDVggAFGT18+ICXBzMDABqQ5gJgJKsUK5TNCxUA0SE1OYmVqUTFInoVBASqe
AMR+ibmpDHhAeGpmekZJMU55p8zEYnz6Qe60YEC4kwWLO2GYASoPcncikv4KJP1sSPoF0PRzIJnDCcQOcFd82A+hX0DpB1D6wn5U
116wh8pD6Rf2IPsLcNjPgeYHTHvh9kPNg0lxQGkBKC0CpSWgtIwDueGWghRuG/C4mwlLeDVguFvBAdX9Sg6o/lBB848amr800Pyn
heZPHbh/IbQe2N8OBNyNHt4CGOH8wR4ARGQik6ADAAA=
END
before
try generate-mat "$RESCAST" generate "$tmp/mat.yaml" -w "$tmp/mat.mat" -o d
k=24
while case generate-mat in $CASES) [ "$k" -le 50 ] ;; *) false ;; esac; do
  once generate-mat read:once "$k" all "$RESCAST" generate "$tmp/mat.yaml" -w "$tmp/mat.mat" -o d
  k=$((k + 1))
done

# A stand-in for dot, which is slow: it says what dot said once.
if "$RESCAST" plot "$small" -o "$tmp/small.svg" 2>/dev/null; then
  printf '#!/bin/sh\ntee "%s/dot.in" | dot -Tsvg | tee "%s/dot.out"\n' "$tmp" "$tmp" >"$tmp/dot"
  chmod +x "$tmp/dot"
  DOT=$tmp/dot "$RESCAST" plot "$small" -o "$tmp/small.svg"
  printf '#!/bin/sh\ncat >/dev/null\ncat "%s/dot.out"\n' "$tmp" >"$tmp/dot"
  DOT=$tmp/dot try plot "$RESCAST" plot "$small" -o small.svg
fi

if quietly "$RESCAST" generate "$digits/digits.yaml" -w "$weights" -o "$tmp/d" \
  && quietly make -C "$tmp/d" CC="$CC" CFLAGS=-O0 libdigits.so digits; then
  # The folder that is there is one of other options.
  "$RESCAST" generate "$digits/digits.yaml" --exact -o "$tmp/e" && mv "$tmp/e" "$tmp/other"
  before
  cp -a "$tmp/other" "$tmp/before/d"
  try regenerate "$RESCAST" generate "$digits/digits.yaml" -w "$weights" -o d
  rm -rf "$tmp/before/d"
  "$RESCAST" generate "$digits/digits.yaml" -w "$weights" -o "$tmp/before/d"
  try pack "$RESCAST" pack d -w "$weights"
  before
  try verify "$RESCAST" verify "$tmp/d" -w "$weights" --junit f.xml
else
  fail "digits are not built"
fi

# ---- the program ----

zeros () { head -c "$1" /dev/zero; }
pixels () { head -c "$1" "$weights"; }
header="{'descr': '|u1', 'fortran_order': False, 'shape': (3, 8, 8), }"
{ printf '\223NUMPY\001\000\166\000%-117s\n' "$header"; pixels 192; } >"$tmp/a.npy"
pixels 512 >"$tmp/a.raw"
# NIfTI-1: extents, type, where the voxels begin.
{
  printf '\134\001\000\000'
  zeros 36
  printf '\002\000\010\000\010\000\001\000\001\000\001\000\001\000\001\000'
  zeros 14
  printf '\002\000\010\000'
  zeros 34
  printf '\000\000\260\103'
  zeros 232
  printf 'n+1\000'
  zeros 4
  pixels 64
} >"$tmp/a.nii"
gzip -c "$tmp/a.nii" >"$tmp/a.nii.gz"
base64 -d >"$tmp/a.jpg" <<END
/9j/2wBDAA0JCgsKCA0LCgsODg0PEyAVExISEyccHhcgLikxMC4pLSwzOko+MzZGNywtQFdBRkxO
UlNSMj5aYVpQYEpRUk//wAALCAAIAAgBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAABv/EACAQAAAD
CQEAAAAAAAAAAAAAAAIEBQABAwYREhMzgdL/2gAIAQEAAD8AEFkrLKxtUt0xnAr0Hpv/2Q==
END
printf '%s\n' zero one two three four five six seven eight nine >"$tmp/names.txt"

before
program=$tmp/d/digits
try program-npy "$program" --threads 2 "$tmp/a.npy"
try program-png "$program" "$digits/digit_3_a.png" "$digits/digit_4_a.png"
try program-jpg "$program" "$tmp/a.jpg"
if "$program" "$tmp/a.nii" >/dev/null 2>&1; then
  try program-nii "$program" "$tmp/a.nii"
  try program-gz "$program" "$tmp/a.nii.gz"
fi
try program-raw "$program" --shape 16,16 --type u8 "$tmp/a.raw"
try program-json "$program" --json --labels "$tmp/names.txt" "$tmp/a.npy"
try program-output "$program" --json --output f.npy "$tmp/a.npy"
try program-tensor "$program" --tensor relu=f.npy "$tmp/a.npy"
try program-windows "$program" --sliding-window --threads 2 --json --output f.npy "$tmp/a.npy"
try program-windows-raw "$program" --sliding-window --mirror --threads 2 --shape 16,16 --type u8 "$tmp/a.raw"
try program-windows-png "$program" --sliding-window 8 "$digits/digit_3_a.png"
try program-help "$program" --help
try program-version "$program" --version
times=1
try program-profile "$program" --profile "$tmp/a.npy"
try program-bench "$program" --json --bench 3 --profile "$tmp/a.npy"

printf '%d runs, %d refused\n' "$runs" "$refused"
finish
