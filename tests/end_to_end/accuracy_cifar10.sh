#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# accuracy_cifar10.sh EXPECTED VITRO DATA MODELS NAME TOP1 FILE_BYTES ARENA_BYTES: compares a model of the project's
# own, which make_expected.sh converted with its saved calibration, with float32 on the 10,000 test pictures of
# CIFAR-10, and its sizes and float32's accuracy with what was promised. Exits with 1 where a promise is broken, with 77
# where something that the test needs is absent (tests/support/skip.sh).
set -eu
name=$5 model=$1/$5/model.vitro vitro=$2 archive=$3/cifar10/cifar10_test_jpeg.tar.gz folder=$4/$5 top1=$6 file_bytes=$7 arena_bytes=$8
. "$(dirname "$0")/../support/skip.sh"
[ -f "$archive" ] || without_data "$archive"
need_expected "$1/$name"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tar -xzf "$archive" -C "$work"
# The pictures are test/<class>/<picture>.jpg; a class has the number of its line in labels.txt, from 0.
(cd "$work" && find test -name '*.jpg') | sort |
  awk -F/ 'NR == FNR { number[$1] = NR - 1; next } FNR == 1 { print "file,label" } { print $0 "," number[$2] }' "$folder/labels.txt" - > "$work/labels.csv"
"$vitro" eval -m "$model" --images "$work" --labels "$work/labels.csv" --reference "$folder/$name.safetensors" -t 2 --json | tee "$work/eval.json"
"$vitro" inspect -m "$model" --json | sed -n '/"file_bytes"/p; /"arena_bytes"/p' | tee "$work/sizes"

. "$(dirname "$0")/promises.sh"
test "$(value images "$work/eval.json")" -eq 10000
at_least reference_top1 "$top1" "$work/eval.json"
at_least top1 "$(awk -v r="$(value reference_top1 "$work/eval.json")" 'BEGIN { print r - 0.003 }')" "$work/eval.json"
at_least agreement 0.98 "$work/eval.json"
at_most file_bytes "$file_bytes" "$work/sizes"
at_most arena_bytes "$arena_bytes" "$work/sizes"
