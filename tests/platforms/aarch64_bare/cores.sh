#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# cores.sh VITRO EXPECTED MACHINE CODE KERNELS CORES MODEL: checks that on this many cores a model passes its golden
# vectors and gives the desktop's logits, to the bit, and that the cores share the work: a QEMU plugin counts the
# instructions of each, as if all were equally fast (tests/bench/arm/cores.c). CODE.img and CODE.elf are the image.
# Prints the instructions of an inference by core. Exits with 1 where the check fails, with 77 where something that it needs is absent (tests/support/skip.sh).
VITRO=$1 EXPECTED=$2 board=$3 code_image=$4 kernels=$5 cores=$6 model=$7
. "$(dirname "$0")/boot.sh"
need_program cc aarch64-linux-gnu-nm
cc -O2 -fPIC -shared -fvisibility=hidden "$(dirname "$0")/../../bench/arm/cores.c" -o "$work/libcores.so" -lpthread
# Where cores wait, and what the first does alone for people: it is not of the inference.
idle=$(aarch64-linux-gnu-nm -SC "$code_image.elf" | awk '/core_main|board::|print|crc32|[Ss]ha256/ && NF > 3 && $3 ~ /[Tt]/ { print $1, $2 }' |
  while read -r first bytes; do printf ',idle=%x-%x' $((0x$first)) $((0x$first + 0x$bytes)); done)
# The firmware reads its clock before and after an inference.
timed=$(aarch64-linux-gnu-nm -C "$code_image.elf" | awk '/board::ticks\(\)/ { print $1 }')
[ "$timed" ] || fail "no function that reads the clock"

patience=250
flash_pictures "$work/one" "$model" 1 --kernel "$code_image.img"
options="-plugin $work/libcores.so,out=$work/counts,cores=$cores,timed=$timed$idle"
[ "$board" = raspberry_pi3 ] || options="$options -smp $cores"
# shellcheck disable=SC2086
boot "$board" "$work/one" $options < /dev/null
says "^cores $cores\$"
[ "$(grep -c '^core_stack_bytes' "$work/out")" -eq $((cores - 1)) ] || fail "not every core says its stack"
awk '/^core_stack_bytes/ && $2 > 8192 { exit 1 }' "$work/out" || fail "more than 8192 bytes of a core's stack"
same_bits "$kernels"
awk -v cores="$cores" '
  {
    printf "core %d: %.0f instructions\n", $1, $2
    total += $2
    if ($2 > most) most = $2
  }
  END {
    printf "busiest of %d: %.0f of %.0f instructions, %.3f\n", cores, most, total, most / total
    exit total < 1e6 || (cores > 1 && most > 1.8 * total / cores)
  }' "$work/counts" || fail "the cores do not share the work"
