#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# same_counts.sh INFER PROGRAM EMULATOR KERNELS:CPU... : checks that control flow does not depend on the data: under
# QEMU, an inference executes the same number of guest instructions for three different pictures. Exits with 1 where
# it does not, with 77 where something that the test needs is absent (tests/support/skip.sh).
set -eu
infer=$1 program=$2 emulator=$3
shift 3
. "$(dirname "$0")/../../support/skip.sh"
need_expected "$(dirname "$program")"
need_program cc "$emulator"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cc -O2 -fPIC -shared -fvisibility=hidden "$(dirname "$0")/count.c" -o "$work/libcount.so"
"$emulator" -help | grep -q -e '-plugin' || absent "$emulator was built without plugins"

# total CPU KERNELS SEED COUNT: prints the instructions of opening, binding and COUNT inferences.
total() {
  "$emulator" -cpu "$1" -plugin "$work/libcount.so,out=$work/counts" "$infer" "$program" "$2" "$3" "$4"
  awk '$2 == "total" { print $1 }' "$work/counts"
}

for pair; do
  kernels=${pair%:*} cpu=${pair#*:} first=
  for seed in 1 2 3; do
    count=$(($(total "$cpu" "$kernels" "$seed" 2) - $(total "$cpu" "$kernels" "$seed" 1)))
    echo "$kernels on $cpu, picture $seed: $count instructions"
    [ "$count" -gt 1000000 ] || { echo "FAILED: too few for an inference"; exit 1; }
    [ "${first:=$count}" -eq "$count" ] || { echo "FAILED: the first picture took $first"; exit 1; }
  done
done
