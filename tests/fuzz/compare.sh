#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# compare.sh [FOLDER...]: what every program in these folders computes (the corpus of build/fuzz, its seeds and tests/programs unless given), tensor by tensor after every step, by every kernel variant:
# the same on this machine, on AArch64 and on ARMv7 under QEMU. Builds fuzz_digest in build/fuzz, build/aarch64-qemu and build/armv7-qemu.
# Environment: VITRO_FUZZ_MOST=N: at most so many programs of the corpus, the smallest (300 unless given): a program takes QEMU some tens of milliseconds.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$root"
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
for preset in fuzz aarch64-qemu armv7-qemu; do
  { cmake --preset $preset && cmake --build build/$preset --target fuzz_digest; } > "$results/log" 2>&1 || { tail -20 "$results/log"; exit 1; }
done
if [ $# -eq 0 ]; then
  mkdir -p build/fuzz/corpus/programs "$results/corpus"
  find build/fuzz/corpus/programs -type f -printf '%s %p\n' | sort -n | head -n "${VITRO_FUZZ_MOST:-300}" | cut -d ' ' -f 2- | xargs -r cp -t "$results/corpus"
  set -- "$results/corpus" tests/programs
  [ ! -d build/fuzz/tests/fuzz/seeds/programs ] || set -- "$@" build/fuzz/tests/fuzz/seeds/programs
fi
build/fuzz/tests/fuzz/fuzz_digest "$@" > "$results/x86-64"
# Both at once, since QEMU is what takes time.
qemu-aarch64 -L /usr/aarch64-linux-gnu -cpu max build/aarch64-qemu/tests/fuzz/fuzz_digest "$@" > "$results/aarch64" &
aarch64=$!
qemu-arm -L /usr/arm-linux-gnueabihf -cpu max build/armv7-qemu/tests/fuzz/fuzz_digest "$@" > "$results/armv7"
wait $aarch64
for machine in aarch64 armv7; do
  cmp -s "$results/x86-64" "$results/$machine" || { echo "compare.sh: $machine differs from x86-64:"; diff "$results/x86-64" "$results/$machine" | head -20; exit 1; }
done
echo "$(wc -l < "$results/x86-64") files, $(grep -cvE ' (refused|heavy)$' "$results/x86-64") of them programs that run: x86-64, AArch64 and ARMv7 agree"
