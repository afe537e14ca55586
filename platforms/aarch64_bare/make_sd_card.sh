#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# make_sd_card.sh OUT.img KERNEL8.img [FILE...]: makes an SD card image with one bootable FAT32 partition, which
# contains kernel8.img, config.txt and the FILEs. These are the Pi's own boot firmware: bootcode.bin, start.elf and
# fixup.dat, or start4.elf and fixup4.dat for a Pi 4. The same files give the same image, to the byte. Needs mtools,
# but not root. Exits with 1 when a file is refused or the image cannot be made, with 2 on wrong usage.
set -eu
. "$(dirname "$0")/../../toolchains/usage.sh"
refuse() {
  echo "make_sd_card.sh: $1" >&2
  exit 1
}
[ $# -ge 2 ] || wrong_usage
out=$1 kernel=$2
shift 2
command -v mformat > /dev/null || refuse "mformat is not there; install mtools"
for file in "$kernel" "$@"; do
  [ -f "$file" ] && [ -r "$file" ] || refuse "$file: is not a readable file; check the name"
done
[ -d "$(dirname "$out")" ] && [ -w "$(dirname "$out")" ] || refuse "$out: cannot be written; give a path in an existing folder that you may write to"
[ "$(od -An -c -j 4 -N 4 "$kernel" | tr -d ' ')" = VTFW ] || refuse "$kernel: is not a vitro image; make one with 'vitro emit --flash-image --kernel'"

export MTOOLSRC=/dev/null MTOOLS_SKIP_CHECK=1 TZ=UTC
export SOURCE_DATE_EPOCH=1700000000  # the date of every file in the image
start=2048                           # sectors before the partition: 1 MiB
bytes=$(cat "$kernel" "$@" | wc -c)
mib=64  # a power of two, as QEMU wants cards to be
while [ $((bytes + 8388608)) -gt $((mib * 1048576)) ]; do mib=$((mib * 2)); done
sectors=$((mib * 2048 - start))

# octal NUMBER: four bytes, little-endian, for printf.
octal() { printf '\\%o\\%o\\%o\\%o' $(($1 & 255)) $(($1 >> 8 & 255)) $(($1 >> 16 & 255)) $(($1 >> 24 & 255)); }

temporary=$out.tmp$$
trap 'rm -f "$temporary"' EXIT
{
  head -c 440 /dev/zero
  # The disk signature; one active partition of type 0x0c (FAT32, LBA), with the cylinder, head and sector numbers that
  # mean "see LBA"; three empty partitions; the end mark.
  # shellcheck disable=SC2059
  printf "VTRO\0\0\200\376\377\377\014\376\377\377$(octal $start)$(octal $sectors)"
  head -c 48 /dev/zero
  printf '\125\252'
} > "$temporary"
truncate -s "${mib}M" "$temporary"
partition=$temporary@@1M
mformat -i "$partition" -F -c 1 -H $start -T $sectors -h 255 -s 63 -v VITRO -N 5654524f ::
mcopy -i "$partition" "$kernel" ::kernel8.img
mcopy -i "$partition" "$(dirname "$0")/config.txt" ::config.txt
for file; do mcopy -i "$partition" "$file" "::$(basename "$file")"; done
mv "$temporary" "$out"
echo "$out: $mib MiB: kernel8.img, config.txt$(for file; do printf ', %s' "$(basename "$file")"; done)"
