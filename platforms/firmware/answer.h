// SPDX-License-Identifier: Apache-2.0
// A picture's answer for people and scripts.
#pragma once

#include <stddef.h>

#include "vitro/vitro.h"

namespace vitro {

/// Of logits, "top RANK PERCENT % LABEL" for the most probable three classes, equal ones in the
/// order of their indices, and "logits_sha256 HEX PICTURE"; of every other output "output_sha256
/// HEX OUTPUT PICTURE". PICTURE is `name`.
void print_answer(const vitro_program& program, const vitro_session* session, const char* name);

}  // namespace vitro
