#!/bin/sh
# demo.sh [DATA]: installs what vitro needs, builds it, converts the real DeiT-Ti and names what is in three photos. DATA holds weights and photos
# (default: ../shared/data beside the project); the project has no model of its own yet.
set -eu
cd "$(dirname "$0")/../.."
data=${1:-../shared/data}
checkpoint=$data/deit_tiny/deit_tiny_patch16_224.safetensors
for file in "$checkpoint" "$data/photos/labels.csv" "$data/photos_val/labels.csv" "$data/deit_tiny/synset_words.txt"; do
  if [ ! -f "$file" ]; then
    echo "demo: $file is missing; the project ships no model of its own yet, so give the folder that holds DeiT-Ti's weights and photos: demo.sh DATA" >&2
    exit 1
  fi
done

sh toolchains/install.sh
cmake -S . -B build/demo -G Ninja -DCMAKE_BUILD_TYPE=Release -DVITRO_BUILD_TESTS=OFF > build-demo.log 2>&1 || { cat build-demo.log; exit 1; }
rm -f build-demo.log
cmake --build build/demo --target vitro
vitro=build/demo/platforms/host/vitro

echo
echo "Weights and photos from $data, which is not part of the project. Odd rows of photos/labels.csv calibrate."
awk -F, -v dir="$(realpath "$data")/photos/images/" 'NR == 1 { print "file" } NR > 1 && NR % 2 == 1 { print dir $1 }' "$data/photos/labels.csv" > build/demo/calibration.csv
$vitro convert "$checkpoint" -o build/demo/deit_tiny.vitro --calib build/demo/calibration.csv --labels "$data/deit_tiny/synset_words.txt"
echo
$vitro verify -m build/demo/deit_tiny.vitro
echo
# shellcheck disable=SC2046
$vitro run -m build/demo/deit_tiny.vitro -k 3 -i $(awk -F, -v dir="$data/photos_val/images/" 'NR > 1 && NR <= 4 { print dir $1 }' "$data/photos_val/labels.csv")
echo
$vitro bench -m build/demo/deit_tiny.vitro
