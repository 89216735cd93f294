#!/bin/sh
# Makefile.am names every file of the checkout that must be built, installed or distributed; the folders of gen/ are in the
# order of docs/design.md, and each includes only those above it.
. "$(dirname "$0")/lib.sh"

cd "$RESCAST_SRCDIR" || exit 99
for f in gen/*.c gen/*/*.[ch] gen/*/*.def templates/*.* templates/*/* runtime/*.[ch] runtime/c*/*.[ch] tests/*.[chm] tests/*.sh tests/*.py tests/*.cu \
  tests/*.awk examples/*/* bench/*.* bench/results/* docs/* wisdom/*; do
  if [ ! -f "$f" ] || grep -qF " $f" Makefile.am; then pass; else fail "$f is not in Makefile.am"; fi
done

folders=$(sed -n '/^| folder /,/^$/s/^| \([a-z, ]*\) |.*/\1/p' docs/design.md | tr -d ',' | grep -vx folder)
above=
for folder in $folders; do
  above="$above $folder"
  for f in gen/"$folder"/*.[ch]; do
    for included in $(sed -n 's|^#include "\([a-z]*\)/.*|\1|p' "$f" | sort -u); do
      case "$above " in *" $included "*) pass ;; *) fail "$f includes $included/, which docs/design.md has not above $folder" ;; esac
    done
  done
done
for folder in gen/*/; do
  case "$above " in *" $(basename "$folder") "*) pass ;; *) fail "docs/design.md does not tell what $folder has" ;; esac
done
finish
