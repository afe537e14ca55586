#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# accuracy_lora_cifar10.sh VITRO DATA: merges a real LoRA adapter of DeiT-Ti (10 classes, q and k, 32x32 pictures
# resized to 224x224), converts the result, and compares it with float32 with the same adapter, on the first 200 test
# pictures of each class of CIFAR-10. Exits with 1 where a promise is broken, with 77 where something that the test
# needs is absent (tests/support/skip.sh).
set -eu
vitro=$1 data=$2
checkpoint=$data/deit_tiny/deit_tiny_patch16_224.safetensors lora=$data/lora_cifar10
test_archive=$data/cifar10/cifar10_test_jpeg.tar.gz train_archive=$data/cifar10/cifar10_train_jpeg.tar.gz
. "$(dirname "$0")/../support/skip.sh"
for file in "$checkpoint" "$lora/adapter_config.json" "$test_archive" "$train_archive"; do
  [ -f "$file" ] || without_data "$file"
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# Ten training pictures of each class are for calibration.
tar -xzf "$train_archive" -C "$work" --wildcards 'train/*/000?.jpg'
tar -xzf "$test_archive" -C "$work" --wildcards 'test/*/00??.jpg' 'test/*/01??.jpg'
test "$(find "$work/train" -name '*.jpg' | wc -l)" -eq 100
# The preprocessing is that of the adapter's author.
"$vitro" convert "$checkpoint" --lora "$lora" -o "$work/lora.vitro" --calib "$work/train" --heads 3 --resize-mode exact --resize 224 --filter bilinear \
  --mean .4914,.4822,.4465 --std .2470,.2435,.2616 > /dev/null
ls "$work/test" > "$work/classes.txt"
"$vitro" eval -m "$work/lora.vitro" --images "$work/test" --class-names "$work/classes.txt" --reference "$checkpoint" --lora "$lora" --heads 3 -t 2 --json |
  sed '/"disagreement_list"/,/\]/d' | tee "$work/eval.json"

. "$(dirname "$0")/promises.sh"
test "$(value images "$work/eval.json")" -eq 2000
at_least reference_top1 0.79 "$work/eval.json"
at_least top1 "$(awk -v r="$(value reference_top1 "$work/eval.json")" 'BEGIN { print r - 0.005 }')" "$work/eval.json"
at_least agreement 0.97 "$work/eval.json"
at_least logit_sqnr_db 28 "$work/eval.json"
