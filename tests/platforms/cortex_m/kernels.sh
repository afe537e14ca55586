#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# kernels.sh VITRO CORE ELF: checks that the kernel variant gives the same bytes as the reference kernels, and these
# the same as on all other machines. Exits with 1 where they do not, with 77 where something that the test needs is
# absent (tests/support/skip.sh).
VITRO=$1 core=$2 image=$3
. "$(dirname "$0")/machine.sh"
boot "$core" "$image" < /dev/null
cat "$work/out"
[ "$code" -eq 0 ] || fail "exit code $code"
says '^compared [1-9][0-9]*, different 0, '
