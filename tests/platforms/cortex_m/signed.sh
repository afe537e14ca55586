#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# signed.sh VITRO EXPECTED CORE ELF VECTORS.elf KEY: an image for signed programs alone (tests/support/signed_firmware.sh).
VITRO=$1 EXPECTED=$2 core=$3 image=$4 vectors=$5 key=$6
. "$(dirname "$0")/machine.sh"
start() { boot "$core" "$image" "$1" < /dev/null; }
start_vectors() { boot "$core" "$vectors" < /dev/null; }
. "$(dirname "$0")/../../support/signed_firmware.sh"
