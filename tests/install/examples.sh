#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# examples.sh CMAKE SOURCE PREFIX CC CXX VITRO: builds the project SOURCE (platforms/examples) against an installed vitro,
# with warnings as errors and with models that the tool VITRO converts, and checks what the examples print, also against
# that tool. Exits with an error code where this is wrong.
set -eu
cmake=$1 source=$2 prefix=$3 cc=$4 cxx=$5 vitro=$6
. "$(dirname "$0")/answers.sh"
models=$source/../../models/cifar10_vit
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$cmake" -S "$source" -B "$work/build" -DCMAKE_BUILD_TYPE=Release -DCMAKE_C_COMPILER="$cc" -DCMAKE_CXX_COMPILER="$cxx" -DCMAKE_C_FLAGS=-Werror -DCMAKE_CXX_FLAGS=-Werror \
  -DCMAKE_PREFIX_PATH="$prefix" -DVITRO_TOOL="$vitro" > "$work/log" 2>&1 || { cat "$work/log"; exit 1; }
mv "$work/log" "$work/configure"
"$cmake" --build "$work/build" > "$work/log" 2>&1 || { cat "$work/log"; exit 1; }
cd "$work/build"
picture=$source/ship.rgb

says() {  # TEXT COMMAND...: checks that COMMAND prints TEXT and nothing else
  want=$1
  shift
  got=$("$@")
  [ "$got" = "$want" ] || { echo "$*: '$got', expected '$want'"; exit 1; }
}
says ship ./quickstart "$picture"
"$vitro" convert "$models" --labels "$models/labels.txt" --activations static --calib "$models/samples" -o static.vitro > /dev/null 2>&1
says 'cifar10_vit.vitro: class 8, ship
static.vitro: class 8, ship
cifar10_vit.vitro: class 8, ship' ./two_models "$picture" cifar10_vit.vitro static.vitro cifar10_vit.vitro
says '3 threads: ship' ./own_threads "$picture"

cp "$picture" ship.rgb
says 'ship
ship' ./camera_lines
if grep -q 'opencv_stand_in' "$work/configure"; then
  { printf 'P6\n32 32\n255\n'; cat "$picture"; } > ship.ppm
  says ship ./opencv_frame cifar10_vit.vitro ship.ppm
fi

# The picture is the sample as the decoder of most systems, libjpeg-turbo, decodes it. The probabilities must be the
# tool's.
if "$vitro" --version | grep -q libjpeg-turbo; then
  pixels cifar10_vit.vitro "$models/samples/ship.jpg" sample
  cmp sample.rgb "$picture"
  says "$("$vitro" run -m cifar10_vit.vitro -k 3 -i "$models/samples/ship.jpg" < /dev/null | sed -n 's/^  \(.* %  .*\)$/\1/p')" ./quickstart_cpp cifar10_vit.vitro "$picture"
fi

refused() {  # TEXT COMMAND...: checks that COMMAND fails and says TEXT on stderr
  want=$1
  shift
  if "$@" > out 2> error; then
    echo "$* succeeds"
    exit 1
  fi
  grep -q -- "$want" error || { echo "$*: the error does not say '$want': $(cat error)"; exit 1; }
}
head -c 3071 "$picture" > short.rgb
refused 'name a file of 32 x 32 RGB pixels' ./quickstart short.rgb
refused 'short.rgb: has fewer pixels' ./quickstart_cpp cifar10_vit.vitro short.rgb
refused 'short.rgb: has too few RGB bytes' ./two_models short.rgb cifar10_vit.vitro
head -c 5000 cifar10_vit.vitro > cut.vitro
refused 'cut.vitro: ' ./quickstart_cpp cut.vitro "$picture"
refused 'cut.vitro: ' ./two_models "$picture" cifar10_vit.vitro cut.vitro
refused 'not a camera' ./camera_v4l2 /dev/null
refused 'name a camera' ./camera_v4l2
refused 'the picture cannot be read' ./opencv_frame cifar10_vit.vitro short.rgb
echo "7 examples, all correct"
