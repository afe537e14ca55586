#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# kernels.sh VITRO CORE ELF: the kernel variant equals the reference, and the reference that of all other machines, to the byte.
VITRO=$1 core=$2 image=$3
. "$(dirname "$0")/machine.sh"
boot "$core" "$image" < /dev/null
cat "$work/out"
[ "$code" -eq 0 ] || fail "exit code $code"
says '^compared [1-9][0-9]*, different 0, '
