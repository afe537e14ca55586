#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# install.sh [tests]: installs the packages that a build needs and, with "tests", those that the tests need. The names
# are those of Debian 12; Ubuntu 22.04 and later have the same, except libjpeg-turbo8-dev for libjpeg62-turbo-dev. Uses
# sudo where you are not root. Exits with 1 when something cannot be installed, and says what is missing.
set -eu
. "$(dirname "$0")/usage.sh"
case "$# ${1:-}" in
  '0 ' | '1 tests') ;;
  *) wrong_usage ;;
esac
export DEBIAN_FRONTEND=noninteractive
# libpthreadpool-dev: xnnpack.h includes its header.
packages="cmake ninja-build g++ pkg-config libxnnpack-dev libpthreadpool-dev libcpuinfo-dev libflatbuffers-dev libstb-dev nlohmann-json3-dev libcli11-dev zlib1g-dev libjpeg62-turbo-dev libsodium-dev"
if [ "${1:-}" = tests ]; then
  packages="$packages ccache clang libclang-rt-14-dev clang-format-14 clang-tidy-14 llvm-19 dpkg-dev openssl googletest flatbuffers-compiler g++-aarch64-linux-gnu g++-arm-linux-gnueabihf qemu-user python3 python3-numpy python3-pil qemu-system-arm picolibc-aarch64-linux-gnu mtools gcc-arm-none-eabi libnewlib-arm-none-eabi arduino-builder"
fi
# With "tests": unpacks the libraries for the cross compilers into build/sysroot.
fetch_sysroots() {
  [ "$1" = tests ] || return 0
  for architecture in arm64 armhf; do
    sh "$(dirname "$0")/fetch_sysroot.sh" $architecture "$(dirname "$0")/../build/sysroot/$architecture" libjpeg62-turbo libjpeg62-turbo-dev libsodium23 libsodium-dev ||
      refuse "the libraries for the cross compilers could not be fetched"
  done
  # Debian has no Ed25519 library for firmware; libsodium's sources are compiled instead.
  sh "$(dirname "$0")/fetch_source.sh" libsodium "$(dirname "$0")/../build/sysroot/source/libsodium" ||
    echo "install.sh: libsodium's sources could not be fetched (an archive without sources?): images that verify signatures are left out of builds and tests" >&2
}
refuse() {
  echo "install.sh: $1; install what is missing yourself, then try again:$missing" >&2
  exit 1
}
missing=" $packages"
command -v dpkg-query > /dev/null || refuse "this is neither Debian nor Ubuntu"
missing=
for package in $packages; do
  dpkg-query -W -f '${Status}' "$package" 2> /dev/null | grep -q 'install ok installed' || missing="$missing $package"
done
if [ -z "$missing" ]; then
  fetch_sysroots "${1:-}"
  exit 0
fi
as_root=
if [ "$(id -u)" -ne 0 ]; then
  as_root="sudo -E"
  command -v sudo > /dev/null || refuse "packages are missing, and you are neither root nor have sudo"
fi
echo "install.sh: installing with ${as_root:+sudo }apt-get:$missing"
$as_root apt-get update -qq || refuse "the list of packages could not be fetched"
# shellcheck disable=SC2086
$as_root apt-get install -y -qq --no-install-recommends $missing > /dev/null || refuse "a package could not be installed"
missing=
fetch_sysroots "${1:-}"
