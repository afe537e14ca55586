#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# pkg_config.sh PREFIX EMBED.C EXPECTED CC: builds embed.c with only pkg-config and the C compiler, with warnings as
# errors, and compares its answers with the tool's. Exits with an error code where they differ, with 77 where
# something that the test needs is absent (tests/support/skip.sh).
set -eu
prefix=$1 source=$2 expected=$3 cc=$4 vitro=$1/bin/vitro
. "$(dirname "$0")/answers.sh"
need_expected "$expected/cifar10_vit"
need_program pkg-config
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
pc=$(find "$prefix" -name vitro.pc)
flags=$(PKG_CONFIG_PATH=$(dirname "$pc") pkg-config --cflags --libs vitro)
# shellcheck disable=SC2086
"$cc" -O2 -Wall -Wextra -Wshadow -Werror "$source" $flags -lm -o "$work/embed"
needs_no_cxx "$work/embed"
same_answers "$expected/cifar10_vit" 6 "$work/embed" "$expected/cifar10_vit/model.vitro"
same_answers "$expected/distilled" 2 "$work/embed" "$expected/distilled/model.vitro"
