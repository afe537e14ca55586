#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# blocks.sh VITRO CORE ELF MODEL PICTURE PLUGIN OUT: counts the blocks of code that an image executes with no picture,
# in OUT/none, and with one, in OUT/one; the difference is an inference. PLUGIN is tests/bench/arm/cycles/blocks.c.
# Functions that print the result are left out.
VITRO=$1 core=$2 image=$3 model=$4 picture=$5 library=$6 out=$7
. "$(dirname "$0")/machine.sh"

# counted NAME [PICTURE]
counted() {
  name=$1
  shift
  "$VITRO" emit -m "$model" --flash-image --stop -o "$work/flash" ${1:+-i "$1"} > /dev/null
  plugin="-plugin $library,out=$work/$name,whole=1"
  boot "$core" "$image" "$work/flash" < /dev/null
  [ "$code" -eq 0 ] || fail "exit code $code"
  awk -v said="$said" '$7 !~ said' "$work/$name" > "$out/$name"
}

counted none
counted one "$picture"
