#!/bin/sh
# rescast report: pages of several networks, which are one file that loads nothing; what is wrong in the files it reads.
. "$(dirname "$0")/lib.sh"

# well_formed PAGE: each element that is opened is closed, in order; what has no end is a meta element or ends in "/>".
well_formed () {
  tr '\n' ' ' <"$1" | sed 's/<style>.*<\/style>//; s/</\n</g' | awk '
    /^<!DOCTYPE/ || /^<meta / || /^<[a-z][^>]*\/>/ || !/^</ { next }
    /^<\// { sub (/^<\//, ""); sub (/>.*/, ""); if (n == 0 || open[n] != $0) { print "closes " $0 ", open: " open[n]; exit 1 }; n--; next }
    /^<[a-z0-9]+[ >]/ { sub (/^</, ""); sub (/[ >].*/, ""); open[++n] = $0; next }
    { print "what is " substr ($0, 1, 60); exit 1 }
    END { if (n) { print open[n] " is left open"; exit 1 } }'
}

# page FOLDER ARGUMENT...: the report of it is well-formed, loads nothing and has 400 KB at most.
page () {
  folder=$1
  shift
  if ! quietly "$RESCAST" report "$folder" -o "$tmp/page.html" "$@"; then fail "report $folder $*"; return; fi
  [ "$(wc -c <"$tmp/page.html")" -le 400000 ] || fail "$folder: $(wc -c <"$tmp/page.html") bytes"
  grep -nE 'https?:|<script|<link|src=|url *\(|@import' "$tmp/page.html" | grep -v 'http-equiv' && fail "$folder: the page refers to more than itself"
  if well_formed "$tmp/page.html"; then pass; else fail "$folder: not well-formed"; fi
}
# has TEXT...: the page says it.
has () {
  for text; do
    if grep -qF -- "$text" "$tmp/page.html"; then pass; else fail "the page of $folder has no $text"; fi
  done
}

quietly "$RESCAST" generate "$examples/digits/digits.yaml" -w "$examples/digits/digits.safetensors" -t avx2,c -o "$tmp/digits" || exit
page "$tmp/digits"
has '<h1>digits</h1>' 'Memory over time' 'is not built' 'were not compared with the reference' 'what else was considered'
page "$tmp/digits" --seconds 0
has '--seconds 0 leaves them out'
with_runtime "$tmp/digits" -O1
if quietly make -s -C "$tmp/digits" -j"$jobs" CC="$CC" CFLAGS=-O1; then pass; else fail make; fi
page "$tmp/digits" --seconds 0.2 --verify --threads 1
has 'all agree' '>of limit</th>' 'runs'
"$tmp/digits/digits" --bench 3 --profile --json --target c >"$tmp/times.json" || fail "digits --profile"
"$RESCAST" verify "$tmp/digits" --junit "$tmp/checks.xml" >/dev/null || fail verify
page "$tmp/digits" --times "$tmp/times.json" --junit "$tmp/checks.xml" --peak 100 --bandwidth 20
has 'as in ' 'all agree' '100'
quietly "$RESCAST" report "$tmp/digits" --seconds 0 && [ -s "$tmp/digits/digits.html" ] && pass || fail "report into the folder"

# A layer that verify found wrong, and text that looks like HTML.
sed '0,/\/>/s|/>|><failure message="1 \&lt; 2 \&amp;c"/></testcase>|' "$tmp/checks.xml" >"$tmp/bad.xml"
page "$tmp/digits" --seconds 0 --junit "$tmp/bad.xml"
has '<b>1 disagree</b>' '1 &lt; 2 &amp;c'

for network in resnet50 resnet3d-14 bottleneck3d-up; do
  quietly "$RESCAST" generate "$examples/networks/$network.yaml" -t avx512,c -o "$tmp/$network" || fail "generate $network"
  page "$tmp/$network"
  rm -rf "${tmp:?}/$network"
done
if quietly "$RESCAST" generate "$examples/networks/resnet20-cifar10.yaml" -t cuda --precision fp16 -o "$tmp/gpu"; then pass; else fail "generate for a GPU"; fi
page "$tmp/gpu"
has 'Limits of a device are known where it is' '--device cuda'

# refused STATUS TEXT ARGUMENT...: one line, and no page.
refused () {
  status=$1 text=$2
  shift 2
  rm -f "$tmp/no.html"
  "$RESCAST" report "$@" -o "$tmp/no.html" >"$tmp/said" 2>&1
  if [ $? -eq "$status" ] && [ "$(wc -l <"$tmp/said")" -eq 1 ] && grep -qF -- "$text" "$tmp/said" && [ ! -e "$tmp/no.html" ]; then
    pass
  else
    fail "report $*: $(cat "$tmp/said")"
  fi
}
mkdir "$tmp/empty"
printf '{"profile": [' >"$tmp/broken.json"
printf '{}' >"$tmp/none.json"
printf '<html/>' >"$tmp/none.xml"
printf '<testsuite><testcase classname="a"/></testsuite>' >"$tmp/nameless.xml"
refused 1 "$tmp/empty" "$tmp/empty"
refused 1 'is no JSON' "$tmp/digits" --times "$tmp/broken.json"
refused 1 'has no profile' "$tmp/digits" --times "$tmp/none.json"
refused 1 'its layers are not those of' "$tmp/gpu" --times "$tmp/times.json"
refused 1 'is no JUnit report' "$tmp/digits" --seconds 0 --junit "$tmp/none.xml"
refused 1 'a test case without a name' "$tmp/digits" --seconds 0 --junit "$tmp/nameless.xml"
refused 2 'leave out one of it and --verify' "$tmp/digits" --verify --junit "$tmp/checks.xml"
refused 2 '--seconds is for measuring' "$tmp/digits" --times "$tmp/times.json" --seconds 1
refused 2 'nothing is run' "$tmp/digits" --seconds 0 --threads 2
finish
