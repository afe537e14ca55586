#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# frozen.sh VITRO PROGRAMS CORE ELF KERNELS: checks that on this core the frozen programs (tests/programs) pass their
# golden vectors with these kernels. Exits with 1 where one does not, with 77 where something that the test needs is
# absent (tests/support/skip.sh).
VITRO=$1 core=$3 image=$4
. "$(dirname "$0")/machine.sh"
for program in "$2"/*.vitro; do
  "$VITRO" emit -m "$program" --flash-image --stop -o "$work/flash" > /dev/null
  boot "$core" "$image" "$work/flash" < /dev/null
  golden_ok "$5"
  echo "$(basename "$program"): golden vectors equal"
done
