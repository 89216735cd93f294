#!/bin/sh
# The tables of times that come with rescast: bench/wisdom.sh TARGET wisdom/NAME.json, on a machine with nothing else to
# do. Times of one thread are measured; THREADS=N measures others.
set -eu
if [ $# -ne 2 ]; then
  echo "usage: bench/wisdom.sh TARGET wisdom/NAME.json" >&2
  exit 2
fi
root=$(cd "$(dirname "$0")/.." && pwd)
rescast=${RESCAST:-$root/rescast}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# measure OPTIONS [ARGUMENT...]
measure () {
  options=$1
  shift
  "$rescast" generate "$root/examples/networks/$options.yaml" "$@" -t "$target" -o "$tmp/$options"
  "$rescast" tune "$tmp/$options" --threads "${THREADS:-1}" --wisdom "$table"
}

target=$1
case $2 in
  */*) table=$2 ;;
  *) table=./$2 ;;
esac
measure resnet18
measure resnet50
measure resnet3d-14 --set 'input-size=[112, 112, 16, 3]'
