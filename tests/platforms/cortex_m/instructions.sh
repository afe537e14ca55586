#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# instructions.sh VITRO CORE ELF MODEL PICTURE...: checks that an inference executes the same instructions for every
# picture. A QEMU plugin counts them by function. Prints their total, and the functions that execute most. The
# instructions of an inference are those of an image with one picture, less those of an image with none; functions
# that print the result are left out. Exits with 1 where the counts differ or exceed the budget of instructions.txt for
# this core and model, if there is one, with 77 where something that the test needs is absent (tests/support/skip.sh).
VITRO=$1 core=$2 image=$3 model=$4
shift 4
. "$(dirname "$0")/machine.sh"
need_expected "$(dirname "$model")"
need_program cc
cc -O2 -fPIC -shared -fvisibility=hidden "$(dirname "$0")/../../bench/arm/count.c" -o "$work/libcount.so"

# counted NAME PICTURE...: runs an image with these pictures, and writes the instructions of each function to
# $work/NAME.
counted() {
  name=$1
  shift
  # shellcheck disable=SC2086
  "$VITRO" emit -m "$model" --flash-image --stop -o "$work/flash" ${1:+-i "$@"} > /dev/null
  plugin="-plugin $work/libcount.so,out=$work/$name"
  boot "$core" "$image" "$work/flash" < /dev/null
  [ "$code" -eq 0 ] || fail "exit code $code"
}

counted none
first=
for picture; do
  counted one "$picture"
  awk -v said="$said" 'NR == FNR { none[$2] = $1; next } $2 != "total" && $2 !~ said && $1 > none[$2] { printf "%.0f %s\n", $1 - none[$2], $2 }' "$work/none" "$work/one" | sort -k1,1nr -k2 > "$work/inference"
  if [ -z "$first" ]; then
    first=$picture
    cp "$work/inference" "$work/first"
  fi
  cmp -s "$work/first" "$work/inference" || { diff "$work/first" "$work/inference"; fail "$picture and $first execute different instructions"; }
done
awk '{ n += $1 } END { exit n < 1e6 }' "$work/first" || fail "hardly any instructions were counted"
awk '{ n += $1 } END { printf "%.0f instructions an inference\n", n }' "$work/first"
head -n 12 "$work/first" | c++filt
budget=$(awk -v core="$core" -v model="$(basename "$(dirname "$model")")" '$1 == core && $2 == model { print $3 }' "$(dirname "$0")/instructions.txt")
[ -z "$budget" ] || awk -v budget="$budget" '{ n += $1 } END { exit n > budget }' "$work/first" || fail "more than the budget of $budget instructions: make it faster, or change instructions.txt in the same commit and say why"
echo "the same for $# pictures"
