#!/bin/sh
# The tables of times that come with rescast: bench/wisdom.sh TARGET wisdom/NAME.json [OPTIONS.yaml...], on a machine with
# nothing else to do. OPTIONS.yaml: more networks. Times of one thread are measured; THREADS=N measures others.
set -eu
if [ $# -lt 2 ]; then
  echo "usage: bench/wisdom.sh TARGET wisdom/NAME.json [OPTIONS.yaml...]" >&2
  exit 2
fi
root=$(cd "$(dirname "$0")/.." && pwd)
rescast=${RESCAST:-$root/rescast}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# measure OPTIONS.yaml [ARGUMENT...]
measure () {
  options=$1
  shift
  "$rescast" generate "$options" "$@" -t "$target" -o "$tmp/net"
  "$rescast" tune "$tmp/net" --threads "${THREADS:-1}" --wisdom "$table"
  rm -r "$tmp/net"
}

target=$1
case $2 in
  */*) table=$2 ;;
  *) table=./$2 ;;
esac
shift 2
examples=$root/examples/networks
measure "$examples/resnet18.yaml"
measure "$examples/resnet50.yaml"
measure "$examples/resnext50_32x4d.yaml"
measure "$examples/resnet3d-14.yaml" --set 'input-size=[112, 112, 16, 3]'
for options; do
  measure "$options"
done
