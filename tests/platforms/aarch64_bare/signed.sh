#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# signed.sh VITRO EXPECTED CODE.img VECTORS.img KEY: tests an image that opens only signed programs
# (tests/support/signed_firmware.sh). Exits with 1 where it fails, with 77 where something that the test needs is absent
# (tests/support/skip.sh).
VITRO=$1 EXPECTED=$2 image=$3 vectors=$4 key=$5
. "$(dirname "$0")/boot.sh"
start() {
  cat "$image" "$1" > "$work/kernel8.img"
  boot virt_a72 "$work/kernel8.img" < /dev/null
}
start_vectors() { boot virt_a72 "$vectors" < /dev/null; }
. "$(dirname "$0")/../../support/signed_firmware.sh"
