#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# build.sh: builds all fuzz targets as OSS-Fuzz requires, with $CC, $CXX, $CFLAGS, $CXXFLAGS and $LIB_FUZZING_ENGINE, and
# puts each of them into $OUT, with its seeds (a zip file) and its dictionary. Needs the packages of 'toolchains/install.sh
# tests'. Exits with an error code when something fails.
set -eu
. "$(dirname "$0")/../../toolchains/usage.sh"
[ $# -eq 0 ] || wrong_usage
root=$(cd "$(dirname "$0")/../.." && pwd)
: "${CC:=clang}" "${CXX:=clang++}" "${LIB_FUZZING_ENGINE:=-fsanitize=fuzzer}" "${OUT:?the folder for the targets}"
# Flags that OSS-Fuzz sets itself.
[ -n "${CFLAGS:-}" ] || CFLAGS="-O1 -gline-tables-only -fsanitize=address,undefined,fuzzer-no-link -fno-sanitize-recover=all"
: "${CXXFLAGS:=$CFLAGS}"
export CC CXX CFLAGS CXXFLAGS
build=${WORK:-$root/build}/oss-fuzz
cmake -S "$root" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Debug -DCMAKE_C_FLAGS_DEBUG= -DCMAKE_CXX_FLAGS_DEBUG= -DVITRO_FUZZ=ON -DVITRO_FUZZ_ENGINE="$LIB_FUZZING_ENGINE"
cmake --build "$build" --target fuzz
mkdir -p "$OUT"
for target in "$build"/tests/fuzz/fuzz_*; do
  name=$(basename "$target")
  case $name in
    fuzz_digest | fuzz_unwritten) continue ;;
    *.dict) cp "$target" "$OUT/" && continue ;;
  esac
  cp "$target" "$OUT/"
  python3 -c 'import shutil, sys; shutil.make_archive(sys.argv[1], "zip", sys.argv[2])' "$OUT/${name}_seed_corpus" "$build/tests/fuzz/seeds/${name#fuzz_}"
done
