#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# signed.sh VITRO EXPECTED CORE ELF VECTORS.elf KEY: tests an image that opens only signed programs
# (tests/support/signed_firmware.sh). Exits with 1 where it fails, with 77 where something that the test needs is absent
# (tests/support/skip.sh).
VITRO=$1 EXPECTED=$2 core=$3 image=$4 vectors=$5 key=$6
. "$(dirname "$0")/machine.sh"
start() { boot "$core" "$image" "$1" < /dev/null; }
start_vectors() { boot "$core" "$vectors" < /dev/null; }
. "$(dirname "$0")/../../support/signed_firmware.sh"
