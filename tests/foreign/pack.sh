#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# pack.sh VITRO SOURCE PYTHON VERSION: what the emitted tree says of itself to other systems is so, with all sources and
# with those of Cortex-M alone.
. "$(dirname "$0")/common.sh"
sources
"$vitro" emit --runtime "$work/cortex_m" --isas dsp,helium > /dev/null
"$3" "$here/packages.py" "$project" "$4" "$work/vitro" "$work/cortex_m"
test ! -e "$work/cortex_m/src/runtime/kernels/linear/linear_avx2.cpp"
grep -q linear_helium.cpp "$work/cortex_m/vitro.vitro.pdsc"
