#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# sd_card.sh VITRO EXPECTED CODE.img MAKE_SD_CARD: checks that the partition of the card contains the files, that the
# kernel on it boots, and that a second card, made at another time, is the same to the byte. Exits with 1 where this
# is not so, with 77 where something that the test needs is absent (tests/support/skip.sh).
VITRO=$1 EXPECTED=$2 code_image=$3 make_sd_card=$4
. "$(dirname "$0")/boot.sh"
need_expected "$EXPECTED/plain"
need_program mformat mcopy
image=$(head -n 1 "$EXPECTED/plain/images")
"$VITRO" emit -m "$EXPECTED/plain/model.vitro" --flash-image --stop --kernel "$code_image" -o "$work/kernel8.img" -i "$image" > /dev/null
echo "stands for the Pi's own" > "$work/start.elf"
"$make_sd_card" "$work/card.img" "$work/kernel8.img" "$work/start.elf"
sleep 2.1  # FAT counts time in steps of two seconds
touch "$work/kernel8.img" "$work/start.elf"
"$make_sd_card" "$work/again.img" "$work/kernel8.img" "$work/start.elf" > /dev/null
cmp "$work/card.img" "$work/again.img" || fail "not reproducible"

[ "$(od -An -tx1 -j 510 -N 2 "$work/card.img")" = " 55 aa" ] || fail "no boot record"
[ "$(od -An -tx1 -j 446 -N 5 "$work/card.img")" = " 80 fe ff ff 0c" ] || fail "no active FAT32 partition"
[ "$(od -An -tu4 -j 454 -N 8 "$work/card.img" | tr -s ' ')" = " 2048 129024" ] || fail "the partition is elsewhere"
[ "$(wc -c < "$work/card.img")" -eq 67108864 ] || fail "not 64 MiB"
if fsck=$(PATH=$PATH:/usr/sbin:/sbin command -v fsck.vfat); then
  tail -c +1048577 "$work/card.img" > "$work/partition"
  "$fsck" -n "$work/partition" > "$work/out" || fail "fsck.vfat finds faults"
  rm "$work/partition"
fi
for file in kernel8.img start.elf config.txt; do mcopy -n -i "$work/card.img@@1M" "::$file" "$work/copy.$file"; done
cmp "$work/copy.kernel8.img" "$work/kernel8.img"
cmp "$work/copy.start.elf" "$work/start.elf"
cmp "$work/copy.config.txt" "$(dirname "$make_sd_card")/config.txt"
boot raspberry_pi3 "$work/copy.kernel8.img" < /dev/null
[ "$code" -eq 0 ] || fail "exit code $code"
wanted 1 "$EXPECTED/plain" > "$work/want"
grep '^logits_sha256 ' "$work/out" | diff - "$work/want" || fail "other logits than the desktop's"

for wrong in "$work/absent" "$work/start.elf"; do
  ! "$make_sd_card" "$work/other.img" "$wrong" 2> "$work/out" || fail "made a card of $wrong"
  [ "$(wc -l < "$work/out")" -eq 1 ] && [ ! -e "$work/other.img" ] || fail "not one line, or a card"
  cat "$work/out"
done
