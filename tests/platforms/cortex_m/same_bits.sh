#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# same_bits.sh VITRO EXPECTED CORE ELF MODEL COUNT KERNELS: checks that on this core, with these kernels, a model
# passes its golden vectors and gives the desktop's logits, to the bit, for its first COUNT pictures (0: all) in a
# flash image. Exits with 1 where it does not, with 77 where something that the test needs is absent
# (tests/support/skip.sh).
VITRO=$1 EXPECTED=$2 core=$3 image=$4
. "$(dirname "$0")/machine.sh"
flash_pictures "$work/flash" "$5" "$6"
boot "$core" "$image" "$work/flash" < /dev/null
same_bits "$7"
