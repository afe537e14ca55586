#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# tree.sh CMAKE BUILD PREFIX VERSION CXX: installs each component, checks that the tree is complete and has nothing
# else, and moves it to PREFIX, where the other tests use it. Exits with an error code where something is missing or
# wrong.
set -eu
cmake=$1 build=$2 prefix=$3 version=$4 cxx=$5
rm -rf "$prefix" "$prefix.before"
"$cmake" --install "$build" --prefix "$prefix.before" --component tool > /dev/null
test "$(cd "$prefix.before" && find . -type f | sort | tr '\n' ' ')" = "./bin/vitro ./share/doc/vitro/copyright ./share/doc/vitro/vitro.spdx.json "
"$cmake" --install "$build" --prefix "$prefix.before" --component runtime > /dev/null
mv "$prefix.before" "$prefix"

cd "$prefix"
for file in include/vitro/vitro.h include/vitro/vitro.hpp include/vitro/vitro_picture.h include/vitro/vitro_signed.h include/vitro/vitro_threads.h lib*/libvitro_runtime.a lib*/libvitro_picture.a lib*/libvitro_threads.a lib*/cmake/vitro/vitro-config.cmake lib*/cmake/vitro/vitro-config-version.cmake \
  lib*/cmake/vitro/vitro-targets.cmake lib*/pkgconfig/vitro.pc share/doc/libvitro-dev/copyright share/doc/libvitro-dev/libvitro-dev.spdx.json; do
  # shellcheck disable=SC2086
  find . -type f -path "./$file" | grep -q . || { echo "$file was not installed"; exit 1; }
done
if grep -rl "$build" include lib* share; then
  echo "these files name the build folder, which users do not have"
  exit 1
fi
grep -q "define VITRO_VERSION_STRING \"$version\"" include/vitro/vitro.h
test "$(bin/vitro --version | head -n 1)" = "vitro $version"
grep -q "^Version: $version\$" "$(find . -name vitro.pc)"
printf '#include <vitro/vitro.hpp>\nint main() { return vitro::Program().class_count() == 0 ? 0 : 1; }\n' > "$build/tests/install/layer.cpp"
"$cxx" -std=c++17 -Wall -Wextra -Wpedantic -Werror -Iinclude "$build/tests/install/layer.cpp" "$(find . -name libvitro_runtime.a)" -o "$build/tests/install/layer"
"$build/tests/install/layer"
