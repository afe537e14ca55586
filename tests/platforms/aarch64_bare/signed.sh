#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# signed.sh VITRO EXPECTED CODE.img VECTORS.img KEY: an image for signed programs alone (tests/support/signed_firmware.sh).
VITRO=$1 EXPECTED=$2 image=$3 vectors=$4 key=$5
. "$(dirname "$0")/boot.sh"
start() {
  cat "$image" "$1" > "$work/kernel8.img"
  boot virt_a72 "$work/kernel8.img" < /dev/null
}
start_vectors() { boot virt_a72 "$vectors" < /dev/null; }
. "$(dirname "$0")/../../support/signed_firmware.sh"
