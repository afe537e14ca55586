#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# make_expected.sh OUT VITRO MAKE_CHECKPOINT MAKE_PICTURES MODELS DATA [FAMILY...]
# Writes what every machine must compute, as this machine's reference kernels compute it on two threads, to
# OUT/<name>/{model.vitro,images,hashes}. The models are small seeded ones; the project's own (in the folder MODELS)
# with cifar10_vit's samples; each FAMILY's model in tests/models/reference; and, where DATA contains them, the real DeiT-Ti with
# the photos of photos_val. OUT/without_data lists the models that were left out because their weights are absent.
# Exits with an error code when something fails.
set -eu
out=$1 vitro=$2 make_checkpoint=$3 make_pictures=$4 models=$5 data=$6
shift 6
families=$*
. "$(dirname "$0")/../support/hashes.sh"
mkdir -p "$out"
: > "$out/without_data"
"$vitro" --version > "$out/version"  # names the JPEG decoder, which decides the pixels

expect() {  # NAME MODEL IMAGE...
  name=$1 model=$2
  shift 2
  printf '%s\n' "$@" > "$out/$name/images"
  "$vitro" run -m "$model" --isa reference -t 2 --json -i "$@" | hashes > "$out/$name/hashes"
  test "$(cut -d ' ' -f 1 "$out/$name/hashes" | uniq | wc -l)" -eq "$#"
}

small() {  # NAME ACTIVATIONS make_checkpoint's flags...
  name=$1 activations=$2
  shift 2
  rm -rf "${out:?}/$name"
  mkdir -p "$out/$name/pictures"
  "$make_checkpoint" -o "$out/$name/checkpoint.safetensors" "$@"
  "$make_pictures" "$out/$name/pictures"
  heads=$(echo "$*" | sed -n 's/.*--heads \([0-9]*\).*/\1/p')
  size=$(echo "$*" | sed -n 's/.*--image \([0-9]*x[0-9]*\).*/\1/p')  # where pictures are not square, no tensor tells their shape
  "$vitro" convert "$out/$name/checkpoint.safetensors" -o "$out/$name/model.vitro" --heads "$heads" ${size:+--image-size "$size"} --calib "$out/$name/pictures" --activations "$activations" > /dev/null 2>&1
  expect "$name" "$out/$name/model.vitro" "$out/$name"/pictures/*
}

reference() {  # NAME ACTIVATIONS FAMILY: converts a model that a PyTorch library made
  rm -rf "${out:?}/$1"
  mkdir -p "$out/$1/pictures"
  "$make_pictures" "$out/$1/pictures"
  from=$(dirname "$0")/../models/reference/$3
  settings=
  for setting in $(sed -n 's/.*"settings": \[\(.*\)\].*/\1/p' "$from/expected.json" | tr -d '",'); do settings="$settings --set $setting"; done
  # shellcheck disable=SC2086
  "$vitro" convert "$from/model.safetensors" -o "$out/$1/model.vitro" --calib "$out/$1/pictures" --activations "$2" $settings > /dev/null 2>&1
  expect "$1" "$out/$1/model.vitro" "$out/$1"/pictures/*
}

small plain dynamic --dim 64 --heads 1 --depth 2 --image 32 --patch 8 --classes 10
small distilled dynamic --dim 128 --heads 2 --depth 2 --image 40 --patch 8 --classes 7 --distillation
small pooled dynamic --dim 64 --heads 1 --depth 1 --image 48 --patch 16 --classes 5 --mean-pooling
small without_class_token dynamic --dim 64 --heads 1 --depth 1 --image 42 --patch 14 --classes 20 --no-class-token
for activations in dynamic static; do
  name=odd_widths
  [ $activations = dynamic ] || name=odd_widths_static
  small $name $activations --dim 50 --heads 5 --depth 2 --image 35 --patch 7 --hidden 170 --classes 9
done
for activations in dynamic static; do
  name=oblong
  [ $activations = dynamic ] || name=oblong_static
  small $name $activations --dim 64 --heads 1 --depth 2 --image 24x56 --patch 8 --classes 10
done
for family in $families; do
  reference "$family" dynamic "$family"
  reference "${family}_static" static "$family"
done
small static_scales static --dim 192 --heads 3 --depth 2 --image 40 --patch 8 --classes 7

# Converted as by a user: without photos, with the calibration that lies beside the weights.
for own in cifar10_vit cifar10_vit_mcu; do
  mkdir -p "$out/$own"
  "$vitro" convert "$models/$own/$own.safetensors" -o "$out/$own/model.vitro" --labels "$models/$own/labels.txt" --json > "$out/$own/convert.json"
  grep -q '"calibration": "saved"' "$out/$own/convert.json"
  expect $own "$out/$own/model.vitro" "$models"/cifar10_vit/samples/*.jpg
done

checkpoint=$data/deit_tiny/deit_tiny_patch16_224.safetensors
if [ -n "$data" ] && [ -f "$checkpoint" ]; then
  mkdir -p "$out/deit_tiny"
  # Odd rows are for calibration, so that accuracy can be measured on the even ones.
  awk -F, -v dir="$data/photos/images/" 'NR == 1 { print "file" } NR > 1 && NR % 2 == 1 { print dir $1 }' "$data/photos/labels.csv" > "$out/deit_tiny/calibration.csv"
  "$vitro" convert "$checkpoint" -o "$out/deit_tiny/model.vitro" --calib "$out/deit_tiny/calibration.csv" --labels "$data/deit_tiny/synset_words.txt"
  expect deit_tiny "$out/deit_tiny/model.vitro" "$data"/photos_val/images/*
  mkdir -p "$out/deit_tiny_static"
  "$vitro" convert "$checkpoint" -o "$out/deit_tiny_static/model.vitro" --calib "$out/deit_tiny/calibration.csv" --activations static
  expect deit_tiny_static "$out/deit_tiny_static/model.vitro" "$data"/photos_val/images/*1?.JPEG  # only four, because the reference kernels are slow
else
  echo "real weights not found under '$data': DeiT-Ti left out"
  rm -rf "$out/deit_tiny" "$out/deit_tiny_static"  # an earlier build may have left them
  printf '%s\n' deit_tiny deit_tiny_static > "$out/without_data"
fi
