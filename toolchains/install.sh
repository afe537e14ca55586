#!/bin/sh
# install.sh [tests]: the packages that a build needs, from Debian 12 (Ubuntu 22.04 and later have the same names); with "tests", those of the tests as well.
set -eu
packages="cmake ninja-build g++ pkg-config libxnnpack-dev libpthreadpool-dev libcpuinfo-dev libflatbuffers-dev libstb-dev nlohmann-json3-dev libcli11-dev"
if [ "${1:-}" = tests ]; then
  packages="$packages googletest flatbuffers-compiler g++-aarch64-linux-gnu g++-arm-linux-gnueabihf qemu-user python3"
fi
as_root=
if [ "$(id -u)" -ne 0 ]; then as_root=sudo; fi
missing=
for package in $packages; do
  dpkg-query -W -f '${Status}' "$package" 2> /dev/null | grep -q 'install ok installed' || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
echo "installing:$missing"
$as_root apt-get update -qq
# shellcheck disable=SC2086
DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends $missing > /dev/null
