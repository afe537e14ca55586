#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# format.sh [--check]: formats every C and C++ source with clang-format, as .clang-format says. With --check it changes
# no file, and exits with an error where formatting would change one. Needs clang-format 14 (Debian 12): other versions
# format a few lines differently.
set -eu
. "$(dirname "$0")/usage.sh"
case "$# ${1:-}" in
  '0 ') mode=-i ;;
  '1 --check') mode="--dry-run --Werror" ;;
  *) wrong_usage ;;
esac
cd "$(dirname "$0")/.."
formatter=$(command -v clang-format-14 || command -v clang-format) || { echo "format.sh: clang-format not found: apt-get install clang-format" >&2; exit 1; }
case $("$formatter" --version) in
  *" 14."*) ;;
  *) echo "format.sh: $("$formatter" --version), but the sources are formatted by version 14" >&2; exit 1 ;;
esac
find runtime converter models platforms tests -name '*_generated.h' -prune -o \( -name '*.h' -o -name '*.hpp' -o -name '*.c' -o -name '*.cpp' \) -print0 |
  xargs -0 -n 40 -P "$(nproc)" "$formatter" $mode
