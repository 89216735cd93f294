#!/bin/sh
# Output folders where they are unusual: rights, links, the current folder, folders that can't be exchanged, and what make
# builds again. What refuses a folder that generate did not finish, and what signals leave behind: nothing.
. "$(dirname "$0")/lib.sh"

cat >"$tmp/small.yaml" <<'END'
name: small
network: sequence
input-size: [8, 6, 6]
layers:
- {type: conv, name: a, filters: 16, kernel-size: 3, padding: 1}
- {type: relu, name: b}
END
# What plot leaves to graphviz: two ways of two layers each.
cat >"$tmp/branches.yaml" <<'END'
name: branches
network: sequence
input-size: [8, 6, 6]
layers:
- {type: conv, name: a, filters: 8, kernel-size: 1}
- {type: conv, name: b, filters: 8, kernel-size: 1}
- {type: conv, name: c, filters: 8, kernel-size: 1, input: input}
- {type: conv, name: d, filters: 8, kernel-size: 1}
- {type: conv, name: e, filters: 8, kernel-size: 1, input: a}
- {type: add, name: f, input: [b, d, e]}
END
generate () { quietly "$RESCAST" generate "$tmp/small.yaml" "$@"; }
generate -o "$tmp/whole/a" || fail "the first output"
generate -o "$tmp/whole/b" --set seed=7 -t avx2,c || fail "the second output"
# is WHAT DIR a|b: the output, and nothing beside it but what "only" names and make leaves
is () {
  if quietly diff -r -x '*.o' -x .compile -x .link -x mine "$2" "$tmp/whole/$3" && [ -z "$(find "$(dirname "$2")" -name '*rescast-*')" ]; then
    pass
  else
    find "$(dirname "$2")" -name '*rescast-*'
    fail "$1"
  fi
}
modes () { (cd "$1" && stat -c %a . runtime runtime/cli small.c small.json small.weights | tr '\n' ' '); }

# ---- rights ----

mkdir "$tmp/rights"
for mask in "077 700 600" "027 750 640" "022 755 644" "002 775 664"; do
  set -- $mask
  (umask "$1" && generate -o "$tmp/rights/$1/deep") || fail "umask $1"
  expected="$2 $2 $2 $3 $3 $3 "
  if [ "$(modes "$tmp/rights/$1/deep")" = "$expected" ] && [ "$(stat -c %a "$tmp/rights/$1")" = "$2" ]; then pass; else fail "umask $1: $(modes "$tmp/rights/$1/deep")"; fi
done
# A folder that is there keeps its own, whatever the umask is now; chmod leaves the group's inheritance.
for way in exchange place; do
  [ $way = exchange ] || export RESCAST_IN_PLACE=1
  dir=$tmp/rights/$way
  mkdir "$dir" && chmod 2770 "$dir"
  (umask 022 && generate -o "$dir")
  chmod 711 "$dir/runtime/cli"
  (umask 022 && generate -o "$dir" --set seed=7 -t avx2,c)
  set -- $(modes "$dir")
  if [ "$1 $3 $4" = "2770 2711 644" ]; then pass; else fail "$way: the folder's rights are $*"; fi
  is "$way" "$dir" b
  unset RESCAST_IN_PLACE
done

# ---- names ----

mkdir "$tmp/names" && mkdir "$tmp/names/real" && ln -s real "$tmp/names/link"
generate -o "$tmp/names/link" && generate -o "$tmp/names/link/" --set seed=7 -t avx2,c
if [ -L "$tmp/names/link" ]; then pass; else fail "the link is gone"; fi
is "a link" "$tmp/names/real" b
(cd "$tmp/names/real" && generate -o . && [ -f small.c ] && [ "$(ls -di .)" = "$(ls -di "$tmp/names/real" | sed 's|/.*|.|')" ]) \
  && pass || fail "the current folder was pulled away"
is "the current folder" "$tmp/names/real" a
(cd "$tmp/names/real/runtime" && generate -o .. --set seed=7 -t avx2,c && [ -f ../small.c ]) && pass || fail "the folder above"
is "the folder above" "$tmp/names/real" b
(cd "$tmp/names" && generate -o new/deep/../net) && pass || fail "new/deep/../net"
is "new/deep/../net" "$tmp/names/new/net" a
ln -s nothing "$tmp/names/dangling"
"$RESCAST" generate "$tmp/small.yaml" -o "$tmp/names/dangling" >"$tmp/said" 2>&1
if [ $? -eq 1 ] && [ "$(wc -l <"$tmp/said")" -eq 1 ] && [ -L "$tmp/names/dangling" ]; then pass; else fail "a link to nothing"; fi
# Parents that were made for an output go with it.
M4=false "$RESCAST" generate "$tmp/small.yaml" -o "$tmp/names/x/y/z" >"$tmp/said" 2>&1
if [ $? -eq 1 ] && [ ! -e "$tmp/names/x" ]; then pass; else fail "parents of a failed output are left"; fi
mkdir "$tmp/names/real/mine" && rm "$tmp/names/real/small.pc" && mkdir "$tmp/names/real/small.pc"
"$RESCAST" generate "$tmp/small.yaml" -o "$tmp/names/real" >"$tmp/said" 2>&1
if [ $? -eq 1 ] && grep -q 'small.pc: is a folder' "$tmp/said" && [ -d "$tmp/names/real/mine" ]; then pass; else fail "a folder in the way"; fi

