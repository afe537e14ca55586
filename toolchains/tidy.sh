#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# tidy.sh [FOLDER...]: clang-tidy, as .clang-tidy says, on the sources of these folders (runtime,
# converter, models and platforms by default), each by itself, as the preset host-clang builds them; fails where it finds
# something. clang-tidy 14 (Debian 12): other versions find other things.
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
# A test compiles the tool's demand for signatures with a key that its build makes: here there is none.
if ! "$all" -clang-tidy-binary "$tidy" -extra-arg=-UVITRO_REQUIRE_SIGNED -p $build -j "$(nproc)" -quiet "^$PWD/($folders)/" > "$log" 2>&1; then
  # Without the commands and without what each says of system headers.
  grep -vE '^("|/usr)?[^ ]*clang-tidy-14 |^[0-9]+ warnings? ' "$log" >&2
  exit 1
fi
