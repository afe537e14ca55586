#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# accuracy_deit_tiny_static.sh EXPECTED VITRO DATA MODELS: runs accuracy_deit_tiny.sh on the program with static
# activations.
exec "$(dirname "$0")/accuracy_deit_tiny.sh" "$@" deit_tiny_static 0.96 21
