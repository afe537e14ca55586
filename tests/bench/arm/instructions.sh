#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# instructions.sh PROGRAM...: prints a Markdown table of the guest instructions that one inference executes with each
# Arm kernel variant, and whether their number is the same for three pictures. A QEMU plugin counts them. Instructions
# are not cycles, but their number is the same on every machine. Needs the target infer of the presets aarch64-qemu
# and armv7-qemu. Exits with 2 on wrong usage, and with another error code when something fails.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$here/../../..
. "$root/toolchains/usage.sh"
[ $# -gt 0 ] || wrong_usage
for program; do [ -f "$program" ] || wrong_usage; done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cc -O2 -fPIC -shared -fvisibility=hidden "$here/count.c" -o "$work/libcount.so"

# executed EMULATOR... -- PROGRAM ISA SEED: prints the instructions of one inference: those of two less those of one.
executed() {
  emulator=
  while [ "$1" != -- ]; do emulator="$emulator $1"; shift; done
  shift
  for count in 1 2; do
    # shellcheck disable=SC2086
    ${emulator% *} -plugin "$work/libcount.so,out=$work/$count" ${emulator##* } "$1" "$2" "$3" "$count"
  done
  awk '$2 == "total" { n = $1 - n } END { print n }' "$work/1" "$work/2"
}

echo "| program | stand-in for | kernels | instructions | same for 3 pictures |"
echo "|---|---|---|---|---|"
row() {  # PROGRAM BOARDS ISA EMULATOR...
  program=$1 boards=$2 isa=$3
  shift 3
  first=$(executed "$@" -- "$program" "$isa" 1)
  same=yes
  for seed in 2 3; do [ "$(executed "$@" -- "$program" "$isa" "$seed")" = "$first" ] || same=NO; done
  awk -v p="$(basename "$program")" -v b="$boards" -v i="$isa" -v n="$first" -v s="$same" \
    'BEGIN { printf "| %s | %s | %s | %.1f M | %s |\n", p, b, i, n / 1e6, s }'
}
a64=$root/build/aarch64-qemu/tests/bench/arm/infer a32=$root/build/armv7-qemu/tests/bench/arm/infer
for program; do
  row "$program" "Pi 3, Zero 2 (A53)" neon qemu-aarch64 -cpu cortex-a53 "$a64"
  row "$program" "Pi 4 (A72), Jetson Nano (A57)" neon qemu-aarch64 -cpu cortex-a72 "$a64"
  row "$program" "Pi 5 (A76), Jetson Orin (A78)" neon_dotprod qemu-aarch64 -cpu cortex-a76 "$a64"
  row "$program" "Armv8.6 (i8mm)" neon_i8mm qemu-aarch64 -cpu max "$a64"
  row "$program" "Pi 2, 32-bit systems (A7, A15)" neon qemu-arm -cpu cortex-a15 "$a32"
done
