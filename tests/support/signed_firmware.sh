# SPDX-License-Identifier: Apache-2.0
# signed_firmware.sh: tests firmware that opens only programs signed with one key, with a counter of at least 5. A
# script sources it after board.sh and boot.sh or machine.sh, and defines: $key, the file of the key; start FLASH,
# which boots the image with a flash image; start_vectors, which boots the image of ed25519_image.cpp.
need_expected "$EXPECTED/plain"
model=$EXPECTED/plain/model.vitro
patience=120
program_bytes=$(wc -c < "$model")

start_vectors
[ "$code" -eq 0 ] || fail "the vectors of RFC 8032: exit code $code"
says '^rfc8032 accepted 4, refused 43, wrong 0$'

emit() { "$VITRO" emit -m "$1" --flash-image --stop -i "$(head -n 1 "$EXPECTED/plain/images")" -o "$2" > /dev/null; }
sign() { "$VITRO" sign -m "$model" -k "$1" --counter "$2" -o "$work/$3.vitro" > /dev/null && emit "$work/$3.vitro" "$work/$3"; }

# refuses LINE FLASH: checks that the image refuses the program before it reads anything in it.
refuses() {
  start "$2"
  [ "$code" -eq 17 ] || fail "exit code $code instead of 17"
  says "^error: $1"
  says '^exit_code 17$'
  ! grep -q '^verified\|^golden\|^picture ' "$work/out" || fail "the program was opened"
}

# flip FLASH OFFSET: copies FLASH to $work/flipped and flips a bit of the program, or of its trailer, at OFFSET.
flip() {
  cp "$1" "$work/flipped"
  byte=$(od -An -tu1 -j $((64 + $2)) -N 1 "$1")
  # shellcheck disable=SC2059
  printf "\\$(printf %o $((byte ^ 16)))" | dd of="$work/flipped" bs=1 seek=$((64 + $2)) conv=notrunc 2> /dev/null
}

cp "$key" "$work/right.key" && chmod 600 "$work/right.key"
"$VITRO" keygen -o "$work/other" > /dev/null
sign "$work/right.key" 5 right
sign "$work/right.key" 4 old
sign "$work/other.key" 5 other
emit "$model" "$work/unsigned"

count=1 model=plain
start "$work/right"
same_bits '.*'
says '^signature verified counter 5 ticks [1-9]'
grep '^signature' "$work/out"
refuses 'the program is not signed$' "$work/unsigned"
refuses 'the program is older than what is accepted here$' "$work/old"
refuses 'the program is signed with another key$' "$work/other"
for at in 0 4 1000 $((program_bytes - 1)) $((program_bytes + 16)) $((program_bytes + 24)) $((program_bytes + 64)) $((program_bytes + 127)); do
  flip "$work/right" "$at"
  refuses 'the signature does not match' "$work/flipped"
done
flip "$work/right" $((program_bytes + 7))
refuses 'the program is not signed$' "$work/flipped"
flip "$work/right" $((program_bytes + 32))
refuses 'the program is signed with another key$' "$work/flipped"
echo "only what was signed"
