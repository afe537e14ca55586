#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# accuracy_families.sh VITRO DATA MODELS NAME FLOAT: converts a trained network of models/cifar10_families, calibrated on
# every 200th training picture of CIFAR-10, and measures it on every fifth test picture. A classifier is compared with
# its own float32 weights, of which at least the share FLOAT answers right. dino has no head: the pictures are named by the nearest of
# every fifth training picture, and FLOAT is what float32 in PyTorch reached in the same way. Exits with 1 where int8
# loses half a point, with 77 where something that the test needs is absent (tests/support/skip.sh).
set -eu
vitro=$1 cifar=$2/cifar10 model=$3/cifar10_families/$4 name=$4 float=$5
. "$(dirname "$0")/../support/skip.sh"
for split in train test; do
  [ -f "$cifar/cifar10_${split}_jpeg.tar.gz" ] || without_data "$cifar/cifar10_${split}_jpeg.tar.gz"
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tar -xzf "$cifar/cifar10_test_jpeg.tar.gz" -C "$work" --wildcards 'test/*/???[05].jpg'
tar -xzf "$cifar/cifar10_train_jpeg.tar.gz" -C "$work" --wildcards 'train/*/???[05].jpg'
(cd "$work" && find train -name '*.jpg' | LC_ALL=C sort | awk 'BEGIN { print "file" } NR % 40 == 1') > "$work/calibration.csv"
"$vitro" convert "$model" -o "$work/model.vitro" --calib "$work/calibration.csv" > /dev/null

. "$(dirname "$0")/promises.sh"
if [ "$name" = dino ]; then
  "$vitro" index -m "$work/model.vitro" -o "$work/gallery" -t 2 "$work/train"
  "$vitro" run -m "$work/model.vitro" --gallery "$work/gallery" -i "$work/test" -t 2 --jsonl |
    sed 's#.*"image":"[^"]*/\([a-z]*\)/[0-9]*\.jpg".*"top":\[{"index":[0-9]*,"label":"\([a-z]*\)".*#\1 \2#' > "$work/answers"
  awk '{ right += $1 == $2 } END { printf "\"images\": %d\n\"top1\": %.4f\n", NR, right / NR }' "$work/answers" | tee "$work/eval.json"
else
  "$vitro" eval -m "$work/model.vitro" --images "$work/test" --reference "$model" -t 2 --json | sed '/"disagreement_list"/,/\]/d' | tee "$work/eval.json"
  at_least reference_top1 "$float" "$work/eval.json"
  at_least agreement 0.99 "$work/eval.json"
  at_least logit_sqnr_db 36 "$work/eval.json"
  float=$(value reference_top1 "$work/eval.json")
fi
test "$(value images "$work/eval.json")" -eq 2000
at_least top1 "$(awk -v float="$float" 'BEGIN { print float - 0.005 }')" "$work/eval.json"
