#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# c_array.sh PREFIX SOURCE EXPECTED CC CMAKE: builds embed.c of the folder SOURCE with the program compiled in, and
# with exactly the arena that the program's header asks for, and compares its answers with the tool's. One byte less
# must be refused. Exits with an error code where this is not so, with 77 where EXPECTED is absent
# (tests/support/skip.sh).
set -eu
prefix=$1 source=$2/embed.c expected=$3 cc=$4 cmake=$5 vitro=$1/bin/vitro
. "$(dirname "$0")/answers.sh"
need_expected "$expected/cifar10_vit"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
library=$(find "$prefix" -name libvitro_runtime.a)
emit() { "$vitro" emit -m "$expected/$1/model.vitro" --c-array -o "$work/model.c" > /dev/null; }
compile() { "$cc" -O2 -Wall -Wextra -Wshadow -Werror -DMODEL_COMPILED_IN -I"$work" -I"$prefix/include" "$source" "$work/model.c" "$library" -lm -o "$work/embed"; }

emit cifar10_vit
compile
same_answers "$expected/cifar10_vit" 2 "$work/embed"
emit pooled
"$cmake" -S "$(dirname "$source")" -B "$work/build" -DCMAKE_C_COMPILER="$cc" -DCMAKE_PREFIX_PATH="$prefix" -DMODEL_C="$work/model.c" > "$work/log" 2>&1 || { cat "$work/log"; exit 1; }
"$cmake" --build "$work/build" > "$work/log" 2>&1 || { cat "$work/log"; exit 1; }
same_answers "$expected/pooled" 2 "$work/build/embed"
sed -i 's/\(_ARENA_BYTES\) \([0-9]*\)u/\1 (\2u - 1)/' "$work/model.h"
compile
code=0
"$work/embed" "$work/picture.rgb" 2> "$work/error" || code=$?
cat "$work/error"
test "$code" -eq 5
grep -q 'needs an arena of' "$work/error"
