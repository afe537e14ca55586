#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# fetch_source.sh PACKAGE DIR: fetches Debian's sources of a package and unpacks them to DIR, with Debian's patches
# applied. apt verifies the archive's signature. The system's own package lists are not changed. Does nothing where DIR
# already holds the sources. Exits with 1 when they cannot be fetched or unpacked.
set -eu
package=$1 out=$2
[ ! -f "$out/debian/changelog" ] || exit 0
state=$(mktemp -d)
trap 'rm -rf "$state"' EXIT
mkdir -p "$state/lists/partial" "$state/cache/archives/partial" "$state/source" "$(dirname "$out")"
touch "$state/status"
out=$(cd "$(dirname "$out")" && pwd)/$(basename "$out")
# The archives that the system uses, asked for sources instead of binary packages. apt has two formats for such lists.
mkdir "$state/sources.d"
: > "$state/sources.list"
for list in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
  [ ! -f "$list" ] || sed -n 's/^deb /deb-src /p' "$list" >> "$state/sources.list"
done
for list in /etc/apt/sources.list.d/*.sources; do
  [ ! -f "$list" ] || sed 's/^Types:.*/Types: deb-src/' "$list" > "$state/sources.d/${list##*/}"
done
apt() {
  apt-get -qq -o Dir::Etc::SourceList="$state/sources.list" -o Dir::Etc::SourceParts="$state/sources.d" -o Dir::State="$state" -o Dir::State::lists="$state/lists" \
    -o Dir::State::status="$state/status" -o Dir::Cache="$state/cache" -o Debug::NoLocking=1 -o APT::Sandbox::User=root -o Acquire::Retries=3 "$@"
}
cd "$state/source"
# 'update' also fails where a single index is out of step; only the download below decides.
apt update > "$state/log" 2>&1 || true
apt --download-only source "$package" >> "$state/log" 2>&1 || { cat "$state/log" >&2; echo "fetch_source.sh: $package could not be fetched" >&2; exit 1; }
rm -rf "$out"
dpkg-source --extract ./*.dsc "$out" > "$state/log" 2>&1 || { cat "$state/log" >&2; exit 1; }
