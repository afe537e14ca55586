#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# coverage.sh [CORPUS]: which lines and branches of the readers and the runtime the corpus reaches (build/fuzz/corpus unless given) together with the seeds: builds the preset fuzz-coverage, runs
# every input once, prints lines, functions and branches by folder, and lists files by name in build/fuzz-coverage/coverage.txt. Needs llvm-profdata and llvm-cov of clang's version.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$root"
corpus=$(cd "${1:-build/fuzz/corpus}" && pwd)
version=$(clang --version | sed -n 's/.*version \([0-9]*\).*/\1/p')
for tool in llvm-profdata llvm-cov; do
  command -v $tool-"$version" > /dev/null || { echo "coverage.sh: $tool-$version not found: install llvm-$version" >&2; exit 1; }
done
build=build/fuzz-coverage
cmake --preset fuzz-coverage > /dev/null
cmake --build --preset fuzz-coverage -j "$(nproc)" > $build/build.log 2>&1 || { tail -20 $build/build.log; exit 1; }
profiles=$root/$build/profiles
rm -rf "$profiles"
mkdir -p "$profiles/temporary"
objects=
for target in $build/tests/fuzz/fuzz_*; do
  name=${target##*/fuzz_}
  case $name in digest | *.dict) continue ;; esac
  mkdir -p "$corpus/$name"
  TMPDIR=$profiles/temporary LLVM_PROFILE_FILE=$profiles/$name.profraw timeout 600 "$target" -runs=0 -timeout=60 "$corpus/$name" "$build/tests/fuzz/seeds/$name" > "$profiles/$name.log" 2>&1 ||
    echo "coverage.sh: $name ended with an error: see $profiles/$name.log" >&2
  objects="$objects -object $target"
done
llvm-profdata-"$version" merge -sparse "$profiles"/*.profraw -o "$profiles/all.profdata"
report() {
  # shellcheck disable=SC2086
  llvm-cov-"$version" report $objects -instr-profile="$profiles/all.profdata" "$@" 2> /dev/null
}
report runtime converter models platforms > $build/coverage.txt
printf '%-28s %9s %9s %9s\n' folder lines functions branches
for folder in runtime/program runtime/ops runtime/core runtime/kernels converter/base converter/checkpoint converter/calibration models/config models/adapters models/names \
  platforms/host/pictures platforms/host/signature platforms/firmware; do
  report $folder | awk -v folder=$folder '$1 == "TOTAL" { printf "%-28s %9s %9s %9s\n", folder, $10, $7, $13 }'
done