# A parent that may not be written, and one that is a mount of its own.
as_nobody=
[ "$(id -u)" -ne 0 ] || as_nobody="setpriv --reuid=65534 --regid=65534 --clear-groups --"
if $as_nobody "$RESCAST" --version >/dev/null 2>&1; then
  chmod 755 "$tmp" && mkdir -p "$tmp/closed/net" && { [ -z "$as_nobody" ] || chown 65534 "$tmp/closed/net"; }
  $as_nobody "$RESCAST" generate "$tmp/small.yaml" -o "$tmp/closed/net" || fail "a new output in it"
  chmod 555 "$tmp/closed"
  quietly $as_nobody "$RESCAST" generate "$tmp/small.yaml" -o "$tmp/closed/net" --set seed=7 -t avx2,c || fail "a closed parent"
  is "a closed parent" "$tmp/closed/net" b
  chmod 755 "$tmp/closed"
  mkdir "$tmp/open" && chmod 777 "$tmp/open"
  (umask 277 && $as_nobody "$RESCAST" generate "$tmp/small.yaml" -o "$tmp/open/net" >"$tmp/said" 2>&1)
  if [ $? -eq 1 ] && grep -q umask "$tmp/said" && [ -z "$(ls -A "$tmp/open")" ]; then pass; else cat "$tmp/said"; fail "a umask that takes all"; fi
  chmod 555 "$tmp/closed/net"
  $as_nobody "$RESCAST" generate "$tmp/small.yaml" -o "$tmp/closed/net" >"$tmp/said" 2>&1
  if [ $? -eq 1 ] && grep -q 'cannot be written' "$tmp/said"; then pass; else fail "a closed folder"; fi
  is "a closed folder" "$tmp/closed/net" b
fi
mount_and_generate='mount --bind "$1/real" "$1/net" && "$2" generate "$3" -o "$1/net" --set seed=7 -t avx2,c'
mkdir -p "$tmp/mount/real" "$tmp/mount/net"
if unshare -rm true 2>/dev/null && generate -o "$tmp/mount/real"; then
  quietly unshare -rm sh -c "$mount_and_generate" sh "$tmp/mount" "$RESCAST" "$tmp/small.yaml" || fail "a mounted folder"
  is "a mounted folder" "$tmp/mount/real" b
fi

# ---- make ----

dir=$tmp/make/net
build "$dir" "$tmp/small.yaml" || fail "make"
quietly "$dir/small" --bench 1 && pass || fail "the program"
touch -d 2001-02-03 "$tmp/old" && find "$dir" -exec touch -r "$tmp/old" {} +
for way in exchange place; do
  [ $way = exchange ] || export RESCAST_IN_PLACE=1
  generate -o "$dir" && make -s -q -C "$dir" CC="$CC" && pass || fail "$way: make has something to do for the same output"
  unset RESCAST_IN_PLACE
done
# batch is a literal of the kernels and in the header, and the runtime's business is none of that
generate -o "$dir" --set batch=2 && make -n -C "$dir" CC="$CC" small >"$tmp/said" || fail "make -n"
if grep -q ' small.c$' "$tmp/said" && ! grep -q ' runtime/weights.c$' "$tmp/said"; then pass; else cat "$tmp/said"; fail "make builds too much, or too little"; fi
quietly make -C "$dir" -j "$jobs" CFLAGS=-O0 CC="$CC" && quietly "$dir/small" --bench 1 && pass || fail "the program of the second output"

# ---- a folder that was not finished ----

# refuses WHAT COMMAND...
refuses () {
  what=$1
  shift
  "$@" >"$tmp/said" 2>&1
  status=$?
  if [ $status -ne 0 ] && grep -q 'did not come to its end' "$tmp/said"; then pass; else cat "$tmp/said"; fail "$what takes an unfinished folder: $status"; fi
}
printf 'small.c\nsmall_old.c\n../keep\n' >"$dir/rescast-incomplete"
touch "$dir/small_old.c" "$tmp/make/keep"
refuses make make -C "$dir"
refuses verify "$RESCAST" verify "$dir"
refuses pack "$RESCAST" pack "$dir" -w "$examples/digits/digits.safetensors"
refuses tune "$RESCAST" tune "$dir"
refuses "the program" "$dir/small" --bench 1
! command -v cmake >/dev/null || refuses cmake cmake -S "$dir" -B "$tmp/cmake"
generate -o "$dir" || fail "finishing it"
if [ ! -e "$dir/rescast-incomplete" ] && [ ! -e "$dir/small_old.c" ] && [ -e "$tmp/make/keep" ]; then pass; else ls "$dir"; fail "finishing it"; fi
quietly make -C "$dir" -j "$jobs" CFLAGS=-O0 CC="$CC" && quietly "$dir/small" --bench 1 && pass || fail "the program of what was finished"

