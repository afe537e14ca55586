#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# hugging_face_deit_tiny.sh VITRO FLOAT_LOGITS PYTHON DATA: converts the real DeiT-Ti from a folder as transformers
# saves it, with no option except the photos to calibrate on. Then compares it, on 200 photos, with the pipeline that
# its owner would use: the same weights in float32, on pictures that Pillow resized as ViTImageProcessor does. Exits
# with 1 where they differ by more than was promised, with 77 where something that the test needs is absent
# (tests/support/skip.sh).
set -eu
vitro=$1 float_logits=$2 python=$3 data=$4
weights=$data/deit_tiny/deit_tiny_patch16_224.safetensors
. "$(dirname "$0")/../support/skip.sh"
[ -f "$weights" ] || without_data "$weights"
"$python" -c 'import numpy, PIL' || absent "$python has no numpy or no Pillow"
here=$(dirname "$0") work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$python" "$here/hugging_face_folder.py" "$weights" "$data/deit_tiny/synset_words.txt" "$work/model"
"$python" "$here/squash.py" "$data/photos/labels.csv" "$data/photos/images" "$work/pixels"
"$float_logits" "$work/model" "$work/pixels" "$work/expected.npy"
awk -F, -v dir="$data/photos/images/" 'NR == 1 { print "file" } NR > 1 && NR % 2 == 1 { print dir $1 }' "$data/photos/labels.csv" > "$work/calibration.csv"
"$vitro" convert "$work/model" -o "$work/model.vitro" --calib "$work/calibration.csv" > "$work/said" 2> "$work/assumed"
cat "$work/said"
if grep -E 'assumed|warning' "$work/assumed" "$work/said"; then
  echo "FAILED: something was assumed, although the folder has all settings"
  exit 1
fi
"$vitro" inspect -m "$work/model.vitro" --json > "$work/facts"
grep -q 'great white shark' "$work/facts" || { echo "FAILED: the names of id2label are not in the program"; exit 1; }
"$vitro" eval -m "$work/model.vitro" --images "$data/photos/images" --labels "$data/photos/labels.csv" --expect "$work/expected.npy" --json | tee "$work/eval.json"

. "$here/promises.sh"
test "$(value images "$work/eval.json")" -eq 200
at_least agreement 0.985 "$work/eval.json"
at_least logit_sqnr_db 26 "$work/eval.json"
