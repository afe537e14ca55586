#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# refusals.sh VITRO EXPECTED CODE.img SMALL_ARENA.img MISALIGNED_ARENA.img: checks what an image refuses, each with a
# single line and an exit code of its own. Exits with 1 where it does not, with 77 where something that the test needs
# is absent (tests/support/skip.sh).
VITRO=$1 EXPECTED=$2 sound=$3 small_arena=$4 misaligned_arena=$5
. "$(dirname "$0")/boot.sh"
model=$EXPECTED/plain/model.vitro
need_expected "$EXPECTED/plain" "$EXPECTED/cifar10_vit"
patience=20

refuses() {  # CODE LINE IMAGE
  boot virt_a76 "$3" < /dev/null
  [ "$code" -eq "$1" ] || fail "exit code $code instead of $1"
  says "$2"
  says "^exit_code $1\$"
  [ "$(grep -c '^error: \|^refused: ' "$work/out")" -eq 1 ] || fail "not one line of refusal"
  grep '^error: \|^refused: ' "$work/out"
}

emit() { "$VITRO" emit -m "$1" --flash-image --stop --kernel "$2" -o "$work/kernel8.img" -i "$EXPECTED/plain/pictures/picture0.png" > /dev/null; }

# change FILE OFFSET: copies FILE to $work/flipped.img and flips a bit of the byte at OFFSET.
change() {
  cp "$1" "$work/flipped.img"
  byte=$(od -An -tu1 -j "$2" -N 1 "$1")
  # shellcheck disable=SC2059
  printf "\\$(printf %o $((byte ^ 64)))" | dd of="$work/flipped.img" bs=1 seek="$2" conv=notrunc 2> /dev/null
}

# flip OFFSET: the same, for the flash image in $work/kernel8.img.
flip() { change "$work/kernel8.img" $((code_bytes + $1)); }

refuses 10 '^error: no flash image' "$sound"

emit "$model" "$sound"
code_bytes=$(wc -c < "$sound")
program_bytes=$(wc -c < "$model")
flip 20
refuses 11 "^error: the flash image's header is damaged" "$work/flipped.img"
flip $((64 + program_bytes - 1))
refuses 12 '^error: the program is damaged: \|^error: the digest does not match: ' "$work/flipped.img"
head -c $((code_bytes + 64 + program_bytes / 2)) "$work/kernel8.img" > "$work/cut.img"
refuses 12 '^error: the program is damaged: ' "$work/cut.img"
flip $((64 + program_bytes + 64 + 100))
refuses 16 '^refused: picture0.png: the checksum is wrong' "$work/flipped.img"

# An old program without a digest. The loop looks for a byte whose change every check accepts except the golden vectors.
model=$(dirname "$0")/../../programs/plain.vitro
emit "$model" "$sound"
program_bytes=$(wc -c < "$model")
at=997
until change "$model" $at && "$VITRO" verify -m "$work/flipped.img" --json 2> /dev/null | tr -d ' \n' | grep -q '"verified":true.*"golden":false'; do
  at=$((at + 997))
  [ $at -lt "$program_bytes" ] || fail "no byte whose change only the golden vectors see"
done
flip $((64 + at))
refuses 15 '^error: the golden vectors do not match' "$work/flipped.img"
model=$EXPECTED/plain/model.vitro

emit "$EXPECTED/cifar10_vit/model.vitro" "$small_arena"
refuses 13 '^error: the arena is smaller' "$work/kernel8.img"
emit "$model" "$misaligned_arena"
refuses 14 '^error: the arena does not start at a multiple of 64' "$work/kernel8.img"
