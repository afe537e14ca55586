#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# compare.sh [FOLDER...]: what every program in these folders computes (build/fuzz/corpus/programs and the seeds unless given), tensor by tensor after every
# step, by every kernel variant: the same on this machine, on AArch64 and on ARMv7 under QEMU. Needs fuzz_digest in build/fuzz, build/aarch64-qemu and
# build/armv7-qemu, and builds it there.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
[ $# -gt 0 ] || set -- "$root/build/fuzz/corpus/programs" "$root/build/fuzz/tests/fuzz/seeds/programs"
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
for preset in fuzz aarch64-qemu armv7-qemu; do
  cd "$root"
  cmake --preset $preset > /dev/null
  cmake --build build/$preset --target fuzz_digest > /dev/null
  case $preset in
    aarch64-qemu) emulator="qemu-aarch64 -L /usr/aarch64-linux-gnu -cpu max" ;;
    armv7-qemu) emulator="qemu-arm -L /usr/arm-linux-gnueabihf -cpu max" ;;
    *) emulator= ;;
  esac
  $emulator "build/$preset/tests/fuzz/fuzz_digest" "$@" > "$results/$preset"
done
for preset in aarch64-qemu armv7-qemu; do
  cmp -s "$results/fuzz" "$results/$preset" || { echo "compare.sh: $preset differs:"; diff "$results/fuzz" "$results/$preset" | head -20; exit 1; }
done
echo "$(wc -l < "$results/fuzz") files, $(grep -cvE ' (refused|heavy)$' "$results/fuzz") of them programs that run: x86-64, AArch64 and ARMv7 agree"
