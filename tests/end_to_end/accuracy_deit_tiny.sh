#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# accuracy_deit_tiny.sh EXPECTED VITRO DATA [MODELS NAME AGREEMENT SQNR]: compares the real DeiT-Ti, which
# make_expected.sh converted as NAME, with float32 on photos that were not used for calibration (the even rows of
# photos/ and all of photos_val), and its sizes with what was promised. AGREEMENT and SQNR are the least values
# accepted; MODELS is not used. Exits with 1 where a promise is broken, with 77 where something that the test needs is
# absent (tests/support/skip.sh).
set -eu
model=$1/${5:-deit_tiny}/model.vitro vitro=$2 data=$3 agreement=${6:-0.98} sqnr=${7:-27.5}
checkpoint=$data/deit_tiny/deit_tiny_patch16_224.safetensors
. "$(dirname "$0")/../support/skip.sh"
[ -f "$checkpoint" ] || without_data "${5:-deit_tiny}"
need_expected "$1/${5:-deit_tiny}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
{
  echo file,label
  awk -F, -v dir="photos/images/" 'NR > 1 && NR % 2 == 0 { print dir $1 "," $2 }' "$data/photos/labels.csv"
  awk -F, -v dir="photos_val/images/" 'NR > 1 { print dir $1 "," $2 }' "$data/photos_val/labels.csv"
} > "$work/labels.csv"
"$vitro" eval -m "$model" --images "$data" --labels "$work/labels.csv" --reference "$checkpoint" --json | tee "$work/eval.json"
"$vitro" inspect -m "$model" --json | sed -n '/"file_bytes"/p; /"arena_bytes"/p' | tee "$work/sizes"

. "$(dirname "$0")/promises.sh"
images=$(value images "$work/eval.json")
test "$images" -eq 120
at_least agreement "$agreement" "$work/eval.json"
at_least logit_sqnr_db "$sqnr" "$work/eval.json"
# The int8 program may get at most one photo fewer right than float32.
at_least top1 "$(awk -v r="$(value reference_top1 "$work/eval.json")" -v n="$images" 'BEGIN { print r - 1.001 / n }')" "$work/eval.json"
at_most file_bytes 6200000 "$work/sizes"
at_most arena_bytes 262144 "$work/sizes"
