#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# tidy.sh [FOLDER...]: runs clang-tidy on the sources of these folders (by default runtime, converter, models and
# platforms), with the checks of .clang-tidy and the flags of the preset host-clang, the converter too. Then parses each source alone, to
# see that it includes what it uses. Exits with 1 where either finds something. Needs clang-tidy 14 (Debian 12): other
# versions find other things. Tests, which take six minutes of a core, are asked for alone, have fewer checks, and are not
# parsed once more.
set -eu
. "$(dirname "$0")/usage.sh"
cd "$(dirname "$0")/.."
[ $# -gt 0 ] || set -- runtime converter models platforms
for folder; do
  [ -d "$folder" ] || wrong_usage
  case $folder in tests*) [ $# -eq 1 ] || wrong_usage ;; esac
done
tidy=$(command -v clang-tidy-14) && all=$(command -v run-clang-tidy-14) || {
  echo "tidy.sh: clang-tidy 14 not found: apt-get install clang-tidy-14" >&2
  exit 1
}
mkdir -p build
log=$(mktemp)
trap 'rm -f "$log"' EXIT
folders=$(IFS='|'; echo "$*")

# configure BUILD OPTION: makes a build folder with compile_commands.json.
configure() {
  cmake --preset host-clang -B "$1" "$2" -DVITRO_BUILD_CONVERTER=ON > "$log" 2>&1 || { cat "$log" >&2; exit 1; }
}
# In tests main() may end by an exception, numbers are small, macros declare functions, and vectors may grow.
of_tests=-bugprone-exception-escape,-bugprone-implicit-widening-of-multiplication-result,-bugprone-misplaced-widening-cast
of_tests=$of_tests,-bugprone-macro-parentheses,-performance-inefficient-vector-operation
# check BUILD REGEX [OPTION...]: runs clang-tidy on the sources of BUILD whose paths match.
check() {
  build=$1 regex=$2
  shift 2
  # VITRO_REQUIRE_SIGNED: a test compiles required.cpp with a key that the build makes; there is no such key here.
  "$all" -clang-tidy-binary "$tidy" -extra-arg=-UVITRO_REQUIRE_SIGNED -p "$build" -j "$(nproc)" -quiet "$@" "$regex" \
    > "$log" 2>&1 && return
  # Leaves out the command lines and the counts of warnings from system headers.
  grep -vE '^("|/usr)?[^ ]*clang-tidy-14 |^[0-9]+ warnings? ' "$log" >&2
  exit 1
}

# A folder's sources are checked as the one translation unit that they are compiled as. Most of the time goes into the
# headers that they share, because every check visits every statement of them.
configure build/tidy -DVITRO_UNITY=ON
case $folders in
  tests*)
    cmake --build build/tidy --target tests/runtime/schema/readers/by_flatc_generated.h > "$log" 2>&1 || { cat "$log" >&2; exit 1; }
    check build/tidy "^$PWD/(build/tidy/)?($folders)/" -checks="$of_tests" -header-filter='/tests/.*(\.cpp|([^d]|[^e]d)\.h)$'
    exit
    ;;
esac
check build/tidy "^$PWD/(build/tidy/)?($folders)/"
# The one check named here costs nothing: clang-tidy does not run without any.
configure build/tidy/each -DVITRO_UNITY=OFF
check build/tidy/each "^$PWD/($folders)/" -checks='-*,bugprone-suspicious-include'
