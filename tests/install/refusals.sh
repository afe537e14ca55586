#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# refusals.sh PREFIX EMBED.C EXPECTED CC: checks what platforms/linux/embed.c refuses, each with an exit code of its
# own, one sentence on stderr and nothing on stdout. Exits with an error code where it does not, with 77 where
# EXPECTED is absent (tests/support/skip.sh).
set -eu
prefix=$1 source=$2 expected=$3 cc=$4 vitro=$1/bin/vitro
. "$(dirname "$0")/answers.sh"
need_expected "$expected/plain"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
model=$expected/plain/model.vitro library=$(find "$prefix" -name libvitro_runtime.a)
build() { "$cc" -O1 -g -I"$prefix/include" "$source" "$library" -lm "$@"; }
build -fsanitize=address,undefined -fno-sanitize-recover=all -o "$work/embed"
build -DARENA_BYTES=4096 -o "$work/small"
pixels "$model" "$(head -n 1 "$expected/plain/images")" "$work/picture"
cd "$work"

refused() {  # CODE TEXT COMMAND...
  want=$1 text=$2 code=0
  shift 2
  "$@" > out 2> error || code=$?
  echo "$code: $(head -n 1 error)"
  [ "$code" -eq "$want" ] || { echo "$*: exit code $code, expected $want"; cat error; exit 1; }
  grep -q -- "$text" error || { echo "$*: the error does not say '$text'"; exit 1; }
  [ ! -s out ] || { echo "$*: something on stdout"; exit 1; }
  [ "$want" -eq 2 ] || [ "$(wc -l < error)" -eq 1 ] || { echo "$*: more than one line"; exit 1; }
}

./embed "$model" picture.rgb > /dev/null
refused 2 usage ./embed
refused 2 usage ./embed "$model"
refused 2 usage ./embed "$model" picture.rgb --no-such-flag
refused 2 usage ./embed "$model" picture.rgb --logits more
refused 3 'cannot be opened' ./embed missing.vitro picture.rgb
refused 3 'cannot be opened' ./embed . picture.rgb
: > empty
refused 3 'cannot be opened' ./embed empty picture.rgb
refused 4 'identifier\|not a' ./embed picture.rgb picture.rgb
head -c 5000 "$model" > short.vitro
refused 4 'embed: short.vitro: ' ./embed short.vitro picture.rgb
refused 5 'needs an arena of [0-9]* bytes and has 4096' ./small "$model" picture.rgb
# Looks for a byte whose change every check accepts except the golden vectors.
at=997 code=0
until [ "$code" -eq 7 ]; do
  at=$((at + 997)) code=0
  [ $at -lt "$(wc -c < "$model")" ] || { echo "no byte whose change only the golden vectors see"; exit 1; }
  byte=$(tail -c "+$((at + 1))" "$model" | head -c 1 | od -An -tu1)
  { head -c "$at" "$model"; printf "\\$(printf %o $((byte ^ 64)))"; tail -c "+$((at + 2))" "$model"; } > changed.vitro
  ./embed changed.vitro picture.rgb --self-test > /dev/null 2>&1 || code=$?
done
refused 7 'changed.vitro: the golden vectors do not match' ./embed changed.vitro picture.rgb --self-test
refused 8 'cannot be opened' ./embed "$model" missing.rgb
refused 8 'cannot be opened' ./embed "$model" .
refused 8 'no PPM' ./embed "$model" empty
refused 8 'no PPM (P6), and its 3071 bytes' sh -c 'head -c 3071 picture.rgb > part.rgb; ./embed "$0" part.rgb' "$model"
printf 'P6\n31 32\n255\n' > wide.ppm
refused 8 '31 x 32' ./embed "$model" wide.ppm
printf 'P6 32 32 65535\n' > deep.ppm
refused 8 'values up to 65535' ./embed "$model" deep.ppm
printf 'P6 99999999999999999999 32 255\n' > huge.ppm
refused 8 'a PPM of' ./embed "$model" huge.ppm
printf 'P6 # comment without an end' > comment.ppm
refused 8 'a PPM of' ./embed "$model" comment.ppm
head -c 1000 picture.ppm > part.ppm
refused 8 'ends before its last pixel' ./embed "$model" part.ppm
if [ -c /dev/full ]; then refused 9 'cannot be written' sh -c './embed "$0" picture.rgb > /dev/full' "$model"; fi
