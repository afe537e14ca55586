#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# compare.sh [FOLDER...]: checks that every program in these folders (by default the corpus of build/fuzz, its seeds
# and tests/programs) computes the same on this machine, and on AArch64 and ARMv7 under QEMU: every tensor after every
# step, with every kernel variant. Builds fuzz_digest in build/fuzz, build/aarch64-qemu and build/armv7-qemu. The
# environment variable VITRO_FUZZ_MOST limits the number of programs from the corpus (default 300, the smallest ones):
# each takes QEMU some tens of milliseconds. Exits with 1 where results differ.
set -eu
. "$(dirname "$0")/../../toolchains/usage.sh"
for folder; do [ -d "$folder" ] || wrong_usage; done
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
# Both at the same time, because QEMU takes most of the time.
qemu-aarch64 -L /usr/aarch64-linux-gnu -cpu max build/aarch64-qemu/tests/fuzz/fuzz_digest "$@" > "$results/aarch64" &
aarch64=$!
qemu-arm -L /usr/arm-linux-gnueabihf -cpu max build/armv7-qemu/tests/fuzz/fuzz_digest "$@" > "$results/armv7"
wait $aarch64
for machine in aarch64 armv7; do
  cmp -s "$results/x86-64" "$results/$machine" || { echo "compare.sh: $machine differs from x86-64:"; diff "$results/x86-64" "$results/$machine" | head -20; exit 1; }
done
echo "$(wc -l < "$results/x86-64") files, $(grep -cvE ' (refused|heavy)$' "$results/x86-64") of them programs that run: x86-64, AArch64 and ARMv7 agree"
