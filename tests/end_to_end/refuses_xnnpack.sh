#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# refuses_xnnpack.sh EXPECTED VITRO...: checks that a tool without XNNPACK refuses --linear xnnpack and says why.
# EXPECTED is a folder of make_expected.sh with a static model. VITRO is the command that starts the tool, perhaps in
# an emulator. Exits with 1 where the tool does not refuse, with 77 where EXPECTED is absent (tests/support/skip.sh).
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
