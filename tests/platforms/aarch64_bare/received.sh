#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# received.sh VITRO EXPECTED CODE.img SEND_PICTURE.py: checks that pictures sent over the Raspberry Pi 3's serial line
# give the desktop's logits, and that after a bad picture the board says what is wrong with it and goes on. Exits with
# 1 where this is not so, with 77 where something that the test needs is absent (tests/support/skip.sh).
VITRO=$1 EXPECTED=$2 code_image=$3 send_picture=$4
. "$(dirname "$0")/boot.sh"
model=$EXPECTED/plain/model.vitro
need_program python3
need_expected "$EXPECTED/plain" "$EXPECTED/pooled"
images=$(head -n 3 "$EXPECTED/plain/images")
"$VITRO" emit -m "$model" --flash-image --kernel "$code_image" -o "$work/kernel8.img" > /dev/null
# shellcheck disable=SC2086
"$VITRO" emit -m "$model" --frames -i $images -o "$work/three" > /dev/null
# shellcheck disable=SC2086
"$VITRO" emit -m "$model" --frames -i ${images%%
*} --stop -o "$work/one_and_end" > /dev/null
"$VITRO" emit -m "$EXPECTED/pooled/model.vitro" --frames -i "$EXPECTED/pooled/pictures/picture0.png" -o "$work/other_size" > /dev/null
sed 's/picture0/picture9/' "$work/one_and_end" | head -c 2000 > "$work/cut"
head -c $((40 + 32 * 32 * 3 + 4)) "$work/one_and_end" | sed 's/picture0/picture8/' > "$work/changed"

# until_said TEXT: waits, for a minute at most, until the board says TEXT.
until_said() {
  tries=0
  until grep -q "$1" "$work/raw" 2> /dev/null; do
    tries=$((tries + 1))
    [ "$tries" -lt 600 ] || return 1
    sleep 0.1
  done
}

{
  printf 'noise VTVTPnoise'
  cat "$work/three" "$work/other_size" "$work/changed" "$work/cut"
  until_said 'cut short' || true
  cat "$work/one_and_end"
  until_said 'exit_code' || true
} | boot raspberry_pi3 "$work/kernel8.img"
# boot was the last command of a pipe and ran in a subshell, so what it set is lost here.
tr -d '\r' < "$work/raw" > "$work/out"
says '^exit_code 16$'
says '^refused: picture0.png: not of the program.s picture size$'
says '^refused: picture8.png: the checksum is wrong'
says '^refused: picture9.png: cut short: nothing came for 2 seconds$'
says '^pictures 4$'
says '^pictures_refused 3$'
{ wanted 3 "$EXPECTED/plain"; wanted 1 "$EXPECTED/plain"; } > "$work/want"
grep '^logits_sha256 ' "$work/out" | diff - "$work/want" || fail "other logits than the desktop's"

# The script that users run, on a terminal that QEMU makes.
qemu-system-aarch64 -M raspi3b -kernel "$work/kernel8.img" -display none -serial pty -monitor none -semihosting-config enable=on,target=native > "$work/qemu" 2>&1 &
qemu=$!
trap 'kill $qemu 2> /dev/null || true; rm -rf "$work"' EXIT
tries=0
until port=$(sed -n 's/.*redirected to \(.*\) (label.*/\1/p' "$work/qemu" | grep .); do
  tries=$((tries + 1))
  [ "$tries" -lt 100 ] || fail "QEMU made no terminal"
  sleep 0.1
done
python3 "$send_picture" "$port" "$work/three" "$work/one_and_end" > "$work/out" || fail "send_picture.py: exit code $?"
grep '^logits_sha256 ' "$work/out" | diff - "$work/want" || fail "other logits than the desktop's"
says '^exit_code 0$'
code=0
wait $qemu || code=$?
[ "$code" -eq 0 ] || fail "exit code $code"
echo "4 pictures over the serial line, 4 by send_picture.py: equal; 3 refused"
