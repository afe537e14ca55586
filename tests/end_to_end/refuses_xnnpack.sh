#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# refuses_xnnpack.sh EXPECTED VITRO...: a build without XNNPACK says so when it is asked for it.
# EXPECTED is a model with static activations; VITRO may have an emulator before it.
set -eu
expected=$1
shift
. "$(dirname "$0")/../support/skip.sh"
need_expected "$expected"
code=0
said=$("$@" verify -m "$expected/model.vitro" --linear xnnpack 2>&1) || code=$?
echo "$said"
[ "$code" -eq 1 ] || { echo "FAILED: exit code $code"; exit 1; }
echo "$said" | grep -q 'this build has no XNNPACK' || { echo "FAILED: said something else"; exit 1; }
