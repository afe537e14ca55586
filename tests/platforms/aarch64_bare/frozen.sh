#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# frozen.sh VITRO PROGRAMS MACHINE CODE.img KERNELS: checks that on this machine the frozen programs (tests/programs)
# pass their golden vectors with these kernels. Exits with 1 where one does not, with 77 where something that the test
# needs is absent (tests/support/skip.sh).
VITRO=$1 board=$3 code_image=$4
. "$(dirname "$0")/boot.sh"
for program in "$2"/*.vitro; do
  "$VITRO" emit -m "$program" --flash-image --stop --kernel "$code_image" -o "$work/kernel8.img" > /dev/null
  boot "$board" "$work/kernel8.img" < /dev/null
  golden_ok "$5"
  echo "$(basename "$program"): golden vectors equal"
done
