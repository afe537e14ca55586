#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# accuracy_cifar10_vit.sh EXPECTED VITRO DATA MODELS: compares the project's own model, which make_expected.sh
# converted with its saved calibration, with float32 on the 10,000 test pictures of CIFAR-10, and its sizes with what
# was promised. Exits with 1 where a promise is broken, with 77 where something that the test needs is absent
# (tests/support/skip.sh).
set -eu
model=$1/cifar10_vit/model.vitro vitro=$2 archive=$3/cifar10/cifar10_test_jpeg.tar.gz folder=$4/cifar10_vit
. "$(dirname "$0")/../support/skip.sh"
[ -f "$archive" ] || without_data "$archive"
need_expected "$1/cifar10_vit"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tar -xzf "$archive" -C "$work"
# The pictures are test/<class>/<picture>.jpg; a class has the number of its line in labels.txt, from 0.
(cd "$work" && find test -name '*.jpg') | sort |
  awk -F/ 'NR == FNR { number[$1] = NR - 1; next } FNR == 1 { print "file,label" } { print $0 "," number[$2] }' "$folder/labels.txt" - > "$work/labels.csv"
"$vitro" eval -m "$model" --images "$work" --labels "$work/labels.csv" --reference "$folder/cifar10_vit.safetensors" -t 2 --json | tee "$work/eval.json"
"$vitro" inspect -m "$model" --json | sed -n '/"file_bytes"/p; /"arena_bytes"/p' | tee "$work/sizes"

. "$(dirname "$0")/promises.sh"
test "$(value images "$work/eval.json")" -eq 10000
at_least reference_top1 0.80 "$work/eval.json"
at_least top1 "$(awk -v r="$(value reference_top1 "$work/eval.json")" 'BEGIN { print r - 0.003 }')" "$work/eval.json"
at_least agreement 0.98 "$work/eval.json"
at_most file_bytes 3000000 "$work/sizes"
at_most arena_bytes 104000 "$work/sizes"
