#!/bin/sh
# c_array.sh PREFIX EMBED.C EXPECTED CC: with the program compiled in and the arena that its header asks for, no byte more.
set -eu
prefix=$1 source=$2 expected=$3 cc=$4 vitro=$1/bin/vitro
. "$(dirname "$0")/answers.sh"
need_expected "$expected/cifar10_vit"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
library=$(find "$prefix" -name libvitro_runtime.a)
for model in cifar10_vit pooled; do
  "$vitro" emit -m "$expected/$model/model.vitro" --c-array -o "$work/model.c" > /dev/null
  "$cc" -O2 -Wall -Wextra -Wshadow -Werror -DMODEL_COMPILED_IN -I"$work" -I"$prefix/include" "$source" "$work/model.c" "$library" -lm -o "$work/embed"
  same_answers "$expected/$model" 2 "$work/embed"
done
sed -i 's/\(_ARENA_BYTES\) \([0-9]*\)u/\1 (\2u - 1)/' "$work/model.h"
"$cc" -O2 -DMODEL_COMPILED_IN -I"$work" -I"$prefix/include" "$source" "$work/model.c" "$library" -lm -o "$work/embed"
code=0
"$work/embed" "$work/picture.rgb" 2> "$work/error" || code=$?
cat "$work/error"
test "$code" -eq 5
grep -q 'needs an arena of' "$work/error"