# ---- CMake: brackets in the folder's name are no pattern, and strict C is not what the code is in ----

if command -v cmake >/dev/null; then
  rm -rf "$tmp/cmake"
  if generate -o "$tmp/a [b] c" && quietly cmake -S "$tmp/a [b] c" -B "$tmp/cmake" -DCMAKE_C_FLAGS=-O0 -DCMAKE_C_COMPILER="$CC" -DCMAKE_C_EXTENSIONS=OFF \
    && quietly cmake --build "$tmp/cmake" -v && grep -q 'std=gnu11' "$tmp/output" && ! grep -q 'std=c' "$tmp/output" \
    && quietly "$tmp/cmake/small" --bench 1; then pass; else fail "CMake in a folder with brackets"; fi
fi

# ---- signals ----

# Programs that rescast starts: they send it the signal and sleep. The Makefile asks cc what it can do, which is soon answered.
mkdir "$tmp/bin" "$tmp/tmpdir"
for program in m4 cc dot; do
  cat >"$tmp/bin/$program" <<END
#!/bin/sh
case "\$*" in *-print-prog-name* | *-dumpmachine* | *.probe*) exit 1 ;; esac
echo \$\$ >>"$tmp/pids"
kill -s "\$SIGNAL" "\$(cat "$tmp/pid")"
exec sleep 60
END
  chmod +x "$tmp/bin/$program"
done
# dies WHAT SIGNAL STATUS COMMAND...: nothing is left of the command, which gets the signal while a child of it sleeps.
dies () {
  what=$1 expected=$3
  (
    export SIGNAL="$2" TMPDIR="$tmp/tmpdir"
    shift 3
    rm -f "$tmp/pids"
    # a shell's children in the background ignore INT: this one is not
    exec sh -c 'echo $$ >"$0"; exec "$@"' "$tmp/pid" "$@"
  ) >"$tmp/said" 2>&1
  status=$?
  alive=
  for pid in $(cat "$tmp/pids" 2>/dev/null); do
    kill -0 "$pid" 2>/dev/null && alive="$alive $pid" && kill -9 "$pid"
  done
  if [ $status -eq "$expected" ] && [ -s "$tmp/pids" ] && [ -z "$alive$(ls -A "$tmp/tmpdir")" ] && [ ! -e "$tmp/signals" ]; then
    pass
  else
    cat "$tmp/said"
    fail "$what: status $status, not $expected, alive:$alive, left: $(ls -A "$tmp/tmpdir" "$tmp/signals" 2>/dev/null | tr '\n' ' ')"
  fi
  rm -rf "$tmp/signals"
}
quietly "$RESCAST" generate "$examples/digits/digits.yaml" -o "$tmp/tune/digits" || fail "an output to tune"
generate -o "$tmp/tune/net" || fail "an output to verify"
for signal in "INT 130" "TERM 143" "HUP 129" "QUIT 131" "PIPE 141" "USR1 138" "USR2 140"; do
  set -- $signal
  deadly "$1" || continue
  { dies "generate" "$1" "$2" env M4="$tmp/bin/m4" "$RESCAST" generate "$tmp/small.yaml" -o "$tmp/signals/net"; } 2>/dev/null
  { dies "tune" "$1" "$2" env PATH="$tmp/bin:$PATH" "$RESCAST" tune "$tmp/tune/digits" --device cpu; } 2>/dev/null
done
{ dies verify TERM 143 env PATH="$tmp/bin:$PATH" "$RESCAST" verify "$tmp/tune/net"; } 2>/dev/null
{ dies plot TERM 143 env DOT="$tmp/bin/dot" "$RESCAST" plot "$tmp/branches.yaml" -o "$tmp/tune/net.svg"; } 2>/dev/null
is "after signals" "$tmp/tune/net" a
# What the caller ignores, as nohup does, ends nothing.
cat >"$tmp/bin/m4" <<END
#!/bin/sh
kill -s HUP "\$PPID"
exec ${M4:-m4} "\$@"
END
(trap '' HUP; M4="$tmp/bin/m4" generate -o "$tmp/nohup/net") && is "an ignored signal" "$tmp/nohup/net" a || fail "an ignored signal ends generate"
finish
