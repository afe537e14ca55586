#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# tidy.sh [FOLDER...]: runs clang-tidy on every source of these folders (by default runtime, converter, models and
# platforms), with the checks of .clang-tidy and the flags of the preset host-clang; each source is compiled alone.
# Exits with 1 where it finds something. Needs clang-tidy 14 (Debian 12): other versions find other things.
set -eu
cd "$(dirname "$0")/.."
[ $# -gt 0 ] || set -- runtime converter models platforms
tidy=$(command -v clang-tidy-14) && all=$(command -v run-clang-tidy-14) || {
  echo "tidy.sh: clang-tidy 14 not found: apt-get install clang-tidy-14" >&2
  exit 1
}
build=build/tidy
mkdir -p build
cmake --preset host-clang -B $build -DVITRO_UNITY=OFF > $build.log 2>&1 || { cat $build.log >&2; exit 1; }
rm -f $build.log
log=$(mktemp)
trap 'rm -f "$log"' EXIT
folders=$(IFS='|'; echo "$*")
# VITRO_REQUIRE_SIGNED: a test compiles required.cpp with a key that the build makes; there is no such key here.
if ! "$all" -clang-tidy-binary "$tidy" -extra-arg=-UVITRO_REQUIRE_SIGNED -p $build -j "$(nproc)" -quiet "^$PWD/($folders)/" > "$log" 2>&1; then
  # Leaves out the command lines and the counts of warnings from system headers.
  grep -vE '^("|/usr)?[^ ]*clang-tidy-14 |^[0-9]+ warnings? ' "$log" >&2
  exit 1
fi
