#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# frame_counts.sh FRAME EMULATOR CPU INFER KERNELS PROGRAM: counts the guest instructions that a camera's frame takes
# under QEMU. They are the same for three frames and within the budgets of frames.txt. Where PROGRAM, DeiT-Ti, is there,
# they are at most 8 % of its inference. Exits with 1 where something of that is not so, with 77 where something that the
# test needs is absent (tests/support/skip.sh).
set -eu
frame=$1 emulator=$2 cpu=$3 infer=$4 kernels=$5 program=$6
here=$(dirname "$0")
. "$here/../../support/skip.sh"
need_program cc "$emulator"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cc -O2 -fPIC -shared -fvisibility=hidden "$here/count.c" -o "$work/libcount.so"
"$emulator" -help | grep -q -e '-plugin' || absent "$emulator was built without plugins"

# once COMMAND...: the instructions of COMMAND 2 less those of COMMAND 1.
once() {
  for count in 1 2; do "$emulator" -cpu "$cpu" -plugin "$work/libcount.so,out=$work/$count" "$@" "$count"; done
  awk '$2 == "total" { n = $1 - n } END { printf "%.0f\n", n }' "$work/1" "$work/2"
}

inference=
[ ! -f "$program" ] || inference=$(once "$infer" "$program" "$kernels" 1)
for how in crop squash; do
  budget=$(awk -v cpu="$cpu" -v how=$how '$1 == cpu && $2 == how { print $3 }' "$here/frames.txt")
  first=
  for seed in 1 2 3; do
    count=$(once "$frame" $how $seed)
    [ "${first:=$count}" -eq "$count" ] || { echo "FAILED: $how: frame $seed takes $count instructions, the first $first"; exit 1; }
  done
  echo "$how: $first of $budget instructions${inference:+, DeiT-Ti $inference}"
  [ "$first" -gt 1000000 ] || { echo "FAILED: too few for a frame"; exit 1; }
  [ "$first" -le "$budget" ] || { echo "FAILED: make it faster, or change frames.txt in the same commit and say why"; exit 1; }
  [ -z "$inference" ] || [ $((first * 100)) -le $((inference * 8)) ] || { echo "FAILED: more than 8 % of an inference"; exit 1; }
done
