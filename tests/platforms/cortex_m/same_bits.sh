#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# same_bits.sh VITRO EXPECTED CORE ELF MODEL COUNT KERNELS: the first COUNT pictures (0: all) of a model, in a flash image, give the desktop's logits to the bit, by these kernels, after
# the golden vectors.
VITRO=$1 EXPECTED=$2 core=$3 image=$4
. "$(dirname "$0")/machine.sh"
flash_pictures "$work/flash" "$5" "$6"
boot "$core" "$image" "$work/flash" < /dev/null
same_bits "$7"
