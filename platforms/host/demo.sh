#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# demo.sh: builds vitro, converts the model that comes with the project, verifies it on this machine, and names what
# is in six pictures. First installs the packages that the build needs and this system lacks, with sudo apt-get where
# you are not root. Exits with 0 when all of this succeeds, otherwise with another code.
set -eu
. "$(dirname "$0")/../../toolchains/usage.sh"
[ $# -eq 0 ] || wrong_usage
cd "$(dirname "$0")/../.."
model=models/cifar10_vit
for file in $model/cifar10_vit.safetensors $model/cifar10_vit.calibration $model/labels.txt $model/samples/ship.jpg; do
  if [ ! -s "$file" ]; then
    echo "demo: $file is missing from this copy of the project; get it back with 'git checkout -- $model', or clone the project again" >&2
    exit 1
  fi
done

sh toolchains/install.sh
cmake -S . -B build/demo -G Ninja -DCMAKE_BUILD_TYPE=Release -DVITRO_BUILD_TESTS=OFF > build-demo.log 2>&1 || { cat build-demo.log; exit 1; }
rm -f build-demo.log
cmake --build build/demo --target vitro
vitro=build/demo/platforms/host/vitro

echo
$vitro convert $model/cifar10_vit.safetensors -o build/demo/cifar10_vit.vitro --labels $model/labels.txt
echo
$vitro verify -m build/demo/cifar10_vit.vitro
echo
$vitro run -m build/demo/cifar10_vit.vitro -k 3 -i $model/samples/*.jpg
echo
$vitro bench -m build/demo/cifar10_vit.vitro
