#!/bin/sh
# What `rescast --help` says: each command has a page of the manual, in which its options stand, and bash and zsh complete them.
. "$(dirname "$0")/lib.sh"

# usage COMMAND: its lines.
usage () {
  "$RESCAST" --help | awk -v command="$1" '
    /^targets:/ { exit }
    { sub (/^usage:/, "      ") }
    /^       rescast / { on = $2 == command }
    on'
}
commands=$("$RESCAST" --help | sed -n 's/^\(usage:\|      \) rescast \([a-z]*\) .*/\2/p')
[ -n "$commands" ] || fail "rescast --help has no commands"
for command in $commands; do
  page=$RESCAST_SRCDIR/docs/rescast-$command.1
  [ -r "$page" ] || { fail "there is no $page"; continue; }
  grep -qF "rescast\\-$command (1)" "$RESCAST_SRCDIR/docs/rescast.1" || fail "rescast.1 does not refer to rescast-$command"
  for option in $(usage "$command" | grep -oE -- '--?[a-z][a-z-]*' | sort -u); do
    # In pages each hyphen of an option has a backslash in front.
    written=$(printf %s "$option" | sed 's/-/\\-/g')
    if grep -qF -- "$written" "$page"; then pass; else fail "$page does not tell $option"; fi
  done
done

# completed WORD...: what bash offers for the last one.
completed () {
  bash -c '. "$0"; compopt () { :; }; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
    _rescast "$1" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"; printf "%s\n" "${COMPREPLY[@]}"' \
    "$RESCAST_SRCDIR/completions/rescast" "$RESCAST" "$@"
}
# offers WORD... -- EXPECTED...
offers () {
  words=
  while [ "$1" != : ]; do words="$words $1"; shift; done
  shift
  # shellcheck disable=SC2086
  completed ${words# } >"$tmp/offered"
  for expected; do
    if grep -qxF -- "$expected" "$tmp/offered"; then pass; else fail "rescast$words offers no $expected: $(tr '\n' ' ' <"$tmp/offered")"; fi
  done
}
if command -v bash >/dev/null; then
  offers ver : verify
  for command in $commands; do
    # shellcheck disable=SC2046
    offers "$command" - : $(usage "$command" | grep -oE -- '--?[a-z][a-z-]*' | sort -u)
  done
  offers generate -t av : avx2 avx512
  offers generate net.onnx -t c,av : c,avx2
  offers verify x --precision b : bf16
  offers options r : resnet3d resnet
else
  echo "there is no bash: its completion is left out"
fi

# zsh_offers EXPECTED WORD...: the last word is completed by a stand-in for zsh's compadd, which prints what it is given.
zsh_offers () {
  expected=$1
  shift
  RESCAST=$RESCAST zsh -fc 'compadd () { print -rl -- "$@" }; _files () { print files }; compset () { : }
    rescast () { "$RESCAST" "$@" }; file=$1; shift; words=("$@"); CURRENT=$#; PREFIX=${words[-1]}; set --; . "$file"' \
    - "$RESCAST_SRCDIR/completions/_rescast" "$@" >"$tmp/offered" 2>&1
  if grep -qxF -- "$expected" "$tmp/offered"; then pass; else fail "zsh, $*: $(tr '\n' ' ' <"$tmp/offered")"; fi
}
if command -v zsh >/dev/null; then
  zsh_offers verify rescast ver
  zsh_offers --seconds rescast verify --s
  zsh_offers avx512 rescast generate net.onnx -t av
  zsh_offers bf16 rescast generate net.onnx --precision b
  zsh_offers resnet3d rescast options r
  zsh_offers files rescast generate net
else
  echo "there is no zsh: its completion is left out"
fi
# What docs/troubleshooting.md quotes of messages at the beginning of a row is in the sources.
sed -n 's/^| `\([^`]*\)`.*/\1/p' "$RESCAST_SRCDIR/docs/troubleshooting.md" | grep -v '^rescast ' >"$tmp/messages"
while read -r message; do
  if grep -rqF --include='*.c' -- "$message" "$RESCAST_SRCDIR/gen" "$RESCAST_SRCDIR/runtime"; then pass; else fail "no message has '$message'"; fi
done <"$tmp/messages"
[ -s "$tmp/messages" ] || fail "docs/troubleshooting.md quotes no message"
# Each page of docs/ is in its index, and what the index names is there.
for page in "$RESCAST_SRCDIR"/docs/*.md; do
  name=$(basename "$page")
  [ "$name" = README.md ] || if grep -qF "($name)" "$RESCAST_SRCDIR/docs/README.md"; then pass; else fail "docs/README.md does not name $name"; fi
done
for name in $(grep -oE '\([a-z-]+\.md\)' "$RESCAST_SRCDIR/docs/README.md" | tr -d '()'); do
  if [ -e "$RESCAST_SRCDIR/docs/$name" ]; then pass; else fail "docs/README.md names $name, which is not there"; fi
done

finish
