#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# blocks.sh VITRO CORE ELF MODEL PLUGIN OUT: runs an inference by an image of ops.cpp, and writes to OUT the blocks of
# code that each op executed. PLUGIN is tests/bench/arm/cycles/blocks.c.
VITRO=$1 core=$2 image=$3 model=$4 library=$5 out=$6
. "$(dirname "$0")/machine.sh"
"$VITRO" emit -m "$model" --flash-image --stop -o "$work/flash" > /dev/null
plugin="-plugin $library,out=$out,marker=_ZN5vitro12_GLOBAL__N_14markEj"
boot "$core" "$image" "$work/flash" < /dev/null
[ "$code" -eq 0 ] || fail "exit code $code"
