#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# accuracy_deit_tiny_static.sh EXPECTED VITRO DATA MODELS: as accuracy_deit_tiny.sh, of the program with static activations.
exec "$(dirname "$0")/accuracy_deit_tiny.sh" "$@" deit_tiny_static 0.96 21
