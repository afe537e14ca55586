#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# refusals.sh VITRO EXPECTED CORE ELF SMALL_ARENA.elf FAULT.elf: checks what the firmware refuses, each with a single
# line and an exit code of its own, and what it does after an exception of the CPU. Exits with 1 where it does
# something else, with 77 where something that the test needs is absent (tests/support/skip.sh).
VITRO=$1 EXPECTED=$2 core=$3 sound=$4 small_arena=$5 faults=$6
. "$(dirname "$0")/machine.sh"
model=$EXPECTED/plain/model.vitro
need_expected "$EXPECTED/plain" "$EXPECTED/pooled" "$EXPECTED/cifar10_vit"
patience=60

refuses() {  # CODE LINE ELF [FLASH_IMAGE]
  boot "$core" "$3" ${4:+"$4"}
  [ "$code" -eq "$1" ] || fail "exit code $code instead of $1"
  says "$2"
  says "^exit_code $1\$"
  [ "$(grep -c '^error: \|^refused: ' "$work/out")" -eq 1 ] || fail "not one line of refusal"
  grep '^error: \|^refused: ' "$work/out"
}

# flip OFFSET: copies the flash image to $work/flipped and flips a bit of the byte at OFFSET.
flip() {
  cp "$work/flash" "$work/flipped"
  byte=$(od -An -tu1 -j "$1" -N 1 "$work/flash")
  # shellcheck disable=SC2059
  printf "\\$(printf %o $((byte ^ 64)))" | dd of="$work/flipped" bs=1 seek="$1" conv=notrunc 2> /dev/null
}

refuses 10 '^error: no flash image' "$sound" < /dev/null
"$VITRO" emit -m "$model" --flash-image --stop -o "$work/flash" > /dev/null
flip 20
refuses 11 "^error: the flash image's header is damaged" "$sound" "$work/flipped" < /dev/null
flip $((64 + 20))
refuses 12 '^error: the program is damaged: \|^error: the digest does not match: ' "$sound" "$work/flipped" < /dev/null
flip $((64 + $(wc -c < "$model") - 1))
refuses 12 '^error: the program is damaged: \|^error: the digest does not match: ' "$sound" "$work/flipped" < /dev/null
"$VITRO" emit -m "$EXPECTED/cifar10_vit/model.vitro" --flash-image --stop -o "$work/large" > /dev/null
refuses 13 '^error: the arena is smaller' "$small_arena" "$work/large" < /dev/null

# Sent over the serial line: a picture of the wrong size, one of the right size, the frame that ends the session.
"$VITRO" emit -m "$model" --flash-image -o "$work/listening" > /dev/null
"$VITRO" emit -m "$EXPECTED/pooled/model.vitro" --frames -i "$EXPECTED/pooled/pictures/picture0.png" -o "$work/other_size" > /dev/null
"$VITRO" emit -m "$model" --frames -i "$(head -n 1 "$EXPECTED/plain/images")" --stop -o "$work/one_and_end" > /dev/null
cat "$work/other_size" "$work/one_and_end" > "$work/line"
refuses 16 '^refused: picture0.png: not of the program.s picture size$' "$sound" "$work/listening" < "$work/line"
wanted 1 "$EXPECTED/plain" > "$work/want"
grep '^logits_sha256 ' "$work/out" | diff - "$work/want" || fail "other logits than the desktop's"

refuses 99 '^error: an exception of the CPU: number [0-9]*, pc 0x[0-9a-f]*, lr 0x[0-9a-f]*, cfsr 0x[0-9a-f]*, bfar 0x[0-9a-f]*$' "$faults" < /dev/null
