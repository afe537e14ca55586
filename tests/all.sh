#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# all.sh: checks the sources with clang-format and clang-tidy, then builds and runs tests in eleven presets: all of them
# optimised for this machine by GCC, and by clang with sanitizers, where every fuzzer runs for a few seconds; those that
# compare bits, optimised by clang; those with threads with the thread sanitizer; fuzzers of pictures with the memory
# sanitizer; AArch64 and ARMv7 Linux under QEMU; AArch64, Cortex-M55, M7 and M4 without an operating system under QEMU.
# First installs the packages that are needed and missing, with sudo apt-get where you are not root.
# Tests that need real weights look for them in ../shared/data beside the project, and are skipped where it is absent.
# Anything else that is missing is a failure. Exits with 0 when everything passes, otherwise with another code.
set -eu
. "$(dirname "$0")/../toolchains/usage.sh"
[ $# -eq 0 ] || wrong_usage
cd "$(dirname "$0")/.."
sh toolchains/install.sh tests
export VITRO_REQUIRE_ALL=1  # tests/support/skip.sh
jobs=$(($(nproc) + 1))  # one more than cores, since some tests wait for a disk, a pipe or a clock
# Tests wait for their files to be on the disk, which memory spares them; a container may have little of it.
[ "$(df -Pk /dev/shm 2> /dev/null | awk 'NR == 2 { print $4 }')" -gt 4000000 ] 2> /dev/null && export TEST_TMPDIR=/dev/shm
started=$(date +%s)
echo "=== format, clang-tidy"
sh toolchains/format.sh --check
sh toolchains/tidy.sh
for preset in host-release host-clang host-asan-ubsan host-tsan fuzz-msan aarch64-qemu armv7-qemu aarch64-bare cortex-m55 cortex-m7 cortex-m4; do
  echo "=== $preset ($(($(date +%s) - started)) s)"
  cmake --preset "$preset" > "build-$preset.log" 2>&1 || { cat "build-$preset.log"; exit 1; }
  rm -f "build-$preset.log"
  cmake --build --preset "$preset" -j "$jobs" --
  ctest --preset "$preset" -j "$jobs"
done
echo "=== all passed ($(($(date +%s) - started)) s)"
