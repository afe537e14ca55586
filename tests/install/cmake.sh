#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# cmake.sh CMAKE SOURCE EXPECTED VITRO DEFINITION...: builds the project SOURCE (platforms/linux) with these
# definitions, and compares its answers with VITRO's. Exits with an error code where they differ, with 77 where
# EXPECTED is absent (tests/support/skip.sh).
set -eu
cmake=$1 source=$2 expected=$3 vitro=$4
shift 4
. "$(dirname "$0")/answers.sh"
need_expected "$expected/cifar10_vit"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$cmake" -S "$source" -B "$work/build" "$@" > "$work/log" 2>&1 || { cat "$work/log"; exit 1; }
"$cmake" --build "$work/build" -j "$(nproc)" > "$work/log" 2>&1 || { cat "$work/log"; exit 1; }
needs_no_cxx "$work/build/embed"
if find "$work/build" -name 'libvitro_host*' -o -name vitro -type f -o -name '*_test' | grep .; then
  echo "a project that embeds vitro must build only the runtime"
  exit 1
fi
same_answers "$expected/cifar10_vit" 6 "$work/build/embed" "$expected/cifar10_vit/model.vitro"
same_answers "$expected/plain" 2 "$work/build/embed" "$expected/plain/model.vitro"
