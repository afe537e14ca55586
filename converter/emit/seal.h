// SPDX-License-Identifier: Apache-2.0
// The digest of a program's file.
#pragma once

#include <cstddef>
#include <cstdint>

#include "converter/draft/program_object_generated.h"

namespace vitro::converter {

/// Gives the program a digest, of zeros yet, and the witness of it where there is a provenance.
void add_digest(schema::ProgramT& program);

/// Writes what the `size` bytes at `file` are into the digest of the program that they hold. Does
/// nothing where it has none.
void seal(uint8_t* file, size_t size);

}  // namespace vitro::converter
